"""Arrhenius damage over temperature ramps, against closed form and quadrature.

The table and its derivation are beside the script that makes it, ``reference/make_damage.py``.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from milia.engine.kernels.point import damage_increment
from milia.engine.parameters import branch_array, damage_set
from milia.skin import GAS_CONSTANT_J_MOL_K

with (Path(__file__).parent / "reference" / "damage.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
SETS = {"skin": "henriques_moritz", "collagen": "pearce_collagen"}


@pytest.mark.parametrize(
    "row", ROWS, ids=[f"{row['set']}-{row['start_degC']}-{row['end_degC']}" for row in ROWS]
)
@pytest.mark.parametrize(("steps", "allowed"), [(10, 0.02), (200, 1e-4)])
def test_ramps(row: dict[str, str], steps: int, allowed: float) -> None:
    ((_, _, a, ea),) = damage_set(SETS[row["set"]]).branches
    assert (a, ea) == (float(row["A_per_s"]), float(row["Ea_J_mol"]))
    kelvin = 273.15 + np.linspace(float(row["start_degC"]), float(row["end_degC"]), steps + 1)
    dt = float(row["duration_s"]) / steps
    branches = branch_array(SETS[row["set"]])
    omega = sum(damage_increment(kelvin[i], kelvin[i + 1], dt, branches) for i in range(steps))
    assert omega == pytest.approx(float(row["omega"]), rel=allowed)


@pytest.mark.parametrize("name", ["henriques_moritz", "pearce_collagen", "weaver_stoll", "takata"])
def test_constant_temperature(name: str) -> None:
    """Ω = A exp(−Ea/RT) t, with the branch that holds at T."""
    for kelvin in (318.15, 330.0, 350.0):
        holding = [row for row in damage_set(name).branches if row[0] <= kelvin < row[1]]
        expected = sum(
            math.exp(math.log(a) - ea / (GAS_CONSTANT_J_MOL_K * kelvin)) for _, _, a, ea in holding
        )
        assert damage_increment(kelvin, kelvin, 0.25, branch_array(name)) == pytest.approx(0.25 * expected)
