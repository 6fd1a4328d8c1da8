"""The clinic's usual dose against this patient's limit: one beyond it is refused, not rounded."""

from __future__ import annotations

from milia.base import InputError
from milia.care.anaesthesia import Dose, lidocaine_maximum
from milia.care.clinic import Clinic
from milia.care.facts import Facts
from milia.care.rules import PROCEDURES
from milia.care.safety import MAXIMA, SafetyItem, maximum_applies
from milia.care.wording import short
from milia.knowledge import Knowledge

KEY = "protocol.anaesthesia.dose"
DRUG_NAMES = {
    "lidocaine_plain": "lidocaine without adrenaline",
    "lidocaine_adrenaline": "lidocaine with adrenaline",
}


def usual_dose(facts: Facts, clinic: Clinic, *, knowledge: Knowledge) -> SafetyItem | None:
    """Return the line of the sheet with the clinic's usual dose; nothing where it has none or none is used.

    Raises
    ------
    InputError
        If the dose is beyond this patient's limit, or no limit can be computed for this patient.
    """
    asked = clinic.protocol.anaesthesia
    if asked is None or asked.dose_mg is None or asked.drug is None or facts.action not in PROCEDURES:
        return None
    shown = f"{short(asked.dose_mg)} mg"
    if not maximum_applies(facts, knowledge=knowledge):
        raise InputError(
            "no limit can be computed for this patient's history, so that no dose can be printed",
            file=clinic.file,
            key=KEY,
            value=shown,
            accepted="a clinic file without a usual dose",
        )
    if facts.weight_kg is None:
        return _line(
            "The clinic's usual dose is not printed: without a weight its limit cannot be computed.", "warn"
        )
    limit = _limit(asked.drug, facts, facts.weight_kg, knowledge=knowledge)
    if asked.dose_mg > limit.maximum_mg:
        raise InputError(
            f"the clinic's usual dose is beyond the limit of a patient of {short(facts.weight_kg)} kg",
            file=clinic.file,
            key=KEY,
            value=shown,
            accepted=f"at most {short(limit.maximum_mg)} mg of {limit.drug}",
        )
    per_mL = knowledge.quantity("care.anaesthesia.one_percent").value
    return _line(
        f"The clinic's usual dose: {shown} of {limit.drug}, {short(asked.dose_mg / per_mL)} mL of 1 %. "
        f"The limit at {short(facts.weight_kg)} kg is {short(limit.maximum_mg)} mg.",
        "do",
        limit,
    )


def _limit(drug: str, facts: Facts, weight_kg: float, *, knowledge: Knowledge) -> Dose:
    doses = lidocaine_maximum(
        weight_kg, facts.age_days, knowledge=knowledge, limits_mg_kg=dict(facts.dose_limits)
    )
    return next(dose for dose in doses if dose.drug == DRUG_NAMES[drug])


def _line(text: str, level: str, limit: Dose | None = None) -> SafetyItem:
    evidence = (MAXIMA[0], *(limit.evidence if limit else ()))
    return SafetyItem(MAXIMA[0], level, "Usual dose", text, evidence, "anaesthesia")
