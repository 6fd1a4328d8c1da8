"""A stored plan is said in Korean, whatever it decides; an older one as far as its words are known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from milia.care import plan_case, spoken_plan
from milia.language import ENGLISH, heard, language
from milia.planning import Effort, case_from_mapping, verify_plan
from milia.report import render_html, render_pdf

KOREAN = language("ko")
DATA = Path(__file__).parent / "data"
QUICK = Effort(screen=4, refine=8, final=16, refined_shots=1, drift=2, swift=8, look=4, looked=True)
LATIN = re.compile(r"(?:[A-Za-z]{2,}[\s,;:.()]+){3,}[A-Za-z]{2,}")
MILIUM = {"condition": "milium", "confirmed": True}
CASES: Mapping[str, dict[str, Any]] = {
    "no_window": {
        "patient": {"age": "34 year", "sex": "female", "skin_type": "IV", "history": ["keloid"]},
        "lesion": {
            "site": "lower_eyelid",
            "diameter": "1 mm",
            "roof": "190 um",
            "count": 4,
            "diagnosis": MILIUM,
        },
        "goal": {"p_open": 0.9, "limits": {"depth": {"stop": "0.15 mm"}}},
        "device": "generic-continuous-co2",
    },
    "laser": {
        "patient": {"age": "34 year", "sex": "female", "skin_type": "II"},
        "lesion": {
            "site": "cheek",
            "diameter": "1 mm ± 0.1 mm",
            "roof": "60 um ± 5 um",
            "count": 1,
            "diagnosis": MILIUM,
        },
        "skin": {"total": "1.3 mm ± 0.1 mm"},
        "goal": {"opening": "0.3 mm", "p_open": 0.5, "p_harm": 0.4, "p_severe": 0.2},
        "device": "generic-superpulse-co2",
        "prefer": ["laser", "extract"],
    },
    "margin": {
        "patient": {"age": "60 year", "sex": "male", "skin_type": "III", "weight": "70 kg"},
        "lesion": {"site": "lid_margin", "diameter": "1 mm", "count": 1, "diagnosis": MILIUM},
        "device": "generic-superpulse-co2",
    },
    "newborn": {
        "patient": {"age": "2 week", "sex": "male", "skin_type": "III"},
        "lesion": {"site": "newborn_face", "diameter": "1 mm", "count": 9, "diagnosis": MILIUM},
        "device": "generic-er-yag",
    },
    "flagged": {
        "patient": {"age": "60 year", "sex": "female", "skin_type": "II"},
        "lesion": {
            "site": "cheek",
            "diameter": "1 mm",
            "count": 1,
            "diagnosis": {
                **MILIUM,
                "findings": {
                    "colour": ["pink/red"],
                    "surface": ["telangiectatic"],
                    "lesion_count": "1",
                    "triggers_history": ["bleeding"],
                },
                "reason": "두 동료가 함께 보고 확인했습니다.",
            },
        },
        "device": "generic-er-yag",
    },
    "unconfirmed": {
        "patient": {"age": "40 year", "sex": "male", "skin_type": "V"},
        "lesion": {
            "site": "nose",
            "diameter": "2 mm",
            "count": 1,
            "diagnosis": {"condition": "milium", "confirmed": False},
        },
        "device": "generic-er-yag",
    },
}


@pytest.fixture(scope="module")
def plans() -> dict[str, dict[str, Any]]:
    """Plans of every kind, as they lie in a file."""
    return {
        name: json.loads(
            json.dumps(plan_case(case_from_mapping(case, file="case"), seed=0, effort=QUICK).to_dict())
        )
        for name, case in CASES.items()
    }


def texts(content: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(content, str):
        yield path, content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield from texts(value, f"{path}.{key}")
    elif isinstance(content, list):
        for value in content:
            yield from texts(value, path)


@pytest.mark.parametrize("name", CASES)
def test_no_english_sentence_is_left(plans: dict[str, dict[str, Any]], name: str) -> None:
    korean, whole = spoken_plan(plans[name], KOREAN)
    assert whole
    left = [
        (path, text)
        for path, text in texts(korean)
        if LATIN.search(text)
        and not path.startswith((".provenance", ".said", ".diagnosis"))
        and "evidence" not in path
    ]
    assert left == []
    assert re.search("[가-힣]", korean["headline"])


@pytest.mark.parametrize("name", CASES)
def test_only_sentences_change(plans: dict[str, dict[str, Any]], name: str) -> None:
    plan = plans[name]
    assert spoken_plan(plan, ENGLISH)[0] == plan
    korean, _ = spoken_plan(plan, KOREAN)
    before, after = dict(_leaves(plan)), dict(_leaves(korean))
    assert before.keys() == after.keys()
    changed = {key for key in before if before[key] != after[key]}
    assert changed
    assert all(isinstance(before[key], str) for key in changed)
    for key in (
        "action",
        "settings",
        "window",
        "pulses",
        "cross_section",
        "provenance",
        "said",
        "schema_version",
    ):
        assert korean[key] == plan[key]
    assert korean["choice"]["action"] == plan["choice"]["action"]
    assert korean["choice"]["option"] == plan["choice"]["option"]


def _leaves(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict | list):
        pairs = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in pairs:
            yield from _leaves(value, f"{path}.{key}")
    else:
        yield path, content


@pytest.mark.parametrize("name", CASES)
def test_what_is_kept_gives_the_english_of_the_plan(plans: dict[str, dict[str, Any]], name: str) -> None:
    plan = plans[name]
    everything = {text for path, text in texts(plan) if not path.startswith(".said")}
    known = heard(plan["said"], ENGLISH)
    assert len(known) == len(plan["said"])
    assert set(known) <= everything
    assert {plan["headline"], *plan["reasons"], *plan["warnings"]} <= set(known)


def test_an_older_plan_is_said_as_far_as_its_words_are_known(plans: dict[str, dict[str, Any]]) -> None:
    old = json.loads((DATA / "plan_1_0.json").read_text(encoding="utf-8"))
    korean, whole = spoken_plan(old, KOREAN)
    assert not whole
    assert korean["headline"] == old["headline"]
    bare = {key: value for key, value in plans["laser"].items() if key != "said"}
    known, _ = spoken_plan(bare, KOREAN)
    assert known["headline"] == bare["headline"]
    assert known["choice"]["title"] == "레이저 개방과 압출"


def test_an_older_plan_is_verified_as_before(plans: dict[str, dict[str, Any]]) -> None:
    now = plans["laser"]
    old = {key: value for key, value in now.items() if key != "said"}
    old["provenance"] = {**old["provenance"], "made_with": {"code": "0" * 16, "knowledge": "0" * 16}}
    found = verify_plan(old, now)
    assert not found.same
    assert "no number, reason or instruction differs" in found.why
    assert verify_plan(now, now).same
    changed = {**old, "p_open": 0.5}
    assert "no number, reason or instruction differs" not in verify_plan(changed, now).why


@pytest.mark.parametrize("name", ["laser", "margin"])
def test_the_report_is_korean_but_for_its_sources(plans: dict[str, dict[str, Any]], name: str) -> None:
    page = render_html(plans[name], KOREAN)
    assert page == render_html(plans[name], KOREAN)
    body = re.sub(r"<style.*?</style>", "", page[: page.index('id="sources"')], flags=re.DOTALL)
    for line in re.sub(r"<[^>]+>", "\n", body).split("\n"):
        assert not LATIN.search(line), line
    assert 'lang="ko"' in page
    assert 'lang="en"' in render_html(plans[name])


def test_the_printed_report_is_korean_too(plans: dict[str, dict[str, Any]]) -> None:
    import io

    from pypdf import PdfReader

    made = render_pdf(plans["margin"], KOREAN)
    assert made == render_pdf(plans["margin"], KOREAN)
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    assert "대안" in said
    assert "눈꺼풀" in said
    assert "Alternatives" not in said
    assert "Alternatives" in "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(plans["margin"]))).pages
    )
