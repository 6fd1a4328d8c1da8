"""Lesions: pinned on the face map, moved, closed, taken back; each page begins with what comes next."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from milia.records import Acting, Entry, Lesion
from milia.web.facemap import site_at
from milia.web.i18n import mark
from milia.web.pages import Room
from milia.web.pages_ask import Ask
from milia.web.rooms.patients_chart import lesion_of
from milia.web.rooms.patients_json import EntryOut, Id, LesionOut, SmallVersion, entry_out, lesion_out

room = Room("lesions")


def _pinned(acting: Acting, patient_id: str, fields: dict[str, Any]) -> Entry[Lesion]:
    return acting.add(Lesion.model_validate({"patient_id": patient_id, **fields}))


@room.form("/patients/{patient_id}/lesions", action="lesion.write")
def add_lesion(ask: Ask, patient_id: Id) -> Response:
    """Pin a new lesion, by a tap on the map or by the name of its site."""
    form = ask.form
    fields: dict[str, Any] = {
        "site": form.text("site"),
        "pin_x": form.number("pin_x"),
        "pin_y": form.number("pin_y"),
        "diameter_mm": form.number("diameter_mm"),
    }
    with ask.acting() as acting:
        lesion = _pinned(acting, patient_id, fields)
    if form.flag("stay"):
        return ask.go(_back(ask, patient_id), mark("The lesion is pinned."))
    return ask.go(f"/lesions/{lesion.id}/findings")


def _back(ask: Ask, patient_id: str) -> str:
    back = ask.form.maybe("back")
    return back if back.startswith(("/visits/", "/patients/")) else f"/patients/{patient_id}"


class LesionIn(BaseModel):
    """A lesion as sent by a program; without a site, the one under the pin."""

    model_config = ConfigDict(extra="forbid")

    site: str | None = Field(default=None, max_length=40)
    pin_x: float | None = Field(default=None, ge=0, le=1)
    pin_y: float | None = Field(default=None, ge=0, le=1)
    diameter_mm: float | None = Field(default=None, gt=0, le=50)
    notes: str = Field(default="", max_length=10_000)


@room.api("POST", "/patients/{patient_id}/lesions", action="lesion.write", status_code=201)
def add_lesion_json(ask: Ask, patient_id: Id, body: LesionIn) -> EntryOut:
    """Pin a new lesion."""
    fields = body.model_dump()
    if body.site is None and body.pin_x is not None and body.pin_y is not None:
        fields["site"] = site_at(body.pin_x, body.pin_y)
    with ask.acting() as acting:
        return entry_out(_pinned(acting, patient_id, fields))


@room.page("/lesions/{lesion_id}", action="lesion.read")
def lesion_page(ask: Ask, lesion_id: Id) -> Response:
    """Go to the page that comes next for this lesion."""
    with ask.acting() as acting:
        _, view = lesion_of(acting, lesion_id)
    return ask.go(f"/lesions/{lesion_id}/{view.next_step}")


@room.api("GET", "/lesions/{lesion_id}", action="lesion.read")
def lesion_json(ask: Ask, lesion_id: Id) -> LesionOut:
    """Give one lesion with its newest entries."""
    with ask.acting() as acting:
        return lesion_out(lesion_of(acting, lesion_id)[1])


class LesionChange(LesionIn):
    """A lesion with the version that was read."""

    version: SmallVersion
    state: str = Field(default="open", pattern="^(open|treated|closed)$")
    merge: bool = False


@room.api("PUT", "/lesions/{lesion_id}", action="lesion.write")
def change_lesion_json(ask: Ask, lesion_id: Id, body: LesionChange) -> EntryOut:
    """Save a changed lesion; fields that are left out stay as they are."""
    fields = body.model_dump(exclude={"version", "merge"}, exclude_unset=True)
    with ask.acting() as acting:
        return entry_out(acting.change(Lesion, lesion_id, version=body.version, merge=body.merge, **fields))


@room.form("/lesions/{lesion_id}/edit", action="lesion.write")
def change_lesion(ask: Ask, lesion_id: Id) -> Response:
    """Save size, site and notes, or close and open the lesion."""
    form = ask.form
    fields: dict[str, Any] = {
        "site": form.text("site"),
        "diameter_mm": form.number("diameter_mm"),
        "notes": form.maybe("notes"),
        "state": "closed" if form.flag("closed") else "open",
    }
    with ask.acting() as acting:
        acting.change(Lesion, lesion_id, version=form.whole("version"), merge=form.flag("merge"), **fields)
    return ask.go(f"/lesions/{lesion_id}", mark("Saved."))


@room.form("/lesions/{lesion_id}/undo", action="lesion.write")
def undo_lesion(ask: Ask, lesion_id: Id) -> Response:
    """Take the last save of a lesion back; a pin that was just set goes away."""
    with ask.acting() as acting:
        entry = acting.undo(Lesion, lesion_id, version=ask.form.whole("version"))
    gone = entry.removed_at is not None
    where = f"/patients/{entry.content.patient_id}" if gone else f"/lesions/{lesion_id}"
    return ask.go(where, mark("Taken back."))
