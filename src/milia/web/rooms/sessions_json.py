"""Sessions of several lesions as JSON: who may be part, planned, kept, shown and signed by programs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData, UploadFile

from milia.web.api import Answer, JobOut
from milia.web.pages import Room
from milia.web.pages_ask import Ask, Form
from milia.web.rooms.patients_chart import chart_of
from milia.web.rooms.patients_json import EntryOut, Id, entry_out
from milia.web.rooms.sessions import finish_session, queue_session
from milia.web.rooms.sessions_case import choices_of
from milia.web.rooms.sessions_kept import Kept, kept_of, sign_shown

room = Room("sessions")

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class ChoiceOut(Answer):
    lesion_id: str
    number: int
    site: str
    diameter_mm: float | None
    state: str
    may_be_planned: bool
    why_not: str = Field(description="Empty where it may be planned.")


class PickIn(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lesion_id: Hex
    diameter_mm: Annotated[float | None, Field(gt=0, le=50)] = None


class SessionIn(BaseModel):
    """Which lesions, one device, one set of wishes."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    device: Annotated[str, Field(min_length=1, max_length=80)] = Field(
        description="`own:` and the id of one of the clinic's devices, or a device of the library."
    )
    lesions: Annotated[list[PickIn], Field(min_length=1, max_length=100)]
    roof_um: Annotated[float | None, Field(gt=0, le=5000)] = None
    roof_spread_um: Annotated[float | None, Field(gt=0, le=5000)] = None
    skin_um: Annotated[float | None, Field(gt=0, le=10_000)] = None
    opening_um: Annotated[float | None, Field(gt=0, le=5000)] = None
    pace_s: Annotated[float | None, Field(gt=0, le=3600)] = None
    weight_kg: Annotated[float | None, Field(gt=0, le=500)] = None
    prefer: Annotated[
        list[Literal["laser", "extract", "electrosurgery", "observe"]], Field(max_length=4)
    ] = []


class SessionLesionOut(Answer):
    lesion_id: str
    number: int
    plan_row_id: str
    group: str
    order: int | None = Field(description="Its place today; null where it is left for another day.")
    signable: bool = Field(description="Whether it is among those that are signed in one step.")
    decided: bool
    planned_anew: bool


class SessionOut(Answer):
    id: str
    session: dict[str, Any] = Field(description="As `milia session --json` prints it, without whole plans.")
    lesions: list[SessionLesionOut]


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    plans: Annotated[list[Hex], Field(min_length=1, max_length=100)] = Field(
        description="`plan_row_id` of every lesion that is signable: all of them, or none is signed."
    )


def _form(body: SessionIn) -> Form:
    names = ("roof_um", "roof_spread_um", "skin_um", "opening_um", "pace_s", "weight_kg")
    stated = {name: value for name in names if (value := getattr(body, name)) is not None}
    stated |= {f"diameter_{each.lesion_id}": each.diameter_mm for each in body.lesions if each.diameter_mm}
    fields: list[tuple[str, str | UploadFile]] = [
        ("device", body.device),
        *((name, f"{value:g}") for name, value in stated.items()),
        *(("prefer", each) for each in body.prefer),
        *(("lesion", each.lesion_id) for each in body.lesions),
    ]
    return Form(FormData(fields))


def _out(kept: Kept) -> SessionOut:
    return SessionOut(
        id=kept.id,
        session=dict(kept.overview),
        lesions=[
            SessionLesionOut(
                lesion_id=row.view.id,
                number=row.view.number,
                plan_row_id=row.plan.id,
                group=row.group,
                order=row.step["number"] if row.step else None,
                signable=row.open,
                decided=row.decision is not None,
                planned_anew=row.replaced,
            )
            for row in kept.rows
        ],
    )


@room.api("GET", "/patients/{patient_id}/sessions/choices", action="plan.read")
def choices_json(ask: Ask, patient_id: Id) -> list[ChoiceOut]:
    """Say which lesions of a patient may be planned for one session, and why others may not."""
    with ask.acting() as acting:
        chart = chart_of(acting, patient_id)
    return [
        ChoiceOut(
            lesion_id=each.view.id,
            number=each.view.number,
            site=each.view.content.site,
            diameter_mm=each.view.content.diameter_mm,
            state=each.view.state,
            may_be_planned=each.may,
            why_not=ask.t(each.why) if each.why else "",
        )
        for each in choices_of(chart)
    ]


@room.api("POST", "/patients/{patient_id}/sessions", action="plan.write", status_code=202)
def ask_session_json(ask: Ask, patient_id: Id, body: SessionIn) -> JobOut:
    """Ask for the plan of a session; its job says how far it is."""
    with ask.acting() as acting:
        job_id = queue_session(ask, acting, patient_id, _form(body))
        return JobOut.model_validate(acting.jobs.get(job_id))


@room.api("POST", "/patients/{patient_id}/sessions/{job_id}", action="plan.write", status_code=201)
def keep_session_json(ask: Ask, patient_id: Id, job_id: Id) -> SessionOut:
    """Keep what one's own job planned: one plan on each lesion. Asking again gives the same."""
    with ask.acting() as acting:
        finish_session(ask, acting, chart_of(acting, patient_id), acting.jobs.get(job_id))
        return _out(kept_of(chart_of(acting, patient_id), job_id))


@room.api("GET", "/patients/{patient_id}/sessions/{session_id}", action="plan.read")
def session_json(ask: Ask, patient_id: Id, session_id: Id) -> SessionOut:
    """Give a planned session."""
    with ask.acting() as acting:
        return _out(kept_of(chart_of(acting, patient_id), session_id))


@room.api(
    "POST", "/patients/{patient_id}/sessions/{session_id}/decisions", action="decision.write", status_code=201
)
def sign_session_json(ask: Ask, patient_id: Id, session_id: Id, body: SignIn) -> list[EntryOut]:
    """Accept the plans of all lesions that are treated today, or none."""
    with ask.acting() as acting:
        kept = kept_of(chart_of(acting, patient_id), session_id)
        return [entry_out(each) for each in sign_shown(acting, kept, body.plans)]
