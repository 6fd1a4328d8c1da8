"""The summary on the terminal says what the plan says, in the units of the keys."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from milia.cli.plan_summary import print_summary

PLANS = Path(__file__).resolve().parents[1] / "report" / "data"


def summary(plan: dict[str, Any], *, width: int = 100) -> str:
    printed = io.StringIO()
    print_summary(plan, Console(file=printed, width=width, markup=False, emoji=False))
    return printed.getvalue()


@pytest.fixture
def plan() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PLANS / "laser.json").read_text(encoding="utf-8"))
    return found


def test_settings_are_copied_unrounded(plan: dict[str, Any]) -> None:
    plan["settings"] |= {"pulse_duration_us": 133.333333, "pulse_energy_mJ": 37.5, "fluence_J_cm2": 53.05164}
    lines = [line.split() for line in summary(plan).splitlines()]
    (energy,) = [line for line in lines if line[:2] == ["pulse", "energy"]]
    (duration,) = [line for line in lines if line[:2] == ["pulse", "duration"]]
    assert energy == ["pulse", "energy", "37.5", "mJ", "fluence", "53.1", "J/cm²"]
    assert duration[:4] == ["pulse", "duration", "133.333333", "µs"]


def test_odds_come_with_their_bounds(plan: dict[str, Any]) -> None:
    plan |= {"p_open": 0.871, "p_harm": 0.049}
    plan["certainty"] |= {"p_open": {"low": 0.83, "high": 0.9}, "p_harm": {"low": 0.02, "high": 0.08}}
    text = summary(plan)
    assert "87 %  (83 % to 90 %" in text
    assert "5 %  (2 % to 8 %" in text


def test_a_stop_is_said_in_full_and_a_reminder_by_its_title(plan: dict[str, Any]) -> None:
    common = {"id": "x", "evidence": []}
    plan["safety"] = [
        {**common, "level": "stop", "title": "Lid margin", "text": "No laser here."},
        {**common, "level": "do", "title": "Photograph", "text": "Before and after."},
        {**common, "level": "warn", "title": "Herpes", "text": "Prophylaxis."},
        {**common, "level": "do", "title": "Smoke", "text": "Evacuate it."},
    ]
    text = summary(plan)
    assert "STOP Lid margin: No laser here." in text
    assert "mind Herpes\n" in re.sub(" +\n", "\n", text)
    assert "do Photograph · Smoke" in text
    assert "Before and after." not in text


def test_text_with_brackets_is_no_markup(plan: dict[str, Any]) -> None:
    plan["headline"] = "Open it [bold]now[/bold] :smile:"
    plan["reasons"] = ["see [1]"]
    text = summary(plan)
    assert "Open it [bold]now[/bold] :smile:" in text
    assert "see [1]" in text


def test_only_suitable_alternatives_are_offered(plan: dict[str, Any]) -> None:
    option = {"rank": 1, "for": [], "against": [], "level": 5, "evidence": []}
    plan["alternatives"] = [
        {**option, "action": "extract", "title": "Needle", "suitable": True},
        {**option, "action": "electrosurgery", "title": "Current", "suitable": False},
    ]
    text = summary(plan)
    assert "Else: Needle." in text
    assert "Current" not in text


@pytest.mark.parametrize("name", ["laser", "lid_margin", "newborn"])
def test_every_kind_of_plan_fits_a_narrow_terminal(name: str) -> None:
    plan = json.loads((PLANS / f"{name}.json").read_text(encoding="utf-8"))
    text = summary(plan, width=72)
    assert max(len(line) for line in text.splitlines()) <= 72
    assert " ".join(plan["headline"].split()) in " ".join(text.split())
