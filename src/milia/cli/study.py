"""`milia study`: a virtual cohort through several ways of treating."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from milia.cli.output import print_json
from milia.cli.progress import progress


def command(
    study_file: Annotated[
        Path, typer.Argument(metavar="STUDY.yaml", help="Cohort, operators and policies.", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="Folder for plans, results and report.", show_default=False
        ),
    ],
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="tcp://HOST:PORT",
            help="Work on the workers of this dask scheduler instead of here.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a study that was stopped.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes", min=1, max=1024, help="Processes; all processors by default.", show_default=False
        ),
    ] = None,
) -> None:
    """Treat a virtual cohort by several policies and compare success, harm, wound, pulses and sessions."""
    from milia.study import as_text, load_study, run_study, summary, write_report

    study = load_study(study_file)
    began = time.monotonic()
    with progress("studying") as told:
        rows = run_study(study, out, resume=resume, address=scheduler, count=processes, progress=told)
    took = time.monotonic() - began
    found = summary(study, rows)
    write_report(found, out)
    if json:
        print_json(found)
        return
    typer.echo(as_text(found))
    typer.echo(f"Report: {(out / 'report.html').resolve()}")
    # the clock goes to the screen and into no file: a study resumed ends with the same bytes
    typer.echo(f"{study.patients} patients in {took:.0f} s.", err=True)
