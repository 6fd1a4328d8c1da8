"""The visit without a screen: what is kept, what is refused, what can be taken back, who sees a link."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from milia.care import OutcomeRecord, plan_case, plan_hash
from milia.diagnosis import assess
from milia.planning import Effort, case_from_mapping
from milia.records import Assessment, Decision, Diagnosis, Lesion, Outcome, Patient, Plan, Treatment
from milia.web.rooms.findings_words import CONDITIONS, QUESTIONS
from milia.web.rooms.plans_live import live_answer, start_of, steps_of

QUICK = Effort(screen=4, refine=8, final=16, refined_shots=1, drift=2, swift=8, look=4, looked=False)
CASE: dict[str, Any] = {
    "patient": {"age": "36 year", "sex": "female", "skin_type": "III", "history": []},
    "lesion": {
        "site": "cheek",
        "diameter": "1 mm",
        "count": 1,
        "diagnosis": {"condition": "milium", "confirmed": True},
    },
    "device": "generic-superpulse-co2",
}


@pytest.fixture(scope="session")
def planned() -> dict[str, Any]:
    """A real plan, computed once."""
    found = plan_case(case_from_mapping(CASE, file="case"), seed=0, effort=QUICK).to_dict()
    return dict(json.loads(json.dumps(found)))


@pytest.fixture
def ids(clinic: Any, planned: dict[str, Any]) -> dict[str, str]:
    """A patient with one lesion whose plan waits for a decision."""
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        patient = acting.add(
            Patient(name="Amber Example", born_on="1990-01-01", sex="F", skin_type="III", language="ko")
        ).id
        lesion = acting.add(Lesion(patient_id=patient, site="cheek", diameter_mm=1.0)).id
        diagnosis = acting.add(Diagnosis(patient_id=patient, lesion_id=lesion, condition="milium"))
        acting.sign(Diagnosis, diagnosis.id, version=1)
        plan = acting.add(
            Plan(
                patient_id=patient,
                lesion_id=lesion,
                plan_id=plan_hash(planned)[:12],
                plan={"plan": planned, "device": CASE["device"]},
            )
        ).id
    return {"patient": patient, "lesion": lesion, "plan": plan}


def fired(**more: Any) -> dict[str, Any]:
    return {
        "action": "laser",
        "pulse_energy_mJ": 40,
        "pulse_duration_us": 166.7,
        "spot_diameter_um": 300,
        "interval_ms": 200,
        "pulses_fired": 2,
        "opened": "yes",
        "emptied": "yes",
        **more,
    }


def decide(doctor: Any, ids: dict[str, str], **more: Any) -> Any:
    form = {"choice": "override", "instead_action": "extract", "reason": "The roof is thin.", **more}
    return doctor.post_form(f"/plans/{ids['plan']}/decision", form)


def entries(clinic: Any, kind: Any, **where: Any) -> list[Any]:
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        return list(acting.entries(kind, **where))


def test_a_plan_is_decided_once_and_an_override_needs_a_reason(
    browser_of: Callable[[str], Any], clinic: Any, ids: dict[str, str]
) -> None:
    doctor = browser_of("doctor")
    refused = decide(doctor, ids, reason="no")
    assert refused.status_code == 422
    assert "Write why you decide otherwise." in refused.text
    assert decide(doctor, ids, instead_action="pray").status_code == 422
    assert decide(doctor, ids, instead_action="laser").status_code == 422, "a laser without a setting"
    assert entries(clinic, Decision) == []
    assert decide(doctor, ids).url.path.endswith("/treat")
    again = doctor.post_form(f"/plans/{ids['plan']}/decision", {"choice": "approve"})
    assert again.status_code == 422
    assert "decided already" in again.text
    [kept] = entries(clinic, Decision)
    assert (kept.content.choice, kept.content.instead) == ("override", {"action": "extract"})


def test_nothing_is_treated_before_a_decision_nor_by_half(
    browser_of: Callable[[str], Any], clinic: Any, ids: dict[str, str]
) -> None:
    doctor = browser_of("doctor")
    where = f"/lesions/{ids['lesion']}/treat"
    assert doctor.post_form(where, fired()).status_code == 422
    decide(doctor, ids)
    assert doctor.post_form(where, fired(pulse_energy_mJ="")).status_code == 422
    assert doctor.post_form(where, fired(interval_ms="")).status_code == 422, "two pulses have an interval"
    assert doctor.post_form(where, fired(treated_on="2999-01-01")).status_code == 422
    assert entries(clinic, Treatment) == entries(clinic, Outcome) == []


def test_a_treatment_begins_its_outcome_and_goes_away_with_it(
    browser_of: Callable[[str], Any], clinic: Any, ids: dict[str, str]
) -> None:
    doctor = browser_of("doctor")
    decide(doctor, ids)
    answer = doctor.post_form(f"/lesions/{ids['lesion']}/treat", fired(sign="0"))
    assert answer.url.path.endswith("/care")
    [treatment], [outcome] = entries(clinic, Treatment), entries(clinic, Outcome)
    assert treatment.content.pulse_energy_mJ == 40.0
    assert not treatment.signed
    record = OutcomeRecord.model_validate(outcome.content.record)
    assert (record.opened, record.opened_in_pulses, record.pulses_fired) == ("yes", 2, 2)
    assert record.plan_id == entries(clinic, Plan)[0].content.plan_id

    assert entries(clinic, Lesion)[0].content.state == "treated"
    doctor.post_form(f"/treatments/{treatment.id}/undo", {"version": "1"})
    assert entries(clinic, Treatment) == entries(clinic, Outcome) == []
    assert entries(clinic, Lesion)[0].content.state == "open"


def test_a_signed_treatment_is_amended_and_stays(
    browser_of: Callable[[str], Any], clinic: Any, ids: dict[str, str]
) -> None:
    doctor = browser_of("doctor")
    decide(doctor, ids)
    where = f"/lesions/{ids['lesion']}/treat"
    doctor.post_form(where, fired(sign="1"))
    [first] = entries(clinic, Treatment)
    assert first.signed
    assert doctor.post_form(f"/treatments/{first.id}/undo", {"version": "2"}).status_code == 403
    doctor.post_form(where, fired(pulses_fired=1, opened="no", sign="1"))
    newest, oldest = entries(clinic, Treatment)
    assert (newest.amends, newest.signed, newest.content.pulses_fired) == (first.id, True, 1)
    assert oldest.content == first.content
    [outcome] = entries(clinic, Outcome)
    assert outcome.content.treatment_id == newest.id
    assert outcome.content.record["opened"] == "no"
    assert outcome.content.record["opened_in_pulses"] is None


def treated(clinic: Any, doctor: Any, ids: dict[str, str], days: int, **more: Any) -> None:
    decide(doctor, ids)
    on = clinic.records.clock().date() - timedelta(days=days)
    answer = doctor.post_form(f"/lesions/{ids['lesion']}/treat", fired(treated_on=on.isoformat(), **more))
    assert answer.url.path.endswith("/care"), answer.text


def test_each_look_adds_to_the_outcome_and_the_last_is_taken_back(
    browser_of: Callable[[str], Any], clinic: Any, ids: dict[str, str]
) -> None:
    doctor = browser_of("doctor")
    treated(clinic, doctor, ids, 45)
    where = f"/lesions/{ids['lesion']}/follow-up"
    day = lambda after: (clinic.records.clock().date() - timedelta(days=45 - after)).isoformat()  # noqa: E731
    assert doctor.post_form(where, {"wound": "closed", "seen_on": day(0)}).status_code == 422
    assert doctor.post_form(where, {"wound": "open", "seen_on": day(-1)}).status_code == 422
    doctor.post_form(where, {"wound": "open", "seen_on": day(4), "infection": "no"})
    doctor.post_form(where, {"wound": "closed", "seen_on": day(9)})
    doctor.post_form(where, {"mark": "red", "back": "yes", "seen_on": day(42)})
    [outcome] = entries(clinic, Outcome)
    record = outcome.content.record
    assert (record["open_on_day"], record["healed_day"], record["infection"]) == (4, 9, "no")
    assert (record["mark_week_6"], record["mark_week_12"], record["recurrence_week"]) == (
        "red",
        "not_seen",
        6,
    )
    assert "red mark" in doctor.get(where).text

    doctor.post_form(f"/outcomes/{outcome.id}/undo", {"version": str(outcome.version)})
    [back] = entries(clinic, Outcome)
    assert back.content.record["recurrence_week"] is None
    assert back.content.record["healed_day"] == 9
    chart = doctor.get(f"/api/v1/lesions/{ids['lesion']}").json()
    assert chart["state"] == "healed"


def test_a_private_link_shows_the_leaflet_until_it_ends_and_to_nobody_else(
    browser_of: Callable[[str], Any],
    new_client: Callable[..., Any],
    clinic: Any,
    ids: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doctor, patient = browser_of("doctor"), new_client()
    treated(clinic, doctor, ids, 1)
    where = f"/lesions/{ids['lesion']}/care"
    page = doctor.post_form(f"{where}/link", {"tag": "ja", "days": "7"}).text
    path = re.search(r"(/care/[\w-]{64})<", page)
    assert path is not None
    leaflet = patient.get(path[1])
    assert leaflet.status_code == 200
    assert '<html lang="ja"' in leaflet.text
    assert "Amber" not in leaflet.text
    assert leaflet.headers["cache-control"] == "no-store"
    assert "script-src" not in leaflet.headers["content-security-policy"]
    assert patient.get(path[1] + "/leaflet.pdf").content.startswith(b"%PDF")
    assert b"BEGIN:VCALENDAR" in patient.get(path[1] + "/calendar.ics").content
    assert patient.get(path[1] + "/consent.pdf").status_code == 404
    assert patient.get(where).url.path == "/sign-in"

    wrong = path[1][:-4] + ("AAAA" if path[1][-4:] != "AAAA" else "BBBB")
    assert patient.get(wrong).status_code == 404
    assert patient.get("/care/" + "A" * 64).status_code == 404
    now = clinic.records.clock
    monkeypatch.setattr(clinic.records, "clock", lambda: now() + timedelta(days=8))
    assert patient.get(path[1]).status_code == 404
    monkeypatch.setattr(clinic.records, "clock", now)
    assert patient.get(path[1]).status_code == 200
    doctor.post_form(f"{where}/link/end")
    assert patient.get(path[1]).status_code == 404


@pytest.mark.parametrize("days", ["0", "91", "soon"])
def test_a_link_lasts_no_longer_than_said(
    browser_of: Callable[[str], Any], ids: dict[str, str], days: str
) -> None:
    doctor = browser_of("doctor")
    answer = doctor.post_form(f"/lesions/{ids['lesion']}/care/link", {"tag": "ko", "days": days})
    assert answer.status_code == 422


@pytest.mark.parametrize("tag", ["en", "ko", "ja", "zh-Hans"])
def test_documents_come_in_each_language(
    browser_of: Callable[[str], Any], ids: dict[str, str], tag: str
) -> None:
    doctor = browser_of("doctor")
    page = doctor.get(f"/lesions/{ids['lesion']}/care/leaflet.html?tag={tag}")
    assert page.status_code == 200
    assert f'<html lang="{tag}"' in page.text
    assert doctor.get(f"/lesions/{ids['lesion']}/care/secrets.txt?tag={tag}").status_code == 404


def picture(colour: tuple[int, int, int] = (200, 150, 120), kind: str = "JPEG", **more: Any) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(data, kind, **more)
    return data.getvalue()


def test_photographs_need_consent_and_lose_what_the_camera_told(
    browser_of: Callable[[str], Any], clinic: Any, ids: dict[str, str]
) -> None:
    nurse = browser_of("nurse")
    where = f"/patients/{ids['patient']}/photographs"
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Telling Camera"
    data = picture(exif=exif)

    def upload(*files: tuple[str, bytes]) -> Any:
        token = nurse.token_of()
        sent = [("photographs", (name, content, "image/jpeg")) for name, content in files]
        return nurse.post(where, data={"csrf_token": token, "lesion": ids["lesion"]}, files=sent)

    assert upload(("a.jpg", data)).status_code == 422
    nurse.post_form(f"/patients/{ids['patient']}/consents", {"subject": "photograph", "given": "yes"})
    assert upload(("a.jpg", data), ("b.jpg", b"<script>")).status_code == 422
    assert nurse.get(f"/api/v1{where}").json() == [], "one damaged picture keeps the others out as well"
    assert upload(("../../a.jpg", data)).status_code == 200
    [kept] = nurse.get(f"/api/v1{where}").json()
    shown = nurse.get(f"/photographs/{kept['id']}/image")
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"Telling" not in shown.content
    with Image.open(io.BytesIO(shown.content)) as stored:
        assert stored.size == (40, 60), "turned upright"
    stored_files = [
        path.read_bytes() for path in clinic.records.photograph_folder.rglob("*") if path.is_file()
    ]
    assert stored_files
    assert not any(b"\xff\xd8\xff" in each for each in stored_files)
    assert browser_of("front_desk").get(f"/photographs/{kept['id']}/image").status_code == 403

    nurse.post_form(f"/photographs/{kept['id']}/undo", {"version": "1"})
    assert nurse.get(f"/api/v1{where}").json() == []


def test_two_pictures_are_compared_oldest_with_newest(
    browser_of: Callable[[str], Any], ids: dict[str, str]
) -> None:
    nurse = browser_of("nurse")
    nurse.post_form(f"/patients/{ids['patient']}/consents", {"subject": "photograph", "given": "yes"})
    where = f"/patients/{ids['patient']}/photographs"
    assert "Two photographs are needed." in nurse.get(f"/patients/{ids['patient']}/compare").text
    for day in ("2025:03:01", "2025:06:01"):
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = f"{day} 10:00:00"
        sent = [("photographs", ("a.jpg", picture(exif=exif), "image/jpeg"))]
        nurse.post(where, data={"csrf_token": nurse.token_of()}, files=sent)
    newest, oldest = nurse.get(f"/api/v1{where}").json()
    assert (oldest["content"]["taken_on"], newest["content"]["taken_on"]) == ("2025-03-01", "2025-06-01")
    page = nurse.get(f"/patients/{ids['patient']}/compare").text
    assert page.index(oldest["id"] + "/image") < page.index(newest["id"] + "/image")
    swapped = nurse.get(f"/patients/{ids['patient']}/compare?a={newest['id']}&b={oldest['id']}").text
    assert swapped.index(newest["id"] + "/image") < swapped.index(oldest["id"] + "/image")


def test_the_dials_say_what_the_device_can_do_and_start_where_the_plan_is(planned: dict[str, Any]) -> None:
    device = case_from_mapping(CASE, file="case").device
    steps = steps_of(device)
    start = start_of(planned, steps)
    tried = planned["settings"] or planned["window"]["best_try"]
    assert steps["energy_mJ"][start["energy_mJ"]] == tried["pulse_energy_mJ"]
    assert steps["spot_um"][start["spot_um"]] == tried["spot_diameter_um"]
    wanted = {"energy_mJ": 40.0, "duration_us": 166.7, "spot_um": 300.0, "interval_ms": 200.0, "pulses": 1}
    one = live_answer(CASE, wanted, seed=0)
    three = live_answer(CASE, {**wanted, "pulses": 3}, seed=0)
    assert one == live_answer(CASE, wanted, seed=0)
    assert three["p_open"] >= one["p_open"]
    assert three["p_harm"] >= one["p_harm"]
    assert three["predicted"]["crater_depth_um"]["p50"] > one["predicted"]["crater_depth_um"]["p50"]
    assert 'class="crater"' in one["picture"]


def test_live_answers_refuse_what_the_device_cannot_do(
    browser_of: Callable[[str], Any], ids: dict[str, str]
) -> None:
    doctor = browser_of("doctor")
    headers = {"X-CSRF-Token": doctor.token_of()}
    body = {"energy_mJ": 41.0, "duration_us": 166.7, "spot_um": 300, "interval_ms": 200, "pulses": 1}
    path = f"/api/v1/plans/{ids['plan']}/live"
    refused = doctor.post(path, json=body, headers=headers)
    assert refused.status_code == 422
    assert refused.json()["accepted"]
    fine = doctor.post(path, json={**body, "energy_mJ": 40.0}, headers=headers).json()
    assert fine["shown"]["p_open"].endswith("%")
    assert fine["picture"].startswith("<svg")


def test_the_lesion_waits_where_it_stands_on_the_day_s_page(
    browser_of: Callable[[str], Any], clinic: Any, ids: dict[str, str]
) -> None:
    doctor = browser_of("doctor")
    state = lambda: doctor.get(f"/api/v1/lesions/{ids['lesion']}").json()["state"]  # noqa: E731
    assert state() == "planned"
    assert doctor.get(f"/lesions/{ids['lesion']}").url.path.endswith("/plan")
    treated(clinic, doctor, ids, 60)
    assert state() == "healing"
    [late] = doctor.get("/api/v1/today").json()["late_healers"]
    assert late["lesion_id"] == ids["lesion"]
    assert late["days"] in (59, 60, 61)
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        acting.add(
            Assessment(
                patient_id=ids["patient"],
                lesion_id=ids["lesion"],
                result={"refer": {"needed": True, "flags": [{"text": "grows fast"}]}},
            )
        )
    assert "grows fast" in doctor.get(f"/lesions/{ids['lesion']}/plan").text


def test_the_screen_knows_every_condition_and_every_closed_question() -> None:
    found = assess({"age_years": 36})
    assert {each.condition for each in found.differential} <= set(CONDITIONS)
    asked = {each.question for each in found.ask_next if not each.term}
    assert asked
    assert asked <= set(QUESTIONS)


@pytest.mark.parametrize(("name", "pulses"), [("one_go", "3"), ("stepwise", "")])
def test_a_laser_plan_shows_what_to_fire_and_fills_the_treatment_in(
    browser_of: Callable[[str], Any],
    clinic: Any,
    ids: dict[str, str],
    planned: dict[str, Any],
    name: str,
    pulses: str,
) -> None:
    keys = ("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um", "interval_ms", "passes")
    settings = {key: planned["window"]["best_try"][key] for key in keys} | {"pulses": 3}
    laser = {
        **planned,
        "action": "laser",
        "settings": settings,
        "strategy": {"name": name, "most_pulses": 3, "words": "Fire, wipe, look."},
        "p_open": 0.91,
        "p_harm": 0.04,
    }
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        plan = acting.add(
            Plan(
                patient_id=ids["patient"],
                lesion_id=ids["lesion"],
                plan_id=plan_hash(planned)[:12],
                plan={"plan": laser, "device": CASE["device"]},
            )
        )
    doctor = browser_of("doctor")
    page = doctor.get(f"/lesions/{ids['lesion']}/plan").text
    assert "Fire, wipe, look." in page
    assert "91 %" in page
    assert ("stops once the roof is open" in page) == (name != "one_go")
    doctor.post_form(f"/plans/{plan.id}/decision", {"choice": "approve"})
    form = doctor.get(f"/lesions/{ids['lesion']}/treat").text
    assert f'name="pulse_energy_mJ" type="number" value="{settings["pulse_energy_mJ"]:.10g}"' in form
    assert f'name="pulses_fired" type="number" value="{pulses}"' in form


def test_hostile_text_stays_text_and_odd_values_are_refused_by_name(
    browser_of: Callable[[str], Any], clinic: Any, ids: dict[str, str]
) -> None:
    doctor = browser_of("doctor")
    evil = "<script>alert(1)</script> '; DROP TABLE patient; -- 😀 한글"
    decide(doctor, ids, reason=evil)
    doctor.post_form(f"/lesions/{ids['lesion']}/treat", fired(action="extract", notes=evil))
    doctor.post_form(f"/lesions/{ids['lesion']}/follow-up", {"note": evil, "infection": "no"})
    for step in ("findings", "plan", "treat", "care", "follow-up"):
        page = doctor.get(f"/lesions/{ids['lesion']}/{step}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert "한글" in doctor.get(f"/lesions/{ids['lesion']}/follow-up").text
    headers = {"X-CSRF-Token": doctor.token_of()}
    odd: list[tuple[str, dict[str, Any]]] = [
        (f"lesions/{ids['lesion']}/treatments", {"action": "laser", "pulses_fired": 10**12}),
        (f"lesions/{ids['lesion']}/treatments", {"action": "observe", "treated_on": "2026-99-99"}),
        (f"lesions/{ids['lesion']}/outcomes", {"seen_on": "2026-02-31"}),
        (f"lesions/{ids['lesion']}/outcomes", {"pain": 11}),
        (f"lesions/{ids['lesion']}/care/link", {"tag": evil}),
        (f"plans/{ids['plan']}/decision", {"choice": "approve", "extra": 1}),
        (f"plans/{ids['plan']}/live", {"energy_mJ": 1e308}),
        (f"patients/{ids['patient']}/photographs", {"photographs": evil}),
    ]
    for path, body in odd:
        answer = doctor.post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code in (413, 422), (path, answer.text)
        assert answer.headers["content-type"].startswith("application/problem+json")
    assert len(entries(clinic, Treatment)) == 1
