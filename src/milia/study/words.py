"""A study's findings as plain text: one table, the paired differences, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from milia.study.compare import verdict

HEAD = (
    "policy",
    "opened",
    "in 1 session",
    "harmed",
    "severe",
    "opened, unharmed",
    "pulses",
    "sessions",
    "wound [µm]",
    "in window",
    "no laser",
)


def table_rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the cells of the main table, one row for each policy, the head left out."""
    return [_cells(policy) for policy in found["policies"]]


def _cells(policy: Mapping[str, Any]) -> tuple[str, ...]:
    if policy["kind"] == "reference":
        return (policy["name"], *["–"] * (len(HEAD) - 1))
    untreated = 1.0 - policy["treated"]["share"]
    return (
        policy["name"],
        *(
            _percent(policy[name])
            for name in ("opened", "opened_first", "harmed", "severe", "opened_unharmed")
        ),
        _number(policy["pulses"], 2),
        _number(policy["sessions"], 2),
        _number(policy["wound_width"], 0),
        "–" if policy["kind"] in ("fixed", "nominal") else f"{100 * policy['inside']['share']:.0f} %",
        f"{100 * untreated:.0f} %",
    )


def _percent(row: Mapping[str, float]) -> str:
    return f"{100 * row['share']:.1f} % ({100 * row['low']:.1f}–{100 * row['high']:.1f})"


def _number(row: Mapping[str, float] | None, digits: int) -> str:
    if row is None:
        return "–"
    return f"{row['mean']:.{digits}f} ({row['low']:.{digits}f}–{row['high']:.{digits}f})"


def notes(found: Mapping[str, Any]) -> list[str]:
    """Return what has to be said beside the table."""
    study, told = found["study"], found["provenance"]
    window = (
        "Where the planner found no window its closest setting was fired all the same."
        if study["without_window"] == "best_try"
        else "Where the planner found no window the laser was not used; these patients count as not opened."
    )
    said = [
        f"{study['patients']} virtual patients, seed {study['seed']}, parameter sets "
        f"{', '.join(told['parameter_sets'])}; brackets are 95 % intervals by the number of patients.",
        f"Every policy met the same patients, hands and looks. Up to {study['sessions']} sessions while "
        "the roof stays closed; between them the skin is taken to heal as it was.",
        f"Plans are made for {found['groups']} groups by site, laser and readings of roof and cyst (steps of "
        f"{study['groups']['roof_step']} and {study['groups']['diameter_step']}), each counted in "
        f"{study['effort']['final']} simulated skins, and kept; patients are fired at with the full engine.",
        window,
        "The patients are drawn from what the planner believes: a study tells how policies compare if that "
        "is right, not whether it is.",
    ]
    said += [
        f"{policy['name']} ({policy['treatment']}): {policy['words']}"
        for policy in found["policies"]
        if policy["kind"] == "reference"
    ]
    claims = [
        f"{policy['name']} {_claim(policy)}"
        for policy in found["policies"]
        if policy["kind"] != "reference" and policy["claimed"]["p_open"]
    ]
    if claims:
        said.append(f"What the planner expected of one session, beside what happened: {'; '.join(claims)}.")
    return said


def _claim(policy: Mapping[str, Any]) -> str:
    claimed = policy["claimed"]
    return (
        f"opens {100 * claimed['p_open']['mean']:.0f} % ({100 * policy['opened_first']['share']:.0f} % did), "
        f"harms {100 * claimed['p_harm']['mean']:.0f} %"
    )


def differences(found: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each policy against the baseline."""
    return [verdict(found, name) for name in found["against_baseline"]]


def as_text(found: Mapping[str, Any]) -> str:
    """Return the whole summary as text for a terminal or a log."""
    rows = [HEAD, *table_rows(found)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ["  ".join(_padded(row, widths)).rstrip() for row in rows]
    parts = [found["study"]["name"], "", *lines, ""]
    if found["against_baseline"]:
        parts += [*(f"- {line}" for line in differences(found)), ""]
    parts += [f"- {line}" for line in notes(found)]
    return "\n".join(parts) + "\n"


def as_markdown(found: Mapping[str, Any]) -> str:
    """Return the main table as Markdown."""
    rows = [HEAD, ("---",) * len(HEAD), *table_rows(found)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
