"""The door: first administrator, signing in, sessions, lock-out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from milia.base import InputError
from milia.records.audit import Note
from milia.records.credentials import check_password, digest, new_token, totp_step
from milia.records.errors import Denied
from milia.records.sealing import DataKeys, open_bytes
from milia.records.store import new_id
from milia.records.tables import account, api_token, clinic, session_token, setup_code
from milia.records.users import User, insert_user, user_of

__all__ = [
    "Attempt",
    "SignedIn",
    "by_api_token",
    "by_session",
    "count_failure",
    "first_administrator",
    "let_in",
    "make_setup_code",
    "second_factor_step",
    "try_sign_in",
]

FAILURES_MAX = 5
LOCKED = timedelta(minutes=15)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
_CODE_LIFE = timedelta(hours=24)
_WRONG = "Login, password or code is wrong, or the account is closed for a while."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and the token that the browser keeps; the token is stored nowhere."""

    user: User
    token: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt; the clinic's trail keeps `note` either way."""

    clinic_id: str | None
    note: Note | None
    signed_in: SignedIn | None


def make_setup_code(connection: Connection, *, now: datetime) -> str:
    """Give a new one-time code for the first administrator; an earlier one no longer counts."""
    if connection.execute(select(account.c.id).limit(1)).first():
        raise Denied("There is an administrator already.", action="setup")
    code = new_token()[:20]
    connection.execute(update(setup_code).where(setup_code.c.used_at.is_(None)).values(used_at=now))
    connection.execute(insert(setup_code).values(digest=digest(code), created_at=now, used_at=None))
    return code


def first_administrator(
    connection: Connection,
    keys: DataKeys,
    *,
    code: str,
    clinic_name: str,
    time_zone: str,
    login: str,
    name: str,
    password: str,
    now: datetime,
) -> User:
    """Use the code up, make the clinic with its keys, and its first administrator."""
    used = connection.execute(
        update(setup_code)
        .where(
            setup_code.c.digest == digest(code),
            setup_code.c.used_at.is_(None),
            setup_code.c.created_at > now - _CODE_LIFE,
        )
        .values(used_at=now)
    )
    count = connection.execute(select(func.count()).select_from(account)).scalar_one()
    if used.rowcount != 1 or count:
        raise Denied("This code is wrong, too old, or was used.", action="setup")
    clinic_id = make_clinic(connection, keys, name=clinic_name, time_zone=time_zone, now=now)
    user_id = insert_user(
        connection,
        keys,
        clinic_id=clinic_id,
        login=login,
        role="administrator",
        name=name,
        password=password,
        must_change=False,
        now=now,
    )
    return user_of(keys, connection.execute(select(account).where(account.c.id == user_id)).one())


def make_clinic(
    connection: Connection,
    keys: DataKeys,
    *,
    name: str,
    time_zone: str,
    now: datetime,
    clinic_id: str | None = None,
) -> str:
    """Make a clinic and its three data keys."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(time_zone)
    except (ValueError, OSError, KeyError) as error:
        raise InputError(
            "unknown time zone", key="time_zone", value=time_zone, accepted="Asia/Seoul"
        ) from error
    if not 1 <= len(name) <= 120:
        raise InputError("length of the name", key="clinic.name", accepted="1 to 120 characters")
    clinic_id = clinic_id or new_id()
    connection.execute(insert(clinic).values(id=clinic_id, name=name, time_zone=time_zone, created_at=now))
    for purpose in ("clinic", "index", "audit"):
        keys.make(f"{purpose}:{clinic_id}")
    return clinic_id


def try_sign_in(
    connection: Connection, keys: DataKeys, login: str, password: str, code: str | None, *, now: datetime
) -> Attempt:
    """Check a login; wrong ones are counted, and too many close the account for a while."""
    row = connection.execute(select(account).where(account.c.login == login).with_for_update()).first()
    right = check_password(row.password_hash if row else None, password)
    if row is None:
        return Attempt(None, None, None)
    if row.disabled or (row.locked_until and row.locked_until > now):
        return Attempt(
            row.clinic_id, Note(actor=row.id, action="sign_in_refused", kind="account", row_id=row.id), None
        )
    step = second_factor_step(keys, row, code, now) if right else None
    if not right or step is None:
        action = count_failure(connection, row, now)
        return Attempt(row.clinic_id, Note(actor=row.id, action=action, kind="account", row_id=row.id), None)
    signed_in = let_in(connection, keys, row, step=step, now=now)
    note = Note(actor=row.id, action="sign_in", kind="account", row_id=row.id)
    return Attempt(row.clinic_id, note, signed_in)


def let_in(connection: Connection, keys: DataKeys, row: Row[Any], *, step: int, now: datetime) -> SignedIn:
    """Open a session for an account, by whichever door; `step` is the time step of the code that was used."""
    connection.execute(
        update(account)
        .where(account.c.id == row.id)
        .values(failures=0, locked_until=None, totp_last_step=max(step, row.totp_last_step))
    )
    token = new_token()
    connection.execute(
        insert(session_token).values(
            digest=digest(token),
            user_id=row.id,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
            revoked_at=None,
        )
    )
    return SignedIn(user_of(keys, row), token)


def second_factor_step(keys: DataKeys, row: Row[Any], code: str | None, now: datetime) -> int | None:
    """Give the time step of a right code, 0 without a second factor, ``None`` if it is wrong."""
    if not row.totp_confirmed:
        return 0
    secret = open_bytes(
        keys.get(f"clinic:{row.clinic_id}"), row.totp_sealed, table="account", row_id=row.id, column="totp"
    )
    return totp_step(secret, code or "", now_s=now.timestamp(), after=row.totp_last_step)


def count_failure(connection: Connection, row: Row[Any], now: datetime) -> str:
    """Count a wrong attempt, close the account for a while after too many, and say which of both it was."""
    failures = row.failures + 1
    locked = now + LOCKED if failures % FAILURES_MAX == 0 else None
    connection.execute(
        update(account).where(account.c.id == row.id).values(failures=failures, locked_until=locked)
    )
    return "locked_out" if locked else "sign_in_failed"


def by_session(connection: Connection, keys: DataKeys, token: str, *, now: datetime) -> User:
    """Give the person behind a session that is neither ended, nor too old, nor idle for too long."""
    row = connection.execute(
        select(session_token, account.c.disabled)
        .join(account, account.c.id == session_token.c.user_id)
        .where(session_token.c.digest == digest(token))
    ).first()
    if (
        row is None
        or row.disabled
        or row.revoked_at is not None
        or row.expires_at <= now
        or row.seen_at + IDLE <= now
    ):
        raise Denied("Please sign in again.", action="session")
    connection.execute(
        update(session_token)
        .where(session_token.c.digest == row.digest)
        .values(seen_at=max(now, row.seen_at))
    )
    return user_of(keys, connection.execute(select(account).where(account.c.id == row.user_id)).one())


def by_api_token(
    connection: Connection, keys: DataKeys, token: str, *, now: datetime
) -> tuple[User, frozenset[str]]:
    """Give the person behind a program's token, and its scopes."""
    row = connection.execute(select(api_token).where(api_token.c.digest == digest(token))).first()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        raise Denied("This token is unknown or has ended.", action="api_token")
    found = connection.execute(select(account).where(account.c.id == row.user_id)).one()
    if found.disabled:
        raise Denied("This account is closed.", action="api_token")
    return user_of(keys, found), frozenset(json.loads(row.scopes))


def wrong() -> Denied:
    """Give the one answer to every failed attempt: it does not say what was wrong."""
    return Denied(_WRONG, action="sign_in")
