"""A plan that comes back from a file: same pack, or an error that names the key."""

from __future__ import annotations

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from milia.base import InputError
from milia.care import care_pack, compose_plan, plan_hash
from milia.care.migration import migrated
from milia.care.provenance import SCHEMA_VERSION

START, TODAY = date(2026, 12, 1), date(2026, 11, 20)


def _with(plan: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return a copy of a plan with one dotted key changed; an ellipsis removes it."""
    changed = copy.deepcopy(plan)
    *path, last = key.split(".")
    place: Any = changed
    for name in path:
        place = place[int(name)] if isinstance(place, list) else place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed


def test_a_plan_and_its_saved_form_give_the_same_pack(
    make_case: Any, make_laser: Any, save: Any, make_clinic: Any
) -> None:
    clinic = make_clinic()
    direct = compose_plan(make_case(), laser=make_laser())
    first = care_pack(direct, start=START, clinic=clinic, today=TODAY)
    second = care_pack(save(), start=START, clinic=clinic, today=TODAY)
    assert first == second
    assert first.plan_id == first.plan_hash[:12] == plan_hash(save())[:12]


def test_the_hash_sees_every_change_and_no_reordering(save: Any) -> None:
    plan = save()
    assert plan_hash(dict(reversed(plan.items()))) == plan_hash(plan)
    assert plan_hash(_with(plan, "settings.pulse_energy_mJ", 35.1)) != plan_hash(plan)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("p_open", 1.7, "p_open: 1.7"),
        ("p_open", -0.1, "p_open"),
        ("p_open", "0.9", "p_open"),
        ("p_open", True, "p_open"),
        ("p_open", None, "p_open: null"),
        ("p_harm", ..., "p_harm"),
        ("action", "lazer", "action"),
        ("action", ..., "action"),
        ("settings", None, "settings"),
        ("settings.pulses", 0, "settings.pulses"),
        ("settings.pulses", 1.5, "settings.pulses"),
        ("settings.pulse_energy_mJ", -5.0, "settings.pulse_energy_mJ"),
        ("predicted", [], "predicted"),
        ("predicted.healing_days.p50", 900.0, "predicted.healing_days"),
        ("predicted.healing_days.p05", ..., "predicted.healing_days.p05"),
        ("certainty.scenarios", 0, "certainty.scenarios"),
        ("certainty.p_harm.low", 2, "certainty.p_harm.low"),
        ("window", None, "window"),
        ("window.exists", "yes", "window.exists"),
        ("window.exists", False, "window.exists"),
        ("case", "cheek", "case"),
        ("case.patient", ..., "case: patient"),
        ("case.patient.age", "-3 year", "patient.age"),
        ("case.patient.age", 34, "patient.age"),
        ("case.patient.weight", "-60 kg", "patient.weight"),
        ("case.patient.skin_type", "VII", "patient.skin_type"),
        ("case.patient.history", ["kelloid"], "did you mean keloid"),
        ("case.lesion.site", "knee", "lesion.site"),
        ("case.lesion.count", 0, "lesion.count"),
        ("case.device_kind", ..., "case.device_kind"),
        ("aftercare.healing_days", "a week", "aftercare.healing_days"),
        ("warnings", "none", "warnings"),
        ("provenance", None, "provenance"),
        ("schema_version", "2.0", "schema_version: 2.0"),
        ("schema_version", "1.7", "schema_version"),
        ("schema_version", 1.1, "schema_version"),
        ("schema_version", ..., "schema_version"),
    ],
)
def test_an_edited_plan_is_refused_by_key(
    save: Any, make_clinic: Any, key: str, value: Any, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        care_pack(_with(save(), key, value), start=START, clinic=make_clinic(), today=TODAY, file="PLAN.json")
    message = str(caught.value)
    assert message.startswith("PLAN.json")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("changes", "edit", "why"),
    [
        ({}, ("case.patient.age", "10 day"), "newborn"),
        ({}, ("case.patient.history", ["pregnancy"]), "pregnancy"),
        ({}, ("case.patient.history", ["keloid"]), "raised scars"),
        ({}, ("case.lesion.diagnosis.confirmed", False), "not confirmed"),
        ({}, ("case.lesion.diagnosis.condition", "melanoma"), "malignant"),
        ({}, ("case.lesion.site", "lid_margin"), "lid margin"),
        ({}, ("case.device_kind", "er_yag"), "Er:YAG"),
        ({}, ("predicted.healing_days", {"p05": 5.0, "p50": 9.0, "p95": 40.0}), "stay open too long"),
        ({"history": ["pregnancy"]}, ("action", "extract"), "asks for observe"),
        ({"confirmed": False}, ("action", "observe"), "asks for assess_first"),
        ({"history": ["keloid"]}, ("action", "refer"), "no rule asks"),
    ],
)
def test_an_action_that_its_case_forbids_is_refused(
    save: Any, make_clinic: Any, changes: dict[str, Any], edit: tuple[str, Any], why: str
) -> None:
    plan = _with(save(**{"diameter": "0.5 mm", **changes}), *edit)
    with pytest.raises(InputError, match=why) as caught:
        care_pack(plan, start=START, clinic=make_clinic(), today=TODAY)
    assert caught.value.key == "action"


def test_a_plan_of_schema_1_0_is_brought_up_to_date(save: Any, make_clinic: Any) -> None:
    now = save()
    old = _with(_with(now, "case.device_kind", ...), "schema_version", "1.0")
    found = migrated(old, file="old.json")
    assert found["schema_version"] == SCHEMA_VERSION
    assert found["case"]["device_kind"] == now["case"]["device_kind"] == "superpulse"
    assert old["schema_version"] == "1.0"  # the plan that was handed in stays as it is, and so does its hash
    pack = care_pack(old, start=START, clinic=make_clinic(), today=TODAY)
    assert pack.plan_hash == plan_hash(old)
    assert pack.phases == care_pack(now, start=START, clinic=make_clinic(), today=TODAY).phases


def test_an_old_laser_plan_of_an_unknown_device_is_refused_with_the_reason(save: Any) -> None:
    old = _with(_with(save(), "case.device_kind", ...), "schema_version", "1.0")
    mine = _with(old, "case.device", "my-clinic-co2")
    with pytest.raises(InputError, match="does not say what kind of laser"):
        migrated(mine, file="old.json")
    needle = save(history=["keloid"])
    needle = _with(_with(needle, "case.device_kind", ...), "schema_version", "1.0")
    assert migrated(_with(needle, "case.device", "mine"), file="x")["case"]["device_kind"] == "unknown"


@pytest.mark.parametrize("start", [date(2026, 11, 19), date(2020, 1, 1)])
def test_a_day_in_the_past_is_refused_unless_it_is_recorded(save: Any, make_clinic: Any, start: date) -> None:
    with pytest.raises(InputError, match="in the past"):
        care_pack(save(), start=start, clinic=make_clinic(), today=TODAY)
    pack = care_pack(save(), start=start, clinic=make_clinic(), today=TODAY, allow_past=True)
    assert pack.phases[0].date_from == start


@pytest.mark.parametrize("start", [None, "2026-12-01", date(1999, 1, 1), date(2201, 1, 1)])
def test_an_impossible_day_is_refused(save: Any, make_clinic: Any, start: Any) -> None:
    with pytest.raises(InputError) as caught:
        care_pack(save(), start=start, clinic=make_clinic(), today=TODAY, allow_past=True)
    assert caught.value.key == "start"


def test_a_real_plan_of_schema_1_0_is_still_read(make_clinic: Any) -> None:
    """`milia plan examples/lower_eyelid.yaml --json` as the version before schema 1.1 wrote it."""
    old = json.loads((Path(__file__).parent / "data" / "plan_1_0.json").read_text(encoding="utf-8"))
    assert old["schema_version"] == "1.0"
    pack = care_pack(old, start=START, clinic=make_clinic(), today=TODAY)
    assert pack.action == "laser"
    assert pack.setting is not None
    assert pack.setting["pulse_energy_mJ"] == old["settings"]["pulse_energy_mJ"] == 150.0
    assert next(phase for phase in pack.phases if phase.key == "open").day_to == 8
    assert pack.sessions is not None
    assert pack.sessions.test_spot
