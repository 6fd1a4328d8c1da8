"""How the setting was chosen: why, strategies, devices, limits at two levels, scenarios, drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.language import say
from milia.report.numbers import of_hundred, significant, with_unit
from milia.report.reading import entries, number, numbers, probability, section, text

WHOSE = {"case": "set by the case", "clinic": "set by the clinic"}
UNITS = {"um": "µm", "share": "", "degC": "°C"}
STATES = {"ok": "", "warn": "warning", "stop": "stop"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; `chosen` is set apart."""

    name: str
    cells: tuple[str, ...]
    chosen: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One comparison: a caption, the heads of its columns, its rows, and what to know about them."""

    caption: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class StrategyView:
    """Why this setting, and everything it was compared with."""

    explanation: str
    tables: tuple[Table, ...]


def strategy_view(plan: Mapping[str, Any]) -> StrategyView | None:
    """Return how the setting was chosen, or None where the plan does not say."""
    made = (_strategies(plan), _devices(plan), _limits(plan), _drift(plan), _scenarios(plan), _worst(plan))
    tables = tuple(table for table in made if table is not None)
    words = text(plan, "explanation")
    return StrategyView(words, tables) if words or tables else None


def _table(caption: str, heads: tuple[str, ...], lines: tuple[Line, ...], note: str = "") -> Table:
    """Return a table with its own words in the language in which is being written."""
    return Table(say(caption), tuple(say(head) for head in heads), lines, say(note))


def _chances(row: Mapping[str, Any]) -> tuple[str, str]:
    return _of_100(row, "p_open"), _of_100(row, "p_harm")


def _of_100(row: Mapping[str, Any], key: str) -> str:
    return of_hundred(probability(row, key)).replace(" ", "\u00a0")


def _shot(row: Mapping[str, Any]) -> str:
    count = number(row, "most_pulses") or number(row, "pulses")
    energy, spot = number(row, "pulse_energy_mJ"), number(row, "spot_diameter_um")
    if count is None or energy is None or spot is None:
        return ""
    name = text(row, "name") or text(row, "strategy")
    last = (numbers(row, "pulse_energies_mJ") or (energy,))[-1]
    said = (
        with_unit(energy, "mJ")
        if last == energy
        else say("{low} to {high}", low=significant(energy), high=with_unit(last, "mJ"))
    )
    shot = f"{significant(count)} × {said}, {with_unit(spot, 'µm')}"
    return say("up to {shot}", shot=shot) if name in ("stepwise", "titrated") else shot


def _strategies(plan: Mapping[str, Any]) -> Table | None:
    found = entries(plan, "strategies")
    if len(found) < 2:
        return None
    lines = []
    for row in found:
        mean = number(row, "mean_pulses")
        pulses = "" if mean is None else significant(mean)
        lines.append(
            Line(
                name=text(row, "title"),
                cells=(_shot(row), *_chances(row), pulses, with_unit(number(row, "wound_width_um"), "µm")),
                chosen=row.get("best") is True,
                note=text(row, "words"),
            )
        )
    return _table(
        "In one go, or looking after each pulse",
        ("what is fired", "roof opens", "harm", "pulses on average", "wound"),
        tuple(lines),
        "Fired pulse by pulse in every simulated skin, each pulse into the crater of the former ones; while "
        "someone looks the tissue cools and is wiped. Looks err as often as assumed.",
    )


def _devices(plan: Mapping[str, Any]) -> Table | None:
    lines = [
        Line(
            name=text(row, "title"),
            cells=(_shot(row), *_chances(row), say("yes") if row.get("window") is True else say("no")),
            chosen=row.get("chosen") is True,
        )
        for row in entries(plan, "devices")
    ]
    if not lines:
        return None
    return _table("Devices", ("best setting", "roof opens", "harm", "window"), tuple(lines))


def _limits(plan: Mapping[str, Any]) -> Table | None:
    lines = []
    for row in entries(plan, "limits"):
        if row.get("applies") is not True:
            continue
        least = text(row, "sense") == "at_least"
        levels = tuple(_bound(row, level, least=least) for level in ("warn", "stop"))
        passed = (_of_100(row, "p_warn"), _of_100(row, "p_stop"))
        lines.append(
            Line(
                name=text(row, "title"),
                cells=(levels[0], passed[0], levels[1], passed[1], say(STATES.get(text(row, "state"), ""))),
            )
        )
    if not lines:
        return None
    return _table(
        "Goals and limits, at two levels",
        ("warning", "not kept in", "stop", "not kept in", ""),
        tuple(lines),
        "Depth and opening follow each simulated skin. Flags say where a level comes from.",
    )


def _bound(row: Mapping[str, Any], level: str, *, least: bool) -> str:
    shown = _level(number(row, level), text(row, "unit"))
    said = say("at least {value}", value=shown) if least else say("at most {value}", value=shown)
    return f"{said}{_whose(row, level)}"


def _level(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "share":
        return with_unit(100.0 * value, "%")
    return with_unit(value, UNITS.get(unit, unit))


def _whose(row: Mapping[str, Any], level: str) -> str:
    """Say in brackets who set a level, or the flag of the number behind it."""
    by = text(section(row, "set_by"), level)
    said = WHOSE.get(by) or text(section(row, "flags"), level)
    return f" ({say(said)})" if said else ""


def _drift(plan: Mapping[str, Any]) -> Table | None:
    lines = []
    for row in entries(plan, "drift"):
        down, up = number(row, "down_percent"), number(row, "up_percent")
        lines.append(
            Line(
                name=text(row, "title"),
                cells=(
                    say("half or less") if down is None else say("{share} % down", share=significant(down)),
                    say("double or more") if up is None else say("{share} % up", share=significant(up)),
                    text(row, "basis"),
                ),
            )
        )
    if not lines:
        return None
    return _table(
        "How far each setting may drift before the window is left", ("", "", "how known"), tuple(lines)
    )


def _scenarios(plan: Mapping[str, Any]) -> Table | None:
    table = section(plan, "scenarios")
    named = entries(table, "named")
    if not named:
        return None
    lines = []
    for row in (section(table, "drawn"), *named):
        changed = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in section(row, "set").items())
        weight = number(row, "weight")
        lines.append(
            Line(
                name=text(row, "name"),
                cells=(
                    "" if weight is None else significant(weight),
                    *_chances(row),
                    with_unit(number(row, "opening_um"), "µm"),
                ),
                note=changed,
            )
        )
    return _table(
        "Scenarios",
        ("weight", "roof opens", "harm", "opening"),
        tuple(lines),
        "A scenario of weight 0 is shown and counts nothing.",
    )


def _worst(plan: Mapping[str, Any]) -> Table | None:
    lines = [
        Line(
            name=text(row, "name"),
            cells=(
                say("yes") if row.get("opened") is True else say("no"),
                say("severe")
                if row.get("severe") is True
                else say("yes")
                if row.get("harmed") is True
                else say("no"),
                with_unit(number(row, "opening_um"), "µm"),
                with_unit(number(row, "harm_depth_um"), "µm"),
            ),
            note=", ".join(str(word) for word in row.get("apart") or ()),
        )
        for row in entries(plan, "worst_scenarios")
    ]
    if not lines:
        return None
    return _table(
        "The simulated skins that fare worst",
        ("opens", "harmed", "opening", "living tissue lost"),
        tuple(lines),
    )
