"""What a whole session may count: all the pulses that a series with looks may fire, and why no more today."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

import milia.care.session_plan as made
from milia.care import plan_session
from milia.planning import Effort, Heat, session_from_mapping

EFFORT = Effort(screen=4, refine=8, final=16, refined_shots=1, drift=2, swift=8, look=4)
SESSION: dict[str, Any] = {
    "patient": {"age": "41 year", "sex": "female", "skin_type": "II", "history": [], "weight": "60 kg"},
    "device": "generic-superpulse-co2",
    "lesions": [
        {
            "name": name,
            "at": [f"{x} mm", "9 mm"],
            "site": "glabella",
            "diameter": "1.5 mm",
            "diagnosis": {"condition": "milium", "confirmed": True},
        }
        for name, x in (("a", 0), ("b", 4), ("c", 60))
    ],
}


def test_a_series_with_looks_leaves_the_heat_of_all_its_pulses(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = Heat(0.1, 1e-3, 3.6e6, 1.2e-7, np.array([0.5, 30.0]), np.array([0.0, 1e-3]), np.ones((2, 2)))
    monkeypatch.setattr(made, "heat_left", lambda *_, **__: alone)
    told: list[float] = []
    found = plan_session(
        session_from_mapping(SESSION, file="session"),
        today=date(2026, 3, 1),
        effort=EFFORT,
        progress=lambda share, _: told.append(share),
    )
    [group] = found["groups"]
    series = group["plan"]["strategy"]
    assert series["look"], "this case is opened one pulse at a time"
    energies = [each["pulse_energy_mJ"] for each in series["pulses"]]
    assert len(energies) == series["most_pulses"] > 1
    [heat] = found["heat"]
    assert heat["left_mJ"] == pytest.approx(100.0 * sum(energies) / energies[0], rel=1e-3)
    assert heat["rise"][0]["engine_K"] == pytest.approx(sum(energies) / energies[0], rel=1e-3)
    assert told == sorted(told)
    assert told[-1] <= 1.0
    assert found["most_today_kind"] == "batch"
    assert found["anaesthetic"]["basis"] == "weight"
    near = next(step for step in found["today"] if step["nearest_mm"] == 4.0)
    assert near["wait_s"] > 0, "so much heat is waited for"
    assert near["rise_bound_K"] <= found["rise_limit_K"]


def test_one_go_counts_as_it_is() -> None:
    assert made._times_first({"strategy": None}) == 1.0
    assert made._times_first({"strategy": {"name": "one_go", "look": None, "pulses": []}}) == 1.0
