"""What to keep in mind about a plan: the laser plan's warnings, and what the case leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from milia.care.choice import Choice
from milia.care.diagnosed import Diagnosed
from milia.care.facts import Facts
from milia.language import Name, Sentence, Told, joined, told

if TYPE_CHECKING:
    from milia.planning import LaserPlan


def cautions(
    facts: Facts, choice: Choice, laser: LaserPlan | None, behind: Diagnosed | None
) -> tuple[str, ...]:
    """Return the laser plan's warnings, and what the case left out or somebody overruled."""
    found = list(laser.warnings) if laser is not None else []
    if behind is None:
        found.append(
            told(
                "No findings stand behind the diagnosis in this case; "
                "with them, red flags and look-alikes are checked."
            )
        )
    elif behind.gate.needs_reason:
        found.append(_doubted(behind))
    if laser is None and choice.gate is None:
        found.append(
            told("No laser setting was computed, because the laser is not to be considered in this case.")
        )
    if not facts.history_stated:
        found.append(
            told("The case says nothing on the patient's history; no rule that depends on it could fire.")
        )
    return tuple(dict.fromkeys(found))


def _doubted(behind: Diagnosed) -> Told:
    """Say what speaks against the diagnosis, and why it was kept where somebody said so."""
    doubts = [_half(doubt) for doubt in behind.gate.doubts]
    said = joined("{one}; {other}", doubts) if doubts else told("{doubt}", doubt="")
    if behind.gate.accepted:
        return told(
            "Doubts about the diagnosis: {doubts}; kept because: {reason}.",
            doubts=said,
            reason=behind.gate.reason or "",
        )
    return told("Doubts about the diagnosis: {doubts}.", doubts=said)


def _half(doubt: str) -> Told:
    """Return a doubt without its full stop."""
    if isinstance(doubt, Told):
        return Told(Sentence(doubt.sentence.template.rstrip("."), doubt.sentence.values))
    return told("{doubt}", doubt=Name(doubt.rstrip(".")))
