"""Several lesions of one patient for one day: picked on the map, planned as one job, signed in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from starlette.responses import Response

from milia.base import InputError
from milia.planning import PREFERABLE, session_from_mapping
from milia.records import Acting
from milia.web.facemap import FaceMap
from milia.web.i18n import mark
from milia.web.pages import Room
from milia.web.pages_ask import Ask, Asking
from milia.web.rooms import plans
from milia.web.rooms.patients_chart import Chart, age_years, chart_of
from milia.web.rooms.patients_json import Id
from milia.web.rooms.patients_look import look, map_of
from milia.web.rooms.patients_words import ACTIONS
from milia.web.rooms.plans_case import clinic_devices, device_choices, lacking, own_device
from milia.web.rooms.sessions_case import apart, choices_of, session_of
from milia.web.rooms.sessions_kept import Kept, keep_session, kept_of, newest_of, sign_shown

room = Room("sessions")

JOB = "session-job"
COLOURS = 6
MOST_WORDS = {
    "test_spot": mark("A test spot comes first in this patient."),
    "batch": mark("Care allows no more in one session."),
    "anaesthetic": mark("More would need more lidocaine than this patient may have."),
    "no_laser": mark("No group is treated with the laser."),
}
DOSE_WORDS = {
    "no_weight": mark("Without a weight no limit is computed."),
    "history": mark("This patient's history forbids a computed limit."),
    "weight": mark("The most for this patient is {mg} mg, {ml} mL."),
}


@room.task("session")
def session_task(content: Any, beat: Callable[[int], bool]) -> Any:
    """Plan a whole session, in a worker."""
    from milia.care import plan_session
    from milia.planning import Effort

    def progress(share: float, _: str) -> None:
        if not beat(min(99, round(100 * share))):
            raise InputError(mark("The plan was cancelled."), key="job")

    session = session_from_mapping(content["session"], file="session")
    effort = Effort(**content["effort"]) if content.get("effort") else None
    made = plan_session(session, today=date.fromisoformat(content["today"]), effort=effort, progress=progress)
    return {
        "made": made,
        "device": content["session"]["device"],
        **{name: content[name] for name in ("device_id", "lesions", "patient_id")},
    }


@room.page("/patients/{patient_id}/session", action="plan.write")
def session_page(ask: Ask, patient_id: Id, new: str = "") -> Response:
    """Show the form for today's session, or how far the one that is being planned has come."""
    with ask.acting() as acting:
        chart = chart_of(acting, patient_id)
        job = waiting_of(ask, acting, patient_id)
        own = clinic_devices(acting) if ask.can("device.read") else []
    shared = session_look(ask, chart)
    if job and job.state == "done":
        try:
            with ask.acting() as acting:
                kept = finish_session(ask, acting, chart_of(acting, patient_id), job)
        except InputError as error:
            # A lesion or its diagnosis was taken back while the session was being planned.
            return ask.page("visit/session_wait.html", job=job, problem=error.problem, **shared)
        return ask.go(f"/patients/{patient_id}/session/{kept}")
    if job and not new:
        return ask.page("visit/session_wait.html", job=job, problem=job.problem, **shared)
    choices = choices_of(chart)
    return ask.page(
        "visit/session_new.html",
        choices=choices,
        pickable={each.view.id for each in choices if each.may},
        devices=device_choices(own),
        lacking=lacking(chart, ask.today),
        preferable=[(name, ask.t(ACTIONS[name])) for name in PREFERABLE],
        newest=newest_of(chart),
        map=map_of(chart),
        **shared,
    )


def session_look(ask: Asking, chart: Chart) -> dict[str, Any]:
    """Give what every page of a session needs."""
    visit = chart.open_visit(ask.today)
    return {
        "chart": chart,
        "visit": visit,
        "back": f"/visits/{visit.id}" if visit else f"/patients/{chart.patient.id}",
        "age": age_years(chart.patient.content, ask.today),
        **look(),
    }


def waiting_of(ask: Asking, acting: Acting, patient_id: str) -> Any:
    """Give one's own session of this patient that is being planned, or was and is not kept yet."""
    if not ask.can("job.own"):
        return None
    draft = acting.drafts.get(JOB, patient_id)
    return acting.jobs.get(str(draft.content["job"])) if draft else None


def finish_session(ask: Asking, acting: Acting, chart: Chart, job: Any) -> str:
    """Keep what a job planned, and say under which id."""
    if job.task != "session" or job.state != "done" or job.result["patient_id"] != chart.patient.id:
        raise InputError(
            mark("This session is not planned yet."), key="job", accepted=mark("one that is done")
        )
    keep_session(acting, chart, job.id, job.result, chart.open_visit(ask.today))
    acting.drafts.drop(JOB, chart.patient.id)
    return str(job.id)


def queue_session(ask: Asking, acting: Acting, patient_id: str, form: Any) -> str:
    """Put a session into the queue, once it is found to be one, and remember it for the patient's page."""
    chart = chart_of(acting, patient_id)
    session, names = session_of(chart, form, clinic_devices(acting), today=ask.today)
    content = {
        "session": session,
        "patient_id": patient_id,
        "lesions": names,
        "device_id": own_device(form.text("device")),
        "today": ask.today.isoformat(),
        "effort": dict(plans.EFFORT) if plans.EFFORT else None,
    }
    job = acting.jobs.add("session", content, patient_id=patient_id)
    old = acting.drafts.get(JOB, patient_id)
    acting.drafts.save(
        JOB, patient_id, {"job": job}, version=old.version if old else 0, patient_id=patient_id
    )
    return job


@room.form("/patients/{patient_id}/session", action="plan.write")
def ask_session(ask: Ask, patient_id: Id) -> Response:
    """Ask for the plan of today's session."""
    with ask.acting() as acting:
        queue_session(ask, acting, patient_id, ask.form)
        acting.drafts.drop("session", patient_id)
    return ask.go(f"/patients/{patient_id}/session")


@room.form("/patients/{patient_id}/session/cancel", action="plan.write")
def cancel_session(ask: Ask, patient_id: Id) -> Response:
    """Stop waiting for a session, or clear one that failed."""
    with ask.acting() as acting:
        if job := waiting_of(ask, acting, patient_id):
            acting.jobs.cancel(job.id)
        acting.drafts.drop(JOB, patient_id)
    return ask.go(f"/patients/{patient_id}/session?new=1")


@room.page("/patients/{patient_id}/session/{session_id}", action="plan.read")
def kept_page(ask: Ask, patient_id: Id, session_id: Id) -> Response:
    """Show a planned session: groups, order on the map, pauses, what is left and why, wound, anaesthetic."""
    from milia.care import spoken_plan

    with ask.acting() as acting:
        chart = chart_of(acting, patient_id)
    kept = kept_of(chart, session_id)
    drawn = _drawn(chart, kept)
    at = {pin.id: (pin.x, pin.y) for pin in drawn.pins}
    unpinned, sideways = apart(chart, [row.view for row in kept.rows])
    groups = kept.overview["groups"]
    spoken = {row.group: spoken_plan(row.plan.content.plan["plan"], ask.t.language)[0] for row in kept.rows}
    return ask.page(
        "visit/session.html",
        kept=kept,
        made=kept.overview,
        map=drawn,
        route=" ".join(f"{x:g},{y:g}" for x, y in (at[row.view.id] for row in kept.today)),
        colours={group["name"]: number % COLOURS for number, group in enumerate(groups)},
        unpinned=", ".join(map(str, unpinned)),
        sideways=", ".join(map(str, sideways)),
        most_words=MOST_WORDS,
        dose_words=DOSE_WORDS,
        spoken=spoken,
        rows={row.view.id: row for row in kept.rows},
        **session_look(ask, chart),
    )


def _drawn(chart: Chart, kept: Kept) -> FaceMap:
    mine = {row.view.id for row in kept.rows}
    whole = map_of(chart)
    return replace(whole, pins=tuple(pin for pin in whole.pins if pin.id in mine))


@room.form("/patients/{patient_id}/session/{session_id}/decisions", action="decision.write")
def sign_session(ask: Ask, patient_id: Id, session_id: Id) -> Response:
    """Accept and sign the plans of today's lesions, all that were shown or none."""
    with ask.acting() as acting:
        kept = kept_of(chart_of(acting, patient_id), session_id)
        sign_shown(acting, kept, ask.form.all("plan"))
    return ask.go(f"/patients/{patient_id}/session/{session_id}", mark("The decisions are signed."))
