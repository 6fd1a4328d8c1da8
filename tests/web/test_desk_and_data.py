"""The front desk's day, what a patient may take away or have erased, and taking back what is not signed."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from milia.records import (
    Appointment,
    Assessment,
    Diagnosis,
    FindingSheet,
    Lesion,
    Outcome,
    Patient,
    Treatment,
    Visit,
)


@pytest.fixture
def patient(clinic: Any) -> str:
    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        return str(acting.add(Patient(name="Amber Example", born_on="1990-05-01")).id)


@pytest.fixture
def lesion(clinic: Any, patient: str) -> str:
    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        return str(acting.add(Lesion(patient_id=patient, site="cheek", diameter_mm=1.0)).id)


def found(clinic: Any, kind: Any, **where: Any) -> list[Any]:
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        return list(acting.entries(kind, **where))


def test_the_desk_books_receives_and_calls_off(
    browser_of: Callable[[str], Any], clinic: Any, patient: str
) -> None:
    desk = browser_of("front_desk")
    day = desk.get("/api/v1/today").json()["day"]
    page = desk.post_form(f"/patients/{patient}/appointments", {"day": day, "clock": "14:30", "minutes": 30})
    assert "The appointment is booked." in page.text
    (entry,) = found(clinic, Appointment)
    # The clinic's clock stands in Seoul.
    assert entry.content.starts_at.isoformat() == f"{day}T05:30:00+00:00"
    assert entry.content.ends_at - entry.content.starts_at == timedelta(minutes=30)

    today = desk.post_form(f"/appointments/{entry.id}/state", {"state": "arrived", "version": 1})
    assert today.url.path == "/"
    assert desk.get("/api/v1/today").json()["appointments"][0]["state"] == "arrived"
    desk.post_form(f"/appointments/{entry.id}/undo", {"version": 2})
    assert desk.get("/api/v1/today").json()["appointments"][0]["state"] == "booked"
    desk.post_form(f"/appointments/{entry.id}/state", {"state": "cancelled", "version": 3})
    assert desk.get("/api/v1/today").json()["appointments"] == []
    twin = desk.get(f"/patients/{patient}")
    assert "None booked." in twin.text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"day": "yesterday"}, "day"),
        ({"day": "1999-01-01"}, "day"),
        ({"clock": "half past"}, "clock"),
        ({"minutes": 0}, "minutes"),
        ({"clock": ""}, "clock"),
    ],
)
def test_a_booking_that_makes_no_sense_is_refused_by_name(
    browser_of: Callable[[str], Any], clinic: Any, patient: str, more: dict[str, Any], field: str
) -> None:
    desk = browser_of("front_desk")
    day = desk.get("/api/v1/today").json()["day"]
    answer = desk.post_form(
        f"/patients/{patient}/appointments",
        {"day": day, "clock": "14:30", **more},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert f'data-field="{field}"' in answer.text
    assert found(clinic, Appointment) == []


def test_a_doctor_exports_and_an_administrator_erases_by_number(
    browser_of: Callable[[str], Any], clinic: Any, patient: str, lesion: str
) -> None:
    doctor, admin, nurse = browser_of("doctor"), browser_of("administrator"), browser_of("nurse")
    answer = doctor.get(f"/patients/{patient}/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    content = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("patient.json"))
    assert content["patient"][0]["content"]["name"] == "Amber Example"
    assert content["lesion"][0]["id"] == lesion
    assert nurse.get(f"/patients/{patient}/export").status_code == 403
    assert "Export everything" not in nurse.get(f"/patients/{patient}").text
    assert patient in doctor.get(f"/patients/{patient}").text

    told = {"patient": patient, "patient_again": patient, "reason": "Asked in writing on 3 March 2026."}
    assert doctor.post_form("/clinic/erase", told).status_code == 403
    for wrong, field in (
        ({"patient_again": "0" * 32}, "patient_again"),
        ({"patient": "Amber Example"}, "patient"),
        ({"reason": "because"}, "reason"),
    ):
        refused = admin.post_form("/clinic/erase", {**told, **wrong}, headers={"HX-Request": "true"})
        assert refused.status_code == 422
        assert f'data-field="{field}"' in refused.text
    assert "Amber Example" in doctor.get(f"/patients/{patient}").text

    done = admin.post_form("/clinic/erase", {**told, "patient": f" {patient.upper()} "})
    assert "The patient is erased. The trail is kept." in done.text
    gone = doctor.get(f"/patients/{patient}")
    assert gone.status_code == 404
    assert "Amber" not in gone.text + doctor.get("/patients").text + doctor.get("/").text
    assert clinic.records.verify_audit().whole


def test_what_is_not_signed_is_taken_back(
    browser_of: Callable[[str], Any], clinic: Any, patient: str, lesion: str
) -> None:
    nurse = browser_of("nurse")
    nurse.post_form(f"/patients/{patient}/edit", {"name": "Amber Wrong", "version": 1})
    nurse.post_form(f"/patients/{patient}/undo", {"version": 2})
    assert found(clinic, Patient)[0].content.name == "Amber Example"
    assert nurse.post_form(f"/patients/{patient}/undo", {"version": 1}).status_code == 422

    nurse.post_form(f"/patients/{patient}/visits")
    visit = found(clinic, Visit)[0].id
    nurse.post_form(f"/visits/{visit}", {"version": 1, "notes": "wrong"})
    nurse.post_form(f"/visits/{visit}/undo", {"version": 2})
    assert found(clinic, Visit)[0].content.notes == ""
    answer = nurse.post_form(f"/visits/{visit}/undo", {"version": 3})
    assert answer.url.path in (f"/visits/{visit}", f"/patients/{patient}")

    nurse.post_form(f"/lesions/{lesion}/findings", {"colour": "white", "version": 0})
    sheet = found(clinic, FindingSheet)[0]
    nurse.post_form(f"/lesions/{lesion}/findings", {"colour": "brown", "version": sheet.version})
    assert len(found(clinic, Assessment)) == 2
    nurse.post_form(f"/lesions/{lesion}/findings/undo", {"version": 2})
    assert found(clinic, FindingSheet)[0].content.findings["colour"] == ["white"]
    assert len(found(clinic, Assessment)) == 1
    nurse.post_form(f"/lesions/{lesion}/findings/undo", {"version": 3})


def test_two_who_begin_the_same_findings_are_told(
    browser_of: Callable[[str], Any], clinic: Any, lesion: str
) -> None:
    nurse, doctor = browser_of("nurse"), browser_of("doctor")
    nurse.post_form(f"/lesions/{lesion}/findings", {"colour": "white", "version": 0})
    answer = doctor.post_form(
        f"/lesions/{lesion}/findings", {"colour": "brown", "version": 0}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert "Somebody else saved this in the meantime." in answer.text
    assert found(clinic, FindingSheet)[0].content.findings["colour"] == ["white"]
    # What differs is told by the field, not as a record in a record.
    assert '<th scope="row">Colour</th><td>brown</td><td>white</td>' in answer.text


def test_going_back_in_a_browser_is_answered_with_a_whole_page(browser_of: Callable[[str], Any]) -> None:
    desk = browser_of("front_desk")
    part = desk.get("/patients?q=a", headers={"HX-Request": "true"}).text
    whole = desk.get(
        "/patients?q=a", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    ).text
    assert "<html" not in part
    assert "<html" in whole


def test_who_is_signed_out_while_sending_comes_back_to_the_page(new_client: Any) -> None:
    client = new_client(follow_redirects=False)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/patients/1/edit?back=x"}
    answer = client.post("/patients/new", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?back=/patients/1/edit%3Fback%3Dx"
    for odd in ("http://[", "//evil.example/x", "http://evil.example//x", "javascript:alert(1)"):
        answer = client.post("/patients/new", headers={**headers, "HX-Current-URL": odd})
        assert answer.headers["HX-Redirect"] in ("/sign-in", "/sign-in?back=/x"), odd


def test_a_treatment_without_a_plan_is_shown(
    browser_of: Callable[[str], Any], clinic: Any, patient: str, lesion: str
) -> None:
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        links = {"patient_id": patient, "lesion_id": lesion}
        acting.add(Treatment(**links, treated_on="2026-03-01", action="extract"))
    page = browser_of("doctor").get(f"/lesions/{lesion}/treat").text
    assert "Treated on 1 March 2026" in page
    assert "First the decision" not in page
    assert f"/lesions/{lesion}/treat?amend=1" not in page


def test_an_amended_treatment_is_late_once_and_not_after_it_healed(
    browser_of: Callable[[str], Any], clinic: Any, patient: str, lesion: str
) -> None:
    from milia.records import Plan

    doctor = browser_of("doctor")
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        links = {"patient_id": patient, "lesion_id": lesion}
        diagnosis = acting.add(Diagnosis(**links, condition="milium"))
        acting.sign(Diagnosis, diagnosis.id, version=1)
        care = {"plan": {"aftercare": {"healing_days": {"p95": 9.0}}}}
        plan = acting.add(Plan(**links, plan_id="0" * 12, plan=care)).id
        first = acting.add(
            Treatment(**links, plan_row_id=plan, treated_on="2026-03-01", action="laser", pulses_fired=1)
        )
        acting.sign(Treatment, first.id, version=1)
        second = acting.amend(Treatment, first.id, pulses_fired=2)
        acting.sign(Treatment, second.id, version=1)
    (late,) = doctor.get("/api/v1/today").json()["late_healers"]
    assert (late["lesion_id"], late["site"]) == (lesion, "cheek")
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        record = {"healed_day": 8}
        acting.add(Outcome(**links, treatment_id=second.id, seen_on="2026-03-20", record=record))
    assert doctor.get("/api/v1/today").json()["late_healers"] == []


def test_a_plan_that_is_computed_waits_on_the_day_s_page_before_anybody_opens_it(
    browser_of: Callable[[str], Any], clinic: Any, patient: str, lesion: str
) -> None:
    from milia.web.rooms.plans import JOB_DRAFT

    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        job = acting.jobs.add("plan", {"case": {}}, patient_id=patient)
        acting.drafts.save(JOB_DRAFT, lesion, {"job": job}, version=0, patient_id=patient)
    doctor = browser_of("doctor")
    (waits,) = doctor.get("/api/v1/today").json()["plans_in_making"]
    assert (waits["lesion_id"], waits["state"]) == (lesion, "queued")
    held = clinic.records.claim_job()
    assert held is not None
    clinic.records.finish_job(held, {"plan": {}})
    page = doctor.get("/").text
    assert "computed, not seen yet" in page
    assert f"/lesions/{lesion}/plan" in page
    assert browser_of("nurse").get("/api/v1/today").json()["plans_in_making"] is None


def test_a_field_out_of_range_is_told_in_the_words_and_the_language_of_the_page(
    browser_of: Callable[[str], Any], patient: str
) -> None:
    nurse = browser_of("nurse")
    wrong = {"site": "cheek", "diameter_mm": "-1"}
    hx = {"HX-Request": "true"}
    said = nurse.post_form(f"/patients/{patient}/lesions", wrong, headers=hx).text
    assert "This number is too small." in said
    assert "Field: Diameter · accepted: &gt; 0" in said
    nurse.post_form("/language", {"language": "ko", "back": "/"})
    korean = nurse.post_form(f"/patients/{patient}/lesions", wrong, headers=hx).text
    assert "값이 너무 작습니다." in korean
    assert "항목: 지름" in korean


def test_of_several_files_the_damaged_one_is_named(
    browser_of: Callable[[str], Any], clinic: Any, patient: str
) -> None:
    from PIL import Image

    from milia.records import Consent, Photograph

    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        acting.add(Consent(patient_id=patient, subject="photograph", given=True, given_on="2026-01-01"))
    good = io.BytesIO()
    Image.new("L", (64, 64)).save(good, "PNG")
    files = [
        ("photographs", ("one.png", good.getvalue(), "image/png")),
        ("photographs", ("two.jpg", b"no picture", "image/jpeg")),
    ]
    said = browser_of("nurse").post_form(
        f"/patients/{patient}/photographs", files=files, headers={"HX-Request": "true"}
    )
    assert said.status_code == 422
    assert "This is no picture that can be read." in said.text
    assert "two.jpg" in said.text
    assert "one.png" not in said.text
    assert found(clinic, Photograph) == []


@pytest.mark.parametrize(("length", "status"), [(64, 404), (5, 422)])
def test_a_link_that_does_not_open_sends_no_patient_to_the_clinic_s_door(
    new_client: Any, length: int, status: int
) -> None:
    page = new_client().get("/care/" + "x" * length)
    assert page.status_code == status
    assert "String should" not in page.text
    assert "This link is not open any more." in page.text
    assert "Back to the start" not in page.text


def test_red_flags_and_questions_are_put_in_the_language_of_the_page(
    browser_of: Callable[[str], Any], lesion: str
) -> None:
    from milia.diagnosis import load_field
    from milia.web.rooms.findings_terms import RED_FLAGS, TERMS

    field = load_field()
    assert set(TERMS) == {each.title for each in field.terms.values()}
    assert set(RED_FLAGS) == {said for each in field.red_flags for said in (each.text, each.clears)}
    nurse = browser_of("nurse")
    nurse.post_form("/language", {"language": "ko", "back": "/"})
    sheet = {"triggers_history": "bleeding", "colour": "white", "consistency": "firm", "version": 0}
    nurse.post_form(f"/lesions/{lesion}/findings", sheet)
    for step in ("findings", "plan"):
        page = nurse.get(f"/lesions/{lesion}/{step}").text
        assert "병변에서 이유 없이 피가 납니다." in page
        assert "The lesion bleeds" not in page
        assert "below 1 %" not in page
    asked = re.findall(r'<div class="question".*?</div>', nurse.get(f"/lesions/{lesion}/findings").text, re.S)
    assert re.search("더모스코피, 피부를 당기면서도: [가-힣]|보고 만져 확인: [가-힣]", asked[0])
