"""`milia assess`: what is this bump?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from milia.base import MiliaError


def command(
    findings: Annotated[Path, typer.Argument(metavar="FINDINGS.yaml", help="What was seen.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what a bump may be, and what to look for next (to come)."""
    del findings, json
    raise MiliaError("assess: the differential diagnosis is still to come")
