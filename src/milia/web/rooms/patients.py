"""Patients: the list and its search, a new one, the chart with the face map, visits and consents."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from milia.base import InputError
from milia.records import Acting, Consent, Entry, Patient, Visit
from milia.web.i18n import mark
from milia.web.pages import Nav, Room
from milia.web.pages_ask import Ask, Asking, Form
from milia.web.rooms.appointments import STATES, appointments_of
from milia.web.rooms.patients_chart import Chart, age_years, chart_of
from milia.web.rooms.patients_json import ChartOut, EntryOut, Id, SmallVersion, chart_out, entry_out
from milia.web.rooms.patients_look import look, map_of
from milia.web.rooms.patients_words import ASKED_NONE, HISTORY, LANGUAGES, SEXES

room = Room("patients", nav=(Nav(mark("Patients"), "/patients", 20, "patient.search", icon="people"),))

_SHOWN = 50
CONSENTS = {
    "photograph": mark("Photographs"),
    "treatment": mark("Treatment"),
    "research": mark("Research"),
    "contact": mark("Being contacted"),
}


def _found(acting: Acting, asked: str) -> list[Entry[Patient]]:
    return acting.search(asked, limit=_SHOWN) if asked.strip() else acting.entries(Patient, limit=_SHOWN)


@room.page("/patients", action="patient.search")
def patients(ask: Ask, q: str = "") -> Response:
    """List the newest patients, or those whose names fit what is typed."""
    with ask.acting() as acting:
        found = _found(acting, q[:200])
    rows = [(each, age_years(each.content, ask.today)) for each in found]
    if ask.hx:
        return ask.part("visit/patient_rows.html", rows=rows, q=q)
    return ask.page("visit/patients.html", rows=rows, q=q)


@room.api("GET", "/patients", action="patient.search")
def patients_json(ask: Ask, q: str = "") -> list[EntryOut]:
    """List the newest patients, or search by the beginnings and parts of names."""
    with ask.acting() as acting:
        return [entry_out(each) for each in _found(acting, q[:200])]


def patient_fields(form: Form) -> dict[str, Any]:
    """Read the fields of a patient from a form."""
    history = [code for code in form.all("history") if code in HISTORY]
    if not history and form.flag("asked_none"):
        history = [ASKED_NONE]
    return {
        "name": form.text("name"),
        "born_on": form.maybe("born_on") or None,
        "sex": form.maybe("sex") or None,
        "skin_type": form.maybe("skin_type") or None,
        "phone": form.maybe("phone"),
        "email": form.maybe("email"),
        "language": form.maybe("language"),
        "history": tuple(history),
        "notes": form.maybe("notes"),
    }


def made(fields: dict[str, Any]) -> Patient:
    """Make a patient; what does not fit is a problem that names its field."""
    return Patient.model_validate(fields)


@room.page("/patients/new", action="patient.write")
def new_patient(ask: Ask) -> Response:
    """Ask for a new patient."""
    return ask.page("visit/patient_edit.html", patient=None, **_choices())


@room.form("/patients/new", action="patient.write")
def add_patient(ask: Ask) -> Response:
    """Keep a new patient and, where the role may, begin the visit."""
    content = made(patient_fields(ask.form))
    begin = ask.form.flag("begin") and ask.can("visit.write")
    with ask.acting() as acting:
        patient = acting.add(content)
        where = f"/patients/{patient.id}"
        if ask.form.flag("photographs") and ask.can("consent.write"):
            acting.add(Consent(patient_id=patient.id, subject="photograph", given=True, given_on=ask.today))
        if begin:
            visit = acting.add(Visit(patient_id=patient.id, on=ask.today.isoformat()))
            where = f"/visits/{visit.id}"
    return ask.go(where, mark("The patient is saved."))


class PatientIn(BaseModel):
    """A patient as sent by a program."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    born_on: date | None = None
    sex: str | None = Field(default=None, pattern="^[FM]$")
    skin_type: str | None = Field(default=None, pattern="^(I|II|III|IV|V|VI)$")
    phone: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=200)
    language: str = Field(default="", max_length=20)
    history: list[str] = Field(default=[], max_length=40)
    notes: str = Field(default="", max_length=10_000)


@room.api("POST", "/patients", action="patient.write", status_code=201)
def add_patient_json(ask: Ask, body: PatientIn) -> EntryOut:
    """Keep a new patient."""
    content = made(body.model_dump())
    with ask.acting() as acting:
        return entry_out(acting.add(content))


@room.page("/patients/{patient_id}/edit", action="patient.write")
def edit_patient(ask: Ask, patient_id: Id, back: str = "") -> Response:
    """Show a patient's own data for changing."""
    with ask.acting() as acting:
        patient = acting.get(Patient, patient_id)
    return ask.page("visit/patient_edit.html", patient=patient, back=back[:200], **_choices())


@room.form("/patients/{patient_id}/edit", action="patient.write")
def change_patient(ask: Ask, patient_id: Id) -> Response:
    """Save a patient's own data; two people who save at once are told."""
    fields = patient_fields(ask.form)
    with ask.acting() as acting:
        acting.change(
            Patient, patient_id, version=ask.form.whole("version"), merge=ask.form.flag("merge"), **fields
        )
    return ask.go(f"/patients/{patient_id}", mark("Saved."))


@room.form("/patients/{patient_id}/undo", action="patient.write")
def undo_patient(ask: Ask, patient_id: Id) -> Response:
    """Take the last change of a patient's own data back; the first entry stays."""
    version = ask.form.whole("version")
    if version < 2:
        raise InputError(mark("Nothing was changed since this patient was entered."), key="version")
    with ask.acting() as acting:
        acting.undo(Patient, patient_id, version=version)
    return ask.go(f"/patients/{patient_id}", mark("Taken back."))


class PatientChange(PatientIn):
    """A patient's data with the version that was read."""

    version: SmallVersion
    merge: bool = False


@room.api("PUT", "/patients/{patient_id}", action="patient.write")
def change_patient_json(ask: Ask, patient_id: Id, body: PatientChange) -> EntryOut:
    """Save a patient's own data."""
    fields = body.model_dump(exclude={"version", "merge"})
    with ask.acting() as acting:
        return entry_out(acting.change(Patient, patient_id, version=body.version, merge=body.merge, **fields))


@room.page("/patients/{patient_id}", action="patient.read")
def patient_page(ask: Ask, patient_id: Id) -> Response:
    """Show the chart: who, the face map, what each lesion waits for, visits, consents."""
    if not ask.can("lesion.read"):
        with ask.acting() as acting:
            patient = acting.get(Patient, patient_id)
            booked = appointments_of(ask, acting, patient_id)
        return ask.page(
            "visit/patient_desk.html",
            patient=patient,
            age=age_years(patient.content, ask.today),
            appointments=booked,
            appointment_states=STATES,
        )
    with ask.acting() as acting:
        chart = chart_of(acting, patient_id)
        booked = appointments_of(ask, acting, patient_id)
    return ask.page("visit/patient.html", visit=None, appointments=booked, **chart_view(ask, chart))


@room.api("GET", "/patients/{patient_id}", action="lesion.read")
def patient_json(ask: Ask, patient_id: Id) -> ChartOut:
    """Give a patient's chart."""
    with ask.acting() as acting:
        return chart_out(chart_of(acting, patient_id))


def chart_view(ask: Asking, chart: Chart) -> dict[str, Any]:
    """Give what the chart's template needs."""
    return {
        "chart": chart,
        "age": age_years(chart.patient.content, ask.today),
        "map": map_of(chart),
        "consents": CONSENTS,
        "appointment_states": STATES,
        "today_visit": chart.open_visit(ask.today),
        **look(),
    }


@room.form("/patients/{patient_id}/visits", action="visit.write")
def begin_visit(ask: Ask, patient_id: Id) -> Response:
    """Begin today's visit, or go on with it."""
    with ask.acting() as acting:
        known = chart_of(acting, patient_id).open_visit(ask.today)
        visit = known or acting.add(Visit(patient_id=patient_id, on=ask.today.isoformat()))
    return ask.go(f"/visits/{visit.id}")


@room.page("/visits/{visit_id}", action="visit.read")
def visit_page(ask: Ask, visit_id: Id) -> Response:
    """Show one visit on the face map."""
    with ask.acting() as acting:
        visit = acting.get(Visit, visit_id)
        chart = chart_of(acting, visit.content.patient_id)
    return ask.page("visit/patient.html", visit=visit, appointments=None, **chart_view(ask, chart))


@room.api("GET", "/visits/{visit_id}", action="visit.read")
def visit_json(ask: Ask, visit_id: Id) -> EntryOut:
    """Give one visit."""
    with ask.acting() as acting:
        return entry_out(acting.get(Visit, visit_id))


@room.form("/visits/{visit_id}", action="visit.write")
def save_visit(ask: Ask, visit_id: Id) -> Response:
    """Keep a visit's notes and, where the role may, sign it."""
    form = ask.form
    sign = form.flag("sign")
    fields: dict[str, Any] = {"notes": form.maybe("notes"), "reason": form.maybe("reason")}
    with ask.acting() as acting:
        visit = acting.change(
            Visit,
            visit_id,
            version=form.whole("version"),
            merge=form.flag("merge"),
            **fields,
            **({"state": "closed"} if sign else {}),
        )
        if sign:
            acting.sign(Visit, visit_id, version=visit.version)
    return ask.go(f"/visits/{visit_id}", mark("Signed.") if sign else mark("Saved."))


@room.form("/visits/{visit_id}/undo", action="visit.write")
def undo_visit(ask: Ask, visit_id: Id) -> Response:
    """Take the last save of an unsigned visit back; one that was only begun goes away."""
    with ask.acting() as acting:
        visit = acting.undo(Visit, visit_id, version=ask.form.whole("version"))
    gone = visit.removed_at is not None
    return ask.go(
        f"/patients/{visit.content.patient_id}" if gone else f"/visits/{visit_id}", mark("Taken back.")
    )


@room.form("/patients/{patient_id}/consents", action="consent.write")
def add_consent(ask: Ask, patient_id: Id) -> Response:
    """Record a yes or a no; the latest counts."""
    content = Consent.model_validate(
        {
            "patient_id": patient_id,
            "subject": ask.form.text("subject"),
            "given": ask.form.text("given") == "yes",
            "given_on": ask.today,
            "notes": ask.form.maybe("notes"),
        }
    )
    with ask.acting() as acting:
        acting.add(content)
    back = ask.form.maybe("back", f"/patients/{patient_id}")
    return ask.go(back if back.startswith("/patients/") else "/patients", mark("The consent is recorded."))


def _choices() -> dict[str, Any]:
    return {"history": HISTORY, "languages": LANGUAGES, "sexes": SEXES, "none_said": ASKED_NONE}
