"""What the clinician and the patient do: alternatives, safety, aftercare, follow-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
                else "suitable here"
                if suitable is True
                else "not suitable here",
                reasons_for=texts(entry, "for"),
                reasons_against=texts(entry, "against"),
                level="" if level is None else f"evidence level {significant(level)}",
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
            groups.append(SafetyGroup(level, title, items))
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
            text(entry, "sign"), text(entry, "urgency").replace("_", " "), text(entry, "action"), cite(entry)
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
        return "any time"
    if first is None:
        return f"until day {dialled(last)}"
    if last is None:
        return "from the treatment day" if first == 0.0 else f"from day {dialled(first)}"
    if first == last == 0.0:
        return "treatment day"
    if first == last:
        return f"day {dialled(first)}"
    return f"day {dialled(first)}–{dialled(last)}"


def _dates(entry: Mapping[str, Any]) -> str:
    first, last = text(entry, "date_from"), text(entry, "date_to")
    if first and last and first != last:
        return f"{first} to {last}"
    return first or last
