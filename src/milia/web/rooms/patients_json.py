"""Entries of the records as JSON: one shape for every kind."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field

from milia.records import Entry
from milia.web.rooms.patients_chart import Chart, LesionView

__all__ = ["ChartOut", "EntryOut", "Id", "LesionOut", "SmallVersion", "chart_out", "entry_out", "lesion_out"]

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
SmallVersion = Annotated[int, Field(ge=1, le=2**31 - 1)]


class EntryOut(BaseModel):
    """One entry: which version of what, by whom, signed or not."""

    id: str
    kind: str
    version: int
    content: dict[str, Any]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    signed_at: datetime | None
    signed_by: str | None
    amends: str | None


class LesionOut(BaseModel):
    """A lesion with its number on the map and where it stands."""

    number: int
    state: str
    next_step: str
    red_flags: list[str]
    lesion: EntryOut
    findings: EntryOut | None
    assessment: EntryOut | None
    diagnosis: EntryOut | None
    plan: EntryOut | None
    decision: EntryOut | None
    treatment: EntryOut | None
    outcome: EntryOut | None


class ChartOut(BaseModel):
    """A patient with lesions, visits and consents, newest first."""

    patient: EntryOut
    lesions: list[LesionOut]
    visits: list[EntryOut]
    consents: list[EntryOut]


def entry_out(entry: Entry[Any]) -> EntryOut:
    """Give an entry as JSON."""
    return EntryOut(
        id=entry.id,
        kind=entry.kind,
        version=entry.version,
        content=entry.content.model_dump(mode="json"),
        created_at=entry.created_at,
        created_by=entry.created_by,
        updated_at=entry.updated_at,
        updated_by=entry.updated_by,
        signed_at=entry.signed_at,
        signed_by=entry.signed_by,
        amends=entry.amends,
    )


def lesion_out(view: LesionView) -> LesionOut:
    """Give a lesion with its newest entries as JSON."""
    newest = {
        "lesion": view.entry,
        "findings": view.sheet,
        "assessment": view.assessment,
        "diagnosis": view.diagnosis,
        "plan": view.plan,
        "decision": view.decision,
        "treatment": view.treatment,
        "outcome": view.outcome,
    }
    return LesionOut.model_validate(
        {
            "number": view.number,
            "state": view.state,
            "next_step": view.next_step,
            "red_flags": list(view.red_flags),
            **{name: entry_out(entry) if entry else None for name, entry in newest.items()},
        }
    )


def chart_out(chart: Chart) -> ChartOut:
    """Give a chart as JSON."""
    return ChartOut(
        patient=entry_out(chart.patient),
        lesions=[lesion_out(view) for view in chart.lesions],
        visits=[entry_out(each) for each in chart.visits],
        consents=[entry_out(each) for each in chart.consents],
    )
