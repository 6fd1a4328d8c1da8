"""A session of several lesions and a calibration with outcomes in a real browser, wide and narrow."""

from __future__ import annotations

import copy
import csv
import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import milia.care
from milia.care import plan_session
from milia.records import Diagnosis, Lesion, Patient
from milia.web.app import find_tasks
from milia.web.facemap import default_pin
from milia.web.rooms import plans
from milia.web.serve_work import run_next

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

QUICK = {
    "screen": 4,
    "refine": 8,
    "final": 16,
    "refined_shots": 1,
    "drift": 2,
    "swift": 8,
    "look": 4,
    "looked": True,
}
DRAWN = ((0.0, 0.0), (0.017, 0.0), (0.0, -0.14))


KNOWN: dict[str, Any] = {}


def _once(session: Any, **more: Any) -> Any:
    """Plan each session once in this file, by the real planner: the same lesions are planned alike."""
    key = repr((session, more["today"], more["effort"]))
    if key not in KNOWN:
        KNOWN[key] = plan_session(session, **more)
    return copy.deepcopy(KNOWN[key])


@pytest.fixture
def patient(clinic: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Three milia with a diagnosis, and one without."""
    monkeypatch.setattr(plans, "EFFORT", QUICK)
    monkeypatch.setattr(milia.care, "plan_session", _once)
    x, y = default_pin("glabella")
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        made = acting.add(Patient(name="Coral Testname", born_on="1985-01-01", sex="F", skin_type="II"))
        links = {"patient_id": made.id}
        for right, down in DRAWN:
            site = "forehead" if down else "glabella"
            lesion = acting.add(
                Lesion.model_validate(
                    {**links, "site": site, "diameter_mm": 1.5, "pin_x": x + right, "pin_y": y + down}
                )
            ).id
            found = acting.add(
                Diagnosis.model_validate({**links, "lesion_id": lesion, "condition": "milium"})
            )
            acting.sign(Diagnosis, found.id, version=1)
        pin_x, pin_y = default_pin("chin")
        acting.add(Lesion.model_validate({**links, "site": "chin", "pin_x": pin_x, "pin_y": pin_y}))
    return str(made.id)


@pytest.mark.parametrize(("language", "narrow"), [("en-GB", False), ("ko-KR", True)])
def test_a_session_from_the_face_map_to_the_signatures(
    open_page: Callable[..., Any],
    check_page: Callable[..., None],
    clinic: Any,
    patient: str,
    language: str,
    *,
    narrow: bool,
) -> None:
    page = open_page("doctor", language=language, narrow=narrow)
    page.goto(f"/patients/{patient}")
    page.locator(f'a[href="/patients/{patient}/session"]').click()
    page.wait_for_selector("#session-form")
    boxes = page.locator("input[name=lesion]")
    assert boxes.count() == 3
    check_page(page)

    # A tap on a pin clears its line, the next one ticks it again; what is typed outlives the page.
    pin = page.locator("[data-pick]").nth(2)
    pin.click()
    assert not boxes.nth(2).is_checked()
    assert pin.get_attribute("aria-pressed") == "false"
    page.locator("#f-device").select_option("generic-superpulse-co2")
    with page.expect_response(lambda answer: "/drafts/session/" in answer.url and answer.ok):
        page.locator("details:has(#f-weight_kg) summary").click()
        page.locator("#f-weight_kg").fill("61")
    page.reload()
    page.wait_for_function("() => document.querySelector('#f-weight_kg').value === '61'")
    assert [box.is_checked() for box in boxes.all()] == [True, True, False]
    assert page.locator("[data-pick]").nth(2).get_attribute("aria-pressed") == "false"
    page.locator("[data-pick]").nth(2).press(" ")
    assert boxes.nth(2).is_checked()

    page.locator("#session-form button:not([type])").last.click()
    page.wait_for_selector("[data-job]")
    check_page(page)
    assert run_next(clinic.records, find_tasks())
    page.wait_for_url(re.compile(r"/session/[0-9a-f]{32}$"), timeout=20_000)
    page.wait_for_load_state("networkidle")
    check_page(page)
    steps = page.locator("tbody tr").count()
    assert steps >= 2
    assert page.locator(".fm-pin text").count() == steps
    assert page.locator(".fm-pin.fm-left").count() == 3 - steps
    order = [int(text.text_content() or "") for text in page.locator(".fm-pin text").all()]
    assert sorted(order) == list(range(1, steps + 1))

    signed = page.locator('form[action$="/decisions"] input[name=plan]').count()
    assert signed >= steps
    page.locator('form[action$="/decisions"] button').click()
    page.wait_for_selector("tbody .pill.good")
    assert page.locator("tbody .pill.good").count() == steps
    assert page.locator('form[action$="/decisions"]').count() == 0
    check_page(page)
    page.goto(f"/patients/{patient}")
    assert page.locator(".fm-pin.s-decided").count() == signed


@pytest.mark.parametrize(("language", "narrow"), [("en-GB", False), ("ko-KR", True)])
def test_recorded_outcomes_join_a_calibration(
    open_page: Callable[..., Any],
    check_page: Callable[..., None],
    clinic: Any,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    *,
    narrow: bool,
) -> None:
    import milia.calibration
    from milia.calibration.clinic.run import Effort
    from milia.calibration.sampling import Sampler

    quick = Effort(design=72, check=6, outcome=24, sampler=Sampler(walkers=44, burn=120, steps=120))
    real = milia.calibration.calibrate_device
    monkeypatch.setattr(milia.calibration, "calibrate_device", functools.partial(real, effort=quick))
    device_id = recorded(clinic)
    page = open_page("doctor", language=language, narrow=narrow)
    page.goto(f"/devices/{device_id}")
    page.locator(f'a[href="/devices/{device_id}/outcomes"]').click()
    page.wait_for_url(re.compile("/outcomes$"))
    assert page.locator("tbody tr").count() == 6
    assert page.locator("section ul.list li").count() == 1
    check_page(page)
    page.locator("main form button").click()
    page.wait_for_selector("#calibration-wait")
    assert run_next(clinic.records, find_tasks())
    page.wait_for_selector("#calibration .chart", timeout=20_000)
    page.wait_for_load_state("networkidle")
    rows = page.locator("#calibration table.tight tbody tr")
    assert rows.count() == 3, "shots alone, outcomes alone, both"
    check_page(page)
    page.locator('form[action$="/calibration/keep"] button').click()
    page.wait_for_selector(".head .pill.good")
    page.wait_for_load_state("networkidle")
    check_page(page)


def recorded(clinic: Any) -> str:
    """A device with three test shots, six treated lesions with their outcomes, and one not signed."""
    from milia.records import Device, Outcome, Plan, TestShots, Treatment
    from milia.web.rooms.devices_shots import COLUMNS

    shots = Path(__file__).resolve().parents[2] / "examples" / "shots.csv"
    with shots.open(encoding="utf-8", newline="") as stream:
        rows = [{name: row.get(name, "") for name in COLUMNS} for row in csv.DictReader(stream)][:3]
    fired = {
        "pulse_energy_mJ": 150.0,
        "pulse_duration_us": 625.0,
        "spot_diameter_um": 600.0,
        "pulses_fired": 2,
    }
    case = {
        "patient": {"age": "36 year", "sex": "female", "skin_type": "III", "history": []},
        "lesion": {
            "site": "cheek",
            "diameter": "1 mm",
            "roof": "80 um",
            "count": 1,
            "diagnosis": {"condition": "milium", "confirmed": True},
        },
    }
    days = {"p05": 4.0, "p50": 6.0, "p95": 9.0}
    plan = {"case": case, "goals": {"opening_um": 400.0}, "predicted": {"healing_days": days}, "p_harm": 0.03}
    record = {
        "plan_id": "0123456789ab",
        "lesion": "1",
        "treated_on": "2026-03-01",
        "action": "laser",
        "opened": "yes",
        "opened_in_pulses": 2,
        "interval_ms": 5.0,
        "healed_day": 7,
        "mark_week_12": "none",
    }
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        device = acting.add(Device(name="Room 2", definition={"library": "generic-superpulse-co2"})).id
        acting.add(TestShots(device_id=device, shot_on="2026-02-01", rows=tuple(rows)))
        patient = acting.add(Patient(name="Beryl Testname")).id
        for number in range(7):
            lesion = acting.add(Lesion(patient_id=patient, site="cheek")).id
            links = {"patient_id": patient, "lesion_id": lesion}
            found = acting.add(Diagnosis.model_validate({**links, "condition": "milium"}))
            acting.sign(Diagnosis, found.id, version=1)
            kept = {"plan": plan, "device": "generic-superpulse-co2", "device_id": device}
            row = acting.add(Plan.model_validate({**links, "plan_id": record["plan_id"], "plan": kept}))
            on = {"plan_row_id": row.id, "treated_on": "2026-03-01", "action": "laser"}
            done = acting.add(Treatment.model_validate({**links, **on, **fired}))
            seen = {"treatment_id": done.id, "seen_on": "2026-03-08", "record": {**record, **fired}}
            acting.add(Outcome.model_validate({**links, **seen}))
            if number:
                acting.sign(Treatment, done.id, version=1)
    return str(device)
