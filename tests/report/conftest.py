"""Synthetic plans, shaped like saved plan files; no number in them was computed by the engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from milia.care import CarePack, Clinic, Protocol, care_pack, compose_plan
from milia.planning import case_from_mapping

DATA = Path(__file__).parent / "data"
Load = Callable[[str], dict[str, Any]]
PackMaker = Callable[..., CarePack]


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


HEALING = {"p05": 4.0, "p50": 6.0, "p95": 9.0}
LASER = {
    "settings": {
        "pulse_energy_mJ": 20.0,
        "pulse_duration_us": 900.0,
        "spot_diameter_um": 300.0,
        "pulses": 1,
        "interval_ms": 100.0,
        "passes": 1,
        "fluence_J_cm2": 28.3,
    },
    "predicted": {"healing_days": HEALING},
    "p_open": 0.93,
    "p_harm": 0.02,
    "certainty": {
        "p_open": {"low": 0.88, "high": 0.97},
        "p_harm": {"low": 0.004, "high": 0.05},
        "scenarios": 256,
        "rests_on": ["roof thickness"],
    },
}


@pytest.fixture(scope="session")
def make_pack() -> PackMaker:
    """Return a maker of what is handed out: a lower eyelid in skin type IV, by the named action.

    ``newborn`` is watched; a plan for ``laser`` gets numbers that no engine computed.
    """
    return _pack


def _pack(
    action: str,
    *,
    start: date = date(2026, 12, 3),
    patient: dict[str, Any] | None = None,
    lesion: dict[str, Any] | None = None,
    protocol: Protocol | None = None,
    **clinic: Any,
) -> CarePack:
    who = {"age": "20 day" if action == "newborn" else "34 year", "sex": "female", "skin_type": "IV"}
    diagnosis: dict[str, Any] = {"condition": "milium", "confirmed": action != "assess_first"}
    if action == "refer":
        diagnosis = {"condition": "basal_cell_carcinoma", "confirmed": True}
    what = {"site": "lower_eyelid", "diameter": "1.0 mm", "count": 3, "diagnosis": diagnosis}
    case = case_from_mapping(
        {
            "patient": {**who, "history": [], **(patient or {})},
            "lesion": {**what, **(lesion or {})},
            "device": "generic-superpulse-co2",
        },
        file="case.yaml",
    )
    plan = json.loads(json.dumps(compose_plan(case, laser=None).to_dict()))
    if action in ("laser", "extract", "electrosurgery", "observe"):
        healing = None if action == "observe" else HEALING
        plan |= {"action": action, "aftercare": {"healing_days": healing, "healing_basis": None}}
    if action == "laser":
        plan |= {**LASER, "window": {**plan["window"], "exists": True}}
    who_treats = {
        "name": "Example Skin Clinic",
        "phone": "+82 2 000 0000",
        "urgent_phone": "+82 2 000 0001",
        "address": "1 Example Street, Seoul",
        "time_zone": "Asia/Seoul",
        "visit_hour": time(10, 0),
        "protocol": protocol or Protocol(),
        **clinic,
    }
    return care_pack(plan, start=start, clinic=Clinic(**who_treats), today=start)
