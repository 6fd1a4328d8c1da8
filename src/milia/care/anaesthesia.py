"""How much local anaesthetic an adult may have, by weight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from milia.base import InputError
from milia.knowledge import Knowledge, load_knowledge

_FORMS = (
    ("lidocaine without adrenaline", "care.anaesthesia.lidocaine_plain"),
    ("lidocaine with adrenaline", "care.anaesthesia.lidocaine_adrenaline"),
)


@dataclass(frozen=True, slots=True)
class Dose:
    """The most of one anaesthetic in one session, as mass and as volume of a 1 % solution."""

    drug: str
    maximum_mg: float
    maximum_mL: float
    capped: bool
    evidence: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "drug": self.drug,
            "maximum_mg": self.maximum_mg,
            "maximum_mL": self.maximum_mL,
            "concentration": "1 %",
            "capped": self.capped,
            "evidence": list(self.evidence),
        }


def lidocaine_maximum(
    weight_kg: float, *, knowledge: Knowledge | None = None, file: str | None = None
) -> tuple[Dose, ...]:
    """Return the label's maximum of plain lidocaine and of lidocaine with adrenaline for a healthy adult.

    Parameters
    ----------
    weight_kg
        Body weight [kg].
    knowledge
        Where the limits are; the package's own by default.
    file
        File the weight was written in, for the message.

    Returns
    -------
    tuple of Dose
        Rounded down: to whole milligrams, and to tenths of a millilitre of a 1 % solution.

    Raises
    ------
    InputError
        If the weight is not a plausible adult's.

    Notes
    -----
    ``maximum = min(limit by weight × weight, limit in all)``.
    """
    known = knowledge or load_knowledge()
    low, high = (known.quantity(f"care.anaesthesia.weight_{end}").value for end in ("low", "high"))
    if not (math.isfinite(weight_kg) and low <= weight_kg <= high):
        raise InputError(
            "no anaesthetic maximum is computed for this weight",
            file=file,
            key="patient.weight",
            value=f"{weight_kg:g} kg",
            accepted=f"an adult's weight from {low:g} kg to {high:g} kg",
        )
    return tuple(_dose(drug, id, weight_kg, knowledge=known) for drug, id in _FORMS)


def _dose(drug: str, id: str, weight_kg: float, *, knowledge: Knowledge) -> Dose:
    by_weight = knowledge.quantity(id).value * weight_kg
    in_all = knowledge.quantity(f"{id}_cap").value
    # 4.5 × 60 must give 270, not the 269.999… that a floor would turn into 269.
    milligrams = math.floor(round(min(by_weight, in_all), 6))
    per_mL = knowledge.quantity("care.anaesthesia.one_percent").value
    return Dose(
        drug=drug,
        maximum_mg=float(milligrams),
        maximum_mL=math.floor(round(10.0 * milligrams / per_mL, 6)) / 10.0,
        capped=by_weight > in_all,
        evidence=(id, f"{id}_cap", "care.anaesthesia.one_percent"),
    )
