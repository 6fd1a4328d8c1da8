"""Whether a confirmed diagnosis may go into a plan, or needs a written reason first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from milia.diagnosis.assessment import Assessment, percent
from milia.diagnosis.data import load_field
from milia.language import Name, told

SHORTEST_REASON = 10
"""Characters; less is no reason that a colleague could follow."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """The gate's answer, kept with the plan."""

    accepted: bool
    condition: str
    needs_reason: bool
    doubts: tuple[str, ...]
    reason: str | None
    probability: float | None
    open_flags: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "accepted": self.accepted,
            "condition": self.condition,
            "needs_reason": self.needs_reason,
            "doubts": list(self.doubts),
            "reason": self.reason,
            "probability": None if self.probability is None else round(self.probability, 4),
            "open_flags": list(self.open_flags),
        }


def gate(
    assessment: Assessment | None, condition: str, *, confirmed: bool, reason: str | None = None
) -> GateResult:
    """Let a diagnosis through, or say what stands in its way.

    Parameters
    ----------
    assessment
        Assessment that stood behind the diagnosis, ``None`` when there was none.
    condition
        Diagnosis as the clinician wrote it.
    confirmed
        Whether a clinician confirmed it.
    reason
        Written reason why an unlikely diagnosis, or one with an open red flag, is right.

    Returns
    -------
    GateResult
        Accepted when confirmed and either undoubted or with a written reason of ten characters or more.
    """
    doubts: list[str] = []
    found = None
    if assessment is not None:
        found = assessment.find(condition)
        doubts += [
            told("open red flag: {flag}.", flag=Name(flag.text.removesuffix(".")))
            for flag in assessment.refer.flags
        ]
        if assessment.refer.needed and not assessment.refer.flags:
            doubts += assessment.refer.reasons
        limit = load_field().numbers["gate.unlikely"]
        if found is None:
            doubts.append(told("'{condition}' is no condition of the assessment", condition=condition))
        elif found.probability < limit:
            doubts.append(
                told(
                    "the assessment gives {group} {share}, the limit is {limit}; it puts {condition} first",
                    group=Name(found.group),
                    share=percent(found.probability),
                    limit=percent(limit),
                    condition=Name(assessment.top.condition),
                )
            )
    written = reason.strip() if reason else ""
    explained = len(written) >= SHORTEST_REASON
    return GateResult(
        accepted=confirmed and (not doubts or explained),
        condition=condition,
        needs_reason=bool(doubts),
        doubts=tuple(doubts) if confirmed else (told("no clinician has confirmed the diagnosis"), *doubts),
        reason=written or None,
        probability=None if found is None else found.probability,
        open_flags=tuple(flag.id for flag in assessment.refer.flags) if assessment else (),
    )
