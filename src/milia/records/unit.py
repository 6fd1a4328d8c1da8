"""One person's unit of work: allowed, audited and saved as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, and_, select

from milia.base import InputError
from milia.records.audit import AuditLine, Note, lines
from milia.records.entities import Content
from milia.records.errors import Conflict, Denied
from milia.records.merge import three_way
from milia.records.roles import allowed
from milia.records.sealing import DataKeys
from milia.records.store import Entry, Store, checked
from milia.records.tables import CONTENT_TABLES

if TYPE_CHECKING:
    from milia.records.doors import Doors
    from milia.records.drafts import Drafts
    from milia.records.jobs import Jobs
    from milia.records.links import Links
    from milia.records.photographs import Photographs
    from milia.records.users import User, Users

__all__ = ["Acting", "Work"]

C = TypeVar("C", bound=Content)
_MOST = 500


@dataclass(frozen=True, slots=True)
class Work:
    """What a unit of work stands on; shared by its parts."""

    connection: Connection
    keys: DataKeys
    store: Store
    user: User
    reason: str | None
    scopes: frozenset[str] | None
    now: datetime
    notes: list[Note] = field(default_factory=list)
    # Done once everything is saved: files to remove, erased patients to remember.
    after: list[Callable[[], None]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    def require(self, action: str, kind: str = "", row_id: str = "") -> None:
        """Refuse what the role, or the token's scopes, do not allow."""
        ok = allowed(self.user.role, action, self.reason)
        if not ok or (self.scopes is not None and action not in self.scopes):
            raise Denied(f"This account may not do this: {action}.", action=action, kind=kind, row_id=row_id)

    def note(
        self,
        action: str,
        kind: str = "",
        row_id: str = "",
        *,
        version: int = 0,
        digest: str = "",
        **detail: Any,
    ) -> None:
        """Put a line into the trail; `detail` names fields, never what is in them."""
        if self.reason:
            detail["reason"] = self.reason
            if kind and not allowed(self.user.role, f"{kind}.read"):
                detail["break_glass"] = True
        self.notes.append(
            Note(
                actor=self.user.id,
                action=action,
                kind=kind,
                row_id=row_id,
                version=version,
                digest=digest,
                detail=detail,
            )
        )


class Acting:
    """Everything a signed-in person can do with the records; made by ``records.acting``."""

    def __init__(
        self,
        work: Work,
        *,
        photographs: Photographs,
        users: Users,
        drafts: Drafts,
        jobs: Jobs,
        doors: Doors,
        links: Links,
    ) -> None:
        self._work = work
        self._store = work.store
        self.user = work.user
        self.photographs = photographs
        self.users = users
        self.drafts = drafts
        self.jobs = jobs
        self.doors = doors
        self.links = links

    def add(self, content: C) -> Entry[C]:
        """Store something new."""
        if content.kind == "photograph":
            raise InputError(
                "a photograph is added with its bytes", key="photograph", accepted="photographs.add"
            )
        return self._add(content, f"{content.kind}.write")

    def _add(self, content: C, permission: str, *, amends: str | None = None) -> Entry[C]:
        self._work.require(permission, content.kind)
        self._store.check_links(content)
        self._check_order(content)
        row_id, digest = self._store.add(content, by=self.user.id, amends=amends)
        if content.kind == "patient":
            self._index(row_id)
        detail = {"amends": amends} if amends else {}
        self._work.note("add", content.kind, row_id, version=1, digest=digest, **detail)
        return self._store.get(type(content), row_id)

    def _check_order(self, content: Content) -> None:
        # No plan without a diagnosis that a clinician has signed.
        if content.kind != "plan":
            return
        table = CONTENT_TABLES["diagnosis"]
        lesion_id = getattr(content, "lesion_id", None)
        signed = self._work.connection.execute(
            select(table.c.id).where(
                and_(
                    table.c.lesion_id == lesion_id,
                    table.c.signed_at.is_not(None),
                    table.c.removed_at.is_(None),
                )
            )
        ).first()
        if signed is None:
            raise InputError(
                "this lesion has no confirmed diagnosis",
                key="plan.lesion_id",
                value=lesion_id,
                accepted="a lesion with a signed diagnosis",
            )

    def get(self, kind: type[C], row_id: str) -> Entry[C]:
        """Read one entry."""
        self._work.require(f"{kind.kind}.read", kind.kind, row_id)
        entry = self._store.get(kind, row_id)
        self._work.note("read", kind.kind, row_id, version=entry.version)
        return entry

    def entries(
        self, kind: type[C], *, before: int | None = None, limit: int = 100, **where: str | bool | None
    ) -> list[Entry[C]]:
        """Read the newest entries of a kind, by any field that is kept for looking up.

        Parameters
        ----------
        kind
            What to list.
        before
            Only entries with a smaller `seq`: the next page.
        limit
            At most this many.
        where
            Fields and values, such as ``patient_id=…`` or ``site="cheek"``.
        """
        self._work.require(f"{kind.kind}.read", kind.kind)
        table = CONTENT_TABLES[kind.kind]
        for name in where:
            if name not in kind.clear:
                raise InputError("this field cannot be looked up", key=name, accepted=", ".join(kind.clear))
        if not 1 <= limit <= _MOST:
            raise InputError("this is too much at once", key="limit", value=limit, accepted=f"1 to {_MOST}")
        asked = select(table).where(
            table.c.clinic_id == self._store.clinic_id,
            table.c.removed_at.is_(None),
            *(table.c[name] == value for name, value in where.items()),
        )
        if kind.kind == "patient":
            asked = asked.where(table.c.state != "erased")
        if before is not None:
            asked = asked.where(table.c.seq < before)
        rows = self._work.connection.execute(asked.order_by(table.c.seq.desc()).limit(limit)).mappings().all()
        readable = [row for row in rows if self._readable(kind.kind, row)]
        found = self._store.opened(kind, readable)
        shown: dict[str, Any] = {name: value for name, value in where.items() if name.endswith("_id")}
        self._work.note("list", kind.kind, rows=[entry.id for entry in found], **shown)
        return found

    def _readable(self, kind: str, row: Mapping[Any, Any]) -> bool:
        owner = row["id"] if kind == "patient" else row.get("patient_id")
        return owner is None or self._work.keys.has(f"patient:{owner}")

    def change(
        self, kind: type[C], row_id: str, *, version: int, merge: bool = False, **fields: Any
    ) -> Entry[C]:
        """Save changed fields of an entry that was read at `version`.

        Parameters
        ----------
        kind, row_id, version
            What was read, and at which version.
        merge
            Whether to save both edits where somebody else changed other fields in the meantime.
        fields
            The fields with their new values.

        Raises
        ------
        Conflict
            If somebody else saved first (and, with `merge`, changed the same field).
        Denied
            If the entry is signed or final: amend it instead.
        """
        self._work.require(f"{kind.kind}.write", kind.kind, row_id)
        now = self._unsigned(kind, row_id)
        base = now.content if now.version == version else self._store.at_version(kind, row_id, version)
        if base is None:
            raise InputError(
                "there is no such version", key="version", value=version, accepted=f"1 to {now.version}"
            )
        mine = checked(kind, {**base.model_dump(), **fields})
        self._check_fixed(now.content, mine)
        if now.version != version:
            mine = self._merged(now, base, mine, merge=merge)
        return self._put(now, mine, "change")

    def _merged(self, theirs: Entry[C], base: C, mine: C, *, merge: bool) -> C:
        merged, clashes = three_way(
            base.model_dump(), mine.model_dump(), theirs.content.model_dump(), inside=mine.inside
        )
        together = None if clashes else checked(type(mine), merged)
        if together is None or not merge:
            raise Conflict(mine=mine, theirs=theirs, fields=clashes, merged=together)
        return together

    def _check_fixed(self, old: Content, new: Content) -> None:
        for name in ("patient_id", "file", "size", "sha256"):
            if getattr(old, name, None) != getattr(new, name, None):
                raise InputError("this never changes", key=f"{old.kind}.{name}", accepted="the value it has")
        if getattr(new, "state", None) == "erased":
            raise InputError(
                "erasing is done on request only", key="patient.state", accepted="active, inactive"
            )
        self._store.check_links(new)

    def _unsigned(self, kind: type[C], row_id: str, *, removed: bool = False) -> Entry[C]:
        entry = self._store.get(kind, row_id, removed=removed)
        if entry.signed or kind.immutable:
            raise Denied(
                "This entry is final: amend it instead.", action="change", kind=kind.kind, row_id=row_id
            )
        return entry

    def _put(self, old: Entry[C], content: C, action: str, **columns: Any) -> Entry[C]:
        digest = self._store.put(old, content, by=self.user.id, **columns)
        if digest is None:
            theirs = self._store.get(type(content), old.id, removed=True)
            raise Conflict(mine=content, theirs=theirs, fields=(), merged=None)
        before, after = old.content.model_dump(), content.model_dump()
        changed = sorted(name for name in after if after[name] != before[name])
        self._work.note(action, old.kind, old.id, version=old.version + 1, digest=digest, fields=changed)
        if old.kind == "patient" and "name" in changed:
            self._index(old.id)
        return self._store.get(type(content), old.id, removed=True)

    def undo(self, kind: type[C], row_id: str, *, version: int) -> Entry[C]:
        """Take the last save back; undoing the first removes the entry, undoing once more brings it back."""
        self._work.require(f"{kind.kind}.write", kind.kind, row_id)
        now = self._unsigned(kind, row_id, removed=True)
        if now.version != version:
            raise Conflict(mine=now.content, theirs=now, fields=(), merged=None)
        if now.removed_at is not None:
            return self._put(now, now.content, "undo", removed_at=None)
        before = self._store.at_version(kind, row_id, version - 1)
        if before is None:
            self._check_unused(now)
            return self._put(now, now.content, "undo", removed_at=self._work.now)
        return self._put(now, before, "undo")

    def _check_unused(self, entry: Entry[Any]) -> None:
        for table in CONTENT_TABLES.values():
            for column in table.columns:
                if column.name == "amends" or not any(
                    key.column.table.name == entry.kind for key in column.foreign_keys
                ):
                    continue
                asked = select(table.c.id).where(column == entry.id, table.c.removed_at.is_(None)).limit(1)
                if self._work.connection.execute(asked).first():
                    raise InputError(
                        f"a {table.name.replace('_', ' ')} belongs to this entry",
                        key=f"{entry.kind}.id",
                        value=entry.id,
                        accepted="an entry that nothing belongs to",
                    )

    def sign(self, kind: type[C], row_id: str, *, version: int) -> Entry[C]:
        """Make an entry final: from now on it can only be amended."""
        self._work.require(f"{kind.kind}.sign", kind.kind, row_id)
        if not kind.signable:
            raise InputError(
                "this is not signed", key="kind", value=kind.kind, accepted="findings, visits, treatments"
            )
        now = self._unsigned(kind, row_id)
        if now.version != version:
            raise Conflict(mine=now.content, theirs=now, fields=(), merged=None)
        return self._put(now, now.content, "sign", signed_at=self._work.now, signed_by=self.user.id)

    def amend(self, kind: type[C], row_id: str, **fields: Any) -> Entry[C]:
        """Write a new, unsigned entry that points to a signed one and takes its place once signed."""
        self._work.require(f"{kind.kind}.sign", kind.kind, row_id)
        old = self._store.get(kind, row_id)
        if not old.signed:
            raise InputError("this is not signed yet", key="id", value=row_id, accepted="change it instead")
        if (known := self.amended_by(kind, row_id)) is not None:
            raise InputError(
                "this was amended already", key="id", value=row_id, accepted=f"the amendment {known}"
            )
        content = checked(kind, {**old.content.model_dump(), **fields})
        self._check_fixed(old.content, content)
        return self._add(content, f"{kind.kind}.sign", amends=row_id)

    def amended_by(self, kind: type[C], row_id: str) -> str | None:
        """Give the id of the entry that amends this one."""
        table = CONTENT_TABLES[kind.kind]
        found: str | None = self._work.connection.execute(
            select(table.c.id).where(
                table.c.amends == row_id,
                table.c.removed_at.is_(None),
                table.c.clinic_id == self._store.clinic_id,
            )
        ).scalar()
        return found

    def search(self, asked: str, *, limit: int = 20) -> list[Entry[Any]]:
        """Find patients by the beginnings or parts of their names, newest first."""
        from milia.records.search import find_patients

        self._work.require("patient.search", "patient")
        found = find_patients(self._store, asked, limit=limit)
        self._work.note("search", "patient", rows=[entry.id for entry in found])
        return found

    def _index(self, patient_id: str) -> None:
        from milia.records.search import index_patient

        index_patient(self._store, patient_id)

    def export_patient(self, patient_id: str) -> bytes:
        """Give everything about one patient as a zip: `patient.json` and the photographs."""
        from milia.records.export import export_patient

        return export_patient(self._work, self.photographs, patient_id)

    def erase_patient(self, patient_id: str) -> None:
        """Make a patient's content unreadable for ever; needs a reason; the trail is kept."""
        from milia.records.export import erase_patient

        erase_patient(self._work, self.photographs, patient_id)

    def audit(
        self,
        *,
        row_id: str | None = None,
        actor: str | None = None,
        before: int | None = None,
        limit: int = 200,
    ) -> list[AuditLine]:
        """Read the trail, newest first."""
        self._work.require("audit.read")
        return lines(
            self._work.connection,
            self._store.clinic_id,
            row_id=row_id,
            actor=actor,
            before=before,
            limit=limit,
        )
