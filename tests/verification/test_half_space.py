"""An absorbing half-space heated by a Gaussian beam, against quadrature of its closed form.

The reference table and its derivation are beside the script that makes it, ``reference/make_half_space.py``.
The domain ends at r = 0.5 mm and z = 1 mm; heat reaches neither by 100 ms to the accuracy asked for.
"""

from __future__ import annotations

import csv
import importlib.util
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from milia.engine import Accuracy, Grid
from milia.engine.linear import march_plain, plain_state
from milia.engine.state import State
from milia.laser import Beam

REFERENCE = Path(__file__).parent / "reference"
GRID = Grid(np.linspace(0.0, 0.5e-3, 101), np.linspace(0.0, 1e-3, 201))
CELLS = {(2.5, 2.5): (0, 0), (2.5, 52.5): (0, 10), (102.5, 22.5): (20, 4)}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, REFERENCE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def worst_error(accuracy: Accuracy | None) -> tuple[float, State]:
    """Largest relative error of the six reference values, and the final state."""
    beam = Beam(spot_diameter_m=200e-6)
    power = 1e6 * math.pi * beam.radius_m**2 / 2.0
    state = plain_state(GRID, conductivity=0.4, heat_capacity=3.7e6, absorption=55e3)
    errors = []
    for until, watts in ((10e-3, power), (100e-3, 0.0)):
        march_plain(state, until, beam=beam, power_W=watts, accuracy=accuracy)
        for row in table("half_space.csv"):
            if float(row["time_s"]) == until:
                found = state.fields.rise[CELLS[float(row["r_um"]), float(row["z_um"])]]
                errors.append(abs(found / float(row["rise_K"]) - 1.0))
    assert len(errors) == 6
    return max(errors), state


@pytest.mark.parametrize(
    ("accuracy", "allowed"), [(None, 0.005), (Accuracy().finer(), 0.003), (Accuracy().finer(4.0), 0.001)]
)
def test_six_temperatures(accuracy: Accuracy | None, allowed: float) -> None:
    error, state = worst_error(accuracy)
    assert error <= allowed
    ledger = state.energy()
    assert abs(ledger.imbalance) < 1e-12
    assert ledger.incident == pytest.approx(1e6 * math.pi * 1e-8 / 2.0 * 10e-3, rel=1e-12)


@pytest.mark.parametrize("name", ["half_space", "damage"])
def test_the_table_is_what_its_script_makes(name: str) -> None:
    made, kept = script(f"make_{name}").rows(), table(f"{name}.csv")
    assert [list(row) for row in made] == [list(row) for row in kept]
    for new, old in zip(made, kept, strict=True):
        for key, value in new.items():
            assert value == old[key] or float(value) == pytest.approx(float(old[key]), rel=1e-8)


def test_the_published_values() -> None:
    published = [45.1413, 13.8237, 7.0604, 1.6094, 1.5080, 1.2659]
    assert [float(row["rise_K"]) for row in table("half_space.csv")] == pytest.approx(published, abs=6e-5)
