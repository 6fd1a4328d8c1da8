"""`milia report`: draws the report of a saved plan again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from milia.base import InputError
from milia.cli.output import REPORT_SUFFIXES, check_target


def command(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan saved with `milia plan --json`.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write: .html or .pdf.")],
    lang: Annotated[
        str, typer.Option("--lang", metavar="TAG", help="Language of the report: en or ko.")
    ] = "en",
) -> None:
    """Draw the report of a saved plan."""
    from milia.cli.plan_file import read_plan
    from milia.language import staff_language
    from milia.report import write_report

    wanted = staff_language(lang)
    check_target(out, suffixes=REPORT_SUFFIXES, option="--out", source=plan)
    content = read_plan(plan)
    try:
        write_report(content, out, wanted)
    except InputError as error:
        error.file = str(plan)
        raise
    typer.echo(f"Report: {out.resolve()}")
