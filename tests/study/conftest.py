"""Studies through the real reader, and an engine that drills a known depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from milia.engine import Crater
from milia.laser import Device
from milia.planning import Outcome, Scenario, Shot, Stop, outcome_of
from milia.study import Study, study_from_mapping

Maker = Callable[..., Study]
SMALL: Mapping[str, Any] = {
    "name": "small",
    "patients": 40,
    "seed": 3,
    "cohort": {"sites": {"cheek": 1}, "diameter": "1 mm", "roof": "60 um to 140 um"},
    "operator": {"roof_reading": "0 um", "diameter_reading": "0 um", "aim": "0 um", "energy": "1"},
    "sessions": 1,
    "policies": [
        {
            "name": "fixed",
            "kind": "fixed",
            "pulse_energy": "35 mJ",
            "pulse_duration": "1 ms",
            "spot_diameter": "0.5 mm",
            "pulses": 1,
            "interval": "200 ms",
        },
    ],
}
SURE = """
device:
  name: sure
  title: laser without doubts
  kind: superpulse
  wavelength: "10.6 um"
  profile: top_hat
  spot_diameters: ["0.5 mm"]
  pulses:
    - {mode: energies, durations: ["1 ms"], energies: ["10 mJ", "15 mJ", "25 mJ", "35 mJ", "50 mJ"]}
  intervals: ["200 ms", "500 ms"]
  pulses_max: 5
  passes_max: 1
  delivered_fraction: "1"
  energy_spread: "0"
  focus_offset: "0 mm"
  m2: "1"
  source: made up for a test
"""


@pytest.fixture
def make(tmp_path: Any) -> Maker:
    """Return a maker of small studies with a laser that delivers what it shows."""
    (tmp_path / "sure.yaml").write_text(SURE, encoding="utf-8")

    def made(**changes: Any) -> Study:
        content = {key: dict(v) if isinstance(v, Mapping) else v for key, v in SMALL.items()}
        content["cohort"]["devices"] = {"sure.yaml": 1}
        for key, value in changes.items():
            if isinstance(value, Mapping):
                content[key] = {**content.get(key, {}), **value}
            else:
                content[key] = value
        return study_from_mapping(content, file="study.yaml", folder=tmp_path)

    return made


@dataclass
class Drill:
    """Each pulse takes a cylinder as wide as the spot and 4 µm deep for every mJ, whatever the tissue."""

    depth_per_J: float = 4e-3

    def __call__(self, shot: Shot, scenario: Scenario, device: Device, *, pulses: int, stop: Stop) -> Outcome:
        del device, stop
        r = np.arange(0.5e-6, 1.0e-3, 1e-6)
        craters = []
        for number in range(1, pulses + 1):
            depth = self.depth_per_J * shot.pulse_energy_J * number
            surface = np.where(r < 0.5 * shot.spot_diameter_m, depth, 0.0)
            craters.append(
                Crater(
                    r=r,
                    surface=surface,
                    harm=surface,
                    depth=depth,
                    width=shot.spot_diameter_m,
                    rtd_floor=0.0,
                    rtd_wall=0.0,
                    harm_depth=depth,
                    wound_width=shot.spot_diameter_m,
                    removed_volume=0.0,
                )
            )
        return outcome_of(craters, scenario, pulses)


@pytest.fixture
def drill() -> Drill:
    return Drill()
