"""The assessment behind a diagnosis travels with the plan, and a doubt or a red flag stops it."""

from __future__ import annotations

from typing import Any

import pytest

from milia.base import InputError
from milia.care import compose_plan

RED = {"age_years": 70, "sites": ["lower_eyelid"], "triggers_history": ["loss of lashes", "bleeds"]}
CLEAR = {
    "age_years": 30,
    "sites": ["cheek"],
    "lesion_count": "few",
    "size_mm": [1, 2],
    "colour": ["white"],
    "consistency": ["firm"],
    "shape": ["dome"],
}


def test_a_red_flag_beats_the_confirmed_milium(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(findings=RED), laser=make_laser()).to_dict()
    assert plan["action"] == "refer"
    assert plan["settings"] is None
    assert plan["diagnosis"]["gate"]["open_flags"]
    assert any("red flag" in line for line in plan["warnings"])


def test_clear_findings_leave_the_plan_as_it_was_and_travel_with_it(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(findings=CLEAR), laser=make_laser()).to_dict()
    assert plan["action"] == compose_plan(make_case(), laser=make_laser()).action == "laser"
    assert plan["diagnosis"]["gate"] | {"probability": None} == {
        "accepted": True,
        "condition": "milium",
        "needs_reason": False,
        "doubts": [],
        "reason": None,
        "probability": None,
        "open_flags": [],
    }
    assert plan["diagnosis"]["assessment"]["differential"][0]["group"] == "milia"


def test_a_written_reason_lets_a_doubted_diagnosis_pass_and_is_printed(
    make_case: Any, make_laser: Any
) -> None:
    why = "biopsy of 3 May shows an infundibular cyst"
    plan = compose_plan(make_case(findings=RED, reason=why), laser=make_laser()).to_dict()
    assert plan["action"] == "laser"
    assert any(why in line for line in plan["warnings"])


@pytest.mark.parametrize("reason", ["", "yes", None])
def test_no_reason_is_no_reason(make_case: Any, make_laser: Any, reason: str | None) -> None:
    if reason == "":
        with pytest.raises(InputError, match="reason"):
            make_case(findings=RED, reason=reason)
        return
    assert compose_plan(make_case(findings=RED, reason=reason), laser=make_laser()).action == "refer"


def test_no_findings_is_said(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(), laser=make_laser()).to_dict()
    assert plan["diagnosis"] is None
    assert any("No findings stand behind the diagnosis" in line for line in plan["warnings"])


def test_a_finding_that_is_not_understood_names_file_and_key(make_case: Any, make_laser: Any) -> None:
    with pytest.raises(InputError, match=r"case.yaml.*colour"):
        compose_plan(make_case(findings={"colour": ["wite"]}), laser=make_laser())
