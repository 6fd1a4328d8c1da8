"""Everything about one patient, to take away or to destroy."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select, update

from milia.base import InputError
from milia.records.audit import Note
from milia.records.entities import KINDS, Patient, Photograph
from milia.records.errors import Denied, NotFound
from milia.records.sealing import DataKeys
from milia.records.store import Entry, Store
from milia.records.tables import CONTENT_TABLES, draft, job, name_token

if TYPE_CHECKING:
    from milia.records.photographs import Photographs
    from milia.records.unit import Work

__all__ = ["erase_again", "erase_patient", "export_patient"]

_WHEN = (2000, 1, 1, 0, 0, 0)


def export_patient(work: Work, photographs: Photographs, patient_id: str) -> bytes:
    """Give a zip with `patient.json` (schema 1.0) and every photograph under `photographs/`."""
    work.require("patient.export", "patient", patient_id)
    content: dict[str, Any] = {"schema_version": "1.0"}
    pictures: list[Photograph] = []
    for kind, model in KINDS.items():
        table = CONTENT_TABLES[kind]
        if kind != "patient" and "patient_id" not in table.c:
            continue
        owner = table.c.id if kind == "patient" else table.c.patient_id
        rows = work.connection.execute(
            select(table)
            .where(owner == patient_id, table.c.clinic_id == work.store.clinic_id)
            .order_by(table.c.seq)
        )
        entries: list[Entry[Any]] = work.store.opened(model, rows.mappings().all())
        if kind == "patient" and not entries:
            raise NotFound(f"There is no patient {patient_id}.")
        content[kind] = [_plain(entry) for entry in entries]
        if model is Photograph:
            pictures = [entry.content for entry in entries]
    work.note("export", "patient", patient_id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        archive.writestr(zipfile.ZipInfo("patient.json", _WHEN), text.encode())
        for picture in pictures:
            name = zipfile.ZipInfo(f"photographs/{picture.file}", _WHEN)
            archive.writestr(name, photographs.opened(picture))
    return packed.getvalue()


def _plain(entry: Entry[Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for field in fields(entry):
        value = getattr(entry, field.name)
        if field.name not in ("seq", "kind"):
            plain[field.name] = value.isoformat() if isinstance(value, datetime) else value
    plain["content"] = entry.content.model_dump(mode="json")
    return plain


def erase_patient(work: Work, photographs: Photographs, patient_id: str) -> None:
    """Destroy a patient's key, name tokens, drafts, jobs and photographs; sealed rows stay, unreadable."""
    work.require("patient.erase", "patient", patient_id)
    if not work.reason:
        raise Denied("Erasing needs a reason.", action="patient.erase", kind="patient", row_id=patient_id)
    entry = work.store.get(Patient, patient_id, removed=True)
    if entry.content.state == "erased":
        raise InputError(
            "this patient was erased already", key="patient.id", value=patient_id, accepted="another"
        )
    for name in erase_rows(work.connection, patient_id):
        work.after.append(partial(photographs.unlink, name))
    work.keys.shred(f"patient:{patient_id}")
    work.note(
        "erase", "patient", patient_id, version=entry.version, digest=work.store.digest("patient", patient_id)
    )
    work.erased.append(patient_id)


def erase_rows(connection: Connection, patient_id: str) -> list[str]:
    """Delete what may be deleted and blank the patient's row; returns the names of the photographs' files."""
    patient, picture = CONTENT_TABLES["patient"], CONTENT_TABLES["photograph"]
    files = (
        connection.execute(select(picture.c.file).where(picture.c.patient_id == patient_id)).scalars().all()
    )
    seq = select(patient.c.seq).where(patient.c.id == patient_id).scalar_subquery()
    connection.execute(delete(name_token).where(name_token.c.patient_seq == seq))
    connection.execute(delete(draft).where(draft.c.patient_id == patient_id))
    connection.execute(delete(job).where(job.c.patient_id == patient_id))
    connection.execute(update(patient).where(patient.c.id == patient_id).values(state="erased", sealed=b""))
    return sorted(files)


def erase_again(
    connection: Connection, keys: DataKeys, patients: frozenset[str], *, now: datetime
) -> tuple[dict[str, list[Note]], list[str]]:
    """Erase patients whose erasure was begun and not finished, or whom an old backup brought back.

    Returns
    -------
    tuple
        What to write into each clinic's trail, and the photographs' files to remove.
    """
    table = CONTENT_TABLES["patient"]
    notes: dict[str, list[Note]] = {}
    files: list[str] = []
    for patient_id in sorted(patients):
        row = connection.execute(select(table).where(table.c.id == patient_id)).first()
        if row is None or row.state == "erased":
            continue
        files += erase_rows(connection, patient_id)
        keys.shred(f"patient:{patient_id}")
        digest = Store(connection, keys, row.clinic_id, now).digest("patient", patient_id)
        note = Note(
            actor="milia",
            action="erase",
            kind="patient",
            row_id=patient_id,
            version=row.version,
            digest=digest,
        )
        notes.setdefault(row.clinic_id, []).append(note)
    return notes, files
