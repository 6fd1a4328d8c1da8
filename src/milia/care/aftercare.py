"""The patient's timetable after the procedure, by day and, with a start, by date."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from milia.base import InputError, Interval
from milia.care.clinic import DRESSINGS, MAKE_UP, SUNSCREEN
from milia.care.facts import Facts
from milia.care.pack import Item
from milia.care.protocol import clinics_own
from milia.care.rules import PROCEDURES, Rule, days, holding
from milia.knowledge import Knowledge
from milia.language import Sentence, Told

STEP_KEYS = frozenset({"phase", "side", "topic", "essential", "why"})
SIGN_KEYS = frozenset({"sign", "patient", "topic", "urgency", "from_day"})
CONFLICT_KEYS = frozenset({"topic", "setting", "default", "own", "other"})
PIGMENT_TYPES = ("III", "IV", "V", "VI")
PHASES = {
    "day0": Sentence("Today"),
    "open": Sentence("Until the skin has closed"),
    "closing": Sentence("While the last of it closes"),
    "settled": Sentence("After it has closed"),
    "restart": Sentence("Later"),
    "sun": Sentence("Sun"),
    "leave": Sentence("Until the next look"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of days; ``to_day`` is None where it is open-ended."""

    phase: str
    from_day: int
    to_day: int | None
    do: tuple[Item, ...]
    avoid: tuple[Item, ...]
    evidence: tuple[str, ...]

    def to_dict(self, start: date | None) -> dict[str, Any]:
        return {
            "phase": self.phase,
            "title": Told(PHASES[self.phase]),
            "from_day": self.from_day,
            "to_day": self.to_day,
            "date_from": dated(start, self.from_day),
            "date_to": dated(start, self.to_day),
            "do": [Told(item.sentence) for item in self.do],
            "avoid": [Told(item.sentence) for item in self.avoid],
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class WarningSign:
    """A sign after which the patient calls, how soon, what the patient does and what the staff do then."""

    id: str
    sign: Sentence
    urgency: str
    patient: Sentence
    action: str
    topic: str
    from_day: int | None
    evidence: tuple[str, ...]

    def to_dict(self, start: date | None) -> dict[str, Any]:
        return {
            "sign": Told(self.sign),
            "urgency": self.urgency,
            "action": self.action,
            "patient": Told(self.patient),
            "from_day": self.from_day,
            "date_from": dated(start, self.from_day),
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Conflict:
    """A point on which sources or clinics disagree, with what is done here and whose choice it is."""

    id: str
    topic: Sentence
    taken: Sentence
    other: Sentence
    why: Sentence
    clinics_own: bool
    evidence: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "topic": Told(self.topic),
            "default": Told(self.taken),
            "other": Told(self.other),
            "text": Told(self.why),
            "clinics_own": self.clinics_own,
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Aftercare:
    """The timetable, the warning signs and the open questions behind them."""

    start: date | None
    healing_days: Interval | None
    healing_basis: str | None
    steps: tuple[Step, ...]
    warning_signs: tuple[WarningSign, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        found = [entry.evidence for entry in self.steps]
        found += [entry.evidence for entry in self.warning_signs]
        found += [entry.evidence for entry in self.conflicts]
        return tuple(dict.fromkeys(id for evidence in found for id in evidence))

    def to_dict(self) -> dict[str, Any]:
        return {
            "start": self.start.isoformat() if self.start else None,
            "healing_days": self.healing_days.to_dict() if self.healing_days else None,
            "healing_basis": self.healing_basis,
            "steps": [step.to_dict(self.start) for step in self.steps],
            "warning_signs": [sign.to_dict(self.start) for sign in self.warning_signs],
            "conflicts": [conflict.to_dict() for conflict in self.conflicts],
        }


def checked_start(start: object) -> date | None:
    """Return the start as a date.

    Raises
    ------
    InputError
        If it is no date, or so late that the follow-up falls off the calendar.
    """
    accepted = "a calendar date such as 2026-12-01, or none"
    if start is None:
        return None
    if isinstance(start, datetime) or not isinstance(start, date):
        raise InputError("the first day is no date", key="start", value=str(start), accepted=accepted)
    if start.year < 2000 or start.year > 2200:
        raise InputError(
            "the first day is out of range",
            key="start",
            value=start.isoformat(),
            accepted="2000-01-01 to 2200-12-31",
        )
    return start


def dated(start: date | None, day: int | None) -> str | None:
    """Return the date of a day after the start as ISO text; None without a start or a day."""
    return None if start is None or day is None else (start + timedelta(days=day)).isoformat()


def default_healing(action: str, *, knowledge: Knowledge) -> tuple[Interval | None, str | None]:
    """Return the healing days assumed where no laser plan predicts them, with the id of the quantity."""
    if action not in PROCEDURES:
        return None, None
    quantity = knowledge.quantity(f"care.healing.{action}")
    low, high = (end / 86400.0 for end in quantity.range_si)
    return Interval(p05=low, p50=quantity.si / 86400.0, p95=high), quantity.id


def aftercare(facts: Facts, *, start: date | None, basis: str | None, knowledge: Knowledge) -> Aftercare:
    """Return the timetable for a planned action.

    Parameters
    ----------
    facts
        The case with the chosen action and the healing days of its wound.
    start
        Day of treatment, for calendar dates.
    basis
        Where the healing days come from.
    knowledge
        Where the instructions are.
    """
    windows = phase_days(facts, knowledge=knowledge)
    found = holding("care.aftercare", facts, knowledge=knowledge, keys=STEP_KEYS)
    steps = (
        _step(
            phase,
            windows[phase],
            [rule for rule in found if rule.text_of("phase") == phase],
            facts,
            knowledge=knowledge,
        )
        for phase in PHASES
        if phase in windows
    )
    return Aftercare(
        start=start,
        healing_days=facts.healing_days,
        healing_basis=basis,
        steps=tuple(step for step in steps if step.do or step.avoid),
        warning_signs=tuple(
            _sign(rule, knowledge=knowledge)
            for rule in holding("care.sign", facts, knowledge=knowledge, keys=SIGN_KEYS)
        ),
        conflicts=tuple(
            _conflict(rule, facts, knowledge=knowledge)
            for rule in holding("care.conflict", facts, knowledge=knowledge, keys=CONFLICT_KEYS)
        ),
    )


def phase_days(facts: Facts, *, knowledge: Knowledge) -> dict[str, tuple[int, int | None]]:
    """Return first and last day of every phase; they follow the healing days, rounded up to whole days."""
    if facts.healing_days is None:
        return {"leave": (0, None)}
    margin = days(knowledge.quantity("care.aftercare.closure_margin"))
    wash = days(knowledge.quantity("care.aftercare.wash_from"))
    typical = max(math.ceil(facts.healing_days.p50), margin, wash)
    late = max(math.ceil(facts.healing_days.p95), typical + margin)
    pigment = "_pigment" if facts.skin_type in PIGMENT_TYPES else ""
    sun_to = days(knowledge.quantity(f"care.aftercare.sunscreen_weeks{pigment}"))
    sun_from = max(days(knowledge.quantity("care.aftercare.sunscreen_from")), typical)
    if facts.sunscreen != SUNSCREEN[0]:
        sun_from = wash
    strong = max(days(knowledge.quantity("care.aftercare.acids_until")), late + 1)
    return {
        "day0": (0, 0),
        "open": (wash, typical),
        "closing": (typical + 1, late) if late > typical else (late, late),
        "settled": (late + 1, strong),
        "restart": (strong + 1, None),
        "sun": (sun_from, max(sun_to, sun_from + margin)),
    }


def _step(
    phase: str, window: tuple[int, int | None], found: list[Rule], facts: Facts, *, knowledge: Knowledge
) -> Step:
    sides = {
        side: tuple(
            Item(
                sentence=rule.sentence(knowledge=knowledge),
                topic=rule.text_of("topic"),
                statement=rule.id,
                essential=rule.statement.extra.get("essential") is True,
                clinics_own=clinics_own(rule, facts, knowledge=knowledge),
            )
            for rule in found
            if rule.text_of("side") == side
        )
        for side in ("do", "avoid")
    }
    return Step(
        phase=phase,
        from_day=window[0],
        to_day=window[1],
        do=sides["do"],
        avoid=sides["avoid"],
        evidence=tuple(dict.fromkeys(id for rule in found for id in rule.evidence)),
    )


def _sign(rule: Rule, *, knowledge: Knowledge) -> WarningSign:
    sign = rule.sentence("sign", knowledge=knowledge)
    quantity = rule.statement.extra.get("from_day")
    return WarningSign(
        id=rule.id,
        sign=sign,
        urgency=rule.text_of("urgency"),
        patient=rule.sentence("patient", knowledge=knowledge),
        action=rule.text,
        topic=rule.text_of("topic"),
        from_day=days(knowledge.quantity(quantity)) if quantity else None,
        evidence=tuple(dict.fromkeys((*rule.evidence, *sign.evidence))),
    )


def _conflict(rule: Rule, facts: Facts, *, knowledge: Knowledge) -> Conflict:
    settings = {
        "make_up": facts.make_up != MAKE_UP[0],
        "sunscreen": facts.sunscreen != SUNSCREEN[0],
        # Near the eye it stays ointment, whatever the clinic's dressing.
        "dressing": facts.dressing != DRESSINGS[0] and not facts.orbital,
    }
    own = settings.get(rule.text_of("setting"), False)
    taken = rule.sentence("own" if own else "default", knowledge=knowledge)
    return Conflict(
        id=rule.id,
        topic=rule.sentence("topic", knowledge=knowledge),
        taken=taken,
        other=rule.sentence("other", knowledge=knowledge),
        why=rule.sentence(knowledge=knowledge),
        clinics_own=own,
        evidence=tuple(dict.fromkeys((*rule.evidence, *taken.evidence))),
    )
