"""What waits today: appointments, late healers, plans without a decision, red flags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from starlette.responses import Response

from milia.records import (
    Acting,
    Appointment,
    Assessment,
    Decision,
    Entry,
    Lesion,
    NotFound,
    Outcome,
    Patient,
    Plan,
    Treatment,
)
from milia.web.api import Answer
from milia.web.i18n import mark
from milia.web.pages import SIGNED_IN, Nav, Room
from milia.web.pages_ask import Ask, Asking
from milia.web.rooms.patients_chart import current
from milia.web.rooms.patients_words import SITES
from milia.web.rooms.plans import JOB_DRAFT

room = Room("today", nav=(Nav(mark("Today"), "/", 10, SIGNED_IN, icon="today"),))

SHOWN = 30
_LOOKED_AT = 200
_AHEAD = timedelta(days=7)


class Waiting(Answer):
    """One line of the page: who, why, since or until when."""

    kind: str
    patient_id: str
    patient: str
    lesion_id: str | None = None
    site: str = ""
    appointment_id: str | None = None
    version: int | None = None
    at: datetime | None = None
    on: date | None = None
    days: int | None = None
    expected_days: float | None = None
    state: str = ""
    urgency: str = ""


class TodayOut(Answer):
    day: date
    appointments: list[Waiting] | None
    soon: list[Waiting] | None
    late_healers: list[Waiting] | None
    undecided_plans: list[Waiting] | None
    plans_in_making: list[Waiting] | None
    red_flags: list[Waiting] | None


@dataclass(slots=True)
class _Desk:
    """One look at the records, with each name read once."""

    ask: Asking
    acting: Acting
    names: dict[str, str] = field(default_factory=dict)

    def name(self, patient_id: str) -> str:
        if patient_id not in self.names:
            try:
                self.names[patient_id] = self.acting.get(Patient, patient_id).content.name
            except NotFound:
                self.names[patient_id] = ""
        return self.names[patient_id]

    def may(self, *kinds: str) -> bool:
        return all(self.ask.can(f"{kind}.read") for kind in ("patient", *kinds))

    def line(self, kind: str, patient_id: str, **more: Any) -> Waiting:
        return Waiting(kind=kind, patient_id=patient_id, patient=self.name(patient_id), **more)

    def of_lesion(self, kind: str, lesion_id: str, **more: Any) -> Waiting | None:
        """Give a line about a lesion; of one that is closed or gone, none."""
        try:
            lesion = self.acting.get(Lesion, lesion_id).content
        except NotFound:
            return None
        if lesion.state == "closed":
            return None
        return self.line(kind, lesion.patient_id, lesion_id=lesion_id, site=lesion.site, **more)

    def appointments(self, first: date, last: date) -> list[Waiting] | None:
        if not self.may("appointment"):
            return None
        found = [
            each
            for state in ("booked", "arrived")
            for each in self.acting.entries(Appointment, state=state, limit=500)
            if first <= self.ask.words.here(each.content.starts_at).date() <= last
        ]
        found.sort(key=lambda each: each.content.starts_at)
        return [
            self.line(
                "appointment",
                each.content.patient_id,
                appointment_id=each.id,
                version=each.version,
                at=each.content.starts_at,
                state=each.content.state,
            )
            for each in found[:SHOWN]
        ]

    def late_healers(self) -> list[Waiting] | None:
        """Give treatments past the 95th percentile of their plan's healing time, with no healing noted."""
        if not self.may("treatment", "outcome", "plan"):
            return None
        healed = {
            each.content.treatment_id
            for each in current(self.acting.entries(Outcome, limit=500))
            if each.content.record.get("healed_day") is not None
        }
        late = []
        for each in current(self.acting.entries(Treatment, limit=_LOOKED_AT)):
            content = each.content
            if each.id in healed or content.plan_row_id is None or content.action == "observe":
                continue
            days = (self.ask.today - date.fromisoformat(content.treated_on)).days
            if days <= 0 or (expected := self._healing_days(content.plan_row_id)) is None or days <= expected:
                continue
            late.append(self.of_lesion("late_healer", content.lesion_id, days=days, expected_days=expected))
        return sorted((line for line in late if line), key=lambda line: -(line.days or 0))[:SHOWN]

    def _healing_days(self, plan_row_id: str) -> float | None:
        try:
            plan = self.acting.get(Plan, plan_row_id).content.plan["plan"]
            return float(plan["aftercare"]["healing_days"]["p95"])
        except (NotFound, KeyError, TypeError, ValueError):
            return None

    def undecided_plans(self) -> list[Waiting] | None:
        """Give the newest plan of each lesion that nobody has approved or overridden."""
        if not self.may("plan", "decision"):
            return None
        decided = {each.content.plan_row_id for each in self.acting.entries(Decision, limit=500)}
        newest: dict[str, Entry[Plan]] = {}
        for each in self.acting.entries(Plan, limit=_LOOKED_AT):
            newest.setdefault(each.content.lesion_id, each)
        found = [
            self.of_lesion(
                "undecided_plan", each.content.lesion_id, on=self.ask.words.here(each.created_at).date()
            )
            for each in list(newest.values())[:SHOWN]
            if each.id not in decided
        ]
        return [line for line in found if line]

    def plans_in_making(self) -> list[Waiting] | None:
        """Give the plans that this person asked for and has not opened since: computed, or still waiting."""
        if not (self.may("plan") and self.ask.can("plan.write") and self.ask.can("job.own")):
            return None
        found = []
        for draft in self.acting.drafts.of_form(JOB_DRAFT, limit=SHOWN):
            try:
                job = self.acting.jobs.get(str(draft.content.get("job")), with_result=False)
            except NotFound:
                continue
            found.append(self.of_lesion("plan_in_making", draft.subject, state=job.state))
        return [line for line in found if line]

    def red_flags(self) -> list[Waiting] | None:
        """Give the lesions whose newest assessment asks for a referral, while the lesion is open."""
        if not self.may("assessment", "lesion"):
            return None
        newest: dict[str, Entry[Assessment]] = {}
        for each in self.acting.entries(Assessment, limit=_LOOKED_AT):
            newest.setdefault(each.content.lesion_id, each)
        flagged = []
        for each in _referred(newest.values()):
            refer = each.content.result["refer"]
            line = self.of_lesion(
                "red_flag",
                each.content.lesion_id,
                urgency=str(refer.get("urgency") or ""),
                on=self.ask.words.here(each.created_at).date(),
            )
            if line:
                flagged.append(line)
        return flagged[:SHOWN]


def _referred(found: Iterable[Entry[Assessment]]) -> Iterable[Entry[Assessment]]:
    for each in found:
        refer = each.content.result.get("refer")
        if isinstance(refer, dict) and refer.get("needed"):
            yield each


def waiting(ask: Asking) -> TodayOut:
    """Look at everything that waits; what the role may not see is ``None``."""
    day = ask.today
    with ask.acting() as acting:
        desk = _Desk(ask, acting)
        return TodayOut(
            day=day,
            appointments=desk.appointments(day, day),
            soon=desk.appointments(day + timedelta(days=1), day + _AHEAD),
            late_healers=desk.late_healers(),
            undecided_plans=desk.undecided_plans(),
            plans_in_making=desk.plans_in_making(),
            red_flags=desk.red_flags(),
        )


@room.page("/", action=SIGNED_IN)
def today_page(ask: Ask) -> Response:
    """Show what waits."""
    return ask.page("today.html", waits=waiting(ask), site_titles=SITES)


@room.api("GET", "/today", action=SIGNED_IN)
def today_json(ask: Ask) -> TodayOut:
    """Give what waits; null for what this account may not see."""
    return waiting(ask)
