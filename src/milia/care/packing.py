"""Puts together what is handed out for one plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from milia.base import InputError
from milia.care.aftercare import PHASES, Aftercare, aftercare, checked_start
from milia.care.clinic import Clinic
from milia.care.consent import consent_for
from milia.care.dose import usual_dose
from milia.care.followup import Contact, follow_up, pathways
from milia.care.pack import CarePack, Disagreement, Phase, Sign, Visit
from milia.care.patient import facts_for_patient, headline_for_patient
from milia.care.prevention import prevention_for
from milia.care.protocol import clinics_knowledge, with_clinic
from milia.care.recorded import as_done
from milia.care.safety import test_spot_first
from milia.care.saved import Saved, read_saved
from milia.care.session import sessions_for
from milia.care.sheet import sheet_for, subject_of
from milia.knowledge import load_knowledge
from milia.language import Sentence

if TYPE_CHECKING:
    from milia.care.outcome import OutcomeRecord
    from milia.care.plan import Plan


def care_pack(
    plan: Plan | Mapping[str, Any],
    *,
    start: date,
    clinic: Clinic,
    today: date,
    allow_past: bool = False,
    done: OutcomeRecord | None = None,
    file: str = "plan",
) -> CarePack:
    """Return everything that is handed out with one treatment.

    Parameters
    ----------
    plan
        A `Plan`, or the mapping of a saved one.
    start
        Day of treatment.
    clinic
        Who treats, and where its protocol differs.
    today
        The day on which this is asked: a start before it is refused.
    allow_past
        Accept a start in the past, for a treatment that is being recorded.
    done
        What was really done, where it is recorded: the timetable then follows that wound and not the plan's.
    file
        Name of the plan, for messages.

    Raises
    ------
    InputError
        If the plan cannot be used, the start is no possible day of treatment, the record belongs to another
        plan or day, or the clinic asks for a dose beyond this patient's limit.
    """
    first = _start(start, today=today, allow_past=allow_past)
    standard = load_knowledge()
    saved = read_saved(plan, knowledge=standard, file=file)
    if done is not None:
        saved = as_done(saved, done, start=first, knowledge=standard)
    knowledge = clinics_knowledge(standard, clinic)
    facts = with_clinic(saved.facts, clinic).planned(saved.action, healing_days=saved.healing_days)
    facts = replace(facts, test_spot=test_spot_first(facts, knowledge=knowledge))
    timetable = aftercare(facts, start=first, basis=saved.healing_basis, knowledge=knowledge)
    sessions = sessions_for(facts, start=first, knowledge=knowledge)
    dose = usual_dose(facts, clinic, knowledge=knowledge)
    return CarePack(
        action=saved.action,
        start=first,
        today=today,
        clinic=clinic,
        headline=headline_for_patient(facts),
        facts=facts_for_patient(facts, sessions, start=first, knowledge=knowledge),
        phases=_phases(timetable, first),
        signs=_signs(timetable, first),
        visits=tuple(_visit(contact, first) for contact in follow_up(facts, knowledge=knowledge)),
        consent=consent_for(facts, saved, sessions, knowledge=knowledge),
        sessions=sessions,
        prevention=prevention_for(facts, knowledge=knowledge),
        subject=subject_of(saved),
        sheet=sheet_for(facts, saved, dose, knowledge=knowledge),
        pathways=pathways(facts, knowledge=knowledge),
        disagreements=_disagreements(timetable),
        setting=_setting(saved),
        note=clinic.protocol.note,
        plan_id=saved.plan_id,
        plan_hash=saved.plan_hash,
        disclaimer=Sentence(
            "Milia helps the clinic to decide. It is not an approved medical device. Your clinician decides."
        ),
    )


def _setting(saved: Saved) -> dict[str, float] | None:
    found = saved.numbers.settings
    if found is None or saved.action != "laser":
        return None
    return {
        "pulse_energy_mJ": found.pulse_energy_mJ,
        "pulse_duration_us": found.pulse_duration_us,
        "spot_diameter_um": found.spot_diameter_um,
        "interval_ms": found.interval_ms,
        "pulses_fired": found.pulses * found.passes,
    }


def _start(start: date, *, today: date, allow_past: bool) -> date:
    first = checked_start(start)
    if first is None:
        raise InputError("this is missing", key="start", accepted="a calendar date such as 2026-12-01")
    if first < today and not allow_past:
        raise InputError(
            f"the day of treatment is in the past (today is {today.isoformat()})",
            key="start",
            value=first.isoformat(),
            accepted="today or later; a past day only to record a treatment (--allow-past)",
        )
    return first


def _phases(timetable: Aftercare, start: date) -> tuple[Phase, ...]:
    return tuple(
        Phase(
            key=step.phase,
            day_from=step.from_day,
            day_to=step.to_day,
            date_from=start + timedelta(days=step.from_day),
            date_to=None if step.to_day is None else start + timedelta(days=step.to_day),
            title=PHASES[step.phase],
            do=step.do,
            avoid=step.avoid,
        )
        for step in timetable.steps
    )


def _signs(timetable: Aftercare, start: date) -> tuple[Sign, ...]:
    return tuple(
        Sign(
            key=sign.id.rsplit(".", 1)[1],
            sign=sign.sign,
            action=sign.patient,
            urgency=sign.urgency,
            from_day=sign.from_day,
            date_from=None if sign.from_day is None else start + timedelta(days=sign.from_day),
            topic=sign.topic,
            statement=sign.id,
        )
        for sign in timetable.warning_signs
    )


def _visit(contact: Contact, start: date) -> Visit:
    return Visit(
        key=contact.id.rsplit(".", 1)[1],
        day_from=contact.day_from,
        day_to=contact.day_to,
        date_from=start + timedelta(days=contact.day_from),
        date_to=start + timedelta(days=contact.day_to),
        title=contact.title,
        purpose=contact.patient,
        ask=contact.ask,
        statement=contact.id,
        staff=Sentence(contact.purpose, evidence=contact.evidence),
        record=contact.record,
    )


def _disagreements(timetable: Aftercare) -> tuple[Disagreement, ...]:
    return tuple(
        Disagreement(
            topic=conflict.topic,
            taken=conflict.taken,
            other=conflict.other,
            why=conflict.why,
            clinics_own=conflict.clinics_own,
            statement=conflict.id,
        )
        for conflict in timetable.conflicts
    )
