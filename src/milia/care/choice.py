"""The choice among laser, needle, electrosurgery, waiting, referral and a second look, with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from milia.care.facts import Facts
from milia.care.rules import ACTIONS, EFFECTS, FURTHER, OPTIONS, Rule, holding, rules
from milia.care.wording import laser_argument, no_window
from milia.knowledge import Knowledge
from milia.language import told

if TYPE_CHECKING:
    from milia.planning import LaserPlan

RULE_KEYS = frozenset({"title", "severity", "because", "effects", "outcome", "promotes"})
OPTION_KEYS = frozenset({"title", "action", "order", "parts", "usual", "because"})
ARGUMENT_KEYS = frozenset({"option", "side"})
TREATMENTS = ("laser", "extract", "electrosurgery", "observe")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the rules speak against one option, which rules do, and whether one puts it forward."""

    effect: str | None = None
    rules: tuple[tuple[Rule, str], ...] = ()
    promoted: bool = False

    @property
    def weight(self) -> int:
        """0 when open or allowed with caution, 1 when another option goes first, 2 when it is not planned."""
        return EFFECTS.index(self.effect) if self.effect else 0


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go, judged for this patient; ``action`` is None where no plan chooses it."""

    name: str
    action: str | None
    title: str
    suitable: bool
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]
    level: int | None
    order: float
    weight: int
    promoted: bool
    evidence: tuple[str, ...]

    def to_dict(self, *, rank: int) -> dict[str, Any]:
        return {
            "action": self.action,
            "option": self.name,
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
        return self.chosen.name


def gate(facts: Facts, *, knowledge: Knowledge) -> Rule | None:
    """Return the first rule that decides before any treatment is weighed, or None if the way is free."""
    return next(iter(holding("care.gate", facts, knowledge=knowledge, keys=RULE_KEYS)), None)


def standings(facts: Facts, *, knowledge: Knowledge) -> dict[str, Standing]:
    """Return for every option the strongest effect of the rules that hold, with those rules.

    A combination bears what its parts bear. What stops every procedure stops the further ways too.
    """
    active = [
        rule
        for prefix in ("care.gate", "care.modifier")
        for rule in holding(prefix, facts, knowledge=knowledge, keys=RULE_KEYS)
        if rule.effects
    ]
    parts = {
        _name(rule): tuple(rule.statement.extra.get("parts", ()))
        for rule in rules("care.option", knowledge=knowledge, keys=OPTION_KEYS)
    }
    found = {}
    for option in OPTIONS:
        against = tuple(
            (rule, effect) for rule in active if (effect := _effect(rule, option, parts[option])) is not None
        )
        strongest = max((EFFECTS.index(effect) for _, effect in against), default=None)
        found[option] = Standing(
            None if strongest is None else EFFECTS[strongest],
            against,
            any(option in rule.promotes for rule in active),
        )
    return found


def _effect(rule: Rule, option: str, parts: tuple[str, ...]) -> str | None:
    effects = [rule.effects[name] for name in (option, *parts) if name in rule.effects]
    if option in FURTHER and rule.severity == "stop":
        effects.append("excluded")
    return max(effects, key=EFFECTS.index, default=None)


def _name(rule: Rule) -> str:
    return rule.id.rsplit(".", 1)[1]


def with_laser_wound(facts: Facts, laser: LaserPlan | None) -> Facts:
    """Return the facts with how long the planned laser wound may stay open."""
    if laser is None or not laser.predicted or "healing_days" not in laser.predicted:
        return facts
    return replace(facts, laser_wound_days=laser.predicted["healing_days"].p95)


def laser_may_be_considered(facts: Facts, *, knowledge: Knowledge) -> bool:
    """Say whether a laser plan is worth computing: no rule decides beforehand or puts another way first."""
    if gate(facts, knowledge=knowledge) is not None:
        return False
    return standings(facts, knowledge=knowledge)["laser"].weight == 0


def forbidden(action: str, facts: Facts, *, knowledge: Knowledge) -> str:
    """Say why the rules do not allow an action for these facts; empty where they do."""
    decided = gate(facts, knowledge=knowledge)
    if decided is not None:
        wanted = decided.text_of("outcome")
        return "" if action == wanted else f"{decided.because}, which asks for {wanted}"
    if action not in TREATMENTS:
        return "no rule asks for this"
    standing = standings(facts, knowledge=knowledge)[action]
    if (action == "laser" and standing.weight > 0) or standing.effect == "excluded":
        return "; ".join(rule.because for rule, _ in standing.rules)
    return ""


def choose(facts: Facts, *, laser: LaserPlan | None, knowledge: Knowledge) -> Choice:
    """Choose for one patient.

    A gate decides alone. Otherwise the treatments are ordered by how far the rules speak against them, then
    by what a rule puts forward, then by the clinic's order of preference, then by the one in the knowledge
    base. The laser takes part only with a therapeutic window, and its wound may speak against it.
    """
    known = with_laser_wound(facts, laser)
    decided = gate(known, knowledge=knowledge)
    found = standings(known, knowledge=knowledge)
    options = {
        name: _option(name, known, standings=found, decided=decided, laser=laser, knowledge=knowledge)
        for name in OPTIONS
    }

    def preference(option: Option) -> tuple[int, bool, float, float]:
        preferred = facts.prefer.index(option.name) if option.name in facts.prefer else len(facts.prefer)
        return option.weight, not option.promoted, preferred, option.order

    if decided is not None:
        action = decided.text_of("outcome")
    else:
        action = min((options[name] for name in TREATMENTS if options[name].suitable), key=preference).name
    shown = [name for name in (*TREATMENTS, *FURTHER) if name != action]
    others = sorted(
        (options[name] for name in shown), key=lambda option: (not option.suitable, *preference(option))
    )
    return Choice(options[action], decided, tuple(others), found)


def _option(
    name: str,
    facts: Facts,
    *,
    standings: Mapping[str, Standing],
    decided: Rule | None,
    laser: LaserPlan | None,
    knowledge: Knowledge,
) -> Option:
    about = next(
        rule for rule in rules("care.option", knowledge=knowledge, keys=OPTION_KEYS) if _name(rule) == name
    )
    arguments = tuple(
        rule
        for rule in holding("care.argument", facts, knowledge=knowledge, keys=ARGUMENT_KEYS)
        if rule.text_of("option") == name
    )
    standing = standings[name]
    usual = about.text_of("usual")
    speaks_for, speaks_against = _sides(
        name, about=about, standing=standing, arguments=arguments, laser=laser
    )
    evidence = (about, *arguments, *(rule for rule, _ in standing.rules))
    return Option(
        name=name,
        action=name if name in ACTIONS else None,
        title=about.title,
        suitable=not usual and _suitable(name, about=about, standing=standing, decided=decided, laser=laser),
        reasons_for=speaks_for,
        reasons_against=speaks_against,
        level=about.statement.level,
        order=float(about.statement.extra["order"]),
        weight=max(standing.weight, EFFECTS.index(usual) if usual else 0),
        promoted=standing.promoted,
        evidence=tuple(dict.fromkeys(id for rule in evidence for id in rule.evidence)),
    )


def _suitable(
    name: str, *, about: Rule, standing: Standing, decided: Rule | None, laser: LaserPlan | None
) -> bool:
    if standing.weight > 0:
        return False
    if decided is not None and name not in ("observe", decided.text_of("outcome")):
        return False
    if "laser" in (name, *about.statement.extra.get("parts", ())):
        return laser is not None and laser.window_exists and laser.recommended is not None
    return True


def _sides(
    name: str,
    *,
    about: Rule,
    standing: Standing,
    arguments: tuple[Rule, ...],
    laser: LaserPlan | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    sides: dict[str, list[str]] = {"for": [], "against": []}
    if name == "laser" and laser is not None:
        if laser.recommended is not None:
            sides["for"].append(laser_argument(laser))
        else:
            sides["against"].append(no_window(laser))
    if name == "laser" and laser is None:
        sides["against"].append(told("No setting was computed: the laser is not to be considered here."))
    if about.text_of("usual"):
        sides["against"].append(_against(about.text_of("usual"), about.because))
    sides["against"] += [_against(effect, rule.because) for rule, effect in standing.rules]
    for rule in arguments:
        sides[rule.text_of("side")].append(rule.text)
    return tuple(dict.fromkeys(sides["for"])), tuple(dict.fromkeys(sides["against"]))


def _against(effect: str, because: str) -> str:
    if effect == "excluded":
        return told("Not planned: {because}.", because=because)
    if effect == "discouraged":
        return told("Another way goes first: {because}.", because=because)
    return told("With caution: {because}.", because=because)
