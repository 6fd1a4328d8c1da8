"""Photographs: encrypted files beside the database, written whole before the row that names them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from milia.base import InputError, MiliaError
from milia.records.entities import Photograph
from milia.records.errors import NotFound, Unavailable
from milia.records.sealing import open_bytes, seal_bytes
from milia.records.store import Entry, checked, new_id
from milia.records.tables import CONTENT_TABLES
from milia.records.unit import Work

__all__ = ["Photographs", "file_of", "sweep_orphans", "write_file"]

MOST_BYTES = 64 << 20
_YOUNG_s = 3600.0


class Photographs:
    """The photographs, for the person who acts."""

    def __init__(self, work: Work, folder: Path) -> None:
        self._work = work
        self._folder = folder

    def add(self, data: bytes, *, patient_id: str, **fields: Any) -> Entry[Photograph]:
        """Store a picture of a patient who consented to photographs.

        Raises
        ------
        Denied, InputError
            If the role may not, or the patient has not consented, or the picture is empty or too large.
        """
        work = self._work
        work.require("photograph.write", "photograph")
        if not 0 < len(data) <= MOST_BYTES:
            raise InputError(
                "size of the picture", key="photograph", value=len(data), accepted="1 byte to 64 MiB"
            )
        if not self._consented(patient_id):
            raise InputError(
                "this patient has not agreed to photographs",
                key="photograph.patient_id",
                value=patient_id,
                accepted="a patient whose latest consent to photographs is yes",
            )
        name = new_id()
        content = checked(
            Photograph,
            {
                **fields,
                "patient_id": patient_id,
                "file": name,
                "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            },
        )
        work.store.check_links(content)
        key = work.keys.get(f"patient:{patient_id}")
        write_file(self._folder, name, seal_bytes(key, data, table="photograph", row_id=name, column="file"))
        row_id, digest = work.store.add(content, by=work.user.id)
        work.note("add", "photograph", row_id, version=1, digest=digest)
        return work.store.get(Photograph, row_id)

    def _consented(self, patient_id: str) -> bool:
        table = CONTENT_TABLES["consent"]
        latest = self._work.connection.execute(
            select(table.c.given)
            .where(
                table.c.patient_id == patient_id,
                table.c.subject == "photograph",
                table.c.removed_at.is_(None),
                table.c.clinic_id == self._work.store.clinic_id,
            )
            .order_by(table.c.seq.desc())
            .limit(1)
        ).scalar()
        return bool(latest)

    def read(self, row_id: str) -> bytes:
        """Give a picture's bytes, exactly as they came."""
        work = self._work
        work.require("photograph.read", "photograph", row_id)
        entry = work.store.get(Photograph, row_id)
        work.note("read", "photograph", row_id, version=entry.version)
        return self.opened(entry.content)

    def opened(self, content: Photograph) -> bytes:
        """Decrypt the file of a photograph."""
        path = file_of(self._folder, content.file)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            raise NotFound(f"The file of the photograph is missing: {content.file}.") from None
        key = self._work.keys.get(f"patient:{content.patient_id}")
        data = open_bytes(key, sealed, table="photograph", row_id=content.file, column="file")
        if hashlib.sha256(data).hexdigest() != content.sha256:
            raise MiliaError(f"photograph {content.file}: the file is not the one that was stored.")
        return data

    def unlink(self, name: str) -> None:
        """Remove a file for good."""
        file_of(self._folder, name).unlink(missing_ok=True)


def file_of(folder: Path, name: str) -> Path:
    """Give the place of a file; two letters of its name make the sub-folder."""
    return folder / name[:2] / name


def write_file(folder: Path, name: str, sealed: bytes) -> None:
    """Write an encrypted file whole and to the disk, or not at all."""
    target = file_of(folder, name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, part = tempfile.mkstemp(dir=target.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(sealed)
                stream.flush()
                os.fsync(stream.fileno())
            Path(part).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(part).unlink()
            raise
        _sync(target.parent)
    except OSError as error:
        raise Unavailable(
            "The disk is full or cannot be written. Nothing was saved; make room and try again."
        ) from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep_orphans(connection: Connection, folder: Path, *, older_than_s: float = _YOUNG_s) -> int:
    """Remove files that no row names; young ones may still get their row."""
    known = set(connection.execute(select(CONTENT_TABLES["photograph"].c.file)).scalars())
    limit = time.time() - older_than_s
    removed = 0
    for path in sorted(folder.glob("??/*")):
        if path.name not in known and path.stat().st_mtime <= limit:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
