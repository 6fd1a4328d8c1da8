"""Aftercare: the patient's documents in their language, printed, or by a private link that runs out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from milia.base import InputError, MiliaError
from milia.care import UNNAMED, CarePack, OutcomeRecord, care_pack
from milia.language import LANGUAGES, Language, language
from milia.records import Acting, Draft, NotFound, Outcome, Plan
from milia.web.i18n import mark
from milia.web.pages import PRIVATE_LINK, Room
from milia.web.pages_ask import Ask, Asking
from milia.web.rooms.patients_chart import LesionView, lesion_of
from milia.web.rooms.patients_json import Id
from milia.web.rooms.patients_look import document, lesion_look

room = Room("care")

DOCUMENTS = {
    "leaflet.pdf": (mark("Leaflet, to print"), "application/pdf"),
    "leaflet.html": (mark("Leaflet, on the screen"), "text/html; charset=utf-8"),
    "calendar.ics": (mark("Calendar"), "text/calendar; charset=utf-8"),
    "consent.pdf": (mark("Consent sheet, to print"), "application/pdf"),
}
DAYS = (7, 14, 30, 90)
_LINK = "care-link"
_SECRET_bytes = 16
_ID_bytes = 16
# What somebody with a link sees is read in the name of who made it, and with no more rights than these.
_SCOPES = frozenset({"draft.own", "plan.read", "outcome.read"})
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{64}$")]


@dataclass(frozen=True, slots=True)
class Handout:
    """Which plan is handed out, from which day, and the record of what was really done."""

    plan_row_id: str
    outcome_id: str | None
    start: str


def _handout(view: LesionView, today: date) -> Handout:
    plan = view.plan
    if plan is None:
        raise InputError(mark("There is no plan to hand out."), key="plan")
    done = view.current_treatment
    if done is None:
        return Handout(plan.id, None, today.isoformat())
    outcome = next((each for each in view.outcomes if each.content.treatment_id == done.id), None)
    return Handout(plan.id, outcome.id if outcome else None, done.content.treated_on)


def _pack(ask: Asking, acting: Acting, wanted: Handout) -> CarePack:
    plan = acting.get(Plan, wanted.plan_row_id).content
    record = acting.get(Outcome, wanted.outcome_id).content.record if wanted.outcome_id else None
    done = OutcomeRecord.model_validate(record) if record else None
    name = ask.site.clinic(acting.user.clinic_id).name
    return care_pack(
        plan.plan["plan"],
        start=date.fromisoformat(wanted.start),
        clinic=replace(UNNAMED, name=" ".join(name.split())[:80]),
        today=date.fromisoformat(wanted.start),
        allow_past=True,
        done=done,
    )


def _made(name: str, pack: CarePack, tag: str) -> Response:
    from milia.report import (
        render_calendar,
        render_consent_pdf,
        render_leaflet_html,
        render_leaflet_pdf,
    )

    known = language(tag)
    if name == "consent.pdf" and pack.consent is None:
        raise NotFound("Nothing is done to the skin, so there is no consent sheet.")
    renderers: dict[str, Callable[[CarePack, Language], str | bytes]] = {
        "leaflet.pdf": render_leaflet_pdf,
        "leaflet.html": render_leaflet_html,
        "calendar.ics": render_calendar,
        "consent.pdf": render_consent_pdf,
    }
    made = renderers[name](pack, known)
    stem, _, end = name.partition(".")
    return document(made, DOCUMENTS[name][1], f"{stem}-{known.tag}.{end}")


@room.page("/lesions/{lesion_id}/care", action="treatment.read")
def care_page(ask: Ask, lesion_id: Id) -> Response:
    """Show what is handed out, and the private links that are open."""
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
        known = acting.drafts.get(_LINK, lesion_id) if ask.can("draft.own") else None
    return _page(ask, known, lesion_look(ask, chart, view, "care"), address="")


def _told(ask: Asking, view: LesionView, tag: str) -> list[tuple[str, list[str], list[str]]]:
    """Give what the patient is told, stretch by stretch: a title, what to do, what to leave."""
    with ask.acting() as acting:
        pack = _pack(ask, acting, _handout(view, ask.today))
    known = language(tag)
    return [
        (
            phase.title.text(known),
            [each.sentence.text(known) for each in phase.do],
            [each.sentence.text(known) for each in phase.avoid],
        )
        for phase in pack.phases
    ]


def _page(ask: Asking, known: Draft | None, shared: dict[str, Any], *, address: str) -> Response:
    view: LesionView = shared["view"]
    link = known.content if known and not _over(known.content, ask.now) else None
    chosen = shared["chart"].patient.content.language or ask.words.language.tag
    chosen = chosen if chosen in {each.tag for each in LANGUAGES} else "en"
    told = _told(ask, view, chosen) if view.plan and ask.can("plan.read") else ()
    return ask.page(
        "visit/care.html",
        languages=[(each.tag, each.name) for each in LANGUAGES],
        chosen=chosen,
        documents={name: title for name, (title, _) in DOCUMENTS.items()},
        day_choices=[(str(days), ask.t("{n} days", n=days)) for days in DAYS],
        address=address,
        only_here=ask.request.url.hostname in ("127.0.0.1", "localhost", "::1"),
        link=link,
        link_until=datetime.fromisoformat(str(link["until"])) if link else None,
        told=told,
        told_tag=chosen,
        done=view.current_treatment,
        **shared,
    )


@room.page("/lesions/{lesion_id}/care/{name}", action="treatment.read")
def care_document(ask: Ask, lesion_id: Id, name: str, tag: str = "en") -> Response:
    """Give one document in the patient's language."""
    _check(name, tag)
    with ask.acting() as acting:
        _, view = lesion_of(acting, lesion_id)
        pack = _pack(ask, acting, _handout(view, ask.today))
    return _made(name, pack, tag)


def _check(name: str, tag: str) -> None:
    if name not in DOCUMENTS:
        raise NotFound("There is no such document.")
    _check_language(tag)


def _check_language(tag: str) -> None:
    tags = [each.tag for each in LANGUAGES]
    if tag not in tags:
        raise InputError(
            mark("No patient's document is in this language."), key="tag", value=tag, accepted=", ".join(tags)
        )


@room.form("/lesions/{lesion_id}/care/link", action="treatment.write")
def make_link(ask: Ask, lesion_id: Id) -> Response:
    """Make a private link; its address is shown once, and an older link of one's own ends."""
    tag, days = ask.form.text("tag"), ask.form.whole("days", DAYS[1])
    with ask.acting() as acting:
        chart, view = lesion_of(acting, lesion_id)
        token = _new_link(ask, acting, view, tag=tag, days=days)
        known = acting.drafts.get(_LINK, lesion_id)
    address = str(ask.request.url.replace(path=f"/care/{token}", query=""))
    return _page(ask, known, lesion_look(ask, chart, view, "care"), address=address)


def _new_link(ask: Asking, acting: Acting, view: LesionView, *, tag: str, days: int) -> str:
    _check_language(tag)
    if not 1 <= days <= DAYS[-1]:
        raise InputError(
            mark("A link lasts from 1 to 90 days."), key="days", value=days, accepted=f"1 to {DAYS[-1]}"
        )
    wanted = _handout(view, ask.today)
    secret = secrets.token_bytes(_SECRET_bytes)
    content = {
        "digest": hashlib.sha256(secret).hexdigest(),
        "until": (ask.now + timedelta(days=days)).isoformat(),
        "tag": tag,
        "plan_row_id": wanted.plan_row_id,
        "outcome_id": wanted.outcome_id,
        "start": wanted.start,
    }
    old = acting.drafts.get(_LINK, view.id)
    acting.drafts.save(
        _LINK, view.id, content, version=old.version if old else 0, patient_id=view.content.patient_id
    )
    packed = bytes.fromhex(ask.user.id) + bytes.fromhex(view.id) + secret
    return base64.urlsafe_b64encode(packed).decode()


@room.form("/lesions/{lesion_id}/care/link/end", action="treatment.write")
def end_link(ask: Ask, lesion_id: Id) -> Response:
    """End one's own link of this lesion at once."""
    with ask.acting() as acting:
        acting.drafts.drop(_LINK, lesion_id)
    return ask.go(f"/lesions/{lesion_id}/care", mark("The link is closed."))


def _over(content: Mapping[str, Any], now: datetime) -> bool:
    return datetime.fromisoformat(str(content["until"])) <= now


@room.page("/care/{token}", action=PRIVATE_LINK)
def private_leaflet(ask: Ask, token: Token) -> Response:
    """Show the leaflet to whoever holds the link, until it runs out."""
    return _private(ask, token, "leaflet.html")


@room.page("/care/{token}/{name}", action=PRIVATE_LINK)
def private_document(ask: Ask, token: Token, name: str) -> Response:
    """Give the leaflet to print, or the calendar, to whoever holds the link."""
    if name not in ("leaflet.pdf", "calendar.ics"):
        raise NotFound("There is no such document.")
    return _private(ask, token, name)


def _private(ask: Asking, token: str, name: str) -> Response:
    closed = NotFound("This link is not open any more. Ask the clinic for a new one.")
    try:
        packed = base64.urlsafe_b64decode(token)
    except (ValueError, binascii.Error):
        raise closed from None
    user_id, lesion_id = packed[:_ID_bytes].hex(), packed[_ID_bytes : 2 * _ID_bytes].hex()
    digest = hashlib.sha256(packed[2 * _ID_bytes :]).hexdigest()
    try:
        with ask.records.acting(user_id, "private link", scopes=_SCOPES) as acting:
            known = acting.drafts.get(_LINK, lesion_id)
            if known is None or not hmac.compare_digest(str(known.content["digest"]), digest):
                raise closed
            if _over(known.content, ask.now):
                raise closed
            content = known.content
            wanted = Handout(content["plan_row_id"], content["outcome_id"], content["start"])
            pack = _pack(ask, acting, wanted)
    except InputError:
        raise
    except MiliaError:
        # Whether the account, the link or the patient is gone is nobody's business here.
        raise closed from None
    return _made(name, pack, str(content["tag"]))


class LinkIn(BaseModel):
    """A private link that is wanted."""

    model_config = ConfigDict(extra="forbid")

    tag: Annotated[str, Field(max_length=20)] = "en"
    days: Annotated[int, Field(ge=1, le=90)] = 14


class LinkOut(BaseModel):
    """A private link; its path is told once."""

    path: str


@room.api("POST", "/lesions/{lesion_id}/care/link", action="treatment.write", status_code=201)
def make_link_json(ask: Ask, lesion_id: Id, body: LinkIn) -> LinkOut:
    """Make a private link to the patient's leaflet."""
    with ask.acting() as acting:
        _, view = lesion_of(acting, lesion_id)
        return LinkOut(path=f"/care/{_new_link(ask, acting, view, tag=body.tag, days=body.days)}")


@room.api("GET", "/lesions/{lesion_id}/care", action="treatment.read")
def care_json(ask: Ask, lesion_id: Id) -> dict[str, Any]:
    """Give the aftercare of the newest plan: steps, warning signs, days until it is healed."""
    with ask.acting() as acting:
        _, view = lesion_of(acting, lesion_id)
    plan = view.plan.content.plan["plan"] if view.plan else {}
    return dict(plan.get("aftercare") or {})
