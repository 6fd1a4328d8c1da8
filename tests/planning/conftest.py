"""Cases through the real reader, and an engine whose answers are known in closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from milia.engine import Crater
from milia.laser import Device
from milia.planning import (
    Case,
    Outcome,
    Scenario,
    Shot,
    Stop,
    case_from_mapping,
    decided,
    enough_seen,
    outcome_of,
)

CaseMaker = Callable[..., Case]

# A laser without doubt about what arrives, so that the skin alone decides.
SURE: Mapping[str, Any] = {
    "name": "sure",
    "title": "laser without doubts",
    "kind": "superpulse",
    "wavelength": "10.6 um",
    "profile": "top_hat",
    "spot_diameters": ["0.5 mm"],
    "pulses": [
        {
            "mode": "energies",
            "peak_power": "100 W",
            "energies": [f"{energy} mJ" for energy in range(10, 100, 5)],
        }
    ],
    "intervals": ["50 ms", "100 ms", "300 ms", "500 ms"],
    "pulses_max": 3,
    "passes_max": 1,
    "delivered_fraction": "1",
    "energy_spread": "0",
    "focus_offset": "0 mm",
    "m2": "1",
    "source": "made up for a test",
}
CASE: Mapping[str, Any] = {
    "patient": {"age": "34 year", "sex": "female", "skin_type": "II", "history": []},
    "lesion": {
        "site": "lower_eyelid",
        "diameter": "1.0 mm",
        "roof": "90 um ± 20 um",
        "count": 1,
        "diagnosis": {"condition": "milium", "confirmed": True},
    },
    "skin": {"total": "800 um ± 80 um"},
    "device": SURE,
    "goal": {"opening": "0.3 mm"},
    "aim": "0 mm",
}


def _case(**changes: Any) -> Case:
    made = {key: dict(value) if isinstance(value, Mapping) else value for key, value in CASE.items()}
    for key, value in changes.items():
        section = next((name for name in ("lesion", "skin", "goal") if key in made[name]), None)
        if section is None:
            made[key] = value
        elif value is None:
            del made[section][key]
        else:
            made[section][key] = value
    return case_from_mapping(made, file="case.yaml")


@pytest.fixture(scope="session")
def make_case() -> CaseMaker:
    """Return a maker of cases: a 1 mm cyst under 90 ± 20 µm in eyelid skin of 800 ± 80 µm."""
    return _case


@dataclass
class Drill:
    """A stand-in engine: each pulse removes a cylinder as wide as the spot, ``depth_per_J`` deep.

    With a roof of normal thickness, a fixed cyst and normal skin thickness, the probabilities of
    opening and harm are normal tails. It counts how often it was asked.
    """

    depth_per_J: float = 4e-3
    asked: list[tuple[Shot, int]] = field(default_factory=list)

    def depth(self, energy_J: float, pulses: int) -> float:
        return self.depth_per_J * energy_J * pulses

    def crater(self, depth: float, spot_m: float) -> Crater:
        r = np.arange(0.5e-6, 1.0e-3, 1e-6)
        surface = np.where(r < 0.5 * spot_m, depth, 0.0)
        return Crater(
            r=r,
            surface=surface,
            harm=surface,
            depth=depth,
            width=spot_m,
            rtd_floor=10e-6,
            rtd_wall=5e-6,
            harm_depth=depth,
            wound_width=spot_m,
            removed_volume=0.0,
        )

    def __call__(self, shot: Shot, scenario: Scenario, device: Device, *, pulses: int, stop: Stop) -> Outcome:
        assert scenario.delivered == 1.0
        # a drift is tried at spots and durations beside the device's steps
        assert min(abs(shot.spot_diameter_m / spot - 1.0) for spot in device.spot_diameters_m) < 0.2
        self.asked.append((shot, id(scenario)))
        craters: list[Crater] = []
        for number in range(1, pulses + 1):
            depth = self.depth(sum(shot.pulse(n)[0] for n in range(number)), 1)
            craters.append(self.crater(depth, shot.spot_diameter_m))
            if shot.looked and enough_seen(craters, scenario, stop):
                break
            if not shot.looked and decided(craters[-1], scenario, stop):
                break
        return outcome_of(craters, scenario, pulses)


@pytest.fixture
def drill() -> Drill:
    return Drill()
