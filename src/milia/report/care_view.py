"""What the clinician and the patient do: alternatives, safety, aftercare, follow-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from milia.language import ENGLISH, date_text, say, spoken_language
from milia.report.numbers import dialled, significant
from milia.report.reading import entries, number, section, text, texts

LEVELS = (("stop", "Stop"), ("warn", "Take care"), ("do", "Do"))
Cite = Callable[[Mapping[str, Any]], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One other way of treating, with what speaks for and against it."""

    title: str
    suitable: str
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]
    level: str
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One input that is worth measuring; `share` is its gain relative to the largest [%]."""

    name: str
    how: str
    gain: str
    share: float


@dataclass(frozen=True, slots=True)
class SafetyItem:
    """One safety sentence."""

    title: str
    text: str
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SafetyGroup:
    """All safety sentences of one level."""

    level: str
    title: str
    items: tuple[SafetyItem, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of days: what to do and what to leave."""

    when: str
    date: str
    do: tuple[str, ...]
    avoid: tuple[str, ...]
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WarningSign:
    """A sign after which the patient calls."""

    sign: str
    urgency: str
    action: str
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One follow-up contact."""

    when: str
    date: str
    title: str
    purpose: str
    ask: tuple[str, ...]
    refs: tuple[int, ...]


def alternatives(plan: Mapping[str, Any], cite: Cite) -> tuple[Alternative, ...]:
    """Return the other treatments in the plan's order of rank."""
    found = sorted(entries(plan, "alternatives"), key=lambda entry: number(entry, "rank") or 0.0)
    rows = []
    for entry in found:
        suitable = entry.get("suitable")
        level = number(entry, "level")
        rows.append(
            Alternative(
                title=text(entry, "title") or text(entry, "action").replace("_", " "),
                suitable=""
                if suitable is None
                else say("suitable here")
                if suitable is True
                else say("not suitable here"),
                reasons_for=texts(entry, "for"),
                reasons_against=texts(entry, "against"),
                level="" if level is None else say("evidence level {level}", level=significant(level)),
                refs=cite(entry),
            )
        )
    return tuple(rows)


def measures(plan: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Return what to measure next, largest gain first as the plan orders it."""
    found = entries(plan, "measure_next")
    largest = max((abs(number(entry, "gain") or 0.0) for entry in found), default=0.0)
    rows = []
    for entry in found:
        gain = number(entry, "gain")
        share = 100.0 * abs(gain) / largest if gain is not None and largest > 0.0 else 0.0
        shown = "" if gain is None else significant(gain)
        rows.append(
            Measure(text(entry, "input").replace("_", " "), text(entry, "how"), shown, round(share, 1))
        )
    return tuple(rows)


def safety(plan: Mapping[str, Any], cite: Cite) -> tuple[SafetyGroup, ...]:
    """Return the safety sentences by level: stop, take care, do. An unknown level counts as 'take care'."""
    found = entries(plan, "safety")
    known = {level for level, _ in LEVELS}
    groups = []
    for level, title in LEVELS:
        items = tuple(
            SafetyItem(text(entry, "title"), text(entry, "text"), cite(entry))
            for entry in found
            if (text(entry, "level") if text(entry, "level") in known else "warn") == level
        )
        if items:
            groups.append(SafetyGroup(level, say(title), items))
    return tuple(groups)


def aftercare(plan: Mapping[str, Any], cite: Cite) -> tuple[Step, ...]:
    """Return the timetable of aftercare."""
    return tuple(
        Step(
            when=days(number(entry, "from_day"), number(entry, "to_day")),
            date=_dates(entry),
            do=texts(entry, "do"),
            avoid=texts(entry, "avoid"),
            refs=cite(entry),
        )
        for entry in entries(section(plan, "aftercare"), "steps")
    )


def warning_signs(plan: Mapping[str, Any], cite: Cite) -> tuple[WarningSign, ...]:
    """Return the signs after which the patient calls."""
    return tuple(
        WarningSign(
            text(entry, "sign"),
            say(text(entry, "urgency").replace("_", " ")),
            text(entry, "action"),
            cite(entry),
        )
        for entry in entries(section(plan, "aftercare"), "warning_signs")
    )


def visits(plan: Mapping[str, Any], cite: Cite) -> tuple[Visit, ...]:
    """Return the follow-up contacts."""
    return tuple(
        Visit(
            when=days(number(entry, "day_from"), number(entry, "day_to")),
            date=_dates(entry),
            title=text(entry, "title"),
            purpose=text(entry, "purpose"),
            ask=texts(entry, "ask"),
            refs=cite(entry),
        )
        for entry in entries(plan, "followup")
    )


def days(first: float | None, last: float | None) -> str:
    """Return a stretch of days in words; day 0 is the day of treatment."""
    if first is None and last is None:
        return say("any time")
    if first is None:
        return say("until day {day}", day=dialled(last))
    if last is None:
        if first == 0.0:
            return say("from the treatment day")
        return say("from day {day}", day=dialled(first))
    if first == last == 0.0:
        return say("treatment day")
    if first == last:
        return say("day {day}", day=dialled(first))
    return say("day {first}–{last}", first=dialled(first), last=dialled(last))


def _dates(entry: Mapping[str, Any]) -> str:
    first, last = text(entry, "date_from"), text(entry, "date_to")
    if first and last and first != last:
        return say("{low} to {high}", low=_date(first), high=_date(last))
    return _date(first or last)


def _date(day: str) -> str:
    """Write a date as the language does; English keeps the one that sorts."""
    language = spoken_language()
    if language == ENGLISH or not day:
        return day
    try:
        return date_text(date.fromisoformat(day), language)
    except ValueError:
        return day
