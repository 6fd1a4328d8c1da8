"""A plan on one screen: what to do, with which setting, how sure, and what comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

ACTIONS = {
    "laser": ("open with the laser", "bold green"),
    "extract": ("extract", "bold cyan"),
    "electrosurgery": ("electrosurgery", "bold cyan"),
    "observe": ("wait and watch", "bold cyan"),
    "refer": ("refer", "bold yellow"),
    "assess_first": ("make the diagnosis first", "bold yellow"),
}
DIALLED = (
    ("pulse energy", "pulse_energy_mJ", "mJ"),
    ("pulse duration", "pulse_duration_us", "µs"),
    ("spot diameter", "spot_diameter_um", "µm"),
    ("pulses", "pulses", ""),
    ("passes", "passes", ""),
    ("interval", "interval_ms", "ms"),
)
FOLLOWS = (
    ("fluence", "fluence_J_cm2", "J/cm²"),
    ("irradiance", "irradiance_kW_cm2", "kW/cm²"),
    ("power in the pulse", "power_W", "W"),
)
PREDICTED = (
    ("opening", "opening_um", "µm"),
    ("crater depth", "crater_depth_um", "µm"),
    ("thermal damage, floor", "rtd_floor_um", "µm"),
    ("thermal damage, wall", "rtd_wall_um", "µm"),
    ("healing", "healing_days", "days"),
)


def print_summary(plan: Mapping[str, Any], out: Console) -> None:
    """Print the plan for a person at a terminal; the report holds the rest."""
    from rich.text import Text

    words, style = ACTIONS[plan["action"]]
    out.print(Text.assemble((words.upper(), style), "  ", (plan["headline"], "bold")))
    for reason in plan["reasons"]:
        _item(out, "·", "dim", reason)
    if plan["settings"]:
        out.print()
        out.print(_settings(plan["settings"]))
    if plan["predicted"]:
        out.print()
        out.print(_predicted(plan))
    _odds(plan, out)
    _ways(plan, out)
    _safety(plan["safety"], out)
    for warning in plan["warnings"]:
        _item(out, "!", "yellow", warning)
    _next(plan, out)
    out.print()
    out.print(plan["provenance"]["disclaimer"], style="dim")


def _settings(settings: Mapping[str, Any]) -> Table:
    table = _columns("Setting", "", "which is", "")
    rows = max(len(DIALLED), len(FOLLOWS))
    for dialled, follows in zip(_padded(DIALLED, rows), _padded(FOLLOWS, rows), strict=True):
        table.add_row(*_cell(settings, dialled, digits=9), *_cell(settings, follows, digits=3))
    return table


def _predicted(plan: Mapping[str, Any]) -> Table:
    table = _columns("Expected", "median", "90 % of cases", "")
    for label, key, unit in PREDICTED:
        found = plan["predicted"].get(key)
        if key == "rtd_floor_um" and found is not None and found["p95"] == 0.0:
            table.add_row(label, "none", "the floor lies in keratin", "")
        elif found is not None:
            low, middle, high = (f"{found[name]:.3g}" for name in ("p05", "p50", "p95"))
            table.add_row(label, f"{middle} {unit}", f"{low} to {high} {unit}", "")
    return table


def _odds(plan: Mapping[str, Any], out: Console) -> None:
    if plan["p_open"] is None:
        return
    out.print()
    certainty = plan["certainty"]
    for label, key in (("opens wide enough", "p_open"), ("goes too deep or too wide", "p_harm")):
        bounds = certainty[key]
        out.print(
            f"{label:<26} {_percent(plan[key])}  ({_percent(bounds['low'])} to {_percent(bounds['high'])},"
            f" {certainty['scenarios']} simulated skins)"
        )
    if plan.get("p_severe") is not None:
        depth = f"{plan['goals']['severe_depth_um']:.3g} µm"
        label = f"deeper than {depth}"
        most = _percent(plan["goals"]["p_severe_max"])
        out.print(f"{label:<26} {_percent(plan['p_severe'])}  (where scars were measured; at most {most})")
    out.print(certainty["words"])


def _ways(plan: Mapping[str, Any], out: Console) -> None:
    """Devices and strategies side by side, and the scenarios that have a name; each where there is one."""
    devices, ways = plan.get("devices") or [], plan.get("strategies") or []
    named = (plan.get("scenarios") or {}).get("named") or []
    # a lone one-go row says nothing that is not said above
    for title, rows, said in (
        ("Device", devices, lambda row: row["title"] + (", chosen" if row["chosen"] else "")),
        (
            "Strategy",
            ways if len(ways) > 1 else [],
            lambda row: row["title"] + (", best" if row["best"] else ""),
        ),
        ("Scenario", named, lambda row: f"{row['name']} (weight {row['weight']:g})"),
    ):
        if not rows:
            continue
        table = _columns(title, "opens", "harms", "")
        for row in rows:
            table.add_row(said(row), _percent(row["p_open"]), _percent(row["p_harm"]), _what(row))
        out.print()
        out.print(table)
    if plan.get("explanation"):
        out.print()
        out.print(plan["explanation"])


def _what(row: Mapping[str, Any]) -> str:
    """Say what is fired in a row of a comparison, or what comes of it in a scenario."""
    if "opening_um" in row and "set" in row:
        return f"opening {row['opening_um']:.3g} µm, {row['scenarios']} skins"
    most = row.get("most_pulses") or row.get("pulses")
    upto = "up to " if (row.get("name") or row.get("strategy")) in ("stepwise", "titrated") else ""
    energies = row.get("pulse_energies_mJ") or [row["pulse_energy_mJ"]]
    climbs = f"{energies[0]:g} to {energies[-1]:g}" if energies[0] != energies[-1] else f"{energies[0]:g}"
    return f"{upto}{most} × {climbs} mJ, {row['spot_diameter_um']:g} µm, {row['scenarios']} skins"


def _safety(items: Sequence[Mapping[str, Any]], out: Console) -> None:
    """A stop in full, a warning by its title, and the sheet's routine steps in one breath."""
    if not items:
        return
    out.print()
    out.print("Before you start", style="bold")
    for item in items:
        if item["level"] == "stop":
            _item(out, "STOP", "bold red", f"{item['title']}: {item['text']}")
        elif item["level"] == "warn":
            _item(out, "mind", "yellow", item["title"])
    steps = [item["title"] for item in items if item["level"] == "do"]
    if steps:
        _item(out, "do", "cyan", " · ".join(steps))


def _next(plan: Mapping[str, Any], out: Console) -> None:
    suitable = [
        option for option in plan["alternatives"] if option["suitable"] and option["action"] != plan["action"]
    ]
    if suitable:
        out.print()
        out.print(f"Else: {', '.join(option['title'] for option in suitable)}.")
    if plan["measure_next"]:
        first = plan["measure_next"][0]
        how = f" ({first['how'].rstrip('.')})" if first.get("how") else ""
        out.print(f"Worth measuring: {first['input']}{how}.")
    for visit in plan["followup"][:1]:
        day = visit.get("date_from") or f"day {visit['day_from']}"
        out.print(f"Next visit: {visit['title']}, {day}.")


def _columns(*titles: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    for index, title in enumerate(titles):
        table.add_column(title, style="dim" if index % 2 == 0 else None)
    return table


def _cell(settings: Mapping[str, Any], entry: tuple[str, str, str] | None, *, digits: int) -> tuple[str, str]:
    if entry is None or settings.get(entry[1]) is None:
        return "", ""
    label, key, unit = entry
    return label, f"{settings[key]:.{digits}g} {unit}".rstrip()


def _padded(rows: tuple[tuple[str, str, str], ...], length: int) -> list[tuple[str, str, str] | None]:
    return [*rows, *[None] * (length - len(rows))]


def _item(out: Console, mark: str, style: str, words: str) -> None:
    from rich.table import Table

    # A table of one row keeps the second line of a long sentence under the first.
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(style=style, no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(mark, words)
    out.print(row)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
