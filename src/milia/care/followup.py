"""The visits after treatment, and what is asked at each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from milia.care.aftercare import dated
from milia.care.facts import Facts
from milia.care.rules import Rule, days, holding
from milia.knowledge import Knowledge

VISIT_KEYS = frozenset({"title", "ask", "from", "to"})


@dataclass(frozen=True, slots=True)
class Visit:
    """One contact after treatment, between two days."""

    id: str
    day_from: int
    day_to: int
    title: str
    purpose: str
    ask: tuple[str, ...]
    evidence: tuple[str, ...]

    def to_dict(self, start: date | None) -> dict[str, Any]:
        return {
            "id": self.id,
            "day_from": self.day_from,
            "day_to": self.day_to,
            "date_from": dated(start, self.day_from),
            "date_to": dated(start, self.day_to),
            "title": self.title,
            "purpose": self.purpose,
            "ask": list(self.ask),
            "evidence": list(self.evidence),
        }


def follow_up(facts: Facts, *, knowledge: Knowledge) -> tuple[Visit, ...]:
    """Return the visits for a planned action, in order of day."""
    found = holding("care.followup", facts, knowledge=knowledge, keys=VISIT_KEYS)
    return tuple(
        sorted(
            (_visit(rule, knowledge=knowledge) for rule in found),
            key=lambda visit: (visit.day_from, visit.day_to),
        )
    )


def _visit(rule: Rule, *, knowledge: Knowledge) -> Visit:
    ends = (str(rule.statement.extra["from"]), str(rule.statement.extra["to"]))
    first, last = (days(knowledge.quantity(id)) for id in ends)
    return Visit(
        id=rule.id,
        day_from=first,
        day_to=last,
        title=rule.title,
        purpose=rule.text,
        ask=tuple(rule.statement.extra["ask"]),
        evidence=tuple(dict.fromkeys((*rule.evidence, *ends))),
    )
