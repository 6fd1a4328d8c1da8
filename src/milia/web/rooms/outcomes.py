"""What came of the treatments: opened, healed, marks, recurrences; by group, and against the plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from milia.records import Acting, Content, Entry, Lesion, NotFound, Outcome, Plan, Treatment
from milia.web.api import Answer
from milia.web.i18n import Words, mark
from milia.web.pages import Nav, Room
from milia.web.pages_ask import Ask, Asking
from milia.web.rooms.outcomes_count import (
    HARM_EDGES,
    OPEN_EDGES,
    Bin,
    Group,
    Treated,
    bins_of,
    groups_of,
    merged,
    treated_of,
)
from milia.web.rooms.outcomes_look import MEASURE_NAMES, forest_chart, reliability_chart

room = Room("outcomes", nav=(Nav(mark("Outcomes"), "/outcomes", 50, "outcome.read", icon="chart"),))

MOST = 500
_PAGES = 4
C = TypeVar("C", bound=Content)
By = Literal["site", "device", "setting"]
Before = Annotated[int | None, Query(ge=1, le=2**53)]
BY_NAMES = {"site": mark("Site"), "device": mark("Device"), "setting": mark("Setting")}


class ShareOut(Answer):
    seen: int
    of: int
    low: float | None = Field(description="Lower end of the 90 % interval.")
    high: float | None


class GroupOut(Answer):
    name: str
    treated: int
    opened: ShareOut
    healed: ShareOut
    mark: ShareOut
    recurred: ShareOut
    healed_day: float | None
    p_open: float | None
    p_harm: float | None


class BinOut(Answer):
    low: float
    high: float
    predicted: float
    seen: ShareOut


class OutcomesOut(Answer):
    by: By
    treated: int
    first_day: date | None
    last_day: date | None
    older: int | None = Field(description="`before` of the next page; null where there is none.")
    all: GroupOut | None
    groups: list[GroupOut]
    opened_against_predicted: list[BinOut]
    marks_against_predicted_harm: list[BinOut]


class _Found:
    """What one look at the records gave."""

    def __init__(self, treated: list[Treated], days: list[str], older: int | None, by: By) -> None:
        self.treated, self.older, self.by = treated, older, by
        self.first_day = date.fromisoformat(min(days)) if days else None
        self.last_day = date.fromisoformat(max(days)) if days else None
        self.all = groups_of(treated, lambda _: "")[0] if treated else None
        self.groups: list[Group] = groups_of(treated, lambda each: str(getattr(each, by)))
        self.opened: list[Bin] = bins_of(
            ((each.p_open, each.opened_as_planned) for each in treated), OPEN_EDGES
        )
        self.marks: list[Bin] = bins_of(((each.p_harm, each.mark) for each in treated), HARM_EDGES)


def _look(ask: Asking, by: By, before: int | None) -> _Found:
    with ask.acting() as acting:
        outcomes = acting.entries(Outcome, before=before, limit=MOST)
        of: dict[str, list[Entry[Outcome]]] = {}
        for each in outcomes:
            if each.content.treatment_id is not None:
                of.setdefault(each.content.treatment_id, []).append(each)
        treatments = by_id(acting, Treatment, of)
        lesions = by_id(acting, Lesion, {each.content.lesion_id for each in treatments.values()})
        plans = by_id(
            acting, Plan, {row for each in treatments.values() if (row := each.content.plan_row_id)}
        )
    treated = [
        _treated(treatments[row].content, seen, lesions, plans)
        for row, seen in of.items()
        if row in treatments
    ]
    older = outcomes[-1].seq if len(outcomes) == MOST else None
    return _Found(treated, [each.content.seen_on for each in outcomes], older, by)


def by_id(acting: Acting, kind: type[C], wanted: Iterable[str]) -> dict[str, Entry[C]]:
    """Give entries by id: from the newest pages, where they mostly are, the others one by one."""
    missing = set(wanted)
    found: dict[str, Entry[C]] = {}
    before: int | None = None
    for _ in range(_PAGES):
        if len(missing) < MOST // 10:
            break
        page = acting.entries(kind, before=before, limit=MOST)
        fitting = {each.id: each for each in page if each.id in missing}
        found |= fitting
        missing -= fitting.keys()
        if len(page) < MOST or not fitting:
            break
        before = page[-1].seq
    for row_id in sorted(missing):
        try:
            found[row_id] = acting.get(kind, row_id)
        except NotFound:
            continue
    return found


def _treated(
    treatment: Treatment,
    seen: list[Entry[Outcome]],
    lesions: Mapping[str, Entry[Lesion]],
    plans: Mapping[str, Entry[Plan]],
) -> Treated:
    record = merged([each.content.record for each in seen])
    planned = plans.get(treatment.plan_row_id or "")
    kept = planned.content.plan if planned else {}
    plan = kept.get("plan", kept)
    lesion = lesions.get(treatment.lesion_id)
    return treated_of(
        site=lesion.content.site if lesion else "",
        record=record,
        fired=treatment.model_dump(),
        plan=plan or None,
        device=_device_name(record.get("device") or plan.get("case", {}).get("device")),
    )


def _device_name(found: Any) -> str:
    if isinstance(found, Mapping):
        return str(found.get("title") or found.get("name") or "")
    return str(found or "")


@room.page("/outcomes", action="outcome.read")
def outcomes_page(ask: Ask, by: By = "site", before: Before = None) -> Response:
    """Show what came of the treatments."""
    found = _look(ask, by, before)
    return ask.page(
        "outcomes.html",
        found=found,
        measures=MEASURE_NAMES,
        by_names=BY_NAMES,
        names={group.name: _name_of(group.name, by, ask.words) for group in found.groups},
        forest=forest_chart(found.groups, lambda group: _name_of(group.name, by, ask.words), ask.words),
        opened_chart=reliability_chart(found.opened, ask.words),
        marks_chart=reliability_chart(found.marks, ask.words),
        most=MOST,
    )


def _name_of(name: str, by: By, t: Words) -> str:
    if not name:
        return t("not stated")
    return t(SITE_NAMES.get(name, name)) if by == "site" else t(ACTION_NAMES.get(name, name))


SITE_NAMES = {
    "upper_eyelid": mark("upper eyelid"),
    "lower_eyelid": mark("lower eyelid"),
    "lid_margin": mark("lid margin"),
    "medial_canthus": mark("inner corner of the eye"),
    "lateral_canthus": mark("outer corner of the eye"),
    "glabella": mark("between the brows"),
    "forehead": mark("forehead"),
    "temple": mark("temple"),
    "cheek": mark("cheek"),
    "nose": mark("nose"),
    "perioral": mark("around the mouth"),
    "chin": mark("chin"),
    "neck": mark("neck"),
}
ACTION_NAMES = {
    "extract": mark("extraction"),
    "electrosurgery": mark("electrosurgery"),
    "observe": mark("waiting"),
    "laser": mark("laser"),
}


@room.api("GET", "/outcomes", action="outcome.read")
def outcomes_json(ask: Ask, by: By = "site", before: Before = None) -> OutcomesOut:
    """Give what came of the treatments, counted by site, device or setting."""
    found = _look(ask, by, before)
    return OutcomesOut(
        by=by,
        treated=len(found.treated),
        first_day=found.first_day,
        last_day=found.last_day,
        older=found.older,
        all=GroupOut.model_validate(found.all) if found.all else None,
        groups=[GroupOut.model_validate(each) for each in found.groups],
        opened_against_predicted=[BinOut.model_validate(each) for each in found.opened],
        marks_against_predicted_harm=[BinOut.model_validate(each) for each in found.marks],
    )
