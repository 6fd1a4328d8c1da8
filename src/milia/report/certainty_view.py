"""Chances in words and countable numbers, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.language import say
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
        say("the roof opens at least {opening} wide", opening=with_unit(goal, "µm"))
        if goal is not None
        else say("the roof opens")
    )
    found = (
        _chance(plan, certainty, "p_open", "opening", opening),
        _chance(plan, certainty, "p_harm", "harm", say("harm goes past {limits}", limits=_limits(goals))),
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
    interval = "" if low is None or high is None else _interval(low, high)
    count = of_hundred(chance)
    return Chance(
        kind,
        say(NAMES[kind]),
        count,
        say("In {count} simulated skins like this, {event}.", count=count, event=event),
        interval,
        chance,
        low,
        high,
    )


def _interval(low: float, high: float) -> str:
    return say("interval {interval} of 100", interval=hundred_span(low, high))


def _limits(goals: Mapping[str, Any]) -> str:
    depth, lateral = number(goals, "depth_limit_um"), number(goals, "lateral_limit_um")
    known = []
    if depth is not None:
        known.append(say("{depth} in depth", depth=with_unit(depth, "µm")))
    if lateral is not None:
        known.append(say("{width} to the side", width=with_unit(lateral, "µm")))
    if not known:
        return say("what this site may lose")
    limits = say("{down} or {up}", down=known[0], up=known[1]) if len(known) > 1 else known[0]
    return say("what this site may lose ({limits})", limits=limits)


def _goals(goals: Mapping[str, Any]) -> str:
    """Say what the plan aims at and what it may not pass, each with the flag of its number."""
    flags = section(goals, "flags")

    def part(key: str, words: str) -> str:
        value, flag = number(goals, key), flags.get(key)
        if value is None:
            return ""
        shown = of_hundred(value) if key.startswith("p_") else with_unit(value, "µm")
        return f"{words} {shown}{f' ({say(flag)})' if isinstance(flag, str) and flag else ''}"

    aim = (part("opening_um", say("opening at least")), part("p_open_min", say("in at least")))
    bounds = (
        part("depth_limit_um", say("depth")),
        part("lateral_limit_um", say("to the side")),
        part("p_harm_max", say("passed in at most")),
    )
    sentences = ((say("Goal"), aim), (say("Limit"), bounds))
    return " ".join(
        f"{name}: {', '.join(word for word in words if word)}." for name, words in sentences if any(words)
    )


def _severe(plan: Mapping[str, Any], goals: Mapping[str, Any]) -> str:
    """Say how often living tissue is lost past the depth at which scars were measured."""
    chance, most = probability(plan, "p_severe"), number(goals, "p_severe_max")
    depth = number(goals, "severe_depth_um")
    if chance is None or depth is None:
        return ""
    known = {"depth": with_unit(depth, "µm"), "skins": of_hundred(chance)}
    if most is None:
        return say("Deeper than {depth}, where scars were measured: {skins} simulated skins.", **known)
    return say(
        "Deeper than {depth}, where scars were measured: {skins} simulated skins; at most {most} is "
        "accepted.",
        **known,
        most=of_hundred(most),
    )


def _predicted(predicted: Mapping[str, Any]) -> tuple[Prediction, ...]:
    rows = []
    for key, name, unit in PREDICTED:
        interval = section(predicted, key)
        middle = number(interval, "p50")
        if middle is None:
            continue
        if key == "rtd_floor_um" and number(interval, "p95") == 0.0:
            rows.append(Prediction(say(name), say("none"), say("the floor lies in keratin")))
            continue
        ends = span(number(interval, "p05"), number(interval, "p95"), unit)
        rows.append(Prediction(say(name), with_unit(middle, unit), ends))
    return tuple(rows)
