"""What was acknowledged stays: a server killed in the middle, a full disk, a database that goes away."""

from __future__ import annotations

import resource
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from milia.records import Keyring

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(ROOT))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]


@pytest.mark.usefixtures("_benchmarks")
def test_a_killed_server_loses_no_acknowledged_save(pattern: Any, tmp_path: Path) -> None:
    """The whole server, by HTTP; `python -m benchmarks.web kill` does the same 200 times."""
    from benchmarks.web.kill import kill_while_saving
    from benchmarks.web.stand import Stand

    folder = tmp_path / "clinic"
    shutil.copytree(pattern[0], folder)
    made = Stand(folder, workers=0)
    known: Keyring = pattern[1]
    Keyring(path=folder / "key", current=known.current, keys=known.keys).write()
    (folder / "key").chmod(0o600)
    records = made.records()
    session = records.sign_in("doctor", "a long enough password!").token
    made.people = {pattern[2]["doctor"]: session}
    records.close()
    try:
        found = kill_while_saving(made, 2, seed=5, longest_s=0.8, writers=1, check_every=2)
    finally:
        made.end(signal.SIGKILL)
    assert found.kills == 2
    assert found.acknowledged >= 2
    assert found.missing == found.broken == []


def test_a_full_disk_is_said_and_the_app_goes_on_when_there_is_room(
    browser_of: Callable[[str], Any], clinic: Any
) -> None:
    nurse = browser_of("nurse")
    token = {"X-CSRF-Token": nurse.token_of()}
    path = "/api/v1/drafts/visit/1"
    assert nurse.put(path, json={"content": {"notes": "before"}}, headers=token).status_code == 200
    # No file may grow past what there is now; Python turns the signal for it into an error.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = max(each.stat().st_size for each in clinic.folder.iterdir() if each.is_file())
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        content = {"content": {"notes": "x" * 900_000}, "version": 1}
        answer = nurse.put(path, json=content, headers=token)
        assert answer.status_code == 503, answer.text
        assert answer.json()["type"] == "unavailable"
        assert "disk" in answer.json()["title"]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert nurse.get(path).json()["content"] == {"notes": "before"}
    assert (
        nurse.put(path, json={"content": {"notes": "after"}, "version": 1}, headers=token).status_code == 200
    )
    assert clinic.records.verify_audit().whole


def test_a_database_that_goes_away_in_the_middle_of_a_save_leaves_nothing_half(
    browser_of: Callable[[str], Any], clinic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = browser_of("nurse")
    before = clinic.records.verify_audit().entries

    def gone(_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    token = nurse.token_of()
    monkeypatch.setattr(clinic.records.engine.dialect, "do_commit", gone)
    answer = nurse.post("/api/v1/patients", json={"name": "Amber"}, headers={"X-CSRF-Token": token})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "Amber" not in answer.text
    monkeypatch.undo()
    assert [each["content"]["name"] for each in nurse.get("/api/v1/patients").json()] == []
    assert clinic.records.verify_audit().whole
    assert clinic.records.verify_audit().entries >= before
