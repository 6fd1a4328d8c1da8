"""What keeps strangers out: form tokens, headers, hosts, limits, lock-out, expiry, second factor."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from milia.records import Lesion
from milia.records.credentials import totp_code
from milia.web import sessions
from milia.web.app import create_app
from milia.web.limits import Limits
from milia.web.pages import Room
from milia.web.pages_ask import Ask

NASTY = (
    "'; DROP TABLE account; --",
    '"><script>alert(1)</script>',
    "{{ 7*7 }}",
    "김민수 가려움 ㄱㅁㅅ",
    "👩🏽‍⚕️ Zoë\u202e evil",
    "a" * 199,
)


def test_a_form_without_its_token_changes_nothing(browser_of: Callable[[str], Any]) -> None:
    admin = browser_of("administrator")
    before = admin.get("/api/v1/users").json()
    fields = {"name": "X", "login": "xavier", "role": "nurse"}
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "0" * 64}):
        answer = admin.post("/users", data={**fields, **token})
        assert answer.status_code == 403
        assert "not made by this page" in answer.text
    assert admin.post("/api/v1/users", json=fields).status_code == 403
    assert admin.get("/api/v1/users").json() == before


def test_a_token_of_one_session_does_not_fit_another(browser_of: Callable[[str], Any]) -> None:
    one, other = browser_of("administrator"), browser_of("administrator")
    fields = {"csrf_token": other.token_of(), "name": "X", "login": "xavier", "role": "nurse"}
    assert one.post("/users", data=fields).status_code == 403


def test_a_request_from_another_site_is_refused_even_with_a_token(browser_of: Callable[[str], Any]) -> None:
    admin = browser_of("administrator")
    answer = admin.post_form("/language", {"language": "ko"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_every_answer_carries_the_strict_headers(visitor: Any, browser_of: Callable[[str], Any]) -> None:
    doctor = browser_of("doctor")
    for answer in (
        visitor.get("/sign-in"),
        visitor.get("/nowhere"),
        visitor.get("/api/v1/me"),
        doctor.get("/"),
        doctor.get("/static/app.css"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-request-id"]
    assert doctor.get("/").headers["cache-control"] == "no-store"


def test_cookies_are_out_of_reach_for_scripts_and_secure_with_https(clinic: Any, new_client: Any) -> None:
    for scheme, secure in (("http", False), ("https", True)):
        client = new_client()
        client.base_url = f"{scheme}://localhost"
        token = client.token_of("/sign-in")
        answer = client.post(
            "/sign-in",
            data={"csrf_token": token, "login": "doctor", "password": clinic.password("doctor")},
            follow_redirects=False,
        )
        cookie = next(
            each for each in answer.headers.get_list("set-cookie") if each.startswith(sessions.SESSION)
        )
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert ("Secure" in cookie) is secure
        assert ("strict-transport-security" in answer.headers) is secure


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost:99999999", "[::1"])
def test_an_unknown_host_is_refused(visitor: Any, host: str) -> None:
    """A page elsewhere whose name is pointed at 127.0.0.1 must not reach the records."""
    answer = visitor.get("/sign-in", headers={"host": host})
    assert answer.status_code == 421
    assert "login" not in answer.text


def test_no_page_has_inline_script_or_style(browser_of: Callable[[str], Any]) -> None:
    admin, doctor = browser_of("administrator"), browser_of("doctor")
    for client, paths in (
        (admin, ("/", "/users", "/audit", "/clinic", "/account")),
        (doctor, ("/", "/learn", "/roles")),
    ):
        for path in paths:
            text = client.get(path).text
            assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", text), path


@pytest.mark.parametrize("typed", NASTY)
def test_what_is_typed_is_kept_and_shown_as_typed(browser_of: Callable[[str], Any], typed: str) -> None:
    admin = browser_of("administrator")
    answer = admin.post_form("/users", {"name": typed, "login": "someone", "role": "nurse"})
    assert answer.status_code == 200
    assert typed in [each["name"] for each in admin.get("/api/v1/users").json()]
    assert "<script>alert" not in answer.text
    assert len(admin.get("/api/v1/users").json()) == 5


@pytest.mark.parametrize("typed", NASTY)
def test_a_strange_login_is_no_more_than_a_wrong_one(visitor: Any, typed: str) -> None:
    token = visitor.token_of("/sign-in")
    answer = visitor.post("/sign-in", data={"csrf_token": token, "login": typed, "password": typed})
    assert answer.status_code == 403
    assert "<script>alert" not in answer.text


def test_five_wrong_passwords_close_the_account_for_a_while(visitor: Any, clinic: Any) -> None:
    token = visitor.token_of("/sign-in")

    def attempt(password: str) -> int:
        fields = {"csrf_token": token, "login": "doctor", "password": password}
        return int(visitor.post("/sign-in", data=fields, follow_redirects=False).status_code)

    assert [attempt("wrong") for _ in range(5)] == [403] * 5
    assert attempt(clinic.password("doctor")) == 403
    real = clinic.records.clock
    clinic.records.clock = lambda: real() + timedelta(minutes=16)
    assert attempt(clinic.password("doctor")) == 303


def test_too_many_attempts_from_one_place_have_to_wait(new_client: Any) -> None:
    client = new_client()
    client.app.state.site.limits = Limits({"sign_in": "3/minute", "public": "1000/minute"})
    token = client.token_of("/sign-in")
    fields = {"csrf_token": token, "login": "nobody-here", "password": "x"}
    codes = [client.post("/sign-in", data=fields).status_code for _ in range(4)]
    assert codes == [403, 403, 403, 429]
    answer = client.post("/sign-in", data=fields)
    assert int(answer.headers["retry-after"]) <= 61


def test_a_session_falls_asleep_and_ends(browser_of: Callable[[str], Any], clinic: Any) -> None:
    real = clinic.records.clock
    doctor = browser_of("doctor")
    for minutes in (20, 40, 60):
        clinic.records.clock = lambda minutes=minutes: real() + timedelta(minutes=minutes)
        assert doctor.get("/api/v1/me").status_code == 200
    clinic.records.clock = lambda: real() + timedelta(minutes=91)
    assert doctor.get("/api/v1/me").status_code == 401
    nurse = browser_of("nurse")
    for hours in range(1, 27):
        clinic.records.clock = lambda hours=hours: real() + timedelta(minutes=91 + 29 * hours)
        last = nurse.get("/api/v1/me").status_code
    assert last == 401, "a session ends after twelve hours, used or not"


def test_signing_out_and_revoking_end_sessions_at_once(browser_of: Callable[[str], Any], clinic: Any) -> None:
    doctor = browser_of("doctor")
    token = doctor.cookies[sessions.SESSION]
    assert doctor.post_form("/sign-out").url.path == "/sign-in"
    doctor.cookies.set(sessions.SESSION, token)
    assert doctor.get("/api/v1/me").status_code == 401

    nurse, admin = browser_of("nurse"), browser_of("administrator")
    assert nurse.get("/api/v1/me").status_code == 200
    admin.post_form(f"/users/{clinic.ids['nurse']}/sessions/end")
    assert nurse.get("/api/v1/me").status_code == 401


def test_one_session_of_several_can_be_ended(browser_of: Callable[[str], Any]) -> None:
    here, there = browser_of("doctor"), browser_of("doctor")
    other = next(each for each in here.get("/api/v1/account/sessions").json() if not each["this"])
    assert here.post_form("/account/sessions/end", {"session": other["id"]}).status_code == 200
    assert here.get("/api/v1/me").status_code == 200
    assert there.get("/api/v1/me").status_code == 401


def test_the_second_factor_is_set_up_by_picture_and_asked_for_afterwards(
    browser_of: Callable[[str], Any], clinic: Any, new_client: Any
) -> None:
    doctor = browser_of("doctor")
    page = doctor.post_form("/account/second-factor")
    assert "<svg" in page.text
    found = re.search(r'class="secret">([A-Z2-7]+)<', page.text)
    assert found is not None
    import base64

    secret = base64.b32decode(found[1])
    now = clinic.records.clock().timestamp()
    assert doctor.post_form("/account/second-factor/confirm", {"code": "000000"}).status_code == 422
    answer = doctor.post_form(
        "/account/second-factor/confirm", {"code": totp_code(secret, int(now // 30) - 1)}
    )
    assert answer.status_code == 200
    assert "second factor is on" in answer.text

    client = new_client()
    fields = {"login": "doctor", "password": clinic.password("doctor")}

    def attempt(code: str) -> int:
        token = client.token_of("/sign-in")
        sent = {"csrf_token": token, **fields, "code": code}
        return int(client.post("/sign-in", data=sent, follow_redirects=False).status_code)

    assert attempt("") == 403
    right = totp_code(secret, int(now // 30))
    assert attempt(right) == 303
    client.cookies.clear()
    assert attempt(right) == 403, "a code counts once"


def test_a_one_time_password_has_to_be_changed_first(
    browser_of: Callable[[str], Any], clinic: Any, new_client: Any
) -> None:
    admin = browser_of("administrator")
    answer = admin.post_form(f"/users/{clinic.ids['nurse']}/reset")
    found = re.search(r'id="one-time">([\w-]+)<', answer.text)
    assert found is not None
    client = new_client()
    token = client.token_of("/sign-in")
    answer = client.post("/sign-in", data={"csrf_token": token, "login": "nurse", "password": found[1]})
    assert answer.url.path == "/account/password"
    assert client.get("/").url.path == "/account/password"
    assert client.get("/api/v1/today").status_code == 403
    assert client.get("/api/v1/me").json()["must_change"]
    new = "my very own sentence"
    fields = {
        "csrf_token": client.token_of("/account/password"),
        "old": found[1],
        "new": new,
        "again": new,
    }
    assert client.post("/account/password", data=fields).url.path == "/"
    assert client.get("/api/v1/today").status_code == 200


def test_emergency_access_asks_for_a_reason_shows_it_and_leaves_a_trace(
    browser_of: Callable[[str], Any], clinic: Any
) -> None:
    room = Room("extra")

    @room.page("/extra", action="lesion.read")
    def extra(ask: Ask) -> Any:
        with ask.acting() as acting:
            return ask.page("error.html", problem=_nothing(len(acting.entries(Lesion))), reason_needed=False)

    app = create_app(clinic.records, more=[room], limits=Limits({"public": "1000/minute"}))
    desk = browser_of("front_desk")
    client = type(desk)(app, base_url="http://localhost")
    client.cookies.update(desk.cookies)
    answer = client.get("/extra")
    assert answer.status_code == 403
    assert 'name="reason"' in answer.text
    assert client.post_form("/reason", {"reason": "short", "back": "/extra"}).status_code == 422
    answer = client.post_form("/reason", {"reason": "환자가 의식이 없어 급히 확인", "back": "/extra"})
    assert answer.status_code == 200, answer.text
    assert answer.url.path == "/extra"
    assert "환자가 의식이 없어" in answer.text
    trail = browser_of("administrator").get("/api/v1/audit").json()
    line = next(each for each in trail if each["action"] == "list" and each["kind"] == "lesion")
    assert line["detail"]["break_glass"] is True
    assert line["detail"]["reason"] == "환자가 의식이 없어 급히 확인"
    real = clinic.records.clock
    clinic.records.clock = lambda: real() + timedelta(minutes=16)
    assert client.get("/extra").status_code == 403
    clinic.records.clock = real
    client.post_form("/reason/end")
    assert client.get("/extra").status_code == 403


def _nothing(count: int) -> Any:
    from milia.web.errors import Problem

    return Problem(title=f"{count} lesions", status=200, what_to_do="-")


def test_a_reason_cannot_be_made_by_hand_or_carried_to_another_session() -> None:
    packed = sessions.seal_reason("token one", "because", now_s=0)
    assert sessions.open_reason("token one", packed, now_s=1).text == "because"  # type: ignore[union-attr]
    for session, text, now_s in (
        ("token two", packed, 1),
        ("token one", packed, sessions.REASON_LASTS_s + 1),
        ("token one", packed[:-6] + "AAAAA=", 1),
        ("token one", "nonsense", 1),
        ("token one", "é.ü", 1),
        ("token one", "", 1),
    ):
        assert sessions.open_reason(session, text, now_s=now_s) is None


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil", "x"])
def test_after_signing_in_nobody_is_sent_elsewhere(new_client: Any, clinic: Any, back: str) -> None:
    client = new_client()
    token = client.token_of("/sign-in")
    fields = {"csrf_token": token, "login": "doctor", "password": clinic.password("doctor"), "back": back}
    answer = client.post("/sign-in", data=fields, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_a_body_that_is_too_large_is_refused_unread(browser_of: Callable[[str], Any]) -> None:
    doctor = browser_of("doctor")
    headers = {"X-CSRF-Token": doctor.token_of()}
    answer = doctor.put(
        "/api/v1/drafts/visit/1", content=b'{"content": {"a": "' + b"x" * 1_100_000 + b'"}}', headers=headers
    )
    assert answer.status_code == 413
    assert answer.json()["type"] == "turned_away"

    def pieces() -> Any:
        for _ in range(30):
            yield b"x" * 100_000

    answer = doctor.put("/api/v1/drafts/visit/1", content=pieces(), headers=headers)
    assert answer.status_code in (400, 413)


def test_the_address_in_the_picture_names_milia(clinic: Any) -> None:
    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        address = urlsplit(acting.users.begin_second_factor())
    assert address.scheme == "otpauth"
    assert parse_qs(address.query)["issuer"] == ["Milia"]
