"""The app: rooms found by themselves, a declared action for every route, one answer to all that fails."""

from __future__ import annotations

import hashlib
import importlib
import os
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from milia import __version__
from milia.base import MiliaError
from milia.records import ClinicCard, Records, User, role_actions
from milia.web import rooms
from milia.web.errors import Problem, ReasonNeeded, SignInNeeded, TooMany, TurnedAway, problem_of
from milia.web.field_names import FIELD_NAMES, differing
from milia.web.i18n import ROLE_NAMES, STAFF_LANGUAGES, mark
from milia.web.limits import Limits
from milia.web.metrics import Metrics
from milia.web.oidc import Provider
from milia.web.pages import SPECIAL, Nav, Room, Task, declared_of, may
from milia.web.pages_ask import SAFE, asking, stranger
from milia.web.security import Gate

__all__ = ["Site", "check_routes", "create_app", "find_rooms", "find_tasks"]

HERE = Path(__file__).parent
# How long a session that was found good is believed before the database is asked again.
_BELIEVED = timedelta(seconds=2)


@dataclass(slots=True)
class Site:
    """What every request of one app shares."""

    records: Records
    env: Environment
    rooms: tuple[Room, ...]
    hosts: frozenset[str]
    needs_setup: bool = False
    limits: Limits = field(default_factory=Limits)
    metrics: Metrics = field(default_factory=Metrics)
    provider: Provider | None = None
    app: FastAPI | None = None
    _clinics: dict[str, ClinicCard] = field(default_factory=dict)
    _people: dict[str, tuple[User, datetime]] = field(default_factory=dict)

    languages = STAFF_LANGUAGES
    version = __version__

    def routes(self) -> Iterable[BaseRoute]:
        """Give every route of the app."""
        return self.app.routes if self.app else ()

    def clinic(self, clinic_id: str) -> ClinicCard:
        """Give a clinic's name and time zone."""
        if clinic_id not in self._clinics:
            self._clinics[clinic_id] = self.records.clinic(clinic_id)
        return self._clinics[clinic_id]

    def person(self, session: str) -> User:
        """Give the person behind a session."""
        key = hashlib.sha256(session.encode("utf-8", "replace")).hexdigest()
        now = self.records.clock()
        known = self._people.get(key)
        if known and abs(now - known[1]) < _BELIEVED:
            return known[0]
        self._people.pop(key, None)
        user = self.records.session(session)
        if len(self._people) > 1000:
            self._people.clear()
        self._people[key] = (user, now)
        return user

    def forget(self) -> None:
        """Believe no session any longer: an account was changed."""
        self._people.clear()
        self._clinics.clear()

    def menu(self, user: User) -> list[Nav]:
        """Give the menu of a role."""
        entries = [nav for room in self.rooms for nav in room.nav if may(user.role, nav.action)]
        return sorted(entries, key=lambda nav: nav.order)

    def answer(self, request: Request, error: Exception) -> Response:
        """Turn what went wrong into JSON, a whole page, or a part of a page."""
        problem = problem_of(error)
        problem.request_id = getattr(request.state, "id", "")
        headers = {"Retry-After": str(error.wait_s)} if isinstance(error, TooMany) else {}
        if problem.status == 503:
            headers["Retry-After"] = "5"
        if request.url.path.startswith("/api/"):
            return JSONResponse(
                problem.model_dump(exclude_none=True),
                problem.status,
                headers,
                media_type="application/problem+json",
            )
        return self._answer_page(request, error, problem, headers)

    def _answer_page(
        self, request: Request, error: Exception, problem: Problem, headers: dict[str, str]
    ) -> Response:
        ask = stranger(request)
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        there = ""
        if isinstance(error, SignInNeeded):
            from urllib.parse import quote

            # Who sent a form wants to go back to the page that it stands on.
            here = ask.stands_on if ask.hx else here
            known = (request.method in SAFE or ask.hx) and here not in ("", "/")
            there = f"/sign-in?back={quote(here)}" if known else "/sign-in"
        elif isinstance(error, TurnedAway):
            there = error.go
        if there:
            if ask.hx:
                return Response(status_code=problem.status, headers={"HX-Redirect": there})
            return RedirectResponse(there, 303)
        content: dict[str, Any] = {"problem": problem, "error": error, "back": here}
        if ask.hx:
            headers |= {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"}
            response: Response = ask.part("components/problem.html", status=problem.status, **content)
        else:
            content["reason_needed"] = isinstance(error, ReasonNeeded)
            response = ask.page("error.html", status=problem.status, **content)
        response.headers.update(headers)
        return response


@cache
def find_rooms() -> tuple[Room, ...]:
    """Give the `room` of every module in ``milia.web.rooms``, by the module's name."""
    found = []
    for module in sorted(each.name for each in pkgutil.iter_modules(rooms.__path__)):
        room = getattr(importlib.import_module(f"milia.web.rooms.{module}"), "room", None)
        if isinstance(room, Room):
            found.append(room)
    return tuple(found)


def find_tasks() -> dict[str, Task]:
    """Give every kind of heavy work by its name."""
    return {name: task for room in (*find_rooms(), _api_room()) for name, task in room.tasks.items()}


def _api_room() -> Room:
    from milia.web.api import room

    return room


def check_routes(routes: Iterable[BaseRoute]) -> None:
    """Refuse to start with a route that does not say which action it needs: nothing is open by oversight."""
    known = role_actions() | SPECIAL
    for route in routes:
        if isinstance(route, Mount) and route.name == "static":
            continue
        declared = declared_of(getattr(route, "endpoint", None))
        path = getattr(route, "path", repr(route))
        if not isinstance(route, Route) or declared is None:
            raise MiliaError(f"The route {path} declares no action.")
        if declared.action not in known:
            raise MiliaError(f"The route {path} declares the unknown action {declared.action}.")


@cache
def _static_version(name: str) -> str:
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:10]


def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["static"] = lambda name: f"/static/{name}?v={_static_version(name)}"
    env.globals["role_names"] = ROLE_NAMES
    env.globals["field_names"] = FIELD_NAMES
    env.globals["differing"] = differing
    env.globals["pairs"] = lambda words: [(each, each) for each in words]
    return env


def create_app(
    records: Records,
    *,
    needs_setup: bool = False,
    hosts: Iterable[str] = (),
    limits: Limits | None = None,
    provider: Provider | None = None,
    more: Iterable[Room] = (),
) -> FastAPI:
    """Make the app over opened records.

    Parameters
    ----------
    records
        The clinic's records.
    needs_setup
        Whether the first administrator is still to be made.
    hosts
        Names under which the app may be opened besides the machine's own; ``MILIA_HOSTS`` adds to them.
    limits
        Rate limits.
    provider
        The hospital's own sign-in; ``None`` for passwords only.
    more
        Rooms besides those found by themselves.
    """
    named = os.environ.get("MILIA_HOSTS", "").replace(",", " ").split()
    site = Site(
        records=records,
        env=_environment(),
        rooms=(*find_rooms(), *more),
        hosts=frozenset({"127.0.0.1", "localhost", "[::1]", *(each.lower() for each in (*hosts, *named))}),
        needs_setup=needs_setup,
        limits=limits or Limits(),
        provider=provider,
    )
    app = FastAPI(
        title="Milia",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={
            "default": {"model": Problem, "description": "What went wrong, where, and what to do now."}
        },
    )
    app.state.site = site
    site.app = app
    for room in (_api_room(), *site.rooms):
        for each in room.routes:
            app.add_api_route(
                each.path, each.function, methods=[each.method], dependencies=[Depends(asking)], **each.more
            )
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    check_routes(app.routes)
    for kind in (MiliaError, SignInNeeded, ReasonNeeded, TooMany, TurnedAway, RequestValidationError):
        app.add_exception_handler(kind, _handle)
    app.add_exception_handler(ValidationError, _handle)
    app.add_exception_handler(HTTPException, _handle_http)
    app.add_middleware(Gate, site=site)
    return app


async def _handle(request: Request, error: Exception) -> Response:
    from starlette.concurrency import run_in_threadpool

    site: Site = request.app.state.site
    return await run_in_threadpool(site.answer, request, error)


async def _handle_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    said = {
        404: mark("There is no such page."),
        405: mark("This page does not take such a request."),
    }.get(status, mark("The request could not be read."))
    turned = TurnedAway(said, status=status, what_to_do=mark("Go back, or start from the menu."))
    response = await _handle(request, turned)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response
