"""Which person at a provider is which account here: linked by an administrator, or invited once by e-mail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from milia.base import InputError
from milia.records.errors import NotFound
from milia.records.sealing import DataKeys, open_json, seal_json
from milia.records.store import new_id
from milia.records.tables import account, account_link
from milia.records.users import revoke

if TYPE_CHECKING:
    from milia.records.unit import Work

__all__ = ["INVITED_days", "Link", "Links", "Proven", "find_link"]

INVITED_days = 14
_LONGEST = 255
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a provider said about a person, after its signature was checked.

    Attributes
    ----------
    issuer, subject
        Who says it, and about whom.
    email
        The address, where the provider says that it was verified.
    second_factor
        Whether a second factor was used there that the clinic accepts instead of its own.
    """

    issuer: str
    subject: str
    email: str | None = None
    second_factor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An account's link to a person at a provider, or the invitation to make one."""

    id: str
    user_id: str
    issuer: str
    subject: str | None
    email: str | None
    invited_until: datetime | None
    linked_at: datetime | None


def find_link(connection: Connection, keys: DataKeys, proven: Proven, *, now: datetime) -> Row[Any] | None:
    """Give the link of a person at a provider, else the one open invitation to the verified address."""
    link = account_link.c
    linked = connection.execute(
        select(account_link).where(link.issuer == proven.issuer, link.subject == proven.subject)
    ).first()
    if linked is not None or proven.email is None:
        return linked
    found = [row for row in _invitations(connection, proven.issuer, now) if _invited(keys, row, proven.email)]
    return found[0] if len(found) == 1 else None


def accept(connection: Connection, link_id: str, subject: str, *, now: datetime) -> bool:
    """Turn an invitation into a link; ``False`` if somebody else was quicker."""
    done = connection.execute(
        update(account_link)
        .where(account_link.c.id == link_id, account_link.c.subject.is_(None))
        .values(subject=subject, invited_until=None, linked_at=now)
    )
    return done.rowcount == 1


def _invitations(connection: Connection, issuer: str, now: datetime) -> list[Row[Any]]:
    link = account_link.c
    asked = select(account_link).where(
        link.issuer == issuer, link.subject.is_(None), link.invited_until > now
    )
    return list(connection.execute(asked.order_by(link.id)))


def _email_of(keys: DataKeys, row: Row[Any]) -> str | None:
    if row.sealed is None:
        return None
    key = keys.get(f"clinic:{row.clinic_id}")
    email: str = open_json(key, row.sealed, table="account_link", row_id=row.id)["email"]
    return email


def _invited(keys: DataKeys, row: Row[Any], email: str) -> bool:
    return (_email_of(keys, row) or "").casefold() == email.casefold()


class Links:
    """The clinic's links, for the administrator who acts; everybody may see their own."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def of(self, user_id: str | None = None) -> list[Link]:
        """Give the links of an account: one's own, or anybody's as administrator."""
        wanted = user_id or self._work.user.id
        if wanted != self._work.user.id:
            self._work.require("user.manage", "account", wanted)
        rows = self._work.connection.execute(
            select(account_link)
            .where(account_link.c.user_id == wanted, account_link.c.clinic_id == self._work.user.clinic_id)
            .order_by(account_link.c.issuer)
        )
        return [self._link(row) for row in rows]

    def _link(self, row: Row[Any]) -> Link:
        return Link(
            id=row.id,
            user_id=row.user_id,
            issuer=row.issuer,
            subject=row.subject,
            email=_email_of(self._work.keys, row),
            invited_until=row.invited_until,
            linked_at=row.linked_at,
        )

    def add(self, user_id: str, *, issuer: str, subject: str) -> None:
        """Link an account to a person at a provider."""
        fine = subject.isascii() and subject.isprintable() and 1 <= len(subject) <= _LONGEST
        if not fine or subject != subject.strip():
            raise InputError(
                "this is no subject", key="subject", accepted=f"1 to {_LONGEST} printable ASCII characters"
            )
        self._check(user_id, issuer)
        link = account_link.c
        taken = select(link.id).where(link.issuer == issuer, link.subject == subject)
        if self._work.connection.execute(taken).first():
            raise InputError(
                "this person at the provider is linked to another account",
                key="subject",
                accepted="end the other link first",
            )
        row_id = new_id()
        self._insert(row_id, user_id, issuer, subject=subject, linked_at=self._work.now)
        self._work.note("link", "account", user_id, link=row_id, by="subject")

    def invite(self, user_id: str, *, issuer: str, email: str) -> None:
        """Let the first person who signs in there with this verified address be this account."""
        if not _EMAIL.fullmatch(email) or not email.isprintable():
            raise InputError("this is no e-mail address", key="email", accepted="NAME@PLACE")
        self._check(user_id, issuer)
        others = _invitations(self._work.connection, issuer, self._work.now)
        if any(_invited(self._work.keys, row, email) for row in others):
            raise InputError(
                "this address is invited already", key="email", accepted="end the other invitation first"
            )
        row_id = new_id()
        key = self._work.keys.get(f"clinic:{self._work.user.clinic_id}")
        sealed = seal_json(key, {"email": email}, table="account_link", row_id=row_id)
        until = self._work.now + timedelta(days=INVITED_days)
        self._insert(row_id, user_id, issuer, sealed=sealed, invited_until=until)
        self._work.note("invite", "account", user_id, link=row_id)

    def _check(self, user_id: str, issuer: str) -> None:
        self._work.require("user.manage", "account", user_id)
        here = select(account.c.id).where(
            account.c.id == user_id, account.c.clinic_id == self._work.user.clinic_id
        )
        if self._work.connection.execute(here).first() is None:
            raise NotFound(f"There is no account {user_id}.")
        link = account_link.c
        known = select(link.id).where(link.user_id == user_id, link.issuer == issuer)
        if self._work.connection.execute(known).first():
            raise InputError(
                "this account has a link or an invitation", key="user", accepted="end that one first"
            )

    def _insert(self, row_id: str, user_id: str, issuer: str, **values: Any) -> None:
        user = self._work.user
        empty = dict.fromkeys(("subject", "sealed", "invited_until", "linked_at"))
        self._work.connection.execute(
            insert(account_link).values(
                id=row_id,
                clinic_id=user.clinic_id,
                user_id=user_id,
                issuer=issuer,
                created_at=self._work.now,
                created_by=user.id,
                **{**empty, **values},
            )
        )

    def end(self, user_id: str, link_id: str) -> None:
        """End a link or an invitation; the account's sessions and tokens end with it."""
        self._work.require("user.manage", "account", user_id)
        link = account_link.c
        done = self._work.connection.execute(
            delete(account_link).where(
                link.id == link_id, link.user_id == user_id, link.clinic_id == self._work.user.clinic_id
            )
        )
        if not done.rowcount:
            raise NotFound("There is no such link.")
        revoke(self._work, user_id)
        self._work.note("unlink", "account", user_id, link=link_id)
