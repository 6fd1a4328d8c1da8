"""`milia records`, `backup`, `restore` and `audit verify`, from set-up to a damaged trail."""

from __future__ import annotations

import json
import sqlite3

import pytest

from milia.cli.main import main


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MILIA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MILIA_KEY_FILE", str(tmp_path / "config" / "key"))
    monkeypatch.delenv("MILIA_DATABASE_URL", raising=False)
    return tmp_path


def _filled(home, capsys):
    from milia.records import Patient, open_records

    assert main(["records", "setup-code"]) == 0
    code = capsys.readouterr().out.strip()
    records = open_records()
    person = records.first_administrator(
        code, clinic="C", time_zone="UTC", login="admin", name="A", password="a long enough password"
    )
    with records.acting(person.id) as acting:
        doctor = acting.users.add(login="doctor", role="doctor", name="D", password="a long enough password")
    with records.acting(doctor.id) as acting:
        acting.add(Patient(name="Kim"))
    records.close()
    return home


def test_backup_restore_rotate_verify(home, capsys):
    _filled(home, capsys)
    target = home / "b.milia"
    assert main(["backup", str(target)]) == 0
    assert main(["restore", str(target)]) == 2
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(target), "--check"]) == 0
    assert main(["restore", str(target), "--replace"]) == 0
    assert main(["records", "rotate-key"]) == 0
    assert main(["records", "sweep"]) == 0
    capsys.readouterr()
    assert main(["audit", "verify", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["whole"], told["rows"]) == (True, 1)


def test_a_changed_record_ends_with_status_2(home, capsys):
    _filled(home, capsys)
    connection = sqlite3.connect(home / "data" / "records.db")
    connection.execute("UPDATE patient SET state = 'inactive'")
    connection.commit()
    connection.close()
    assert main(["audit", "verify"]) == 2
    assert "outside Milia" in capsys.readouterr().err
    assert main(["audit", "verify", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["whole"] is False


def test_no_key_and_no_backup_make_no_database(home, capsys):
    (home / "x").write_text("no backup")
    assert main(["restore", str(home / "x")]) == 2
    assert not (home / "data").exists()
    _filled(home, capsys)
    (home / "config" / "key").unlink()
    assert main(["audit", "verify"]) == 2
    assert "key file" in capsys.readouterr().err
    assert not (home / "config" / "key").exists()
