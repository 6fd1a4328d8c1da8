"""What stood behind the diagnosis: the assessment of its findings, and whether it lets the plan go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from milia.diagnosis import Assessment, GateResult, assess, gate

if TYPE_CHECKING:
    from milia.planning import Diagnosis


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """The assessment that travels with the plan, and the gate's answer to the confirmed diagnosis."""

    assessment: Assessment
    gate: GateResult

    @property
    def red_flag_open(self) -> bool:
        """A red flag that no written reason answers; it beats whatever was confirmed."""
        return bool(self.gate.open_flags) and not self.gate.accepted

    def to_dict(self) -> dict[str, Any]:
        return {"assessment": self.assessment.to_dict(), "gate": self.gate.to_dict()}


def looked_back(diagnosis: Diagnosis, *, file: str) -> Diagnosed | None:
    """Assess the findings behind a diagnosis; nothing where there are none.

    Raises
    ------
    InputError
        If a finding is not understood, naming the file and the finding's key.
    """
    if diagnosis.findings is None:
        return None
    found = assess(diagnosis.findings, file=diagnosis.findings_file or f"{file}: lesion.diagnosis.findings")
    return Diagnosed(
        found, gate(found, diagnosis.condition, confirmed=diagnosis.confirmed, reason=diagnosis.reason)
    )
