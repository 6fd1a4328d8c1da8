"""The second door: a person whom a provider vouches for, if an account here is linked to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from milia.records.audit import Note
from milia.records.links import Proven, accept, find_link
from milia.records.sealing import DataKeys
from milia.records.sign_in import SignedIn, count_failure, let_in, second_factor_step
from milia.records.tables import account, clinic

__all__ = ["ProviderSignIn", "try_provider"]

Why = Literal["", "unknown", "closed", "code", "wrong_code"]


@dataclass(frozen=True, slots=True)
class ProviderSignIn:
    """What came of it: somebody is in, or why not. ``code`` asks for the second factor's code."""

    signed_in: SignedIn | None
    why: Why


@dataclass(frozen=True, slots=True)
class _Tried:
    result: ProviderSignIn
    notes: tuple[tuple[str, Note], ...]


def try_provider(
    connection: Connection, keys: DataKeys, proven: Proven, code: str | None, *, now: datetime
) -> _Tried:
    """Find the account of a person at a provider; an account that is closed stays so through this door."""
    link = find_link(connection, keys, proven, now=now)
    if link is None:
        return _Tried(ProviderSignIn(None, "unknown"), _strangers_note(connection))
    row = connection.execute(select(account).where(account.c.id == link.user_id).with_for_update()).one()
    if row.disabled or (row.locked_until and row.locked_until > now):
        return _refused(row, _note(row, "sign_in_refused"), "closed")
    first: tuple[tuple[str, Note], ...] = ()
    if link.subject is None:
        if not accept(connection, link.id, proven.subject, now=now):
            return _Tried(ProviderSignIn(None, "unknown"), _strangers_note(connection))
        first = ((row.clinic_id, _note(row, "link", link=link.id, how="invitation")),)
    if proven.second_factor or not row.totp_confirmed:
        step: int | None = 0
    elif code is None:
        return _Tried(ProviderSignIn(None, "code"), first)
    else:
        step = second_factor_step(keys, row, code, now)
    if step is None:
        action = count_failure(connection, row, now)
        return _refused(row, _note(row, action), "wrong_code")
    signed_in = let_in(connection, keys, row, step=step, now=now)
    done = (row.clinic_id, _note(row, "sign_in", second_factor="provider" if proven.second_factor else "own"))
    return _Tried(ProviderSignIn(signed_in, ""), (*first, done))


def _note(row: Row[Any], action: str, **detail: str) -> Note:
    return Note(
        actor=row.id, action=action, kind="account", row_id=row.id, detail={"by": "provider", **detail}
    )


def _refused(row: Row[Any], note: Note, why: Why) -> _Tried:
    return _Tried(ProviderSignIn(None, why), ((row.clinic_id, note),))


def _strangers_note(connection: Connection) -> tuple[tuple[str, Note], ...]:
    # Nobody here yet, so it is written where somebody can look: in the trail of the clinic of this database.
    clinics = connection.execute(select(clinic.c.id).limit(2)).scalars().all()
    note = Note(
        actor="provider",
        action="sign_in_refused",
        kind="account",
        detail={"by": "provider", "why": "not linked"},
    )
    return ((clinics[0], note),) if len(clinics) == 1 else ()
