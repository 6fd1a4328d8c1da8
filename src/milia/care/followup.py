"""The visits after treatment, and what is asked at each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from milia.care.aftercare import dated
from milia.care.facts import Facts
from milia.care.pack import Pathway
from milia.care.rules import Rule, days, holding
from milia.knowledge import Knowledge
from milia.language import Sentence, Told

VISIT_KEYS = frozenset({"title", "patient", "ask", "record", "from", "to"})
PATHWAY_KEYS = frozenset({"title", "field"})


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact after treatment, between two days; ``record`` names what the outcome record then gets."""

    id: str
    day_from: int
    day_to: int
    title: Sentence
    purpose: str
    patient: Sentence
    ask: tuple[Sentence, ...]
    record: tuple[str, ...]
    evidence: tuple[str, ...]

    def to_dict(self, start: date | None) -> dict[str, Any]:
        return {
            "id": self.id,
            "day_from": self.day_from,
            "day_to": self.day_to,
            "date_from": dated(start, self.day_from),
            "date_to": dated(start, self.day_to),
            "title": Told(self.title),
            "purpose": self.purpose,
            "ask": [Told(question) for question in self.ask],
            "record": list(self.record),
            "evidence": list(self.evidence),
        }


def follow_up(facts: Facts, *, knowledge: Knowledge) -> tuple[Contact, ...]:
    """Return the visits for a planned action, in order of day."""
    found = holding("care.followup", facts, knowledge=knowledge, keys=VISIT_KEYS)
    return tuple(
        sorted(
            (_visit(rule, knowledge=knowledge) for rule in found),
            key=lambda visit: (visit.day_from, visit.day_to),
        )
    )


def _visit(rule: Rule, *, knowledge: Knowledge) -> Contact:
    ends = (str(rule.statement.extra["from"]), str(rule.statement.extra["to"]))
    first, last = (days(knowledge.quantity(id)) for id in ends)
    return Contact(
        id=rule.id,
        day_from=first,
        day_to=last,
        title=rule.sentence("title", knowledge=knowledge),
        purpose=rule.text,
        patient=rule.sentence("patient", knowledge=knowledge),
        ask=rule.sentences("ask", knowledge=knowledge),
        record=tuple(rule.statement.extra["record"]),
        evidence=tuple(dict.fromkeys((*rule.evidence, *ends))),
    )


def pathways(facts: Facts, *, knowledge: Knowledge) -> tuple[Pathway, ...]:
    """Return what the staff do when healing is late, or a mark, a scar or the milium comes."""
    found = holding("care.pathway", facts, knowledge=knowledge, keys=PATHWAY_KEYS)
    return tuple(
        Pathway(
            title=rule.sentence("title", knowledge=knowledge),
            sentence=rule.sentence(knowledge=knowledge),
            field=rule.text_of("field"),
            statement=rule.id,
            sources=tuple(source.citation for source in knowledge.references(rule.evidence)),
        )
        for rule in found
    )
