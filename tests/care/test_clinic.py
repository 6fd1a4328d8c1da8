"""A clinic's file: strict, and never above a limit or past a contraindication."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import dates, integers, sampled_from, sets

from milia.base import InputError
from milia.care import Clinic, clinic_from_mapping, compose_plan, load_clinic
from milia.care.clinic import WEEKDAYS

EXAMPLE = Path(__file__).parents[2] / "examples" / "clinic.yaml"
GOOD = {"name": "Skin Clinic", "phone": "+82 2 000 0000", "time_zone": "Asia/Seoul", "visit_hour": "10:00"}


def _clinic(protocol: dict[str, Any] | None = None, **changes: Any) -> Clinic:
    section = {**GOOD, **changes}
    return clinic_from_mapping(
        {"clinic": {k: v for k, v in section.items() if v is not ...}, "protocol": protocol},
        file="clinic.yaml",
    )


def test_the_example_is_a_clinic() -> None:
    found = load_clinic(EXAMPLE)
    assert (found.time_zone, found.visit_hour) == ("Asia/Seoul", time(10, 0))
    assert found.protocol.make_up == "day_1"
    assert found.protocol.anaesthesia is not None
    assert found.protocol.anaesthesia.dose_mg == 20.0
    assert found.protocol.same_lesion_weeks == 8.0


@pytest.mark.parametrize(
    ("protocol", "changes", "key", "accepted"),
    [
        (None, {"name": ...}, "clinic.name", "text"),
        (None, {"phone": 820}, "clinic.phone", "in quotes"),
        (None, {"name": "a\u202eb"}, "clinic.name", "text"),
        (None, {"name": "x" * 121}, "clinic.name", "120"),
        (None, {"time_zone": "Asia/Soul"}, "clinic.time_zone", "did you mean Asia/Seoul"),
        (None, {"time_zone": "EST"}, "clinic.time_zone", "IANA"),
        (None, {"time_zone": "Etc/GMT+5"}, "clinic.time_zone", "IANA"),
        (None, {"visit_hour": "24:00"}, "clinic.visit_hour", "23:59"),
        (None, {"visit_hour": "9:5"}, "clinic.visit_hour", "23:59"),
        (None, {"visit_hour": "ten"}, "clinic.visit_hour", "23:59"),
        (None, {"fax": "1"}, "clinic.fax", "the keys"),
        ({"makeup": "day_1"}, {}, "protocol.makeup", "did you mean make_up"),
        ({"make_up": "day_2"}, {}, "protocol.make_up", "after_closure, day_1"),
        ({"sunscreen": "never"}, {}, "protocol.sunscreen", "closed_skin_from_day_3"),
        ({"dressing": "cotton"}, {}, "protocol.dressing", "petrolatum"),
        ({"wash_from": "5 day"}, {}, "protocol.wash_from", "day"),
        ({"wash_from": "30 hour"}, {}, "protocol.wash_from", "whole days"),
        ({"wash_from": 1}, {}, "protocol.wash_from", "unit"),
        ({"lesions_per_session": 11}, {}, "protocol.lesions_per_session", "1 to 10"),
        ({"lesions_per_session": 2.5}, {}, "protocol.lesions_per_session", "whole number"),
        ({"same_lesion_interval": "2 week"}, {}, "protocol.same_lesion_interval", "week"),
        ({"test_spot": "never"}, {}, "protocol.test_spot", "by_risk, always"),
        ({"prefer": ["laser", "laser"]}, {}, "protocol.prefer", "at most once"),
        ({"prefer": ["cryotherapy"]}, {}, "protocol.prefer[0]", "laser, extract"),
        ({"anaesthesia": {"lidocaine_plain": "5 mg/kg"}}, {}, "protocol.anaesthesia.lidocaine_plain", "4.5"),
        ({"anaesthesia": {"lidocaine_adrenaline": "8 mg/kg"}}, {}, "protocol.anaesthesia", "7"),
        ({"anaesthesia": {"lidocaine_plain": "-1 mg/kg"}}, {}, "protocol.anaesthesia", "0"),
        ({"anaesthesia": {"drug": "lidocaine_plain"}}, {}, "protocol.anaesthesia.dose", "both or neither"),
        (
            {"anaesthesia": {"drug": "lidocaine_plain", "dose": "301 mg"}},
            {},
            "protocol.anaesthesia.dose",
            "300",
        ),
        (
            {"anaesthesia": {"drug": "bupivacaine", "dose": "1 mg"}},
            {},
            "protocol.anaesthesia.drug",
            "lidocaine",
        ),
        ({"note": "x" * 601}, {}, "protocol.note", "600"),
        (["make_up"], {}, "protocol", "section"),
    ],
)
def test_what_is_refused_names_the_key(
    protocol: Any, changes: dict[str, Any], key: str, accepted: str
) -> None:
    with pytest.raises(InputError) as caught:
        _clinic(protocol, **changes)
    said = str(caught.value)
    assert f"clinic.yaml: {key}" in said
    assert accepted in said


@pytest.mark.parametrize(
    ("protocol", "changes", "action"),
    [
        ({"prefer": ["extract"]}, {}, "extract"),
        ({"prefer": ["laser"]}, {"skin_type": "V"}, "extract"),
        ({"prefer": ["laser"]}, {"site": "lid_margin", "diameter": "0.5 mm"}, "extract"),
        ({"prefer": ["laser", "electrosurgery"]}, {"age": "10 day"}, "observe"),
        ({"prefer": ["laser"]}, {"confirmed": False}, "assess_first"),
        ({"prefer": ["laser"]}, {"condition": "melanoma"}, "refer"),
        ({"prefer": ["laser"]}, {"history": ["keloid"]}, "extract"),
    ],
)
def test_a_preference_never_lifts_a_contraindication(
    make_case: Any, make_laser: Any, protocol: dict[str, Any], changes: dict[str, Any], action: str
) -> None:
    plan = compose_plan(make_case(**changes), laser=make_laser(), clinic=_clinic(protocol))
    assert plan.action == action
    if action not in ("refer", "assess_first", "observe"):
        assert any("order of preference" in reason for reason in plan.reasons)


def test_a_clinics_lower_limit_lowers_the_dose(make_case: Any, make_laser: Any) -> None:
    lower = _clinic({"anaesthesia": {"lidocaine_plain": "3 mg/kg"}})
    plan = compose_plan(make_case(weight="60 kg"), laser=make_laser(), clinic=lower)
    item = next(item for item in plan.safety if item.id == "care.anaesthesia.maximum")
    assert [dose.maximum_mg for dose in item.doses] == [180.0, 420.0]
    # The label's figure stays the label's.
    assert "4.5 mg/kg" in item.text
    assert "clinic's own lower limits" in item.text


def test_the_case_speaks_before_the_clinic(make_case: Any, make_laser: Any) -> None:
    clinic = _clinic({"prefer": ["observe"]})
    assert compose_plan(make_case(), laser=make_laser(), clinic=clinic).action == "observe"
    assert compose_plan(make_case(prefer=["extract"]), laser=make_laser(), clinic=clinic).action == "extract"


@given(
    first=dates(max_value=date(9999, 11, 1)),
    width=integers(0, 30),
    closed=sets(sampled_from(WEEKDAYS), max_size=6),
)
def test_a_visit_is_proposed_on_the_first_open_day(first: date, width: int, closed: set[str]) -> None:
    day = _clinic(closed=sorted(closed)).open_day(first, first + timedelta(days=width))
    assert WEEKDAYS[day.weekday()] not in closed
    passed = [first + timedelta(days=n) for n in range((day - first).days)]
    assert all(WEEKDAYS[skipped.weekday()] in closed for skipped in passed)


@pytest.mark.parametrize(
    ("closed", "key"),
    [(["funday"], r"clinic.closed\[0\]"), ("sunday", "clinic.closed"), (list(WEEKDAYS), "clinic.closed")],
    ids=["no day", "no list", "never open"],
)
def test_days_that_cannot_be_are_named(closed: object, key: str) -> None:
    with pytest.raises(InputError) as error:
        _clinic(closed=closed)
    assert re.search(key, str(error.value))
