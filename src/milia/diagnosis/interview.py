"""Asks for the findings one by one, best question first; can stop at any time."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from milia.base import InputError
from milia.diagnosis.assess import assess
from milia.diagnosis.assessment import Assessment, NextFinding, percent
from milia.diagnosis.data import load_field
from milia.diagnosis.findings import read_findings
from milia.diagnosis.priors import Priors

Ask = Callable[[str], str | None]
"""Puts a question and gives the answer; ``None`` means stop, empty means unknown."""
Tell = Callable[[str], None]

_LISTS = ("sites", "colour", "surface", "consistency", "shape", "symptoms")
_YES = ("y", "yes", "예", "네", "true")
_NO = ("n", "no", "아니오", "아니요", "false")


def interview(
    ask: Ask,
    tell: Tell,
    *,
    start: Mapping[str, Any] | None = None,
    priors: Priors | None = None,
    longest: int = 40,
) -> tuple[Assessment, dict[str, Any]]:
    """Ask until nothing is worth asking, or until the person stops.

    Parameters
    ----------
    ask, tell
        How to put a question and how to say something.
    start
        Sheet to begin from.
    priors
        How often conditions are seen here.
    longest
        Most questions put.

    Returns
    -------
    tuple
        The last assessment and the sheet that was filled.
    """
    sheet: dict[str, Any] = copy.deepcopy(dict(start or {}))
    skipped: set[str] = set()
    current = assess(sheet, priors=priors)
    for _ in range(longest):
        question = next((q for q in current.ask_next if q.finding not in skipped), None)
        if question is None:
            break
        answer = ask(_worded(question))
        if answer is None:
            break
        answer = answer.strip()
        if not answer:
            skipped.add(question.finding)
            continue
        tried = copy.deepcopy(sheet)
        try:
            _put(tried, question, answer)
            current = assess(tried, priors=priors)
        except InputError as error:
            tell(str(error))
            continue
        sheet = tried
        tell(_standing(current))
    return current, sheet


def _worded(question: NextFinding) -> str:
    if question.key == "age_years":
        return f"{question.question} (years, or '8 days')"
    return f"{question.question} ({', '.join(question.accepted)})"


def _put(sheet: dict[str, Any], question: NextFinding, answer: str) -> None:
    """Write an answer into the sheet where a file would hold it."""
    key = question.key
    if question.term is not None:
        _put_term(sheet, question, answer)
    elif key == "sites":
        _put_sites(sheet, answer)
    elif key in _LISTS:
        sheet[key] = [part.strip() for part in answer.split(",") if part.strip()]
    elif key.startswith("course."):
        sheet.setdefault("course", {})[key.removeprefix("course.")] = answer
    else:
        sheet[key] = answer


def _put_sites(sheet: dict[str, Any], answer: str) -> None:
    """Keep sites outside the closed list, such as the scalp, as words."""
    for part in (p.strip() for p in answer.split(",") if p.strip()):
        try:
            read_findings({"sites": [part]})
        except InputError:
            if not read_findings({"sites_other": [part]}).warnings:
                sheet.setdefault("sites_other", []).append(part)
                continue
            raise
        sheet.setdefault("sites", []).append(part)


def _put_term(sheet: dict[str, Any], question: NextFinding, answer: str) -> None:
    word = answer.casefold()
    if word not in _YES + _NO:
        raise InputError("this is neither yes nor no", key=question.finding, value=answer, accepted="yes, no")
    assert question.term is not None
    term = load_field().terms[question.term]
    phrase = term.words[0].partition(": ")[2] or term.words[0]
    phrase = phrase if word in _YES else f"no {phrase}"
    place = sheet.setdefault("course", {}) if question.key.startswith("course.") else sheet
    name = question.key.removeprefix("course.")
    held = place.get(name)
    place[name] = [*([held] if isinstance(held, str) else held or []), phrase]


def _standing(assessment: Assessment) -> str:
    leading = ", ".join(f"{c.condition} {percent(c.probability)}" for c in assessment.differential[:3])
    refer = f" Refer ({assessment.refer.urgency})." if assessment.refer.needed else ""
    return f"{leading}.{refer}"
