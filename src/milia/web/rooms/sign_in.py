"""Signing in and out, the language, and the emergency door."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from milia.base import InputError
from milia.records import Denied, SignedIn
from milia.web import sessions
from milia.web.i18n import STAFF_LANGUAGES, mark
from milia.web.pages import PUBLIC, SIGNED_IN, Room
from milia.web.pages_ask import Ask, Asking, local_path

room = Room("sign_in")

_YEAR_s = 365 * 24 * 3600
_SHORTEST_REASON, _LONGEST_REASON = 10, 300


@room.page("/sign-in", action=PUBLIC)
def sign_in_page(ask: Ask, back: str = "/", left: str = "") -> Response:
    """Ask for login, password and, where there is one, the second factor's code."""
    if ask.site.needs_setup:
        return ask.go("/setup")
    return door(ask, back=local_path(back), left=left == "1")


def door(ask: Asking, *, status: int = 200, **content: Any) -> Response:
    """Show both ways in, with what went wrong."""
    shown = {"back": "/", "problem": None, "login": "", "left": False, "stranger": None, **content}
    return ask.page("sign_in.html", status=status, **shown)


def enter(ask: Asking, found: SignedIn, back: str) -> Response:
    """Give the browser its session and go where the person wanted."""
    ask.site.metrics.sign_ins.labels("ok").inc()
    response = ask.go("/account/password" if found.user.must_change else back)
    sessions.put(response, ask.request, sessions.SESSION, found.token)
    sessions.take_away(response, ask.request, sessions.VISIT)
    return response


@room.form("/sign-in", action=PUBLIC)
def sign_in(ask: Ask) -> Response:
    """Let somebody in."""
    request, form = ask.request, ask.form
    ask.site.limits.hit("sign_in", request.client.host if request.client else "?")
    back, login = local_path(form.maybe("back")), form.maybe("login")[:80]
    try:
        found = ask.records.sign_in(login, form.secret("password"), form.maybe("code") or None)
    except Denied as denied:
        ask.site.metrics.sign_ins.labels("refused").inc()
        return door(ask, status=403, back=back, problem=str(denied), login=login)
    return enter(ask, found, back)


@room.form("/sign-out", action=SIGNED_IN, early=True)
def sign_out(ask: Ask) -> Response:
    """End this session."""
    token = ask.person.session if ask.person else ""
    ask.records.sign_out(token)
    ask.site.forget()
    response = ask.go("/sign-in?left=1" if ask.site.provider else "/sign-in")
    for name in (sessions.SESSION, sessions.REASON):
        sessions.take_away(response, ask.request, name)
    return response


@room.form("/language", action=PUBLIC)
def language(ask: Ask) -> Response:
    """Show everything in the other language from now on."""
    tag = ask.form.text("language")
    if tag not in {known.tag for known in STAFF_LANGUAGES}:
        raise InputError(
            mark("The staff pages are not written in this language."),
            key="language",
            value=tag,
            accepted=", ".join(known.tag for known in STAFF_LANGUAGES),
        )
    response = ask.go(local_path(ask.form.maybe("back")))
    sessions.put(response, ask.request, sessions.LANGUAGE, tag, lasts_s=_YEAR_s)
    return response


@room.form("/reason", action=SIGNED_IN)
def reason(ask: Ask) -> Response:
    """Open the emergency door for a quarter of an hour; each reading behind it is kept with the reason."""
    said = ask.form.maybe("reason")
    if not _SHORTEST_REASON <= len(said) <= _LONGEST_REASON:
        raise InputError(
            mark("Say why in a few words."),
            key="reason",
            accepted=f"{_SHORTEST_REASON}–{_LONGEST_REASON}",
        )
    token = ask.person.session if ask.person else ""
    response = ask.go(local_path(ask.form.maybe("back")))
    packed = sessions.seal_reason(token, said, now_s=ask.now.timestamp())
    sessions.put(response, ask.request, sessions.REASON, packed, lasts_s=sessions.REASON_LASTS_s)
    return response


@room.form("/reason/end", action=SIGNED_IN)
def reason_end(ask: Ask) -> Response:
    """Close the emergency door again."""
    response = ask.go("/")
    sessions.take_away(response, ask.request, sessions.REASON)
    return response
