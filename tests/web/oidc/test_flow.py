"""The whole way in by the hospital's own sign-in, over real HTTP, and what the clinic decides about it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from milia.records.credentials import totp_code
from milia.web import sessions
from milia.web.pages import PUBLIC, declared_of

ROUTES = {
    ("GET", "/sign-in/provider"): PUBLIC,
    ("GET", "/sign-in/provider/back"): PUBLIC,
    ("GET", "/sign-in/provider/code"): PUBLIC,
    ("POST", "/sign-in/provider/code"): PUBLIC,
    ("GET", "/sign-in/provider/out"): PUBLIC,
    ("POST", "/users/{user_id}/links"): "user.manage",
    ("POST", "/users/{user_id}/links/end"): "user.manage",
    ("GET", "/api/v1/users/{user_id}/links"): "user.manage",
    ("POST", "/api/v1/users/{user_id}/links"): "user.manage",
    ("DELETE", "/api/v1/users/{user_id}/links/{link_id}"): "user.manage",
    ("GET", "/api/v1/account/links"): "signed_in",
}


def test_the_routes_and_what_they_need(app: Any) -> None:
    found = {
        (method, route.path): declared_of(route.endpoint).action
        for route in app.routes
        for method in getattr(route, "methods", None) or ()
        if method != "HEAD" and ("/sign-in/provider" in route.path or "/links" in route.path)
    }
    assert found == ROUTES


def test_without_a_provider_nothing_is_offered_and_nothing_is_sent(visitor: Any, browser_of: Any) -> None:
    assert "hospital account" not in visitor.get("/sign-in").text
    for method, path in ROUTES:
        if path.startswith("/sign-in"):
            form = {"csrf_token": visitor.token_of("/sign-in"), "code": "123456"}
            answer = visitor.request(method, path, data=form if method == "POST" else None)
            assert answer.status_code == 404, path
    admin = browser_of("administrator")
    own = admin.get("/api/v1/me").json()["id"]
    answer = admin.post_form(f"/users/{own}/links", {"subject": "d-17"})
    assert answer.status_code == 422
    assert "not set up" in answer.text


def test_the_whole_way(visitor: Any, stand: Any, link: Any, come_in: Any, trail: Any, query_of: Any) -> None:
    link()
    page = visitor.get("/sign-in?back=/patients").text
    assert 'href="/sign-in/provider?back=/patients"' in page
    begun = visitor.get("/sign-in/provider?back=/patients", follow_redirects=False)
    asked = query_of(begun.headers["location"])
    assert asked["code_challenge_method"] == "S256"
    assert (asked["scope"], asked["prompt"], asked["response_type"]) == ("openid email", "login", "code")
    answer = come_in(visitor, back="/patients")
    assert (answer.status_code, answer.headers["location"]) == (303, "/patients")
    assert visitor.get("/api/v1/me").json()["login"] == "doctor"
    assert sessions.TICKET not in visitor.cookies
    action, _, detail = next(line for line in trail() if line[0].startswith("sign_in"))
    assert (action, detail) == ("sign_in", {"by": "provider", "second_factor": "own"})
    assert stand.asked.count("/.well-known/openid-configuration") == 1
    assert visitor.get("/api/v1/account/links").json()[0]["subject"] == "d-17"
    assert "linked since" in visitor.get("/account").text


def test_a_session_by_the_provider_follows_the_rules_of_any_other(
    visitor: Any, link: Any, come_in: Any, clinic: Any
) -> None:
    link()
    come_in(visitor)
    real = clinic.records.clock
    clinic.records.clock = lambda: real() + timedelta(minutes=31)
    assert visitor.get("/api/v1/me").status_code == 401
    clinic.records.clock = real
    come_in(visitor)
    assert visitor.get("/api/v1/me").status_code == 200
    left = visitor.post_form("/sign-out")
    assert "still open in this browser" in left.text
    assert visitor.get("/api/v1/me").status_code == 401
    out = visitor.get("/sign-in/provider/out", follow_redirects=False)
    assert out.headers["location"].split("?")[0].endswith("/out")


def test_a_one_time_password_is_changed_first_through_this_door_too(
    visitor: Any, browser_of: Any, come_in: Any, link: Any, clinic: Any
) -> None:
    browser_of("administrator").post_form(f"/users/{clinic.ids['doctor']}/reset")
    link()
    assert come_in(visitor, back="/devices").headers["location"] == "/account/password"
    assert visitor.get("/devices", follow_redirects=False).headers["location"] == "/account/password"


def test_an_unknown_person_is_told_what_to_do_and_gets_no_account(
    visitor: Any, link: Any, come_in: Any, trail: Any, browser_of: Any
) -> None:
    link()
    answer = come_in(visitor, "x-99")
    assert answer.status_code == 403
    assert "Ask an administrator to link it" in answer.text
    assert 'id="stranger">x-99<' in answer.text
    assert visitor.get("/api/v1/me").status_code == 401
    assert len(browser_of("administrator").get("/api/v1/users").json()) == 4
    refused = next(line for line in trail() if line[0] == "sign_in_refused")
    assert refused[1:] == ("provider", {"by": "provider", "why": "not linked"})


def test_an_administrator_links_and_unlinks_on_the_page(
    visitor: Any, come_in: Any, browser_of: Any, clinic: Any, trail: Any
) -> None:
    admin, doctor = browser_of("administrator"), clinic.ids["doctor"]
    assert admin.post_form(f"/users/{doctor}/links", {"subject": "d-17"}).status_code == 200
    again = admin.post_form(f"/users/{clinic.ids['nurse']}/links", {"subject": "d-17"})
    assert again.status_code == 422
    assert "linked to another account" in again.text
    assert come_in(visitor).status_code == 303
    (made,) = admin.get(f"/api/v1/users/{doctor}/links").json()
    assert "<code>d-17</code>" in admin.get("/users").text
    admin.post_form(f"/users/{doctor}/links/end", {"link": made["id"]})
    assert visitor.get("/api/v1/me").status_code == 401, "a session that the link opened ends with it"
    assert come_in(visitor).status_code == 403
    told = [line[0] for line in trail()]
    assert {"link", "unlink", "sign_in_refused"} <= set(told)
    token = {"X-CSRF-Token": admin.token_of()}
    api = f"/api/v1/users/{doctor}/links"
    assert admin.post(api, json={"subject": "d-17"}, headers=token).status_code == 201
    (made,) = admin.get(api).json()
    assert admin.delete(f"{api}/{made['id']}", headers=token).status_code == 200
    both = {"subject": "d-17", "email": "a@b.example"}
    assert admin.post(api, json=both, headers=token).status_code == 422
    assert admin.post(api, json={"subject": "가"}, headers=token).status_code == 422


@pytest.mark.parametrize("later", [False, True], ids=["in the token", "when asked"])
def test_an_invitation_by_a_verified_address_counts_once(
    visitor: Any,
    new_client: Any,
    stand: Any,
    come_in: Any,
    browser_of: Any,
    clinic: Any,
    later: bool,
) -> None:
    stand.gives_email_only_when_asked = later
    admin, doctor = browser_of("administrator"), clinic.ids["doctor"]
    admin.post_form(f"/users/{doctor}/links", {"email": "Dora@Hospital.example"})
    assert "invited until" in admin.get("/users").text
    assert come_in(visitor).status_code == 303
    (made,) = admin.get(f"/api/v1/users/{doctor}/links").json()
    assert (made["subject"], made["invited_until"]) == ("d-17", None)
    stand.people["thief"] = stand.people["d-17"]
    assert come_in(new_client(), "thief").status_code == 403
    with clinic.records.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT sealed FROM account_link").scalar_one()
    assert b"ospital" not in stored


@pytest.mark.parametrize("said", [False, "true", 1, None])
def test_an_address_that_was_not_verified_opens_nothing(
    visitor: Any, stand: Any, come_in: Any, clinic: Any, said: Any
) -> None:
    with clinic.records.acting(clinic.ids["administrator"]) as acting:
        acting.links.invite(clinic.ids["doctor"], issuer=stand.issuer, email="dora@hospital.example")
    stand.people["d-17"]["email_verified"] = said
    assert come_in(visitor).status_code == 403


def test_an_invitation_ends_after_a_fortnight(visitor: Any, stand: Any, come_in: Any, clinic: Any) -> None:
    real = clinic.records.clock
    clinic.records.clock = lambda: real() - timedelta(days=15)
    with clinic.records.acting(clinic.ids["administrator"]) as acting:
        acting.links.invite(clinic.ids["doctor"], issuer=stand.issuer, email="dora@hospital.example")
    clinic.records.clock = real
    assert come_in(visitor).status_code == 403


@pytest.fixture
def secret(clinic: Any, link: Any) -> bytes:
    """The doctor is linked and has a second factor of the clinic's own; gives its secret."""
    link()
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        address = acting.users.begin_second_factor()
    found = base64.b32decode(parse_qs(urlsplit(address).query)["secret"][0])
    now_s = clinic.records.clock().timestamp()
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        acting.users.confirm_second_factor(totp_code(found, int(now_s // 30) - 1))
    return found


def _give(client: Any, code: str) -> Any:
    fields = {"csrf_token": client.token_of("/sign-in/provider/code"), "code": code}
    return client.post("/sign-in/provider/code", data=fields, follow_redirects=False)


def test_the_clinics_own_second_factor_is_asked_after_the_provider(
    visitor: Any, come_in: Any, clinic: Any, secret: bytes, stand: Any
) -> None:
    stand.people["d-17"]["amr"] = ["pwd", "mfa"]
    answer = come_in(visitor, back="/devices")
    assert answer.headers["location"] == "/sign-in/provider/code"
    assert visitor.get("/api/v1/me").status_code == 401
    assert _give(visitor, "000000x").status_code == 403
    code = totp_code(secret, int(clinic.records.clock().timestamp() // 30))
    ticket = visitor.cookies[sessions.TICKET]
    answer = _give(visitor, code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/devices")
    assert visitor.get("/api/v1/me").json()["login"] == "doctor"
    visitor.cookies.set(sessions.TICKET, ticket)
    assert visitor.get("/sign-in/provider/code").status_code == 403, "the ticket counts once"


def test_wrong_codes_close_the_account_at_this_door_too(
    visitor: Any, come_in: Any, clinic: Any, secret: bytes, trail: Any
) -> None:
    come_in(visitor)
    assert [_give(visitor, "999999x").status_code for _ in range(5)] == [403] * 5
    code = totp_code(secret, int(clinic.records.clock().timestamp() // 30))
    assert _give(visitor, code).status_code == 403
    assert "closed for a while" in come_in(visitor).text
    assert "locked_out" in [line[0] for line in trail()]


@pytest.mark.parametrize(
    ("said", "accepted", "let_in"),
    [
        ({"amr": ["pwd", "mfa"]}, {("amr", "mfa")}, True),
        ({"acr": "urn:two"}, {("acr", "urn:two")}, True),
        ({"amr": ["pwd"]}, {("amr", "mfa")}, False),
        ({"amr": "mfa"}, {("amr", "mfa")}, False),
        ({"acr": "mfa"}, {("amr", "mfa")}, False),
        ({}, {("amr", "mfa")}, False),
    ],
)
def test_the_providers_second_factor_counts_only_if_said_and_accepted(
    visitor: Any, stand: Any, use: Any, come_in: Any, secret: bytes, said: Any, accepted: Any, let_in: bool
) -> None:
    del secret
    use(second_factor=frozenset(accepted))
    stand.people["d-17"].update(said)
    assert (come_in(visitor).headers["location"] == "/") is let_in


def test_a_closed_account_stays_closed(
    visitor: Any, link: Any, come_in: Any, clinic: Any, trail: Any
) -> None:
    link()
    with clinic.records.acting(clinic.ids["administrator"]) as acting:
        acting.users.disable(clinic.ids["doctor"])
    answer = come_in(visitor)
    assert answer.status_code == 403
    assert "account here is closed" in answer.text
    assert trail()[0][0] == "sign_in_refused"


def test_changed_keys_are_fetched_and_the_old_ones_count_no_longer(
    visitor: Any, new_client: Any, stand: Any, link: Any, come_in: Any, made_key: Any
) -> None:
    link()
    assert come_in(visitor).status_code == 303
    old, stand.key = stand.key, made_key("second")
    assert come_in(new_client()).status_code == 303
    assert stand.asked.count("/keys") == 2
    stand.published, stand.key = [stand.key], old
    assert come_in(new_client()).status_code == 403


def test_in_a_browser_with_its_policy(
    open_page: Callable[..., Any], live: str, stand: Any, link: Any, check_page: Any
) -> None:
    link()
    stand.redirect_uris.add(f"{live}/sign-in/provider/back")
    page = open_page("", narrow=True)
    page.goto("/sign-in?back=/devices")
    check_page(page)
    page.click("text=Sign in with your hospital account")
    page.click("button[value=d-17]")
    page.wait_for_url("**/devices")
    assert page.problems == []
    page.goto("/account")
    assert page.is_visible("text=linked since")
    check_page(page)
