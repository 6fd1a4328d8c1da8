"""Start, signing in and out, what a form needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_who_is_not_signed_in_is_asked_to(visitor: Any) -> None:
    answer = visitor.get("/", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in"
    answer = visitor.get("/audit?before=3", follow_redirects=False)
    assert answer.headers["location"] == "/sign-in?back=/audit%3Fbefore%3D3"
    answer = visitor.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_signing_in_opens_the_start_page(browser_of: Callable[[str], Any]) -> None:
    doctor = browser_of("doctor")
    assert "Doctor Test" in doctor.get("/").text
    assert doctor.get("/api/v1/me").json()["role"] == "doctor"
