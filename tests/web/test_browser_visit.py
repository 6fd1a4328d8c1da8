"""The whole visit in a real browser, from the face map to the outcome, by a wide and a narrow screen."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw

from milia.records import Patient
from milia.web.app import find_tasks
from milia.web.rooms import plans
from milia.web.serve_work import run_next

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

QUICK = {
    "screen": 4,
    "refine": 8,
    "final": 16,
    "refined_shots": 1,
    "drift": 2,
    "swift": 8,
    "look": 4,
    "looked": False,
}
WORDS = {
    "en-GB": {"firm": "firm", "report": "Findings", "signed": "signed", "lang": "en"},
    "ko-KR": {"firm": "단단함", "report": "소견", "signed": "서명됨", "lang": "ko"},
}


def photograph(shade: int) -> bytes:
    """A face that nobody has: a disc with a bump on it."""
    picture = Image.new("RGB", (400, 400), (shade, 180, 160))
    ImageDraw.Draw(picture).ellipse((180, 180, 220, 220), fill=(250, 245, 230))
    data = io.BytesIO()
    picture.save(data, "JPEG")
    return data.getvalue()


@pytest.fixture
def patient(clinic: Any) -> str:
    with clinic.records.acting(clinic.ids["nurse"]) as acting:
        made = acting.add(
            Patient(name="가람 Example", born_on="1990-05-01", sex="F", skin_type="III", language="ko")
        )
    return str(made.id)


def go(page: Any, button: str, path: str) -> None:
    """Press a button and wait for the page that it leads to."""
    page.locator(button).first.click()
    page.wait_for_url(re.compile(path))
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(("language", "narrow"), [("en-GB", False), ("ko-KR", True)])
def test_the_whole_visit(
    open_page: Callable[..., Any],
    check_page: Callable[..., None],
    clinic: Any,
    patient: str,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    narrow: bool,
) -> None:
    monkeypatch.setattr(plans, "EFFORT", QUICK)
    words = WORDS[language]
    page = open_page("doctor", language=language, narrow=narrow)
    page.goto(f"/patients/{patient}")
    check_page(page)
    go(page, f'form[action="/patients/{patient}/visits"] button', "/visits/")

    # A tap on the map says where; the lesion gets number 1.
    page.locator('path[data-site="lower_eyelid"][data-view="front"]').first.click()
    assert page.locator("#f-site").input_value() == "lower_eyelid"
    page.locator("#pin-form [name=diameter_mm]").fill("1.5")
    check_page(page)
    go(page, "#pin-form button", "/findings$")

    # The differential follows each tap, before anything is saved.
    box = page.locator("#differential")
    before = box.inner_text()
    for name, value in (
        ("colour", "white"),
        ("consistency", "firm"),
        ("shape", "dome"),
        ("surface", "smooth"),
    ):
        page.locator(f'label:has(input[name="{name}"][value="{value}"])').click()
    page.locator('label:has(input[name="lesion_count"][value="few"])').click()
    page.wait_for_function(
        "before => document.querySelector('#differential').innerText !== before", arg=before
    )
    page.wait_for_load_state("networkidle")
    assert "milia" in page.locator(".diff-name").first.inner_text().lower()
    assert page.locator(".question").bounding_box()["y"] < page.locator(".diff").bounding_box()["y"]
    check_page(page)
    go(page, 'button[name=confirm][value="1"]', "/plan$")

    # The plan is computed by a worker while the page waits.
    check_page(page)
    page.locator("#f-device").select_option("generic-superpulse-co2")
    page.locator("form.card button").last.click()
    page.wait_for_selector("[data-job]")
    check_page(page)
    assert run_next(clinic.records, find_tasks())
    page.wait_for_selector("#live-plan", timeout=20_000)
    page.wait_for_function("() => document.querySelector('[data-live=words]').textContent.length > 10")
    assert page.locator(".headline").inner_text()
    assert page.locator("figure svg.cross-section").count() == 2
    check_page(page)

    # Each dial moves the two chances and the crater.
    def crater() -> str:
        return str(page.locator("[data-live=picture] path.crater").get_attribute("d"))

    seen = crater()
    dial = page.locator("#dial-energy_mJ")
    answered = page.expect_response(re.compile("/live$"))
    with answered:
        # the device's least energy, which no plan chooses
        dial.press("Home")
    page.wait_for_function(
        "seen => document.querySelector('[data-live=picture] path.crater').getAttribute('d') !== seen",
        arg=seen,
    )
    assert "%" in page.locator("[data-live=p_open] strong").inner_text()

    # Decided otherwise: with the setting of the dials, and a reason.
    page.locator("details.decide summary").click()
    page.locator('label:has(input[name=instead_action][value="laser"])').click()
    page.locator("#decide-form textarea").fill("The roof is thinner than the atlas says.")
    go(page, "#decide-form button", "/treat$")

    # What was really fired is filled in from the dials.
    energy = float(page.locator("#f-pulse_energy_mJ").input_value())
    assert energy == 2.0
    check_page(page)
    page.locator("#treat-form details summary").click()
    page.locator("#f-treated_on").fill((date.today() - timedelta(days=8)).isoformat())
    page.locator('label:has(input[name=opened][value="yes"])').click()
    page.locator('label:has(input[name=emptied][value="yes"])').click()
    go(page, "#treat-form button[name=sign][value='1']", "/care$")

    # The leaflet is in the patient's language; its link opens without an account.
    check_page(page)
    page.locator('form[action$="/care/link"] button').click()
    page.wait_for_selector("#private-link")
    link = page.locator("#private-link").inner_text()
    check_page(page)
    stranger = open_page("", narrow=narrow)
    stranger.goto(link)
    assert stranger.locator("html").get_attribute("lang") == "ko"
    assert stranger.problems == []

    # Photographs need consent; then two of them are laid on top of each other.
    page.goto(f"/patients/{patient}/photographs")
    check_page(page)
    page.locator(f'form[action="/patients/{patient}/consents"] button').click()
    page.wait_for_selector("#upload")
    page.wait_for_load_state("networkidle")
    for shade in (220, 200):
        count = page.locator(".shots img").count()
        page.locator("#f-photographs").set_input_files(
            [{"name": f"face{shade}.jpg", "mimeType": "image/jpeg", "buffer": photograph(shade)}]
        )
        page.wait_for_function("n => document.querySelectorAll('.shots img').length > n", arg=count)
        page.wait_for_load_state("networkidle")
    check_page(page)
    page.goto(f"/patients/{patient}/compare")
    page.locator("#ghost").fill("100")
    assert page.evaluate("document.querySelector('.compare .over').style.opacity") == "1"
    check_page(page)

    # The outcome in three taps; the map shows the lesion as healed.
    page.goto(f"/visits/{_visit_id(clinic, patient)}")
    assert page.locator(".fm-pin.s-healing").count() == 1
    page.locator(".fm-pin").click()
    page.wait_for_url(re.compile("/follow-up$"))
    check_page(page)
    page.locator('label:has(input[name=wound][value="closed"])').click()
    page.locator('label:has(input[name=infection][value="no"])').click()
    page.locator("#look-form button").first.click()
    page.wait_for_selector(".note.good")
    assert page.locator("html").get_attribute("lang") == words["lang"]
    check_page(page)
    page.goto(f"/patients/{patient}")
    assert page.locator(".fm-pin.s-healed").count() == 1


def _visit_id(clinic: Any, patient: str) -> str:
    from milia.records import Visit

    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        return str(acting.entries(Visit, patient_id=patient)[0].id)
