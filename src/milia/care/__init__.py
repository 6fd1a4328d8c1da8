"""Treatment choice, safety, aftercare and follow-up: the whole plan of one case."""

from milia.care.aftercare import Aftercare
from milia.care.anaesthesia import Dose, lidocaine_maximum
from milia.care.choice import Choice, Option
from milia.care.followup import Visit
from milia.care.plan import Plan, compose_plan, plan_case
from milia.care.safety import SafetyItem

__all__ = [
    "Aftercare",
    "Choice",
    "Dose",
    "Option",
    "Plan",
    "SafetyItem",
    "Visit",
    "compose_plan",
    "lidocaine_maximum",
    "plan_case",
]
