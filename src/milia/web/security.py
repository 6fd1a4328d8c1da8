"""The outermost layer: known hosts, bounded bodies, strict headers, a log line and a count a request."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from milia.web.errors import TurnedAway
from milia.web.i18n import mark
from milia.web.logs import LOGGER
from milia.web.pages import PAGE_BODY_bytes, declared_of

if TYPE_CHECKING:
    from milia.web.app import Site

__all__ = ["CSP", "Gate"]

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}
_HOST = re.compile(r"(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?")


class Gate:
    """ASGI layer around the whole app."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.id = uuid.uuid4().hex[:12]
        started, status = time.perf_counter(), 500
        begun = False

        async def sending(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                _add_headers(message, request)
            await send(message)

        self._site.metrics.running.inc()
        try:
            try:
                self._check(request)
                await self._app(scope, _counted(receive, self._most(request)), sending)
            except Exception as error:
                if begun:
                    raise
                if not isinstance(error, TurnedAway):
                    LOGGER.error("defect", exc_info=error, extra={"milia": {"request": request.state.id}})
                answer = self._site.answer(request, error)
                await answer(scope, receive, sending)
        finally:
            self._site.metrics.running.dec()
            self._note(request, status, time.perf_counter() - started)

    def _check(self, request: Request) -> None:
        host = _HOST.fullmatch(request.headers.get("host", "").lower())
        if host is None or host[1] not in self._site.hosts:
            raise TurnedAway(
                mark("Milia is not known under this address."),
                status=421,
                what_to_do=mark("Open it by its own address; the administrator can add one in MILIA_HOSTS."),
            )
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        if request.headers.get("sec-fetch-site") == "cross-site":
            raise TurnedAway(mark("This form was sent by another site."))
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._most(request):
            raise _too_large()

    def _most(self, request: Request) -> int:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return PAGE_BODY_bytes
        for route in self._site.routes():
            if route.matches(request.scope)[0] is Match.FULL:
                declared = declared_of(getattr(route, "endpoint", None))
                return declared.most_bytes if declared else PAGE_BODY_bytes
        return PAGE_BODY_bytes

    def _note(self, request: Request, status: int, took_s: float) -> None:
        route = getattr(request.scope.get("route"), "path", "") or "(none)"
        self._site.metrics.requests.labels(route, request.method[:10], str(status)).inc()
        self._site.metrics.seconds.labels(route).observe(took_s)
        ask = getattr(request.state, "ask", None)
        line: MutableMapping[str, Any] = {
            "request": request.state.id,
            "method": request.method[:10],
            "route": route,
            "status": status,
            "ms": round(1000 * took_s, 1),
        }
        if ask is not None and ask.person is not None:
            line["account"] = ask.person.user.id
        LOGGER.info("request", extra={"milia": line})


def _too_large() -> TurnedAway:
    return TurnedAway(
        mark("This is too large."), status=413, what_to_do=mark("Send a smaller file, or fewer at once.")
    )


def _counted(receive: Receive, most: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _too_large()
        return message

    return counted


def _add_headers(message: Message, request: Request) -> None:
    headers: list[tuple[bytes, bytes]] = list(message["headers"])
    names = {name.lower() for name, _ in headers}
    wanted = {**_HEADERS, "x-request-id": request.state.id}
    if request.url.path.startswith("/static/"):
        versioned = b"v=" in request.scope.get("query_string", b"")
        wanted["cache-control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
    else:
        wanted["cache-control"] = "no-store"
    if request.url.scheme == "https":
        wanted["strict-transport-security"] = "max-age=31536000"
    headers.extend(
        (name.encode(), value.encode()) for name, value in wanted.items() if name.encode() not in names
    )
    message["headers"] = headers
