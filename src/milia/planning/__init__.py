"""From a case to a laser plan: goals, scenarios, the therapeutic window, the choice, what to measure next.

Names are resolved on first use, so that reading a case does not load the compiled engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from milia.planning.case import (
    HABITS,
    HISTORY,
    PREFERABLE,
    SKIN_TYPES,
    TREATMENTS,
    Case,
    Diagnosis,
    Lesion,
    Patient,
    case_from_mapping,
    load_case,
    patient_and_lesion,
)
from milia.planning.types import Candidate, LaserPlan

if TYPE_CHECKING:
    from milia.planning.evaluate import Evaluator
    from milia.planning.goals import Goals, goals_for
    from milia.planning.outcomes import Fire, Outcome, Shot, Stop, decided, fire_at, outcome_of
    from milia.planning.plan import Effort, plan_laser
    from milia.planning.scenarios import Scenario, Scenarios, make_scenarios
    from milia.planning.search import shots_for, spots_for
    from milia.planning.strategy import Look, best_policy, the_look

_WHERE = {
    "goals": ("Goals", "goals_for"),
    "evaluate": ("Evaluator",),
    "outcomes": ("Fire", "Outcome", "Shot", "Stop", "fire_at", "decided", "outcome_of"),
    "plan": ("Effort", "plan_laser"),
    "scenarios": ("Scenario", "Scenarios", "make_scenarios"),
    "search": ("shots_for", "spots_for"),
    "strategy": ("Look", "best_policy", "the_look"),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "HABITS",
    "HISTORY",
    "PREFERABLE",
    "SKIN_TYPES",
    "TREATMENTS",
    "Candidate",
    "Case",
    "Diagnosis",
    "Effort",
    "Evaluator",
    "Fire",
    "Goals",
    "LaserPlan",
    "Lesion",
    "Look",
    "Outcome",
    "Patient",
    "Scenario",
    "Scenarios",
    "Shot",
    "Stop",
    "best_policy",
    "case_from_mapping",
    "decided",
    "fire_at",
    "goals_for",
    "load_case",
    "make_scenarios",
    "outcome_of",
    "patient_and_lesion",
    "plan_laser",
    "shots_for",
    "spots_for",
    "the_look",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
