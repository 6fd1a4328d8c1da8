"""What a page module is made of: a room with routes, each of which names the action it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi.responses import HTMLResponse

from milia.records import allowed

__all__ = [
    "MONITOR",
    "PRIVATE_LINK",
    "PUBLIC",
    "SIGNED_IN",
    "SPECIAL",
    "Declared",
    "Nav",
    "Registered",
    "Room",
    "Task",
    "declared_of",
    "may",
]

PUBLIC = "public"
"""Anybody; no session is looked up."""
SIGNED_IN = "signed_in"
"""Anybody with an account, also somebody who has to change the password first only if `early`."""
PRIVATE_LINK = "private_link"
"""Whoever holds a link with an expiry; the page checks the link itself."""
MONITOR = "monitor"
"""The machine itself, or an administrator's token."""
SPECIAL = frozenset({PUBLIC, SIGNED_IN, PRIVATE_LINK, MONITOR})

PAGE_BODY_bytes = 1_000_000

F = TypeVar("F", bound=Callable[..., Any])
Task = Callable[[Any, Callable[[int], bool]], Any]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route says about itself: the action of the role table, the largest body, whether it is early.

    Attributes
    ----------
    action
        An action of the role table, or one of `SPECIAL`.
    most_bytes
        Largest body of a request [bytes].
    early
        Whether it works before a one-time password was changed.
    """

    action: str
    most_bytes: int = PAGE_BODY_bytes
    early: bool = False


@dataclass(frozen=True, slots=True)
class Nav:
    """A room's place in the menu: `title` is a marked sentence, smaller `order` comes first."""

    title: str
    path: str
    order: int
    action: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """One route of a room, as FastAPI is told about it."""

    path: str
    function: Callable[..., Any]
    method: str
    more: dict[str, Any]


@dataclass(slots=True)
class Room:
    """The pages, JSON routes and heavy tasks of one subject."""

    name: str
    nav: tuple[Nav, ...] = ()
    routes: list[Registered] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)

    def page(self, path: str, *, action: str, early: bool = False) -> Callable[[F], F]:
        """Register a page: GET, HTML."""
        return self._html("GET", path, Declared(action, early=early))

    def form(
        self, path: str, *, action: str, most_bytes: int = PAGE_BODY_bytes, early: bool = False
    ) -> Callable[[F], F]:
        """Register what a form posts to."""
        return self._html("POST", path, Declared(action, most_bytes, early))

    def _html(self, method: str, path: str, declared: Declared) -> Callable[[F], F]:
        html = {"response_class": HTMLResponse, "response_model": None, "include_in_schema": False}
        return self._register(method, path, declared, html)

    def _register(self, method: str, path: str, declared: Declared, more: dict[str, Any]) -> Callable[[F], F]:
        def register(function: F) -> F:
            function.__milia__ = declared  # type: ignore[attr-defined]
            self.routes.append(Registered(path, function, method, more))
            return function

        return register

    def api(
        self,
        method: str,
        path: str,
        *,
        action: str,
        most_bytes: int = PAGE_BODY_bytes,
        early: bool = False,
        **more: Any,
    ) -> Callable[[F], F]:
        """Register a JSON route under ``/api/v1``; the return type is its documented answer."""
        declared = Declared(action, most_bytes, early)
        return self._register(method, f"/api/v1{path}", declared, {"tags": [self.name], **more})

    def task(self, name: str) -> Callable[[Task], Task]:
        """Register heavy work for the workers: it gets the job's content and a function for progress."""

        def register(function: Task) -> Task:
            self.tasks[name] = function
            return function

        return register


def declared_of(endpoint: object) -> Declared | None:
    """Give what a route's function declared, or ``None``."""
    found = getattr(endpoint, "__milia__", None)
    return found if isinstance(found, Declared) else None


def may(role: str, action: str, reason: str | None = None) -> bool:
    """Say whether a role gets in; what anybody with an account may do is not in the role table."""
    return action in SPECIAL or allowed(role, action, reason)
