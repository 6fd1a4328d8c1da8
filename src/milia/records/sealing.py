"""Content at rest: AES-256-GCM under a data key of the patient or the clinic, wrapped by the master key."""

from __future__ import annotations

import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select

from milia.base import InputError, MiliaError
from milia.records.errors import NotFound
from milia.records.keyring import Keyring
from milia.records.tables import data_key

__all__ = ["DataKeys", "open_bytes", "open_json", "seal_bytes", "seal_json"]

_NONCE = 12


def seal_bytes(key: bytes, plain: bytes, *, table: str, row_id: str, column: str) -> bytes:
    """Encrypt bytes for one place; the same bytes moved to another row or column cannot be opened."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, _place(table, row_id, column))


def open_bytes(key: bytes, sealed: bytes, *, table: str, row_id: str, column: str) -> bytes:
    """Decrypt what `seal_bytes` made for this place.

    Raises
    ------
    MiliaError
        If the bytes were changed, moved, or sealed with another key.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(table, row_id, column))
    except (InvalidTag, ValueError) as error:
        raise MiliaError(f"{table} {row_id}: the stored content was changed outside Milia.") from error


def seal_json(key: bytes, content: Any, *, table: str, row_id: str, column: str = "sealed") -> bytes:
    """Encrypt a JSON value."""
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
        plain = text.encode()
    except (ValueError, TypeError) as error:
        raise InputError(
            "this cannot be stored", key=table, value=str(error), accepted="finite numbers and valid text"
        ) from error
    return seal_bytes(key, plain, table=table, row_id=row_id, column=column)


def open_json(key: bytes, sealed: bytes, *, table: str, row_id: str, column: str = "sealed") -> Any:
    """Decrypt a JSON value."""
    return json.loads(open_bytes(key, sealed, table=table, row_id=row_id, column=column))


def _place(table: str, row_id: str, column: str) -> bytes:
    # No part may hold a NUL, so two different places never give the same bytes.
    return b"\0".join(part.encode() for part in ("milia", table, row_id, column))


class DataKeys:
    """The data keys of one unit of work: never kept longer, so that an erased key is gone."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
        self._open: dict[str, bytes] = {}

    def get(self, owner: str) -> bytes:
        """Give the data key of an owner: ``patient:ID``, ``clinic:ID``, ``index:ID`` or ``audit:ID``."""
        self.prepare([owner])
        if owner not in self._open:
            raise NotFound("The content was erased on request, or its key is missing.")
        return self._open[owner]

    def has(self, owner: str) -> bool:
        """Say whether this owner's content can still be read."""
        self.prepare([owner])
        return owner in self._open

    def prepare(self, owners: list[str]) -> None:
        """Read several keys at once."""
        missing = sorted({owner for owner in owners if owner not in self._open})
        for start in range(0, len(missing), 500):
            chosen = missing[start : start + 500]
            found = self._connection.execute(
                select(data_key.c.owner, data_key.c.wrapped, data_key.c.master_id).where(
                    data_key.c.owner.in_(chosen)
                )
            )
            for owner, wrapped, master_id in found:
                self._open[owner] = unwrap(self._keyring, owner, wrapped, master_id)

    def make(self, owner: str) -> bytes:
        """Make, wrap and store a new data key."""
        key = secrets.token_bytes(32)
        self._connection.execute(
            insert(data_key).values(
                owner=owner, wrapped=wrap(self._keyring, owner, key), master_id=self._keyring.current
            )
        )
        self._open[owner] = key
        return key

    def shred(self, owner: str) -> None:
        """Destroy a data key: what it sealed can never be read again."""
        self._connection.execute(delete(data_key).where(data_key.c.owner == owner))
        self._open.pop(owner, None)


def wrap(keyring: Keyring, owner: str, key: bytes) -> bytes:
    """Encrypt a data key under the current master key."""
    master = keyring.derived("wrap", keyring.current)
    return seal_bytes(master, key, table="data_key", row_id=owner, column=keyring.current)


def unwrap(keyring: Keyring, owner: str, wrapped: bytes, master_id: str) -> bytes:
    """Decrypt a data key."""
    master = keyring.derived("wrap", master_id)
    return open_bytes(master, wrapped, table="data_key", row_id=owner, column=master_id)
