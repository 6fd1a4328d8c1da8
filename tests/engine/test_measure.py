"""What is read off a state, with states made by hand so that the right answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from milia.engine import Exposure, State, nominal_parameters, start
from milia.engine.measure import measure
from milia.laser import Beam, PulseTrain
from milia.skin import Cyst, Layer, Tissue

SKIN = Tissue(layers=(Layer("stratum_corneum", 15e-6), Layer("dermis", 3e-3)), cyst=None, evidence=())


def made(tissue: Tissue = SKIN) -> State:
    exposure = Exposure(tissue, Beam(spot_diameter_m=400e-6), PulseTrain(1e-3, 1e-3), 306.15)
    return start(exposure, nominal_parameters())


def heat(state: State, *, deep_m: float, wide_m: float) -> None:
    """Give damage whose Ω = 1 surface is an ellipse through (wide, 0) and (0, deep)."""
    r, z = state.grid.r_mid[:, None] / wide_m, state.grid.z_mid[None, :] / deep_m
    state.fields.omega[:] = np.exp(20.0 * (1.0 - np.sqrt(r * r + z * z)))


def dig(state: State, depth_m: float, wide_m: float) -> None:
    """Remove a box."""
    columns = state.grid.r_mid < wide_m
    row = int(np.searchsorted(state.grid.z, depth_m - 1e-12))
    state.fields.top[columns] = row
    state.fields.surface[columns] = state.grid.z[row]


def test_untouched_skin() -> None:
    crater = measure(made(), living_omega=1.0)
    assert crater.depth == crater.width == crater.rtd_floor == crater.rtd_wall == 0.0
    assert crater.harm_depth == crater.wound_width == crater.removed_volume == 0.0


def test_damage_without_a_crater() -> None:
    state = made()
    heat(state, deep_m=83e-6, wide_m=241e-6)
    crater = measure(state, living_omega=1.0)
    assert crater.harm_depth == pytest.approx(83e-6, rel=0.01)
    assert crater.rtd_floor == pytest.approx(83e-6, rel=0.01)
    # the widest living row is the first below the horn
    z = state.grid.z_mid[int(np.argmax(state.living[0] > 0.5))] / 83e-6
    assert crater.wound_width == pytest.approx(2.0 * 241e-6 * math.sqrt(1.0 - z * z), rel=0.01)
    assert crater.depth == 0.0


def test_a_box_crater_with_damage_around() -> None:
    state = made()
    heat(state, deep_m=180e-6, wide_m=260e-6)
    dig(state, 100e-6, 150e-6)
    crater = measure(state, living_omega=1.0)
    assert crater.depth == pytest.approx(100e-6, abs=3e-6)
    assert crater.harm_depth == pytest.approx(180e-6, rel=0.01)
    assert crater.rtd_floor == pytest.approx(180e-6 - crater.depth, rel=0.03)
    wall = 260e-6 * math.sqrt(1.0 - (50e-6 / 180e-6) ** 2)
    assert crater.rtd_wall == pytest.approx(wall - 150e-6, abs=10e-6)
    columns = state.grid.r_mid < 150e-6
    assert crater.removed_volume == pytest.approx(math.pi * state.grid.ring[columns].sum() * crater.depth)


def test_a_lower_threshold_finds_more_damage() -> None:
    state = made()
    heat(state, deep_m=100e-6, wide_m=200e-6)
    one, half = (measure(state, living_omega=omega) for omega in (1.0, 0.53))
    assert half.harm_depth == pytest.approx(100e-6 * (1.0 - math.log(0.53) / 20.0), rel=0.01)
    assert half.harm_depth > one.harm_depth


def test_a_crater_within_the_horn_keeps_the_damage_below_it() -> None:
    state = made()
    heat(state, deep_m=80e-6, wide_m=200e-6)
    dig(state, 6e-6, 100e-6)
    crater = measure(state, living_omega=1.0)
    assert crater.rtd_floor == pytest.approx(80e-6 - crater.depth, rel=0.03)


def test_a_floor_in_the_cyst_has_no_residual_damage() -> None:
    cyst = Cyst(diameter_m=1e-3, roof_m=90e-6)
    state = made(Tissue(layers=SKIN.layers, cyst=cyst, evidence=()))
    heat(state, deep_m=250e-6, wide_m=250e-6)
    dig(state, 200e-6, 100e-6)
    crater = measure(state, living_omega=1.0)
    assert crater.rtd_floor == 0.0
    # living tissue ends at the roof on the axis; beside the cyst the damage goes on
    assert crater.harm[0] == pytest.approx(90e-6, abs=1e-6)
    assert crater.opening(cyst) == pytest.approx(200e-6, abs=20e-6)


@pytest.mark.parametrize("roof_um", [60.0, 61.0, 62.0, 63.0, 64.0])
def test_harm_ends_where_the_roof_ends_within_a_cell(roof_um: float) -> None:
    cyst = Cyst(diameter_m=1e-3, roof_m=1e-6 * roof_um)
    state = made(Tissue(layers=SKIN.layers, cyst=cyst, evidence=()))
    heat(state, deep_m=250e-6, wide_m=250e-6)
    harm = measure(state, living_omega=1.0).harm
    assert harm[0] == pytest.approx(1e-6 * roof_um, abs=1e-6)


def test_heat_through_the_floor_of_the_cyst_harms() -> None:
    cyst = Cyst(diameter_m=0.2e-3, roof_m=40e-6)
    state = made(Tissue(layers=SKIN.layers, cyst=cyst, evidence=()))
    heat(state, deep_m=300e-6, wide_m=80e-6)
    dig(state, 100e-6, 50e-6)
    assert measure(state, living_omega=1.0).harm[0] == pytest.approx(300e-6, rel=0.02)
