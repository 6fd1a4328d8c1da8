"""The answer of a case record must not reach the assessment."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from milia.diagnosis import assess
from milia.diagnosis.findings import LABEL_KEYS

ANSWERS: dict[str, Any] = {
    "id": "X1",
    "diagnosis": "basal cell carcinoma",
    "diagnosis_group": "basal cell carcinoma",
    "acceptable_alternatives": ["nodular basal cell carcinoma"],
    "must_refer": True,
    "must_refer_reason": "malignant",
    "confirmation": "histology",
    "how_confirmed": "biopsy: basal cell carcinoma",
    "free_text": "Ulcerated, bleeding, lash loss, translucent with telangiectasia, HIV.",
    "source_title": "A basal cell carcinoma of the lid",
    "source": "ulceration",
    "url": "https://example.org/basal-cell-carcinoma",
    "year": 2020,
    "schema_version": "1.0",
}


def as_bytes(sheet: dict[str, Any]) -> str:
    return json.dumps(assess(sheet).to_dict(), sort_keys=True)


def test_every_label_key_is_tried_here() -> None:
    assert set(ANSWERS) == set(LABEL_KEYS)


@pytest.mark.parametrize("key", sorted(ANSWERS))
def test_a_label_changes_nothing(key: str, milium: Callable[..., dict[str, Any]]) -> None:
    assert as_bytes(milium(**{key: ANSWERS[key]})) == as_bytes(milium())


def test_all_labels_together_change_nothing(milium: Callable[..., dict[str, Any]]) -> None:
    sheet = milium(**ANSWERS)
    sheet["course"]["text"] = "a bleeding ulcer with lash loss"
    assert as_bytes(sheet) == as_bytes(milium())


def test_labels_alone_give_the_priors() -> None:
    assert as_bytes(ANSWERS) == as_bytes({})
