"""The frame of ``/api/v1``: who am I, drafts, jobs, and the description of everything in OpenAPI."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from milia import __version__
from milia.web.pages import SIGNED_IN, Room
from milia.web.pages_ask import Ask

__all__ = ["Answer", "Done", "JobOut", "room"]

room = Room("general")


class Answer(BaseModel):
    """Base of every answer: read from the records' own objects, nothing unknown left in."""

    model_config = ConfigDict(from_attributes=True)


class Done(Answer):
    """Nothing to tell but that it is done."""

    done: bool = True


class Me(Answer):
    id: str
    login: str
    name: str
    role: str
    second_factor: bool
    must_change: bool
    language: str
    scopes: list[str] | None = Field(description="What the token may do; null for a person at the screen.")


class DraftOut(Answer):
    form: str
    subject: str
    version: int
    content: dict[str, Any]
    saved_at: datetime


class DraftIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    content: dict[str, Any] = Field(max_length=200)
    version: int = Field(default=0, ge=0, le=2**31 - 1, description="The version that was read; 0 for none.")
    patient_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None


class DraftSaved(Answer):
    version: int


class JobOut(Answer):
    id: str
    task: str
    state: str
    progress_percent: int
    problem: str
    result: Any
    created_at: datetime


Form = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,40}$")]
Subject = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@room.api("GET", "/me", action=SIGNED_IN, early=True)
def me(ask: Ask) -> Me:
    """Say who asks."""
    user = ask.user
    scopes = ask.person.scopes if ask.person else None
    return Me(
        id=user.id,
        login=user.login,
        name=user.name,
        role=user.role,
        second_factor=user.second_factor,
        must_change=user.must_change,
        language=ask.words.language.tag,
        scopes=None if scopes is None else sorted(scopes),
    )


@room.api("GET", "/drafts/{form}/{subject}", action="draft.own")
def draft(ask: Ask, form: Form, subject: Subject) -> DraftOut | None:
    """Give what was typed into a form and not saved yet."""
    with ask.acting() as acting:
        found = acting.drafts.get(form, subject)
    return DraftOut.model_validate(found) if found else None


@room.api("PUT", "/drafts/{form}/{subject}", action="draft.own")
def save_draft(ask: Ask, form: Form, subject: Subject, body: DraftIn) -> DraftSaved:
    """Keep what is being typed."""
    with ask.acting() as acting:
        version = acting.drafts.save(
            form, subject, body.content, version=body.version, patient_id=body.patient_id
        )
    return DraftSaved(version=version)


@room.api("DELETE", "/drafts/{form}/{subject}", action="draft.own")
def drop_draft(ask: Ask, form: Form, subject: Subject) -> Done:
    """Forget what was typed."""
    with ask.acting() as acting:
        acting.drafts.drop(form, subject)
    return Done()


@room.api("GET", "/jobs/{job_id}", action="job.own")
def job(ask: Ask, job_id: Id) -> JobOut:
    """Say where a job stands, with its result once it is done."""
    with ask.acting() as acting:
        return JobOut.model_validate(acting.jobs.get(job_id))


@room.api("DELETE", "/jobs/{job_id}", action="job.own")
def cancel_job(ask: Ask, job_id: Id) -> Done:
    """Stop a job."""
    with ask.acting() as acting:
        acting.jobs.cancel(job_id)
    return Done()


@room.api("GET", "/openapi.json", action=SIGNED_IN, early=True, include_in_schema=False)
def openapi(ask: Ask) -> JSONResponse:
    """Describe every route of the API."""
    app = ask.request.app
    if app.openapi_schema is None:
        described = get_openapi(
            title="Milia", version=__version__, routes=app.routes, summary="The clinic's records as JSON."
        )
        described["components"].setdefault("securitySchemes", {})["token"] = {
            "type": "http",
            "scheme": "bearer",
        }
        described["security"] = [{"token": []}]
        app.openapi_schema = described
    return JSONResponse(app.openapi_schema)
