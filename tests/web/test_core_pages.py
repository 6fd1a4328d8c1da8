"""The pages of the frame: first steps, today, accounts, trail, library, and their JSON twins."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from milia.records import (
    Appointment,
    Assessment,
    Decision,
    Diagnosis,
    Keyring,
    Lesion,
    Outcome,
    Patient,
    Plan,
    Records,
    Treatment,
    Unavailable,
    open_records,
)
from milia.web.app import create_app
from milia.web.sessions import SESSION

PASSWORD = "a long enough password"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Records]:
    """Records in which nobody has an account yet."""
    records = open_records(f"sqlite:///{tmp_path / 'new.db'}", Keyring.fresh(), data=tmp_path)
    yield records
    records.close()


def test_the_first_administrator_is_made_with_the_code_from_the_terminal(
    fresh: Records, visitor: Any
) -> None:
    code = fresh.setup_code()
    app = create_app(fresh, needs_setup=True)
    client = type(visitor)(app, base_url="http://localhost")
    assert client.get("/patients").url.path == "/setup"
    assert client.get("/api/v1/me").status_code == 409
    fields = {
        "setup_code": "wrong",
        "clinic": "한빛의원 🌿",
        "time_zone": "Asia/Seoul",
        "name": "김 <b>Ada</b>",
        "login": "ada",
        "password": PASSWORD,
        "password_again": PASSWORD,
    }
    for change, status in (({}, 403), ({"time_zone": "Seoul"}, 422), ({"password_again": "x"}, 422)):
        sent = {"csrf_token": client.token_of("/setup"), **fields, "setup_code": code, **change}
        if status == 403:
            sent["setup_code"] = "wrong"
        assert client.post("/setup", data=sent).status_code == status
    sent = {"csrf_token": client.token_of("/setup"), **fields, "setup_code": code}
    answer = client.post("/setup", data=sent)
    assert answer.url.path == "/clinic"
    assert "한빛의원 🌿" in answer.text
    assert "<b>Ada" not in answer.text
    assert client.get("/api/v1/me").json()["role"] == "administrator"
    assert client.get("/setup", follow_redirects=False).headers["location"] == "/sign-in"
    assert client.get("/api/v1/clinic").json()["time_zone"] == "Asia/Seoul"


def test_the_demonstration_is_made_once_and_its_doctor_sees_patients(
    browser_of: Callable[[str], Any], new_client: Any
) -> None:
    admin = browser_of("administrator")
    answer = admin.post_form("/clinic/demo")
    found = re.search(r'id="one-time">([\w-]+)<', answer.text)
    assert found is not None
    assert admin.post_form("/clinic/demo").status_code == 422
    client = new_client()
    token = client.token_of("/sign-in")
    client.post("/sign-in", data={"csrf_token": token, "login": "demo", "password": found[1]})
    me = client.get("/api/v1/me").json()
    assert me["role"] == "doctor"
    with client.app.state.site.records.acting(me["id"]) as acting:
        assert len(acting.entries(Patient)) == 12


def _visit(clinic: Any) -> dict[str, str]:
    """One patient for whom everything on the page of the day waits."""
    now = clinic.records.clock()
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        patient = acting.add(Patient(name="가람 <i>Example</i> 🌸")).id
        acting.add(
            Appointment(
                patient_id=patient, starts_at=now, ends_at=now + timedelta(minutes=20), state="arrived"
            )
        )
        acting.add(
            Appointment(
                patient_id=patient,
                starts_at=now + timedelta(days=3),
                ends_at=now + timedelta(days=3, hours=1),
            )
        )
        lesion = acting.add(Lesion(patient_id=patient, site="cheek")).id
        acting.add(
            Assessment(
                patient_id=patient,
                lesion_id=lesion,
                result={"refer": {"needed": True, "urgency": "within_2_weeks", "reasons": ["x"]}},
            )
        )
        diagnosis = acting.add(Diagnosis(patient_id=patient, lesion_id=lesion, condition="milium"))
        acting.sign(Diagnosis, diagnosis.id, version=1)
        plan = {"plan": {"aftercare": {"healing_days": {"p05": 3, "p50": 5, "p95": 9.0}}}}
        done = acting.add(Plan(patient_id=patient, lesion_id=lesion, plan_id="p1", plan=plan)).id
        treated = (acting_day(now) - timedelta(days=12)).isoformat()
        treatment = acting.add(
            Treatment(
                patient_id=patient, lesion_id=lesion, plan_row_id=done, treated_on=treated, action="laser"
            )
        ).id
    return {"patient": patient, "lesion": lesion, "plan": done, "treatment": treatment}


def acting_day(now: datetime) -> Any:
    return (now + timedelta(hours=9)).date()


def test_the_day_shows_what_waits_and_no_longer_what_is_done(
    browser_of: Callable[[str], Any], clinic: Any
) -> None:
    ids = _visit(clinic)
    doctor = browser_of("doctor")
    waits = doctor.get("/api/v1/today").json()
    assert [each["state"] for each in waits["appointments"]] == ["arrived"]
    assert len(waits["soon"]) == 1
    assert waits["red_flags"][0]["urgency"] == "within_2_weeks"
    assert waits["undecided_plans"][0]["lesion_id"] == ids["lesion"]
    assert (waits["late_healers"][0]["days"], waits["late_healers"][0]["expected_days"]) == (12, 9.0)
    page = doctor.get("/").text
    assert "가람 &lt;i&gt;Example" in page
    assert "day 12, expected by day 9" in page

    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        acting.add(
            Decision(patient_id=ids["patient"], plan_row_id=ids["plan"], choice="approve", reason="as shown")
        )
        acting.add(
            Outcome(
                patient_id=ids["patient"],
                lesion_id=ids["lesion"],
                treatment_id=ids["treatment"],
                seen_on="2026-01-01",
                record={"healed_day": 7},
            )
        )
        acting.change(Lesion, ids["lesion"], version=1, state="closed")
    waits = doctor.get("/api/v1/today").json()
    assert waits["undecided_plans"] == waits["late_healers"] == waits["red_flags"] == []


def test_the_day_shows_each_role_only_its_own(browser_of: Callable[[str], Any], clinic: Any) -> None:
    _visit(clinic)
    desk = browser_of("front_desk").get("/api/v1/today").json()
    assert len(desk["appointments"]) == 1
    assert desk["red_flags"] is desk["late_healers"] is desk["undecided_plans"] is None
    admin = browser_of("administrator").get("/api/v1/today").json()
    assert {name for name, value in admin.items() if value is not None} == {"day"}


def test_the_day_is_the_clinics_day(browser_of: Callable[[str], Any], clinic: Any) -> None:
    clinic.records.clock = lambda: datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
    doctor = browser_of("doctor")
    assert doctor.get("/api/v1/today").json()["day"] == "2026-03-05"
    assert "5 March 2026" in doctor.get("/").text


def test_the_language_changes_at_once_and_comes_back_to_the_same_page(
    browser_of: Callable[[str], Any], clinic: Any
) -> None:
    clinic.records.clock = lambda: datetime(2026, 3, 4, 3, 30, tzinfo=UTC)
    doctor = browser_of("doctor")
    answer = doctor.post_form("/language", {"language": "ko", "back": "/roles"})
    assert answer.url.path == "/roles"
    assert '<html lang="ko">' in answer.text
    assert "2026년 3월 4일" in doctor.get("/").text
    assert doctor.get("/api/v1/me").json()["language"] == "ko"
    assert doctor.post_form("/language", {"language": "ja"}).status_code == 422
    assert '<html lang="en">' in doctor.post_form("/language", {"language": "en", "back": "/"}).text


def test_an_account_is_made_changed_closed_and_the_last_administrator_stays(
    browser_of: Callable[[str], Any], program: Callable[..., Any], clinic: Any
) -> None:
    admin, api = browser_of("administrator"), program("administrator")
    made = api.post("/api/v1/users", json={"login": "kim", "name": "김", "role": "nurse"})
    assert made.status_code == 201
    assert len(made.json()["one_time_password"]) >= 12
    user_id = made.json()["id"]
    assert admin.post_form(f"/users/{user_id}/role", {"role": "doctor"}).status_code == 200
    assert api.patch(f"/api/v1/users/{user_id}", json={"disabled": True}).json() == {"done": True}
    row = next(each for each in api.get("/api/v1/users").json() if each["id"] == user_id)
    assert (row["role"], row["disabled"]) == ("doctor", True)
    answer = admin.post_form(f"/users/{clinic.ids['administrator']}/role", {"role": "nurse"})
    assert answer.status_code == 422
    assert "no administrator" in answer.text
    answer = api.post("/api/v1/users", json={"login": "kim", "name": "Again", "role": "nurse"})
    assert answer.json() | {"request_id": ""} == {
        "type": "input",
        "title": "this login is taken",
        "status": 422,
        "field": "user.login",
        "accepted": "another one",
        "what_to_do": "Correct the field and save again.",
        "request_id": "",
    }


def test_the_trail_is_shown_filtered_and_checked(browser_of: Callable[[str], Any], clinic: Any) -> None:
    admin = browser_of("administrator")
    admin.post_form("/users", {"name": "Someone", "login": "someone", "role": "nurse"})
    page = admin.get("/audit")
    assert "Ada Admin" in page.text
    lines = admin.get("/api/v1/audit", params={"actor": clinic.ids["administrator"]}).json()
    assert {each["actor"] for each in lines} == {clinic.ids["administrator"]}
    assert [each["seq"] for each in lines] == sorted((each["seq"] for each in lines), reverse=True)
    assert admin.get("/api/v1/audit", params={"before": lines[-1]["seq"]}).status_code == 200
    assert admin.get("/api/v1/audit", params={"actor": "'; --"}).status_code == 422
    assert "The trail is whole" in admin.post_form("/audit/verify").text
    with clinic.records.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_entry_no_update")
        for row in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_entry'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {row[0]}")
        connection.exec_driver_sql("UPDATE audit_entry SET action = 'read' WHERE seq = 2")
    assert "changed outside Milia" in admin.post_form("/audit/verify").text
    token = {"X-CSRF-Token": admin.token_of()}
    assert admin.post("/api/v1/audit/verify", headers=token).json()["whole"] is False


def test_a_token_is_shown_once_and_gives_no_more_than_its_maker_has(
    browser_of: Callable[[str], Any], new_client: Any, program: Callable[..., Any]
) -> None:
    doctor = browser_of("doctor")
    answer = doctor.post_form("/account/tokens", {"label": "북마크", "scopes": ["draft.own"], "days": "7"})
    found = re.search(r'id="new-token">(milia_[\w-]+)<', answer.text)
    assert found is not None
    assert found[1] not in doctor.get("/account").text
    api = new_client(headers={"Authorization": f"Bearer {found[1]}"})
    assert api.get("/api/v1/me").json()["scopes"] == ["draft.own"]
    assert api.get("/api/v1/account/tokens").status_code == 403
    known = doctor.get("/api/v1/account/tokens").json()
    assert [each["label"] for each in known] == ["북마크"]
    doctor.post_form("/account/tokens/end", {"token": known[0]["id"]})
    assert api.get("/api/v1/me").status_code == 401
    narrow = program("doctor", ["token.own"])
    wider = {"label": "x", "scopes": ["patient.read"], "days": 1}
    assert narrow.post("/api/v1/account/tokens", json=wider).status_code == 422


def test_drafts_keep_what_is_typed_and_tell_of_a_second_window(program: Callable[..., Any]) -> None:
    api = program("nurse")
    path = "/api/v1/drafts/visit/abc"
    assert api.get(path).json() is None
    content = {"notes": "'; DROP TABLE draft; -- <b>😀 가나다</b>"}
    assert api.put(path, json={"content": content}).json() == {"version": 1}
    assert api.get(path).json()["content"] == content
    answer = api.put(path, json={"content": {}, "version": 0})
    assert answer.status_code == 409
    assert answer.json()["conflict"]["version"] == 1
    assert api.put(path, json={"content": {}, "version": 1}).json() == {"version": 2}
    assert api.delete(path).json() == {"done": True}
    assert api.get(path).json() is None
    assert program("doctor").get(path).json() is None


def test_the_library_answers_in_the_asked_language(browser_of: Callable[[str], Any]) -> None:
    nurse = browser_of("nurse")
    cards = nurse.get("/api/v1/learn", params={"lang": "ja"}).json()
    assert len(cards) >= 10
    article = nurse.get(f"/api/v1/learn/{cards[0]['slug']}", params={"lang": "ko"}).json()
    assert re.search("[가-힣]", article["html"])
    answer = nurse.get("/api/v1/learn/answer", params={"q": "When can I wear make-up again?"}).json()
    assert answer["kind"] == "library"
    assert answer["article"]
    page = nurse.get("/learn", params={"q": "My eye hurts and I see less", "lang": "en"})
    assert "note bad" in page.text
    assert nurse.get("/learn/no-such-article").status_code == 404
    assert nurse.get(f"/learn/{cards[0]['slug']}").status_code == 200


def test_without_its_database_the_app_says_so_and_comes_back(
    browser_of: Callable[[str], Any], clinic: Any, tmp_path: Path
) -> None:
    doctor = browser_of("doctor")
    assert doctor.get("/healthz").json()["status"] == "ok"
    url = clinic.records.engine.url
    clinic.records.engine.dispose()
    moved = tmp_path / "away"
    shutil.move(url.database, moved)
    Path(url.database).mkdir()
    real = clinic.records.clock
    # Who was found signed in a moment ago is believed for two seconds.
    clinic.records.clock = lambda: real() + timedelta(minutes=1)
    for path in ("/", "/api/v1/me", "/healthz"):
        answer = doctor.get(path)
        assert answer.status_code == 503, path
    answer = doctor.get("/roles")
    assert answer.status_code == 503
    assert "Try again" in answer.text
    assert answer.headers["retry-after"] == "5"
    assert doctor.get("/api/v1/today").json()["type"] == "unavailable"
    Path(url.database).rmdir()
    shutil.move(moved, url.database)
    assert doctor.get("/").status_code == 200
    assert doctor.get("/healthz").status_code == 200


def test_a_defect_is_a_page_with_a_number_and_no_word_of_the_record(
    browser_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import io
    import logging

    from milia.web.logs import _Json

    doctor = browser_of("doctor")

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("Amber Example has a milium")

    monkeypatch.setattr("milia.web.rooms.today.waiting", broken)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Json())
    logging.getLogger("milia.web").addHandler(handler)
    try:
        for path in ("/", "/api/v1/today"):
            answer = doctor.get(path)
            assert answer.status_code == 500
            assert "Amber" not in answer.text
            assert answer.headers["x-request-id"] in answer.text
            assert "content-security-policy" in answer.headers
    finally:
        logging.getLogger("milia.web").removeHandler(handler)
    said = stream.getvalue()
    assert "Amber" not in said
    assert "today.py" in said
    del caplog


def test_unavailable_is_what_the_records_say_it_is() -> None:
    from milia.web.errors import problem_of

    problem = problem_of(Unavailable("The disk is full."))
    assert (problem.status, problem.type) == (503, "unavailable")


def test_pages_that_are_not_there_keep_the_menu_and_the_shape(browser_of: Callable[[str], Any]) -> None:
    doctor = browser_of("doctor")
    answer = doctor.get("/nowhere")
    assert answer.status_code == 404
    assert "Sign out" in answer.text
    assert doctor.get("/api/v1/nowhere").json()["title"] == "There is no such page."
    assert doctor.delete("/", headers={"X-CSRF-Token": doctor.token_of()}).status_code == 405
    assert doctor.get(f"/static/../app.py?{SESSION}").status_code == 404
