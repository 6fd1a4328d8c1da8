"""What is done, in one sentence for the patient, and the few facts that stand under it."""

from __future__ import annotations

from datetime import date

from milia.care.facts import Facts
from milia.care.pack import Sessions
from milia.knowledge import Knowledge
from milia.language import Sentence

HEADLINES = {
    "laser": (Sentence("We open the milium with a laser."), Sentence("We open the milia with a laser.")),
    "extract": (
        Sentence("We open the milium with a fine needle."),
        Sentence("We open the milia with a fine needle."),
    ),
    "electrosurgery": (
        Sentence("We open the milium with a fine electric tip."),
        Sentence("We open the milia with a fine electric tip."),
    ),
    "observe": (
        Sentence("We leave the milium alone and watch it."),
        Sentence("We leave the milia alone and watch them."),
    ),
    "refer": (Sentence("We send you to a specialist."), Sentence("We send you to a specialist.")),
    "assess_first": (Sentence("We first make sure what it is."), Sentence("We first make sure what it is.")),
}


def headline_for_patient(facts: Facts) -> Sentence:
    """Return the plan in one sentence for the patient."""
    one, many = HEADLINES[facts.action or "observe"]
    return one if facts.count == 1 else many


def facts_for_patient(
    facts: Facts, sessions: Sessions | None, *, start: date, knowledge: Knowledge
) -> tuple[Sentence, ...]:
    """Return short labelled lines: where, when, how many, how long until it closes."""
    place = knowledge.statement(f"care.place.{facts.site}")
    lines = [
        Sentence("Place: {place}", {"place": Sentence(place.text, evidence=(place.id,))}),
        Sentence("Day of treatment: {date}", {"date": start})
        if sessions is not None
        else Sentence("Day: {date}", {"date": start}),
    ]
    if sessions is not None and sessions.in_all > 1:
        lines.append(
            Sentence("Spots today: {today} of {count}", {"today": sessions.today, "count": sessions.in_all})
        )
    if facts.healing_days is not None:
        ends = (float(round(facts.healing_days.p05)), float(round(facts.healing_days.p95)))
        lines.append(Sentence("The skin closes after about {range} days", {"range": ends}))
    return tuple(lines)
