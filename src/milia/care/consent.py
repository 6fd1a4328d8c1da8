"""The consent: what is planned, how well it works, what can go wrong, with the plan's own numbers."""

from __future__ import annotations

from milia.care.facts import Facts
from milia.care.pack import Consent, Section, Sessions
from milia.care.rules import Rule, holding
from milia.care.saved import Saved
from milia.knowledge import Knowledge
from milia.language import Sentence

CONSENT_KEYS = frozenset({"section"})
SECTIONS = {
    "plan": Sentence("What we plan"),
    "chances": Sentence("How well it works"),
    "risks": Sentence("What can go wrong"),
    "others": Sentence("What else you could do"),
    "after": Sentence("Afterwards"),
    "you": Sentence("Your choice"),
}


def consent_for(
    facts: Facts, saved: Saved, sessions: Sessions | None, *, knowledge: Knowledge
) -> Consent | None:
    """Return what the patient signs; nothing where nothing is done to the skin."""
    if sessions is None:
        return None
    found = holding("care.consent", facts, knowledge=knowledge, keys=CONSENT_KEYS)
    computed = {
        "plan": _today(sessions),
        "chances": (*_chances(saved), *_rests_on(facts, saved)),
        "risks": _harm(saved),
        "after": _healing(facts),
    }
    return Consent(
        title=Sentence("Consent to the treatment of milia"),
        sections=tuple(
            Section(key, title, (*computed.get(key, ()), *_of(key, found, knowledge=knowledge)))
            for key, title in SECTIONS.items()
        ),
        checklist=_of("checklist", found, knowledge=knowledge),
        signatures=_of("signature", found, knowledge=knowledge),
    )


def of_hundred(share: float) -> Sentence | float:
    """Return a share as a count of 100 people; finitely many simulated skins prove neither none nor all."""
    if share < 0.01:
        return Sentence("fewer than 1")
    if share > 0.99:
        return Sentence("more than 99")
    return round(100.0 * share)


def about_of_hundred(share: float) -> Sentence:
    """Return a share as "about" a count of 100 people, or as the bound that it lies beyond."""
    count = of_hundred(share)
    return count if isinstance(count, Sentence) else Sentence("about {count}", {"count": count})


def _of(section: str, found: tuple[Rule, ...], *, knowledge: Knowledge) -> tuple[Sentence, ...]:
    return tuple(rule.sentence(knowledge=knowledge) for rule in found if rule.text_of("section") == section)


def _today(sessions: Sessions) -> tuple[Sentence, ...]:
    if sessions.in_all == 1:
        return (Sentence("We treat one milium."),)
    numbers = {"today": sessions.today, "count": sessions.in_all}
    return (Sentence("Today we treat {today} of {count} milia.", numbers),)


def _chances(saved: Saved) -> tuple[Sentence, ...]:
    numbers = saved.numbers
    if numbers.p_open is None or numbers.certainty is None:
        return ()
    return (
        Sentence(
            "In 100 people like you, this laser setting opens the milium wide enough in {count}.",
            {"count": about_of_hundred(numbers.p_open)},
        ),
        Sentence(
            "It could also be {low} to {high} of 100.",
            {
                "low": of_hundred(numbers.certainty.p_open.low),
                "high": of_hundred(numbers.certainty.p_open.high),
            },
        ),
    )


def _rests_on(facts: Facts, saved: Saved) -> tuple[Sentence, ...]:
    certainty = saved.numbers.certainty
    if certainty is None:
        return ()
    roof = (
        Sentence("They rest most on how thick the skin over your milium is. This was measured.")
        if facts.roof_measured
        else Sentence("They rest most on how thick the skin over your milium is. This was not measured.")
    )
    return (
        Sentence(
            "These numbers come from {count} skins on a computer, not from patients.",
            {"count": certainty.scenarios},
        ),
        roof,
    )


def _harm(saved: Saved) -> tuple[Sentence, ...]:
    numbers = saved.numbers
    if numbers.p_harm is None or numbers.certainty is None:
        return ()
    return (
        Sentence(
            "In {count} of 100 people like you, it goes deeper or wider than we want.",
            {"count": about_of_hundred(numbers.p_harm)},
        ),
        Sentence(
            "It could also be {low} to {high} of 100. That is not the same as a scar, but a scar becomes "
            "more likely.",
            {
                "low": of_hundred(numbers.certainty.p_harm.low),
                "high": of_hundred(numbers.certainty.p_harm.high),
            },
        ),
    )


def _healing(facts: Facts) -> tuple[Sentence, ...]:
    healing = facts.healing_days
    if healing is None:
        return ()
    return (
        Sentence(
            "The skin closes after about {days} days, and in most people within {range} days.",
            {
                "days": float(round(healing.p50)),
                "range": (float(round(healing.p05)), float(round(healing.p95))),
            },
        ),
    )
