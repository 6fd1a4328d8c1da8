"""Entries in and out of their tables: sealing, versions, revisions. Permission and audit are the unit's."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, and_, insert, select, update

from milia.base import InputError
from milia.records.audit import digest_of
from milia.records.entities import Content
from milia.records.errors import NotFound
from milia.records.sealing import DataKeys, open_json, seal_json
from milia.records.tables import CONTENT_TABLES, revision

__all__ = ["Entry", "Store", "checked", "new_id"]

C = TypeVar("C", bound=Content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Generic[C]):
    """Content as it is stored: which, whose, which version, by whom, signed or not."""

    kind: str
    id: str
    seq: int
    version: int
    content: C
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    signed_at: datetime | None
    signed_by: str | None
    amends: str | None
    removed_at: datetime | None

    @property
    def signed(self) -> bool:
        """Whether this entry is final."""
        return self.signed_at is not None


def new_id() -> str:
    """Give an id that nobody else gave."""
    return uuid.uuid4().hex


def checked(kind: type[C], fields: Mapping[Any, Any]) -> C:
    """Make content, or say which field is wrong in the way every other file of Milia does."""
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        value = first["input"] if isinstance(first["input"], str | int | float | bool) else None
        raise InputError(
            first["msg"].removeprefix("Value error, "),
            key=f"{kind.kind}.{where}" if where else kind.kind,
            value=value,
            accepted=f"what {kind.__name__} describes",
        ) from error


def owner_of(clinic_id: str, kind: str, row_id: str, patient_id: str | None) -> str:
    """Say whose data key seals a row."""
    if kind == "patient":
        return f"patient:{row_id}"
    return f"patient:{patient_id}" if patient_id else f"clinic:{clinic_id}"


class Store:
    """The content tables of one clinic on one connection."""

    def __init__(self, connection: Connection, keys: DataKeys, clinic_id: str, now: datetime) -> None:
        self.connection = connection
        self.keys = keys
        self.clinic_id = clinic_id
        self.now = now

    def add(
        self, content: Content, *, by: str, amends: str | None = None, row_id: str | None = None
    ) -> tuple[str, str]:
        """Insert content as version 1 and return its id and the row's digest."""
        row_id = row_id or new_id()
        if content.kind == "patient":
            self.keys.make(f"patient:{row_id}")
        row = {
            "id": row_id,
            "clinic_id": self.clinic_id,
            "version": 1,
            **self._columns(content, row_id),
            "created_at": self.now,
            "created_by": by,
            "updated_at": self.now,
            "updated_by": by,
            "signed_at": None,
            "signed_by": None,
            "amends": amends,
            "removed_at": None,
        }
        self.connection.execute(insert(CONTENT_TABLES[content.kind]).values(**row))
        return row_id, self._digest(content.kind, row)

    def put(self, old: Entry[Any], content: Content, *, by: str, **columns: Any) -> str | None:
        """Replace an entry by its next version and keep the old; ``None`` if it was not `old` any more."""
        table = CONTENT_TABLES[old.kind]
        values = {
            **self._columns(content, old.id),
            "version": old.version + 1,
            "updated_at": self.now,
            "updated_by": by,
            **columns,
        }
        done = self.connection.execute(
            update(table)
            .where(and_(table.c.id == old.id, table.c.version == old.version, table.c.signed_at.is_(None)))
            .values(**values)
        )
        if done.rowcount != 1:
            return None
        self._keep(old)
        return self.digest(old.kind, old.id)

    def digest(self, kind: str, row_id: str) -> str:
        """Give the digest of a row as it is stored now."""
        table = CONTENT_TABLES[kind]
        row = self.connection.execute(select(table).where(table.c.id == row_id)).mappings().one()
        return self._digest(kind, row)

    def _digest(self, kind: str, row: Mapping[Any, Any]) -> str:
        return digest_of(self.keys.get(f"audit:{self.clinic_id}"), kind, row)

    def _columns(self, content: Content, row_id: str) -> dict[str, Any]:
        plain = content.model_dump(mode="json")
        clear = {name: getattr(content, name) for name in content.clear}
        sealed = {name: value for name, value in plain.items() if name not in content.clear}
        owner = owner_of(self.clinic_id, content.kind, row_id, clear.get("patient_id"))
        key = self.keys.get(owner)
        return {**clear, "sealed": seal_json(key, sealed, table=content.kind, row_id=row_id)}

    def _keep(self, old: Entry[Any]) -> None:
        content: Content = old.content
        owner = owner_of(self.clinic_id, old.kind, old.id, getattr(content, "patient_id", None))
        place = f"{old.kind}/{old.id}/{old.version}"
        sealed = seal_json(
            self.keys.get(owner), content.model_dump(mode="json"), table="revision", row_id=place
        )
        self.connection.execute(
            insert(revision).values(
                kind=old.kind,
                row_id=old.id,
                version=old.version,
                owner=owner,
                sealed=sealed,
                at=old.updated_at,
                by=old.updated_by,
            )
        )

    def at_version(self, kind: type[C], row_id: str, version: int) -> C | None:
        """Give the content an entry had at an earlier version."""
        found = self.connection.execute(
            select(revision.c.owner, revision.c.sealed).where(
                and_(
                    revision.c.kind == kind.kind,
                    revision.c.row_id == row_id,
                    revision.c.version == version,
                )
            )
        ).first()
        if found is None:
            return None
        place = f"{kind.kind}/{row_id}/{version}"
        return kind.model_validate(
            open_json(self.keys.get(found.owner), found.sealed, table="revision", row_id=place)
        )

    def get(self, kind: type[C], row_id: str, *, removed: bool = False) -> Entry[C]:
        """Give one entry.

        Raises
        ------
        NotFound
            If this clinic has none, if it was taken back, or if its content was erased.
        """
        table = CONTENT_TABLES[kind.kind]
        row = (
            self.connection.execute(
                select(table).where(and_(table.c.id == row_id, table.c.clinic_id == self.clinic_id))
            )
            .mappings()
            .first()
        )
        if row is None or (row["removed_at"] is not None and not removed):
            raise NotFound(f"There is no {kind.kind.replace('_', ' ')} {row_id}.")
        return self.opened(kind, [row])[0]

    def opened(self, kind: type[C], rows: Sequence[Mapping[Any, Any]]) -> list[Entry[C]]:
        """Decrypt rows."""
        owners = [owner_of(self.clinic_id, kind.kind, row["id"], row.get("patient_id")) for row in rows]
        self.keys.prepare(owners)
        return [self._entry(kind, row, owner) for row, owner in zip(rows, owners, strict=True)]

    def _entry(self, kind: type[C], row: Mapping[Any, Any], owner: str) -> Entry[C]:
        plain = open_json(self.keys.get(owner), row["sealed"], table=kind.kind, row_id=row["id"])
        content = kind.model_validate({**plain, **{name: row[name] for name in kind.clear}})
        return Entry(
            kind=kind.kind,
            content=content,
            **{name: row[name] for name in Entry.__dataclass_fields__ if name not in ("kind", "content")},
        )

    def check_links(self, content: Content) -> None:
        """Refuse a link to another clinic's or another patient's entry."""
        for field, kind in content.links.items():
            row_id = getattr(content, field)
            if row_id is None:
                continue
            table = CONTENT_TABLES[kind]
            row = (
                self.connection.execute(
                    select(table).where(and_(table.c.id == row_id, table.c.clinic_id == self.clinic_id))
                )
                .mappings()
                .first()
            )
            mine = getattr(content, "patient_id", None)
            theirs = row["patient_id"] if row and "patient_id" in row else mine
            if row is None or row["removed_at"] is not None or theirs != mine:
                raise InputError(
                    "there is no such entry of this patient",
                    key=f"{content.kind}.{field}",
                    value=row_id,
                    accepted=f"the id of a {kind.replace('_', ' ')}",
                )
