"""A save that was acknowledged is there, whatever happened next; one that was not has left nothing."""

from __future__ import annotations

import importlib.util
import os
import resource
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from milia.records import Patient, Unavailable, open_records

ROOT = Path(__file__).parents[2]


def _benchmark():
    spec = importlib.util.spec_from_file_location("benchmarks_records", ROOT / "benchmarks" / "records.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _url(records):
    return records.engine.url.render_as_string(hide_password=False)


def test_a_killed_process_loses_no_acknowledged_save(clinic):
    records = clinic.records
    records.engine.dispose()
    saved = _benchmark().kill_savers(
        _url(records), records.folder, records.keyring, clinic.doctor, kills=10, seed=3
    )
    assert saved >= 10


def _fill(url, records, doctor):
    for _ in range(50):
        again = open_records(url, records.keyring, data=records.folder)
        with again.acting(doctor) as acting:
            for _ in range(100):
                acting.add(Patient(name="Filler", notes="x" * 9000))


def test_a_full_disk_is_said_and_leaves_nothing_half_written(clinic):
    records = clinic.records
    if records.engine.dialect.name != "sqlite":
        pytest.skip("the limit would have to be the server's")
    url = _url(records)
    records.engine.dispose()
    child = os.fork()
    if child == 0:
        status = 9
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
            with pytest.raises(Unavailable, match="full"):
                _fill(url, records, clinic.doctor)
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with records.acting(clinic.doctor) as acting:
        assert len(acting.entries(Patient, limit=500)) % 100 == 0
        acting.add(Patient(name="After"))
    assert records.verify_audit().whole


def _lose_the_server(records, doctor):
    with records.acting(doctor) as acting:
        acting.add(Patient(name="Lost"))
        with records.engine.connect() as other:
            other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        acting.add(Patient(name="Lost too"))


def test_a_database_that_is_away_is_said_and_comes_back(clinic):
    records = clinic.records
    if records.engine.dialect.name == "sqlite":
        path = Path(records.engine.url.database)
        away = path.with_suffix(".away")
        records.engine.dispose()
        path.rename(away)
        path.mkdir()
        with pytest.raises(Unavailable, match="does not answer"), records.acting(clinic.doctor) as acting:
            acting.add(Patient(name="Lost"))
        path.rmdir()
        away.rename(path)
    else:
        with pytest.raises(Unavailable, match="does not answer"):
            _lose_the_server(records, clinic.doctor)
    with records.acting(clinic.doctor) as acting:
        assert acting.entries(Patient) == []
        acting.add(Patient(name="Back"))
    assert records.verify_audit().whole


def test_two_processes_that_save_at_once_keep_one_chain(clinic):
    records = clinic.records
    url = _url(records)
    records.engine.dispose()
    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            status = 9
            try:
                mine = open_records(url, records.keyring, data=records.folder)
                for count in range(10):
                    with mine.acting(clinic.doctor) as acting:
                        acting.add(Patient(name=f"P{number} {count}"))
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children] == [0, 0, 0]
    with records.acting(clinic.doctor) as acting:
        assert len(acting.entries(Patient)) == 30
    assert records.verify_audit().whole
