"""Writes a report to a file; the file's name says which kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from milia.base import InputError, write_atomically
from milia.language import ENGLISH, Language
from milia.report.html import render_html
from milia.report.pdf import render_pdf

SUFFIXES = (".html", ".pdf")


def write_report(plan: Mapping[str, Any], path: str | Path, language: Language = ENGLISH) -> None:
    """Write the report of a plan; nothing is written unless the whole report could be made.

    Parameters
    ----------
    plan
        The plan as `Plan.to_dict()` or a saved plan file gives it.
    path
        File to write; its suffix, `.html` or `.pdf`, decides the kind.
    language
        Of whoever reads it: English, or a language of the staff's pages.

    Raises
    ------
    InputError
        If the suffix is another one, or the mapping is not a plan.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            "a report cannot be written to this kind of file",
            key="report",
            value=str(path),
            accepted=" or ".join(SUFFIXES),
        )
    draw = render_html if suffix == ".html" else render_pdf
    write_atomically(target, draw(plan, language))
