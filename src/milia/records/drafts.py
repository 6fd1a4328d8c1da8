"""Every form saves as it is typed: one draft per person, form and subject, until the form itself is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, select, update

from milia.base import InputError
from milia.records.entities import Patient
from milia.records.errors import Conflict
from milia.records.sealing import open_json, seal_json
from milia.records.store import new_id, owner_of
from milia.records.tables import draft
from milia.records.unit import Work

__all__ = ["Draft", "Drafts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was typed into a form, not checked yet."""

    kind: str = "draft"
    form: str
    subject: str
    patient_id: str | None
    version: int
    content: dict[str, Any]
    saved_at: datetime


class Drafts:
    """The drafts of the person at the screen; nobody else sees them."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def _mine(self, form: str, subject: str) -> Any:
        return and_(draft.c.user_id == self._work.user.id, draft.c.form == form, draft.c.subject == subject)

    def get(self, form: str, subject: str) -> Draft | None:
        """Give what was typed, or ``None``."""
        self._work.require("draft.own")
        row = self._work.connection.execute(select(draft).where(self._mine(form, subject))).first()
        if row is None:
            return None
        return self._opened(row)

    def of_form(self, form: str, *, limit: int = 50) -> list[Draft]:
        """Give one's own drafts of a form, the newest first."""
        self._work.require("draft.own")
        mine = and_(draft.c.user_id == self._work.user.id, draft.c.form == form)
        rows = self._work.connection.execute(
            select(draft).where(mine).order_by(draft.c.saved_at.desc(), draft.c.id).limit(limit)
        )
        return [self._opened(row) for row in rows.all()]

    def _opened(self, row: Any) -> Draft:
        self._work.note("read", "draft", row.id)
        owner = owner_of(self._work.store.clinic_id, "draft", row.id, row.patient_id)
        content = open_json(self._work.keys.get(owner), row.sealed, table="draft", row_id=row.id)
        return Draft(
            form=row.form,
            subject=row.subject,
            patient_id=row.patient_id,
            version=row.version,
            content=content,
            saved_at=row.saved_at,
        )

    def save(
        self,
        form: str,
        subject: str,
        content: dict[str, Any],
        *,
        version: int = 0,
        patient_id: str | None = None,
    ) -> int:
        """Keep what was typed and return the new version; `version` is the one that was read, 0 for none.

        Raises
        ------
        Conflict
            If the same person has typed on in another window.
        """
        self._work.require("draft.own")
        for key, value, most in (("form", form, 40), ("subject", subject, 64)):
            if not 1 <= len(value) <= most:
                raise InputError(
                    "too long or empty", key=key, value=value, accepted=f"1 to {most} characters"
                )
        known = self.get(form, subject)
        if (known.version if known else 0) != version:
            raise Conflict(
                mine=content, theirs=known or _none(form, subject, self._work.now), fields=(), merged=None
            )
        if known is None:
            self._insert(form, subject, content, patient_id)
            return 1
        row_id = self._work.connection.execute(
            select(draft.c.id).where(self._mine(form, subject))
        ).scalar_one()
        self._work.connection.execute(
            update(draft)
            .where(draft.c.id == row_id)
            .values(
                version=version + 1,
                saved_at=self._work.now,
                sealed=self._seal(row_id, known.patient_id, content),
            )
        )
        self._work.note("save", "draft", row_id, version=version + 1)
        return version + 1

    def _seal(self, row_id: str, patient_id: str | None, content: dict[str, Any]) -> bytes:
        owner = owner_of(self._work.store.clinic_id, "draft", row_id, patient_id)
        return seal_json(self._work.keys.get(owner), content, table="draft", row_id=row_id)

    def _insert(self, form: str, subject: str, content: dict[str, Any], patient_id: str | None) -> None:
        if patient_id is not None:
            self._work.store.get(Patient, patient_id)
        row_id = new_id()
        self._work.connection.execute(
            insert(draft).values(
                id=row_id,
                clinic_id=self._work.store.clinic_id,
                user_id=self._work.user.id,
                form=form,
                subject=subject,
                patient_id=patient_id,
                version=1,
                sealed=self._seal(row_id, patient_id, content),
                saved_at=self._work.now,
            )
        )
        self._work.note("save", "draft", row_id, version=1)

    def drop(self, form: str, subject: str) -> None:
        """Forget a draft: the form was saved, or thrown away."""
        self._work.require("draft.own")
        found = self._work.connection.execute(select(draft.c.id).where(self._mine(form, subject))).scalar()
        if found:
            self._work.connection.execute(delete(draft).where(draft.c.id == found))
            self._work.note("drop", "draft", found)


def _none(form: str, subject: str, now: datetime) -> Draft:
    return Draft(form=form, subject=subject, patient_id=None, version=0, content={}, saved_at=now)
