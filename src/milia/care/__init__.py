"""Treatment choice, safety, aftercare and follow-up: the whole plan of one case, and what is handed out."""

from typing import TYPE_CHECKING, Any

from milia.care.aftercare import Aftercare
from milia.care.anaesthesia import Dose, lidocaine_maximum
from milia.care.choice import Choice, Option
from milia.care.clinic import UNNAMED, Anaesthesia, Clinic, Protocol, clinic_from_mapping, load_clinic
from milia.care.followup import Contact
from milia.care.pack import (
    TOPICS,
    URGENCIES,
    CarePack,
    Consent,
    CourseStep,
    Disagreement,
    Item,
    Pathway,
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
from milia.care.saved import plan_hash
from milia.care.session_plan import plan_session
from milia.care.spoken import spoken_plan
from milia.care.treated import treated_lesion

if TYPE_CHECKING:
    from milia.care.outcome import COLUMNS as OUTCOME_COLUMNS
    from milia.care.outcome import OutcomeRecord, outcome_rows, read_outcomes, write_outcomes
    from milia.care.outcome import choices as outcome_choices

# Named here and imported on first use: pydantic costs what planning a case need not pay.
_OUTCOME = {
    "OUTCOME_COLUMNS": "COLUMNS",
    "OutcomeRecord": "OutcomeRecord",
    "outcome_choices": "choices",
    "outcome_rows": "outcome_rows",
    "read_outcomes": "read_outcomes",
    "write_outcomes": "write_outcomes",
}

__all__ = [
    "OUTCOME_COLUMNS",
    "TOPICS",
    "UNNAMED",
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
    "OutcomeRecord",
    "Pathway",
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
    "outcome_choices",
    "outcome_rows",
    "plan_case",
    "plan_hash",
    "plan_session",
    "read_outcomes",
    "spoken_plan",
    "treated_lesion",
    "write_outcomes",
]


def __getattr__(name: str) -> Any:
    if name not in _OUTCOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from milia.care import outcome

    return getattr(outcome, _OUTCOME[name])
