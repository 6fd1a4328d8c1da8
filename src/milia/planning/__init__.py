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
from milia.planning.case_devices import devices_from
from milia.planning.limits import Own, read_limits, read_shares
from milia.planning.types import Candidate, LaserPlan
from milia.planning.wishes import MODES, NamedScenario

if TYPE_CHECKING:
    from milia.planning.approval import (
        Approval,
        approvals_path,
        approve,
        count_setting,
        overridden,
        read_approvals,
        read_overrides,
    )
    from milia.planning.evaluate import Evaluator
    from milia.planning.find import Effort
    from milia.planning.goals import Goals, goals_for
    from milia.planning.live import Live, OutsideRangeError, Prepared, answer, prepare
    from milia.planning.look import Look, the_look
    from milia.planning.outcomes import (
        Fire,
        Outcome,
        Shot,
        Stop,
        decided,
        enough_seen,
        fire_at,
        outcome_of,
    )
    from milia.planning.plan import plan_laser
    from milia.planning.scenarios import Scenario, Scenarios, make_scenarios
    from milia.planning.search import order_of, shots_for, slacks_of, spots_for, spread_over
    from milia.planning.session import (
        Group,
        Session,
        SessionLesion,
        groups_of,
        load_session,
        session_from_mapping,
    )
    from milia.planning.session_heat import Heat, heat_left
    from milia.planning.session_order import SESSION_EVIDENCE, Order, Served, arrange, session_dict
    from milia.planning.strategy import Policy, PolicyResult, count_policy
    from milia.planning.verify import case_of, content_hash, made_with, verify_plan

_WHERE = {
    "approval": (
        "Approval",
        "approvals_path",
        "approve",
        "count_setting",
        "overridden",
        "read_approvals",
        "read_overrides",
    ),
    "session": ("Group", "Session", "SessionLesion", "groups_of", "load_session", "session_from_mapping"),
    "session_heat": ("Heat", "heat_left"),
    "session_order": ("SESSION_EVIDENCE", "Order", "Served", "arrange", "session_dict"),
    "verify": ("case_of", "content_hash", "made_with", "verify_plan"),
    "goals": ("Goals", "goals_for"),
    "evaluate": ("Evaluator",),
    "live": ("Live", "OutsideRangeError", "Prepared", "answer", "prepare"),
    "look": ("Look", "the_look"),
    "outcomes": ("Fire", "Outcome", "Shot", "Stop", "enough_seen", "fire_at", "decided", "outcome_of"),
    "find": ("Effort",),
    "plan": ("plan_laser",),
    "scenarios": ("Scenario", "Scenarios", "make_scenarios"),
    "search": ("order_of", "shots_for", "slacks_of", "spots_for", "spread_over"),
    "strategy": ("Policy", "PolicyResult", "count_policy"),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "HABITS",
    "HISTORY",
    "MODES",
    "PREFERABLE",
    "SESSION_EVIDENCE",
    "SKIN_TYPES",
    "TREATMENTS",
    "Approval",
    "Candidate",
    "Case",
    "Diagnosis",
    "Effort",
    "Evaluator",
    "Fire",
    "Goals",
    "Group",
    "Heat",
    "LaserPlan",
    "Lesion",
    "Live",
    "Look",
    "NamedScenario",
    "Order",
    "Outcome",
    "OutsideRangeError",
    "Own",
    "Patient",
    "Policy",
    "PolicyResult",
    "Prepared",
    "Scenario",
    "Scenarios",
    "Served",
    "Session",
    "SessionLesion",
    "Shot",
    "Stop",
    "answer",
    "approvals_path",
    "approve",
    "arrange",
    "case_from_mapping",
    "case_of",
    "content_hash",
    "count_policy",
    "count_setting",
    "decided",
    "devices_from",
    "enough_seen",
    "fire_at",
    "goals_for",
    "groups_of",
    "heat_left",
    "load_case",
    "load_session",
    "made_with",
    "make_scenarios",
    "order_of",
    "outcome_of",
    "overridden",
    "patient_and_lesion",
    "plan_laser",
    "prepare",
    "read_approvals",
    "read_limits",
    "read_overrides",
    "read_shares",
    "session_dict",
    "session_from_mapping",
    "shots_for",
    "slacks_of",
    "spots_for",
    "spread_over",
    "the_look",
    "verify_plan",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
