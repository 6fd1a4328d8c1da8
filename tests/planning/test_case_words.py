"""The lists of words in a case file: habits, what has failed, what the clinic prefers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.base import InputError
from milia.planning import HABITS, PREFERABLE, TREATMENTS, Case, case_from_mapping, patient_and_lesion

DOCS = Path(__file__).parents[2] / "docs" / "case-file.md"


def mapping(**words: Any) -> dict[str, Any]:
    """Give a case with ``habits``, ``failed`` and ``prefer`` where they are named."""
    case: dict[str, Any] = {
        "patient": {"age": "34 year", "sex": "female", "skin_type": "IV", "history": []},
        "lesion": {
            "site": "cheek",
            "diameter": "1 mm",
            "count": 3,
            "diagnosis": {"condition": "milium", "confirmed": True},
        },
        "device": "generic-superpulse-co2",
    }
    places = {"habits": case["patient"], "failed": case["lesion"], "prefer": case}
    for name, value in words.items():
        places[name][name] = value
    return case


def read(**words: Any) -> Case:
    return case_from_mapping(mapping(**words), file="case.yaml")


@given(
    habits=st.lists(st.sampled_from(HABITS), unique=True),
    failed=st.lists(st.sampled_from(TREATMENTS), unique=True),
    prefer=st.lists(st.sampled_from(PREFERABLE), unique=True),
)
def test_they_are_kept_in_order_and_said_back(
    habits: list[str], failed: list[str], prefer: list[str]
) -> None:
    case = read(habits=habits, failed=failed, prefer=prefer)
    assert (list(case.patient.habits), list(case.lesion.failed), list(case.prefer)) == (
        habits,
        failed,
        prefer,
    )
    again = case_from_mapping(case.to_dict(), file="case.yaml")
    assert (again.patient, again.lesion, again.prefer) == (case.patient, case.lesion, case.prefer)


def test_a_case_without_them_says_nothing_of_them() -> None:
    said = read().to_dict()
    assert "habits" not in said["patient"]
    assert "failed" not in said["lesion"]
    assert "prefer" not in said
    assert read(habits=None, failed=None, prefer=None) == read()


@pytest.mark.parametrize(
    ("words", "key", "said"),
    [
        ({"habits": ["rich_cream"]}, "patient.habits[0]", "did you mean rich_creams"),
        ({"failed": "extract"}, "lesion.failed", "not a list"),
        ({"failed": ["needle"]}, "lesion.failed[0]", "extract, laser"),
        ({"failed": ["laser", "laser"]}, "lesion.failed[1]", "written twice"),
        ({"failed": ["observe"]}, "lesion.failed[0]", "cryotherapy"),
        ({"prefer": ["refer"]}, "prefer[0]", "laser, extract, electrosurgery, observe"),
        ({"prefer": {"laser": 1}}, "prefer", "not a list"),
    ],
)
def test_refused(words: dict[str, Any], key: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(**words)
    assert f"case.yaml: {key}" in str(caught.value)
    assert said in str(caught.value)


def test_patient_and_lesion_need_no_device_that_is_at_hand() -> None:
    case = mapping(failed=["extract"])
    del case["device"]
    patient, lesion = patient_and_lesion(case, file="plan")
    assert (patient.skin_type, lesion.failed) == ("IV", ("extract",))
    case["patient"]["skin_type"] = "VII"
    with pytest.raises(InputError, match=r"plan: patient\.skin_type"):
        patient_and_lesion(case, file="plan")


def test_the_manual_names_every_word() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for word in (*HABITS, *TREATMENTS, *PREFERABLE):
        assert f"`{word}`" in text, word
