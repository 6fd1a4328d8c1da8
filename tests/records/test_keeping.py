"""Photographs, jobs, keys, backup, export, erasure, migrations."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from milia.base import InputError, MiliaError
from milia.records import (
    Consent,
    Denied,
    Diagnosis,
    Keyring,
    Lesion,
    NotFound,
    Patient,
    Photograph,
    back_up,
    check_backup,
    load_keyring,
    restore,
)
from milia.records.database import HEAD, migrate, revision_of
from milia.records.photographs import write_file
from milia.records.tables import data_key, metadata

PICTURE = b"\xff\xd8 not really a picture \x00" * 50_000


@pytest.fixture
def treated(clinic):
    """A patient with a signed diagnosis and a picture; gives the clinic, the patient and the picture."""
    with clinic.records.acting(clinic.doctor) as acting:
        patient = acting.add(Patient(name="김민준", phone="secret-phone"))
        acting.add(
            Consent(patient_id=patient.id, subject="photograph", given=True, given_on=date(2026, 1, 1))
        )
        lesion = acting.add(Lesion(patient_id=patient.id, site="cheek"))
        found = acting.add(Diagnosis(patient_id=patient.id, lesion_id=lesion.id, condition="milium"))
        acting.sign(Diagnosis, found.id, version=1)
        picture = acting.photographs.add(PICTURE, patient_id=patient.id, lesion_id=lesion.id, name="a.jpg")
        acting.drafts.save("visit", patient.id, {"notes": "x"}, patient_id=patient.id)
    return clinic, patient, picture


def test_a_photograph_comes_back_and_lies_encrypted(treated):
    clinic, _, picture = treated
    files = [path for path in clinic.records.photograph_folder.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert b"picture" not in files[0].read_bytes()
    with clinic.records.acting(clinic.nurse) as acting:
        assert acting.photographs.read(picture.id) == PICTURE
    damaged = bytearray(files[0].read_bytes())
    damaged[-1] ^= 1
    files[0].write_bytes(damaged)
    with pytest.raises(MiliaError, match="changed"), clinic.records.acting(clinic.nurse) as acting:
        acting.photographs.read(picture.id)


def test_no_photograph_without_consent_and_orphans_go(treated):
    clinic, patient, picture = treated
    with clinic.records.acting(clinic.doctor) as acting:
        acting.add(
            Consent(patient_id=patient.id, subject="photograph", given=False, given_on=date(2026, 1, 2))
        )
    with pytest.raises(InputError, match="not agreed"), clinic.records.acting(clinic.doctor) as acting:
        acting.photographs.add(PICTURE, patient_id=patient.id)
    write_file(clinic.records.photograph_folder, "ab" * 16, b"orphan")
    assert clinic.records.sweep() == 0
    assert clinic.records.sweep(older_than_s=-1) == 1
    with clinic.records.acting(clinic.nurse) as acting:
        assert acting.photographs.read(picture.id) == PICTURE


def test_a_job_outlives_workers_and_ends_after_its_last_attempt(clinic):
    records = clinic.records
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    records.clock = lambda: now[0]
    with records.acting(clinic.doctor) as acting:
        job = acting.jobs.add("plan", {"case": 1}, attempts_max=2)
        second = acting.jobs.add("plan", {"case": 2})
    first = records.claim_job()
    assert (first.id, first.content, first.attempt) == (job, {"case": 1}, 1)
    assert records.claim_job().id == second
    assert records.claim_job() is None
    now[0] += timedelta(seconds=50)
    assert records.beat_job(first, progress_percent=40)
    now[0] += timedelta(seconds=50)
    assert records.claim_job().id == second
    now[0] += timedelta(seconds=20)
    again = records.claim_job()
    assert (again.id, again.attempt) == (job, 2)
    assert not records.finish_job(first, "from a worker that was thought dead")
    assert not records.beat_job(first)
    assert records.fail_job(again, "no memory")
    assert records.claim_job() is None
    with records.acting(clinic.doctor) as acting:
        told = acting.jobs.get(job)
        assert (told.state, told.problem, told.attempts) == ("failed", "no memory", 2)
    with pytest.raises(NotFound), records.acting(clinic.nurse) as acting:
        acting.jobs.get(job)
    now[0] += timedelta(minutes=5)
    held = records.claim_job()
    assert records.finish_job(held, {"plan": 7})
    with records.acting(clinic.doctor) as acting:
        assert acting.jobs.get(second).result == {"plan": 7}


def test_key_rotation_goes_on_where_it_stopped(treated, monkeypatch):
    clinic, patient, picture = treated
    records = clinic.records
    monkeypatch.setattr("milia.records.facade._REWRAP_AT_ONCE", 1)
    calls = []

    def stops(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)

    from milia.records import facade

    real = facade.wrap
    monkeypatch.setattr("milia.records.facade.wrap", stops)
    with pytest.raises(KeyboardInterrupt):
        records.rotate_key()
    assert len(records.keyring.keys) == 2
    assert records.rotate_key(forget=True) == 2
    assert len(records.keyring.keys) == 1
    with records.acting(clinic.doctor) as acting:
        assert acting.get(Patient, patient.id).content.name == "김민준"
        assert acting.photographs.read(picture.id) == PICTURE
        assert acting.search("민준")
    assert records.verify_audit().whole
    with records.engine.connect() as connection:
        assert set(connection.execute(select(data_key.c.master_id)).scalars()) == {records.keyring.current}


def test_the_key_file_is_the_owners_alone_and_damage_is_named(tmp_path):
    path = tmp_path / "config" / "key"
    ring = load_keyring(path, create=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_keyring(path).keys == ring.keys
    path.chmod(0o640)
    with pytest.raises(InputError, match="others"):
        load_keyring(path)
    path.chmod(0o600)
    path.write_text("{}")
    with pytest.raises(InputError, match="no key file"):
        load_keyring(path)
    with pytest.raises(InputError, match="no key file"):
        load_keyring(tmp_path / "none")


def test_a_backup_is_restored_on_another_database(treated, make_records, tmp_path):
    clinic, patient, picture = treated
    records = clinic.records
    summary = back_up(records, tmp_path / "b.milia")
    assert summary.photographs == 1
    assert b"secret-phone" not in (tmp_path / "b.milia").read_bytes()
    other = make_records(key=records.keyring)
    assert restore(other, tmp_path / "b.milia") == summary
    with other.acting(clinic.doctor) as acting:
        assert acting.get(Patient, patient.id) == patient
        assert acting.photographs.read(picture.id) == PICTURE
        assert acting.search("ㄱㅁㅈ")[0].id == patient.id
        acting.add(Patient(name="After"))
    assert other.verify_audit().whole
    with pytest.raises(InputError, match="not empty"):
        restore(other, tmp_path / "b.milia")
    with pytest.raises(Exception, match="final"), other.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry"))
    restore(other, tmp_path / "b.milia", replace=True)
    assert other.verify_audit().whole
    with other.acting(clinic.doctor) as acting:
        assert acting.search("After") == []


def test_a_backup_crosses_from_postgresql_to_sqlite(make_records, treated, tmp_path):
    clinic, patient, _ = treated
    back_up(clinic.records, tmp_path / "b.milia")
    other = make_records(f"sqlite:///{tmp_path}/other.db", clinic.records.keyring)
    restore(other, tmp_path / "b.milia")
    assert other.verify_audit().whole
    with other.acting(clinic.doctor) as acting:
        assert acting.get(Patient, patient.id) == patient


def test_a_damaged_backup_changes_nothing(treated, tmp_path):
    clinic, _, _ = treated
    back_up(clinic.records, tmp_path / "b.milia")
    whole = (tmp_path / "b.milia").read_bytes()
    bad = tmp_path / "bad"
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for data in (
        whole[:-1],
        whole[: len(whole) // 2],
        bytes(flipped),
        whole + b"x",
        b"",
        b"MILIA-BACKUP-1\n{}\n",
    ):
        bad.write_bytes(data)
        with pytest.raises(InputError):
            restore(clinic.records, bad, replace=True)
    assert clinic.records.verify_audit().whole
    with pytest.raises(MiliaError, match="key"):
        check_backup(tmp_path / "b.milia", Keyring.fresh())


def test_everything_about_a_patient_goes_into_one_zip(treated):
    clinic, patient, _ = treated
    with clinic.records.acting(clinic.doctor) as acting:
        acting.add(Patient(name="Somebody Else"))
        data = acting.export_patient(patient.id)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = json.loads(archive.read("patient.json"))
        pictures = [archive.read(name) for name in archive.namelist() if name.startswith("photographs/")]
    assert content["patient"][0]["content"]["phone"] == "secret-phone"
    assert content["diagnosis"][0]["signed_by"] == clinic.doctor
    assert pictures == [PICTURE]
    assert "Somebody" not in json.dumps(content)


def test_an_erased_patient_is_gone_and_the_trail_is_whole(treated, tmp_path):
    clinic, patient, picture = treated
    records = clinic.records
    back_up(records, tmp_path / "before.milia")
    for person, reason in ((clinic.doctor, "asked"), (clinic.administrator, None)):
        with pytest.raises(Denied), records.acting(person, reason) as acting:
            acting.erase_patient(patient.id)
    with records.acting(clinic.administrator, "asked in writing") as acting:
        acting.erase_patient(patient.id)
    with records.acting(clinic.doctor) as acting:
        assert acting.search("민준") == []
        assert acting.entries(Patient) == acting.entries(Lesion) == acting.entries(Diagnosis) == []
    for kind, row_id in ((Patient, patient.id), (Photograph, picture.id)):
        with pytest.raises(MiliaError), records.acting(clinic.doctor) as acting:
            acting.get(kind, row_id)
    assert not [path for path in records.photograph_folder.rglob("*") if path.is_file()]
    assert records.verify_audit().whole
    with records.acting(clinic.administrator) as acting:
        told = acting.audit(row_id=patient.id)
    assert [line.detail["reason"] for line in told if line.action == "erase"] == ["asked in writing"]
    # An older backup must not bring the content back.
    restore(records, tmp_path / "before.milia", replace=True)
    with records.acting(clinic.doctor) as acting:
        assert acting.entries(Patient) == []
    assert records.verify_audit().whole
    with records.engine.connect() as connection:
        owners = connection.execute(select(data_key.c.owner)).scalars().all()
    assert f"patient:{patient.id}" not in owners


def test_migrations_go_down_and_up_with_data_in_them(treated):
    clinic, patient, _ = treated
    records = clinic.records
    migrate(records.engine, "0001")
    with records.engine.begin() as connection:
        assert revision_of(connection) == "0001"
        connection.execute(text("UPDATE diagnosis SET version = version"))
    migrate(records.engine)
    with pytest.raises(Exception, match="final"), records.engine.begin() as connection:
        connection.execute(text("UPDATE diagnosis SET version = version"))
    assert records.verify_audit().whole
    with records.acting(clinic.doctor) as acting:
        assert acting.get(Patient, patient.id) == patient
    migrate(records.engine, "base")
    with records.engine.connect() as connection:
        assert revision_of(connection) is None
    migrate(records.engine)


def test_the_migrations_make_the_tables_of_the_models(clinic):
    with clinic.records.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert revision_of(connection) == HEAD


def test_a_database_of_a_newer_milia_is_left_alone(clinic):
    with clinic.records.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MiliaError, match="newer"):
        migrate(clinic.records.engine)
