"""`milia plan`: from a case file to a plan a clinician can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milia.base import InputError
from milia.cli.output import REPORT_SUFFIXES, check_target, console, print_json
from milia.cli.progress import progress

if TYPE_CHECKING:
    from milia.planning import Case


def command(
    case_file: Annotated[Path, typer.Argument(metavar="CASE.yaml", help="Patient, lesion, skin and device.")],
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON and write no report.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="Write the report there (.html or .pdf).", show_default=False
        ),
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report.")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the sampled uncertainties.")] = 0,
    start: Annotated[
        str | None,
        typer.Option(
            "--start", metavar="YYYY-MM-DD", help="Day of treatment, for dates.", show_default=False
        ),
    ] = None,
    clinic: Annotated[
        Path | None,
        typer.Option(
            "--clinic", metavar="CLINIC.yaml", help="The clinic's own protocol.", show_default=False
        ),
    ] = None,
    decide: Annotated[
        str | None,
        typer.Option(
            "--decide",
            metavar="WAY",
            help="How a setting inside the window is chosen: chance, expected, worst, cvar or regret.",
            show_default=False,
        ),
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(
            "--device",
            metavar="NAME",
            help="In place of the case's device; several are compared.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Plan the treatment of one lesion; the report lands beside you as CASE.html."""
    if report is not None and no_report:
        raise InputError("choose one", key="--report, --no-report", accepted="either of them")
    first_day = _day(start)
    target = report if report or json or no_report else Path(f"{case_file.stem}.html")
    if target is not None:
        check_target(target, suffixes=REPORT_SUFFIXES, option="--report", source=case_file)

    from milia.care import load_clinic, plan_case
    from milia.planning import load_case

    case = _as_asked(load_case(case_file), case_file.parent, decide, device or [])
    with progress("planning") as told:
        protocol = load_clinic(clinic) if clinic else None
        plan = plan_case(case, seed=seed, start=first_day, progress=told, clinic=protocol).to_dict()
    if target is not None:
        from milia.report import write_report

        write_report(plan, target)
    if json:
        print_json(plan)
        return
    from milia.cli.plan_summary import print_summary

    out = console()
    print_summary(plan, out)
    if target is not None:
        out.print()
        out.print(f"Report: {target.resolve()}", soft_wrap=True)


def _as_asked(case: Case, folder: Path, decide: str | None, names: list[str]) -> Case:
    """Return the case with what the command line says in place of its own way to decide and devices."""
    from milia.base import parse_choice
    from milia.planning import MODES, devices_from

    if decide is not None:
        case = replace(case, decide=parse_choice(decide, MODES, key="--decide"))
    if names:
        found = devices_from(names, key="--device", file=None, folder=folder)
        case = replace(case, device=found[0], devices=found if len(found) > 1 else ())
    return case


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise InputError(
            "this is not a day", key="--start", value=text, accepted="a date such as 2026-12-01"
        ) from None
