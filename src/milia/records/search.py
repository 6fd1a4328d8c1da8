"""Patients by name, without a name in the clear."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select

from milia.base import InputError
from milia.records.entities import Patient
from milia.records.names import matches, query_tokens, stored_tokens
from milia.records.store import Entry, Store
from milia.records.tables import CONTENT_TABLES, name_token

__all__ = ["find_patients", "index_patient"]

_LONGEST = 100
# A part of a word is found by three-letter pieces, which may stand in another order: ask for some more.
_SPARE = 3


def index_patient(store: Store, patient_id: str) -> None:
    """Write the tokens of a patient's name anew."""
    entry = store.get(Patient, patient_id, removed=True)
    store.connection.execute(delete(name_token).where(name_token.c.patient_seq == entry.seq))
    tokens = stored_tokens(store.keys.get(f"index:{store.clinic_id}"), entry.content.name)
    if tokens:
        rows = [{"token": token, "patient_seq": entry.seq} for token in tokens]
        store.connection.execute(insert(name_token), rows)


def find_patients(store: Store, asked: str, *, limit: int = 20) -> list[Entry[Patient]]:
    """Give the newest patients whose names hold what was asked."""
    if not asked.strip() or len(asked) > _LONGEST:
        raise InputError(
            "this cannot be looked for", key="search", value=asked, accepted=f"1 to {_LONGEST} characters"
        )
    found: dict[str, Entry[Patient]] = {}
    for tokens in query_tokens(store.keys.get(f"index:{store.clinic_id}"), asked):
        if len(found) >= limit:
            break
        rows = store.connection.execute(_having(tokens, limit * _SPARE)).mappings().all()
        readable = [row for row in rows if row["id"] not in found]
        for entry in store.opened(Patient, readable):
            if matches(asked, entry.content.name):
                found[entry.id] = entry
    return sorted(found.values(), key=lambda entry: -entry.seq)[:limit]


def _having(tokens: list[int], limit: int) -> Any:
    table = CONTENT_TABLES["patient"]
    first = name_token.alias()
    chosen = select(first.c.patient_seq).where(first.c.token == tokens[0])
    for token in tokens[1:]:
        other = name_token.alias()
        chosen = chosen.join(other, (other.c.patient_seq == first.c.patient_seq) & (other.c.token == token))
    newest = chosen.order_by(first.c.patient_seq.desc()).limit(limit).subquery()
    return (
        select(table)
        .join(newest, newest.c.patient_seq == table.c.seq)
        .where(table.c.state != "erased", table.c.removed_at.is_(None))
    )
