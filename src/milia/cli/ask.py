"""`milia ask`: a patient's question, answered from library and plan, or handed to the clinic."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from milia.base import InputError
from milia.cli.output import console, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from milia.learn import Answer


def command(
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="In English, Korean, Japanese or Chinese.")
    ],
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN.json", help="The patient's saved plan.", show_default=False),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang", metavar="TAG", help="Language of the answer: en, ko, ja, zh-Hans.", show_default=False
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--start",
            metavar="YYYY-MM-DD",
            help="Day of treatment, if the plan has none.",
            show_default=False,
        ),
    ] = None,
    content: Annotated[
        Path | None,
        typer.Option("--content", metavar="FOLDER", help="The clinic's own columns.", show_default=False),
    ] = None,
    clinic: Annotated[
        Path | None,
        typer.Option(
            "--clinic", metavar="CLINIC.yaml", help="Who is called, and its protocol.", show_default=False
        ),
    ] = None,
    reviewed_only: Annotated[
        bool, typer.Option("--reviewed-only", help="Answer only from texts with a named reviewer.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Answer a patient's question from the library and the patient's plan, and from nothing else."""
    from milia.language import language
    from milia.learn import ask, load_library

    answer = ask(
        question,
        library=load_library(content),
        plan=_plan(plan),
        start=_day(start),
        clinic=_clinic(clinic),
        language=None if lang is None else language(lang),
        reviewed_only=reviewed_only,
        plan_file=str(plan),
    )
    if json:
        print_json(answer.to_dict())
    else:
        _print(answer, console())


def _plan(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    from milia.cli.plan_file import read_plan

    return read_plan(path)


def _clinic(path: Path | None) -> Any:
    if path is None:
        return None
    from milia.care import load_clinic

    return load_clinic(path)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise InputError(
            "this is not a day", key="--start", value=text, accepted="a date such as 2026-12-01"
        ) from None


def _print(answer: Answer, out: Console) -> None:
    from rich.padding import Padding

    from milia.learn import CLINICS_OWN, FROM_LIBRARY, FROM_PLAN, REASONS, SAFETY_NET, standing

    tongue = answer.language
    for warning in answer.warnings:
        out.print(warning, style="bold red")
    if answer.lines:
        out.print(FROM_PLAN.text(tongue), style="bold")
        for line in answer.lines:
            mark = {True: "✓", False: "✕", None: "·"}[line.do]
            own = f" ({CLINICS_OWN.text(tongue)})" if line.clinics_own else ""
            out.print(
                Padding(f"{mark} {line.when.text(tongue)}: {line.what.text(tongue)}{own}", (0, 0, 0, 2))
            )
        out.print()
    if answer.passage is not None:
        passage = answer.passage
        out.print(FROM_LIBRARY.text(tongue), style="bold")
        out.print(Padding(passage.text, (0, 0, 0, 2)))
        out.print(
            Padding(
                f"{passage.article.title}: {passage.title} ({passage.article.slug}#{passage.anchor})",
                (0, 0, 0, 2),
            ),
            style="dim",
        )
        out.print(Padding(standing(passage.article).text(tongue), (0, 0, 0, 2)), style="dim")
        for source in passage.references:
            out.print(Padding(f"– {source.citation}", (0, 0, 0, 2)), style="dim")
        out.print()
    if answer.reason is not None:
        out.print(REASONS[answer.reason].text(tongue), style="bold")
    if answer.kind != "warning":
        out.print(SAFETY_NET.text(tongue))
    if answer.call is not None:
        out.print(answer.call)
