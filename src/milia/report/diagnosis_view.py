"""What stood behind the diagnosis: the look-alikes, the open red flags, and why it was kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.report.numbers import hundred_span, of_hundred
from milia.report.reading import entries, probability, section, text, texts

SHOWN = 4


@dataclass(frozen=True, slots=True)
class LookAlike:
    """One condition of the differential as a natural frequency."""

    condition: str
    chance: str
    interval: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One open red flag: how soon, what to tell the patient, what would clear it."""

    text: str
    urgency: str
    patient: str
    clears: str


@dataclass(frozen=True, slots=True)
class DiagnosisView:
    """The assessment that travels with the plan."""

    look_alikes: tuple[LookAlike, ...]
    flags: tuple[Flag, ...]
    doubts: tuple[str, ...]
    reason: str
    questions: tuple[str, ...]


def diagnosis_view(plan: Mapping[str, Any]) -> DiagnosisView | None:
    """Return what the findings said, or None where the plan rests on no findings."""
    found = section(plan, "diagnosis")
    assessment, gate = section(found, "assessment"), section(found, "gate")
    if not assessment:
        return None
    flags = entries(section(assessment, "refer"), "flags")
    # a flag that is shown with its clearance is not said again as a doubt
    shown = tuple(text(entry, "text") for entry in flags)
    return DiagnosisView(
        look_alikes=tuple(_look_alike(entry) for entry in entries(assessment, "differential")[:SHOWN]),
        flags=tuple(
            Flag(text(entry, "text"), text(entry, "urgency"), text(entry, "patient"), text(entry, "clears"))
            for entry in flags
        ),
        doubts=tuple(doubt for doubt in texts(gate, "doubts") if not any(flag in doubt for flag in shown)),
        reason=text(gate, "reason"),
        questions=tuple(text(entry, "question") for entry in entries(assessment, "ask_next"))[:SHOWN],
    )


def _look_alike(entry: Mapping[str, Any]) -> LookAlike:
    ends = section(entry, "interval")
    low, high = probability(ends, "p05"), probability(ends, "p95")
    return LookAlike(
        text(entry, "condition"),
        of_hundred(probability(entry, "probability")),
        "" if low is None or high is None else f"{hundred_span(low, high)} of 100",
    )
