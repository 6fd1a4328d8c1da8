"""Who may do what."""

from __future__ import annotations

import pytest

from milia.records import KINDS, ROLES, Denied, Lesion, Patient, allowed
from milia.records.roles import role_matrix


def test_no_is_the_answer_to_everything_unlisted():
    assert not allowed("doctor", "world.rule")
    assert not allowed("visitor", "patient.read", "because")
    assert not allowed("administrator", "diagnosis.write", "because")


def test_the_table_knows_only_roles_and_kinds_that_exist():
    table = role_matrix()
    for action, roles in {**table.allow, **table.with_reason}.items():
        assert roles <= set(ROLES)
        kind = action.partition(".")[0]
        assert kind in {*KINDS, "draft", "job", "token", "user", "clinic", "audit"}
    for kind in KINDS:
        assert table.allow[f"{kind}.read"]
        assert table.allow[f"{kind}.write"]


@pytest.mark.parametrize("role", ["administrator", "front_desk"])
def test_the_emergency_door_needs_a_reason_and_is_recorded(clinic, role):
    with clinic.records.acting(clinic.doctor) as acting:
        patient = acting.add(Patient(name="Kim"))
        lesion = acting.add(Lesion(patient_id=patient.id, site="cheek"))
    person = clinic.by_role(role)
    for reason in (None, " "):
        with pytest.raises(Denied), clinic.records.acting(person, reason) as acting:
            acting.get(Lesion, lesion.id)
    with clinic.records.acting(person, "fainted in the waiting room") as acting:
        acting.get(Lesion, lesion.id)
    with clinic.records.acting(clinic.administrator) as acting:
        seen, refused = acting.audit(actor=person)[:2]
    assert seen.detail == {"reason": "fainted in the waiting room", "break_glass": True}
    assert (refused.action, refused.detail["wanted"]) == ("refused", "lesion.read")


@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_what_the_table_says(clinic, role):
    table = role_matrix()
    for kind, model in KINDS.items():
        may = role in table.allow[f"{kind}.read"]
        try:
            with clinic.records.acting(clinic.by_role(role)) as acting:
                acting.entries(model)
        except Denied:
            assert not may
        else:
            assert may
