"""The safety sheet: what stops, what needs care, what is done on the day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from milia.care.anaesthesia import Dose, lidocaine_maximum
from milia.care.choice import RULE_KEYS
from milia.care.facts import Facts
from milia.care.rules import SEVERITIES, Rule, holding
from milia.care.wording import short
from milia.knowledge import Knowledge
from milia.language import Name, joined, told

SHEET_KEYS = frozenset({"title", "severity", "section"})
TEST_LESION = "care.safety.test_lesion"
MAXIMA = ("care.anaesthesia.maximum", "care.anaesthesia.child_maximum")


@dataclass(frozen=True, slots=True)
class SafetyItem:
    """One line of the safety sheet."""

    id: str
    level: str
    title: str
    text: str
    evidence: tuple[str, ...]
    section: str
    doses: tuple[Dose, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        item: dict[str, Any] = {
            "id": self.id,
            "level": self.level,
            "title": self.title,
            "text": self.text,
            "evidence": list(self.evidence),
        }
        if self.doses:
            item["doses"] = [dose.to_dict() for dose in self.doses]
        return item


def test_spot_first(facts: Facts, *, knowledge: Knowledge) -> bool:
    """Say whether one lesion is to be treated before the others, for this action."""
    found = holding("care.safety", facts, knowledge=knowledge, keys=SHEET_KEYS)
    return any(rule.id == TEST_LESION for rule in found)


def maximum_applies(facts: Facts, *, knowledge: Knowledge) -> bool:
    """Say whether a maximum of lidocaine may be computed for these facts."""
    found = holding("care.anaesthesia", facts, knowledge=knowledge, keys=SHEET_KEYS)
    return any(rule.id in MAXIMA for rule in found)


def safety_sheet(facts: Facts, *, knowledge: Knowledge) -> tuple[SafetyItem, ...]:
    """Return the sheet for a planned action: stops first, then warnings, then what is done.

    Parameters
    ----------
    facts
        The case with the chosen action.
    knowledge
        Where the rules are.
    """
    items = [
        *_items("care.gate", facts, knowledge=knowledge, keys=RULE_KEYS),
        *_items("care.modifier", facts, knowledge=knowledge, keys=RULE_KEYS),
        *_items("care.safety", facts, knowledge=knowledge, keys=SHEET_KEYS),
        *_anaesthesia(facts, knowledge=knowledge),
    ]
    return tuple(sorted(items, key=lambda item: SEVERITIES.index(item.level)))


def _items(prefix: str, facts: Facts, *, knowledge: Knowledge, keys: frozenset[str]) -> list[SafetyItem]:
    return [_item(rule) for rule in holding(prefix, facts, knowledge=knowledge, keys=keys)]


def _item(rule: Rule) -> SafetyItem:
    section = rule.text_of("section") or ("anaesthesia" if "anaesthesia" in rule.id else "patient")
    return SafetyItem(rule.id, rule.severity or "do", rule.title, rule.text, rule.evidence, section)


def _anaesthesia(facts: Facts, *, knowledge: Knowledge) -> list[SafetyItem]:
    items = _items("care.anaesthesia", facts, knowledge=knowledge, keys=SHEET_KEYS)
    return [_with_doses(item, facts, knowledge=knowledge) if item.id in MAXIMA else item for item in items]


def _with_doses(item: SafetyItem, facts: Facts, *, knowledge: Knowledge) -> SafetyItem:
    if facts.weight_kg is None:
        missing = told("No weight is given: the weight is needed before a maximum can be computed.")
        text = joined("{one} {other}", [item.text, missing])
        return replace(item, text=text)
    doses = lidocaine_maximum(
        facts.weight_kg, facts.age_days, knowledge=knowledge, limits_mg_kg=dict(facts.dose_limits)
    )
    computed = joined(
        "{one}; {other}",
        [
            told(
                "{drug} {mass} mg = {volume} mL of 1 %",
                drug=Name(dose.drug),
                mass=short(dose.maximum_mg),
                volume=short(dose.maximum_mL),
            )
            for dose in doses
        ],
    )
    weight = short(facts.weight_kg)
    if facts.dose_limits:
        said = told(
            "At {weight} kg with this clinic's own lower limits: {doses}.", weight=weight, doses=computed
        )
    else:
        said = told("At {weight} kg: {doses}.", weight=weight, doses=computed)
    text = joined("{one} {other}", [item.text, said])
    evidence = tuple(dict.fromkeys((*item.evidence, *(id for dose in doses for id in dose.evidence))))
    return replace(item, text=text, evidence=evidence, doses=doses)
