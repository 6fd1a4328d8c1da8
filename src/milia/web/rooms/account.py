"""One's own account: password, second factor, sessions, tokens for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from milia.base import InputError
from milia.records import Acting, OpenSession, OpenToken, allowed, role_actions
from milia.web import sessions
from milia.web.api import Answer, Done
from milia.web.i18n import mark
from milia.web.pages import SIGNED_IN, Room
from milia.web.pages_ask import Ask

room = Room("account")

TokenId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
SessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]


class SessionOut(Answer):
    id: str
    user_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    this: bool


class LinkOut(Answer):
    id: str
    user_id: str
    issuer: str
    subject: str | None = Field(description="The person's number at the provider; null while only invited.")
    email: str | None
    invited_until: datetime | None
    linked_at: datetime | None


class TokenOut(Answer):
    id: str
    label: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime


class TokenIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, Field(min_length=1, max_length=80)]
    scopes: Annotated[list[Annotated[str, Field(max_length=60)]], Field(min_length=1, max_length=100)]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class TokenMade(Answer):
    token: str = Field(description="Shown once; only its digest is kept.")


def _doors(ask: Ask, acting: Acting) -> tuple[list[OpenSession], list[OpenToken]]:
    token = ask.person.session if ask.person else ""
    open_sessions = acting.doors.sessions(token=token)
    return open_sessions, acting.doors.tokens() if ask.can("token.own") else []


@room.page("/account", action=SIGNED_IN)
def account(ask: Ask) -> Response:
    """Show one's own account."""
    return _account(ask)


def _account(ask: Ask, **content: Any) -> Response:
    with ask.acting() as acting:
        open_sessions, tokens = _doors(ask, acting)
        links = acting.links.of()
    scopes = sorted(action for action in role_actions() if allowed(ask.user.role, action))
    shown = {"token": None, "address": None, "links": links, **content}
    return ask.page(
        "account.html", page="account", sessions=open_sessions, tokens=tokens, scopes=scopes, **shown
    )


@room.page("/account/password", action=SIGNED_IN, early=True)
def password_page(ask: Ask) -> Response:
    """Ask for a new password."""
    return ask.page("account.html", page="password")


@room.form("/account/password", action=SIGNED_IN, early=True)
def password(ask: Ask) -> Response:
    """Change one's password; every session ends, and this browser gets a new one."""
    form = ask.form
    new = form.secret("new")
    if not form.secret("old"):
        raise InputError(mark("This field is empty."), key="old", accepted=mark("a value"))
    if new != form.secret("again"):
        raise InputError(
            mark("The two passwords differ."), key="again", accepted=mark("the same password twice")
        )
    ask.site.limits.hit("sign_in", ask.user.id)
    code = form.maybe("code") or None
    if ask.user.second_factor and code is None:
        raise InputError(
            mark("The second factor's code is missing."), key="code", accepted=mark("six digits")
        )
    with ask.acting() as acting:
        acting.users.change_password(form.secret("old"), new)
    ask.site.forget()
    # A code that is wrong or was used sends the person to the door, with the new password in force.
    found = ask.records.sign_in(ask.user.login, new, code)
    # Who comes in with a one-time password wants to work, not to look at the account.
    response = ask.go(
        "/" if ask.user.must_change else "/account",
        said=mark("Your password is changed. All other sessions have ended."),
    )
    sessions.put(response, ask.request, sessions.SESSION, found.token)
    return response


@room.form("/account/second-factor", action=SIGNED_IN)
def begin_second_factor(ask: Ask) -> Response:
    """Make a secret and show it as a picture for the authenticator."""
    import segno

    with ask.acting() as acting:
        address = acting.users.begin_second_factor()
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    picture = segno.make(address, error="m").svg_inline(scale=4, border=2, omitsize=True, dark="#000")
    return ask.page("account.html", page="second_factor", picture=picture, secret=secret)


@room.form("/account/second-factor/confirm", action=SIGNED_IN)
def confirm_second_factor(ask: Ask) -> Response:
    """Switch the second factor on with a first code."""
    ask.site.limits.hit("sign_in", ask.user.id)
    with ask.acting() as acting:
        acting.users.confirm_second_factor(ask.form.text("code"))
    ask.site.forget()
    return ask.go("/account", said=mark("The second factor is on."))


@room.form("/account/sessions/end", action=SIGNED_IN)
def end_session(ask: Ask) -> Response:
    """End one session, or every one."""
    wanted = ask.form.maybe("session")
    with ask.acting() as acting:
        if wanted:
            acting.doors.end_session(wanted)
        else:
            acting.users.revoke_sessions(ask.user.id)
    ask.site.forget()
    return ask.go("/account", said=mark("The session has ended."))


@room.form("/account/tokens", action="token.own")
def add_token(ask: Ask) -> Response:
    """Make a token for a program and show it once."""
    form = ask.form
    with ask.acting() as acting:
        token = acting.users.add_token(
            form.text("label"), scopes=form.all("scopes"), days=form.whole("days", 90)
        )
    return _account(ask, token=token)


@room.form("/account/tokens/end", action="token.own")
def end_token(ask: Ask) -> Response:
    """End one token."""
    with ask.acting() as acting:
        acting.doors.end_token(ask.form.text("token"))
    return ask.go("/account", said=mark("The token has ended."))


@room.api("GET", "/account/sessions", action=SIGNED_IN)
def sessions_json(ask: Ask) -> list[SessionOut]:
    """Give one's own open sessions."""
    with ask.acting() as acting:
        found = acting.doors.sessions(token=ask.person.session if ask.person else "")
    return [SessionOut.model_validate(each) for each in found]


@room.api("GET", "/account/links", action=SIGNED_IN)
def links_json(ask: Ask) -> list[LinkOut]:
    """Give the hospital accounts by which one can sign in here."""
    with ask.acting() as acting:
        return [LinkOut.model_validate(each) for each in acting.links.of()]


@room.api("DELETE", "/account/sessions/{session_id}", action=SIGNED_IN)
def end_session_json(ask: Ask, session_id: SessionId) -> Done:
    """End one of one's own sessions."""
    with ask.acting() as acting:
        acting.doors.end_session(session_id)
    ask.site.forget()
    return Done()


@room.api("GET", "/account/tokens", action="token.own")
def tokens_json(ask: Ask) -> list[TokenOut]:
    """Give one's own tokens."""
    with ask.acting() as acting:
        return [TokenOut.model_validate(each) for each in acting.doors.tokens()]


@room.api("POST", "/account/tokens", action="token.own", status_code=201)
def add_token_json(ask: Ask, body: TokenIn) -> TokenMade:
    """Make a token; a program can give away only what it has itself."""
    own = ask.person.scopes if ask.person else None
    if own is not None and not set(body.scopes) <= own:
        raise InputError(
            mark("This token does not have these scopes itself."),
            key="scopes",
            accepted=", ".join(sorted(own)),
        )
    with ask.acting() as acting:
        return TokenMade(token=acting.users.add_token(body.label, scopes=body.scopes, days=body.days))


@room.api("DELETE", "/account/tokens/{token_id}", action="token.own")
def end_token_json(ask: Ask, token_id: TokenId) -> Done:
    """End one of one's own tokens."""
    with ask.acting() as acting:
        acting.doors.end_token(token_id)
    return Done()
