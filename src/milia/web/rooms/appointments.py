"""Appointments: booked on the patient's page, marked on the day's page when somebody comes or does not."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from milia.base import InputError
from milia.records import Acting, Appointment, Entry
from milia.web.i18n import mark
from milia.web.pages import Room
from milia.web.pages_ask import Ask, Asking, local_path
from milia.web.rooms.patients_json import EntryOut, Id, SmallVersion, entry_out

__all__ = ["appointments_of", "room"]

room = Room("appointments")

_SHORTEST_min, _LONGEST_min = 5, 480
_FURTHEST = timedelta(days=2 * 366)
_MOST = 200
STATES = {
    "booked": mark("booked"),
    "arrived": mark("has arrived"),
    "done": mark("done"),
    "missed": mark("did not come"),
    "cancelled": mark("cancelled"),
}


def appointments_of(ask: Asking, acting: Acting, patient_id: str) -> list[Entry[Appointment]] | None:
    """Give a patient's appointments from today on, the next one first; ``None`` for who may not see them."""
    if not ask.can("appointment.read"):
        return None
    found = [
        each
        for each in acting.entries(Appointment, patient_id=patient_id, limit=_MOST)
        if ask.words.here(each.content.starts_at).date() >= ask.today and each.content.state != "cancelled"
    ]
    return sorted(found, key=lambda each: each.content.starts_at)


@room.form("/patients/{patient_id}/appointments", action="appointment.write")
def book(ask: Ask, patient_id: Id) -> Response:
    """Book an appointment at a day and a time of the clinic's clock."""
    form = ask.form
    starts_at = _moment(ask, form.text("day"), form.text("clock"))
    minutes = form.whole("minutes", 20)
    if not _SHORTEST_min <= minutes <= _LONGEST_min:
        raise InputError(
            mark("An appointment does not last that long."),
            key="minutes",
            value=minutes,
            accepted=f"{_SHORTEST_min}–{_LONGEST_min}",
        )
    with ask.acting() as acting:
        acting.add(
            Appointment(
                patient_id=patient_id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=minutes),
                reason=form.maybe("reason"),
            )
        )
    return ask.go(f"/patients/{patient_id}", mark("The appointment is booked."))


def _moment(ask: Asking, day: str, clock: str) -> datetime:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise InputError(mark("This is not a day."), key="day", value=day, accepted="2026-12-31") from None
    try:
        at = time.fromisoformat(clock)
    except ValueError:
        raise InputError(
            mark("This is not a time of day."), key="clock", value=clock, accepted="14:30"
        ) from None
    if not ask.today <= on <= ask.today + _FURTHEST:
        raise InputError(
            mark("Nobody is booked on this day."),
            key="day",
            value=day,
            accepted=f"{ask.today} – {ask.today + _FURTHEST}",
        )
    return datetime.combine(on, at.replace(tzinfo=None), ZoneInfo(ask.words.time_zone))


@room.form("/appointments/{appointment_id}/state", action="appointment.write")
def set_state(ask: Ask, appointment_id: Id) -> Response:
    """Say that somebody has arrived, was treated, did not come or called it off; each can be taken back."""
    form = ask.form
    state = form.text("state")
    if state not in STATES:
        raise InputError(mark("This is not one of the choices."), key="state", accepted=", ".join(STATES))
    with ask.acting() as acting:
        acting.change(Appointment, appointment_id, version=form.whole("version"), state=state)
    return ask.go(local_path(form.maybe("back", "/")), mark("Saved."))


@room.form("/appointments/{appointment_id}/undo", action="appointment.write")
def undo(ask: Ask, appointment_id: Id) -> Response:
    """Take the last change of an appointment back."""
    with ask.acting() as acting:
        entry = acting.undo(Appointment, appointment_id, version=ask.form.whole("version"))
    back = ask.form.maybe("back", f"/patients/{entry.content.patient_id}")
    return ask.go(local_path(back), mark("Taken back."))


class AppointmentIn(BaseModel):
    """When somebody is to come."""

    model_config = ConfigDict(extra="forbid")

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: Annotated[str, Field(max_length=2000)] = ""


class AppointmentChange(BaseModel):
    """Where an appointment stands, with the version that was read."""

    model_config = ConfigDict(extra="forbid")

    version: SmallVersion
    state: Literal["booked", "arrived", "done", "missed", "cancelled"]


@room.api("POST", "/patients/{patient_id}/appointments", action="appointment.write", status_code=201)
def book_json(ask: Ask, patient_id: Id, body: AppointmentIn) -> EntryOut:
    """Book an appointment."""
    content = Appointment(patient_id=patient_id, **body.model_dump())
    with ask.acting() as acting:
        return entry_out(acting.add(content))


@room.api("GET", "/patients/{patient_id}/appointments", action="appointment.read")
def appointments_json(ask: Ask, patient_id: Id) -> list[EntryOut]:
    """Give a patient's appointments, newest first."""
    with ask.acting() as acting:
        return [entry_out(each) for each in acting.entries(Appointment, patient_id=patient_id, limit=_MOST)]


@room.api("PUT", "/appointments/{appointment_id}", action="appointment.write")
def set_state_json(ask: Ask, appointment_id: Id, body: AppointmentChange) -> EntryOut:
    """Save where an appointment stands."""
    with ask.acting() as acting:
        changed = acting.change(Appointment, appointment_id, version=body.version, state=body.state)
        return entry_out(changed)
