"""Entries: saved, changed, in conflict, undone, signed, amended; on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from milia.base import InputError
from milia.records import (
    Appointment,
    Conflict,
    Decision,
    Denied,
    Diagnosis,
    FindingSheet,
    Lesion,
    NotFound,
    Outcome,
    Patient,
    Plan,
    Treatment,
    Visit,
)


@pytest.fixture
def patient(clinic):
    with clinic.records.acting(clinic.doctor) as acting:
        return acting.add(
            Patient(name="Zoë Björk", born_on=date(1990, 2, 3), phone="(010) 5550-7788", notes="첫 방문 🙂")
        )


def test_what_is_saved_is_read_again_by_another_process(clinic, patient, make_records):
    url = clinic.records.engine.url.render_as_string(hide_password=False)
    again = make_records(url, clinic.records.keyring, clinic.records.folder)
    with again.acting(clinic.nurse) as acting:
        assert acting.get(Patient, patient.id) == patient


def test_the_database_holds_no_name_and_no_note(clinic, patient):
    with clinic.records.engine.connect() as connection:
        row = str(connection.execute(text("SELECT * FROM patient")).mappings().one())
        audit = str(connection.execute(text("SELECT * FROM audit_entry")).all())
    for secret in ("Zoë", "Björk", "5550-7788", "방문", patient.content.notes):
        assert secret not in row
        assert secret not in audit


def test_sealed_content_moved_to_another_row_is_refused(clinic, patient):
    with clinic.records.acting(clinic.doctor) as acting:
        lesions = [acting.add(Lesion(patient_id=patient.id, site="cheek", notes=n)) for n in ("a", "b")]
    with clinic.records.engine.begin() as connection:
        connection.execute(
            text("UPDATE lesion SET sealed = (SELECT sealed FROM lesion WHERE id = :a) WHERE id = :b"),
            {"a": lesions[0].id, "b": lesions[1].id},
        )
    with (
        pytest.raises(Exception, match="changed outside Milia"),
        clinic.records.acting(clinic.doctor) as acting,
    ):
        acting.get(Lesion, lesions[1].id)


def test_a_later_save_of_the_same_field_conflicts_and_loses_nothing(clinic, patient):
    with clinic.records.acting(clinic.doctor) as acting:
        acting.change(Patient, patient.id, version=1, phone="1")
    with pytest.raises(Conflict) as caught, clinic.records.acting(clinic.nurse) as acting:
        acting.change(Patient, patient.id, version=1, phone="2", email="e", merge=True)
    assert caught.value.fields == ("phone",)
    assert caught.value.merged is None
    assert (caught.value.mine.phone, caught.value.theirs.content.phone) == ("2", "1")
    assert caught.value.theirs.version == 2


def test_edits_of_different_fields_come_merged_and_can_be_kept(clinic, patient):
    with clinic.records.acting(clinic.doctor) as acting:
        acting.change(Patient, patient.id, version=1, phone="1")
    with pytest.raises(Conflict) as caught, clinic.records.acting(clinic.nurse) as acting:
        acting.change(Patient, patient.id, version=1, email="e")
    assert (caught.value.merged.phone, caught.value.merged.email) == ("1", "e")
    with clinic.records.acting(clinic.nurse) as acting:
        kept = acting.change(Patient, patient.id, version=1, email="e", merge=True)
    assert (kept.version, kept.content.phone, kept.content.email) == (3, "1", "e")


def test_undo_takes_back_a_change_and_then_the_entry_and_brings_it_again(clinic, patient):
    with clinic.records.acting(clinic.doctor) as acting:
        lesion = acting.add(Lesion(patient_id=patient.id, site="cheek"))
        acting.change(Lesion, lesion.id, version=1, site="nose")
        assert acting.undo(Lesion, lesion.id, version=2).content.site == "cheek"
        other = acting.add(Lesion(patient_id=patient.id, site="chin"))
        acting.undo(Lesion, other.id, version=1)
        assert [each.id for each in acting.entries(Lesion, patient_id=patient.id)] == [lesion.id]
        acting.undo(Lesion, other.id, version=2)
        assert len(acting.entries(Lesion, patient_id=patient.id)) == 2


def test_an_entry_that_others_belong_to_is_not_undone(clinic, patient):
    with clinic.records.acting(clinic.doctor) as acting:
        acting.add(Lesion(patient_id=patient.id, site="cheek"))
    with pytest.raises(InputError, match="belongs to"), clinic.records.acting(clinic.doctor) as acting:
        acting.undo(Patient, patient.id, version=1)


def _signed_diagnosis(acting, patient):
    lesion = acting.add(Lesion(patient_id=patient.id, site="cheek"))
    found = acting.add(Diagnosis(patient_id=patient.id, lesion_id=lesion.id, condition="milium"))
    return lesion, acting.sign(Diagnosis, found.id, version=1)


def test_a_signed_entry_is_amended_and_never_changed(clinic, patient):
    records = clinic.records
    with records.acting(clinic.doctor) as acting:
        _, signed = _signed_diagnosis(acting, patient)
        assert signed.signed_by == clinic.doctor
    for step in ("change", "undo", "sign"):
        with pytest.raises(Denied, match="amend"), records.acting(clinic.doctor) as acting:
            getattr(acting, step)(Diagnosis, signed.id, version=2)
    with records.acting(clinic.doctor) as acting:
        new = acting.amend(Diagnosis, signed.id, condition="syringoma")
        assert (new.amends, new.signed, new.content.condition) == (signed.id, False, "syringoma")
        assert acting.get(Diagnosis, signed.id).content.condition == "milium"
    with pytest.raises(InputError, match="amended already"), records.acting(clinic.doctor) as acting:
        acting.amend(Diagnosis, signed.id, condition="sebaceous")


@pytest.mark.parametrize("verb", ["UPDATE {} SET version = 9", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_what_is_final(clinic, patient, verb):
    with clinic.records.acting(clinic.doctor) as acting:
        lesion, _ = _signed_diagnosis(acting, patient)
        made = acting.add(
            Plan(patient_id=patient.id, lesion_id=lesion.id, plan_id="p1", plan={"action": "laser"})
        )
        acting.add(
            Decision(patient_id=patient.id, plan_row_id=made.id, choice="override", reason="thin skin")
        )
    for table in ("decision", "plan", "diagnosis", "audit_entry"):
        with pytest.raises(DBAPIError, match="final"), clinic.records.engine.begin() as connection:
            connection.execute(text(verb.format(table)))
    with pytest.raises(Denied), clinic.records.acting(clinic.doctor) as acting:
        acting.change(Plan, made.id, version=1, plan={})


def test_no_plan_without_a_signed_diagnosis(clinic, patient):
    with clinic.records.acting(clinic.doctor) as acting:
        lesion = acting.add(Lesion(patient_id=patient.id, site="cheek"))
        acting.add(Diagnosis(patient_id=patient.id, lesion_id=lesion.id, condition="milium"))
    with (
        pytest.raises(InputError, match="no confirmed diagnosis"),
        clinic.records.acting(clinic.doctor) as acting,
    ):
        acting.add(Plan(patient_id=patient.id, lesion_id=lesion.id, plan_id="p1", plan={}))


def test_a_link_to_another_patient_is_refused(clinic, patient):
    with clinic.records.acting(clinic.doctor) as acting:
        other = acting.add(Patient(name="Other"))
        lesion = acting.add(Lesion(patient_id=other.id, site="cheek"))
    with pytest.raises(InputError, match="no such entry"), clinic.records.acting(clinic.doctor) as acting:
        acting.add(FindingSheet(patient_id=patient.id, lesion_id=lesion.id))
    with pytest.raises(NotFound), clinic.records.acting(clinic.doctor) as acting:
        acting.get(Patient, "0" * 32)


def test_every_kind_of_a_visit_comes_back_as_it_was_entered(clinic, patient):
    starts = datetime(2026, 3, 1, 9, tzinfo=UTC)
    with clinic.records.acting(clinic.doctor) as acting:
        lesion = acting.add(Lesion(patient_id=patient.id, site="nose", pin_x=0.1, pin_y=0.2, diameter_mm=1.1))
        visit = acting.add(Visit(patient_id=patient.id, on="2026-03-01"))
        common = {"patient_id": patient.id, "lesion_id": lesion.id}
        fired = acting.add(
            Treatment(
                **common,
                visit_id=visit.id,
                treated_on="2026-03-01",
                action="laser",
                pulse_energy_mJ=0.1 + 0.2,
            )
        )
        assert fired.content.pulse_energy_mJ == 0.1 + 0.2
        acting.add(Outcome(**common, treatment_id=fired.id, seen_on="2026-04-01", record={"scar": False}))
        acting.add(
            Appointment(patient_id=patient.id, starts_at=starts, ends_at=starts + timedelta(minutes=20))
        )
        assert acting.entries(Appointment)[0].content.starts_at == starts
        assert acting.entries(Lesion, site="nose")[0] == lesion


def test_a_failed_block_leaves_nothing(clinic):
    def breaks():
        with clinic.records.acting(clinic.doctor) as acting:
            acting.add(Patient(name="Half"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks()
    with clinic.records.acting(clinic.doctor) as acting:
        assert acting.entries(Patient) == []


def test_order_survives_a_clock_that_goes_back(clinic):
    records = clinic.records
    for year, name in ((2030, "first"), (2020, "second"), (2025, "third")):
        records.clock = lambda year=year: datetime(year, 1, 1, tzinfo=UTC)
        with records.acting(clinic.doctor) as acting:
            acting.add(Patient(name=name))
    with records.acting(clinic.doctor) as acting:
        assert [each.content.name for each in acting.entries(Patient)] == ["third", "second", "first"]
    assert records.verify_audit().whole


def test_drafts_belong_to_who_typed_them(clinic, patient):
    with clinic.records.acting(clinic.doctor) as acting:
        assert acting.drafts.save("visit", patient.id, {"notes": "half a sen"}, patient_id=patient.id) == 1
        assert acting.drafts.save("visit", patient.id, {"notes": "half a sentence"}, version=1) == 2
    with pytest.raises(Conflict), clinic.records.acting(clinic.doctor) as acting:
        acting.drafts.save("visit", patient.id, {"notes": "other window"}, version=1)
    with clinic.records.acting(clinic.nurse) as acting:
        assert acting.drafts.get("visit", patient.id) is None
    with clinic.records.acting(clinic.doctor) as acting:
        assert acting.drafts.get("visit", patient.id).content == {"notes": "half a sentence"}
        acting.drafts.drop("visit", patient.id)
        assert acting.drafts.get("visit", patient.id) is None


def test_wrong_values_name_their_field(clinic, patient):
    for fields, named in (({"pin_x": 2.0}, "lesion.pin_x"), ({"site": "knee"}, "lesion.site")):
        with clinic.records.acting(clinic.doctor) as acting:
            lesion = acting.add(Lesion(patient_id=patient.id, site="cheek"))
        with pytest.raises(InputError) as caught, clinic.records.acting(clinic.doctor) as acting:
            acting.change(Lesion, lesion.id, version=1, **fields)
        assert caught.value.key == named
