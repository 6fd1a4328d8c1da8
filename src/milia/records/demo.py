"""A clinic to look around in: people who do not exist, the same ones for the same seed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import get_args

from milia.records.entities import (
    Appointment,
    Consent,
    Device,
    Diagnosis,
    FindingSheet,
    Lesion,
    Patient,
    Visit,
)
from milia.records.entities import Site as _Site
from milia.records.unit import Acting

__all__ = ["seed_demo"]

# Words that nobody takes for a person's name.
_FIRST = (
    "Amber",
    "Basalt",
    "Cedar",
    "Dune",
    "Ember",
    "Fjord",
    "Garnet",
    "Harbour",
    "Islet",
    "Juniper",
    "가람",
    "나래",
)
_LAST = ("Example", "Sample", "Testcase", "Specimen", "예시", "보기")
_FIRST_DAY = date(2026, 1, 5)
_LOOKS = ("milium", "syringoma", "sebaceous hyperplasia")


def seed_demo(acting: Acting, seed: int, *, patients: int = 12) -> list[str]:
    """Fill a clinic with synthetic patients, as the doctor who acts; returns the patients' ids.

    Parameters
    ----------
    acting
        The unit of work of a doctor.
    seed
        Decides all content; ids and times of writing are new each time.
    patients
        How many.
    """
    draw = random.Random(seed)
    acting.add(Device(name="Demonstration laser", definition={"library": "generic-superpulse-co2"}))
    return [_patient(acting, draw, number) for number in range(1, patients + 1)]


def _patient(acting: Acting, draw: random.Random, number: int) -> str:
    patient = acting.add(
        Patient(
            name=f"{draw.choice(_FIRST)} {draw.choice(_LAST)} {number:02d}",
            born_on=date(draw.randint(1950, 2008), draw.randint(1, 12), draw.randint(1, 28)),
            sex=draw.choice(("F", "M")),
            skin_type=draw.choice(("I", "II", "III", "IV", "V", "VI")),
            notes="Synthetic: made for a demonstration, no real person.",
        )
    ).id
    on = _FIRST_DAY + timedelta(days=draw.randint(0, 60))
    acting.add(Consent(patient_id=patient, subject="photograph", given=draw.random() < 0.8, given_on=on))
    visit = acting.add(Visit(patient_id=patient, on=on.isoformat(), reason="small firm bumps")).id
    for _ in range(draw.randint(1, 3)):
        _lesion(acting, draw, patient, visit)
    starts = datetime(on.year, on.month, on.day, draw.randint(0, 7), tzinfo=UTC) + timedelta(weeks=6)
    acting.add(Appointment(patient_id=patient, starts_at=starts, ends_at=starts + timedelta(minutes=20)))
    return patient


def _lesion(acting: Acting, draw: random.Random, patient: str, visit: str) -> None:
    size_mm = round(draw.uniform(0.5, 2.5), 1)
    lesion = acting.add(
        Lesion(
            patient_id=patient,
            site=draw.choice(get_args(_Site)),
            pin_x=round(draw.random(), 3),
            pin_y=round(draw.random(), 3),
            diameter_mm=size_mm,
        )
    ).id
    findings = {"size_mm": [size_mm, size_mm], "colour": "white", "consistency": "firm", "symptoms": "none"}
    sheet = acting.add(
        FindingSheet(patient_id=patient, lesion_id=lesion, visit_id=visit, state="saved", findings=findings)
    )
    acting.sign(FindingSheet, sheet.id, version=1)
    if draw.random() < 0.7:
        found = acting.add(Diagnosis(patient_id=patient, lesion_id=lesion, condition=draw.choice(_LOOKS)))
        acting.sign(Diagnosis, found.id, version=1)
