"""Several lesions as one session: who may be picked, what the job plans, what is kept, signed and refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

import milia.care
from milia.care import plan_session
from milia.records import Decision, Diagnosis, Lesion, Patient, Plan
from milia.web.app import find_tasks
from milia.web.facemap import default_pin
from milia.web.rooms import plans, sessions
from milia.web.serve_work import run_next

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
DEVICE = "generic-superpulse-co2"


KNOWN: dict[str, Any] = {}


def _once(session: Any, **more: Any) -> Any:
    """Plan each session once in this file, by the real planner: the same lesions are planned alike."""
    key = repr((session, more["today"], more["effort"]))
    if key not in KNOWN:
        KNOWN[key] = plan_session(session, **more)
    return copy.deepcopy(KNOWN[key])


@pytest.fixture
def face(clinic: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A patient with three milia of a thick roof between the brows, one elsewhere, and one not diagnosed."""
    monkeypatch.setattr(plans, "EFFORT", QUICK)
    monkeypatch.setattr(milia.care, "plan_session", _once)
    x, y = default_pin("glabella")
    cheek = default_pin("cheek")
    pins = [("glabella", x, y), ("glabella", x + 0.016, y), ("glabella", x, y + 0.06), ("cheek", *cheek)]
    made: list[str] = []
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        patient = acting.add(Patient(name="Coral Testname", born_on="1985-01-01", sex="F", skin_type="II")).id
        for site, pin_x, pin_y in [*pins, ("chin", *default_pin("chin"))]:
            lesion = acting.add(
                Lesion.model_validate(
                    {
                        "patient_id": patient,
                        "site": site,
                        "diameter_mm": 1.5,
                        "pin_x": round(pin_x, 4),
                        "pin_y": round(pin_y, 4),
                    }
                )
            ).id
            made.append(lesion)
            if site != "chin":
                found = acting.add(Diagnosis(patient_id=patient, lesion_id=lesion, condition="milium"))
                acting.sign(Diagnosis, found.id, version=1)
    return {"patient": patient, "lesions": made, "path": f"/patients/{patient}/session"}


def form(face: dict[str, Any], *numbers: int, **more: Any) -> dict[str, Any]:
    picked = [face["lesions"][number - 1] for number in numbers]
    return {"device": DEVICE, "lesion": picked, "weight_kg": "60", "pace_s": "20", **more}


def planned(doctor: Any, clinic: Any, face: dict[str, Any], *numbers: int, **more: Any) -> str:
    assert doctor.post_form(face["path"], form(face, *numbers, **more)).status_code == 200
    assert run_next(clinic.records, find_tasks())
    page = doctor.get(face["path"])
    assert "/session/" in page.url.path, page.text[:2000]
    return str(page.url.path.rpartition("/")[2])


def all_of(clinic: Any, kind: Any) -> list[Any]:
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        return list(acting.entries(kind))


def test_only_lesions_with_a_diagnosis_are_offered_and_others_say_why(
    browser_of: Callable[[str], Any], face: dict[str, Any], clinic: Any
) -> None:
    doctor = browser_of("doctor")
    choices = doctor.get(f"/api/v1/patients/{face['patient']}/sessions/choices").json()
    assert [each["may_be_planned"] for each in choices] == [True, True, True, True, False]
    assert "No diagnosis is confirmed yet." in choices[4]["why_not"]
    page = doctor.get(face["path"]).text
    assert page.count('name="lesion"') == 4
    assert "No diagnosis is confirmed yet." in page
    for wrong, said in (
        (form(face), "No lesion is chosen."),
        (form(face, 1, 5), "No diagnosis is confirmed yet."),
        ({**form(face, 1), "lesion": ["0" * 32]}, "no such lesion"),
        (form(face, 1, device=""), "device"),
        (form(face, 1, device="own:" + "0" * 32), "This device is not in use."),
        (form(face, 1, pace_s="0.1"), "pace"),
        (form(face, 1, roof_um="1e9"), "roof"),
    ):
        answer = doctor.post_form(face["path"], wrong)
        assert answer.status_code == 422, said
        assert said in answer.text
    assert not run_next(clinic.records, find_tasks()), "nothing was queued"


def test_a_lesion_without_a_size_and_two_on_one_place_are_named(
    browser_of: Callable[[str], Any], face: dict[str, Any], clinic: Any
) -> None:
    doctor = browser_of("doctor")
    first, second = face["lesions"][:2]
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        there = acting.get(Lesion, first).content
        acting.change(Lesion, second, version=1, diameter_mm=None, pin_x=there.pin_x, pin_y=there.pin_y)
    answer = doctor.post_form(face["path"], form(face, 1, 2))
    assert answer.status_code == 422
    assert f"diameter_{second}" in answer.text
    answer = doctor.post_form(face["path"], form(face, 1, 2, **{f"diameter_{second}": "1.2"}))
    assert answer.status_code == 422
    assert "1 ↔ 2: ≥ 1.4 mm" in answer.text


def test_a_session_is_planned_kept_on_each_lesion_and_signed_in_one_step(
    browser_of: Callable[[str], Any], face: dict[str, Any], clinic: Any
) -> None:
    doctor = browser_of("doctor")
    session = planned(doctor, clinic, face, 1, 2, 3, 4)
    api = f"/api/v1/patients/{face['patient']}/sessions/{session}"
    found = doctor.get(api).json()
    made, rows = found["session"], found["lesions"]
    assert {row["lesion_id"] for row in rows} == set(face["lesions"][:4])
    today = [row for row in rows if row["order"] is not None]
    assert today, made["later"]
    assert [row["order"] for row in today] == list(range(1, len(today) + 1))
    kept = all_of(clinic, Plan)
    assert len(kept) == 4
    of = {plan.content.lesion_id: plan for plan in kept}
    for group in made["groups"]:
        members = [of[face["lesions"][int(name) - 1]].content for name in group["lesions"]]
        assert {each.plan["plan"]["headline"] for each in members} == {group["headline"]}
        assert len({each.plan_id for each in members}) == 1
    assert made["anaesthetic"]["limit_mg"] == pytest.approx(270.0)
    assert made["pace_s"] == 20.0
    assert "plan" not in made["groups"][0]

    doctor.get(face["path"])
    assert len(all_of(clinic, Plan)) == 4, "kept once"
    nurse = browser_of("nurse")
    shown = nurse.get(f"{face['path']}/{session}")
    assert shown.status_code == 200
    assert "Accept and sign" not in shown.text
    assert nurse.post_form(f"{face['path']}/{session}/decisions").status_code == 403

    ids = [row["plan_row_id"] for row in rows if row["signable"]]
    otherwise = [one for one in made["later"] if one["because"] == "action"]
    assert len(ids) == len(today) + len(otherwise)
    sign = f"{face['path']}/{session}/decisions"
    assert doctor.post_form(sign, {"plan": ids[:-1]}).status_code == 422, "not what was shown"
    assert all_of(clinic, Decision) == []
    assert f"Accept and sign {len(ids)} plans" in doctor.get(f"{face['path']}/{session}").text
    assert doctor.post_form(sign, {"plan": ids}).status_code == 200
    decisions = all_of(clinic, Decision)
    assert sorted(each.content.plan_row_id for each in decisions) == sorted(ids)
    assert {each.content.choice for each in decisions} == {"approve"}
    assert doctor.post_form(sign, {"plan": ids}).status_code == 422
    with clinic.records.acting(clinic.ids["administrator"]) as acting:
        trail = acting.audit(actor=clinic.ids["doctor"], limit=1000)
    added = [(each.kind, each.detail.get("task", "")) for each in trail if each.action == "add"]
    assert added.count(("decision", "")) == len(ids)
    assert added.count(("plan", "")) == 4
    assert ("job", "session") in added
    assert doctor.get(f"/lesions/{today[0]['lesion_id']}").url.path.endswith("/treat")


def test_one_lesion_is_decided_otherwise_and_the_rest_still_signed(
    browser_of: Callable[[str], Any], face: dict[str, Any], clinic: Any
) -> None:
    doctor = browser_of("doctor")
    session = planned(doctor, clinic, face, 1, 2, 3, 4)
    api = f"/api/v1/patients/{face['patient']}/sessions/{session}"
    token = {"X-CSRF-Token": doctor.token_of()}
    before = [row["plan_row_id"] for row in doctor.get(api).json()["lesions"] if row["signable"]]
    assert len(before) > 1
    other = {"choice": "override", "instead_action": "extract", "reason": "The patient wants it opened."}
    assert doctor.post_form(f"/plans/{before[0]}/decision", other).status_code == 200
    stale = doctor.post(f"{api}/decisions", json={"plans": before}, headers=token)
    assert stale.status_code == 422
    assert "Something changed" in stale.text
    signed = doctor.post(f"{api}/decisions", json={"plans": before[1:]}, headers=token)
    assert signed.status_code == 201
    assert [each["content"]["plan_row_id"] for each in signed.json()] == before[1:]
    page = doctor.get(f"{face['path']}/{session}").text
    assert "decided otherwise" in page


def test_a_program_plans_a_session_and_no_other_patient_can_take_its_job(
    program: Callable[..., Any], face: dict[str, Any], clinic: Any
) -> None:
    doctor = program("doctor")
    api = f"/api/v1/patients/{face['patient']}/sessions"
    picked = [{"lesion_id": each} for each in face["lesions"][:4]]
    body = {"device": DEVICE, "lesions": picked, "weight_kg": 60, "pace_s": 20}
    assert doctor.post(api, json={**body, "lesions": []}).status_code == 422
    asked = doctor.post(api, json=body)
    assert asked.status_code == 202
    job = asked.json()["id"]
    assert doctor.post(f"{api}/{job}").status_code == 422, "it is not planned yet"
    assert run_next(clinic.records, find_tasks())
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        stranger = acting.add(Patient(name="Somebody else")).id
    assert doctor.post(f"/api/v1/patients/{stranger}/sessions/{job}").status_code == 422
    kept = doctor.post(f"{api}/{job}")
    assert kept.status_code == 201
    assert doctor.post(f"{api}/{job}").json() == kept.json(), "asking again gives the same"
    assert len(all_of(clinic, Plan)) == 4
    picked[0] = {**picked[0], "diameter_mm": 1.4}
    wishes = {"roof_um": 70, "roof_spread_um": 15, "skin_um": 1400, "opening_um": 500, "prefer": ["extract"]}
    assert doctor.post(api, json={**body, **wishes}).status_code == 202
    taken: list[Any] = []
    run_next(clinic.records, {"session": lambda content, _: taken.append(content)})
    sent = taken[0]["session"]
    assert [each["diameter"] for each in sent["lesions"]] == ["1.4 mm", "1.5 mm", "1.5 mm", "1.5 mm"]
    assert {each["roof"] for each in sent["lesions"]} == {"70 um ± 15 um"}
    assert (sent["skin"], sent["goal"]) == ({"total": "1400 um"}, {"opening": "500 um"})
    assert (sent["prefer"], sent["pace"], sent["patient"]["weight"]) == (["extract"], "20 s", "60 kg")
    # Their pins lie 0.016 of the drawing apart, read at the low end of a grown head's height.
    first, second = (float(each["at"][0].split()[0]) for each in sent["lesions"][:2])
    assert second - first == pytest.approx(0.016 * 900 * 190 / 329, abs=0.1)
    assert program("nurse").post(api, json=body).status_code == 403


def test_a_failed_session_is_said_and_cleared(
    browser_of: Callable[[str], Any], face: dict[str, Any], clinic: Any
) -> None:
    doctor = browser_of("doctor")
    doctor.post_form(face["path"], form(face, 1))
    assert "The session is being planned" in doctor.get(face["path"]).text

    def refuses(content: Any, beat: Any) -> Any:
        del content, beat
        from milia.base import InputError

        raise InputError("the lamp is out", key="lamp", accepted="a lamp")

    for _ in range(3):
        run_next(clinic.records, {"session": refuses})
    assert "the lamp is out" in doctor.get(face["path"]).text
    doctor.post_form(f"{face['path']}/cancel")
    assert "Plan the session" in doctor.get(face["path"]).text
    assert all_of(clinic, Plan) == []


def test_a_lesion_that_was_taken_back_meanwhile_is_said_and_nothing_is_kept(
    browser_of: Callable[[str], Any], face: dict[str, Any], clinic: Any
) -> None:
    doctor = browser_of("doctor")
    doctor.post_form(face["path"], form(face, 1, 2, 3, 4))
    assert run_next(clinic.records, find_tasks())
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        lesion = acting.add(Lesion(patient_id=face["patient"], site="nose")).id
    real = sessions.keep_session

    def with_another(acting: Any, chart: Any, session_id: str, result: Any, visit: Any) -> None:
        lesions = {**result["lesions"], "4": lesion}
        real(acting, chart, session_id, {**result, "lesions": lesions}, visit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "keep_session", with_another)
        page = doctor.get(face["path"])
    assert "this lesion has no confirmed diagnosis" in page.text
    assert all_of(clinic, Plan) == [], "all or none"
    assert "/session/" in doctor.get(face["path"]).url.path
