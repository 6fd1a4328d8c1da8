"""Everything about one patient, put in order: which lesion stands where on its way, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from milia.records import (
    Acting,
    Assessment,
    Consent,
    Content,
    Decision,
    Diagnosis,
    Entry,
    FindingSheet,
    Lesion,
    Outcome,
    Patient,
    Plan,
    Treatment,
    Visit,
)

__all__ = ["Chart", "LesionView", "age_years", "chart_of", "current", "lesion_of"]

C = TypeVar("C", bound=Content)
_MOST = 500
# A lesion whose state says so is at the end of its way, whatever else is recorded.
_CLOSED = ("closed",)


@dataclass(frozen=True, slots=True)
class LesionView:
    """One lesion with all that was entered about it; each list has the newest first."""

    number: int
    entry: Entry[Lesion]
    sheets: tuple[Entry[FindingSheet], ...] = ()
    assessments: tuple[Entry[Assessment], ...] = ()
    diagnoses: tuple[Entry[Diagnosis], ...] = ()
    plans: tuple[Entry[Plan], ...] = ()
    decisions: tuple[Entry[Decision], ...] = ()
    treatments: tuple[Entry[Treatment], ...] = ()
    outcomes: tuple[Entry[Outcome], ...] = ()

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def content(self) -> Lesion:
        return self.entry.content

    @property
    def sheet(self) -> Entry[FindingSheet] | None:
        return self.sheets[0] if self.sheets else None

    @property
    def assessment(self) -> Entry[Assessment] | None:
        return self.assessments[0] if self.assessments else None

    @property
    def diagnosis(self) -> Entry[Diagnosis] | None:
        """The diagnosis that a clinician confirmed and signed last."""
        return next((each for each in self.diagnoses if each.signed), None)

    @property
    def plan(self) -> Entry[Plan] | None:
        return self.plans[0] if self.plans else None

    @property
    def decision(self) -> Entry[Decision] | None:
        """The decision on the newest plan."""
        plan = self.plan
        return next((each for each in self.decisions if plan and each.content.plan_row_id == plan.id), None)

    @property
    def treatment(self) -> Entry[Treatment] | None:
        return self.treatments[0] if self.treatments else None

    @property
    def current_treatment(self) -> Entry[Treatment] | None:
        """The treatment that the newest plan led to, if there was one yet."""
        plan = self.plan
        return next(
            (each for each in self.treatments if plan is None or each.content.plan_row_id == plan.id), None
        )

    @property
    def outcome(self) -> Entry[Outcome] | None:
        return self.outcomes[0] if self.outcomes else None

    @property
    def red_flags(self) -> tuple[str, ...]:
        """The open red flags of the newest assessment."""
        found = self.assessment
        refer = found.content.result.get("refer", {}) if found else {}
        return tuple(flag["text"] for flag in refer.get("flags", ()))

    @property
    def state(self) -> str:
        """Where the lesion stands; one of `patients_words.STATES`."""
        if self.content.state in _CLOSED:
            return "closed"
        if self.treatment and not self._planned_again:
            return "healed" if self._healed else "healing"
        if self.diagnosis is None:
            return "refer" if self.red_flags else "assess"
        if self.plan is None:
            return "diagnosed"
        return "planned" if self.decision is None else "decided"

    @property
    def _planned_again(self) -> bool:
        plan, treatment = self.plan, self.treatment
        return bool(plan and treatment and plan.created_at > treatment.created_at)

    @property
    def _healed(self) -> bool:
        outcome, treatment = self.outcome, self.treatment
        if outcome is None or treatment is None or outcome.content.treatment_id != treatment.id:
            return False
        record = outcome.content.record
        gone = record.get("healed_day") is not None or record.get("gone_by_itself_week") is not None
        return gone and record.get("opened") != "no"

    @property
    def next_step(self) -> str:
        """The page that comes next: a key of `patients_words.STEPS`."""
        return {
            "assess": "findings",
            "refer": "findings",
            "diagnosed": "plan",
            "planned": "plan",
            "decided": "treat",
            "healing": "follow-up",
            "healed": "follow-up",
            "closed": "findings",
        }[self.state]


@dataclass(frozen=True, slots=True)
class Chart:
    """One patient with lesions, visits and consents."""

    patient: Entry[Patient]
    lesions: tuple[LesionView, ...]
    visits: tuple[Entry[Visit], ...]
    consents: tuple[Entry[Consent], ...]

    def consent(self, subject: str) -> Entry[Consent] | None:
        """The latest answer on a subject."""
        return next((each for each in self.consents if each.content.subject == subject), None)

    def agreed(self, subject: str) -> bool:
        """Whether the latest answer on a subject is yes."""
        found = self.consent(subject)
        return bool(found and found.content.given)

    def open_visit(self, today: date) -> Entry[Visit] | None:
        """Today's visit, if it was begun and is not signed."""
        on = today.isoformat()
        return next((v for v in self.visits if v.content.on == on and not v.signed), None)

    def lesion(self, lesion_id: str) -> LesionView:
        """One of the lesions."""
        return next(each for each in self.lesions if each.id == lesion_id)


def current(entries: Iterable[Entry[C]]) -> tuple[Entry[C], ...]:
    """Leave out entries that a signed amendment has taken the place of."""
    listed = list(entries)
    replaced = {each.amends for each in listed if each.amends and each.signed}
    return tuple(each for each in listed if each.id not in replaced)


def chart_of(acting: Acting, patient_id: str) -> Chart:
    """Read a patient's whole chart as somebody who may."""
    patient = acting.get(Patient, patient_id)

    def all_of(kind: type[C]) -> tuple[Entry[C], ...]:
        return current(acting.entries(kind, patient_id=patient_id, limit=_MOST))

    found: dict[str, tuple[Entry[Any], ...]] = {
        "sheets": all_of(FindingSheet),
        "assessments": all_of(Assessment),
        "diagnoses": all_of(Diagnosis),
        "treatments": all_of(Treatment),
        "outcomes": all_of(Outcome),
    }
    plans, decisions = all_of(Plan), all_of(Decision)
    lesion_by_plan = {plan.id: plan.content.lesion_id for plan in plans}
    listed = sorted(acting.entries(Lesion, patient_id=patient_id, limit=_MOST), key=lambda each: each.seq)
    return Chart(
        patient=patient,
        lesions=tuple(
            LesionView(
                number=number,
                entry=entry,
                plans=_of(plans, entry.id),
                decisions=tuple(
                    each for each in decisions if lesion_by_plan.get(each.content.plan_row_id) == entry.id
                ),
                **{name: _of(entries, entry.id) for name, entries in found.items()},
            )
            for number, entry in enumerate(listed, start=1)
        ),
        visits=tuple(
            sorted(all_of(Visit), key=lambda each: (each.content.on, each.seq), reverse=True),
        ),
        consents=all_of(Consent),
    )


def lesion_of(acting: Acting, lesion_id: str) -> tuple[Chart, LesionView]:
    """Read a lesion with the whole chart it belongs to."""
    entry = acting.get(Lesion, lesion_id)
    chart = chart_of(acting, entry.content.patient_id)
    return chart, chart.lesion(lesion_id)


def _of(entries: Sequence[Entry[Any]], lesion_id: str) -> tuple[Entry[Any], ...]:
    return tuple(each for each in entries if each.content.lesion_id == lesion_id)


def age_years(patient: Patient, today: date) -> float | None:
    """Age in years, with the part of a year for infants."""
    if patient.born_on is None or patient.born_on > today:
        return None
    born = patient.born_on
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return float(years) if years >= 1 else (today - born).days / 365.25
