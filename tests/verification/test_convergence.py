"""Halving cells and time steps moves crater depth by at most 2 %; the rules for ensembles stay within 4 %."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from milia.engine import FINE, PLANNING, QUICK, Accuracy, Crater, GridRule

HALVED = GridRule(
    cells_per_radius=2 * FINE.cells_per_radius,
    fine_z=0.5 * FINE.fine_z,
    coarse_z=0.5 * FINE.coarse_z,
    growth=1.0 + 0.5 * (FINE.growth - 1.0),
)
SHOTS: dict[str, dict[str, Any]] = {
    "narrow": {"energy_mJ": 10.0, "spot_um": 120.0},
    "two pulses": {"energy_mJ": 20.0, "spot_um": 300.0, "pulses": 2},
}
Shoot = Callable[..., Any]


def crater(shot: Shoot, name: str, rule: GridRule, accuracy: Accuracy) -> Crater:
    made: Crater = shot(**SHOTS[name], rule=rule, accuracy=accuracy).fire().craters[-1]
    return made


@pytest.mark.parametrize("name", list(SHOTS))
def test_half_the_steps(shot: Shoot, name: str) -> None:
    fine = crater(shot, name, FINE, Accuracy())
    finer = crater(shot, name, FINE, Accuracy().finer())
    assert fine.depth == pytest.approx(finer.depth, rel=0.005)
    assert fine.harm_depth == pytest.approx(finer.harm_depth, rel=0.005)
    assert fine.rtd_floor == pytest.approx(finer.rtd_floor, rel=0.02)
    assert fine.wound_width == pytest.approx(finer.wound_width, rel=0.005)


@pytest.mark.parametrize("name", list(SHOTS))
def test_half_the_cells(shot: Shoot, name: str) -> None:
    fine = crater(shot, name, FINE, Accuracy())
    finer = crater(shot, name, HALVED, Accuracy())
    assert fine.depth == pytest.approx(finer.depth, rel=0.02)
    assert fine.harm_depth == pytest.approx(finer.harm_depth, rel=0.02)
    assert fine.wound_width == pytest.approx(finer.wound_width, rel=0.02)
    # damaged layers are a few cells thick
    assert fine.rtd_floor == pytest.approx(finer.rtd_floor, rel=0.04)
    assert fine.rtd_wall == pytest.approx(finer.rtd_wall, rel=0.06)


@pytest.mark.parametrize("name", list(SHOTS))
def test_the_rules_for_ensembles(shot: Shoot, name: str) -> None:
    fine = crater(shot, name, FINE, Accuracy())
    quick = crater(shot, name, PLANNING, QUICK)
    assert quick.depth == pytest.approx(fine.depth, rel=0.04)
    assert quick.harm_depth == pytest.approx(fine.harm_depth, rel=0.04)
    assert quick.wound_width == pytest.approx(fine.wound_width, rel=0.04)
    assert quick.depth != fine.depth


def test_below_ablation(shot: Shoot) -> None:
    """Damage without a crater: four times finer steps and half the cells."""
    made = shot(energy_mJ=4.0, spot_um=500.0)
    coarse = made.fire().craters[-1]
    fine = replace(made, rule=HALVED, accuracy=Accuracy().finer(4.0)).fire().craters[-1]
    assert coarse.depth == fine.depth == 0.0
    assert coarse.rtd_floor == pytest.approx(fine.rtd_floor, rel=0.02)
    assert coarse.wound_width == pytest.approx(fine.wound_width, rel=0.02)
