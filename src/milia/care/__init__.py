"""Treatment choice, safety, aftercare and follow-up: the whole plan of one case, and what is handed out."""

from milia.care.aftercare import Aftercare
from milia.care.anaesthesia import Dose, lidocaine_maximum
from milia.care.choice import Choice, Option
from milia.care.clinic import Anaesthesia, Clinic, Protocol, clinic_from_mapping, load_clinic
from milia.care.followup import Contact
from milia.care.pack import (
    TOPICS,
    URGENCIES,
    CarePack,
    Consent,
    CourseStep,
    Disagreement,
    Item,
    Phase,
    Prevention,
    Routine,
    Section,
    Sessions,
    SheetItem,
    SheetSection,
    Sign,
    Visit,
)
from milia.care.packing import care_pack
from milia.care.plan import Plan, compose_plan, plan_case
from milia.care.safety import SafetyItem

__all__ = [
    "TOPICS",
    "URGENCIES",
    "Aftercare",
    "Anaesthesia",
    "CarePack",
    "Choice",
    "Clinic",
    "Consent",
    "Contact",
    "CourseStep",
    "Disagreement",
    "Dose",
    "Item",
    "Option",
    "Phase",
    "Plan",
    "Prevention",
    "Protocol",
    "Routine",
    "SafetyItem",
    "Section",
    "Sessions",
    "SheetItem",
    "SheetSection",
    "Sign",
    "Visit",
    "care_pack",
    "clinic_from_mapping",
    "compose_plan",
    "lidocaine_maximum",
    "load_clinic",
    "plan_case",
]
