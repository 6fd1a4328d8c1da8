"""The clinic's own limits and an older plan's missing keys, through the room of care."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from milia.base import InputError
from milia.care import Clinic, load_clinic
from milia.care.migration import migrated
from milia.care.protocol import with_clinics_limits
from milia.planning import goals_for

from .conftest import CaseMaker

CLINIC = """
clinic: {name: A clinic, phone: "+49 30 0", time_zone: Europe/Berlin, visit_hour: "10:00"}
protocol:
  p_harm: 0.05
  limits: {depth: {warn: "150 um", stop: "220 um"}, lateral: {stop: "0.05 mm"}}
"""
OLD = Path(__file__).resolve().parents[1] / "care/data/plan_1_0.json"


def clinic(folder: Path, text: str = CLINIC) -> Clinic:
    path = folder / "clinic.yaml"
    path.write_text(text, encoding="utf-8")
    return load_clinic(path)


def test_a_clinics_limits_hold_where_the_case_has_none(make_case: CaseMaker, tmp_path: Path) -> None:
    case = with_clinics_limits(make_case(goal={"limits": {"depth": {"stop": "200 um"}}}), clinic(tmp_path))
    goals = goals_for(case)
    depth, lateral = goals.limit("depth"), goals.limit("lateral")
    assert (depth.stop, depth.stop_set_by) == (200e-6, "case")
    assert (depth.warn, depth.warn_set_by) == (150e-6, "clinic")
    assert (lateral.stop, lateral.stop_set_by) == (pytest.approx(50e-6), "clinic")
    assert goals.lateral_limit_m == pytest.approx(1.1e-3)
    assert (goals.p_harm_max, goals.flags["p_harm_max"]) == (0.05, "clinic")
    # a case says back only what it said itself
    assert case.to_dict()["goal"] == {"limits": {"depth": {"stop": "200 µm"}}}


def test_a_clinics_bad_limit_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        clinic(tmp_path, CLINIC.replace('"220 um"', '"2 mm"'))
    assert "protocol.limits.depth.stop: 2 mm" in str(refused.value)
    with pytest.raises(InputError, match=r"protocol\.p_harm"):
        clinic(tmp_path, CLINIC.replace("p_harm: 0.05", "p_harm: 0.9"))


def test_an_older_plan_is_read_and_says_nothing_new() -> None:
    old: dict[str, Any] = json.loads(OLD.read_text(encoding="utf-8"))
    now = migrated(old, file="plan.json")
    assert now["schema_version"] == "1.2"
    assert (now["strategies"], now["limits"], now["scenarios"], now["explanation"]) == ([], [], None, "")
    assert now["settings"] == old["settings"]
