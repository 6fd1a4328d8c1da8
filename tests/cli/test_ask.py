"""`milia ask` in a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Milia = Callable[..., subprocess.CompletedProcess[bytes]]
Written = Callable[[dict[str, Any]], Path]
CLINIC = Path(__file__).resolve().parents[2] / "examples" / "clinic.yaml"


@pytest.fixture
def plan(milia: Milia, case: dict[str, Any], written: Written, tmp_path: Path) -> Path:
    """A saved plan with a needle at the lid margin: no simulation is needed for it."""
    case["patient"]["age"] = "34 year"
    case["lesion"] |= {"site": "lid_margin", "count": 1}
    done = milia("plan", written(case), "--json", "--start", "2026-12-01")
    assert done.returncode == 0, done.stderr
    path = tmp_path / "plan.json"
    path.write_bytes(done.stdout)
    return path


def test_make_up_by_the_patients_own_plan(milia: Milia, plan: Path) -> None:
    done = milia("ask", "when can I wear makeup?", "--plan", plan)
    assert done.returncode == 0, done.stderr
    said = done.stdout.decode()
    assert "From your plan" in said
    assert "December 2026: Once the spot is closed, dry and pink, you may use light make-up." in said
    assert "after-the-treatment#q-makeup" in said
    assert "Not yet reviewed by a clinician" in said


def test_json_is_one_document_in_the_language_asked_for(milia: Milia, plan: Path) -> None:
    done = milia("ask", "화장 언제부터 해도 되나요?", "--plan", plan, "--lang", "ja", "--json")
    found = json.loads(done.stdout)
    assert (found["answer"], found["language"]) == ("plan", "ja")
    assert found["from_plan"][0]["statement"] == "care.aftercare.makeup"
    assert found["passage"]["article"] == "after-the-treatment"
    assert found["provenance"]["plan_id"]
    assert (
        milia("ask", "화장 언제부터 해도 되나요?", "--plan", plan, "--lang", "ja", "--json").stdout
        == done.stdout
    )


def test_a_warning_sign_gives_the_clinics_number(milia: Milia) -> None:
    done = milia("ask", "there is pus and it smells", "--clinic", CLINIC)
    assert done.returncode == 0
    assert b"Call your clinic today" in done.stdout
    assert b"+82 2 000 0000" in done.stdout


def test_what_is_not_covered_is_handed_to_the_clinic(milia: Milia) -> None:
    done = milia("ask", "how much does it cost", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["answer"], found["reason"], found["passage"]) == ("clinic", "not_covered", None)


def test_nothing_is_answered_where_nothing_is_reviewed(milia: Milia) -> None:
    found = json.loads(milia("ask", "are milia contagious?", "--reviewed-only", "--json").stdout)
    assert (found["answer"], found["reason"]) == ("clinic", "not_reviewed")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("ask", ""), b"question"),
        (("ask", "makeup?", "--lang", "fr"), b"--lang"),
        (("ask", "makeup?", "--start", "tomorrow"), b"--start"),
        (("ask", "makeup?", "--plan", "nowhere.json"), b"nowhere.json"),
        (("ask", "makeup?", "--content", "nowhere"), b"--content"),
        (("ask", "makeup?", "--clinic", "nowhere.yaml"), b"nowhere.yaml"),
    ],
)
def test_bad_input_is_one_line_and_status_2(milia: Milia, words: tuple[str, ...], named: bytes) -> None:
    done = milia(*words)
    assert done.returncode == 2
    assert done.stdout == b""
    assert named in done.stderr
    assert done.stderr.count(b"\n") == 1
