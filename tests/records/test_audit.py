"""The trail: everything is in it, and every change behind its back is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from milia.records import Diagnosis, Lesion, Patient
from milia.records.tables import GUARDED


def _behind_the_back(records, *statements):
    # What somebody does who owns the database: first the guards go.
    with records.engine.begin() as connection:
        if records.engine.dialect.name == "postgresql":
            for table in GUARDED:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for name in (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'"))
                .scalars()
                .all()
            ):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(text(statement)).rowcount, statement


@pytest.fixture
def busy(clinic):
    with clinic.records.acting(clinic.doctor) as acting:
        patient = acting.add(Patient(name="Kim"))
        lesion = acting.add(Lesion(patient_id=patient.id, site="cheek"))
        found = acting.add(Diagnosis(patient_id=patient.id, lesion_id=lesion.id, condition="milium"))
        acting.sign(Diagnosis, found.id, version=1)
        acting.change(Patient, patient.id, version=1, phone="1")
    with clinic.records.acting(clinic.nurse) as acting:
        acting.get(Patient, patient.id)
        acting.search("kim")
    return clinic


def test_who_saw_and_changed_what(busy):
    with busy.records.acting(busy.administrator) as acting:
        lines = acting.audit()[::-1]
    told = [(line.actor, line.action, line.kind) for line in lines][-7:]
    assert told == [
        (busy.doctor, "add", "patient"),
        (busy.doctor, "add", "lesion"),
        (busy.doctor, "add", "diagnosis"),
        (busy.doctor, "sign", "diagnosis"),
        (busy.doctor, "change", "patient"),
        (busy.nurse, "read", "patient"),
        (busy.nurse, "search", "patient"),
    ]
    assert lines[-3].detail == {"fields": ["phone"]}
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert busy.records.verify_audit().whole


@pytest.mark.parametrize(
    "damage",
    [
        ["UPDATE audit_entry SET actor = 'x' WHERE seq = 5"],
        ["UPDATE audit_entry SET detail = '{}' WHERE seq = 9"],
        ["DELETE FROM audit_entry WHERE seq = 1"],
        ["DELETE FROM audit_entry WHERE seq = 6"],
        ["DELETE FROM audit_entry WHERE seq > 10"],
        ["DELETE FROM audit_entry"],
        [
            "UPDATE audit_entry SET seq = 99 WHERE seq = 6",
            "UPDATE audit_entry SET seq = 6 WHERE seq = 7",
            "UPDATE audit_entry SET seq = 7 WHERE seq = 99",
        ],
        ["UPDATE lesion SET site = 'nose'"],
        ["UPDATE patient SET sealed = sealed || sealed"],
        ["UPDATE diagnosis SET signed_by = 'somebody'"],
        ["DELETE FROM diagnosis"],
        ["UPDATE patient SET removed_at = created_at"],
    ],
)
def test_verify_finds_every_change_made_in_the_database(busy, damage):
    _behind_the_back(busy.records, *damage)
    assert not busy.records.verify_audit().whole


def test_a_forged_or_missing_ledger_is_found(busy):
    path = busy.records.ledger.path
    whole = path.read_text()
    path.unlink()
    assert not busy.records.verify_audit().whole
    path.write_text(whole.replace('"heads"', '"heads" '))
    assert busy.records.verify_audit().whole
    path.write_text(whole.replace('"erased": []', '"erased": ["0"]'))
    with pytest.raises(Exception, match="changed outside"):
        busy.records.verify_audit()
