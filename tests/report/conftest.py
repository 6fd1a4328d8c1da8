"""Synthetic plans, shaped like saved plan files; no number in them was computed by the engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"
Load = Callable[[str], dict[str, Any]]


@pytest.fixture
def load_plan() -> Load:
    """Return a function that reads a fresh copy of a plan by name."""

    def load(name: str) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
        return plan

    return load


@pytest.fixture
def laser(load_plan: Load) -> dict[str, Any]:
    """Lower eyelid with a window."""
    return load_plan("laser")


@pytest.fixture
def lid_margin(load_plan: Load) -> dict[str, Any]:
    """Lid margin without a window: extract."""
    return load_plan("lid_margin")
