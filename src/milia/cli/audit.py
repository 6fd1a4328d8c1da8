"""`milia audit verify`: was anything changed behind Milia's back?"""

from __future__ import annotations

from typing import Annotated

import typer

from milia.base import MiliaError
from milia.cli.output import listing, print_json

app = typer.Typer(help="The trail of who saw or changed what.", no_args_is_help=True)


@app.command("verify")
def verify(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check every entry of the trail and every record against it."""
    from milia.records import open_records

    records = open_records()
    found = records.verify_audit()
    records.close()
    if json:
        print_json(
            listing(
                whole=found.whole,
                clinics=found.clinics,
                entries=found.entries,
                rows=found.rows,
                problems=list(found.problems),
            )
        )
        raise typer.Exit(0 if found.whole else 2)
    for problem in found.problems:
        typer.echo(problem)
    if not found.whole:
        raise MiliaError("The records were changed outside Milia.")
    typer.echo(f"Whole: {found.entries} entries, {found.rows} records, {found.clinics} clinics.")
