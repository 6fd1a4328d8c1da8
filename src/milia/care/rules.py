"""Clinical rules as data: what a rule says, when it holds, and what it does to the ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from milia.care.clinic import DRESSINGS, MAKE_UP, SUNSCREEN
from milia.care.facts import CONDITION_GROUPS, Facts
from milia.knowledge import Knowledge, KnowledgeError, Quantity, Statement
from milia.language import Sentence, Told, placeholders, told

ACTIONS = ("laser", "extract", "electrosurgery", "observe", "refer", "assess_first")
FURTHER = ("laser_and_incision", "laser_and_electrosurgery", "er_yag", "topical_retinoid", "cryotherapy")
"""Ways that are compared and never chosen by themselves: no numbers stand behind them."""
OPTIONS = (*ACTIONS, *FURTHER)
PROCEDURES = frozenset({"laser", "extract", "electrosurgery"})
EFFECTS = ("caution", "discouraged", "excluded")
"""From least to most: allowed with a condition named; another option goes first; not planned."""
SEVERITIES = ("stop", "warn", "do")
SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")

Condition = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement of the knowledge base with its condition: any of ``when`` must hold in full."""

    statement: Statement
    text: str
    when: tuple[Condition, ...]
    evidence: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.statement.id

    @property
    def title(self) -> Told:
        return told(self.text_of("title"))

    @property
    def severity(self) -> str | None:
        return self.statement.extra.get("severity")

    @property
    def because(self) -> Told:
        return told(self.text_of("because"))

    @property
    def promotes(self) -> tuple[str, ...]:
        """Actions that go before the others where nothing speaks against them."""
        return tuple(self.statement.extra.get("promotes", ()))

    @property
    def effects(self) -> Mapping[str, str]:
        effects: Mapping[str, str] = self.statement.extra.get("effects", {})
        return effects

    def text_of(self, key: str) -> str:
        """Return one of the rule's further texts; empty where it has none."""
        return str(self.statement.extra.get(key, ""))

    def sentence(self, key: str = "text", *, knowledge: Knowledge) -> Sentence:
        """Return the rule's text, or one of its further texts, as a sentence that can be translated."""
        template = self.statement.text if key == "text" else self.text_of(key)
        return sentence(template, rule=self, knowledge=knowledge)

    def sentences(self, key: str, *, knowledge: Knowledge) -> tuple[Sentence, ...]:
        """Return a list of further texts as sentences."""
        found = self.statement.extra.get(key, ())
        return tuple(sentence(str(template), rule=self, knowledge=knowledge) for template in found)

    def asks_for(self, names: frozenset[str]) -> bool:
        """Say whether a condition of this rule has one of these names."""
        return any(name in names for condition in self.when for name, _ in condition)

    def holds(self, facts: Facts, *, knowledge: Knowledge) -> bool:
        """Say whether any of the rule's conditions holds in full; a rule without a condition always does."""
        if not self.when:
            return True
        return any(
            all(PREDICATES[name](facts, argument, knowledge) for name, argument in condition)
            for condition in self.when
        )


@lru_cache(maxsize=256)
def rules(prefix: str, *, knowledge: Knowledge, keys: frozenset[str]) -> tuple[Rule, ...]:
    """Return every statement under a prefix as a checked rule, in file order.

    Parameters
    ----------
    prefix
        Start of the statements' ids.
    knowledge
        Where they are.
    keys
        Further keys that a statement of this kind may have.

    Raises
    ------
    KnowledgeError
        If a statement has an unknown key, condition, effect or severity.
    """
    return tuple(
        _rule(statement, knowledge=knowledge, keys=keys) for statement in knowledge.statements(prefix)
    )


def holding(prefix: str, facts: Facts, *, knowledge: Knowledge, keys: frozenset[str]) -> tuple[Rule, ...]:
    """Return the rules under a prefix that hold for these facts."""
    return tuple(
        rule
        for rule in rules(prefix, knowledge=knowledge, keys=keys)
        if rule.holds(facts, knowledge=knowledge)
    )


def filled(text: str, *, knowledge: Knowledge) -> tuple[Told, tuple[str, ...]]:
    """Put the values of the quantities named in braces into a text; return it with the ids used."""
    values = {id: f"{knowledge.quantity(id).value:g}" for id in dict.fromkeys(placeholders(text))}
    return Told(Sentence(text, values)), tuple(values)


def sentence(template: str, *, rule: Rule, knowledge: Knowledge) -> Sentence:
    """Return one of a rule's texts with its numbers as a sentence; its evidence is the rule's and theirs."""
    values = {id: knowledge.quantity(id).value for id in dict.fromkeys(placeholders(template))}
    return Sentence(template, values, tuple(dict.fromkeys((*rule.evidence, *values))))


def days(quantity: Quantity) -> int:
    """Return a duration as whole days."""
    return round(quantity.si / 86400.0)


def _rule(statement: Statement, *, knowledge: Knowledge, keys: frozenset[str]) -> Rule:
    unknown = sorted(set(statement.extra) - keys - {"note", "when"})
    if unknown:
        raise KnowledgeError(f"unknown key {unknown[0]!r} for this kind of rule", entry=statement.id)
    when = _conditions(statement)
    severity, effects = statement.extra.get("severity"), statement.extra.get("effects", {})
    if severity is not None and severity not in SEVERITIES:
        raise KnowledgeError(f"severity {severity!r}; accepted: {', '.join(SEVERITIES)}", entry=statement.id)
    for action, effect in effects.items():
        if action not in OPTIONS or effect not in EFFECTS:
            raise KnowledgeError(f"effect {action}: {effect!r} is not known", entry=statement.id)
    for action in statement.extra.get("promotes", ()):
        if action not in ACTIONS:
            raise KnowledgeError(f"promotes {action!r}, which is no action", entry=statement.id)
    if severity == "stop" and effects.get("laser") != "excluded":
        raise KnowledgeError("a rule that stops must exclude the laser", entry=statement.id)
    if effects and any(name in _KNOWN_LATER for condition in when for name, _ in condition):
        raise KnowledgeError(
            "a rule that changes the ranking cannot depend on its result", entry=statement.id
        )
    text, used = filled(statement.text, knowledge=knowledge)
    compared = [
        argument
        for condition in when
        for name, argument in condition
        if name.endswith(_COMPARED) and argument
    ]
    return Rule(statement, text, when, tuple(dict.fromkeys((statement.id, *used, *compared))))


_KNOWN_LATER = ("action_any", "healing_above", "wound", "test_spot")
_VOCABULARIES: Mapping[str, tuple[str, ...]] = {
    "action_any": ACTIONS,
    "skin_type_any": SKIN_TYPES,
    "make_up_any": MAKE_UP,
    "sunscreen_any": SUNSCREEN,
    "dressing_any": DRESSINGS,
}
_COMPARED = ("_below", "_above", "_at_least", "_at_most")


def _conditions(statement: Statement) -> tuple[Condition, ...]:
    raw = statement.extra.get("when", [])
    alternatives = [raw] if isinstance(raw, Mapping) else list(raw)
    for condition in alternatives:
        if not isinstance(condition, Mapping) or not condition:
            raise KnowledgeError("a condition must be a mapping that is not empty", entry=statement.id)
        for name, argument in condition.items():
            _check_condition(name, argument, entry=statement.id)
    return tuple(tuple(condition.items()) for condition in alternatives)


def _check_condition(name: str, argument: Any, *, entry: str) -> None:
    if name not in PREDICATES:
        raise KnowledgeError(f"unknown condition {name!r}", entry=entry)
    wanted: type = bool
    if name.endswith(("_any", "_none")):
        wanted = list
    elif name.endswith((*_COMPARED, "_group")):
        wanted = str
    if not isinstance(argument, wanted) or (wanted is list and not argument):
        raise KnowledgeError(f"condition {name} is {argument!r}; accepted: a {wanted.__name__}", entry=entry)
    known = _VOCABULARIES.get(name)
    words: list[object] = argument if isinstance(argument, list) else []
    if known is not None and any(word not in known for word in words):
        raise KnowledgeError(f"condition {name} is {argument!r}; accepted: {', '.join(known)}", entry=entry)
    if name == "condition_group" and argument not in CONDITION_GROUPS:
        raise KnowledgeError(f"unknown group {argument!r}", entry=entry)


def _limit(id: str, knowledge: Knowledge) -> float:
    return knowledge.quantity(id).si


def _age_limit(id: str, knowledge: Knowledge) -> float:
    return knowledge.quantity(id).si / 86400.0


PREDICATES: Mapping[str, Callable[[Facts, Any, Knowledge], bool]] = {
    "age_below": lambda f, id, k: f.age_days < _age_limit(id, k),
    "age_at_least": lambda f, id, k: f.age_days >= _age_limit(id, k),
    "age_above": lambda f, id, k: f.age_days > _age_limit(id, k),
    "age_at_most": lambda f, id, k: f.age_days <= _age_limit(id, k),
    "count_at_least": lambda f, id, k: f.count >= _limit(id, k),
    "count_at_most": lambda f, id, k: f.count <= _limit(id, k),
    "count_above": lambda f, id, k: f.count > _limit(id, k),
    "roof_at_least": lambda f, id, k: f.roof_m >= _limit(id, k),
    "healing_above": lambda f, id, k: f.healing_days is not None and f.healing_days.p95 > _age_limit(id, k),
    "laser_wound_above": lambda f, id, k: (
        f.laser_wound_days is not None and f.laser_wound_days > _age_limit(id, k)
    ),
    "history_any": lambda f, words, _: bool(f.history & set(words)),
    "history_none": lambda f, words, _: not f.history & set(words),
    "habits_none": lambda f, words, _: not f.habits & set(words),
    "sex_any": lambda f, words, _: f.sex in words,
    "habits_any": lambda f, words, _: bool(f.habits & set(words)),
    "failed_any": lambda f, words, _: bool(f.failed & set(words)),
    "skin_type_any": lambda f, types, _: f.skin_type in types,
    "site_any": lambda f, sites, _: f.site in sites,
    "action_any": lambda f, actions, _: f.action in actions,
    "device_kind_any": lambda f, kinds, _: f.device_kind in kinds,
    "condition_group": lambda f, group, _: group in f.condition_groups,
    "make_up_any": lambda f, words, _: f.make_up in words,
    "sunscreen_any": lambda f, words, _: f.sunscreen in words,
    "dressing_any": lambda f, words, _: f.dressing in words,
    "wound": lambda f, wanted, _: (f.action in PROCEDURES) is wanted,
    "test_always": lambda f, wanted, _: f.test_always is wanted,
    "test_spot": lambda f, wanted, _: f.test_spot is wanted,
    "confirmed": lambda f, wanted, _: f.confirmed is wanted,
    "red_flag_open": lambda f, wanted, _: f.red_flag_open is wanted,
    "diagnosis_doubted": lambda f, wanted, _: f.diagnosis_doubted is wanted,
    "history_stated": lambda f, wanted, _: f.history_stated is wanted,
    "hard_stop": lambda f, wanted, _: f.hard_stop is wanted,
    "orbital": lambda f, wanted, _: f.orbital is wanted,
    "eyelid": lambda f, wanted, _: f.eyelid is wanted,
    "laser_allowed": lambda f, wanted, _: f.laser_allowed is wanted,
}
