"""`milia session`: several lesions on one day: groups, order, pauses, limits, wound, anaesthetic, a map."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from milia.base import write_atomically
from milia.cli.output import check_target, console, print_json
from milia.cli.progress import progress


def command(
    session_file: Annotated[
        Path, typer.Argument(metavar="SESSION.yaml", help="Patient, device and lesions with positions.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    picture: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.svg", help="Write the map.", show_default=False)
    ] = None,
    clinic: Annotated[
        Path | None, typer.Option("--clinic", metavar="CLINIC.yaml", help="The clinic's own protocol.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the sampled uncertainties.")] = 0,
) -> None:
    """Plan several lesions of one patient for one session."""
    if picture is not None:
        check_target(picture, suffixes=(".svg",), option="--map", source=session_file)
    from milia.care import load_clinic, plan_session
    from milia.planning import load_session

    session = load_session(session_file)
    who = load_clinic(clinic) if clinic else None
    with progress("planning the groups") as told:
        made = plan_session(session, today=date.today(), seed=seed, clinic=who, progress=told)
    if picture is not None:
        from milia.report import render_session_map

        write_atomically(picture, render_session_map(made))
    if json:
        print_json(made)
        return
    _print(made)
    if picture is not None:
        typer.echo(f"Map: {picture.resolve()}")


def _print(made: Mapping[str, Any]) -> None:
    from rich.table import Table

    out = console()
    count = len(made["today"])
    out.print(f"{count} lesion{'s' if count != 1 else ''} today, {len(made['later'])} later", style="bold")
    out.print(f"At most {made['most_today']} today: {made['most_today_because']}.")
    for group in made["groups"]:
        settings = group["settings"]
        series = group["plan"].get("strategy") or {}
        looked = f"up to {series['most_pulses']} single pulses, from " if series.get("look") else ""
        words = (
            f"{looked or '{pulses} × '.format(**settings)}{settings['pulse_energy_mJ']:g} mJ, "
            f"{settings['spot_diameter_um']:g} µm, "
            f"opens {100 * group['p_open']:.0f} %, harms {100 * group['p_harm']:.1f} %"
            if settings
            else group["headline"]
        )
        out.print(f"Group {group['name']} ({', '.join(group['lesions'])}): {words}")
    out.print()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    for title in ("", "lesion", "group", "at", "extra wait", "heat left: engine", "bound", "nearest treated"):
        table.add_column(title)
    for one in made["today"]:
        near = f"{one['nearest_treated']}, {one['nearest_mm']:.3g} mm" if one["nearest_treated"] else ""
        table.add_row(
            str(one["number"]), one["lesion"], one["group"], f"{one['at_s']:g} s", f"{one['wait_s']:g} s",
            f"{one['rise_K']:.2g} K", f"{one['rise_bound_K']:.2g} K", near,
        )  # fmt: skip
    out.print(table)
    for one in made["later"]:
        out.print(f"Later: {one['lesion']}: {one['why']}.", style="yellow")
    for heat in made["heat"]:
        out.print(
            f"Group {heat['group']}: {heat['left_mJ']:.3g} mJ of heat stay; from "
            f"{heat['never_above_limit_from_mm']:g} mm on the skin never warms by more than "
            f"{made['rise_limit_K']:g} K."
        )
    area, dose = made["wound_area_mm2"], made["anaesthetic"]
    out.print(
        f"Wound in all {area['p50']:.2g} mm² (up to {area['p95']:.2g} mm²), {made['minutes']:g} minutes."
    )
    out.print(
        f"Anaesthetic: {dose['volume_mL']:g} mL of {dose['drug']} at {dose['per_lesion_mL']:g} mL each "
        f"(field knowledge); {dose['note']}."
    )
