"""The lesion's page: findings with the live differential beside them, and the confirmed diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from milia.base import InputError
from milia.diagnosis import Assessment, assess, percent
from milia.web.errors import problem_of
from milia.web.i18n import mark
from milia.web.pages import Room
from milia.web.pages_ask import Ask, Asking
from milia.web.rooms.findings_sheet import CLOSED, confirmed, known_first, saved, sheet_of, taken_back
from milia.web.rooms.findings_terms import in_words
from milia.web.rooms.patients_chart import Chart, LesionView, lesion_of
from milia.web.rooms.patients_json import EntryOut, Id, entry_out
from milia.web.rooms.patients_look import lesion_look

room = Room("findings")

_SHOWN = 6
BOUNDS = (mark("below 1 %"), mark("above 99 %"))
"""What stands in place of 0 % and 100 %, which no list of findings can promise."""
CONCLUSIONS = {
    "milium_likely": (mark("A milium is likely."), "good"),
    "other_benign_likely": (mark("Another harmless lesion is likely."), "info"),
    "examine_further": (mark("Look further before deciding."), "warn"),
    "refer": (mark("Refer before any treatment."), "bad"),
}


@room.page("/lesions/{lesion_id}/findings", action="finding_sheet.read")
def findings_page(ask: Ask, lesion_id: Id) -> Response:
    """Show the form of findings with the differential of what is saved."""
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
    sheet = dict(view.sheet.content.findings) if view.sheet else {}
    return ask.page(
        "visit/findings.html",
        sheet=sheet,
        **_answer(ask, chart, view, sheet),
        **lesion_look(ask, chart, view, "findings"),
    )


def _answer(ask: Asking, chart: Chart, view: LesionView, sheet: Mapping[str, Any]) -> dict[str, Any]:
    known = known_first(chart.patient.content, view, ask.today)
    try:
        found = assess({**known, **sheet})
    except InputError as error:
        return {"found": None, "problem": problem_of(error), "closed": CLOSED}
    seen = shown(found)
    for row in seen["rows"]:
        plain = row["percent"][0].isdigit()
        row["percent"] = ask.t.percent(row["share"]) if plain else ask.t(row["percent"])
    seen = {**seen, "asked": [in_words(ask.t, each) for each in found.ask_next[:3]]}
    return {"found": seen, "problem": None, "closed": CLOSED}


def shown(found: Assessment) -> dict[str, Any]:
    """Give what the differential's template shows, flags first."""
    title, kind = CONCLUSIONS[found.conclusion]
    return {
        "title": title,
        "kind": kind,
        "flags": found.refer.flags,
        "referral": () if found.refer.flags else found.refer.reasons,
        "rows": [
            {
                "condition": each.condition,
                "percent": percent(each.probability),
                "share": each.probability,
                "low": each.interval.p05,
                "high": each.interval.p95,
                "must_refer": each.must_refer,
                "for": [reason.words for reason in each.reasons_for[:4]],
                "against": [reason.words for reason in each.reasons_against[:4]],
            }
            for each in found.differential[:_SHOWN]
        ],
        "ask": found.ask_next[:3],
        "warnings": found.warnings,
    }


@room.form("/lesions/{lesion_id}/differential", action="finding_sheet.read")
def differential(ask: Ask, lesion_id: Id) -> Response:
    """Answer with the differential of what stands in the form now; nothing is kept."""
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
    return ask.part("visit/differential.html", **_answer(ask, chart, view, sheet_of(ask.form)))


@room.form("/lesions/{lesion_id}/findings", action="finding_sheet.write")
def save_findings(ask: Ask, lesion_id: Id) -> Response:
    """Keep the findings, and where asked confirm and sign the diagnosis."""
    form = ask.form
    sheet = sheet_of(form)
    confirm = form.maybe("confirm") == "1"
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
        visit = chart.open_visit(ask.today)
        known = known_first(chart.patient.content, view, ask.today)
        kept = saved(
            acting,
            view,
            sheet,
            known,
            visit_id=visit.id if visit else None,
            version=form.whole("version") if form.maybe("version") else None,
            merge=form.flag("merge"),
        )
        if confirm:
            confirmed(
                acting, view, kept, condition=form.text("condition").lower(), reason=form.maybe("reason")
            )
        acting.drafts.drop("findings", lesion_id)
    if confirm:
        return ask.go(f"/lesions/{lesion_id}/plan", mark("The diagnosis is signed."))
    return ask.go(f"/lesions/{lesion_id}/findings", mark("The findings are saved."))


@room.form("/lesions/{lesion_id}/findings/undo", action="finding_sheet.write")
def undo_findings(ask: Ask, lesion_id: Id) -> Response:
    """Take the last save of the findings back, while they are not signed."""
    with ask.acting() as acting:
        _, view = lesion_of(acting, lesion_id)
        taken_back(acting, view, version=ask.form.whole("version"))
    return ask.go(f"/lesions/{lesion_id}/findings", mark("Taken back."))


class FindingsIn(BaseModel):
    """Findings with the keys of `milia assess`, and the diagnosis where it is to be signed."""

    model_config = ConfigDict(extra="forbid")

    findings: dict[str, Any] = Field(max_length=40)
    confirm: str | None = Field(default=None, min_length=1, max_length=80)
    reason: str = Field(default="", max_length=2000)


class FindingsOut(BaseModel):
    """What was kept."""

    findings: EntryOut
    assessment: EntryOut
    diagnosis: EntryOut | None


@room.api("PUT", "/lesions/{lesion_id}/findings", action="finding_sheet.write")
def save_findings_json(ask: Ask, lesion_id: Id, body: FindingsIn) -> FindingsOut:
    """Keep findings with their assessment; ``confirm`` names and signs the diagnosis."""
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
        known = known_first(chart.patient.content, view, ask.today)
        kept = saved(acting, view, body.findings, known, visit_id=None)
        signed = (
            confirmed(acting, view, kept, condition=body.confirm.lower(), reason=body.reason)
            if body.confirm
            else None
        )
        return FindingsOut(
            findings=entry_out(kept[0]),
            assessment=entry_out(kept[1]),
            diagnosis=entry_out(signed) if signed else None,
        )


@room.api("GET", "/lesions/{lesion_id}/findings", action="finding_sheet.read")
def findings_json(ask: Ask, lesion_id: Id) -> dict[str, Any]:
    """Give the differential of the saved findings, as `milia assess` prints it."""
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
    sheet = dict(view.sheet.content.findings) if view.sheet else {}
    return assess({**known_first(chart.patient.content, view, ask.today), **sheet}).to_dict()
