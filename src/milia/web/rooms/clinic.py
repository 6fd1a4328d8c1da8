"""The clinic for its administrator: first steps, and a demonstration with people who do not exist."""

from __future__ import annotations

import secrets

from pydantic import Field
from starlette.responses import Response

from milia.base import InputError
from milia.web.api import Answer
from milia.web.demo import fill_demo
from milia.web.i18n import mark
from milia.web.pages import SIGNED_IN, Nav, Room
from milia.web.pages_ask import Ask, Asking

room = Room("clinic", nav=(Nav(mark("Clinic"), "/clinic", 70, "clinic.manage", icon="clinic"),))

DEMO_LOGIN = "demo"
_DEMO_SEED = 2026


class ClinicOut(Answer):
    id: str
    name: str
    time_zone: str


class DemoMade(Answer):
    login: str
    one_time_password: str = Field(description="Shown once.")
    patients: int


def make_demo(ask: Asking) -> DemoMade:
    """Make a doctor's account named ``demo`` and patients who do not exist, in its name."""
    password = secrets.token_urlsafe(12)
    with ask.acting() as acting:
        if any(each.login == DEMO_LOGIN for each in acting.users.everybody()):
            raise InputError(
                mark("The demonstration is there already."), key="demo", accepted=mark("one demonstration")
            )
        made = acting.users.add(
            login=DEMO_LOGIN, role="doctor", name=ask.t("Demonstration doctor"), password=password
        )
    with ask.records.acting(made.id) as acting:
        patients = fill_demo(acting, today=ask.today, now=ask.now, seed=_DEMO_SEED)
    return DemoMade(login=DEMO_LOGIN, one_time_password=password, patients=patients)


@room.page("/clinic", action="clinic.manage")
def clinic_page(ask: Ask) -> Response:
    """Show the clinic and its first steps."""
    return _page(ask, None)


def _page(ask: Asking, made: DemoMade | None) -> Response:
    with ask.acting() as acting:
        people = acting.users.everybody()
    return ask.page(
        "clinic.html",
        clinic=ask.site.clinic(ask.user.clinic_id),
        people=people,
        has_demo=any(each.login == DEMO_LOGIN for each in people),
        made=made,
        on_sqlite=ask.records.engine.dialect.name == "sqlite",
        folder=str(ask.records.folder),
    )


@room.form("/clinic/demo", action="clinic.manage")
def demo(ask: Ask) -> Response:
    """Make the demonstration."""
    return _page(ask, make_demo(ask))


@room.api("GET", "/clinic", action=SIGNED_IN)
def clinic_json(ask: Ask) -> ClinicOut:
    """Give the clinic's name and time zone."""
    return ClinicOut.model_validate(ask.site.clinic(ask.user.clinic_id))


@room.api("POST", "/clinic/demo", action="clinic.manage", status_code=201)
def demo_json(ask: Ask) -> DemoMade:
    """Make the demonstration."""
    return make_demo(ask)
