"""A clinic to try everything in: people whose names nobody takes for real, lesions at every step."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from starlette.datastructures import FormData

from milia.care import OutcomeRecord
from milia.diagnosis import assess
from milia.records import (
    Acting,
    Appointment,
    Assessment,
    Consent,
    Device,
    Diagnosis,
    FindingSheet,
    Lesion,
    Outcome,
    Patient,
    Treatment,
    Visit,
)
from milia.web.facemap import SITES
from milia.web.pages_ask import Form
from milia.web.rooms.findings_sheet import known_first
from milia.web.rooms.patients_chart import lesion_of
from milia.web.rooms.patients_words import ASKED_NONE
from milia.web.rooms.plans import queue_plan
from milia.web.rooms.plans_case import case_of, clinic_devices, own_device

__all__ = ["fill_demo"]

_FIRST = ("Amber", "Basalt", "Cedar", "Dune", "Ember", "Fjord", "Garnet", "Harbour", "Islet", "Juniper")
_FIRST_KO = ("가람", "나래")
_LAST, _LAST_KO = ("Example", "Sample", "Testcase", "Specimen"), ("예시", "보기")
_SKIN_TYPES = ("II", "III", "III", "IV", "V")
_MILIUM: Mapping[str, Any] = {
    "lesion_count": "few",
    "colour": ["white"],
    "surface": ["smooth"],
    "consistency": ["firm"],
    "shape": ["dome"],
    "symptoms": ["none"],
    "course": {"duration_band": "months", "onset": "gradual", "growth": "stable"},
}
# Pearly, with vessels, growing: the one whose red flag has to stand out.
_SUSPECT: Mapping[str, Any] = {
    "lesion_count": "1",
    "colour": ["pink/red"],
    "surface": ["telangiectatic"],
    "consistency": ["firm"],
    "course": {"growth": "size", "duration_band": "years"},
    "triggers_history": ["bleeding"],
}
_NO_PLAN = "0" * 12
_STEPS = ("assess", "diagnosed", "queued", "healing", "healed")


def fill_demo(acting: Acting, *, today: date, now: datetime, seed: int, patients: int = 12) -> int:
    """Fill a clinic with synthetic patients in the name of the doctor who acts; returns how many.

    Two of the lesions have their plan put into the queue, so that the first pages show a real one.

    Parameters
    ----------
    acting
        The unit of work of a doctor.
    today, now
        The clinic's day and moment, around which visits and appointments lie.
    seed
        Decides all content; ids and times of writing are new each time.
    patients
        How many.
    """
    draw = random.Random(seed)
    acting.add(Device(name="Demonstration laser", definition={"library": "generic-superpulse-co2"}))
    queued = 0
    for number in range(1, patients + 1):
        patient = _patient(acting, draw, number)
        on = today - timedelta(days=draw.randint(20, 70))
        visit = acting.add(Visit(patient_id=patient, on=on.isoformat(), reason="small firm bumps")).id
        sites = draw.sample(SITES[:-1], draw.randint(1, 3))
        for place, site in enumerate(sites):
            step = _STEPS[(number + place) % len(_STEPS)]
            if step == "queued" and queued >= 2:
                step = "diagnosed"
            queued += step == "queued"
            suspect = number == patients and place == 0
            _lesion(
                acting, draw, (patient, visit, site), on=on, today=today, step="refer" if suspect else step
            )
        _appointment(acting, patient, number, now)
    return patients


def _patient(acting: Acting, draw: random.Random, number: int) -> str:
    korean = number % 4 == 0
    first, last = (_FIRST_KO, _LAST_KO) if korean else (_FIRST, _LAST)
    made = acting.add(
        Patient.model_validate(
            {
                "name": f"{first[number % len(first)]} {draw.choice(last)} {number:02d}",
                "born_on": date(draw.randint(1955, 2006), draw.randint(1, 12), draw.randint(1, 28)),
                "sex": draw.choice(("F", "F", "M")),
                "skin_type": draw.choice(_SKIN_TYPES),
                "language": "ko" if korean else "en",
                "history": (ASKED_NONE,),
                "notes": "Synthetic: made for a demonstration, no real person.",
            }
        )
    )
    acting.add(
        Consent(
            patient_id=made.id, subject="photograph", given=draw.random() < 0.8, given_on=date(2026, 1, 5)
        )
    )
    return made.id


def _appointment(acting: Acting, patient: str, number: int, now: datetime) -> None:
    starts = now + timedelta(minutes=20 * number) if number <= 4 else now + timedelta(days=number - 3)
    acting.add(Appointment(patient_id=patient, starts_at=starts, ends_at=starts + timedelta(minutes=20)))


def _lesion(
    acting: Acting, draw: random.Random, where: tuple[str, str, str], *, on: date, today: date, step: str
) -> None:
    patient, visit, site = where
    size_mm = round(draw.uniform(0.8, 2.0), 1)
    lesion = acting.add(
        Lesion.model_validate({"patient_id": patient, "site": site, "diameter_mm": size_mm})
    ).id
    if step == "assess":
        return
    seen = {**(_SUSPECT if step == "refer" else _MILIUM), "size_mm": [size_mm, size_mm]}
    _, view = lesion_of(acting, lesion)
    known = known_first(acting.get(Patient, patient).content, view, today)
    links = {"patient_id": patient, "lesion_id": lesion}
    sheet = acting.add(
        FindingSheet.model_validate({**links, "visit_id": visit, "state": "saved", "findings": seen})
    )
    result = assess({**known, **seen}).to_dict()
    found = acting.add(Assessment.model_validate({**links, "finding_sheet_id": sheet.id, "result": result}))
    if step == "refer":
        return
    diagnosis = acting.add(Diagnosis(patient_id=patient, lesion_id=lesion, condition="milium"))
    acting.sign(FindingSheet, sheet.id, version=1)
    acting.sign(Assessment, found.id, version=1)
    acting.sign(Diagnosis, diagnosis.id, version=1)
    if step == "queued":
        chart, view = lesion_of(acting, lesion)
        own = clinic_devices(acting)
        form = Form(FormData({"device": f"own:{own[0].id}"}))
        queue_plan(
            acting,
            view,
            case_of(chart, view, form, own, today=today),
            device_id=own_device(form.maybe("device")),
        )
    elif step in ("healing", "healed"):
        _treated(acting, links, on=on, healed_day=draw.randint(3, 8) if step == "healed" else None)


def _treated(acting: Acting, links: Mapping[str, str], *, on: date, healed_day: int | None) -> None:
    treatment = acting.add(
        Treatment.model_validate({**links, "treated_on": on.isoformat(), "action": "extract"})
    )
    acting.sign(Treatment, treatment.id, version=1)
    record = OutcomeRecord.model_validate(
        {
            "plan_id": _NO_PLAN,
            "lesion": "1",
            "treated_on": on.isoformat(),
            "action": "extract",
            "opened": "yes",
            "emptied": "yes",
            "healed_day": healed_day,
        }
    )
    acting.add(
        Outcome.model_validate(
            {
                **links,
                "treatment_id": treatment.id,
                "seen_on": (on + timedelta(days=healed_day or 0)).isoformat(),
                "record": record.model_dump(mode="json"),
            }
        )
    )
