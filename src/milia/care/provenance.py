"""What a plan rests on: version, seed, parameter sets, evidence and sources."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from milia.knowledge import Knowledge

SCHEMA_VERSION = "1.2"
"""1.1 adds `case.device_kind`, `alternatives[].option` and `followup[].record`; 1.2 adds `strategies`,
`limits`, `scenarios`, `drift`, `decision`, `explanation`, `devices` and `strategy`."""
DISCLAIMER = "Decision support and research tool, not a cleared medical device; the clinician decides."


def provenance(
    evidence: Iterable[str],
    *,
    seed: int,
    scenarios: int,
    parameter_sets: Iterable[str],
    knowledge: Knowledge,
) -> dict[str, Any]:
    """Return the origin of a plan, ready for JSON.

    Parameters
    ----------
    evidence
        Ids of the quantities and statements used, in order of use.
    seed, scenarios
        How the uncertain inputs were drawn.
    parameter_sets
        Names of the engine's parameter sets.
    knowledge
        Where the sources are.
    """
    # A device of the user's own is its own evidence and has no id here.
    ids = tuple(dict.fromkeys(id for id in evidence if id))
    return {
        "version": importlib.import_module("milia").__version__,
        "schema_version": SCHEMA_VERSION,
        "seed": seed,
        "scenarios": scenarios,
        "parameter_sets": list(parameter_sets),
        "evidence": list(ids),
        "sources": _sources(ids, knowledge=knowledge),
        "disclaimer": DISCLAIMER,
    }


def _sources(ids: tuple[str, ...], *, knowledge: Knowledge) -> list[dict[str, Any]]:
    flags: dict[str, dict[str, None]] = {}
    for id in ids:
        entry = knowledge.entry(id)
        for source in entry.source:
            flags.setdefault(source, {})[entry.flag] = None
    return [
        {
            "id": source.id,
            "citation": source.citation,
            "url": source.url,
            "how_read": source.how_read,
            "flags": list(flags[source.id]),
        }
        for source in knowledge.references(ids)
    ]
