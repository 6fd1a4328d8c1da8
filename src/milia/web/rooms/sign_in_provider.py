"""Signing in by the hospital's own provider: there, back, and the second factor where it is asked here."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from milia.records import Proven
from milia.web import sessions
from milia.web.errors import TurnedAway
from milia.web.i18n import mark
from milia.web.oidc import NotVouched, Provider, ProviderAway
from milia.web.oidc_attempts import Attempt, TICKET_LASTS_s, Waiting
from milia.web.pages import PUBLIC, Room
from milia.web.pages_ask import Ask, Asking, local_path
from milia.web.rooms.sign_in import door, enter

room = Room("sign_in_provider")

_BACK = "/sign-in/provider/back"
_CODE = "/sign-in/provider/code"
_NOT_BEGUN = mark(
    "This sign-in was not begun in this browser, was used already, or took too long. Start again."
)
_REFUSED_THERE = mark(
    "The hospital's sign-in ended without letting you in. Start again, or use your password."
)
_UNKNOWN = mark(
    "Your hospital account is not linked with an account here. Ask an administrator to link it, and name the "
    "number below."
)
_CLOSED = mark("Your account here is closed, or closed for a while. Ask an administrator.")
_WRONG_CODE = mark("The code is wrong or was used, or the account is closed for a while.")


def _provider(ask: Asking) -> Provider:
    if ask.site.provider is None:
        raise TurnedAway(
            mark("There is no such page."), status=404, what_to_do=mark("Go back, or start from the menu.")
        )
    return ask.site.provider


def _ticket(ask: Asking) -> str:
    return ask.request.cookies.get(sessions.TICKET, "")


def _turned(ask: Asking, problem: str, *, status: int = 403, back: str = "/", stranger: str = "") -> Response:
    ask.site.metrics.sign_ins.labels("refused").inc()
    response = door(ask, status=status, problem=problem, back=back, stranger=stranger or None)
    sessions.take_away(response, ask.request, sessions.TICKET)
    return response


@room.page("/sign-in/provider", action=PUBLIC)
def begin(ask: Ask, back: str = "/") -> Response:
    """Send the browser to the provider."""
    provider = _provider(ask)
    if ask.site.needs_setup:
        return ask.go("/setup")
    redirect_uri = str(ask.request.base_url).rstrip("/") + _BACK
    attempt = Attempt(redirect_uri=redirect_uri, back=local_path(back))
    try:
        provider.places()
    except ProviderAway as away:
        return _turned(ask, str(away), status=503, back=attempt.back)
    state = provider.attempts.begin(attempt, now_s=ask.now.timestamp())
    response = RedirectResponse(provider.way_in(attempt, state), 303)
    sessions.put(response, ask.request, sessions.TICKET, attempt.ticket, lasts_s=TICKET_LASTS_s)
    return response


@room.page(_BACK, action=PUBLIC)
def come_back(ask: Ask) -> Response:
    """Take what the provider says about the person, check it, and let them in if an account is linked."""
    provider, said = _provider(ask), ask.request.query_params
    ask.site.limits.hit("sign_in", ask.request.client.host if ask.request.client else "?")
    now_s = ask.now.timestamp()
    attempt = provider.attempts.take(said.get("state", ""), _ticket(ask), now_s=now_s)
    if attempt is None:
        return _turned(ask, _NOT_BEGUN)
    if "error" in said or not said.get("code"):
        return _turned(ask, _REFUSED_THERE, back=attempt.back)
    try:
        proven = provider.proven(attempt, said["code"], named=said.get("iss"), now_s=now_s)
    except ProviderAway as away:
        return _turned(ask, str(away), status=503, back=attempt.back)
    except NotVouched as refused:
        return _turned(ask, str(refused), back=attempt.back)
    return _let_in(ask, provider, proven, attempt.back)


def _let_in(ask: Asking, provider: Provider, proven: Proven, back: str) -> Response:
    found = ask.records.sign_in_by_provider(proven)
    if found.signed_in is not None:
        response = enter(ask, found.signed_in, back)
        sessions.take_away(response, ask.request, sessions.TICKET)
        return response
    if found.why == "code":
        ticket = provider.attempts.wait(Waiting(proven=proven, back=back), now_s=ask.now.timestamp())
        response = ask.go(_CODE)
        sessions.put(response, ask.request, sessions.TICKET, ticket, lasts_s=TICKET_LASTS_s)
        return response
    if found.why == "unknown":
        return _turned(ask, _UNKNOWN, back=back, stranger=proven.subject)
    return _turned(ask, _CLOSED, back=back)


@room.page(_CODE, action=PUBLIC)
def code_page(ask: Ask) -> Response:
    """Ask for the code of the second factor that the person has here."""
    provider = _provider(ask)
    if provider.attempts.waiting(_ticket(ask), now_s=ask.now.timestamp()) is None:
        return _turned(ask, _NOT_BEGUN)
    return ask.page("sign_in_code.html", problem=None)


@room.form(_CODE, action=PUBLIC)
def code(ask: Ask) -> Response:
    """Let somebody in whom the provider vouched for, with the code of the second factor."""
    provider = _provider(ask)
    ask.site.limits.hit("sign_in", ask.request.client.host if ask.request.client else "?")
    now_s = ask.now.timestamp()
    waiting = provider.attempts.waiting(_ticket(ask), now_s=now_s)
    if waiting is None:
        return _turned(ask, _NOT_BEGUN)
    found = ask.records.sign_in_by_provider(waiting.proven, ask.form.maybe("code") or "-")
    if found.signed_in is None and found.why == "wrong_code":
        ask.site.metrics.sign_ins.labels("refused").inc()
        return ask.page("sign_in_code.html", status=403, problem=_WRONG_CODE)
    provider.attempts.done(_ticket(ask), now_s=now_s)
    if found.signed_in is None:
        return _turned(ask, _CLOSED if found.why == "closed" else _NOT_BEGUN, back=waiting.back)
    response = enter(ask, found.signed_in, waiting.back)
    sessions.take_away(response, ask.request, sessions.TICKET)
    return response


@room.page("/sign-in/provider/out", action=PUBLIC)
def way_out(ask: Ask) -> Response:
    """Send the browser to where the person can sign out at the provider too."""
    try:
        address = _provider(ask).way_out()
    except ProviderAway as away:
        return door(ask, status=503, problem=str(away))
    return RedirectResponse(address, 303) if address else ask.go("/sign-in")
