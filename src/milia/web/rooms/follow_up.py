"""Follow-up: how it went, in a few taps; the day and the week are reckoned from the treatment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData
from starlette.responses import Response

from milia.base import InputError
from milia.care import outcome_choices
from milia.records import Acting, Entry, Outcome, Photograph
from milia.web.i18n import mark
from milia.web.pages import Room
from milia.web.pages_ask import Ask, Asking, Form
from milia.web.rooms.patients_chart import LesionView, lesion_of
from milia.web.rooms.patients_json import EntryOut, Id, entry_out
from milia.web.rooms.patients_look import lesion_look
from milia.web.rooms.treatments_record import day_of, looked

room = Room("follow_up")

_EYE_SITES = ("upper_eyelid", "lower_eyelid", "lid_margin", "medial_canthus", "lateral_canthus")
YES_NO = {"yes": mark("yes"), "no": mark("no")}
MARKS = {
    "none": mark("none left"),
    "red": mark("red mark"),
    "dark": mark("dark mark"),
    "pale": mark("pale mark"),
    "raised": mark("raised scar"),
    "sunken": mark("sunken scar"),
}
EMPTIED = {"yes": mark("yes"), "partly": mark("partly"), "no": mark("no")}
EYES = {
    "none": mark("no trouble"),
    "red": mark("red eye"),
    "abrasion": mark("abrasion"),
    "other": mark("another trouble"),
}
assert set(MARKS) | {"not_seen"} == set(outcome_choices("mark_week_6"))
assert set(EYES) | {"not_seen"} == set(outcome_choices("eye_trouble"))


@room.page("/lesions/{lesion_id}/follow-up", action="outcome.read")
def follow_up_page(ask: Ask, lesion_id: Id) -> Response:
    """Show how it went so far, and the taps for today's look."""
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
        pictures = acting.entries(Photograph, patient_id=chart.patient.id) if _may_see(ask) else []
    treatment = view.treatment
    outcome = _outcome_of(view)
    return ask.page(
        "visit/follow_up.html",
        treatment=treatment,
        outcome=outcome,
        record=dict(outcome.content.record) if outcome else {},
        day=day_of(treatment, ask.today) if treatment else None,
        expected=_expected_days(view),
        near_eye=view.content.site in _EYE_SITES,
        pictures=_pair_of(pictures, view.id),
        so_far=_so_far(ask, dict(outcome.content.record)) if outcome else [],
        zero_to_ten=[(str(n), str(n)) for n in range(11)],
        marks=MARKS,
        eyes=EYES,
        **lesion_look(ask, chart, view, "follow-up"),
    )


def _pair_of(pictures: list[Entry[Photograph]], lesion_id: str) -> list[Entry[Photograph]]:
    """Give the pictures that tell how a lesion went, oldest first: its own, else also those of the face."""
    own = [each for each in pictures if each.content.lesion_id == lesion_id]
    shown = (
        own if len(own) > 1 else [each for each in pictures if each.content.lesion_id in (lesion_id, None)]
    )
    return sorted(shown, key=lambda each: (each.content.taken_on or each.created_at.date(), each.seq))


def _so_far(ask: Asking, record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say in pairs what the record holds: a title and what was seen."""
    t = ask.t
    tables = (
        (mark("Roof opened"), "opened", YES_NO),
        (mark("Content came out"), "emptied", EMPTIED),
        (mark("Infection"), "infection", YES_NO),
        (mark("Eye"), "eye_trouble", EYES),
        (mark("Left after 6 weeks"), "mark_week_6", MARKS),
        (mark("Left after 12 weeks"), "mark_week_12", MARKS),
    )
    counted = (
        (mark("Closed on day"), "healed_day"),
        (mark("Still open on day"), "open_on_day"),
        (mark("Came back in week"), "recurrence_week"),
        (mark("Gone by itself in week"), "gone_by_itself_week"),
        (mark("Worst pain, 0 to 10"), "pain"),
        (mark("Satisfaction, 0 to 10"), "satisfaction"),
    )
    said = [(t(title), t(words[record[name]])) for title, name, words in tables if record.get(name) in words]
    said += [(t(title), t.number(record[name])) for title, name in counted if record.get(name) is not None]
    return said + ([(t("Note"), str(record["note"]))] if record.get("note") else [])


def _may_see(ask: Asking) -> bool:
    return ask.can("photograph.read")


def _outcome_of(view: LesionView) -> Entry[Outcome] | None:
    treatment = view.treatment
    return next(
        (each for each in view.outcomes if treatment and each.content.treatment_id == treatment.id), None
    )


def _expected_days(view: LesionView) -> tuple[float, float] | None:
    treatment = view.treatment
    plan = next((each for each in view.plans if treatment and each.id == treatment.content.plan_row_id), None)
    if plan is None or treatment is None or plan.content.plan["plan"]["action"] != treatment.content.action:
        return None
    care = plan.content.plan["plan"].get("aftercare")
    days = care.get("healing_days") if isinstance(care, dict) else None
    return (float(days["p05"]), float(days["p95"])) if days else None


@room.form("/lesions/{lesion_id}/follow-up", action="outcome.write")
def look(ask: Ask, lesion_id: Id) -> Response:
    """Keep what was seen; what was not tapped stays as it was."""
    form = ask.form
    with ask.acting() as acting:
        _, view = lesion_of(acting, lesion_id)
        entry = _kept(ask, acting, view, form)
        if form.flag("sign") and ask.can("outcome.sign") and not entry.signed:
            acting.sign(Outcome, entry.id, version=entry.version)
        acting.drafts.drop("follow-up", lesion_id)
    return ask.go(f"/lesions/{lesion_id}/follow-up", mark("The outcome is saved."))


def _kept(ask: Asking, acting: Acting, view: LesionView, form: Form) -> Entry[Outcome]:
    treatment = view.treatment
    if treatment is None:
        raise InputError(mark("This lesion was not treated yet."), key="treatment")
    seen_on = _day(form.maybe("seen_on", ask.today.isoformat()), ask.today)
    known = _outcome_of(view)
    record = looked(form, treatment, known, day_of(treatment, seen_on))
    content: dict[str, Any] = {"seen_on": seen_on.isoformat(), "record": record}
    if known is None:
        links = {"patient_id": view.content.patient_id, "lesion_id": view.id, "treatment_id": treatment.id}
        return acting.add(Outcome.model_validate({**links, **content}))
    if known.signed:
        amended = acting.amend(Outcome, known.id, **content)
        return acting.sign(Outcome, amended.id, version=amended.version)
    version = form.whole("version", known.version)
    return acting.change(Outcome, known.id, version=version, merge=form.flag("merge"), **content)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(
            mark("This is not a day."), key="seen_on", value=text, accepted="2026-12-31"
        ) from None
    if day > today:
        raise InputError(mark("This day lies in the future."), key="seen_on", value=text)
    return day


@room.form("/outcomes/{outcome_id}/undo", action="outcome.write")
def undo_outcome(ask: Ask, outcome_id: Id) -> Response:
    """Take the last look back, while it is not signed."""
    with ask.acting() as acting:
        entry = acting.undo(Outcome, outcome_id, version=ask.form.whole("version"))
    return ask.go(f"/lesions/{entry.content.lesion_id}/follow-up", mark("Taken back."))


class LookIn(BaseModel):
    """What was seen at one look; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    seen_on: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    wound: Annotated[str, Field(pattern="^(closed|open|)$")] = ""
    gone: Annotated[str, Field(pattern="^(yes|no|)$")] = ""
    opened: Annotated[str, Field(pattern="^(yes|no|)$")] = ""
    emptied: Annotated[str, Field(pattern="^(yes|partly|no|)$")] = ""
    infection: Annotated[str, Field(pattern="^(yes|no|)$")] = ""
    eye_trouble: Annotated[str, Field(pattern="^(none|red|abrasion|other|)$")] = ""
    scab: Annotated[str, Field(pattern="^(fell|picked|none|)$")] = ""
    mark: Annotated[str, Field(pattern="^(none|red|dark|pale|raised|sunken|)$")] = ""
    itch: Annotated[str, Field(pattern="^(yes|no|)$")] = ""
    back: Annotated[str, Field(pattern="^(yes|no|)$")] = ""
    pain: Annotated[int, Field(ge=0, le=10)] | None = None
    satisfaction: Annotated[int, Field(ge=0, le=10)] | None = None
    new_lesions: Annotated[int, Field(ge=0, le=500)] | None = None
    note: Annotated[str, Field(max_length=500)] = ""


@room.api("POST", "/lesions/{lesion_id}/outcomes", action="outcome.write", status_code=201)
def look_json(ask: Ask, lesion_id: Id, body: LookIn) -> EntryOut:
    """Keep what was seen at one look."""
    said = {name: str(value) for name, value in body.model_dump().items() if value not in (None, "")}
    with ask.acting() as acting:
        _, view = lesion_of(acting, lesion_id)
        return entry_out(_kept(ask, acting, view, Form(FormData(said))))


@room.api("GET", "/lesions/{lesion_id}/outcomes", action="outcome.read")
def outcomes_json(ask: Ask, lesion_id: Id) -> list[EntryOut]:
    """Give the outcomes of a lesion, newest first."""
    with ask.acting() as acting:
        return [entry_out(each) for each in acting.entries(Outcome, lesion_id=lesion_id)]
