"""Conduction along one direction of a brick grid, line by line.

Neighbouring lines are copied into a small working memory, solved there side by side and copied back, so that
one kernel serves all three directions. No line knows which others it was solved with: how lines are shared
among threads changes no bit. A cell that has left has an infinite resistance, and conducts nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from milia.engine.kernels.arrays import Array, Fields, Matter
from milia.engine.kernels.point import Phase, temperature
from milia.engine.volume.kernels.lanes import (
    HEAT,
    HELD,
    LANES,
    LIMIT,
    LINK,
    RISE,
    ROW,
    SOURCE,
    THETA,
    TRIAL,
    UP,
    E,
    between,
    cut,
    finish,
    first_stage,
    links,
    load,
    plain,
    second_stage,
    store,
)

X, Y, Z = 0, 1, 2
MARGIN = 4  # cells beyond the warm part of a line that are solved with it


class Block(NamedTuple):
    """Which cells take part: [i0, i1) × [j0, j1) × [k0, k1)."""

    i0: int
    i1: int
    j0: int
    j1: int
    k0: int
    k1: int


class Hole(NamedTuple):
    """Columns [i0, i1) × [j0, j1) whose links among themselves conduct nothing; empty if i1 ≤ i0."""

    i0: int
    i1: int
    j0: int
    j1: int


NO_HOLE = Hole(0, 0, 0, 0)


@njit(cache=True, nogil=True, error_model="numpy")
def _stirs(flat: Array, at: int, across: int, lanes: int, still: float) -> bool:
    """Whether any lane is above ``still`` or below its negative at one place along the lines."""
    found = False
    for s in range(lanes):
        value = flat[at + s * across]
        found |= (value > still) | (value < -still)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _stretch(
    rise: Array,
    light: Array,
    lit: bool,
    start: int,
    along: int,
    across: int,
    cells: int,
    lanes: int,
    still: float,
) -> tuple[int, int, bool]:
    """First and last cell between which a line is warm or heated, with a margin; and whether it is heated."""
    first = 0
    heated = False
    while first < cells:
        at = start + first * along
        if _stirs(rise, at, across, lanes, still):
            break
        if lit and _stirs(light, at, across, lanes, 0.0):
            break
        first += 1
    if first == cells:
        return 0, 0, False
    last = cells - 1
    while last > first:
        at = start + last * along
        if _stirs(rise, at, across, lanes, still):
            break
        if lit and _stirs(light, at, across, lanes, 0.0):
            break
        last -= 1
    if lit:
        for m in range(first, last + 1):
            if _stirs(light, start + m * along, across, lanes, 0.0):
                heated = True
                break
    return max(first - MARGIN, 0), min(last + 1 + MARGIN, cells), heated


@njit(cache=True, nogil=True, error_model="numpy")
def _all_below(
    rise: Array, start: int, along: int, across: int, cells: int, lanes: int, limit: float
) -> bool:
    """Whether no cell of the lines is above a limit."""
    odd = False
    if across == 1 and lanes == LANES:
        for m in range(cells):
            at = start + m * along
            for s in range(LANES):
                odd |= rise[at + s] > limit
    else:
        for s in range(lanes):
            at = start + s * across
            for m in range(cells):
                odd |= rise[at + m * along] > limit
    return not odd


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(
    dt: float,
    direction: int,
    block: Block,
    hole: Hole,
    width: Array,
    source: Array,
    matter: Matter,
    f: Fields,
    still: float,
    work: Array,
    phase: Phase,
) -> None:
    """Advance conduction along one direction by ``dt`` in all lines of a block.

    Parameters
    ----------
    dt
        Step [s].
    direction
        ``X``, ``Y`` or ``Z``; ``source`` [W/m² per cell] is felt along Z only.
    block, hole
        Lines that take part, and columns whose inner links rest in this sweep (along X and Y).
    width
        Sizes of the cells along the direction [m].
    still
        The ends of lines on which every rise is at most so large stay as they are, unless heated [K].
    work
        Working memory of one thread.
    """
    ny, nz = f.rise.shape[1], f.rise.shape[2]
    e, rise, heat, up = f.e.ravel(), f.rise.ravel(), f.heat.ravel(), f.up.ravel()
    limit, resistance, water, spent = f.limit.ravel(), f.resistance.ravel(), f.water.ravel(), f.spent.ravel()
    water_0, dry_heat, light = matter.water_0.ravel(), matter.dry_heat.ravel(), source.ravel()
    if direction == X:
        a0, a1, b0, b1, m0, m1 = block.j0, block.j1, block.k0, block.k1, block.i0, block.i1
        along, down, across = ny * nz, nz, 1
        hole_a0, hole_a1, hole_m0, hole_m1 = hole.j0, hole.j1, hole.i0, hole.i1
    elif direction == Y:
        a0, a1, b0, b1, m0, m1 = block.i0, block.i1, block.k0, block.k1, block.j0, block.j1
        along, down, across = nz, ny * nz, 1
        hole_a0, hole_a1, hole_m0, hole_m1 = hole.i0, hole.i1, hole.j0, hole.j1
    else:
        a0, a1, b0, b1, m0, m1 = block.i0, block.i1, block.j0, block.j1, block.k0, block.k1
        along, down, across = 1, ny * nz, nz
        hole_a0, hole_a1, hole_m0, hole_m1 = 0, 0, 0, 0
    for a in range(a0, a1):
        pierced = hole_a0 <= a < hole_a1
        for b in range(b0, b1, LANES):
            lanes = min(LANES, b1 - b)
            begin = a * down + b * across
            low, high, heated = _stretch(
                rise, light, direction == Z, begin + m0 * along, along, across, m1 - m0, lanes, still
            )
            if high <= low:
                continue
            first, cells = m0 + low, high - low
            start = begin + first * along
            if _all_below(rise, start, along, across, cells, lanes, 0.9 * phase.boil_start) and (
                not heated or _all_below(light, start, along, across, cells, lanes, 0.0)
            ):
                plain(
                    dt, width, first, cells, start, along, across, lanes, heated, pierced, hole_m0, hole_m1,
                    e, rise,
                    heat, resistance, light, work,
                )  # fmt: skip
                continue
            load(work, E, e, start, along, across, cells, lanes)
            load(work, RISE, rise, start, along, across, cells, lanes)
            load(work, HEAT, heat, start, along, across, cells, lanes)
            load(work, LIMIT, limit, start, along, across, cells, lanes)
            load(work, LINK, resistance, start, along, across, cells, lanes)
            load(work, UP, up, start, along, across, cells, lanes)
            if heated:
                load(work, SOURCE, light, start, along, across, cells, lanes)
            links(width, first, cells, heated, work)
            if pierced:
                cut(hole_m0, hole_m1, first, cells, work)
            first_stage(dt, width, first, cells, work)
            if between(dt, cells, work):
                _change_phase(
                    dt, cells, lanes, start, along, across, water, water_0, dry_heat, spent, work, phase
                )
            second_stage(dt, width, first, cells, work)
            if finish(dt, cells, work):
                _settle(cells, lanes, start, along, across, water, water_0, dry_heat, spent, up, work, phase)
            store(work, E, e, start, along, across, cells, lanes)
            store(work, RISE, rise, start, along, across, cells, lanes)


@njit(cache=True, nogil=True, error_model="numpy")
def _change_phase(
    dt: float, cells: int, lanes: int, start: int, along: int, across: int,
    water: Array, water_0: Array, dry_heat: Array, spent: Array, work: Array, phase: Phase,
) -> None:  # fmt: skip
    for m in range(cells):
        for s in range(lanes):
            i, at = (m + 1) * ROW + s, start + m * along + s * across
            filled = work[i + E] + dt * work[i + THETA] * work[i + HELD]
            if work[i + TRIAL] > work[i + LIMIT]:
                work[i + TRIAL], _, _, _ = temperature(
                    filled, water[at], water_0[at], dry_heat[at], spent[at], phase
                )
            elif work[i + HELD] != work[i + HEAT]:
                work[i + TRIAL] = filled / work[i + HEAT]


@njit(cache=True, nogil=True, error_model="numpy")
def _settle(
    cells: int, lanes: int, start: int, along: int, across: int,
    water: Array, water_0: Array, dry_heat: Array, spent: Array, up: Array, work: Array, phase: Phase,
) -> None:  # fmt: skip
    for m in range(cells):
        for s in range(lanes):
            i, at = (m + 1) * ROW + s, start + m * along + s * across
            if work[i + RISE] > work[i + LIMIT]:
                work[i + RISE], up[at], _, _ = temperature(
                    work[i + E], water[at], water_0[at], dry_heat[at], spent[at], phase
                )
