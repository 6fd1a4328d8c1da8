"""Why a three-dimensional march stopped: the cell, the time, and what made a number of it that is none.

No copy of the volume is kept to march again from, as about an axis: the sizes of the terms tell the cause.
"""

from __future__ import annotations

import math

import numpy as np

from milia.base import MiliaError
from milia.engine.failure import MAY_BE_INFINITE, no_number
from milia.engine.kernels import arrays
from milia.engine.kernels.point import Physics, surface_loss
from milia.engine.volume.state import VolumeState

# columns that have lost cells conduct nothing through them
NO_NUMBER_NEEDED = MAY_BE_INFINITE | {"resistance"}
ABLATING_K = 700.0
# far beyond the light of any laser here: a surface that loses so much is no surface, such a flow no blood
STRONGEST_FLUX_W_M2, STRONGEST_SINK_W_M3 = 1e14, 1e18


def check_numbers(state: VolumeState, physics: Physics) -> None:
    """Refuse to begin with, or to go on from, a state in which anything is no number."""
    for name, value in physics._asdict().items():
        if not math.isfinite(value):
            raise MiliaError(f"the engine's parameters make {name} {value}: no light or heat can follow it")
    found = no_number(state, NO_NUMBER_NEEDED)
    if found:
        words, cell, value = found
        why = f"; the cause is {cause(state, physics)}" if state.steps else ""
        raise MiliaError(
            f"the simulation stopped: the {words} is {value} in {place(state, cell)}, "
            f"at {state.time_s:.6g} s{why}"
        )


def place(state: VolumeState, cell: tuple[int, ...]) -> str:
    """Say which cell, and where it lies."""
    i, j = cell[:2]
    k = cell[2] if len(cell) > 2 else int(state.fields.top[i, j])
    grid = state.grid
    x, y, z = 1e6 * grid.x_mid[i], 1e6 * grid.y_mid[j], 1e6 * (grid.z[k] + 0.5 * grid.dz[k])
    return f"cell (column {i}, {j}, row {k}), at x {x:.0f} µm, y {y:.0f} µm and {z:.0f} µm deep"


def hot_cell(state: VolumeState, column: tuple[int, int]) -> tuple[int, int, int]:
    """Return the first cell of a column whose temperature is no number."""
    i, j = column
    bad = ~np.isfinite(state.fields.rise[i, j])
    bad[: state.fields.top[i, j]] = False
    return i, j, int(bad.argmax())


def cause(state: VolumeState, physics: Physics) -> str:
    """Say which term is beyond what can be: light that was booked, or what tissue at ablation would lose."""
    if not all(math.isfinite(state.ledger[s]) for s in (arrays.INCIDENT, arrays.REFLECTED, arrays.PLUME)):
        return "the light that is absorbed"
    hot = ABLATING_K - physics.initial_K
    flux, sink = surface_loss(hot, 1.0, physics), physics.perfusion_W_m3K * hot
    if not (flux < STRONGEST_FLUX_W_M2 and sink < STRONGEST_SINK_W_M3):
        return "what the surface and the blood carry off"
    return "conduction or a change of phase"
