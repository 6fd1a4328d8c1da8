"""A session that was planned: kept as one plan on each lesion, read back, and signed in one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from milia.base import InputError
from milia.records import Acting, Decision, Entry, NotFound, Plan
from milia.web.i18n import mark
from milia.web.pages_ask import Form
from milia.web.rooms.patients_chart import Chart, LesionView
from milia.web.rooms.plans import INSTEAD, sign_decision

__all__ = ["Kept", "Row", "keep_session", "kept_of", "newest_of", "sign_shown"]


@dataclass(frozen=True, slots=True)
class Row:
    """One lesion of a session: its plan and treatment, and its step of today or why it is left."""

    view: LesionView
    plan: Entry[Plan]
    group: str
    action: str
    step: Mapping[str, Any] | None
    later: Mapping[str, Any] | None

    @property
    def decision(self) -> Entry[Decision] | None:
        return next((e for e in self.view.decisions if e.content.plan_row_id == self.plan.id), None)

    @property
    def replaced(self) -> bool:
        """Whether the lesion was planned anew since."""
        return self.view.plan is not None and self.view.plan.id != self.plan.id

    @property
    def open(self) -> bool:
        """Whether it belongs to what is signed in one step: fired today, or treated otherwise."""
        otherwise = self.later is not None and self.later["because"] == "action" and self.action in INSTEAD
        return (self.step is not None or otherwise) and self.decision is None and not self.replaced


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it was planned, today's lesions in their order and then those that are left."""

    id: str
    overview: Mapping[str, Any]
    rows: tuple[Row, ...]

    @property
    def today(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.step is not None)

    @property
    def later(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.later is not None)

    @property
    def open(self) -> tuple[Row, ...]:
        """What is shown to be signed together."""
        return tuple(row for row in self.rows if row.open)


def keep_session(
    acting: Acting, chart: Chart, session_id: str, result: Mapping[str, Any], visit: Entry[Any] | None
) -> None:
    """Keep the plan of each group on each of its lesions; what is kept already stays as it is."""
    from milia.care import plan_hash

    if any(_session_id(plan) == session_id for view in chart.lesions for plan in view.plans):
        return
    made = result["made"]
    overview = {
        **made,
        "groups": [{name: value for name, value in g.items() if name != "plan"} for g in made["groups"]],
        "heat": [{name: value for name, value in h.items() if name != "rise"} for h in made["heat"]],
    }
    for group in made["groups"]:
        plan_id = plan_hash(group["plan"])[:12]
        for name in group["lesions"]:
            acting.add(
                Plan(
                    patient_id=chart.patient.id,
                    lesion_id=result["lesions"][name],
                    visit_id=visit.id if visit else None,
                    plan_id=plan_id,
                    plan={
                        "plan": group["plan"],
                        "device": result["device"],
                        "device_id": result["device_id"],
                        "session": {"id": session_id, "lesion": name, "overview": overview},
                    },
                )
            )


def _session_id(plan: Entry[Plan]) -> str:
    return str((plan.content.plan.get("session") or {}).get("id", ""))


def newest_of(chart: Chart) -> str:
    """Give the id of the session that was planned last; empty where there is none."""
    plans = [plan for view in chart.lesions for plan in view.plans if _session_id(plan)]
    return _session_id(max(plans, key=lambda plan: plan.seq)) if plans else ""


def kept_of(chart: Chart, session_id: str) -> Kept:
    """Read a session back from the plans of its lesions."""
    mine = [(view, plan) for view in chart.lesions for plan in view.plans if _session_id(plan) == session_id]
    if not mine:
        raise NotFound("There is no such session.")
    overview = mine[0][1].content.plan["session"]["overview"]
    steps = {each["lesion"]: each for each in overview["today"]}
    later = {each["lesion"]: each for each in overview["later"]}
    actions = {group["name"]: group["action"] for group in overview["groups"]}
    rows = []
    for view, plan in mine:
        name = plan.content.plan["session"]["lesion"]
        found = steps.get(name) or later[name]
        group = found["group"]
        rows.append(Row(view, plan, group, actions[group], steps.get(name), later.get(name)))
    rows.sort(key=lambda row: (row.step["number"] if row.step else len(mine), row.view.number))
    return Kept(session_id, overview, tuple(rows))


def sign_shown(acting: Acting, kept: Kept, shown: Sequence[str]) -> list[Entry[Decision]]:
    """Accept the plans that were shown, all or none; what changed since is looked at again first."""
    if not shown or set(shown) != {row.plan.id for row in kept.open}:
        raise InputError(
            mark("Something changed since this page was shown: look at it again, then sign."), key="plan"
        )
    form = Form(FormData({"choice": "approve"}))
    return [sign_decision(acting, row.plan, form) for row in kept.open]
