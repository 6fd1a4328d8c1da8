"""A treated lesion goes through JSON unchanged, with everything that a calibration reads of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from milia.base import Interval, Measured
from milia.calibration import TreatedLesion
from milia.laser import Settings
from milia.skin import site

FULL: dict[str, Any] = {
    "label": "outcome 1",
    "plan_id": "0123456789ab",
    "site": site("lower_eyelid"),
    "diameter": Measured(1.2e-3, 0.1e-3),
    "roof": Measured(80e-6),
    "total": Measured(0.6e-3, 0.05e-3),
    "opening_m": 0.4e-3,
    "settings": Settings(0.02, 166.667e-6, 300e-6, 2, 5e-3, 1),
    "opened": "yes",
    "opened_in": 2,
    "healed_day": 6,
    "open_on_day": None,
    "mark": "not_seen",
    "predicted_days": Interval(4.0, 6.0, 9.0),
    "p_harm": 0.03,
}


@pytest.mark.parametrize(
    "change", [{}, {"roof": None, "total": None, "predicted_days": None, "p_harm": None}]
)
def test_it_goes_through_json_unchanged(change: dict[str, Any]) -> None:
    lesion = TreatedLesion(**{**FULL, **change})
    again = TreatedLesion.from_dict(json.loads(json.dumps(lesion.to_dict())))
    assert again == lesion
    assert again.kind == lesion.kind
