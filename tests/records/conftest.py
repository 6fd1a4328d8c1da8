"""Records on both databases: SQLite in a temporary folder, and a PostgreSQL cluster of the tests' own."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from milia.records import Keyring, Records, open_records
from milia.records.database import engine_for, migrate

PASSWORD = "a long enough password"
_names = itertools.count()


def _program(name: str) -> str | None:
    found = shutil.which(name)
    if found:
        return found
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(installed[-1]) if installed else None


def _account() -> str | None:
    # The server refuses to run as root.
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a cluster on a socket in a folder of its own; gives an address without the database's name."""
    initdb, server = _program("initdb"), _program("postgres")
    if not initdb or not server:
        warnings.warn(
            "PostgreSQL is not installed (Debian: postgresql): HALF OF THE RECORDS TESTS ARE SKIPPED",
            stacklevel=1,
        )
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="milia-pg-"))
    user = _account()
    if user:
        shutil.chown(folder, user)
    common = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [initdb, "-D", folder / "data", "-U", "milia", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        check=True,
        **common,
    )
    words = [server, "-D", folder / "data", "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
    running = subprocess.Popen([*words, "-c", "full_page_writes=off"], **common)
    try:
        address = f"postgresql+psycopg://milia@/NAME?host={folder}"
        _wait(address.replace("NAME", "postgres"))
        admin = create_engine(address.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE pattern")
        engine = engine_for(make_url(address.replace("NAME", "pattern")))
        migrate(engine)
        engine.dispose()
        admin.dispose()
        yield address
    finally:
        # SIGTERM would wait for every client to leave by itself.
        running.send_signal(signal.SIGINT)
        running.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(address: str) -> None:
    import time

    engine = create_engine(address)
    for attempt in range(100):
        try:
            engine.connect().close()
            break
        except Exception:
            if attempt == 99:
                raise
            time.sleep(0.1)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate once; each test gets a copy."""
    path = tmp_path_factory.mktemp("pattern") / "pattern.db"
    engine = engine_for(make_url(f"sqlite:///{path}"))
    migrate(engine)
    engine.dispose()
    return path


MakeRecords = Callable[..., Records]


@pytest.fixture(params=["sqlite", "postgresql"])
def make_url_of(request: pytest.FixtureRequest, tmp_path: Path, sqlite_pattern: Path) -> Callable[[], str]:
    """Give the address of a new, empty database."""

    def sqlite() -> str:
        return f"sqlite:///{shutil.copy(sqlite_pattern, tmp_path / f'db{next(_names)}.db')}"

    if request.param == "sqlite":
        return sqlite
    address = request.getfixturevalue("postgres")

    def postgresql(pattern: str = "pattern") -> str:
        name = f"t{next(_names)}"
        admin = create_engine(address.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {pattern}")
        admin.dispose()
        return str(address.replace("NAME", name))

    return postgresql


@pytest.fixture
def make_records(make_url_of: Callable[[], str], tmp_path: Path) -> Iterator[MakeRecords]:
    """Open new records, or the same again with the same address."""
    opened: list[Records] = []

    def make(url: str | None = None, key: Keyring | None = None, data: Path | None = None) -> Records:
        folder = data or tmp_path / f"data{next(_names)}"
        records = open_records(url or make_url_of(), key or Keyring.fresh(), data=folder)
        opened.append(records)
        return records

    yield make
    for each in opened:
        each.close()


class Clinic:
    """A clinic with one person of each role."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.administrator = records.first_administrator(
            records.setup_code(),
            clinic="Test clinic",
            time_zone="Asia/Seoul",
            login="administrator",
            name="Ada",
            password=PASSWORD,
        ).id
        made = {}
        with records.acting(self.administrator) as acting:
            for role in ("doctor", "nurse", "front_desk"):
                made[role] = acting.users.add(login=role, role=role, name=role.title(), password=PASSWORD).id
        self.doctor, self.nurse, self.front_desk = made["doctor"], made["nurse"], made["front_desk"]

    def by_role(self, role: str) -> str:
        return str(getattr(self, role))


@pytest.fixture
def clinic(make_records: MakeRecords, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """A new clinic; passwords are hashed with little work, which test_sign_in does in full."""
    from argon2 import PasswordHasher

    monkeypatch.setattr("milia.records.credentials._hasher", PasswordHasher(1, 8, 1))
    monkeypatch.setattr("milia.records.credentials._NOBODY", [])
    return Clinic(make_records())
