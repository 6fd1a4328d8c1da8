"""`milia care`: everything that is handed out with one treatment, into one folder."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milia.base import InputError

if TYPE_CHECKING:
    from milia.care import OutcomeRecord

ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def command(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan saved with `milia plan --json`.")],
    start: Annotated[str, typer.Option("--start", metavar="YYYY-MM-DD", help="Day of treatment.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the documents.")],
    lang: Annotated[
        str, typer.Option("--lang", metavar="TAG", help="The patient's language: en, ko, ja or zh-Hans.")
    ] = "en",
    clinic: Annotated[
        Path | None,
        typer.Option(
            "--clinic",
            metavar="CLINIC.yaml",
            help="Name, telephone, time zone and own protocol; without it, lines to fill in by hand.",
            show_default=False,
        ),
    ] = None,
    done: Annotated[
        Path | None,
        typer.Option(
            "--done",
            metavar="OUTCOMES.csv",
            help="What was really done: the timetable follows that wound.",
            show_default=False,
        ),
    ] = None,
    allow_past: Annotated[
        bool, typer.Option("--allow-past", help="Accept a day in the past, to record a treatment.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files of the same names.")] = False,
) -> None:
    """Write safety sheet, consent, leaflet, calendar and follow-up list of a saved plan in one go."""
    from milia.language import language

    spoken = language(lang)
    first = _day(start)

    from milia.care import UNNAMED, care_pack, load_clinic, plan_hash
    from milia.cli.plan_file import read_plan

    who = load_clinic(clinic) if clinic is not None else UNNAMED
    content = read_plan(plan)
    record = None if done is None else _record(done, plan_hash(content, file=str(plan))[:12])
    pack = care_pack(
        content,
        start=first,
        clinic=who,
        today=date.today(),
        allow_past=allow_past or record is not None,
        done=record,
        file=str(plan),
    )

    from milia.report import care_documents, check_folder, write_folder

    check_folder(out)
    written = write_folder(care_documents(pack, spoken), out, force=force)
    typer.echo(f"{pack.headline.text()} Plan {pack.plan_id}, {pack.start.isoformat()}, {spoken.name}.")
    if pack.consent is None:
        typer.echo("No consent sheet: nothing is done to the skin.")
    if clinic is None:
        typer.echo("No --clinic: name and telephone are lines to fill in, visits have no hour.")
    for path in written:
        typer.echo(f"  {path}")


def _day(text: str) -> date:
    try:
        if ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InputError("this is not a day", key="--start", value=text, accepted="a date such as 2026-12-01")


def _record(path: Path, plan_id: str) -> OutcomeRecord:
    from milia.care import read_outcomes

    found = [entry for entry in read_outcomes(path) if entry.plan_id == plan_id]
    if not found:
        raise InputError(
            "no record here belongs to this plan", file=str(path), key="plan_id", accepted=plan_id
        )
    # Several lesions of one session heal side by side: the slowest sets the timetable.
    return max(found, key=lambda entry: (entry.healed_day is None, entry.healed_day or 0))
