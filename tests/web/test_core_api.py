"""The whole API under fire: whatever is sent, the answer is one of those it describes, and never a defect."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milia.web.pages import declared_of, may

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

EXAMPLES = 8


def test_the_description_names_every_json_route_and_the_one_shape_of_problems(
    app: Any, program: Callable[..., Any]
) -> None:
    described = program("doctor").get("/api/v1/openapi.json").json()
    routes = {route.path for route in app.routes if route.path.startswith("/api/v1")}
    assert set(described["paths"]) == routes - {"/api/v1/openapi.json"}
    assert "Problem" in described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["responses"]["default"], (path, method)


def test_nothing_that_is_sent_breaks_the_api(app: Any, program: Callable[..., Any]) -> None:
    """Each route is asked by whom it lets in: the doctor, or else the administrator."""
    clients = {role: program(role) for role in ("doctor", "administrator")}
    for client in clients.values():
        client.follow_redirects = False
    actions = {route.path: declared_of(route.endpoint) for route in app.routes if hasattr(route, "endpoint")}
    described = clients["doctor"].get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(described)
    broken: list[tuple[Any, ...]] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        declared = actions[operation.path]
        assert declared is not None
        if not operation.path.endswith("/clinic/demo"):
            _fire(operation, clients["doctor" if may("doctor", declared.action) else "administrator"], broken)
    assert broken == []


def _fire(operation: Any, client: Any, broken: list[tuple[Any, ...]]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), junk=st.booleans())
    def send(case: Any, junk: bool) -> None:
        words = case.as_transport_kwargs(base_url="http://localhost")
        words.pop("cookies", None)
        headers = {
            name: value
            for name, value in (words.pop("headers", None) or {}).items()
            if name.lower() not in ("authorization", "cookie", "host", "user-agent")
        }
        if junk and "json" in words:
            words = {name: value for name, value in words.items() if name != "json"}
            words["content"] = b"{\xff"
        answer = client.request(words.pop("method"), words.pop("url"), headers=headers, **_known(words))
        if answer.status_code >= 500 or (
            answer.status_code >= 400 and answer.headers["content-type"] != "application/problem+json"
        ):
            broken.append((case.method, str(answer.url), answer.status_code, answer.text[:200]))

    send()


def _known(words: dict[str, Any]) -> dict[str, Any]:
    found = {
        name: value
        for name, value in words.items()
        if name in ("json", "content", "data", "params", "files") and value is not None
    }
    if "data" in found and not isinstance(found["data"], dict):
        found["content"] = found.pop("data")
    if "files" in found:
        pairs = found["files"].items() if isinstance(found["files"], dict) else found["files"]
        found["files"] = [(str(name), ("x", _as_bytes(value))) for name, value in pairs]
    return found


def _as_bytes(value: Any) -> bytes:
    """Give what a file part holds, whatever the generator made of it."""
    inner = value[1] if isinstance(value, tuple) else value
    return inner if isinstance(inner, bytes) else str(inner).encode("utf-8", "replace")
