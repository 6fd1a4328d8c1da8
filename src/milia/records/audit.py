"""Who saw or changed what: one numbered, sealed chain per clinic, appended inside the same transaction."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text
from sqlalchemy.exc import DataError, OperationalError

from milia.records.ledger import Ledger
from milia.records.sealing import DataKeys
from milia.records.tables import CONTENT_TABLES, audit_entry, clinic

__all__ = ["AuditLine", "AuditReport", "Note", "append", "digest_of", "lines", "verify"]

_START = "0" * 64
_SHOWN_PROBLEMS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is about to be written to the trail; `detail` never holds a name or a finding."""

    actor: str
    action: str
    kind: str = ""
    row_id: str = ""
    version: int = 0
    digest: str = ""
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line of the trail, as people read it."""

    seq: int
    at: datetime
    actor: str
    action: str
    kind: str
    row_id: str
    version: int
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What `verify` found; no problem means that nothing was changed, left out or put in another order."""

    clinics: int
    entries: int
    rows: int
    problems: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether everything is as Milia wrote it."""
        return not self.problems


def append(
    connection: Connection, keys: DataKeys, clinic_id: str, notes: list[Note], *, at: datetime
) -> tuple[int, str]:
    """Write notes to the end of a clinic's chain and return the new end: number and seal."""
    if connection.dialect.name == "postgresql":
        # Two writers that both read the same end would fork the chain; the lock goes with the transaction.
        connection.execute(
            text("SELECT pg_advisory_xact_lock(7240262, hashtext(:clinic))"), {"clinic": clinic_id}
        )
    key = keys.get(f"audit:{clinic_id}")
    seq, mac = _end(connection, clinic_id)
    rows = []
    for note in notes:
        seq += 1
        row = {
            "clinic_id": clinic_id,
            "seq": seq,
            "at": at,
            "actor": note.actor,
            "action": note.action,
            "kind": note.kind,
            "row_id": note.row_id,
            "version": note.version,
            "digest": note.digest,
            "detail": json.dumps(note.detail or {}, ensure_ascii=False, sort_keys=True),
        }
        mac = row["mac"] = _seal(key, mac, row)
        rows.append(row)
    connection.execute(insert(audit_entry), rows)
    return seq, mac


def _end(connection: Connection, clinic_id: str) -> tuple[int, str]:
    last = connection.execute(
        select(audit_entry.c.seq, audit_entry.c.mac)
        .where(audit_entry.c.clinic_id == clinic_id)
        .order_by(audit_entry.c.seq.desc())
        .limit(1)
    ).first()
    return (last.seq, last.mac) if last else (0, _START)


def _seal(key: bytes, before: str, row: Mapping[Any, Any]) -> str:
    said = [before, *(_plain(row[c.name]) for c in audit_entry.columns if c.name != "mac")]
    return hmac.new(key, json.dumps(said, ensure_ascii=False).encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, datetime) else value


def digest_of(key: bytes, kind: str, row: Mapping[Any, Any]) -> str:
    """Give the seal of a stored row, so that a change made around Milia shows without reading the content."""
    table = CONTENT_TABLES[kind]
    said = [kind, *(_plain(row[c.name]) for c in table.columns if c.name != "seq")]
    return hmac.new(key, json.dumps(said, ensure_ascii=False).encode(), hashlib.sha256).hexdigest()


def lines(
    connection: Connection,
    clinic_id: str,
    *,
    row_id: str | None = None,
    actor: str | None = None,
    before: int | None = None,
    limit: int = 200,
) -> list[AuditLine]:
    """Give the newest lines of a clinic's trail, about one row or by one person if wanted."""
    asked = select(audit_entry).where(audit_entry.c.clinic_id == clinic_id)
    if row_id is not None:
        asked = asked.where(audit_entry.c.row_id == row_id)
    if actor is not None:
        asked = asked.where(audit_entry.c.actor == actor)
    if before is not None:
        asked = asked.where(audit_entry.c.seq < before)
    found = connection.execute(asked.order_by(audit_entry.c.seq.desc()).limit(limit))
    return [_line(row) for row in found]


def _line(row: Row[Any]) -> AuditLine:
    return AuditLine(
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        action=row.action,
        kind=row.kind,
        row_id=row.row_id,
        version=row.version,
        detail=json.loads(row.detail),
    )


def verify(connection: Connection, keys: DataKeys, ledger: Ledger) -> AuditReport:
    """Walk every chain from its first entry, compare its end with the ledger and every row with its seal."""
    problems: list[str] = []
    entries = rows = 0
    ids = connection.execute(select(clinic.c.id).order_by(clinic.c.id)).scalars().all()
    for clinic_id in ids:
        if not keys.has(f"audit:{clinic_id}"):
            problems.append(f"clinic {clinic_id}: the key of its audit trail is missing")
            continue
        key = keys.get(f"audit:{clinic_id}")
        try:
            count, newest = _walk(connection, key, clinic_id, ledger.head(clinic_id), problems)
            entries += count
            rows += _compare_rows(connection, key, clinic_id, newest, problems)
        except (DataError, OperationalError, TypeError, ValueError):
            # Text where bytes were, a moment that is none: Milia never wrote that.
            problems.append(f"clinic {clinic_id}: a row cannot be read: it was changed outside Milia")
            break
    return AuditReport(len(ids), entries, rows, tuple(problems[:_SHOWN_PROBLEMS]))


def _walk(
    connection: Connection,
    key: bytes,
    clinic_id: str,
    head: tuple[int, str] | None,
    problems: list[str],
) -> tuple[int, dict[tuple[str, str], str]]:
    newest: dict[tuple[str, str], str] = {}
    expected, before, count = 1, _START, 0
    met = head is None
    found = connection.execution_options(yield_per=2000).execute(
        select(audit_entry).where(audit_entry.c.clinic_id == clinic_id).order_by(audit_entry.c.seq)
    )
    for row in found.mappings():
        count += 1
        if row["seq"] != expected:
            problems.append(f"clinic {clinic_id}: entry {expected} is missing")
        if row["mac"] != _seal(key, before, row):
            problems.append(f"clinic {clinic_id}: entry {row['seq']} was changed, or the one before it")
        if head is not None and row["seq"] == head[0]:
            met = row["mac"] == head[1]
        expected, before = row["seq"] + 1, row["mac"]
        if row["digest"]:
            newest[row["kind"], row["row_id"]] = row["digest"]
    if head is None:
        problems.append(f"clinic {clinic_id}: the ledger does not know this trail")
    elif not met:
        problems.append(
            f"clinic {clinic_id}: the trail ends at {expected - 1}, the ledger knows entry {head[0]}"
        )
    return count, newest


def _compare_rows(
    connection: Connection,
    key: bytes,
    clinic_id: str,
    newest: dict[tuple[str, str], str],
    problems: list[str],
) -> int:
    count = 0
    for kind, table in CONTENT_TABLES.items():
        found = connection.execution_options(yield_per=2000).execute(
            select(table).where(table.c.clinic_id == clinic_id).order_by(table.c.seq)
        )
        for row in found.mappings():
            count += 1
            known = newest.pop((kind, row["id"]), None)
            if known is None:
                problems.append(f"{kind} {row['id']}: it was not written by Milia")
            elif known != digest_of(key, kind, row):
                problems.append(f"{kind} {row['id']}: it was changed outside Milia")
    problems.extend(f"{kind} {row_id}: it is missing" for kind, row_id in sorted(newest))
    return count
