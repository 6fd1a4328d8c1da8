"""`milia calibrate`: what test shots and outcomes say about one laser, as a device profile and a report."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from milia.base import InputError, write_atomically
from milia.cli.output import check_target, console, print_json
from milia.cli.progress import progress

if TYPE_CHECKING:
    from rich.console import Console

SHOWN_PARAMETERS = 5


def command(
    shots: Annotated[
        Path, typer.Argument(metavar="SHOTS.csv", help="Test shots with measured depth or width.")
    ],
    device: Annotated[
        str, typer.Option("--device", metavar="NAME", help="A device of the library, or a device file.")
    ],
    outcomes: Annotated[
        Path | None,
        typer.Option("--outcomes", metavar="OUTCOMES.csv", help="Recorded outcomes.", show_default=False),
    ] = None,
    plans: Annotated[
        Path | None,
        typer.Option(
            "--plans",
            metavar="DIR",
            help="The saved plans of the outcomes; by default beside them.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.yaml", help="Write the device profile.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE.html", help="Write the report.", show_default=False),
    ] = None,
    leave_out: Annotated[
        str, typer.Option("--leave-out", metavar="NAME,NAME", help="Shots that take no part, by row_id.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of designs and chain.")] = 0,
) -> None:
    """Calibrate a laser on its own test shots and outcomes: how much of its display it delivers."""
    if out is not None:
        check_target(out, suffixes=(".yaml", ".yml"), option="--out", source=shots)
    if report is not None:
        check_target(report, suffixes=(".html",), option="--report", source=shots)
    if plans is not None and outcomes is None:
        raise InputError("plans are read for outcomes only", key="--plans", accepted="with --outcomes")
    # small matrices: the threads of a linear algebra library would wait for each other
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")

    from milia.calibration import calibrate_device, named_device, profile_text, read_shots
    from milia.cli.treated import Treated, read_treated

    laser, section = named_device(device)
    names = tuple(part.strip() for part in leave_out.split(",") if part.strip())
    file = read_shots(shots, laser, leave_out=names)
    treated = read_treated(outcomes, plans, laser) if outcomes else Treated((), ())
    with progress("calibrating") as told:
        found = calibrate_device(file, laser, lesions=treated.lesions, seed=seed, progress=told)
    result = found.to_dict()
    if outcomes is not None:
        unread = [{"label": label, "why": why} for label, why in treated.aside]
        known = result["outcomes"] or {"lesions": 0, "openings": 0, "joined": False, "set_aside": []}
        result["outcomes"] = {**known, "set_aside": [*known["set_aside"], *unread]}
    profile = profile_text(found, section) if out is not None else None
    if report is not None:
        from milia.report import render_calibration

        write_atomically(report, render_calibration(result))
    if out is not None and profile is not None:
        write_atomically(out, profile)
    if json:
        print_json(result)
        return
    _print(result, console())
    if out is not None:
        typer.echo(f"Profile: {out.resolve()} (in a case: device: {out.name})")
    if report is not None:
        typer.echo(f"Report: {report.resolve()}")


def _print(result: Mapping[str, Any], out: Console) -> None:
    share = result["effective_share"]
    out.print(result["sentence"], style="bold")
    out.print(
        f"Before: {_band(share['before'])}. After: {_band(share['after'])}. "
        f"The laser's own share, were the simulation as wrong here as in unseen studies: "
        f"{_band(result['lasers_own_share'])}."
    )
    out.print()
    out.print(_shots(result))
    out.print(
        f"{result['inside_90']} measured numbers lie inside their 90 % interval; single shots scatter by "
        f"{100 * result['scatter_of_shots']['p50']:.0f} % of the energy."
    )
    for one in result["set_aside"]:
        out.print(f"Set aside: {one['label']}: {one['why']}.", style="yellow")
    for name in result["left_out"]:
        out.print(f"Left out by name: {name}.", style="yellow")
    narrowed = [one for one in result["parameters"] if one["narrowed"] >= 0.05][:SHOWN_PARAMETERS]
    if narrowed:
        words = [f"{one['name'].replace('_', ' ')} by {100 * one['narrowed']:.0f} %" for one in narrowed]
        out.print(f"Of the skin's parameters the shots narrowed {', '.join(words)}.")
    if result["outcomes"]:
        _print_outcomes(result["outcomes"], out)
    for warning in result["warnings"]:
        out.print(f"Mind: {warning}", style="yellow")


def _print_outcomes(found: Mapping[str, Any], out: Console) -> None:
    out.print()
    out.print(f"Outcomes: {found['lesions']} lesions, {found['openings']} with an opening seen or missed.")
    if found.get("effective_share"):
        joined = "joined with the shots" if found["joined"] else "not joined with the shots"
        out.print(f"By themselves they say {_band(found['effective_share'])} of the display; {joined}.")
    if found.get("why_not"):
        out.print(f"Not joined: {found['why_not']}.", style="yellow")
    if found.get("healing_factor"):
        healing = found["healing_factor"]
        out.print(
            f"Wounds closed in {_band(healing)} times the predicted days ({healing['lesions']} lesions)."
        )
    if found.get("marks_week_12"):
        marks = found["marks_week_12"]
        planned = marks["planned_p_harm"]
        beside = f"; the plans' chance of harm was {100 * planned:.0f} %" if planned is not None else ""
        out.print(
            f"A mark at week 12 in {marks['seen']} of {marks['of']} "
            f"({100 * marks['low']:.0f} to {100 * marks['high']:.0f} %){beside}."
        )
    for one in found["set_aside"]:
        out.print(f"Set aside: {one['label']}: {one['why']}.", style="yellow")


def _shots(result: Mapping[str, Any]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    for title in ("Shot", "measured", "calibrated simulation, 90 %", "says by itself"):
        table.add_column(title)
    alone = {one["label"]: one["share"] for one in result["single_shots_say"]}
    for one in result["predictive_check"]:
        mark = "" if one["inside"] else "  (outside)"
        table.add_row(
            one["label"],
            f"{one['measured_um']:.3g} µm",
            f"{one['p50_um']:.3g} ({one['p05_um']:.3g} to {one['p95_um']:.3g}) µm{mark}",
            f"{alone[one['label']]:.2f}" if one["label"] in alone else "",
        )
    return table


def _band(found: Mapping[str, float]) -> str:
    return f"{found['p50']:.2f} ({found['p05']:.2f} to {found['p95']:.2f})"
