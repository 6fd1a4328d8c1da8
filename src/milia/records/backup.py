"""The whole clinic in one encrypted file, taken while people work, and back again on either database."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text

from milia.base import InputError, MiliaError
from milia.records.audit import Note, append
from milia.records.database import HEAD, explained, read_only
from milia.records.facade import Records
from milia.records.keyring import Keyring
from milia.records.photographs import file_of, write_file
from milia.records.sealed_stream import SealedReader, SealedWriter
from milia.records.sealing import DataKeys
from milia.records.tables import CONTENT_TABLES, GUARDED, clinic, metadata

__all__ = ["BackupSummary", "back_up", "check_backup", "restore"]

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What a backup holds."""

    rows: int
    photographs: int
    missing_photographs: int


def back_up(records: Records, target: Path) -> BackupSummary:
    """Write everything to one file: one unchanging picture of the database, and the photographs it names."""
    handle, part = _beside(target)
    try:
        with os.fdopen(handle, "wb") as out, read_only(records.engine) as connection:
            writer = SealedWriter(out, records.keyring, {"schema_version": "1.0", "database": HEAD})
            summary = _write_all(writer, connection, records.photograph_folder)
            writer.finish()
            out.flush()
            os.fsync(out.fileno())
        check_backup(Path(part), records.keyring)
        Path(part).replace(target)
    except OSError as error:
        raise MiliaError(f"{target}: cannot be written: {(error.strerror or str(error)).lower()}.") from error
    finally:
        with contextlib.suppress(OSError):
            Path(part).unlink(missing_ok=True)
    return summary


def _beside(target: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:60]}.", suffix=".part")
    except OSError as error:
        raise InputError(
            "the backup cannot be written there", key="FILE", value=str(target), accepted="an existing folder"
        ) from error


def _write_all(writer: SealedWriter, connection: Connection, folder: Path) -> BackupSummary:
    rows = pictures = missing = 0
    for table in metadata.sorted_tables:
        order = [table.c.seq] if "seq" in table.c else list(table.primary_key.columns)
        found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table).order_by(*order))
        for row in found:
            _line(writer, {"table": table.name, "row": [_plain(value) for value in row]})
            rows += 1
    for name in connection.execute(select(CONTENT_TABLES["photograph"].c.file)).scalars():
        try:
            data = file_of(folder, name).read_bytes()
        except FileNotFoundError:
            # Erased on request, perhaps a moment ago: its key is gone as well.
            missing += 1
            continue
        _line(writer, {"file": name, "size": len(data)})
        writer.write(data)
        pictures += 1
    _line(writer, {"end": True, "rows": rows, "photographs": pictures, "missing": missing})
    return BackupSummary(rows, pictures, missing)


def _line(writer: SealedWriter, content: dict[str, Any]) -> None:
    writer.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    return {"t": value.isoformat()} if isinstance(value, datetime) else value


def _value(plain: Any) -> Any:
    if isinstance(plain, dict):
        return base64.b64decode(plain["b"]) if "b" in plain else datetime.fromisoformat(plain["t"])
    return plain


def _items(path: Path, keyring: Keyring) -> Iterator[tuple[dict[str, Any], bytes]]:
    with path.open("rb") as source:
        reader = SealedReader(source, keyring, file=str(path))
        if reader.header.get("database") != HEAD:
            raise InputError(
                "the backup was made with another version of the database",
                file=str(path),
                value=reader.header.get("database"),
                accepted=f"{HEAD}: restore it with the Milia that made it, then update",
            )
        while line := reader.line():
            item = json.loads(line)
            yield item, reader.read(item["size"]) if "file" in item else b""


def check_backup(path: Path, keyring: Keyring) -> BackupSummary:
    """Read a backup from end to end and count what is in it.

    Raises
    ------
    InputError
        If it is damaged, incomplete or no backup.
    """
    rows = pictures = 0
    try:
        for item, _ in _items(path, keyring):
            rows += "row" in item
            pictures += "file" in item
            if "end" in item and (item["rows"], item["photographs"]) == (rows, pictures):
                return BackupSummary(rows, pictures, item["missing"])
    except OSError as error:
        raise InputError("the file cannot be read", file=str(path), accepted="a backup of Milia") from error
    raise InputError("the backup is damaged or incomplete", file=str(path), accepted="another copy of it")


def restore(records: Records, source: Path, *, replace: bool = False) -> BackupSummary:
    """Put a backup in place of the database's content, in one transaction.

    Patients erased since the backup are erased again, and every clinic's trail says that it was restored.

    Raises
    ------
    InputError
        If the backup is not whole, or if the database holds a clinic and `replace` is not given.
    """
    summary = check_backup(source, records.keyring)
    with explained(), records.engine.begin() as connection:
        if connection.execute(select(func.count()).select_from(clinic)).scalar_one() and not replace:
            raise InputError(
                "the database is not empty",
                key="FILE",
                value=str(source),
                accepted="--replace to lose what is there",
            )
        with _without_guards(connection):
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
            _load(connection, source, records)
        if connection.dialect.name == "postgresql":
            _continue_numbers(connection)
        heads = _note_restore(records, connection)
        records.ledger.reset(heads)
    records.catch_up()
    return summary


def _load(connection: Connection, source: Path, records: Records) -> None:
    waiting: list[dict[str, Any]] = []
    current: Table | None = None

    def flush() -> None:
        if current is not None and waiting:
            connection.execute(insert(current), waiting)
            waiting.clear()

    for item, data in _items(source, records.keyring):
        if "file" in item:
            write_file(records.photograph_folder, item["file"], data)
        elif "row" in item:
            table = metadata.tables[item["table"]]
            if table is not current or len(waiting) >= _ROWS_AT_ONCE:
                flush()
                current = table
            names = [column.name for column in table.columns]
            waiting.append(dict(zip(names, map(_value, item["row"]), strict=True)))
    flush()


@contextlib.contextmanager
def _without_guards(connection: Connection) -> Iterator[None]:
    # Part of the transaction on both databases: nobody else ever sees them open.
    if connection.dialect.name == "postgresql":
        for table in GUARDED:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield
        for table in GUARDED:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        return
    found = connection.execute(
        text(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%' ORDER BY name"
        )
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)


def _continue_numbers(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if "seq" in table.c and table.c.seq.primary_key and table.name != "audit_entry":
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'seq'), "
                    f"COALESCE((SELECT MAX(seq) FROM {table.name}), 0) + 1, false)"
                )
            )


def _note_restore(records: Records, connection: Connection) -> dict[str, tuple[int, str]]:
    keys = DataKeys(connection, records.keyring)
    note = Note(actor="key holder", action="restore")
    ids = connection.execute(select(clinic.c.id).order_by(clinic.c.id)).scalars().all()
    return {each: append(connection, keys, each, [note], at=records.clock()) for each in ids}
