"""How a clinic's protocol takes the place of a default: words in the facts, numbers in the knowledge base."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from milia.care.clinic import DRESSINGS, MAKE_UP, SUNSCREEN, Clinic
from milia.care.facts import Facts
from milia.knowledge import Knowledge, Source

if TYPE_CHECKING:
    from milia.care.rules import Rule
    from milia.planning import Case

CLINIC_SOURCE = "clinic_protocol"
_SETTINGS = {
    "make_up_any": ("make_up", MAKE_UP[0]),
    "sunscreen_any": ("sunscreen", SUNSCREEN[0]),
    "dressing_any": ("dressing", DRESSINGS[0]),
}


def with_clinic(facts: Facts, clinic: Clinic | None) -> Facts:
    """Return the facts with the words of a clinic's protocol."""
    if clinic is None:
        return facts
    protocol = clinic.protocol
    return replace(
        facts,
        make_up=protocol.make_up or facts.make_up,
        sunscreen=protocol.sunscreen or facts.sunscreen,
        dressing=protocol.dressing or facts.dressing,
        test_always=protocol.test_spot == "always",
        prefer=facts.prefer or protocol.prefer,
        dose_limits=tuple(protocol.anaesthesia.limits_mg_kg.items()) if protocol.anaesthesia else (),
    )


def with_clinics_limits(case: Case, clinic: Clinic | None) -> Case:
    """Return the case with the clinic's limits and accepted chances where the case states none of its own."""
    if clinic is None or not clinic.protocol.limits:
        return case
    return replace(case, own={**clinic.protocol.limits, **case.own})


def clinics_knowledge(knowledge: Knowledge, clinic: Clinic | None) -> Knowledge:
    """Return the knowledge base with the numbers of a clinic's protocol in the place of the defaults.

    Each number that was changed carries the clinic as its source, so that every sentence, day and count
    follows it and says whose it is.
    """
    values = {} if clinic is None else _values(clinic, knowledge=knowledge)
    if clinic is None or not values:
        return knowledge
    source = Source(
        id=CLINIC_SOURCE,
        citation=f"{clinic.name}: the clinic's own protocol",
        url=None,
        how_read="full_text",
        note="",
    )
    quantities = {
        quantity.id: quantity
        if quantity.id not in values
        else replace(
            quantity,
            value=values[quantity.id],
            spread=replace(quantity.spread, kind="exact", low=None, high=None, sd=None, factor=None),
            source=(CLINIC_SOURCE,),
            flag="read",
        )
        for quantity in knowledge.quantities()
    }
    return Knowledge(
        {source.id: source for source in (*knowledge.sources, source)},
        quantities,
        {statement.id: statement for statement in knowledge.statements()},
    )


def _values(clinic: Clinic, *, knowledge: Knowledge) -> dict[str, float]:
    protocol = clinic.protocol
    values: dict[str, float] = {}
    if protocol.wash_from_days is not None:
        values["care.aftercare.wash_from"] = float(protocol.wash_from_days)
    if protocol.lesions_per_session is not None:
        values["care.session.batch"] = float(protocol.lesions_per_session)
    for name, said, weeks in (
        ("second_session", "same_weeks", protocol.same_lesion_weeks),
        ("other_lesions", "other_weeks", protocol.other_lesions_weeks),
    ):
        if weeks is None:
            continue
        first, last = (knowledge.quantity(f"care.followup.{name}_{end}") for end in ("from", "to"))
        values[f"care.course.{said}"] = weeks
        values[first.id] = 7.0 * weeks
        values[last.id] = 7.0 * weeks + (last.value - first.value)
    # What the clinic wrote down although it is the default stays the default's, with its source.
    return {id: value for id, value in values.items() if value != knowledge.quantity(id).value}


def clinics_own(rule: Rule, facts: Facts, *, knowledge: Knowledge) -> bool:
    """Say whether a rule speaks because of the clinic's protocol, or with one of its numbers."""
    for condition in rule.when:
        for name, _ in condition:
            setting = _SETTINGS.get(name)
            if setting is not None and getattr(facts, setting[0]) != setting[1]:
                return True
    if all(source.id != CLINIC_SOURCE for source in knowledge.sources):
        return False
    numbers = {quantity.id: quantity for quantity in knowledge.quantities("care")}
    return any(CLINIC_SOURCE in numbers[id].source for id in rule.evidence if id in numbers)
