"""Which doors stand open: a clinic's card, an account's sessions and tokens, one by one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from milia.records.errors import NotFound
from milia.records.roles import role_matrix
from milia.records.tables import account, api_token, clinic, session_token

if TYPE_CHECKING:
    from milia.records.unit import Work

__all__ = ["ClinicCard", "Doors", "OpenSession", "OpenToken", "clinic_card", "role_actions", "role_table"]

_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicCard:
    """What stands at the clinic's door."""

    id: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One browser in which somebody is signed in; `id` names it and opens nothing."""

    id: str
    user_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenToken:
    """One program's token; `id` names it and opens nothing."""

    id: str
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


def role_actions() -> frozenset[str]:
    """Give every action of the role table."""
    return frozenset(role_matrix().allow)


def role_table() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Give the roles of each action: those that may, and those that may with a reason."""
    matrix = role_matrix()
    return {action: (matrix.allow[action], matrix.with_reason[action]) for action in matrix.allow}


def clinic_card(connection: Connection, clinic_id: str) -> ClinicCard:
    """Give a clinic's name and time zone."""
    row = connection.execute(select(clinic).where(clinic.c.id == clinic_id)).first()
    if row is None:
        raise NotFound("There is no such clinic.")
    return ClinicCard(id=row.id, name=row.name, time_zone=row.time_zone)


class Doors:
    """The sessions and tokens of the person who acts; an administrator also sees the others' sessions."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def sessions(self, *, user_id: str | None = None, token: str = "") -> list[OpenSession]:
        """Give the open sessions of an account, the latest used first; `token` tells which is this one."""
        from milia.records.credentials import digest
        from milia.records.sign_in import IDLE

        wanted = self._own_or_managed(user_id)
        now, this = self._work.now, digest(token) if token else ""
        rows = self._work.connection.execute(
            select(session_token)
            .where(
                session_token.c.user_id == wanted,
                session_token.c.revoked_at.is_(None),
                session_token.c.expires_at > now,
                session_token.c.seen_at > now - IDLE,
            )
            .order_by(session_token.c.seen_at.desc())
            .limit(100)
        )
        return [
            OpenSession(
                id=row.digest[:_SHOWN],
                user_id=row.user_id,
                created_at=row.created_at,
                seen_at=row.seen_at,
                expires_at=row.expires_at,
                this=row.digest == this,
            )
            for row in rows
        ]

    def end_session(self, session_id: str, *, user_id: str | None = None) -> None:
        """End one session."""
        wanted = self._own_or_managed(user_id)
        self._end(session_token, session_token.c.digest.startswith(session_id, autoescape=True), wanted)
        self._work.note("revoke", "account", wanted, door="session")

    def tokens(self) -> list[OpenToken]:
        """Give one's own tokens that still open something."""
        self._work.require("token.own", "api_token")
        rows = self._work.connection.execute(
            select(api_token)
            .where(
                api_token.c.user_id == self._work.user.id,
                api_token.c.revoked_at.is_(None),
                api_token.c.expires_at > self._work.now,
            )
            .order_by(api_token.c.created_at)
        )
        return [
            OpenToken(
                id=row.id,
                label=row.label,
                scopes=tuple(json.loads(row.scopes)),
                created_at=row.created_at,
                expires_at=row.expires_at,
            )
            for row in rows
        ]

    def end_token(self, token_id: str) -> None:
        """End one of one's own tokens."""
        self._work.require("token.own", "api_token")
        self._end(api_token, api_token.c.id == token_id, self._work.user.id)
        self._work.note("revoke", "api_token", token_id)

    def _own_or_managed(self, user_id: str | None) -> str:
        wanted = user_id or self._work.user.id
        if wanted != self._work.user.id:
            self._work.require("user.manage", "account", wanted)
            here = select(account.c.id).where(
                account.c.id == wanted, account.c.clinic_id == self._work.user.clinic_id
            )
            if self._work.connection.execute(here).first() is None:
                raise NotFound(f"There is no account {wanted}.")
        return wanted

    def _end(self, table: Any, which: Any, user_id: str) -> None:
        done = self._work.connection.execute(
            update(table)
            .where(which, table.c.user_id == user_id, table.c.revoked_at.is_(None))
            .values(revoked_at=self._work.now)
        )
        if not done.rowcount:
            raise NotFound("This was ended already.")
