"""Every route, every role: what the table does not allow is refused, and nothing is open by oversight."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.routing import Mount, Route

from milia.base import MiliaError
from milia.records import allowed
from milia.web.app import check_routes, create_app
from milia.web.pages import MONITOR, PRIVATE_LINK, PUBLIC, SIGNED_IN, Room, declared_of
from milia.web.pages_ask import Ask

ROLES = ("doctor", "nurse", "front_desk", "administrator")
_PART = re.compile(r"\{(\w+)(?::\w+)?\}")
OPEN = (PUBLIC, PRIVATE_LINK, MONITOR)


def routes_of(app: Any) -> list[tuple[str, str, str]]:
    """Every route as method, path with made-up ids, and declared action."""
    found = []
    for route in app.routes:
        if isinstance(route, Mount):
            continue
        assert isinstance(route, Route)
        declared = declared_of(route.endpoint)
        assert declared is not None
        path = _PART.sub("0" * 32, route.path)
        found.extend((method, path, declared.action) for method in route.methods or () if method != "HEAD")
    return found


def knock(new_client: Any, clinic: Any, role: str, method: str, path: str, reason: str = "") -> Any:
    """Ask as somebody of this role, in a session of its own."""
    client = new_client(follow_redirects=False)
    headers = {"X-Milia-Reason": reason} if reason else {}
    if role:
        session = clinic.records.sign_in(role, clinic.password(role)).token
        client.cookies.set("milia_session", session)
        from milia.web.sessions import csrf_token

        headers["X-CSRF-Token"] = csrf_token(session)
    return client.request(method, path, headers=headers)


def test_who_is_not_signed_in_gets_in_nowhere(app: Any, new_client: Any, clinic: Any) -> None:
    leaks = []
    for method, path, action in routes_of(app):
        answer = knock(new_client, clinic, "", method, path)
        if action in OPEN:
            continue
        asked = answer.status_code == 401 or answer.headers.get("location", "").startswith("/sign-in")
        if not asked:
            leaks.append((method, path, answer.status_code))
    assert leaks == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_in_where_the_table_says_so_and_nowhere_else(
    app: Any, new_client: Any, clinic: Any, role: str
) -> None:
    wrong = []
    for method, path, action in routes_of(app):
        if action in OPEN:
            continue
        answer = knock(new_client, clinic, role, method, path)
        fine = action == SIGNED_IN or allowed(role, action)
        if fine and answer.status_code in (401, 403):
            wrong.append((method, path, action, "refused", answer.text[-300:]))
        if not fine and answer.status_code != 403:
            wrong.append((method, path, action, "let in", answer.status_code))
        if answer.status_code >= 500:
            wrong.append((method, path, action, "broken", answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", ["front_desk", "administrator"])
def test_a_reason_opens_what_the_table_keeps_for_emergencies_and_no_more(
    app: Any, new_client: Any, clinic: Any, role: str
) -> None:
    opened = 0
    for method, path, action in routes_of(app):
        if action in (*OPEN, SIGNED_IN) or allowed(role, action):
            continue
        answer = knock(new_client, clinic, role, method, path, reason="patient unconscious")
        if allowed(role, action, "a reason"):
            assert "only in an emergency" not in answer.text, (method, path)
            opened += 1
        else:
            assert answer.status_code == 403, (method, path)
    assert opened


def test_a_route_without_an_action_stops_the_start(clinic: Any) -> None:
    app = create_app(clinic.records)

    @app.get("/open-by-oversight")
    def page() -> str:
        return "everything"

    with pytest.raises(MiliaError, match="/open-by-oversight declares no action"):
        check_routes(app.routes)


def test_a_route_with_an_action_that_nobody_knows_stops_the_start(clinic: Any) -> None:
    room = Room("extra")

    @room.page("/extra", action="patient.raed")
    def page(ask: Ask) -> None:
        del ask

    with pytest.raises(MiliaError, match=r"/extra declares the unknown action patient\.raed"):
        create_app(clinic.records, more=[room])


def test_a_token_does_what_is_in_its_scopes_and_no_more(app: Any, program: Any) -> None:
    narrow = program("doctor", ["draft.own"])
    assert narrow.put("/api/v1/drafts/visit/1", json={"content": {"a": "b"}}).status_code == 200
    refused = [
        (method, path)
        for method, path, action in routes_of(app)
        if path.startswith("/api/") and action not in (*OPEN, SIGNED_IN, "draft.own")
        if narrow.request(method, path).status_code != 403
    ]
    assert refused == []
    assert narrow.get("/api/v1/today").json()["red_flags"] is None


def test_the_page_of_roles_shows_the_table(browser_of: Any) -> None:
    nurse = browser_of("nurse")
    table = {row["action"]: row for row in nurse.get("/api/v1/roles").json()}
    assert table["plan.write"] == {"action": "plan.write", "allow": ["doctor"], "with_reason": []}
    page = nurse.get("/roles").text
    assert all(f"<code>{action}</code>" in page for action in table)


def test_menus_show_what_a_role_may_open(browser_of: Any) -> None:
    shown = {
        role: set(re.findall(r'<a href="(/\w*)"', browser_of(role).get("/").text.split("</nav>")[0]))
        for role in ROLES
    }
    assert {"/users", "/audit", "/clinic"} <= shown["administrator"]
    assert not {"/users", "/audit", "/clinic"} & (shown["doctor"] | shown["nurse"] | shown["front_desk"])
