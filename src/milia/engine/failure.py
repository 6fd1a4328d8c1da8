"""Why a march stopped: the cell, the time, and what made a number of it that is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.engine.kernels import arrays, reading
from milia.engine.kernels.point import Physics
from milia.engine.state import State

# in the order in which one spoils the next; heat that spreads spoils the last ones everywhere
MATTER = {
    "water_0": "water at first",
    "dry_heat": "heat capacity of dry matter",
    "dry_cond": "conductivity of dry matter",
    "dry_mu": "absorption of dry matter",
    "perfused": "perfusion",
}
FIELDS = {
    "water": "water",
    "spent": "share decomposed",
    "resistance": "conductivity",
    "heat": "heat capacity",
    "up": "heat capacity in change of phase",
    "limit": "temperature of the next change of phase",
    "e": "enthalpy",
    "rise": "temperature",
    "before": "temperature one step before",
    "rise_max": "highest temperature",
    "omega": "damage of cells",
    "omega_collagen": "damage of collagen",
    "surface": "depth of the floor",
    "begun": "progress of the first cell",
}
# these may grow beyond all numbers: nothing is left to change phase, damage is complete
MAY_BE_INFINITE = frozenset({"limit", "omega", "omega_collagen"})


class Tissue(Protocol):
    """What matter and fields of any geometry can be asked for."""

    @property
    def matter(self) -> arrays.Matter: ...

    @property
    def fields(self) -> arrays.Fields: ...


# a stretch of the march, again: state, most steps, power on or off, physics
Again = Callable[[State, int, bool, Physics], None]


def _sound(values: NDArray[np.float64], *, infinite: bool) -> bool:
    total = float(values.sum())
    return bool(np.isfinite(total) or (infinite and not np.isnan(values).any()))


def no_number(
    state: Tissue, infinite: frozenset[str] = MAY_BE_INFINITE
) -> tuple[str, tuple[int, ...], float] | None:
    """Return the first quantity that is no number, in words, its cell and value; ``None`` where all are.

    What is named in ``infinite`` may be beyond all numbers.
    """
    for names, record in ((MATTER, state.matter), (FIELDS, state.fields)):
        for name, words in names.items():
            values = getattr(record, name)
            if not _sound(values, infinite=name in infinite):
                bad = np.isnan(values) if name in infinite else ~np.isfinite(values)
                if bad.any():
                    cell = tuple(int(index) for index in np.argwhere(bad)[0])
                    return words, cell, float(values[cell])
    return None


def place(state: State, cell: tuple[int, ...]) -> str:
    """Say which cell, and where it lies."""
    i, k = cell if len(cell) > 1 else (cell[0], int(state.fields.top[cell[0]]))
    r, z = 1e6 * state.grid.r_mid[i], 1e6 * state.grid.z_mid[k]
    return f"cell (column {i}, row {k}), {r:.0f} µm from the axis and {z:.0f} µm deep"


def check_numbers(state: State) -> None:
    """Refuse to begin with, or to go on from, a state in which anything is no number."""
    if reading.sound(state.matter, state.fields):
        return
    found = no_number(state)
    if found:
        words, cell, value = found
        raise MiliaError(
            f"the simulation stopped: the {words} is {value} in {place(state, cell)}, at {state.time_s:.6g} s"
        )


def cause(before: State, failed: State, physics: Physics, again: Again) -> str:
    """Say without what the march would have gone on.

    Losses are left out of the whole stretch, light out of the step that failed alone: without light from
    the beginning nothing would ever happen.

    Parameters
    ----------
    before
        The state when the stretch began in which a step failed.
    failed
        The state it ended in.
    physics
        What was in force.
    again
        Marches a state through the same stretch.
    """
    lossless = physics._replace(
        convection_W_m2K=0.0, evaporation_K_m3_kg=0.0, emissivity=0.0, perfusion_W_m3K=0.0
    )
    cold = before.copy()
    again(cold, failed.steps + 1, True, lossless)
    if _goes_on(cold):
        return "what the surface and the blood carry off"
    dark = before.copy()
    again(dark, failed.steps - 1, True, physics)
    dark.ledger[arrays.STATUS] = arrays.DONE
    again(dark, failed.steps + 1, False, physics)
    return "the light that is absorbed" if _goes_on(dark) else "conduction or a change of phase"


def _goes_on(state: State) -> bool:
    return int(state.ledger[arrays.STATUS]) != arrays.NOT_FINITE and no_number(state) is None
