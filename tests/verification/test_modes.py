"""Eigenmodes of conduction decay at exactly their rate, in each direction; and how fast errors vanish.

In an insulated slab of thickness L, cos(πz/L) decays as exp(−aπ²t/L²). In an insulated cylinder of radius R,
J0(jr/R) with j = 3.8317…, the first zero of J1, decays as exp(−aj²t/R²) (Carslaw and Jaeger 1959, 7.6). Half
the conduction, as one published ablation code has it, would halve the rate.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import j0, jn_zeros

from milia.engine import Grid
from milia.engine.linear import equal_steps, march_plain, plain_state
from milia.laser import Beam

Array = NDArray[np.float64]
K, HEAT = 0.5, 3.5e6
A = K / HEAT
SIDE = 1e-3
J = float(jn_zeros(1, 1)[0])
RATE_Z = A * (math.pi / SIDE) ** 2
RATE_R = A * (J / SIDE) ** 2


def grid(cells: int) -> Grid:
    return Grid(np.linspace(0.0, SIDE, cells + 1), np.linspace(0.0, SIDE, cells + 1))


def modes(on: Grid) -> tuple[Array, Array]:
    return np.broadcast_to(j0(J * on.r_mid / SIDE)[:, None], on.shape), np.broadcast_to(
        np.cos(math.pi * on.z_mid / SIDE), on.shape
    )


@pytest.mark.parametrize(("direction", "rate"), [("r", RATE_R), ("z", RATE_Z)])
def test_a_mode_decays_at_its_rate(direction: str, rate: float) -> None:
    on = grid(80)
    radial, axial = modes(on)
    mode = radial if direction == "r" else axial
    state = plain_state(on, conductivity=K, heat_capacity=HEAT, rise=10.0 * mode)
    end = 1.0 / rate
    march_plain(state, end, accuracy=equal_steps(end / 200))
    weights = on.ring[:, None] * on.dz[None, :]
    amplitude = float((weights * state.fields.rise * mode).sum() / (weights * mode * mode).sum()) / 10.0
    assert -math.log(amplitude) / end == pytest.approx(rate, rel=5e-4)
    # and it stays that mode
    assert np.abs(state.fields.rise - 10.0 * amplitude * mode).max() < 2e-3


def test_second_order_in_space() -> None:
    """Product of both modes: exact answer known, so the error itself is measured on three grids."""
    end = 0.5 / (RATE_R + RATE_Z)
    errors = []
    for cells in (16, 32, 64):
        on = grid(cells)
        radial, axial = modes(on)
        state = plain_state(on, conductivity=K, heat_capacity=HEAT, rise=radial * axial)
        march_plain(state, end, accuracy=equal_steps(end / 400))
        exact = radial * axial * math.exp(-0.5)
        weights = on.ring[:, None] * on.dz[None, :]
        squares = float((weights * (state.fields.rise - exact) ** 2).sum() / weights.sum())
        errors.append(math.sqrt(squares))
    orders = [math.log2(coarse / fine) for coarse, fine in itertools.pairwise(errors)]
    assert min(orders) >= 1.9, orders


def test_second_order_in_time() -> None:
    """Light on layered matter: nothing commutes, so the splitting shows.

    After an even number of equal steps it is symmetric and must be of second order.

    The order follows from three step lengths on one grid (Richardson): log2 of the ratio of differences.
    """
    on = Grid(np.linspace(0.0, 0.4e-3, 21), np.linspace(0.0, 0.4e-3, 41))
    conductivity = np.where(on.z_mid < 0.1e-3, 0.2, 0.6)
    conductivity = np.broadcast_to(conductivity, on.shape) * np.where(on.r_mid < 0.15e-3, 1.0, 0.5)[:, None]
    heat = np.broadcast_to(np.where(on.z_mid < 0.2e-3, 2.0e6, 4.0e6), on.shape)
    end, beam = 8e-3, Beam(spot_diameter_m=200e-6)
    found = []
    for steps in (32, 64, 128, 256):
        state = plain_state(on, conductivity=conductivity, heat_capacity=heat, absorption=20e3)
        march_plain(state, end, beam=beam, power_W=0.02, accuracy=equal_steps(end / steps))
        assert state.steps == steps
        found.append(state.fields.rise)
    steps_apart = [float(np.abs(finer - coarser).max()) for coarser, finer in itertools.pairwise(found)]
    orders = [math.log2(coarse / fine) for coarse, fine in itertools.pairwise(steps_apart)]
    assert orders[-1] == pytest.approx(2.0, abs=0.25), orders
