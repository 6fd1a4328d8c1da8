"""How much lidocaine a patient may have, by weight and age."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.base import InputError
from milia.knowledge import Knowledge, load_knowledge

_FORMS = (
    ("lidocaine without adrenaline", "care.anaesthesia.lidocaine_plain"),
    ("lidocaine with adrenaline", "care.anaesthesia.lidocaine_adrenaline"),
)
_YEAR_days = 365.25


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
    weight_kg: float,
    age_days: float | None = None,
    *,
    knowledge: Knowledge | None = None,
    file: str | None = None,
    limits_mg_kg: Mapping[str, float] | None = None,
) -> tuple[Dose, ...]:
    """Return the maximum of plain lidocaine and of lidocaine with adrenaline for a healthy patient.

    Parameters
    ----------
    weight_kg
        Body weight [kg].
    age_days
        Age [day]; an adult's where it is None.
    knowledge
        Where the limits are; the package's own by default.
    file
        File the weight was written in, for the message.
    limits_mg_kg
        A clinic's own limits by drug [mg/kg]; one above the limit of this age has no effect.

    Returns
    -------
    tuple of Dose
        Rounded down: to whole milligrams, and to tenths of a millilitre of a 1 % solution.

    Raises
    ------
    InputError
        If the weight is not plausible at this age.

    Notes
    -----
    ``maximum = min(limit by weight, clinic's limit) × weight``, at most the limit in all. Adults: the label.
    Under eighteen: a limit of our own, below every figure that could be read.
    """
    known = knowledge or load_knowledge()
    child = age_days is not None and age_days < known.quantity("care.age.adult").value
    low, high = _plausible_kg(age_days if child else None, knowledge=known)
    if not (math.isfinite(weight_kg) and low <= weight_kg <= high):
        whose = f"the weight of a child of {_age(age_days)}" if child and age_days else "an adult's weight"
        raise InputError(
            "no anaesthetic maximum is computed for this weight",
            file=file,
            key="patient.weight",
            value=f"{weight_kg:g} kg",
            accepted=f"{whose} from {low:g} kg to {high:g} kg",
        )
    own = limits_mg_kg or {}
    return tuple(
        _dose(
            drug,
            id,
            f"{id}_child" if child else id,
            weight_kg,
            own.get(id.rsplit(".", 1)[1], math.inf),
            knowledge=known,
        )
        for drug, id in _FORMS
    )


def _plausible_kg(age_days: float | None, *, knowledge: Knowledge) -> tuple[float, float]:
    ends = []
    for end in ("low", "high"):
        if age_days is None:
            ends.append(knowledge.quantity(f"care.anaesthesia.weight_{end}").value)
            continue
        birth = knowledge.quantity(f"care.anaesthesia.child_weight_{end}").value
        yearly = knowledge.quantity(f"care.anaesthesia.child_weight_{end}_year").value
        ends.append(round(birth + yearly * age_days / _YEAR_days, 1))
    return ends[0], ends[1]


def _age(age_days: float) -> str:
    years = age_days / _YEAR_days
    return f"{years:.3g} years" if years >= 1.0 else f"{age_days:.0f} days"


def _dose(
    drug: str, id: str, limit_id: str, weight_kg: float, own_mg_kg: float, *, knowledge: Knowledge
) -> Dose:
    by_weight = min(knowledge.quantity(limit_id).value, own_mg_kg) * weight_kg
    in_all = knowledge.quantity(f"{id}_cap").value
    # 4.5 × 60 must give 270, not the 269.999… that a floor would turn into 269.
    milligrams = math.floor(round(min(by_weight, in_all), 6))
    per_mL = knowledge.quantity("care.anaesthesia.one_percent").value
    return Dose(
        drug=drug,
        maximum_mg=float(milligrams),
        maximum_mL=math.floor(round(10.0 * milligrams / per_mL, 6)) / 10.0,
        capped=by_weight > in_all,
        evidence=(limit_id, f"{id}_cap", "care.anaesthesia.one_percent"),
    )
