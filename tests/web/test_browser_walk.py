"""What goes wrong at a screen: a double click, the way back, a session that ends, a server that is away."""

from __future__ import annotations

import functools
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from milia.records import Diagnosis, FindingSheet, Lesion, Patient, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


CASE: dict[str, Any] = {
    "patient": {"age": "36 year", "sex": "female", "skin_type": "III", "history": []},
    "lesion": {
        "site": "cheek",
        "diameter": "1 mm",
        "count": 1,
        "diagnosis": {"condition": "milium", "confirmed": True},
    },
    "device": "generic-superpulse-co2",
}


@pytest.fixture
def patient(clinic: Any) -> str:
    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        made = acting.add(Patient(name="Amber Example", born_on="1990-05-01", sex="F", skin_type="III"))
    return str(made.id)


@pytest.fixture
def lesion(clinic: Any, patient: str) -> str:
    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        return str(acting.add(Lesion(patient_id=patient, site="cheek", diameter_mm=1.0)).id)


def photograph(shade: int) -> bytes:
    """A grey square."""
    data = io.BytesIO()
    Image.new("L", (200, 200), shade).save(data, "JPEG")
    return data.getvalue()


@functools.cache
def _plan() -> dict[str, Any]:
    """A real plan of few scenarios, as it lies in the records."""
    from milia.care import plan_case
    from milia.planning import Effort, case_from_mapping

    quick = Effort(screen=4, refine=8, final=16, refined_shots=1, drift=2, swift=8, look=4, looked=False)
    found = plan_case(case_from_mapping(CASE, file="case"), seed=0, effort=quick)
    return dict(json.loads(json.dumps(found.to_dict())))


def posts(page: Any, path: str) -> list[str]:
    """Collect what is posted to a path."""
    seen: list[str] = []
    page.on(
        "request", lambda sent: seen.append(sent.url) if sent.method == "POST" and path in sent.url else 0
    )
    return seen


@pytest.mark.usefixtures("patient")
def test_going_back_after_a_search_shows_a_whole_page(page: Any) -> None:
    page.goto("/account")
    page.goto("/patients")
    for letters in ("a", "am", "amb"):
        page.fill("#f-q", letters)
        page.wait_for_url(f"**/patients?q={letters}")
    page.locator("#rows a").click()
    page.wait_for_url("**/patients/*")
    page.go_back()
    page.wait_for_url("**/patients?q=amb")
    assert page.input_value("#f-q") == "amb"
    assert page.locator("header .menu").count() == 1
    page.go_back()
    page.wait_for_url("**/account")
    assert page.locator("header .menu").count() == 1


def test_a_double_click_signs_once(page: Any, clinic: Any, patient: str) -> None:
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        visit = acting.add(Visit(patient_id=patient, on="2026-03-01")).id
    page.goto(f"/visits/{visit}")
    sent = posts(page, f"/visits/{visit}")
    page.locator("button[name=sign][value='1']").dblclick()
    page.locator(".note.good").wait_for()
    assert len(sent) == 1
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        assert acting.get(Visit, visit).signed
        assert acting.get(Visit, visit).version == 3
    assert page.locator(".note.bad").count() == 0


def test_a_form_without_scripts_of_its_own_is_sent_once(open_page: Callable[..., Any]) -> None:
    """The second account of the demonstration would be refused, and the first one's password lost."""
    page = open_page("administrator")
    page.goto("/clinic")
    page.route("**/clinic/demo", lambda route: (page.wait_for_timeout(300), route.continue_()))
    sent = posts(page, "/clinic/demo")
    page.locator("form[action='/clinic/demo'] button").dblclick()
    page.locator("#one-time").wait_for()
    assert len(sent) == 1


def test_what_is_typed_outlives_the_session(page: Any, clinic: Any, app: Any, patient: str) -> None:
    """The session ends in the middle of typing: sign in beside it, come back, save what was typed."""
    page.goto(f"/patients/{patient}/edit")
    page.wait_for_load_state("networkidle")
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        acting.users.revoke_sessions(clinic.ids["doctor"])
    app.state.site.forget()
    page.fill("[name=name]", "Typed while the session ended")
    page.get_by_text("Your session has ended.").wait_for()
    page.locator("main form button").first.click()
    page.wait_for_timeout(300)
    assert page.url.endswith("/edit")
    assert page.input_value("[name=name]") == "Typed while the session ended"

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in a new window").click()
    door = opened.value
    door.fill("[name=login]", "doctor")
    door.fill("[name=password]", clinic.password("doctor"))
    door.locator("main form button").click()
    door.wait_for_url("**/account")
    door.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.get_by_text("You are signed in again.").wait_for()
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(f"/patients/{patient}$"))
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        assert acting.get(Patient, patient).content.name == "Typed while the session ended"


def test_a_deep_link_is_found_again_after_signing_in(
    open_page: Callable[..., Any], clinic: Any, lesion: str
) -> None:
    page = open_page("")
    page.goto(f"/lesions/{lesion}/findings?from=mail")
    page.fill("[name=login]", "doctor")
    page.fill("[name=password]", clinic.password("doctor"))
    page.locator("main form button").click()
    page.wait_for_url(f"**/lesions/{lesion}/findings?from=mail")


def test_a_differential_that_got_no_answer_says_so_and_comes_again(page: Any, lesion: str) -> None:
    page.goto(f"/lesions/{lesion}/findings")
    page.route("**/differential", lambda route: route.abort())
    page.locator('label:has(input[name="colour"][value="white"])').click()
    page.locator("#differential .stale").wait_for()
    page.unroute("**/differential")
    page.locator("#differential .stale").wait_for(state="detached", timeout=6000)
    assert page.locator("#differential.busy").count() == 0


def test_a_red_flag_takes_the_offered_diagnosis_away(page: Any, lesion: str) -> None:
    page.goto(f"/lesions/{lesion}/findings")
    assert page.input_value("#f-condition") == "milium"
    page.fill("#f-triggers_history", "bleeding")
    page.locator("#differential .flag").first.wait_for()
    assert page.input_value("#f-condition") == ""
    page.fill("#f-condition", "basal cell carcinoma")
    page.fill("#f-triggers_history", "")
    page.locator("#differential .flag").first.wait_for(state="detached")
    assert page.input_value("#f-condition") == "basal cell carcinoma"


def test_a_script_that_fails_is_told_and_forms_still_work(page: Any, patient: str) -> None:
    page.route(
        "**/visit.js*",
        lambda route: route.fulfill(body="throw new Error('broken')", content_type="text/javascript"),
    )
    page.goto(f"/patients/{patient}")
    page.get_by_text("A part of this page does not work.").wait_for()
    page.locator(f'form[action="/patients/{patient}/visits"] button').click()
    page.wait_for_url("**/visits/*")


def test_a_problem_names_the_field_as_the_page_does_and_stays_in_sight(page: Any) -> None:
    page.goto("/patients/new")
    page.fill("[name=name]", "Basalt Example")
    page.locator("details summary").click()
    page.evaluate("document.querySelector('[name=born_on]').removeAttribute('max')")
    page.fill("[name=born_on]", "1700-01-01")
    page.evaluate("document.querySelector('[name=name]').value = ' '")
    page.evaluate("document.querySelector('[name=name]').removeAttribute('required')")
    page.locator("main form button").first.click()
    told = page.locator("#messages .note.bad")
    told.wait_for()
    assert "Field: Name" in told.inner_text()
    box, top = told.bounding_box(), page.locator("header.top").bounding_box()
    assert box["y"] >= top["y"] + top["height"]


def test_two_people_on_one_sheet_of_findings_are_told_and_merged(
    page: Any, clinic: Any, patient: str, lesion: str
) -> None:
    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        made = {"patient_id": patient, "lesion_id": lesion, "state": "saved"}
        sheet = acting.add(FindingSheet.model_validate({**made, "findings": {"colour": ["white"]}})).id
    page.goto(f"/lesions/{lesion}/findings")
    page.locator('label:has(input[name="consistency"][value="firm"])').click()
    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        acting.change(FindingSheet, sheet, version=1, findings={"colour": ["white"], "shape": ["dome"]})
    page.locator('#findings-form button[name=confirm][value="0"]').click()
    page.get_by_text("Saved by somebody else in the meantime").wait_for()
    # The form is longer than the screen: what went wrong is in sight all the same.
    assert page.locator("#messages .note.bad").bounding_box()["y"] >= 0
    page.get_by_role("button", name="Keep both edits").click()
    page.get_by_text("The findings are saved.").wait_for()
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        kept = acting.get(FindingSheet, sheet).content.findings
    assert (kept["colour"], kept["shape"], kept["consistency"]) == (["white"], ["dome"], ["firm"])


def test_a_ghost_is_moved_and_scaled_by_hand_and_by_keys(page: Any, clinic: Any, patient: str) -> None:
    from milia.records import Consent

    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        acting.add(Consent(patient_id=patient, subject="photograph", given=True, given_on="2026-01-01"))
        for shade, day in ((220, "2026-01-02"), (200, "2026-02-02")):
            acting.photographs.add(
                photograph(shade), patient_id=patient, media_type="image/jpeg", name="x.jpg", taken_on=day
            )
    page.goto(f"/patients/{patient}/compare")
    page.locator("#overlay").focus()
    page.keyboard.press("ArrowRight")
    box = page.locator("#overlay").bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 40)
    page.mouse.up()
    page.locator("#ghost-size").fill("120")
    moved = page.evaluate("document.querySelector('.compare .over').style.transform")
    assert moved == "translate(32px, -10px) scale(1.2)"
    page.locator("#ghost-reset").click()
    assert (
        page.evaluate("document.querySelector('.compare .over').style.transform")
        == "translate(0px, 0px) scale(1)"
    )


def test_dials_show_no_number_that_is_not_theirs(
    page: Any, clinic: Any, patient: str, lesion: str, check_page: Callable[..., None]
) -> None:
    """One question at a time, the last one answered; without an answer no number; what is signed is set."""
    from milia.care import plan_hash
    from milia.records import Plan

    plan = _plan()
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        known = acting.add(Diagnosis(patient_id=patient, lesion_id=lesion, condition="milium"))
        acting.sign(Diagnosis, known.id, version=1)
        acting.add(
            Plan(
                patient_id=patient,
                lesion_id=lesion,
                plan_id=plan_hash(plan)[:12],
                plan={"plan": plan, "device": CASE["device"]},
            )
        )
    page.goto(f"/lesions/{lesion}/plan")
    strong = page.locator("[data-live=p_open] strong")
    page.wait_for_function("() => document.querySelector('[data-live=words]').textContent.length > 5")
    flight = {"now": 0, "most": 0, "asked": []}

    def slow(route: Any) -> None:
        flight["now"] += 1
        flight["most"] = max(flight["most"], flight["now"])
        flight["asked"].append(route.request.post_data_json["energy_mJ"])
        page.wait_for_timeout(150)
        route.continue_()
        flight["now"] -= 1

    page.route("**/live", slow)
    dial = page.locator("#dial-energy_mJ")
    steps = int(dial.get_attribute("max"))
    for step in range(steps + 1):
        dial.fill(str(step))
    assert page.locator("#live-plan.busy").count() == 1
    chosen = page.input_value("#decide-form [name=instead_energy_mJ]")
    page.locator("#live-plan:not(.busy)").wait_for()
    assert flight["most"] == 1
    assert len(flight["asked"]) < steps
    assert str(flight["asked"][-1]) == chosen.removesuffix(".0")
    page.unroute("**/live")
    page.route("**/live", lambda route: route.abort())
    dial.fill("0")
    page.get_by_text("Milia does not answer.").wait_for()
    assert strong.inner_text() == "…"
    page.unroute("**/live")
    page.wait_for_function(
        "() => document.querySelector('[data-live=p_open] strong').textContent.includes('%')"
    )

    # What was decided stands above, and its button can be read.
    page.problems.clear()
    page.locator("form:has(input[value=approve]) button").dblclick()
    page.wait_for_url("**/treat")
    page.goto(f"/lesions/{lesion}/plan")
    page.locator("[data-live=p_open] strong", has_text="%").wait_for()
    assert page.locator(".note.good .button").count() == 1
    check_page(page)
