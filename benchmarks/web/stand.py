"""A clinic on a server of its own: records with people and patients, `milia serve`, PostgreSQL if wanted."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from milia.records import Keyring, Records, load_keyring, open_records

PASSWORD = "only for measuring"


@dataclass
class Stand:
    """One clinic and its server."""

    folder: Path
    url: str | None = None
    workers: int = 1
    port: int = 0
    people: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def keyring(self) -> Keyring:
        return load_keyring(self.folder / "key")

    def records(self) -> Records:
        """Open the clinic's records."""
        return open_records(self.url, self.keyring, data=self.folder)

    def found(self, doctors: int) -> None:
        """Make the clinic with so many doctors; their sessions lie in `people`."""
        load_keyring(self.folder / "key", create=True)
        records = self.records()
        made = records.first_administrator(
            records.setup_code(),
            clinic="Measured",
            time_zone="UTC",
            login="administrator",
            name="A",
            password=PASSWORD,
        )
        for number in range(doctors):
            login = f"doctor{number}"
            with records.acting(made.id) as acting:
                row = acting.users.add(login=login, role="doctor", name=f"Doctor {number}", password=PASSWORD)
            with records.acting(row.id) as acting:
                acting.users.change_password(PASSWORD, PASSWORD + "!")
            self.people[row.id] = records.sign_in(login, PASSWORD + "!").token
        records.close()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.port = self.port or _free_port()
        env = {**os.environ, "MILIA_DATA": str(self.folder), "MILIA_KEY_FILE": str(self.folder / "key")}
        env.pop("MILIA_DATABASE_URL", None)
        if self.url:
            env["MILIA_DATABASE_URL"] = self.url
        words = [sys.executable, "-m", "milia", "serve", "--port", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*words, "--workers", str(self.workers)],
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.address}/healthz", timeout=5).close()
                return
            time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def end(self, how: int = signal.SIGTERM) -> None:
        """End the server."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextlib.contextmanager
def stand(database: str, *, doctors: int, workers: int = 1) -> Iterator[Stand]:
    """Give a clinic on `sqlite` or `postgresql`, in folders that go away again; its server is not started."""
    with tempfile.TemporaryDirectory(prefix="milia-web-") as name, contextlib.ExitStack() as opened:
        url = opened.enter_context(postgresql()) if database == "postgresql" else None
        made = Stand(Path(name), url=url, workers=workers)
        made.found(doctors)
        try:
            yield made
        finally:
            made.end(signal.SIGKILL)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL server in a folder of its own, as durable as it comes, with one empty database."""
    folder = Path(tempfile.mkdtemp(prefix="milia-pg-"))
    words: list[str | Path]
    common: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if os.getuid() == 0:
        # The server refuses to run as root.
        common["user"] = next(
            (each.pw_name for each in pwd.getpwall() if each.pw_name == "postgres"), "nobody"
        )
        shutil.chown(folder, common["user"])
    words = [
        _program("initdb"),
        "-D",
        folder / "data",
        "-U",
        "milia",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(words, check=True, **common)
    running = subprocess.Popen(
        [_program("postgres"), "-D", folder / "data", "-k", folder, "-c", "listen_addresses="], **common
    )
    try:
        for attempt in range(100):
            words = [
                _program("psql"),
                "-h",
                folder,
                "-U",
                "milia",
                "-d",
                "postgres",
                "-c",
                "CREATE DATABASE milia",
            ]
            if subprocess.run(words, check=False, **common).returncode == 0:
                break
            if attempt == 99:
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.1)
        yield f"postgresql+psycopg://milia@/milia?host={folder}"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str:
    found = shutil.which(name) or next(
        (str(each) for each in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    if found is None:
        raise SystemExit(f"{name} is not installed (Debian: postgresql)")
    return found
