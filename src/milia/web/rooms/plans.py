"""The plan of one lesion: asked for, computed by a worker, looked at, tried by hand, decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData
from starlette.responses import Response

from milia.base import InputError
from milia.language import retold, speaking, word_for
from milia.planning import case_from_mapping
from milia.records import Acting, Decision, Entry, Plan
from milia.web.i18n import mark
from milia.web.pages import Room
from milia.web.pages_ask import Ask, Asking, Form
from milia.web.rooms.patients_chart import LesionView, lesion_of
from milia.web.rooms.patients_json import EntryOut, Id, entry_out
from milia.web.rooms.patients_look import document, lesion_look
from milia.web.rooms.patients_words import ACTIONS
from milia.web.rooms.plans_case import case_of, clinic_devices, device_choices, lacking, own_device
from milia.web.rooms.plans_live import live_answer, start_of, steps_of, with_looks
from milia.web.rooms.plans_words import SETTING_FIELDS, kind_of_chance, words_of

room = Room("plans")

INSTEAD = ("laser", "extract", "electrosurgery", "observe")
RECOMMENDED = (
    (mark("Pulse energy"), "pulse_energy_mJ", "mJ"),
    (mark("Pulse duration"), "pulse_duration_us", "µs"),
    (mark("Spot diameter"), "spot_diameter_um", "µm"),
    (mark("Interval"), "interval_ms", "ms"),
    (mark("Pulses"), "pulses", ""),
)
EFFORT: Mapping[str, int] | None = None
"""How many scenarios each stage of the search fires at; ``None`` is the planner's own."""
JOB_DRAFT = "plan-job"
"""The draft that remembers which job computes the plan of a lesion."""


@room.task("plan")
def plan_task(content: Any, beat: Callable[[int], bool]) -> Any:
    """Compute the whole plan of a case, in a worker."""
    from milia.care import plan_case
    from milia.planning import Effort

    case = case_from_mapping(content["case"], file="case")
    effort = content.get("effort")

    def progress(share: float, _: str) -> None:
        if not beat(min(99, round(100 * share))):
            raise InputError(mark("The plan was cancelled."), key="job")

    found = plan_case(case, seed=0, progress=progress, effort=Effort(**effort) if effort else None)
    return {
        "plan": found.to_dict(),
        "device": content["case"]["device"],
        "device_id": content.get("device_id"),
    }


@room.page("/lesions/{lesion_id}/plan", action="plan.read")
def plan_page(ask: Ask, lesion_id: Id, new: str = "") -> Response:
    """Show the newest plan, or the form for one, or how far one that is being computed has come."""
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
        own = clinic_devices(acting) if ask.can("device.read") else []
        waiting = _waiting(acting, view) if ask.can("job.own") and ask.can("plan.write") else None
        if waiting and waiting.state == "done":
            _keep(acting, view, waiting.result, chart.open_visit(ask.today))
            chart, view = lesion_of(acting, lesion_id)
            waiting = None
    shared = lesion_look(ask, chart, view, "plan")
    if waiting:
        return ask.page("visit/plan_wait.html", job=waiting, **shared)
    if view.plan is None or (new and ask.can("plan.write")):
        return ask.page(
            "visit/plan_new.html",
            devices=device_choices(own),
            lacking=lacking(chart, ask.today),
            alike=sum(1 for each in chart.lesions if each.state in ("diagnosed", "planned", "decided")) or 1,
            **shared,
        )
    return _shown(ask, view, shared)


def _shown(ask: Asking, view: LesionView, shared: dict[str, Any]) -> Response:
    from milia.care import spoken_plan
    from milia.report import draw_pictures, report_view

    entry = view.plan
    assert entry is not None
    plan, told = spoken_plan(entry.content.plan["plan"], ask.t.language)
    with speaking(ask.t.language):
        seen = report_view(plan)
        pictures = draw_pictures(plan, seen.certainty)
    device = _device_of(entry)
    start = start_of(plan, steps_of(device))
    return ask.page(
        "visit/plan.html",
        entry=entry,
        plan=plan,
        seen=seen,
        pictures={
            name: Markup(getattr(pictures, name))
            for name in ("window_wide", "window_narrow", "section_whole")
        },
        captions=pictures,
        fields=SETTING_FIELDS,
        steps_json=steps_of(device),
        start=start,
        device_title=word_for(device.title, ask.t.language),
        told=told,
        recommended=RECOMMENDED,
        looked=with_looks(plan),
        override_choices=[(name, ask.t(ACTIONS[name])) for name in INSTEAD],
        **shared,
    )


def _device_of(entry: Entry[Plan]) -> Any:
    case = _case(entry)
    return case_from_mapping(case, file="plan").device


def _case(entry: Entry[Plan]) -> dict[str, Any]:
    plan = entry.content.plan
    known = plan["plan"]["case"]
    kept = {name: known[name] for name in ("patient", "lesion", "skin", "goal") if known.get(name)}
    return {**kept, "device": plan["device"]}


def _waiting(acting: Acting, view: LesionView) -> Any:
    draft = acting.drafts.get(JOB_DRAFT, view.id)
    return acting.jobs.get(str(draft.content["job"])) if draft else None


def _keep(acting: Acting, view: LesionView, result: Mapping[str, Any], visit: Entry[Any] | None) -> None:
    from milia.care import plan_hash

    plan_id = plan_hash(result["plan"])[:12]
    acting.add(
        Plan(
            patient_id=view.content.patient_id,
            lesion_id=view.id,
            visit_id=visit.id if visit else None,
            plan_id=plan_id,
            plan=dict(result),
        )
    )
    acting.drafts.drop(JOB_DRAFT, view.id)


@room.form("/lesions/{lesion_id}/plan", action="plan.write")
def ask_plan(ask: Ask, lesion_id: Id) -> Response:
    """Put the plan into the queue, once the case is found to be one."""
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
        case = case_of(chart, view, ask.form, clinic_devices(acting), today=ask.today)
        case_from_mapping(case, file="case")
        queue_plan(acting, view, case, device_id=own_device(ask.form.text("device")))
        acting.drafts.drop("plan", lesion_id)
    return ask.go(f"/lesions/{lesion_id}/plan")


def queue_plan(acting: Acting, view: LesionView, case: dict[str, Any], *, device_id: str | None) -> str:
    """Put a plan into the queue and remember for whom; the page of the lesion finds it again."""
    content = {"case": case, "device_id": device_id, "effort": dict(EFFORT) if EFFORT else None}
    job = acting.jobs.add("plan", content, patient_id=view.content.patient_id)
    old = acting.drafts.get(JOB_DRAFT, view.id)
    acting.drafts.save(
        JOB_DRAFT,
        view.id,
        {"job": job},
        version=old.version if old else 0,
        patient_id=view.content.patient_id,
    )
    return job


@room.form("/lesions/{lesion_id}/plan/cancel", action="plan.write")
def cancel_plan(ask: Ask, lesion_id: Id) -> Response:
    """Stop waiting for a plan, or clear one that failed."""
    with ask.acting() as acting:
        _, view = lesion_of(acting, lesion_id)
        job = _waiting(acting, view)
        if job:
            acting.jobs.cancel(job.id)
        acting.drafts.drop(JOB_DRAFT, lesion_id)
    return ask.go(f"/lesions/{lesion_id}/plan?new=1")


@room.api("GET", "/lesions/{lesion_id}/plans", action="plan.read")
def plans_json(ask: Ask, lesion_id: Id) -> list[EntryOut]:
    """Give the plans of a lesion, newest first."""
    with ask.acting() as acting:
        return [entry_out(each) for each in acting.entries(Plan, lesion_id=lesion_id)]


class LiveIn(BaseModel):
    """One setting of the plan's device, in the units of its display."""

    model_config = ConfigDict(extra="forbid")

    energy_mJ: Annotated[float, Field(gt=0, le=1e5)]
    duration_us: Annotated[float, Field(gt=0, le=1e7)]
    spot_um: Annotated[float, Field(gt=0, le=1e5)]
    interval_ms: Annotated[float, Field(ge=0, le=1e6)]
    pulses: Annotated[int, Field(ge=1, le=5)]


@room.api("POST", "/plans/{plan_id}/live", action="plan.read")
def live(ask: Ask, plan_id: Id, body: LiveIn) -> dict[str, Any]:
    """Say what another setting does to this plan's case: an estimate, with the picture of the wound."""
    with ask.acting() as acting:
        entry = acting.get(Plan, plan_id)
    with speaking(ask.t.language):
        found = live_answer(_case(entry), body.model_dump(), seed=0)
    goals = found.pop("goals")
    return {
        **found,
        "notes": [retold(note, ask.t.language) for note in found["notes"]],
        "settings": body.model_dump(),
        "shown": {
            **{name: ask.t.percent(found[name]) for name in ("p_open", "p_harm")},
            **{
                f"{name}_range": ask.t(
                    "{low}–{high} %",
                    low=round(100 * found["ranges"][name][0]),
                    high=round(100 * found["ranges"][name][1]),
                )
                for name in ("p_open", "p_harm")
            },
        },
        "kinds": {
            "p_open": kind_of_chance(found["p_open"], goals["p_open_min"], rising=True),
            "p_harm": kind_of_chance(found["p_harm"], goals["p_harm_max"], rising=False),
        },
        "words": words_of(ask.t, found),
    }


@room.form("/plans/{plan_id}/decision", action="decision.write")
def decide(ask: Ask, plan_id: Id) -> Response:
    """Accept a plan or decide otherwise with a reason; the decision is final from the start."""
    form = ask.form
    choice = form.text("choice")
    with ask.acting() as acting:
        entry = acting.get(Plan, plan_id)
        sign_decision(acting, entry, form)
    step = "treat" if choice == "approve" or form.maybe("instead_action") else "plan"
    return ask.go(f"/lesions/{entry.content.lesion_id}/{step}", mark("The decision is signed."))


def sign_decision(acting: Acting, entry: Entry[Plan], form: Form) -> Entry[Decision]:
    """Keep what was decided about a plan, once; it is final from the start."""
    if acting.entries(Decision, plan_row_id=entry.id, limit=1):
        raise InputError(mark("This plan was decided already; plan anew to decide again."), key="choice")
    return acting.add(_decision(form, entry, form.text("choice")))


def _decision(form: Form, entry: Entry[Plan], choice: str) -> Decision:
    fields: dict[str, Any] = {
        "patient_id": entry.content.patient_id,
        "plan_row_id": entry.id,
        "choice": choice,
        "reason": mark("As planned.") if choice == "approve" else form.maybe("reason"),
    }
    if choice == "override":
        if len(fields["reason"]) < 5:
            raise InputError(mark("Write why you decide otherwise."), key="reason", accepted=mark("a reason"))
        action = form.text("instead_action")
        if action not in INSTEAD:
            raise InputError(
                mark("This is not one of the choices."), key="instead_action", accepted=", ".join(INSTEAD)
            )
        instead: dict[str, Any] = {"action": action}
        if action == "laser":
            for name in ("energy_mJ", "duration_us", "spot_um", "interval_ms", "pulses"):
                instead[name] = _wanted(form, f"instead_{name}")
        fields["instead"] = instead
    return Decision.model_validate(fields)


def _wanted(form: Form, name: str) -> float:
    if (found := form.number(name)) is None:
        raise InputError(
            mark("The setting is not whole: move the dials."), key=name, accepted=mark("a number")
        )
    return found


@room.page("/plans/{plan_id}/report", action="plan.read")
def plan_report(ask: Ask, plan_id: Id) -> Response:
    """Show the whole report as it is printed: a page of its own that asks nobody for anything."""
    from milia.report import render_html

    with ask.acting() as acting:
        entry = acting.get(Plan, plan_id)
    return document(render_html(entry.content.plan["plan"], ask.t.language))


class DecisionIn(BaseModel):
    """A decision as sent by a program; who and when are the token's."""

    model_config = ConfigDict(extra="forbid")

    choice: Annotated[str, Field(pattern="^(approve|override)$")]
    reason: Annotated[str, Field(max_length=2000)] = ""
    instead: LiveIn | None = None
    instead_action: Annotated[str, Field(max_length=40)] = ""


@room.api("POST", "/plans/{plan_id}/decision", action="decision.write", status_code=201)
def decide_json(ask: Ask, plan_id: Id, body: DecisionIn) -> EntryOut:
    """Accept a plan, or decide otherwise with a reason."""
    said: dict[str, Any] = {
        "choice": body.choice,
        "reason": body.reason,
        "instead_action": body.instead_action,
    }
    if body.instead:
        said |= {f"instead_{name}": str(value) for name, value in body.instead.model_dump().items()}
    with ask.acting() as acting:
        entry = acting.get(Plan, plan_id)
        return entry_out(sign_decision(acting, entry, Form(FormData(said))))


@room.api("GET", "/plans/{plan_id}", action="plan.read")
def plan_json(ask: Ask, plan_id: Id) -> EntryOut:
    """Give one plan."""
    with ask.acting() as acting:
        return entry_out(acting.get(Plan, plan_id))
