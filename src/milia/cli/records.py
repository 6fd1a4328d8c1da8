"""`milia records`: set-up, key and demonstration data of the clinic's records."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="The clinic's records: set-up and key.", no_args_is_help=True)


@app.command("setup-code")
def setup_code() -> None:
    """Print the one-time code with which the first administrator is made."""
    from milia.records import open_records

    records = open_records()
    typer.echo(records.setup_code())
    records.close()


@app.command("rotate-key")
def rotate_key(
    forget: Annotated[
        bool, typer.Option("--forget", help="Drop the old keys: older backups can no longer be read.")
    ] = False,
) -> None:
    """Wrap everything with a new key; stopped half-way, the next call goes on."""
    from milia.records import open_records

    records = open_records()
    typer.echo(f"{records.rotate_key(forget=forget)} data keys are wrapped by the new key.")
    records.close()


@app.command("sweep")
def sweep() -> None:
    """Remove photograph files that no record names."""
    from milia.records import open_records

    records = open_records()
    typer.echo(f"{records.sweep()} files removed.")
    records.close()
