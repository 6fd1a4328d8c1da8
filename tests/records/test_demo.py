"""The demonstration clinic is the same for the same seed, and nobody in it is real."""

from __future__ import annotations

from milia.records import Diagnosis, Lesion, Patient, seed_demo


def _told(acting):
    return [
        [
            entry.content.model_dump(exclude={"patient_id", "lesion_id"})
            for entry in acting.entries(kind, limit=500)
        ]
        for kind in (Patient, Lesion, Diagnosis)
    ]


def test_same_seed_same_clinic(clinic):
    told = []
    for seed in (5, 5, 6):
        with clinic.records.acting(clinic.doctor) as acting:
            ids = seed_demo(acting, seed, patients=3)
            told.append([acting.get(Patient, each).content for each in ids])
            assert all("no real person" in each.notes for each in told[-1])
    assert told[0] == told[1] != told[2]
    with clinic.records.acting(clinic.doctor) as acting:
        patients, lesions, diagnoses = _told(acting)
    assert len(patients) == 9
    assert len(lesions) >= 9
    assert diagnoses
    assert clinic.records.verify_audit().whole
