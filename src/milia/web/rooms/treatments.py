"""Treatment: what was really fired and seen, filled in from the decision, signed, amended, taken back."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData
from starlette.responses import Response

from milia.base import InputError
from milia.records import Acting, Entry, Lesion, Outcome, Treatment
from milia.web.i18n import mark
from milia.web.pages import Room
from milia.web.pages_ask import Ask, Asking, Form
from milia.web.rooms.patients_chart import Chart, LesionView, lesion_of
from milia.web.rooms.patients_json import EntryOut, Id, entry_out
from milia.web.rooms.patients_look import lesion_look
from milia.web.rooms.treatments_record import (
    OF_TREATMENT,
    checked_record,
    first_record,
    planned,
    treatment_fields,
)

room = Room("treatments")

ACTIONS = ("laser", "extract", "electrosurgery", "observe")


@room.page("/lesions/{lesion_id}/treat", action="treatment.read")
def treat_page(ask: Ask, lesion_id: Id, amend: str = "") -> Response:
    """Show what was done, or the form for it with the decision filled in."""
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
    done = view.current_treatment
    shown = done if done and not amend else None
    plan = _fired(done, view.outcome) if done else planned(view.plan, view.decision)
    return ask.page(
        "visit/treat.html",
        done=shown,
        old=done if amend else None,
        record=_record_of(view, done),
        fill=plan,
        choices=[(name, ask.t(_TITLES[name])) for name in ACTIONS],
        next_lesions=_waiting(chart, view),
        **lesion_look(ask, chart, view, "treat"),
    )


_TITLES = {
    "laser": mark("Laser"),
    "extract": mark("Extraction"),
    "electrosurgery": mark("Electrosurgery"),
    "observe": mark("Observe"),
}


def _record_of(view: LesionView, done: Entry[Treatment] | None) -> dict[str, Any]:
    found = next((each for each in view.outcomes if done and each.content.treatment_id == done.id), None)
    return dict(found.content.record) if found else {}


def _fired(done: Entry[Treatment], outcome: Entry[Outcome] | None) -> dict[str, Any]:
    interval = outcome.content.record.get("interval_ms") if outcome else None
    return {**done.content.model_dump(), "interval_ms": interval}


def _waiting(chart: Chart, view: LesionView) -> list[LesionView]:
    """Give the other lesions that are decided and not treated: the next ones of a session."""
    return [each for each in chart.lesions if each.id != view.id and each.state == "decided"]


@room.form("/lesions/{lesion_id}/treat", action="treatment.write")
def treat(ask: Ask, lesion_id: Id) -> Response:
    """Keep what was done, with the outcome record that it begins; sign it where asked."""
    form = ask.form
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
        _kept(ask, acting, (chart, view), form, sign=form.flag("sign") and ask.can("treatment.sign"))
        acting.drafts.drop("treat", lesion_id)
    return ask.go(f"/lesions/{lesion_id}/care", mark("The treatment is saved."))


def _kept(
    ask: Asking, acting: Acting, found: tuple[Chart, LesionView], form: Form, *, sign: bool
) -> Entry[Treatment]:
    chart, view = found
    plan, old = view.plan, view.current_treatment
    if plan is None or view.decision is None:
        raise InputError(mark("Accept or override the plan first."), key="plan")
    treated_on = form.maybe("treated_on", ask.today.isoformat())
    if treated_on > ask.today.isoformat():
        raise InputError(mark("This day lies in the future."), key="treated_on", value=treated_on)
    visit = chart.open_visit(ask.today)
    fields = {**treatment_fields(form), "treated_on": treated_on}
    session = len(view.treatments) + (0 if old else 1)
    record = first_record(form, view, plan, fields, session=session)
    links = {
        "patient_id": chart.patient.id,
        "lesion_id": view.id,
        "visit_id": visit.id if visit else None,
        "plan_row_id": plan.id,
    }
    if old is None:
        entry = acting.add(Treatment.model_validate({**links, **fields}))
    elif old.signed:
        entry = acting.amend(Treatment, old.id, **fields)
    else:
        entry = acting.change(
            Treatment, old.id, version=form.whole("version", old.version), merge=form.flag("merge"), **fields
        )
    _begin_outcome(acting, view, entry, old, record)
    if view.content.state == "open":
        acting.change(Lesion, view.id, version=view.entry.version, state="treated")
    return acting.sign(Treatment, entry.id, version=entry.version) if sign or (old and old.signed) else entry


def _begin_outcome(
    acting: Acting,
    view: LesionView,
    entry: Entry[Treatment],
    old: Entry[Treatment] | None,
    record: dict[str, Any],
) -> None:
    """Keep what was seen at once as the beginning of the outcome; a later look goes on from there."""
    known = next((each for each in view.outcomes if old and each.content.treatment_id == old.id), None)
    content = {"treatment_id": entry.id, "seen_on": record["treated_on"], "record": record}
    if known is None:
        links = {"patient_id": entry.content.patient_id, "lesion_id": view.id}
        acting.add(Outcome.model_validate({**links, **content}))
        return
    # What later looks added stays; what belongs to the treatment itself is as it was entered now.
    later = {**known.content.record, **{name: record[name] for name in OF_TREATMENT}}
    fields = {**content, "seen_on": known.content.seen_on, "record": checked_record(later)}
    if known.signed:
        amended = acting.amend(Outcome, known.id, **fields)
        acting.sign(Outcome, amended.id, version=amended.version)
    else:
        acting.change(Outcome, known.id, version=known.version, **fields)


@room.form("/treatments/{treatment_id}/sign", action="treatment.sign")
def sign_treatment(ask: Ask, treatment_id: Id) -> Response:
    """Sign a treatment: from now on it is amended, never changed."""
    with ask.acting() as acting:
        entry = acting.sign(Treatment, treatment_id, version=ask.form.whole("version"))
    return ask.go(f"/lesions/{entry.content.lesion_id}/treat", mark("Signed."))


@room.form("/treatments/{treatment_id}/undo", action="treatment.write")
def undo_treatment(ask: Ask, treatment_id: Id) -> Response:
    """Take the last save of an unsigned treatment back, with the outcome that it began."""
    with ask.acting() as acting:
        _, view = lesion_of(acting, acting.get(Treatment, treatment_id).content.lesion_id)
        version = ask.form.whole("version")
        if version == 1:
            for each in view.outcomes:
                if each.content.treatment_id == treatment_id and each.version == 1:
                    acting.undo(Outcome, each.id, version=each.version)
        acting.undo(Treatment, treatment_id, version=version)
        if version == 1 and view.content.state == "treated" and len(view.treatments) == 1:
            acting.change(Lesion, view.id, version=view.entry.version, state="open")
    return ask.go(f"/lesions/{view.id}/treat", mark("Taken back."))


class TreatmentIn(BaseModel):
    """What was really done, as sent by a program."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    action: Annotated[str, Field(pattern="^(laser|extract|electrosurgery|observe)$")]
    treated_on: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    pulse_energy_mJ: Annotated[float, Field(gt=0, le=1e4)] | None = None
    pulse_duration_us: Annotated[float, Field(gt=0, le=1e6)] | None = None
    spot_diameter_um: Annotated[float, Field(ge=20, le=1e4)] | None = None
    interval_ms: Annotated[float, Field(ge=0, le=6e4)] | None = None
    pulses_fired: Annotated[int, Field(ge=1, le=1000)] | None = None
    opened: Annotated[str, Field(pattern="^(yes|no|not_seen)$")] = "not_seen"
    opened_in_pulses: Annotated[int, Field(ge=1, le=1000)] | None = None
    emptied: Annotated[str, Field(pattern="^(yes|partly|no|not_seen)$")] = "not_seen"
    notes: Annotated[str, Field(max_length=10_000)] = ""


@room.api("POST", "/lesions/{lesion_id}/treatments", action="treatment.write", status_code=201)
def treat_json(ask: Ask, lesion_id: Id, body: TreatmentIn) -> EntryOut:
    """Keep what was done; an unsigned treatment of the same plan is changed, a signed one amended."""
    said = {name: str(value) for name, value in body.model_dump().items() if value is not None}
    with ask.acting() as acting:
        found = lesion_of(acting, lesion_id)
        return entry_out(_kept(ask, acting, found, Form(FormData(said)), sign=False))


@room.api("GET", "/lesions/{lesion_id}/treatments", action="treatment.read")
def treatments_json(ask: Ask, lesion_id: Id) -> list[EntryOut]:
    """Give the treatments of a lesion, newest first."""
    with ask.acting() as acting:
        return [entry_out(each) for each in acting.entries(Treatment, lesion_id=lesion_id)]
