"""A plan is read in the language of whoever reads it: page, dials, report; also one stored earlier."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from milia.care import plan_case, plan_hash
from milia.planning import Effort, case_from_mapping
from milia.records import Diagnosis, Lesion, Patient, Plan

QUICK = Effort(screen=4, refine=8, final=16, refined_shots=1, drift=2, swift=8, look=4, looked=True)
# A laser without doubt about what arrives, so that there is a window.
DEVICE = {
    "name": "sure",
    "title": "sure",
    "kind": "superpulse",
    "wavelength": "10.6 um",
    "profile": "top_hat",
    "spot_diameters": ["0.5 mm"],
    "pulses": [
        {
            "mode": "energies",
            "peak_power": "100 W",
            "energies": [f"{energy} mJ" for energy in range(20, 130, 10)],
        }
    ],
    "intervals": ["100 ms", "300 ms"],
    "pulses_max": 3,
    "passes_max": 1,
    "delivered_fraction": "1",
    "energy_spread": "0",
    "focus_offset": "0 mm",
    "m2": "1",
    "source": "made up for a test",
}
CASE: dict[str, Any] = {
    "patient": {"age": "36 year", "sex": "female", "skin_type": "IV", "history": []},
    "lesion": {
        "site": "cheek",
        "diameter": "1 mm ± 0.1 mm",
        "roof": "60 um ± 5 um",
        "count": 2,
        "diagnosis": {"condition": "milium", "confirmed": True},
    },
    "skin": {"total": "1.3 mm ± 0.1 mm"},
    "goal": {"opening": "0.3 mm", "p_open": 0.5, "p_harm": 0.4, "p_severe": 0.2},
    "device": DEVICE,
}
LATIN = re.compile(r"(?:[A-Za-z]{2,}[\s,;:.()]+){3,}[A-Za-z]{2,}")
"""Four words of Latin letters in a row: a sentence, where names and units never come to so many."""


@pytest.fixture(scope="session")
def plan() -> dict[str, Any]:
    """A real plan with a window, computed once."""
    found = plan_case(case_from_mapping(CASE, file="case"), seed=0, effort=QUICK).to_dict()
    assert found["action"] == "laser"
    return dict(json.loads(json.dumps(found)))


@pytest.fixture
def keep(clinic: Any) -> Callable[[dict[str, Any]], tuple[str, str]]:
    """Return a function that stores a plan for a new lesion and gives the ids of both."""

    def kept(plan: dict[str, Any]) -> tuple[str, str]:
        with clinic.records.acting(clinic.ids["doctor"]) as acting:
            patient = acting.add(
                Patient(name="가람 예시", born_on="1990-01-01", sex="F", skin_type="IV", language="ko")
            ).id
            lesion = acting.add(Lesion(patient_id=patient, site="cheek", diameter_mm=1.0)).id
            diagnosis = acting.add(Diagnosis(patient_id=patient, lesion_id=lesion, condition="milium"))
            acting.sign(Diagnosis, diagnosis.id, version=1)
            stored = {"plan": plan, "device": DEVICE}
            made = acting.add(
                Plan(patient_id=patient, lesion_id=lesion, plan_id=plan_hash(plan)[:12], plan=stored)
            )
        return lesion, made.id

    return kept


def shown(page: Any) -> str:
    """Open what is folded and give every text of the page, those inside pictures too."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    texts = page.evaluate(
        """() => { const found = [], walk = document.createTreeWalker(document.querySelector('main'), 4);
        while (walk.nextNode()) if (!walk.currentNode.parentElement.closest('script, style'))
          found.push(walk.currentNode.textContent.trim()); return found.filter(Boolean) }"""
    )
    return "\n".join(texts)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("narrow", [False, True])
def test_a_korean_doctor_reads_no_english_sentence(
    open_page: Callable[..., Any],
    check_page: Callable[..., None],
    keep: Callable[..., tuple[str, str]],
    plan: dict[str, Any],
    narrow: bool,
) -> None:
    lesion, _ = keep(plan)
    page = open_page("doctor", language="ko-KR", narrow=narrow)
    page.goto(f"/lesions/{lesion}/plan")
    page.wait_for_function("() => document.querySelector('[data-live=basis]').textContent.length > 10")
    text = shown(page)
    check_page(page)
    for line in text.split("\n"):
        assert not LATIN.search(line), line
    assert "치료 창" in text
    assert "덮개" in text
    assert not page.locator("main [lang=en]").count()


def test_the_printed_report_is_korean_too_and_the_english_one_says_what_the_plan_says(
    browser_of: Callable[[str], Any], keep: Callable[..., tuple[str, str]], plan: dict[str, Any]
) -> None:
    lesion, stored = keep(plan)
    doctor = browser_of("doctor")
    english = doctor.get(f"/lesions/{lesion}/plan", headers={"accept-language": "en"}).text
    for said in (plan["headline"], plan["strategy"]["words"], plan["explanation"]):
        first = said.split(":")[0].replace("'", "&#39;")
        assert first.replace(" ", "") in english.replace("\u00a0", "").replace(" ", "")
    korean = doctor.get(f"/plans/{stored}/report", headers={"accept-language": "ko"}).text
    assert '<html lang="ko">' in korean


def test_a_plan_from_before_is_shown_with_a_note(
    browser_of: Callable[[str], Any], keep: Callable[..., tuple[str, str]], plan: dict[str, Any]
) -> None:
    lesion, _ = keep({key: value for key, value in plan.items() if key != "said"})
    page = browser_of("doctor").get(f"/lesions/{lesion}/plan", headers={"accept-language": "ko"}).text
    assert "이 계획은" in page
    assert "simulated skins" in page
    english = browser_of("doctor").get(f"/lesions/{lesion}/plan", headers={"accept-language": "en"}).text
    assert "from before plans" not in english


def test_the_dials_answer_in_the_language_of_the_screen(
    browser_of: Callable[[str], Any], keep: Callable[..., tuple[str, str]], plan: dict[str, Any]
) -> None:
    _, stored = keep(plan)
    doctor = browser_of("doctor")
    wanted = {"energy_mJ": 40, "duration_us": 400, "spot_um": 500, "interval_ms": 100, "pulses": 1}
    found = {
        tag: doctor.post(
            f"/api/v1/plans/{stored}/live",
            json=wanted,
            headers={"accept-language": tag, "x-csrf-token": doctor.token_of()},
        ).json()
        for tag in ("en", "ko")
    }
    assert found["en"]["caption"].startswith("Section to scale")
    assert found["ko"]["caption"].startswith("실제 비율의 단면")
    assert not any(LATIN.search(note) for note in found["ko"]["notes"])
    assert found["en"]["p_open"] == found["ko"]["p_open"]
