"""Halving cells and time steps moves crater depth by at most 2 %; so do the rules for ensembles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from milia.engine import FINE, PLANNING, QUICK, Accuracy, Crater, GridRule
from milia.skin import Cyst

HALVED = GridRule(
    cells_per_radius=2 * FINE.cells_per_radius,
    fine_z=0.5 * FINE.fine_z,
    coarse_z=0.5 * FINE.coarse_z,
    growth=1.0 + 0.5 * (FINE.growth - 1.0),
)
SHOTS: dict[str, dict[str, Any]] = {
    "narrow": {"energy_mJ": 10.0, "spot_um": 120.0},
    "two pulses": {"energy_mJ": 20.0, "spot_um": 300.0, "pulses": 2},
    "milium": {
        "energy_mJ": 2.0,
        "spot_um": 200.0,
        "duration_ms": 0.033,
        "pulses": 2,
        "interval_ms": 50.0,
        "cyst": Cyst(diameter_m=1e-3, roof_m=60e-6),
    },
}
Shoot = Callable[..., Any]


def crater(shot: Shoot, name: str, rule: GridRule, accuracy: Accuracy) -> Crater:
    made: Crater = shot(**SHOTS[name], rule=rule, accuracy=accuracy).fire().craters[-1]
    return made


@pytest.mark.parametrize("name", list(SHOTS))
def test_half_the_steps(shot: Shoot, name: str) -> None:
    fine = crater(shot, name, FINE, Accuracy())
    finer = crater(shot, name, FINE, Accuracy().finer())
    assert fine.depth == pytest.approx(finer.depth, rel=0.01)
    assert fine.harm_depth == pytest.approx(finer.harm_depth, rel=0.005)
    # a difference of two depths
    assert fine.rtd_floor == pytest.approx(finer.rtd_floor, abs=2.5e-6)
    assert fine.wound_width == pytest.approx(finer.wound_width, rel=0.005)


@pytest.mark.parametrize("name", list(SHOTS))
def test_half_the_cells(shot: Shoot, name: str) -> None:
    fine = crater(shot, name, FINE, Accuracy())
    finer = crater(shot, name, HALVED, Accuracy())
    assert fine.depth == pytest.approx(finer.depth, rel=0.02)
    assert fine.harm_depth == pytest.approx(finer.harm_depth, rel=0.02)
    assert fine.wound_width == pytest.approx(finer.wound_width, rel=0.02)
    # damaged layers are a few cells thick
    assert fine.rtd_floor == pytest.approx(finer.rtd_floor, abs=3e-6)
    assert fine.rtd_wall == pytest.approx(finer.rtd_wall, abs=1.5e-6)


@pytest.mark.parametrize("name", list(SHOTS))
def test_the_rules_for_ensembles(shot: Shoot, name: str) -> None:
    fine = crater(shot, name, FINE, Accuracy())
    quick = crater(shot, name, PLANNING, QUICK)
    assert quick.depth == pytest.approx(fine.depth, rel=0.02)
    assert quick.harm_depth == pytest.approx(fine.harm_depth, rel=0.02)
    assert quick.wound_width == pytest.approx(fine.wound_width, rel=0.02)
    assert quick.depth != fine.depth


def test_below_ablation(shot: Shoot) -> None:
    """Damage without a crater: four times finer steps and half the cells."""
    made = shot(energy_mJ=4.0, spot_um=500.0)
    coarse = made.fire().craters[-1]
    fine = replace(made, rule=HALVED, accuracy=Accuracy().finer(4.0)).fire().craters[-1]
    assert coarse.depth == fine.depth == 0.0
    assert coarse.rtd_floor == pytest.approx(fine.rtd_floor, rel=0.02)
    assert coarse.wound_width == pytest.approx(fine.wound_width, rel=0.02)
