"""`milia assess`: what is this bump?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milia.base import InputError
from milia.cli.output import console, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from milia.diagnosis import Assessment, Candidate

SHOWN = 5
SMALLEST = 0.005


def command(
    findings: Annotated[
        Path | None,
        typer.Argument(metavar="[FINDINGS.yaml]", help="What was seen.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    interview: Annotated[
        bool, typer.Option("--interview", help="Ask here, best question first; an empty line skips, q stops.")
    ] = False,
    priors: Annotated[
        Path | None,
        typer.Option(
            "--priors", metavar="PRIORS.yaml", help="The clinic's own frequencies.", show_default=False
        ),
    ] = None,
) -> None:
    """Say what a bump may be, whether to refer, and what to look for next."""
    if findings is None and not interview:
        raise InputError("there is nothing to assess", accepted="a findings file, or --interview")
    from milia.diagnosis import assess, load_findings, load_priors
    from milia.diagnosis import interview as ask_all

    used = load_priors(priors) if priors is not None else None
    sheet = load_findings(findings) if findings is not None else {}
    if interview:
        assessment, _ = ask_all(_ask, lambda text: typer.echo(text, err=json), start=sheet, priors=used)
    else:
        assessment = assess(sheet, priors=used, file=str(findings))
    if json:
        print_json(assessment.to_dict())
    else:
        _print(assessment)


def _ask(question: str) -> str | None:
    typer.echo(f"{question} ", nl=False, err=True)
    try:
        answer = input()
    except EOFError:
        return None
    return None if answer.strip().casefold() in ("q", "quit", "stop", "그만") else answer


def _print(assessment: Assessment) -> None:
    out = console()
    _print_referral(out, assessment)
    for candidate in [
        c for c in assessment.differential[:SHOWN] if c.probability >= SMALLEST or c is assessment.top
    ]:
        _print_candidate(out, candidate)
    if assessment.ask_next:
        out.print("Check next", style="bold")
        for question in assessment.ask_next[:3]:
            out.print(f"  {question.question}  ({question.gain:.2f} bit)")
    for warning in assessment.warnings:
        out.print(f"Mind: {warning}", style="yellow")
    out.print(str(assessment.provenance["disclaimer"]), style="dim")


def _print_referral(out: Console, assessment: Assessment) -> None:
    refer = assessment.refer
    if not refer.needed:
        out.print("No red flag in what is recorded.", style="bold")
    else:
        out.print(f"Refer before any treatment: {refer.urgency}.", style="bold red")
        for reason in refer.reasons:
            out.print(f"  {reason}")
        for flag in refer.flags:
            out.print(f"  Cleared by: {flag.clears}", style="dim")
        for sentence in refer.tell_patient:
            out.print(f"  Tell the patient: {sentence}")
    for note in refer.advice:
        out.print(f"  Note: {note}")
    out.print()


def _print_candidate(out: Console, candidate: Candidate) -> None:
    from milia.diagnosis import percent

    interval = candidate.interval
    name = (
        candidate.condition
        if candidate.condition == candidate.group
        else f"{candidate.condition} ({candidate.group})"
    )
    code = f", ICD-10-CM {candidate.icd10cm}" if candidate.icd10cm else ""
    spread = f"{percent(interval.p05)} to {percent(interval.p95)}"
    out.print(f"{percent(candidate.probability)}  {name}{code}   (90 %: {spread})", style="bold")
    for word, reasons in (("for", candidate.reasons_for), ("against", candidate.reasons_against)):
        for reason in reasons[:4]:
            out.print(f"        {word}: {reason.finding}, {reason.words}  [{reason.source}, {reason.flag}]")
    out.print()
