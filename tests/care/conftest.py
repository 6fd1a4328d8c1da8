"""Cases from the real reader and laser plans from the real classes, without a simulation."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from milia.base import Interval
from milia.care import CarePack, Clinic, care_pack, clinic_from_mapping, compose_plan
from milia.care.choice import laser_may_be_considered
from milia.care.facts import facts_of
from milia.knowledge import Knowledge, load_knowledge
from milia.laser import Settings
from milia.planning import Candidate, Case, LaserPlan, case_from_mapping

CaseMaker = Callable[..., Case]
LaserMaker = Callable[..., LaserPlan]


def _case(**changes: Any) -> Case:
    patient = {"age": "34 year", "sex": "female", "skin_type": "II", "history": []}
    lesion: dict[str, Any] = {
        "site": "cheek",
        "diameter": "1.0 mm",
        "count": 3,
        "diagnosis": {"condition": "milium", "confirmed": True},
    }
    device = changes.pop("device", "generic-superpulse-co2")
    further = {"prefer": changes.pop("prefer")} if "prefer" in changes else {}
    for name, value in changes.items():
        if name in ("condition", "confirmed", "findings", "reason"):
            lesion["diagnosis"] = {**lesion["diagnosis"], name: value}
        elif name in ("age", "sex", "skin_type", "history", "weight", "habits"):
            patient[name] = value
        else:
            lesion[name] = value
    if patient["history"] is None:
        del patient["history"]
    whole = {"patient": patient, "lesion": lesion, "device": device, **further}
    return case_from_mapping(whole, file="case.yaml")


def _candidate(p_open: float, p_harm: float, *, energy_mJ: float = 35.0, inside: bool = True) -> Candidate:
    settings = Settings(
        pulse_energy_J=1e-3 * energy_mJ,
        pulse_duration_s=9e-4,
        spot_diameter_m=3e-4,
        pulses=1,
        interval_s=0.1,
        passes=1,
    )
    return Candidate(
        settings=settings,
        p_open=p_open,
        p_harm=p_harm,
        p_open_range=(max(p_open - 0.04, 0.0), min(p_open + 0.04, 1.0)),
        p_harm_range=(max(p_harm - 0.02, 0.0), min(p_harm + 0.02, 1.0)),
        inside=inside,
        scenarios=256,
        p_severe=0.0,
    )


def _laser(
    *, p_open: float = 0.93, p_harm: float = 0.02, window: bool = True, healing: float = 7.0
) -> LaserPlan:
    chosen = _candidate(p_open, p_harm, inside=window)
    predicted = {
        "opening_um": Interval(380.0, 430.0, 480.0),
        "crater_depth_um": Interval(90.0, 130.0, 170.0),
        "rtd_floor_um": Interval(30.0, 50.0, 80.0),
        "rtd_wall_um": Interval(20.0, 40.0, 60.0),
        "healing_days": Interval(0.6 * healing, healing, 1.4 * healing),
        "harm_depth_um": Interval(150.0, 190.0, 240.0),
        "wound_width_um": Interval(400.0, 460.0, 520.0),
    }
    return LaserPlan(
        recommended=chosen if window else None,
        best_try=None if window else chosen,
        predicted=predicted if window else None,
        points=(chosen,),
        window_exists=window,
        reasons=("The window is 20 % wide below and 30 % above.",) if window else (),
        warnings=(),
        goals={"opening_um": 400.0, "p_open_min": 0.9, "p_harm_max": 0.05, "depth_limit_um": 308.0},
        response={
            "axis": "pulse_energy_mJ",
            "unit": "mJ",
            "fixed": {},
            "points": [
                {"x": 20, "p_open": 0.4, "p_harm": 0.0},
                {"x": 35, "p_open": p_open, "p_harm": p_harm},
            ],
            "recommended": 35 if window else None,
        },
        margin={"down_percent": 20.0, "up_percent": 30.0} if window else None,
        pulses=(),
        cross_section={
            "r_um": [0.0, 100.0, 200.0],
            "crater_um": [130.0, 80.0, 0.0],
            "damage_um": [180.0, 130.0, 20.0],
            "layers": [
                {"name": "epidermis", "top_um": 0.0, "bottom_um": 60.0},
                {"name": "dermis", "top_um": 60.0, "bottom_um": 900.0},
            ],
            "cyst": {"diameter_um": 1000.0, "roof_um": 90.0},
            "limit_um": 308.0,
        },
        measure_next=({"input": "roof thickness", "gain": 0.1, "how": "ultrasound"},),
        parameter_sets=("hand_made",),
        evidence=(),
        seed=0,
        scenarios=256,
        rests_on=("roof thickness",),
        statistics={},
    )


@pytest.fixture(scope="session")
def make_case() -> CaseMaker:
    """Return a maker of cases: by default a woman of 34, skin type II, three confirmed milia on the cheek."""
    return _case


@pytest.fixture(scope="session")
def make_laser() -> LaserMaker:
    """Return a maker of laser plans: by default one with a window."""
    return _laser


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture
def save(make_case: CaseMaker, make_laser: LaserMaker) -> Callable[..., dict[str, Any]]:
    """Return a maker of saved plans: composed, written as JSON and read back."""

    def made(*, laser: bool = True, healing: float = 7.0, **changes: Any) -> dict[str, Any]:
        case = make_case(**changes)
        facts = facts_of(case, knowledge=load_knowledge())
        wanted = laser and laser_may_be_considered(facts, knowledge=load_knowledge())
        plan = compose_plan(case, laser=make_laser(healing=healing) if wanted else None)
        content: dict[str, Any] = json.loads(json.dumps(plan.to_dict(), allow_nan=False))
        return content

    return made


CLINIC = {
    "clinic": {
        "name": "Skin Clinic",
        "phone": "+82 2 000 0000",
        "time_zone": "Asia/Seoul",
        "visit_hour": "10:00",
    }
}


@pytest.fixture
def make_clinic() -> Callable[..., Clinic]:
    """Return a maker of clinics: keyword arguments are the keys of the protocol."""

    def made(**protocol: Any) -> Clinic:
        return clinic_from_mapping({**CLINIC, "protocol": protocol}, file="clinic.yaml")

    return made


START, TODAY = date(2026, 12, 1), date(2026, 11, 20)


@pytest.fixture
def make_pack(
    save: Callable[..., dict[str, Any]], make_clinic: Callable[..., Clinic]
) -> Callable[..., CarePack]:
    """Return a maker of packs: ``protocol`` for the clinic, the rest for the case."""

    def made(*, protocol: dict[str, Any] | None = None, **changes: Any) -> CarePack:
        clinic = make_clinic(**(protocol or {}))
        return care_pack(save(**changes), start=START, clinic=clinic, today=TODAY)

    return made
