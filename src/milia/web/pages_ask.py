"""What a page's function is given: who asks, in which language, with which form, and how to answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, unquote, urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from milia.base import InputError, MiliaError
from milia.records import Acting, Denied, Records, User, allowed
from milia.web import sessions
from milia.web.errors import ReasonNeeded, SignInNeeded, TurnedAway
from milia.web.i18n import Words, best_language, mark
from milia.web.pages import PRIVATE_LINK, PUBLIC, SIGNED_IN, Declared, declared_of, may

if TYPE_CHECKING:
    from milia.web.app import Site

__all__ = ["Ask", "Asking", "Form", "Person", "asking", "local_path", "stranger"]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a posted form; a field that is missing or no number is a problem that names it."""

    fields: FormData

    def text(self, name: str) -> str:
        """Give a text, which may not be empty."""
        if not (found := self.maybe(name)):
            raise InputError(mark("This field is empty."), key=name, accepted=mark("a value"))
        return found

    def maybe(self, name: str, otherwise: str = "") -> str:
        """Give a text without spaces around it, or what stands for an empty one."""
        found = self.fields.get(name)
        text = found.strip() if isinstance(found, str) else ""
        if "\x00" in text:
            raise InputError(mark("This field holds a character that cannot be kept."), key=name)
        return text or otherwise

    def secret(self, name: str) -> str:
        """Give a password exactly as it was typed."""
        found = self.fields.get(name)
        return found if isinstance(found, str) else ""

    def flag(self, name: str) -> bool:
        """Say whether a box is ticked."""
        return self.maybe(name) not in ("", "0", "false", "off")

    def all(self, name: str) -> list[str]:
        """Give every value of a field that stands there more than once."""
        return [each.strip() for each in self.fields.getlist(name) if isinstance(each, str) and each.strip()]

    def whole(self, name: str, otherwise: int | None = None) -> int:
        """Give a whole number."""
        text = self.maybe(name)
        if not text and otherwise is not None:
            return otherwise
        try:
            return int(text)
        except ValueError:
            raise InputError(
                mark("This is not a whole number."), key=name, value=text, accepted=mark("a whole number")
            ) from None

    def number(self, name: str) -> float | None:
        """Give a number, or ``None`` for an empty field; a comma counts as the decimal point."""
        text = self.maybe(name)
        if not text:
            return None
        try:
            found = float(text.replace(",", "."))
        except ValueError:
            found = float("nan")
        if not abs(found) < float("inf"):
            raise InputError(mark("This is not a number."), key=name, value=text, accepted=mark("a number"))
        return found

    def files(self, name: str) -> list[UploadFile]:
        """Give the files of a field."""
        return [each for each in self.fields.getlist(name) if isinstance(each, UploadFile) and each.filename]


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, through which door."""

    user: User
    scopes: frozenset[str] | None
    session: str


class Asking:
    """One request: everything a page or JSON route needs besides its own work."""

    def __init__(
        self, request: Request, words: Words, *, person: Person | None, reason: str | None, form: FormData
    ) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        self.words = words
        self.person = person
        self.reason = reason
        self.form = Form(form)
        # Set where the browser has no cookie yet from which a form's token could follow.
        self.new_visit: str | None = None

    @property
    def t(self) -> Words:
        """The sentences of the person's language."""
        return self.words

    @property
    def user(self) -> User:
        """Who is signed in."""
        if self.person is None:
            raise SignInNeeded
        return self.person.user

    @property
    def records(self) -> Records:
        """The clinic's records."""
        return self.site.records

    @property
    def now(self) -> datetime:
        """This moment, by the records' clock."""
        return self.records.clock()

    @property
    def today(self) -> date:
        """The day it is in the clinic."""
        return self.words.here(self.now).date()

    @property
    def hx(self) -> bool:
        """Whether htmx asks, for a part of a page; for going back it asks for the whole one."""
        headers = self.request.headers
        return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"

    @property
    def stands_on(self) -> str:
        """The page on which htmx asks, as a path on this site; empty where nothing fit to use was said."""
        try:
            parts = urlsplit(self.request.headers.get("HX-Current-URL", ""))
        except ValueError:
            return ""
        return local_path(parts.path + (f"?{parts.query}" if parts.query else ""), "")

    def can(self, action: str) -> bool:
        """Say whether to show what needs an action; the records decide again when it is done."""
        if self.person is None:
            return False
        scopes = self.person.scopes
        return may(self.person.user.role, action, self.reason) and (scopes is None or action in scopes)

    @contextlib.contextmanager
    def acting(self, reason: str | None = None) -> Iterator[Acting]:
        """Open one unit of work in the records as the person who asks."""
        scopes = self.person.scopes if self.person else None
        with self.records.acting(self.user.id, reason or self.reason, scopes=scopes) as acting:
            yield acting

    def csrf(self) -> str:
        """Give the token for a form on this page."""
        if self.person is not None and self.person.session:
            return sessions.csrf_token(self.person.session)
        known = self.request.cookies.get(sessions.VISIT)
        if not known and self.new_visit is None:
            self.new_visit = sessions.new_visit()
        return sessions.csrf_token(known or self.new_visit or "")

    def render(self, template: str, **content: Any) -> str:
        """Fill a template."""
        return self.site.env.get_template(template).render(
            ask=self, t=self.words, user=self.person.user if self.person else None, site=self.site, **content
        )

    def page(self, template: str, *, status: int = 200, **content: Any) -> HTMLResponse:
        """Answer with a whole page."""
        said = self.request.cookies.get(sessions.FLASH)
        response = HTMLResponse(
            self.render(template, said=unquote(said) if said else None, **content), status
        )
        if said:
            sessions.take_away(response, self.request, sessions.FLASH)
        if self.new_visit:
            sessions.put(response, self.request, sessions.VISIT, self.new_visit)
        return response

    def part(self, template: str, *, status: int = 200, **content: Any) -> HTMLResponse:
        """Answer with a part of a page, for htmx."""
        return HTMLResponse(self.render(template, **content), status)

    def go(self, path: str, said: str | None = None) -> Response:
        """Send the browser to another page; `said` is a marked sentence that the page shows once."""
        if self.hx:
            # A browser does not load the page again that it is on when only the part after # differs.
            here = self.stands_on.partition("?")[0]
            path = path.partition("#")[0] if path.startswith(f"{here}#") else path
            response = Response(headers={"HX-Redirect": path})
        else:
            response = RedirectResponse(path, status_code=303)
        if said:
            sessions.put(response, self.request, sessions.FLASH, quote(self.words(said)), lasts_s=60)
        return response


def local_path(path: str, otherwise: str = "/") -> str:
    """Give a path on this site; an address elsewhere is not followed."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if fine and len(path) <= 500 else otherwise


async def _read_form(request: Request) -> AsyncIterator[FormData]:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if request.method in SAFE or kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        yield FormData()
        return
    form = await request.form(max_files=40, max_fields=500, max_part_size=1_000_000)
    try:
        yield form
    finally:
        await form.close()


def asking(request: Request, form: Annotated[FormData, Depends(_read_form)]) -> Asking:
    """Find out who asks and whether they may; every route goes through here."""
    declared = declared_of(request.scope.get("endpoint"))
    if declared is None:
        raise TurnedAway(mark("This page has no declared action."))
    site: Site = request.app.state.site
    person, reason = None, None
    if declared.action in (PUBLIC, PRIVATE_LINK):
        site.limits.hit("public", _address(request))
    elif declared.action != "monitor":
        person = _person(request, site)
        reason = _reason(request, person, site)
    ask = _asking(request, person, reason, form)
    request.state.ask = ask
    _check_form(request, ask, form)
    if person is not None:
        _check_may(person, declared, reason)
    return ask


Ask = Annotated[Asking, Depends(asking)]


def stranger(request: Request) -> Asking:
    """Give an `Asking` for a page about a failure; it works without a database, then for nobody."""
    known: Asking | None = getattr(request.state, "ask", None)
    if known is not None:
        return known
    person = None
    site: Site = request.app.state.site
    if session := request.cookies.get(sessions.SESSION):
        with contextlib.suppress(MiliaError):
            person = Person(site.person(session), None, session)
    return _asking(request, person, None, FormData())


def _asking(request: Request, person: Person | None, reason: str | None, form: FormData) -> Asking:
    language = best_language(
        request.cookies.get(sessions.LANGUAGE), request.headers.get("accept-language", "")
    )
    zone = request.app.state.site.clinic(person.user.clinic_id).time_zone if person else "UTC"
    return Asking(request, Words(language, zone), person=person, reason=reason, form=form)


def _address(request: Request) -> str:
    return request.client.host if request.client else "?"


def _person(request: Request, site: Site) -> Person:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer" or not token:
            raise SignInNeeded
        site.limits.hit("public", _address(request)) if site.needs_setup else None
        try:
            user, scopes = site.records.api_token(token.strip())
        except Denied:
            site.limits.hit("sign_in", _address(request))
            raise SignInNeeded from None
        site.limits.hit("token", user.id)
        return Person(user, scopes, "")
    if site.needs_setup:
        raise TurnedAway(mark("Milia is not set up yet."), status=409, go="/setup")
    if not (session := request.cookies.get(sessions.SESSION)):
        raise SignInNeeded
    try:
        user = site.person(session)
    except Denied:
        raise SignInNeeded from None
    site.limits.hit("person", user.id)
    return Person(user, None, session)


def _reason(request: Request, person: Person, site: Site) -> str | None:
    if said := request.headers.get("X-Milia-Reason"):
        return unquote(said)[:300].strip() or None
    packed = request.cookies.get(sessions.REASON)
    if not packed or not person.session:
        return None
    found = sessions.open_reason(person.session, packed, now_s=site.records.clock().timestamp())
    return found.text if found else None


def _check_form(request: Request, ask: Asking, form: FormData) -> None:
    if request.method in SAFE or (ask.person is not None and not ask.person.session):
        return
    brought = request.headers.get("X-CSRF-Token") or form.get("csrf_token") or ""
    names = (sessions.SESSION,) if ask.person else (sessions.VISIT, sessions.SESSION)
    secrets = [request.cookies.get(name, "") for name in names]
    if not isinstance(brought, str) or not any(sessions.csrf_matches(each, brought) for each in secrets):
        raise TurnedAway(mark("This form was not made by this page, or the page is too old."))


def _check_may(person: Person, declared: Declared, reason: str | None) -> None:
    user, action = person.user, declared.action
    if person.scopes is not None and action != SIGNED_IN and action not in person.scopes:
        raise Denied("This token may not do this.", action=action)
    if user.must_change and not declared.early:
        raise TurnedAway(mark("Choose your own password first."), go="/account/password")
    if may(user.role, action, reason):
        return
    if allowed(user.role, action, "a reason"):
        raise ReasonNeeded
    raise Denied("This account may not do this.", action=action)
