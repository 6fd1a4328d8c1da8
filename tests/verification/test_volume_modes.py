"""Conduction in three dimensions: eigenmodes decay at exactly their rate, and errors vanish as they should.

In an insulated box, cos(πx/L) decays as exp(−aπ²t/L²), and a product of such modes at the sum of their rates
(Carslaw and Jaeger 1959, 3.3). Both ways of taking a step are asked: explicit, and line solves in turn.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from milia.engine.linear import equal_steps
from milia.engine.volume.grid import VolumeGrid
from milia.engine.volume.linear import march_plain_volume, plain_volume
from milia.laser import Beam

Array = NDArray[np.float64]
K, HEAT = 0.5, 3.5e6
A = K / HEAT
SIDE = 1e-3
RATE = A * (math.pi / SIDE) ** 2
EXPLICIT, LINES = 10**6, 0


def box(nx: int, ny: int, nz: int, *, cube: bool = True) -> VolumeGrid:
    """Cells of a cube, or of a rod whose thin directions have cells of the same size as its long one."""
    size = SIDE / max(nx, ny, nz)
    ends = [SIDE if cube else n * size for n in (nx, ny, nz)]
    x, y, z = (np.linspace(0.0, end, n + 1) for end, n in zip(ends, (nx, ny, nz), strict=True))
    return VolumeGrid(x, y, z)


def cosine(grid: VolumeGrid, direction: int) -> Array:
    middles = (grid.x_mid, grid.y_mid, grid.z_mid)[direction]
    shape = [1, 1, 1]
    shape[direction] = -1
    return np.broadcast_to(np.cos(math.pi * middles / SIDE).reshape(shape), grid.shape)


@pytest.mark.parametrize("explicit_steps", [EXPLICIT, LINES], ids=["explicit", "lines"])
@pytest.mark.parametrize("direction", [0, 1, 2], ids=["x", "y", "z"])
def test_a_mode_decays_at_its_rate(direction: int, explicit_steps: int) -> None:
    cells = [4, 4, 4]
    cells[direction] = 64
    grid = box(*cells, cube=False)
    mode = cosine(grid, direction)
    state = plain_volume(grid, conductivity=K, heat_capacity=HEAT, rise=10.0 * mode)
    end = 1.0 / RATE
    march_plain_volume(state, end, accuracy=equal_steps(end / 200), explicit_steps=explicit_steps)
    amplitude = float((state.fields.rise * mode).sum() / (mode * mode).sum()) / 10.0
    # the grid's own error is (π/2N)²/3 = 0.02 %
    assert -math.log(amplitude) / end == pytest.approx(RATE, rel=5e-4)
    assert np.abs(state.fields.rise - 10.0 * amplitude * mode).max() < 2e-3
    assert abs(state.energy().stored) < 1e-12


@pytest.mark.parametrize("explicit_steps", [EXPLICIT, LINES], ids=["explicit", "lines"])
def test_second_order_in_space(explicit_steps: int) -> None:
    """Product of all three modes: the exact answer is known, so the error itself is measured."""
    end = 0.5 / (3.0 * RATE)
    errors = []
    for cells in (8, 16, 32):
        grid = box(cells, cells, cells)
        mode = cosine(grid, 0) * cosine(grid, 1) * cosine(grid, 2)
        state = plain_volume(grid, conductivity=K, heat_capacity=HEAT, rise=mode)
        # explicit steps are cut by stability as the square of the cells' size, so that both errors fall alike
        march_plain_volume(state, end, accuracy=equal_steps(end / 100), explicit_steps=explicit_steps)
        errors.append(float(np.sqrt(np.mean((state.fields.rise - mode * math.exp(-0.5)) ** 2))))
    orders = [math.log2(coarse / fine) for coarse, fine in itertools.pairwise(errors)]
    assert min(orders) >= 1.9, orders


def test_second_order_in_time() -> None:
    """Light on layered matter: nothing commutes, so the splitting shows; the directions take turns.

    The order follows from four step lengths on one grid (Richardson): log2 of the ratio of differences.
    """
    grid = VolumeGrid(*(np.linspace(0.0, 0.4e-3, 17) for _ in range(3)))
    layers = np.where(grid.z_mid < 0.1e-3, 0.2, 0.6)[None, None, :]
    sides = np.where(grid.x_mid < 0.15e-3, 1.0, 0.5)[:, None, None] * np.ones(grid.shape)
    heat = np.where(grid.z_mid < 0.2e-3, 2.0e6, 4.0e6)[None, None, :]
    end, found = 8e-3, []
    for steps in (32, 64, 128, 256):
        state = plain_volume(grid, conductivity=layers * sides, heat_capacity=heat, absorption=20e3)
        march_plain_volume(
            state,
            end,
            beam=Beam(spot_diameter_m=200e-6),
            power_W=0.02,
            accuracy=equal_steps(end / steps),
            explicit_steps=LINES,
        )
        assert state.steps == steps
        found.append(state.fields.rise)
    apart = [float(np.abs(finer - coarser).max()) for coarser, finer in itertools.pairwise(found)]
    orders = [math.log2(coarse / fine) for coarse, fine in itertools.pairwise(apart)]
    assert orders[-1] == pytest.approx(2.0, abs=0.25), orders


def test_symmetry() -> None:
    """A centred spot on a square grid: mirror images to rounding, x and y to the splitting's error."""
    edges = np.linspace(-0.2e-3, 0.2e-3, 18)
    grid = VolumeGrid(edges, edges, np.linspace(0.0, 0.2e-3, 17))
    odd = np.where(grid.z_mid < 0.05e-3, 0.2, 0.6)[None, None, :]
    for explicit_steps, turned in ((EXPLICIT, 1e-12), (LINES, 2e-3)):
        state = plain_volume(grid, conductivity=odd, heat_capacity=3e6, absorption=30e3)
        march_plain_volume(
            state,
            4e-3,
            beam=Beam(spot_diameter_m=120e-6),
            power_W=0.02,
            accuracy=equal_steps(1e-4),
            explicit_steps=explicit_steps,
        )
        rise = state.fields.rise
        hottest = rise.max()
        assert np.abs(rise - rise[::-1]).max() < 1e-12 * hottest
        assert np.abs(rise - rise[:, ::-1]).max() < 1e-12 * hottest
        assert np.abs(rise - rise.transpose(1, 0, 2)).max() < turned * hottest
