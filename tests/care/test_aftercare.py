"""The timetable follows the healing days and the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.base import InputError
from milia.care import compose_plan


def _steps(plan: Any) -> dict[str, dict[str, Any]]:
    return {step["phase"]: step for step in plan.to_dict()["aftercare"]["steps"]}


def test_days_follow_the_predicted_healing(make_case: Any, make_laser: Any) -> None:
    fast = _steps(compose_plan(make_case(), laser=make_laser(healing=5.0)))
    slow = _steps(compose_plan(make_case(), laser=make_laser(healing=9.0)))
    assert (fast["open"]["to_day"], fast["closing"]["to_day"]) == (5, 7)
    assert (slow["open"]["to_day"], slow["closing"]["to_day"]) == (9, 13)
    # No day stands in two stretches of the wound: what is allowed on it must be clear.
    assert (slow["closing"]["from_day"], slow["settled"]["from_day"]) == (10, 14)
    assert (slow["settled"]["to_day"], slow["restart"]["from_day"]) == (28, 29)


def test_without_a_laser_the_default_healing_of_the_action_is_used(make_case: Any, make_laser: Any) -> None:
    care = compose_plan(make_case(history=["keloid"]), laser=None).to_dict()["aftercare"]
    assert care["healing_basis"] == "care.healing.extract"
    assert care["healing_days"]["p50"] == 4.0
    predicted = compose_plan(make_case(), laser=make_laser()).to_dict()["aftercare"]
    assert predicted["healing_basis"] == "predicted"


def test_sunscreen_never_before_day_3_nor_on_open_skin(make_case: Any, make_laser: Any) -> None:
    early = _steps(compose_plan(make_case(), laser=make_laser(healing=1.5)))
    late = _steps(compose_plan(make_case(), laser=make_laser(healing=8.0)))
    assert early["sun"]["from_day"] == 3
    assert late["sun"]["from_day"] == 8


@pytest.mark.parametrize(("skin_type", "to_day", "tinted"), [("II", 84, False), ("III", 182, True)])
def test_sunscreen_lasts_longer_in_darker_skin(
    make_case: Any, make_laser: Any, skin_type: str, to_day: int, tinted: bool
) -> None:
    sun = _steps(compose_plan(make_case(skin_type=skin_type), laser=make_laser()))["sun"]
    assert sun["to_day"] == to_day
    assert ("tinted" in sun["do"][0]) is tinted


def test_makeup_waits_for_closure_and_the_disagreement_is_shown(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(), laser=make_laser())
    steps = _steps(plan)
    assert any("closed" in text and "light make-up" in text for text in steps["closing"]["do"])
    assert any("make-up" in text for text in steps["day0"]["avoid"])
    assert any("make-up on open skin" in text for text in steps["open"]["avoid"])
    conflicts = {conflict["topic"]: conflict for conflict in plan.to_dict()["aftercare"]["conflicts"]}
    assert "day 1" in conflicts["Make-up"]["other"]
    assert conflicts["Sunscreen"]["default"].startswith("from day 3")


def test_no_hydrocolloid_on_the_lid(make_case: Any, make_laser: Any) -> None:
    lid = _steps(compose_plan(make_case(site="lower_eyelid"), laser=make_laser()))["day0"]
    cheek = _steps(compose_plan(make_case(), laser=make_laser()))["day0"]
    assert not any("patch" in text for text in lid["do"])
    assert any("ointment" in text for text in lid["do"])
    assert any("No sticky patch near the eye" in text for text in lid["avoid"])
    assert any("petroleum jelly" in text for text in cheek["do"])


def test_without_a_wound_there_is_no_wound_care(make_case: Any) -> None:
    plan = compose_plan(make_case(age="10 day"), laser=None)
    care = plan.to_dict()["aftercare"]
    assert [step["phase"] for step in care["steps"]] == ["leave"]
    assert care["healing_days"] is None
    assert any("paediatrician" in sign["action"] for sign in care["warning_signs"])
    assert any("children's doctor" in sign["patient"] for sign in care["warning_signs"])


def test_late_healing_rules(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(), laser=make_laser(), start=date(2026, 12, 1)).to_dict()
    late = {
        sign["from_day"]: sign for sign in plan["aftercare"]["warning_signs"] if sign["from_day"] is not None
    }
    assert sorted(late) == [10, 14, 21]
    assert late[14]["date_from"] == "2026-12-15"
    assert late[21]["sign"] == "The spot is still open on day 21"


def test_dates_cross_month_and_leap_year(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(), laser=make_laser(), start=date(2028, 2, 26)).to_dict()
    closure = next(visit for visit in plan["followup"] if visit["id"] == "care.followup.closure")
    assert (closure["date_from"], closure["date_to"]) == ("2028-03-04", "2028-03-07")


def test_without_a_start_there_are_no_dates(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(), laser=make_laser()).to_dict()
    assert plan["aftercare"]["start"] is None
    assert all(step["date_from"] is step["date_to"] is None for step in plan["aftercare"]["steps"])
    assert all(visit["date_from"] is None for visit in plan["followup"])


@pytest.mark.parametrize(
    "start", ["2026-12-01", datetime(2026, 12, 1), date(1999, 12, 31), date(9999, 12, 30), 5]
)
def test_unusable_start_is_refused(make_case: Any, make_laser: Any, start: Any) -> None:
    with pytest.raises(InputError, match="start"):
        compose_plan(make_case(), laser=make_laser(), start=start)


@settings(deadline=None)
@given(start=st.dates(date(2000, 1, 1), date(2200, 12, 31)), healing=st.floats(0.5, 60.0))
def test_days_and_dates_agree(make_case: Any, make_laser: Any, start: date, healing: float) -> None:
    plan = compose_plan(make_case(skin_type="IV"), laser=make_laser(healing=healing), start=start).to_dict()
    for step in plan["aftercare"]["steps"]:
        assert step["to_day"] is None or step["from_day"] <= step["to_day"]
        assert date.fromisoformat(step["date_from"]) - start == timedelta(days=step["from_day"])
    for visit in plan["followup"]:
        assert visit["day_from"] <= visit["day_to"]
        assert date.fromisoformat(visit["date_to"]) - start == timedelta(days=visit["day_to"])
    days = [visit["day_from"] for visit in plan["followup"]]
    assert days == sorted(days)


def _visits(plan: Any) -> dict[str, tuple[int, int]]:
    return {visit.id.rsplit(".", 1)[1]: (visit.day_from, visit.day_to) for visit in plan.followup}


def test_visits_after_the_laser(make_case: Any, make_laser: Any) -> None:
    light_cheek = _visits(compose_plan(make_case(), laser=make_laser()))
    assert light_cheek == {
        "closure": (7, 10),
        "pigment": (28, 42),
        "second_session": (56, 84),
        "scar": (84, 98),
    }
    assert _visits(compose_plan(make_case(skin_type="IV"), laser=make_laser()))["photo"] == (2, 3)
    assert _visits(compose_plan(make_case(site="lower_eyelid"), laser=make_laser()))["photo"] == (2, 3)


def test_a_raised_scar_in_the_history_brings_a_late_look(make_case: Any) -> None:
    assert _visits(compose_plan(make_case(history=["keloid"]), laser=None))["keloid"] == (175, 203)
    assert "keloid" not in _visits(compose_plan(make_case(skin_type="V"), laser=None))


def test_test_lesion_and_batches_bring_later_visits(make_case: Any, make_laser: Any) -> None:
    assert _visits(compose_plan(make_case(skin_type="IV"), laser=make_laser()))["after_test"] == (42, 56)
    assert "after_test" not in _visits(compose_plan(make_case(skin_type="IV", count=1), laser=make_laser()))
    assert _visits(compose_plan(make_case(count=6), laser=make_laser()))["other_lesions"] == (28, 56)
    assert "other_lesions" not in _visits(compose_plan(make_case(count=5), laser=make_laser()))


def test_visits_without_a_procedure(make_case: Any) -> None:
    assert _visits(compose_plan(make_case(age="10 day"), laser=None)) == {"infant": (28, 84)}
    assert list(_visits(compose_plan(make_case(history=["pregnancy"]), laser=None))) == ["after_pregnancy"]
    assert _visits(compose_plan(make_case(confirmed=False), laser=None)) == {}
