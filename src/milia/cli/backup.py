"""`milia backup` and `milia restore`: the whole clinic in one encrypted file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def backup_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write the backup.", show_default=False)
    ],
) -> None:
    """Write an encrypted backup of all records; the clinic may go on working."""
    from milia.records import back_up, key_path, open_records

    records = open_records()
    done = back_up(records, file)
    records.close()
    typer.echo(f"{file}: {done.rows} rows, {done.photographs} photographs.")
    typer.echo(f"It can be read only with the key file ({key_path()}): keep a copy of that elsewhere.")


def restore_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.", show_default=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Lose what the database holds now.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only read the backup from end to end.")] = False,
) -> None:
    """Put a backup in place of the records, all of it or nothing."""
    from milia.records import check_backup, load_keyring, open_records, restore

    # Before a database is made for it: a file that is no backup changes nothing.
    done = check_backup(file, load_keyring())
    if not check:
        records = open_records(None, load_keyring())
        done = restore(records, file, replace=replace)
        records.close()
    said = "is whole" if check else "restored"
    typer.echo(f"{file}: {said}, {done.rows} rows, {done.photographs} photographs.")
