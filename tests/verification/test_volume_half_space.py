"""The absorbing half-space under a Gaussian beam, in a quarter of the volume; see ``test_half_space.py``."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from milia.engine import Accuracy
from milia.engine.volume.grid import VolumeGrid
from milia.engine.volume.linear import march_plain_volume, plain_volume
from milia.laser import Beam

TABLE = Path(__file__).parent / "reference" / "half_space.csv"
FINE = 5e-6


def graded(fine_to: float, end: float) -> np.ndarray:
    edges, width = [0.0], FINE
    while edges[-1] < end:
        width *= 1.2 if edges[-1] > fine_to else 1.0
        edges.append(edges[-1] + width)
    return np.array(edges)


@pytest.mark.parametrize(("accuracy", "allowed"), [(None, 0.005), (Accuracy().finer(), 0.003)])
def test_six_temperatures_in_the_quarter_volume(accuracy: Accuracy | None, allowed: float) -> None:
    side = graded(160e-6, 0.5e-3)
    grid = VolumeGrid(side, side, graded(100e-6, 1e-3))
    beam = Beam(spot_diameter_m=200e-6)
    quarter = 1e6 * math.pi * beam.radius_m**2 / 2.0 / 4.0
    state = plain_volume(grid, conductivity=0.4, heat_capacity=3.7e6, absorption=55e3)
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    errors = []
    for until, watts in ((10e-3, quarter), (100e-3, 0.0)):
        march_plain_volume(state, until, beam=beam if watts else None, power_W=watts, accuracy=accuracy)
        for row in rows:
            if float(row["time_s"]) == until:
                i = int(np.argmin(np.abs(grid.x_mid - 1e-6 * float(row["r_um"]))))
                k = int(np.argmin(np.abs(grid.z_mid - 1e-6 * float(row["z_um"]))))
                errors.append(abs(state.fields.rise[i, 0, k] / float(row["rise_K"]) - 1.0))
    assert len(errors) == 6
    assert max(errors) <= allowed, errors
    ledger = state.energy()
    assert abs(ledger.imbalance) < 1e-12
    assert ledger.incident == pytest.approx(quarter * 10e-3, rel=1e-12)
