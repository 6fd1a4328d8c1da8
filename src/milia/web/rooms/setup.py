"""The first steps: the first administrator with the one-time code from the terminal."""

from __future__ import annotations

from starlette.responses import Response

from milia.base import InputError
from milia.web import sessions
from milia.web.i18n import mark
from milia.web.pages import PUBLIC, Room
from milia.web.pages_ask import Ask

room = Room("setup")


@room.page("/setup", action=PUBLIC)
def setup_page(ask: Ask) -> Response:
    """Ask for the code, the clinic and the first administrator."""
    if not ask.site.needs_setup:
        return ask.go("/sign-in")
    return ask.page("setup.html")


@room.form("/setup", action=PUBLIC)
def setup(ask: Ask) -> Response:
    """Make the clinic and sign its first administrator in."""
    request, form = ask.request, ask.form
    ask.site.limits.hit("setup", request.client.host if request.client else "?")
    password = form.secret("password")
    if password != form.secret("password_again"):
        raise InputError(
            mark("The two passwords differ."), key="password_again", accepted=mark("the same password twice")
        )
    login = form.text("login")
    ask.records.first_administrator(
        form.text("setup_code"),
        clinic=form.text("clinic"),
        time_zone=form.text("time_zone"),
        login=login,
        name=form.text("name"),
        password=password,
    )
    ask.site.needs_setup = False
    found = ask.records.sign_in(login, password)
    response = ask.go("/clinic", said=mark("The clinic is set up."))
    sessions.put(response, request, sessions.SESSION, found.token)
    sessions.take_away(response, request, sessions.VISIT)
    return response
