"""Chances in words and countable numbers, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.report.numbers import hundred_span, of_hundred, significant, span, with_unit
from milia.report.reading import number, probability, section, text, texts

NAMES = {"opening": "roof opens", "harm": "harm"}
PREDICTED = (
    ("opening_um", "opening in the roof", "µm"),
    ("crater_depth_um", "crater depth", "µm"),
    ("harm_depth_um", "harmed living tissue, depth", "µm"),
    ("rtd_floor_um", "thermal damage left at the floor", "µm"),
    ("rtd_wall_um", "thermal damage left at the wall", "µm"),
    ("wound_width_um", "wound width", "µm"),
    ("healing_days", "healing", "days"),
)


@dataclass(frozen=True, slots=True)
class Chance:
    """One probability as a natural frequency."""

    kind: str
    name: str
    count: str
    sentence: str
    interval: str
    probability: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Prediction:
    """One predicted quantity: the middle and the 5–95 % range."""

    name: str
    middle: str
    interval: str


@dataclass(frozen=True, slots=True)
class CertaintyView:
    """The chances, the words for them, and their basis."""

    chances: tuple[Chance, ...]
    words: str
    goals: str
    rests_on: tuple[str, ...]
    scenarios: str
    predicted: tuple[Prediction, ...]


def certainty_view(plan: Mapping[str, Any]) -> CertaintyView | None:
    """Return the chances of opening and of harm, or None where the plan has neither."""
    certainty, goals = section(plan, "certainty"), section(plan, "goals")
    goal = number(goals, "opening_um")
    opening = (
        f"the roof opens at least {with_unit(goal, 'µm')} wide" if goal is not None else "the roof opens"
    )
    found = (
        _chance(plan, certainty, "p_open", "opening", opening),
        _chance(plan, certainty, "p_harm", "harm", f"harm goes past {_limits(goals)}"),
    )
    chances = tuple(chance for chance in found if chance is not None)
    predicted = _predicted(section(plan, "predicted"))
    if not chances and not predicted:
        return None
    scenarios = number(certainty, "scenarios") or number(section(plan, "provenance"), "scenarios")
    return CertaintyView(
        chances=chances,
        words=text(certainty, "words"),
        goals=" ".join(words for words in (_goals(goals), _severe(plan, goals)) if words),
        rests_on=texts(certainty, "rests_on"),
        scenarios="" if scenarios is None else significant(scenarios, digits=9),
        predicted=predicted,
    )


def _chance(
    plan: Mapping[str, Any], certainty: Mapping[str, Any], key: str, kind: str, event: str
) -> Chance | None:
    chance = probability(plan, key)
    if chance is None:
        return None
    ends = section(certainty, key)
    low, high = probability(ends, "low"), probability(ends, "high")
    interval = "" if low is None or high is None else f"interval {hundred_span(low, high)} of 100"
    count = of_hundred(chance)
    return Chance(
        kind,
        NAMES[kind],
        count,
        f"In {count} simulated skins like this, {event}.",
        interval,
        chance,
        low,
        high,
    )


def _limits(goals: Mapping[str, Any]) -> str:
    depth, lateral = number(goals, "depth_limit_um"), number(goals, "lateral_limit_um")
    known = []
    if depth is not None:
        known.append(f"{with_unit(depth, 'µm')} in depth")
    if lateral is not None:
        known.append(f"{with_unit(lateral, 'µm')} to the side")
    if not known:
        return "what this site may lose"
    return f"what this site may lose ({' or '.join(known)})"


def _goals(goals: Mapping[str, Any]) -> str:
    """Say what the plan aims at and what it may not pass, each with the flag of its number."""
    flags = section(goals, "flags")

    def part(key: str, words: str) -> str:
        value, flag = number(goals, key), flags.get(key)
        if value is None:
            return ""
        shown = of_hundred(value) if key.startswith("p_") else with_unit(value, "µm")
        return f"{words} {shown}{f' ({flag})' if isinstance(flag, str) and flag else ''}"

    aim = (part("opening_um", "opening at least"), part("p_open_min", "in at least"))
    bounds = (
        part("depth_limit_um", "depth"),
        part("lateral_limit_um", "to the side"),
        part("p_harm_max", "passed in at most"),
    )
    sentences = (("Goal", aim), ("Limit", bounds))
    return " ".join(
        f"{name}: {', '.join(word for word in words if word)}." for name, words in sentences if any(words)
    )


def _severe(plan: Mapping[str, Any], goals: Mapping[str, Any]) -> str:
    """Say how often living tissue is lost past the depth at which scars were measured."""
    chance, most = probability(plan, "p_severe"), number(goals, "p_severe_max")
    depth = number(goals, "severe_depth_um")
    if chance is None or depth is None:
        return ""
    accepted = "" if most is None else f"; at most {of_hundred(most)} is accepted"
    return (
        f"Deeper than {with_unit(depth, 'µm')}, where scars were measured: "
        f"{of_hundred(chance)} simulated skins{accepted}."
    )


def _predicted(predicted: Mapping[str, Any]) -> tuple[Prediction, ...]:
    rows = []
    for key, name, unit in PREDICTED:
        interval = section(predicted, key)
        middle = number(interval, "p50")
        if middle is None:
            continue
        if key == "rtd_floor_um" and number(interval, "p95") == 0.0:
            rows.append(Prediction(name, "none", "the floor lies in keratin"))
            continue
        ends = span(number(interval, "p05"), number(interval, "p95"), unit)
        rows.append(Prediction(name, with_unit(middle, unit), ends))
    return tuple(rows)
