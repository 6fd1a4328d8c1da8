"""A handful of exposures on grids so small that plain Python can march them; printed, they are compared.

Run as a program it marches them on the current CUDA device, which in the tests is numba's simulator.
"""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from typing import Any

from milia.engine import Accuracy, Exposure, GridRule, Parameters, nominal_parameters
from milia.engine.gpu import Member, run_ensemble
from milia.laser import Beam, Profile, PulseTrain
from milia.skin import Cyst, Layer, Tissue

RULE = GridRule(
    cells_per_radius=2, fine_z=12e-6, coarse_z=25e-6, growth=2.5, fine_depth=40e-6, depth=5e-4, radius=5e-4
)
ACCURACY = Accuracy(advance=2.0, change=2.0, growth=4.0, dt_min_s=5e-6, pulse_part=1.0, still_rise_K=0.5)
LAYERS = (Layer("epidermis", 60e-6), Layer("dermis", 440e-6))


def tiny() -> tuple[list[Exposure], list[Parameters]]:
    """Two exposures that differ in tissue, grid, beam, train and parameters."""
    nominal = nominal_parameters()
    wiped = PulseTrain(pulse_energy_J=4e-3, pulse_duration_s=1e-3, passes=2)
    pair = PulseTrain(
        pulse_energy_J=3e-3, pulse_duration_s=5e-4, pulses=2, interval_s=5e-3, shape="triangular"
    )
    exposures = [
        Exposure(Tissue(LAYERS, None, ()), Beam(spot_diameter_m=120e-6), wiped, 306.15),
        Exposure(
            Tissue(LAYERS, Cyst(diameter_m=300e-6, roof_m=50e-6), ()),
            Beam(spot_diameter_m=160e-6, profile=Profile.SUPER_GAUSSIAN, order=6.0),
            pair,
            305.15,
        ),
    ]
    return exposures, [nominal, nominal.with_values({"decomposition_heat": 2.5e9})]


def numbers(member: Member) -> dict[str, Any]:
    """Everything a member says, as JSON keeps it."""
    craters = [
        {
            f.name: value.tolist() if hasattr(value := getattr(crater, f.name), "tolist") else value
            for f in fields(crater)
        }
        for crater in member.craters
    ]
    return {"craters": craters, "peak_degC": member.peak_degC, "steps": member.steps}


def main() -> None:
    exposures, parameters = tiny()
    ensemble = run_ensemble(exposures, parameters, device="gpu", rule=RULE, accuracy=ACCURACY)
    json.dump(
        {"note": ensemble.note, "members": [numbers(member) for member in ensemble.members]}, sys.stdout
    )


if __name__ == "__main__":
    main()
