"""Photographs: uploaded with consent, cleaned, encrypted; in order of time, and two on top of each other."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from milia.base import InputError
from milia.records import Acting, Entry, Photograph
from milia.web.i18n import mark
from milia.web.pages import Room
from milia.web.pages_ask import Ask, Asking, Form
from milia.web.photo import MOST_BYTES, clean_photo, thumbnail
from milia.web.rooms.patients_chart import Chart, age_years, chart_of
from milia.web.rooms.patients_json import EntryOut, Id, entry_out
from milia.web.rooms.patients_look import look

room = Room("photographs")

_MOST = 300
_MOST_AT_ONCE = 12
# Room for the other fields of the form around the largest picture.
_BODY_bytes = MOST_BYTES + (1 << 20)
_SMALL, _LARGE = 320, 2400


def _listed(acting: Acting, patient_id: str, lesion: str) -> list[Entry[Photograph]]:
    found = acting.entries(Photograph, patient_id=patient_id, limit=_MOST)
    kept = [each for each in found if not lesion or each.content.lesion_id == lesion]
    return sorted(kept, key=_day, reverse=True)


def _day(entry: Entry[Photograph]) -> date:
    return entry.content.taken_on or entry.created_at.date()


@room.page("/patients/{patient_id}/photographs", action="photograph.read")
def photographs_page(
    ask: Ask, patient_id: Id, lesion: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = ""
) -> Response:
    """Show the photographs of a patient or of one lesion in order of time, and the way to add some."""
    with ask.acting() as acting:
        chart = chart_of(acting, patient_id)
        found = _listed(acting, patient_id, lesion)
    days = [(day, list(each)) for day, each in groupby(found, key=_day)]
    return ask.page("visit/photographs.html", days=days, found=found, lesion=lesion, **_shared(ask, chart))


def _shared(ask: Asking, chart: Chart) -> dict[str, Any]:
    return {
        "chart": chart,
        "age": age_years(chart.patient.content, ask.today),
        "numbers": {each.id: each for each in chart.lesions},
        "back": f"/patients/{chart.patient.id}",
        **look(),
    }


@room.form("/patients/{patient_id}/photographs", action="photograph.write", most_bytes=_BODY_bytes)
def add_photographs(ask: Ask, patient_id: Id) -> Response:
    """Keep uploaded pictures of a patient who agreed to photographs."""
    lesion = ask.form.maybe("lesion")
    _added(ask, patient_id)
    back = f"/patients/{patient_id}/photographs" + (f"?lesion={lesion}" if lesion else "")
    return ask.go(back, mark("The photographs are saved."))


def _added(ask: Asking, patient_id: str) -> list[Entry[Photograph]]:
    form: Form = ask.form
    files = form.files("photographs")
    if not files:
        raise InputError(mark("No picture was chosen."), key="photographs", accepted="JPEG, PNG, HEIC")
    if len(files) > _MOST_AT_ONCE:
        raise InputError(
            mark("Too many pictures at once."),
            key="photographs",
            value=len(files),
            accepted=f"1–{_MOST_AT_ONCE}",
        )
    # All are decoded before the first is kept: a damaged one in the middle leaves nothing half done.
    clean = [(each.filename or "", clean_photo(each.file.read(), name=each.filename or "")) for each in files]
    lesion = form.maybe("lesion") or None
    with ask.acting() as acting:
        visit = chart_of(acting, patient_id).open_visit(ask.today)
        return [
            acting.photographs.add(
                picture.data,
                patient_id=patient_id,
                lesion_id=lesion,
                visit_id=visit.id if visit else None,
                media_type=picture.media_type,
                name=" ".join(name.split())[:200],
                caption=form.maybe("caption"),
                taken_on=min(picture.taken_on or ask.today, ask.today),
            )
            for name, picture in clean
        ]


_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "photographs": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "lesion": {"type": "string"},
                        "caption": {"type": "string"},
                    },
                    "required": ["photographs"],
                }
            }
        },
    }
}


@room.api(
    "POST",
    "/patients/{patient_id}/photographs",
    action="photograph.write",
    most_bytes=_BODY_bytes,
    status_code=201,
    openapi_extra=_UPLOAD,
)
def add_photographs_json(ask: Ask, patient_id: Id) -> list[EntryOut]:
    """Keep pictures: a form with files named ``photographs``, and ``lesion`` and ``caption`` if wanted."""
    return [entry_out(each) for each in _added(ask, patient_id)]


@room.api("GET", "/patients/{patient_id}/photographs", action="photograph.read")
def photographs_json(
    ask: Ask, patient_id: Id, lesion: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = ""
) -> list[EntryOut]:
    """Give the photographs of a patient, newest first, without the pictures themselves."""
    with ask.acting() as acting:
        return [entry_out(each) for each in _listed(acting, patient_id, lesion)]


@room.page("/photographs/{photograph_id}/image", action="photograph.read")
def image(ask: Ask, photograph_id: Id, edge: Annotated[int, Query(ge=32, le=_LARGE)] = _LARGE) -> Response:
    """Give a picture, its longest side at most `edge` pixels."""
    with ask.acting() as acting:
        data = acting.photographs.read(photograph_id)
    return Response(
        thumbnail(data, edge=edge),
        media_type="image/jpeg",
        headers={"content-security-policy": "default-src 'none'", "cache-control": "private, no-store"},
    )


@room.form("/photographs/{photograph_id}/undo", action="photograph.write")
def undo_photograph(ask: Ask, photograph_id: Id) -> Response:
    """Take a picture out of the record, or bring it back."""
    with ask.acting() as acting:
        entry = acting.undo(Photograph, photograph_id, version=ask.form.whole("version"))
    return ask.go(f"/patients/{entry.content.patient_id}/photographs", mark("Taken back."))


@room.page("/patients/{patient_id}/compare", action="photograph.read")
def compare_page(
    ask: Ask,
    patient_id: Id,
    a: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = "",
    b: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = "",
    lesion: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = "",
) -> Response:
    """Show two pictures beside each other and on top of each other; by default the oldest and the newest."""
    with ask.acting() as acting:
        chart = chart_of(acting, patient_id)
        found = _listed(acting, patient_id, lesion)
    by_id = {each.id: each for each in found}
    first = by_id.get(a) or (found[-1] if found else None)
    second = by_id.get(b) or (found[0] if found else None)
    return ask.page(
        "visit/compare.html", found=found, first=first, second=second, lesion=lesion, **_shared(ask, chart)
    )
