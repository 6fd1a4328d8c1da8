"""`milia sources`: the references behind Milia's numbers, or behind one plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from milia.base import InputError
from milia.cli.output import as_plain, console, listing, print_json


def command(
    plan: Annotated[
        Path | None,
        typer.Argument(metavar="[PLAN.json]", help="Only those that this plan used.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the references behind the numbers, or behind one saved plan."""
    sources = _of_plan(plan) if plan is not None else _all()
    if json:
        print_json(listing(sources=sources))
    else:
        _print(sources)


def _all() -> list[dict[str, Any]]:
    from milia.knowledge import load_knowledge

    return [as_plain(source) for source in load_knowledge().sources]


def _of_plan(path: Path) -> list[dict[str, Any]]:
    from milia.cli.plan_file import ACCEPTED, read_plan

    sources = read_plan(path)["provenance"].get("sources")
    if not isinstance(sources, list) or not all(isinstance(s, dict) and "citation" in s for s in sources):
        raise InputError(
            "the plan lists no sources", file=str(path), key="provenance.sources", accepted=ACCEPTED
        )
    return sources


def _print(sources: Iterable[Mapping[str, Any]]) -> None:
    from rich.text import Text

    out = console()
    for source in sources:
        known = source.get("flags") or [source.get("how_read", "")]
        line = Text.assemble((str(source["id"]), "bold"), "  ", (", ".join(map(str, known)), "dim"))
        out.print(line)
        out.print(f"  {source['citation']}")
        if source.get("url"):
            out.print(f"  {source['url']}", soft_wrap=True)
