"""Plain records of arrays and numbers that the kernels pass around, and the slots of the ledger."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

# slots of the ledger, J (INCIDENT … LOST) and of the statistics
INCIDENT, REFLECTED, PLUME, REMOVED, STEAM, LOST = 0, 1, 2, 3, 4, 5
TIME, STEP, STEPS, PEAK_RISE, HOTTEST, STATUS, BAD_I, BAD_K, LAST_DT = 6, 7, 8, 9, 10, 11, 12, 13, 14
# conduction owed [s] while light runs ahead of it, and how many times conduction was solved
OWED, SWEEPS = 15, 16
LEDGER_SIZE = 17

DONE, NOT_FINITE, TOO_MANY_STEPS, GRID_EXHAUSTED = 0, 1, 2, 3

HOT_ENOUGH_FOR_DAMAGE_K = 316.15  # 43 °C: below it the fastest published set needs hours
SATURATED_OMEGA = 1e6


class Control(NamedTuple):
    """Accuracy of the march: front advance per step in cells, change of rise per step, growth of dt."""

    advance: float
    change: float
    growth: float
    dt_min: float
    dt_max: float
    still_rise: float  # a column or row hotter than this at the edge of the active region extends it
    pulse_part: float  # longest step while the light is on, as a share of the pulse
    lag: float  # how far light may run ahead of conduction, as a share of the diffusion time of a cell
    max_steps: int


class Layout(NamedTuple):
    """The grid's own arrays."""

    edges: Array  # [nr+1] radii
    dr: Array
    ring: Array  # [nr] r_outer² − r_inner²
    z_edges: Array  # [nz+1]
    dz: Array


class Matter(NamedTuple):
    """What the cells are made of, [nr, nz]."""

    water_0: Array
    dry_heat: Array
    dry_cond: Array
    dry_mu: Array
    perfused: Array  # 1 living, 0 not


class Fields(NamedTuple):
    """What changes, [nr, nz] and [nr]."""

    e: Array
    water: Array
    rise: Array
    before: Array  # rise at the last commit
    heat: Array  # heat capacity while cooling or below the limit, J/m³/K
    up: Array  # heat capacity while heated on the limit
    limit: Array  # rise up to which neither boiling nor decomposition goes on
    spent: Array  # share of the heat of decomposition that has been paid
    resistance: Array  # one over the conductivity, m K/W
    rise_max: Array
    omega: Array
    omega_collagen: Array
    top: Whole  # first cell of each column that is still there
    surface: Array  # depth of the front, m
    begun: Array  # progress that each column's first cell had made when it became the first
