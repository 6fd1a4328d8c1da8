"""Accounts of the clinic and the table of roles."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from milia.base import InputError
from milia.records import ROLES, User, role_table
from milia.web.api import Answer, Done
from milia.web.i18n import mark
from milia.web.pages import SIGNED_IN, Nav, Room
from milia.web.pages_ask import Ask, Asking
from milia.web.rooms.account import LinkOut, SessionOut

room = Room("users", nav=(Nav(mark("Accounts"), "/users", 80, "user.manage", icon="key"),))

UserId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Role = Literal["doctor", "nurse", "front_desk", "administrator"]


class UserOut(Answer):
    id: str
    login: str
    name: str
    role: str
    disabled: bool
    must_change: bool
    second_factor: bool


class UserIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[a-z0-9][a-z0-9._@-]{1,79}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    role: Role


class UserChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    disabled: bool | None = None


class OneTime(Answer):
    id: str
    one_time_password: str = Field(description="Shown once; it has to be changed at the first sign-in.")


class LinkIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    email: Annotated[str, Field(min_length=3, max_length=255)] | None = None


class RoleRow(Answer):
    action: str
    allow: list[str]
    with_reason: list[str]


def everybody(ask: Asking) -> list[User]:
    """Give every account of the clinic."""
    with ask.acting() as acting:
        return acting.users.everybody()


def make_user(ask: Asking, login: str, name: str, role: str) -> OneTime:
    """Make an account with a one-time password."""
    password = secrets.token_urlsafe(12)
    with ask.acting() as acting:
        made = acting.users.add(login=login, role=role, name=name, password=password)
    return OneTime(id=made.id, one_time_password=password)


def change_user(ask: Asking, user_id: str, change: UserChange) -> None:
    """Change role or close an account."""
    with ask.acting() as acting:
        if change.role is not None:
            acting.users.change_role(user_id, change.role)
        if change.disabled is not None:
            acting.users.disable(user_id, disabled=change.disabled)
    ask.site.forget()


def reset(ask: Asking, user_id: str) -> OneTime:
    """Give a new one-time password; sessions, lock-out and second factor go."""
    with ask.acting() as acting:
        password = acting.users.reset_password(user_id)
    ask.site.forget()
    return OneTime(id=user_id, one_time_password=password)


def end_sessions(ask: Asking, user_id: str) -> None:
    """End every session and token of somebody."""
    with ask.acting() as acting:
        acting.users.revoke_sessions(user_id)
    ask.site.forget()


def link_user(ask: Asking, user_id: str, *, subject: str | None, email: str | None) -> None:
    """Link an account to a person at the clinic's provider, or invite them by their address once."""
    if ask.site.provider is None:
        raise InputError(
            mark("Signing in with a hospital account is not set up."),
            key="MILIA_OIDC_ISSUER",
            accepted=mark("the address of the hospital's sign-in"),
        )
    if bool(subject) == bool(email):
        raise InputError(
            mark("Give the number that the hospital's sign-in has for this person, or an e-mail address."),
            key="subject",
            accepted=mark("one of both"),
        )
    issuer = ask.site.provider.issuer
    with ask.acting() as acting:
        if subject:
            acting.links.add(user_id, issuer=issuer, subject=subject)
        else:
            acting.links.invite(user_id, issuer=issuer, email=email or "")


def end_link(ask: Asking, user_id: str, link_id: str) -> None:
    """End a link or an invitation, and the account's sessions with it."""
    with ask.acting() as acting:
        acting.links.end(user_id, link_id)
    ask.site.forget()


def _users(ask: Asking, **content: Any) -> Response:
    with ask.acting() as acting:
        people = acting.users.everybody()
        doors = {each.id: acting.doors.sessions(user_id=each.id) for each in people}
        links = {each.id: acting.links.of(each.id) for each in people}
    shown = {"made": None, "links": links, "now": ask.now, **content}
    return ask.page("users.html", page="users", people=people, doors=doors, roles=ROLES, **shown)


@room.page("/users", action="user.manage")
def users_page(ask: Ask) -> Response:
    """Show the accounts."""
    return _users(ask)


@room.form("/users", action="user.manage")
def add_user(ask: Ask) -> Response:
    """Make an account and show its one-time password once."""
    form = ask.form
    login = form.text("login")
    made = make_user(ask, login, form.text("name"), form.text("role"))
    return _users(ask, made=made, login=login)


@room.form("/users/{user_id}/role", action="user.manage")
def change_role(ask: Ask, user_id: UserId) -> Response:
    """Give another role."""
    change_user(ask, user_id, UserChange.model_validate({"role": ask.form.text("role")}))
    return ask.go("/users", said=mark("The role is changed."))


@room.form("/users/{user_id}/disable", action="user.manage")
def disable(ask: Ask, user_id: UserId) -> Response:
    """Close an account, or open it again."""
    change_user(ask, user_id, UserChange(disabled=ask.form.flag("disabled")))
    return ask.go("/users", said=mark("The account is changed."))


@room.form("/users/{user_id}/reset", action="user.manage")
def reset_password(ask: Ask, user_id: UserId) -> Response:
    """Give a one-time password."""
    made = reset(ask, user_id)
    login = next(each.login for each in everybody(ask) if each.id == user_id)
    return _users(ask, made=made, login=login)


@room.form("/users/{user_id}/sessions/end", action="user.manage")
def end_user_sessions(ask: Ask, user_id: UserId) -> Response:
    """End every session of somebody."""
    end_sessions(ask, user_id)
    return ask.go("/users", said=mark("All sessions and tokens of this account have ended."))


@room.form("/users/{user_id}/links", action="user.manage")
def add_link(ask: Ask, user_id: UserId) -> Response:
    """Link an account to a person at the provider, or invite them by e-mail."""
    form = ask.form
    link_user(ask, user_id, subject=form.maybe("subject") or None, email=form.maybe("email") or None)
    said = mark("The account is linked.") if form.maybe("subject") else mark("The invitation is open.")
    return ask.go("/users", said=said)


@room.form("/users/{user_id}/links/end", action="user.manage")
def end_link_form(ask: Ask, user_id: UserId) -> Response:
    """End a link or an invitation."""
    end_link(ask, user_id, ask.form.text("link"))
    return ask.go("/users", said=mark("The link has ended, and all sessions of this account with it."))


@room.page("/roles", action=SIGNED_IN)
def roles_page(ask: Ask) -> Response:
    """Show who may do what."""
    return ask.page("users.html", page="roles", table=role_table(), roles=ROLES)


@room.api("GET", "/users", action="user.read")
def users_json(ask: Ask) -> list[UserOut]:
    """Give every account."""
    return [UserOut.model_validate(each) for each in everybody(ask)]


@room.api("POST", "/users", action="user.manage", status_code=201)
def add_user_json(ask: Ask, body: UserIn) -> OneTime:
    """Make an account."""
    return make_user(ask, body.login, body.name, body.role)


@room.api("PATCH", "/users/{user_id}", action="user.manage")
def change_user_json(ask: Ask, user_id: UserId, body: UserChange) -> Done:
    """Change role or close an account."""
    change_user(ask, user_id, body)
    return Done()


@room.api("POST", "/users/{user_id}/reset", action="user.manage")
def reset_json(ask: Ask, user_id: UserId) -> OneTime:
    """Give a one-time password."""
    return reset(ask, user_id)


@room.api("GET", "/users/{user_id}/sessions", action="user.manage")
def user_sessions_json(ask: Ask, user_id: UserId) -> list[SessionOut]:
    """Give somebody's open sessions."""
    with ask.acting() as acting:
        return [SessionOut.model_validate(each) for each in acting.doors.sessions(user_id=user_id)]


@room.api("DELETE", "/users/{user_id}/sessions", action="user.manage")
def end_sessions_json(ask: Ask, user_id: UserId) -> Done:
    """End every session and token of somebody."""
    end_sessions(ask, user_id)
    return Done()


@room.api("GET", "/users/{user_id}/links", action="user.manage")
def links_json(ask: Ask, user_id: UserId) -> list[LinkOut]:
    """Give somebody's links to a provider, and open invitations."""
    with ask.acting() as acting:
        return [LinkOut.model_validate(each) for each in acting.links.of(user_id)]


@room.api("POST", "/users/{user_id}/links", action="user.manage", status_code=201)
def add_link_json(ask: Ask, user_id: UserId, body: LinkIn) -> Done:
    """Link an account to a person at the provider, or invite them by e-mail."""
    link_user(ask, user_id, subject=body.subject, email=body.email)
    return Done()


@room.api("DELETE", "/users/{user_id}/links/{link_id}", action="user.manage")
def end_link_json(ask: Ask, user_id: UserId, link_id: UserId) -> Done:
    """End a link or an invitation."""
    end_link(ask, user_id, link_id)
    return Done()


@room.api("GET", "/roles", action=SIGNED_IN)
def roles_json(ask: Ask) -> list[RoleRow]:
    """Give the table of roles."""
    del ask
    return [
        RoleRow(action=action, allow=sorted(allow), with_reason=sorted(reason))
        for action, (allow, reason) in role_table().items()
    ]
