"""The goals on the development cases, as a regression and never as a target to tune to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def measure() -> Any:
    sys.path.insert(0, str(ROOT))
    try:
        from validation.diagnosis import measure as module
    finally:
        sys.path.remove(str(ROOT))
    return module


@pytest.fixture(scope="module")
def outcomes(measure: Any) -> dict[str, list[Any]]:
    names = ("published_development", "constructed")
    return {name: [measure.run_case(case) for case in measure.read_cases(f"{name}.jsonl")] for name in names}


def test_goals_on_the_development_cases(measure: Any, outcomes: dict[str, list[Any]]) -> None:
    found = measure.summary(outcomes["published_development"])
    assert found["milia top 1"].value >= 0.85
    assert found["milia top 3"].value >= 0.95
    assert found["must refer, flagged"].value >= 0.95
    assert found["benign, sent on without need"].value <= 0.25
    assert found["top 1"].value >= 0.85
    assert found["Brier score (0 to 2)"].value <= 0.30


def test_every_group_of_textbook_cases_is_in_the_first_three(
    measure: Any, outcomes: dict[str, list[Any]]
) -> None:
    for group, row in measure.by_group(outcomes["constructed"]).items():
        assert row["top3"] >= 0.75 * row["cases"], group
        assert row["missed"] == 0, group
    assert measure.summary(outcomes["constructed"])["benign, sent on without need"].value <= 0.25


def test_no_sentence_of_a_case_is_kept(measure: Any) -> None:
    for case in measure.read_cases("published_development.jsonl"):
        assert "free_text" not in case
        assert "text" not in case["course"]
        assert case["url"].startswith("http")


def test_the_answer_is_taken_out_before_the_assessment(measure: Any) -> None:
    (case, *_) = measure.read_cases("published_development.jsonl")
    wrong = {**case, "diagnosis": "melanoma", "acceptable_alternatives": ["melanoma"]}
    assert measure.run_case(wrong).own_probability == measure.run_case(case).own_probability


MALIGNANT = ("basal cell carcinoma", "sebaceous carcinoma", "Merkel cell carcinoma", "melanoma")


@pytest.mark.slow
@pytest.mark.parametrize("group", MALIGNANT)
def test_one_wrong_finding_never_turns_a_malignancy_into_a_milium_to_treat(group: str, measure: Any) -> None:
    sys.path.insert(0, str(ROOT))
    try:
        from validation.diagnosis.disturb import robustness
    finally:
        sys.path.remove(str(ROOT))
    cases = [
        case
        for name in ("published_development.jsonl", "constructed.jsonl")
        for case in measure.read_cases(name)
        if case["diagnosis_group"] == group
    ]
    shaken = robustness(cases)
    assert shaken["disturbed_sheets"] > 20
    assert shaken["became_milium_to_treat"] == []
