"""The people of a clinic: roles, passwords, second factor, tokens."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, insert, select, update

from milia.base import InputError, parse_choice
from milia.records.credentials import (
    check_password,
    digest,
    hash_password,
    new_token,
    new_totp_secret,
    totp_address,
    totp_step,
)
from milia.records.errors import Denied, NotFound
from milia.records.roles import ROLES, role_matrix
from milia.records.sealing import DataKeys, open_bytes, open_json, seal_bytes, seal_json
from milia.records.store import new_id
from milia.records.tables import account, api_token, session_token

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from milia.records.unit import Work

__all__ = ["User", "Users", "insert_user", "revoke", "user_of"]

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,79}")
_LONGEST_TOKEN_days = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account."""

    id: str
    clinic_id: str
    login: str
    role: str
    name: str
    disabled: bool
    must_change: bool
    second_factor: bool


def user_of(keys: DataKeys, row: Row[Any]) -> User:
    """Decrypt an account's row."""
    key = keys.get(f"clinic:{row.clinic_id}")
    return User(
        id=row.id,
        clinic_id=row.clinic_id,
        login=row.login,
        role=row.role,
        name=open_json(key, row.sealed, table="account", row_id=row.id)["name"],
        disabled=row.disabled,
        must_change=row.must_change,
        second_factor=row.totp_confirmed,
    )


def insert_user(
    connection: Connection,
    keys: DataKeys,
    *,
    clinic_id: str,
    login: str,
    role: str,
    name: str,
    password: str,
    must_change: bool,
    now: datetime,
    user_id: str | None = None,
) -> str:
    """Write a new account and return its id."""
    parse_choice(role, ROLES, key="user.role")
    if not _LOGIN.fullmatch(login):
        raise InputError(
            "this is no login", key="user.login", value=login, accepted="2 to 80 of a-z 0-9 . _ @ -"
        )
    if not 1 <= len(name.strip()) <= 200:
        raise InputError("length of the name", key="user.name", accepted="1 to 200 characters")
    if connection.execute(select(account.c.id).where(account.c.login == login)).first():
        raise InputError("this login is taken", key="user.login", value=login, accepted="another one")
    user_id = user_id or new_id()
    connection.execute(
        insert(account).values(
            id=user_id,
            clinic_id=clinic_id,
            login=login,
            role=role,
            password_hash=hash_password(password),
            must_change=must_change,
            disabled=False,
            failures=0,
            locked_until=None,
            totp_sealed=None,
            totp_confirmed=False,
            totp_last_step=0,
            sealed=seal_json(
                keys.get(f"clinic:{clinic_id}"), {"name": name.strip()}, table="account", row_id=user_id
            ),
            created_at=now,
        )
    )
    return user_id


def revoke(work: Work, user_id: str) -> None:
    """End every session and token of an account."""
    for table in (session_token, api_token):
        work.connection.execute(
            update(table)
            .where(table.c.user_id == user_id, table.c.revoked_at.is_(None))
            .values(revoked_at=work.now)
        )


class Users:
    """The clinic's accounts, for the person who acts."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def _row(self, user_id: str) -> Row[Any]:
        row = self._work.connection.execute(
            select(account).where(account.c.id == user_id, account.c.clinic_id == self._work.user.clinic_id)
        ).first()
        if row is None:
            raise NotFound(f"There is no account {user_id}.")
        return row

    def _set(self, user_id: str, **values: Any) -> None:
        self._work.connection.execute(update(account).where(account.c.id == user_id).values(**values))

    def everybody(self) -> list[User]:
        """Give everybody with an account here."""
        self._work.require("user.read")
        rows = self._work.connection.execute(
            select(account).where(account.c.clinic_id == self._work.user.clinic_id).order_by(account.c.login)
        )
        return [user_of(self._work.keys, row) for row in rows]

    def add(self, *, login: str, role: str, name: str, password: str) -> User:
        """Make an account; its first password has to be changed by its owner."""
        self._work.require("user.manage", "account")
        user_id = insert_user(
            self._work.connection,
            self._work.keys,
            clinic_id=self._work.user.clinic_id,
            login=login,
            role=role,
            name=name,
            password=password,
            must_change=True,
            now=self._work.now,
        )
        self._work.note("add", "account", user_id, role=role)
        return user_of(self._work.keys, self._row(user_id))

    def change_role(self, user_id: str, role: str) -> None:
        """Give another role; the last administrator stays one."""
        self._work.require("user.manage", "account", user_id)
        parse_choice(role, ROLES, key="user.role")
        row = self._row(user_id)
        if row.role == "administrator" and role != "administrator":
            self._keep_one_administrator(user_id)
        self._set(user_id, role=role)
        self._revoke(user_id)
        self._work.note("change", "account", user_id, role=role)

    def disable(self, user_id: str, *, disabled: bool = True) -> None:
        """Close an account and its sessions, or open it again; it is never deleted: the trail names it."""
        self._work.require("user.manage", "account", user_id)
        row = self._row(user_id)
        if disabled and row.role == "administrator":
            self._keep_one_administrator(user_id)
        self._set(user_id, disabled=disabled)
        self._revoke(user_id)
        self._work.note("disable" if disabled else "enable", "account", user_id)

    def _keep_one_administrator(self, user_id: str) -> None:
        others = self._work.connection.execute(
            select(account.c.id).where(
                account.c.clinic_id == self._work.user.clinic_id,
                account.c.role == "administrator",
                account.c.disabled.is_(False),
                account.c.id != user_id,
            )
        ).first()
        if others is None:
            raise InputError(
                "the clinic would have no administrator", key="user.role", accepted="make another one first"
            )

    def reset_password(self, user_id: str) -> str:
        """Give a new one-time password, end every session and lock-out, and drop the second factor."""
        self._work.require("user.manage", "account", user_id)
        self._row(user_id)
        password = new_token()[:16]
        self._set(
            user_id,
            password_hash=hash_password(password),
            must_change=True,
            failures=0,
            locked_until=None,
            totp_sealed=None,
            totp_confirmed=False,
        )
        self._revoke(user_id)
        self._work.note("reset_password", "account", user_id)
        return password

    def change_password(self, old: str, new: str) -> None:
        """Change one's own password; every session ends."""
        row = self._row(self._work.user.id)
        if not check_password(row.password_hash, old):
            raise Denied("The old password is another one.", action="change_password")
        if old == new:
            raise InputError("this is the old password", key="password", accepted="another one")
        self._set(row.id, password_hash=hash_password(new), must_change=False)
        self._revoke(row.id)
        self._work.note("change_password", "account", row.id)

    def revoke_sessions(self, user_id: str) -> None:
        """End every session and token of one's own, or of anybody as administrator."""
        if user_id != self._work.user.id:
            self._work.require("user.manage", "account", user_id)
        self._row(user_id)
        self._revoke(user_id)
        self._work.note("revoke", "account", user_id)

    def _revoke(self, user_id: str) -> None:
        revoke(self._work, user_id)

    def begin_second_factor(self) -> str:
        """Make a secret for one's authenticator and give its address; it counts once a code confirms it."""
        secret = new_totp_secret()
        user = self._work.user
        if user.second_factor:
            raise InputError(
                "there is a second factor", key="totp", accepted="a reset by an administrator first"
            )
        key = self._work.keys.get(f"clinic:{user.clinic_id}")
        sealed = seal_bytes(key, secret, table="account", row_id=user.id, column="totp")
        self._set(user.id, totp_sealed=sealed, totp_confirmed=False, totp_last_step=0)
        self._work.note("begin_second_factor", "account", user.id)
        return totp_address(secret, user.login)

    def confirm_second_factor(self, code: str) -> None:
        """Switch the second factor on with a first code."""
        row = self._row(self._work.user.id)
        if row.totp_sealed is None:
            raise InputError("no second factor was begun", key="totp", accepted="begin it first")
        key = self._work.keys.get(f"clinic:{row.clinic_id}")
        secret = open_bytes(key, row.totp_sealed, table="account", row_id=row.id, column="totp")
        step = totp_step(secret, code, now_s=self._work.now.timestamp(), after=row.totp_last_step)
        if step is None:
            raise InputError("this code is not right", key="totp", accepted="the six digits shown now")
        self._set(row.id, totp_confirmed=True, totp_last_step=step)
        self._work.note("confirm_second_factor", "account", row.id)

    def add_token(self, label: str, *, scopes: list[str], days: int) -> str:
        """Make a token for a program; it may do only what is in its scopes and what its owner may."""
        self._work.require("token.own", "api_token")
        unknown: list[str] = sorted(set(scopes) - set(role_matrix().allow))
        if unknown or not scopes:
            raise InputError(
                "unknown scope", key="scopes", value=", ".join(unknown), accepted="actions of the role table"
            )
        if not 1 <= days <= _LONGEST_TOKEN_days:
            raise InputError(
                "life of a token", key="days", value=days, accepted=f"1 to {_LONGEST_TOKEN_days}"
            )
        if not 1 <= len(label) <= 80:
            raise InputError("length of the label", key="label", accepted="1 to 80 characters")
        token, row_id = f"milia_{new_token()}", new_id()
        self._work.connection.execute(
            insert(api_token).values(
                id=row_id,
                digest=digest(token),
                user_id=self._work.user.id,
                label=label,
                scopes=json.dumps(sorted(set(scopes))),
                created_at=self._work.now,
                expires_at=self._work.now + timedelta(days=days),
                revoked_at=None,
            )
        )
        self._work.note("add", "api_token", row_id, scopes=sorted(set(scopes)))
        return token
