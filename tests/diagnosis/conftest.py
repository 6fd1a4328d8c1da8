"""Sheets that several tests start from."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

_MILIUM: dict[str, Any] = {
    "age_years": 34,
    "sex": "F",
    "sites": ["lower_eyelid", "cheek"],
    "lesion_count": "few",
    "size_mm": [1, 2],
    "colour": ["white"],
    "surface": ["smooth"],
    "consistency": ["firm"],
    "shape": ["dome"],
    "symptoms": ["none"],
    "course": {"duration_band": "months", "growth": "stable"},
}
_CARCINOMA: dict[str, Any] = {
    "age_years": 71,
    "sex": "M",
    "sites": ["lower_eyelid"],
    "lesion_count": "1",
    "size_mm": [4, 4],
    "colour": ["pink/red"],
    "surface": ["telangiectatic"],
    "course": {"duration_months": 14, "growth": "size"},
    "triggers_history": ["loss of lashes", "bleeds easily"],
}

Sheet = Callable[..., dict[str, Any]]


@pytest.fixture
def milium() -> Sheet:
    """A plain milium of the lid, with anything changed."""
    return lambda **changes: {**copy.deepcopy(_MILIUM), **changes}


@pytest.fixture
def carcinoma() -> Sheet:
    """A basal cell carcinoma of the lid, with anything changed."""
    return lambda **changes: {**copy.deepcopy(_CARCINOMA), **changes}
