"""The trail: who saw or changed what, and whether it is whole."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from milia.records import AuditLine, AuditReport
from milia.web.api import Answer
from milia.web.i18n import mark
from milia.web.pages import Nav, Room
from milia.web.pages_ask import Ask, Asking

room = Room("audit", nav=(Nav(mark("Trail"), "/audit", 90, "audit.read", icon="trail"),))

PAGE = 100
ACTIONS = {
    "add": mark("added"),
    "begin_second_factor": mark("began a second factor"),
    "cancel": mark("cancelled"),
    "change": mark("changed"),
    "change_password": mark("changed the password"),
    "confirm_second_factor": mark("switched the second factor on"),
    "disable": mark("closed the account"),
    "drop": mark("dropped"),
    "enable": mark("opened the account"),
    "erase": mark("erased"),
    "export": mark("exported"),
    "invite": mark("invited a hospital account"),
    "link": mark("linked a hospital account"),
    "list": mark("listed"),
    "locked_out": mark("was locked out"),
    "read": mark("read"),
    "refused": mark("was refused"),
    "reset_password": mark("reset the password"),
    "revoke": mark("ended sessions or tokens"),
    "save": mark("kept while typing"),
    "search": mark("searched"),
    "setup": mark("set the clinic up"),
    "sign": mark("signed"),
    "sign_in": mark("signed in"),
    "sign_in_failed": mark("failed to sign in"),
    "sign_in_refused": mark("was refused at the door"),
    "undo": mark("took back"),
    "unlink": mark("ended a hospital account's link"),
}
KIND_NAMES = {
    "account": mark("account"),
    "api_token": mark("token"),
    "appointment": mark("appointment"),
    "assessment": mark("assessment"),
    "consent": mark("consent"),
    "decision": mark("decision"),
    "device": mark("device"),
    "diagnosis": mark("diagnosis"),
    "draft": mark("draft"),
    "finding_sheet": mark("findings"),
    "job": mark("job"),
    "lesion": mark("lesion"),
    "outcome": mark("outcome"),
    "patient": mark("patient"),
    "photograph": mark("photograph"),
    "plan": mark("plan"),
    "test_shots": mark("test shots"),
    "treatment": mark("treatment"),
    "visit": mark("visit"),
}
Id = Annotated[str, Query(pattern=r"^[0-9a-f]{32}$")]
Before = Annotated[int, Query(ge=1, le=2**53)]


class AuditLineOut(Answer):
    seq: int
    at: datetime
    actor: str
    action: str
    kind: str
    row_id: str
    version: int
    detail: dict[str, Any]


class AuditReportOut(Answer):
    whole: bool
    clinics: int
    entries: int
    rows: int
    problems: list[str]


def _lines(ask: Asking, actor: str | None, row_id: str | None, before: int | None) -> list[AuditLine]:
    with ask.acting() as acting:
        return acting.audit(actor=actor, row_id=row_id, before=before, limit=PAGE)


def _verify(ask: Asking) -> AuditReport:
    return ask.records.verify_audit()


@room.page("/audit", action="audit.read")
def audit_page(
    ask: Ask, actor: Id | None = None, row_id: Id | None = None, before: Before | None = None
) -> Response:
    """Show the newest lines, about one record or by one person if wanted."""
    found = _lines(ask, actor, row_id, before)
    with ask.acting() as acting:
        names = {each.id: each.name for each in acting.users.everybody()}
    last = found[-1].seq if len(found) == PAGE else None
    return ask.page(
        "audit.html",
        lines=found,
        names=names,
        actor=actor,
        row_id=row_id,
        before=before,
        older=last,
        actions=ACTIONS,
        kinds=KIND_NAMES,
    )


@room.form("/audit/verify", action="audit.read")
def verify_page(ask: Ask) -> Response:
    """Check the whole trail and every record against it."""
    return ask.part("components/trail_report.html", report=_verify(ask))


@room.api("GET", "/audit", action="audit.read")
def audit_json(
    ask: Ask, actor: Id | None = None, row_id: Id | None = None, before: Before | None = None
) -> list[AuditLineOut]:
    """Give the newest lines of the trail; `before` is the number of the last line that was read."""
    return [AuditLineOut.model_validate(each) for each in _lines(ask, actor, row_id, before)]


@room.api("POST", "/audit/verify", action="audit.read")
def verify_json(ask: Ask) -> AuditReportOut:
    """Check the whole trail and every record against it."""
    return AuditReportOut.model_validate(_verify(ask))
