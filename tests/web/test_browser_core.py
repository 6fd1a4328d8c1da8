"""The frame in a real browser: every page at both widths, both languages, by keyboard, in the dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from milia.records import Device, Keyring, Lesion, Outcome, Patient, TestShots, Treatment, open_records
from milia.web.rooms.devices_shots import COLUMNS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSWORD = "a long enough password"
ADMIN_PAGES = ("/", "/users", "/audit", "/clinic", "/account", "/account/password", "/devices")
STAFF_PAGES = ("/", "/roles", "/learn", "/learn/never-squeeze", "/account")
_BAND = {"p05": 0.7, "p50": 0.9, "p95": 1.1}
CALIBRATION = {
    "sentence": "Your laser delivers 0.90 ± 0.12 of its display.",
    "effective_share": {"before": {"p05": 0.2, "p50": 0.9, "p95": 3.0}, "after": _BAND},
    "lasers_own_share": _BAND,
    "predictive_check": [
        {
            "label": "1: depth",
            "measured_um": 62.0,
            "p05_um": 38.0,
            "p50_um": 57.0,
            "p95_um": 78.0,
            "inside": True,
        }
    ],
}
DOCTOR_PAGES = (*STAFF_PAGES, "/devices", "/devices/library/generic-er-yag", "/outcomes")


@pytest.mark.parametrize(
    ("role", "paths", "language", "narrow", "dark"),
    [
        ("administrator", ADMIN_PAGES, "en-GB", False, False),
        ("administrator", ADMIN_PAGES, "ko-KR", True, False),
        ("doctor", DOCTOR_PAGES, "ko-KR", False, True),
        ("front_desk", STAFF_PAGES, "en-GB", True, True),
        ("", ("/sign-in",), "ko-KR", True, False),
    ],
)
def test_every_page_is_accessible_fits_and_is_quiet(
    open_page: Callable[..., Any],
    check_page: Callable[..., None],
    role: str,
    paths: tuple[str, ...],
    language: str,
    narrow: bool,
    dark: bool,
) -> None:
    page = open_page(role, language=language, narrow=narrow, dark=dark)
    for path in paths:
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language[:2]
        check_page(page)


def test_a_calibrated_device_and_outcomes_are_accessible_with_their_charts(
    open_page: Callable[..., Any], check_page: Callable[..., None], clinic: Any
) -> None:
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        report = {**CALIBRATION, "warnings": ["Mind the gap."], "set_aside": []}
        definition = {"library": "generic-superpulse-co2", "report": report}
        device = acting.add(Device(name="Room 2", definition=definition)).id
        rows = ({**dict.fromkeys(COLUMNS, ""), "row_id": "1", "tissue": "pig skin", "in_ex_vivo": "ex vivo"},)
        acting.add(TestShots(device_id=device, shot_on="2026-03-01", rows=rows))
        patient = acting.add(Patient(name="Amber Example")).id
        lesion = acting.add(Lesion(patient_id=patient, site="cheek")).id
        whose = {"patient_id": patient, "lesion_id": lesion}
        done = acting.add(Treatment(**whose, treated_on="2026-03-01", action="extract")).id
        record = {"opened": "yes", "mark_week_12": "none", "healed_day": 6}
        acting.add(Outcome(**whose, treatment_id=done, seen_on="2026-06-01", record=record))
    for narrow, dark in ((False, True), (True, False)):
        page = open_page("doctor", narrow=narrow, dark=dark)
        for path, charts in ((f"/devices/{device}", 2), ("/outcomes?by=setting", 1)):
            page.goto(path)
            assert page.locator(".chart svg").count() == charts
            check_page(page)


def test_signing_in_by_keyboard_alone(
    open_page: Callable[..., Any], clinic: Any, check_page: Callable[..., None]
) -> None:
    page = open_page("")
    page.keyboard.type("nurse")
    page.keyboard.press("Tab")
    page.keyboard.type(clinic.password("nurse"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    assert page.locator(".who").inner_text().startswith("Nurse Test")
    page.keyboard.press("Tab")
    focused = page.evaluate("() => document.activeElement.className")
    assert focused == "skip"
    check_page(page)


def test_a_problem_shows_above_and_what_was_typed_stays(open_page: Callable[..., Any]) -> None:
    page = open_page("nurse")
    page.goto("/account/password")
    page.fill("[name=old]", "not the right one")
    page.fill("[name=new]", "a new long sentence")
    page.fill("[name=again]", "a new long sentenze")
    page.click("main form button")
    page.locator("#messages .note.bad").wait_for()
    assert "differ" in page.locator("#messages").inner_text()
    assert page.input_value("[name=new]") == "a new long sentence"
    assert page.evaluate("() => document.activeElement.name") == "again"
    page.fill("[name=again]", "a new long sentence")
    page.click("main form button")
    page.get_by_text("The old password is another one.").wait_for()


def test_the_language_changes_at_once(open_page: Callable[..., Any]) -> None:
    page = open_page("doctor")
    page.goto("/learn")
    page.click("button[lang=ko]")
    page.get_by_role("heading", name="자료실").wait_for()
    assert page.url.endswith("/learn")
    page.click("button[lang=en]")
    page.get_by_role("heading", name="Learn", exact=True).wait_for()


def test_a_session_that_ended_meanwhile_leads_to_the_door(open_page: Callable[..., Any], clinic: Any) -> None:
    page = open_page("nurse")
    page.goto("/account")
    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        acting.users.revoke_sessions(clinic.ids["nurse"])
    page.goto("/sign-in")
    page.wait_for_timeout(2100)
    page.goto("/account")
    assert "/sign-in?back=/account" in page.url


def test_forms_keep_what_is_typed_and_two_people_are_told(
    open_page: Callable[..., Any], clinic: Any, app: Any
) -> None:
    """A page with one form, as the rooms build them: kept as it is typed, merged when somebody was faster."""
    from milia.web.app import Site

    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        patient = acting.add(Patient(name="Amber Example")).id
        lesion = acting.add(Lesion(patient_id=patient, site="cheek", diameter_mm=1.0, notes="first")).id
    site: Site = app.state.site
    _add_form(app, site, lesion)
    page = open_page("doctor")
    page.goto("/extra")
    page.fill("[name=notes]", "typed, 가나다 😀")
    page.locator(".saved", has_text="Kept as you type.").wait_for()
    page.goto("/")
    page.goto("/extra")
    page.locator(".saved", has_text="What you typed before is back.").wait_for()
    assert page.input_value("[name=notes]") == "typed, 가나다 😀"

    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        acting.change(Lesion, lesion, version=1, diameter_mm=2.0)
    page.click("main form button")
    page.get_by_text("Saved by somebody else in the meantime").wait_for()
    page.get_by_role("button", name="Keep both edits").click()
    page.get_by_text("The change is saved.").wait_for()
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        found = acting.get(Lesion, lesion).content
        assert (found.notes, found.diameter_mm) == ("typed, 가나다 😀", 2.0)
        assert acting.drafts.get("lesion", lesion) is None


def _add_form(app: Any, site: Any, lesion: str) -> None:
    from fastapi import Depends

    from milia.web.pages import Room
    from milia.web.pages_ask import Ask, asking

    template = (
        '{% extends "base.html" %}{% block main %}<h1>x</h1>'
        '{% call forms.form("/extra", draft="lesion:" ~ lesion.id, version=lesion.version) %}'
        '{{ forms.field("Notes", "notes", lesion.content.notes) }}<button>Save</button>'
        "{% endcall %}{% endblock %}"
    )
    site.env.loader = _with(site.env.loader, {"extra.html": template})
    room = Room("extra")

    def show(ask: Any) -> Any:
        with ask.acting() as acting:
            return ask.page("extra.html", lesion=acting.get(Lesion, lesion))

    def save(ask: Any) -> Any:
        form = ask.form
        with ask.acting() as acting:
            acting.change(
                Lesion,
                lesion,
                version=form.whole("version"),
                merge=form.flag("merge"),
                notes=form.maybe("notes"),
            )
            acting.drafts.drop("lesion", lesion)
        return ask.go("/extra", said="The change is saved.")

    show.__annotations__["ask"] = save.__annotations__["ask"] = Ask
    room.page("/extra", action="lesion.read")(show)
    room.form("/extra", action="lesion.write")(save)
    for each in room.routes:
        app.add_api_route(
            each.path, each.function, methods=[each.method], dependencies=[Depends(asking)], **each.more
        )
    app.router.routes.insert(0, app.router.routes.pop())
    app.router.routes.insert(0, app.router.routes.pop())


def _with(loader: Any, templates: dict[str, str]) -> Any:
    from jinja2 import ChoiceLoader, DictLoader

    return ChoiceLoader([DictLoader(templates), loader])


def test_first_steps_in_the_browser(
    chromium: Any, tmp_path: Any, check_page: Callable[..., None], serve_app: Callable[[Any], str]
) -> None:
    """From the code in the terminal to the demonstration's patients, in clicks."""
    from milia.web.app import create_app

    records = open_records(f"sqlite:///{tmp_path / 'n.db'}", Keyring.fresh(), data=tmp_path)
    code = records.setup_code()
    url = serve_app(create_app(records, needs_setup=True))
    context = chromium.new_context(base_url=url, locale="ko-KR", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto("/")
    check_page(page)
    for name, value in {
        "setup_code": code,
        "clinic": "한빛의원",
        "name": "김하나",
        "login": "hana",
        "password": PASSWORD,
        "password_again": PASSWORD,
    }.items():
        page.fill(f"[name={name}]", value)
    page.click("main form button")
    page.wait_for_url("**/clinic")
    check_page(page)
    page.click("form[action='/clinic/demo'] button")
    one_time = page.locator("#one-time").inner_text()
    page.click("form[action='/sign-out'] button")
    page.fill("[name=login]", "demo")
    page.fill("[name=password]", one_time)
    page.click("main form button")
    page.wait_for_url("**/account/password")
    for name, value in {"old": one_time, "new": PASSWORD, "again": PASSWORD}.items():
        page.fill(f"[name={name}]", value)
    page.click("main form button")
    page.get_by_text("비밀번호를 바꾸었습니다").wait_for()
    check_page(page)
    context.close()
    records.close()
