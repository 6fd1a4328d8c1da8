"""A patient's own data: everything in one file to take away, and erasing on the patient's request."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from milia.base import InputError
from milia.web.i18n import mark
from milia.web.pages import Room
from milia.web.pages_ask import Ask, Asking
from milia.web.rooms.patients_json import Id

room = Room("patients_data")

_NUMBER = re.compile(r"[0-9a-f]{32}")
_SHORTEST_REASON = 10


@room.page("/patients/{patient_id}/export", action="patient.export")
def export(ask: Ask, patient_id: Id) -> Response:
    """Give everything about one patient as a zip."""
    return _zip(ask, patient_id)


@room.form("/clinic/export", action="patient.export")
def export_by_number(ask: Ask) -> Response:
    """Give everything about the patient whose number is typed, to somebody who sees no names."""
    return _zip(ask, _number(ask.form.text("patient")))


def _zip(ask: Asking, patient_id: str) -> Response:
    with ask.acting() as acting:
        data = acting.export_patient(patient_id)
    headers = {
        "content-disposition": f'attachment; filename="milia-patient-{patient_id[:8]}.zip"',
        "cache-control": "private, no-store",
    }
    return Response(data, media_type="application/zip", headers=headers)


@room.form("/clinic/erase", action="patient.erase")
def erase(ask: Ask) -> Response:
    """Make a patient's content unreadable for ever, by number and with a reason; the trail stays."""
    form = ask.form
    patient_id, reason = _number(form.text("patient")), form.text("reason")
    if _number(form.text("patient_again"), "patient_again") != patient_id:
        raise InputError(
            mark("The two numbers differ."), key="patient_again", accepted=mark("the same number twice")
        )
    _erased(ask, patient_id, reason)
    return ask.go("/clinic", mark("The patient is erased. The trail is kept."))


def _erased(ask: Asking, patient_id: str, reason: str) -> None:
    if len(reason) < _SHORTEST_REASON:
        raise InputError(mark("Say who asked for it, and when."), key="reason", accepted=mark("a reason"))
    with ask.acting(reason) as acting:
        acting.erase_patient(patient_id)


def _number(text: str, key: str = "patient") -> str:
    found = text.strip().lower().replace("-", "").replace(" ", "")
    if not _NUMBER.fullmatch(found):
        raise InputError(
            mark("This is not a patient's number."),
            key=key,
            accepted=mark("32 letters and digits, from the patient's page"),
        )
    return found


@room.api("GET", "/patients/{patient_id}/export", action="patient.export")
def export_json(ask: Ask, patient_id: Id) -> Response:
    """Give everything about one patient as a zip: `patient.json` and the photographs."""
    return _zip(ask, patient_id)


class EraseIn(BaseModel):
    """Why a patient is erased."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=_SHORTEST_REASON, max_length=300)]


class Erased(BaseModel):
    """Which patient is gone."""

    patient_id: str


@room.api("POST", "/patients/{patient_id}/erase", action="patient.erase")
def erase_json(ask: Ask, patient_id: Id, body: EraseIn) -> Erased:
    """Make a patient's content unreadable for ever; the trail is kept."""
    _erased(ask, patient_id, body.reason)
    return Erased(patient_id=patient_id)
