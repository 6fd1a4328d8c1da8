"""The whole API under fire: whatever is sent, the answer is one of those it describes, and never a defect."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

EXAMPLES = 12
ROLES = ("doctor", "administrator")


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


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_is_sent_breaks_the_api(role: str, program: Callable[..., Any]) -> None:
    client = program(role)
    client.follow_redirects = False
    described = client.get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(described)
    broken = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/clinic/demo"):
            continue

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
    assert broken == []


def _known(words: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in words.items()
        if name in ("json", "content", "data", "params", "files") and value is not None
    }
