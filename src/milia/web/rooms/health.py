"""Whether the app and its database answer, and the meters for Prometheus."""

from __future__ import annotations

import ipaddress

from starlette.responses import JSONResponse, Response

from milia.base import MiliaError
from milia.records import Denied
from milia.web.errors import SignInNeeded
from milia.web.pages import MONITOR, Room
from milia.web.pages_ask import Ask

room = Room("health")


@room.page("/healthz", action=MONITOR)
def healthz(ask: Ask) -> Response:
    """Say 200 when a question to the database is answered, 503 otherwise."""
    answers = _database_answers(ask)
    return JSONResponse(
        {"status": "ok" if answers else "database away", "version": ask.site.version}, 200 if answers else 503
    )


@room.page("/metrics", action=MONITOR)
def metrics(ask: Ask) -> Response:
    """Give the meters to the machine itself, or to a program of an administrator."""
    if not _from_this_machine(ask):
        _check_administrator(ask)
    ask.site.metrics.up.set(_database_answers(ask))
    return Response(ask.site.metrics.text(), media_type="text/plain; version=0.0.4")


def _database_answers(ask: Ask) -> bool:
    try:
        return ask.records.answers()
    except MiliaError:
        return False


def _from_this_machine(ask: Ask) -> bool:
    # What a proxy hands on comes from elsewhere, whatever the connection says.
    if ask.request.headers.get("x-forwarded-for") or ask.request.headers.get("forwarded"):
        return False
    host = ask.request.client.host if ask.request.client else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_administrator(ask: Ask) -> None:
    scheme, _, token = ask.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise SignInNeeded
    host = ask.request.client.host if ask.request.client else "?"
    try:
        user, _scopes = ask.records.api_token(token.strip())
    except Denied:
        ask.site.limits.hit("sign_in", host)
        raise SignInNeeded from None
    if user.role != "administrator":
        raise Denied("This account may not do this.", action="metrics")
