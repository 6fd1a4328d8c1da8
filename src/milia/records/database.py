"""Opening the database, SQLite or PostgreSQL; migrations; errors that people understand."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, TimeoutError

from milia.base import InputError, MiliaError
from milia.records.errors import Unavailable

__all__ = ["HEAD", "database_url", "engine_for", "explained", "migrate", "read_only", "revision_of"]

HEAD = "0003"
_BUSY_ms = 10_000
_ACCEPTED = "sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"


def database_url(url: str | None, data: Path) -> URL:
    """Give the database's address: the one named, ``MILIA_DATABASE_URL``, or a file in the data folder."""
    named = url or os.environ.get("MILIA_DATABASE_URL")
    if not named:
        return URL.create("sqlite", database=str(data / "records.db"))
    try:
        parsed = make_url(named)
    except ArgumentError as error:
        # The value is not shown: it may hold a password.
        raise InputError(
            "this is no database address", key="MILIA_DATABASE_URL", accepted=_ACCEPTED
        ) from error
    known = parsed.drivername in ("sqlite", "postgresql+psycopg")
    if not known or (parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:")):
        raise InputError(
            "this kind of database is not known",
            key="MILIA_DATABASE_URL",
            value=parsed.drivername,
            accepted=_ACCEPTED,
        )
    return parsed


def engine_for(url: URL) -> Engine:
    """Give an engine whose connections keep Milia's promises: foreign keys, write-ahead log, full sync."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_ms / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5}, pool_timeout=10)
    except (ImportError, NoSuchModuleError) as error:
        raise MiliaError("PostgreSQL needs the package psycopg.") from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver begins transactions by itself, and too late: see _begin_sqlite.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_BUSY_ms}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "secure_delete=ON",
        "cache_size=-32000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer that starts as a reader can be refused half-way; one that waits at the door cannot.
    reading = connection.get_execution_options().get("milia_read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def read_only(engine: Engine) -> Iterator[Connection]:
    """Give one unchanging picture of the whole database while others go on writing."""
    options: dict[str, Any] = {"milia_read_only": True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with explained(), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn a database that is full, locked or away into one sentence; the transaction has been taken back."""
    try:
        yield
    except TimeoutError as error:
        raise Unavailable("The database is too busy. Nothing was saved; try again.") from error
    except DBAPIError as error:
        if sentence := _sentence(error):
            raise Unavailable(sentence) from error
        raise


def _sentence(error: DBAPIError) -> str | None:
    said = str(error.orig).lower()
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in ("53100", "53200") or "is full" in said or "disk i/o error" in said:
        return "The disk is full or cannot be written. Nothing was saved; make room and try again."
    if "locked" in said or state in ("55P03", "57014", "40001", "40P01"):
        return "The database is busy. Nothing was saved; try again."
    if "readonly" in said or state == "25006":
        return "The database may not be written. Nothing was saved."
    gone = state[:2] in ("08", "57") or "unable to open" in said or error.connection_invalidated
    if gone or (not state and type(error.orig).__module__.startswith("psycopg")):
        return "The database does not answer. Nothing was saved; try again when it is back."
    if "malformed" in said or "not a database" in said:
        return "The database file is damaged. Restore the latest backup."
    return None


def revision_of(connection: Connection) -> str | None:
    """Give the schema's revision; ``None`` for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(engine: Engine, target: str = "head") -> None:
    """Bring the schema to a revision, in one transaction: all of it or nothing."""
    with explained(), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7240261)"))
        current = revision_of(connection)
        if target == "head" and current == HEAD:
            return
        _run_alembic(connection, current, target)


def _run_alembic(connection: Connection, current: str | None, target: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    order = [each.revision for each in script.walk_revisions()][::-1]
    if current is not None and current not in order:
        raise MiliaError(f"The database was made by a newer Milia (schema {current}, this one knows {HEAD}).")
    wanted = order[-1] if target == "head" else target
    if current is None or (wanted != "base" and order.index(wanted) >= order.index(current)):
        command.upgrade(config, target)
    else:
        command.downgrade(config, target)
