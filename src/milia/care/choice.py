"""The choice among laser, needle, electrosurgery, waiting, referral and a second look, with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from milia.care.facts import Facts
from milia.care.rules import ACTIONS, EFFECTS, Rule, holding, rules
from milia.care.wording import laser_argument, no_window
from milia.knowledge import Knowledge

if TYPE_CHECKING:
    from milia.planning import LaserPlan

RULE_KEYS = frozenset({"title", "severity", "because", "effects", "outcome"})
OPTION_KEYS = frozenset({"title", "action", "order"})
ARGUMENT_KEYS = frozenset({"option", "side"})
TREATMENTS = ("laser", "extract", "electrosurgery", "observe")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the rules speak against one action, and which rules do."""

    effect: str | None = None
    rules: tuple[Rule, ...] = ()

    @property
    def weight(self) -> int:
        """0 when open or allowed with caution, 1 when another option goes first, 2 when it is not planned."""
        return EFFECTS.index(self.effect) if self.effect else 0


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go, judged for this patient."""

    action: str
    title: str
    suitable: bool
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]
    level: int | None
    order: float
    weight: int
    evidence: tuple[str, ...]

    def to_dict(self, *, rank: int) -> dict[str, Any]:
        return {
            "action": self.action,
            "title": self.title,
            "rank": rank,
            "suitable": self.suitable,
            "for": list(self.reasons_for),
            "against": list(self.reasons_against),
            "level": self.level,
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """What is done, the rule that decided if one did, and the options in order of preference."""

    chosen: Option
    gate: Rule | None
    others: tuple[Option, ...]
    standings: Mapping[str, Standing]

    @property
    def action(self) -> str:
        return self.chosen.action


def gate(facts: Facts, *, knowledge: Knowledge) -> Rule | None:
    """Return the first rule that decides before any treatment is weighed, or None if the way is free."""
    return next(iter(holding("care.gate", facts, knowledge=knowledge, keys=RULE_KEYS)), None)


def standings(facts: Facts, *, knowledge: Knowledge) -> dict[str, Standing]:
    """Return for every action the strongest effect of the rules that hold, with those rules."""
    active = [
        rule
        for prefix in ("care.gate", "care.modifier")
        for rule in holding(prefix, facts, knowledge=knowledge, keys=RULE_KEYS)
        if rule.effects
    ]
    found = {}
    for action in ACTIONS:
        against = tuple(rule for rule in active if action in rule.effects)
        strongest = max((EFFECTS.index(rule.effects[action]) for rule in against), default=None)
        found[action] = Standing(None if strongest is None else EFFECTS[strongest], against)
    return found


def laser_may_be_considered(facts: Facts, *, knowledge: Knowledge) -> bool:
    """Say whether a laser plan is worth computing: no rule decides beforehand or puts another way first."""
    if gate(facts, knowledge=knowledge) is not None:
        return False
    return standings(facts, knowledge=knowledge)["laser"].weight == 0


def choose(facts: Facts, *, laser: LaserPlan | None, knowledge: Knowledge) -> Choice:
    """Choose for one patient.

    A gate decides alone. Otherwise the treatments are ordered by how far the rules speak against them, then
    by the order of preference in the knowledge base; the laser takes part only with a therapeutic window.
    """
    decided = gate(facts, knowledge=knowledge)
    found = standings(facts, knowledge=knowledge)
    options = {
        action: _option(
            action, facts, standing=found[action], decided=decided, laser=laser, knowledge=knowledge
        )
        for action in ACTIONS
    }
    if decided is not None:
        action = decided.text_of("outcome")
    else:
        action = min((options[name] for name in TREATMENTS if options[name].suitable), key=_preference).action
    shown = [name for name in TREATMENTS if name != action]
    others = sorted(
        (options[name] for name in shown), key=lambda option: (not option.suitable, *_preference(option))
    )
    return Choice(options[action], decided, tuple(others), found)


def _preference(option: Option) -> tuple[int, float]:
    return option.weight, option.order


def _option(
    action: str,
    facts: Facts,
    *,
    standing: Standing,
    decided: Rule | None,
    laser: LaserPlan | None,
    knowledge: Knowledge,
) -> Option:
    about = next(
        rule
        for rule in rules("care.option", knowledge=knowledge, keys=OPTION_KEYS)
        if rule.text_of("action") == action
    )
    arguments = tuple(
        rule
        for rule in holding("care.argument", facts, knowledge=knowledge, keys=ARGUMENT_KEYS)
        if rule.text_of("option") == action
    )
    speaks_for, speaks_against = _sides(action, standing=standing, arguments=arguments, laser=laser)
    evidence = (about, *arguments, *standing.rules)
    return Option(
        action=action,
        title=about.title,
        suitable=_suitable(action, standing=standing, decided=decided, laser=laser),
        reasons_for=speaks_for,
        reasons_against=speaks_against,
        level=about.statement.level,
        order=float(about.statement.extra["order"]),
        weight=standing.weight,
        evidence=tuple(dict.fromkeys(id for rule in evidence for id in rule.evidence)),
    )


def _suitable(action: str, *, standing: Standing, decided: Rule | None, laser: LaserPlan | None) -> bool:
    if standing.weight > 0:
        return False
    if decided is not None and action not in ("observe", decided.text_of("outcome")):
        return False
    if action == "laser":
        return laser is not None and laser.window_exists and laser.recommended is not None
    return True


def _sides(
    action: str, *, standing: Standing, arguments: tuple[Rule, ...], laser: LaserPlan | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    sides: dict[str, list[str]] = {"for": [], "against": []}
    if action == "laser" and laser is not None:
        if laser.recommended is not None:
            sides["for"].append(laser_argument(laser))
        else:
            sides["against"].append(no_window(laser))
    if action == "laser" and laser is None:
        sides["against"].append("No setting was computed: the laser is not to be considered here.")
    sides["against"] += [_against(rule, action) for rule in standing.rules]
    for rule in arguments:
        sides[rule.text_of("side")].append(rule.text)
    return tuple(dict.fromkeys(sides["for"])), tuple(dict.fromkeys(sides["against"]))


def _against(rule: Rule, action: str) -> str:
    words = {"excluded": "Not planned", "discouraged": "Another way goes first", "caution": "With caution"}
    return f"{words[rule.effects[action]]}: {rule.because}."
