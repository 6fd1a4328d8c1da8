"""Conduction along one direction of a brick grid: the line solves of ``kernels.heat``, many lines at a time.

The scheme, its two capacities and its second solve are those of :mod:`milia.engine.kernels.heat`. Neighbouring
lines are copied into a small working memory, solved side by side and copied back, so that one kernel serves
all three directions and the processor's vector units. No line knows which others it was solved with: how
lines are shared among threads changes no bit.

A cell that has left has an infinite resistance, and conducts nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from milia.engine.kernels.arrays import Array, Fields, Matter
from milia.engine.kernels.heat import GAMMA
from milia.engine.kernels.point import NEAR_K, Phase, temperature

X, Y, Z = 0, 1, 2

# Working memory is one flat array, cell after cell, quantity after quantity, lane after lane. Strides that the
# compiler knows, and no second array, are what lets it prove that lanes do not touch each other.
LANES = 16
MARGIN = 4  # cells beyond the warm part of a line that are solved with it
ROW = 14 * LANES
E, RISE, HEAT, LIMIT, LINK, UP, SOURCE = (n * LANES for n in range(7))
HELD, SCALE, UPPER, THETA, TRIAL, SECOND, TURNED = (n * LANES for n in range(7, 14))


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


def work_for(cells: int) -> Array:
    """Return the working memory of one thread for lines of at most so many cells."""
    return np.zeros((cells + 2) * ROW)


@njit(cache=True, nogil=True, error_model="numpy")
def _load(
    work: Array, sheet: int, flat: Array, start: int, along: int, across: int, cells: int, lanes: int
) -> None:
    """Copy lines into one sheet of the working memory; lanes without a line repeat the first."""
    if across == 1 and lanes == LANES:
        for m in range(cells):
            at, to = start + m * along, (m + 1) * ROW + sheet
            for s in range(LANES):
                work[to + s] = flat[at + s]
    else:
        for s in range(LANES):
            at, to = start + (s if s < lanes else 0) * across, ROW + sheet + s
            for m in range(cells):
                work[to + m * ROW] = flat[at + m * along]


@njit(cache=True, nogil=True, error_model="numpy")
def _store(
    work: Array, sheet: int, flat: Array, start: int, along: int, across: int, cells: int, lanes: int
) -> None:
    """Copy one sheet of the working memory back."""
    if across == 1 and lanes == LANES:
        for m in range(cells):
            at, to = start + m * along, (m + 1) * ROW + sheet
            for s in range(LANES):
                flat[at + s] = work[to + s]
    else:
        for s in range(lanes):
            at, to = start + s * across, ROW + sheet + s
            for m in range(cells):
                flat[at + m * along] = work[to + m * ROW]


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
                _plain(
                    dt, width, first, cells, start, along, across, lanes, heated, pierced, hole_m0, hole_m1, e, rise,
                    heat, resistance, light, work,
                )  # fmt: skip
                continue
            _load(work, E, e, start, along, across, cells, lanes)
            _load(work, RISE, rise, start, along, across, cells, lanes)
            _load(work, HEAT, heat, start, along, across, cells, lanes)
            _load(work, LIMIT, limit, start, along, across, cells, lanes)
            _load(work, LINK, resistance, start, along, across, cells, lanes)
            _load(work, UP, up, start, along, across, cells, lanes)
            if heated:
                _load(work, SOURCE, light, start, along, across, cells, lanes)
            _links(width, first, cells, heated, work)
            if pierced:
                _cut(hole_m0, hole_m1, first, cells, work)
            _first_stage(dt, width, first, cells, work)
            if _between(dt, cells, work):
                _change_phase(
                    dt, cells, lanes, start, along, across, water, water_0, dry_heat, spent, work, phase
                )
            _second_stage(dt, width, first, cells, work)
            if _finish(dt, cells, work):
                _settle(cells, lanes, start, along, across, water, water_0, dry_heat, spent, up, work, phase)
            _store(work, E, e, start, along, across, cells, lanes)
            _store(work, RISE, rise, start, along, across, cells, lanes)


@njit(cache=True, nogil=True, error_model="numpy")
def _links(width: Array, m0: int, cells: int, heated: bool, work: Array) -> None:
    """Turn resistances into conductances of each cell's face towards the cell before it.

    The rows before the first and after the last cell are guards: with links of zero they change nothing.
    """
    for m in range(cells - 1, 0, -1):
        here, before, at = width[m0 + m], width[m0 + m - 1], (m + 1) * ROW
        for s in range(LANES):
            i = at + s
            work[i + LINK] = 2.0 / (here * work[i + LINK] + before * work[i - ROW + LINK])
    last = (cells + 1) * ROW
    for s in range(LANES):
        work[ROW + LINK + s] = 0.0
        work[last + LINK + s] = 0.0
        for guard in (s, last + s):
            work[guard + RISE] = 0.0
            work[guard + TRIAL] = 0.0
            work[guard + UPPER] = 0.0
            work[guard + THETA] = 0.0
            work[guard + SECOND] = 0.0
    if not heated:
        for m in range(1, cells + 1):
            for s in range(LANES):
                work[m * ROW + SOURCE + s] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _cut(hole_m0: int, hole_m1: int, first: int, cells: int, work: Array) -> None:
    """Break the links within the hole."""
    for m in range(max(hole_m0, first) + 1, min(hole_m1, first + cells)):
        at = (m - first + 1) * ROW + LINK
        for s in range(LANES):
            work[at + s] = 0.0


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
def _plain(
    dt: float, width: Array, first: int, cells: int, start: int, along: int, across: int, lanes: int,
    heated: bool, pierced: bool, hole_m0: int, hole_m1: int, e: Array, rise: Array, heat: Array,
    resistance: Array, source: Array, work: Array,
) -> None:  # fmt: skip
    """The same step where nothing is near boiling and no light falls: capacities are constant, and e is C θ."""
    _load(work, RISE, rise, start, along, across, cells, lanes)
    _load(work, HELD, heat, start, along, across, cells, lanes)
    _load(work, LINK, resistance, start, along, across, cells, lanes)
    if heated:
        _load(work, SOURCE, source, start, along, across, cells, lanes)
    _links(width, first, cells, heated, work)
    if pierced:
        _cut(hole_m0, hole_m1, first, cells, work)
    g = GAMMA * dt
    for m in range(1, cells + 1):
        at, w = m * ROW, width[first + m - 1]
        for s in range(LANES):
            i = at + s
            here, link, beyond = work[i + RISE], work[i + LINK], work[i + ROW + LINK]
            flow = work[i + SOURCE] + link * (work[i - ROW + RISE] - here)
            flow += beyond * (work[i + ROW + RISE] - here)
            inner, outer = g * link, g * beyond
            scale = 1.0 / (work[i + HELD] * w + outer + inner * (1.0 - work[i - ROW + UPPER]))
            work[i + SCALE] = scale
            work[i + UPPER] = outer * scale
            work[i + THETA] = (flow + inner * work[i - ROW + THETA]) * scale
    for m in range(cells, 0, -1):
        at = m * ROW
        for s in range(LANES):
            i = at + s
            theta = work[i + THETA] + work[i + UPPER] * work[i + ROW + THETA]
            work[i + THETA] = theta
            work[i + TRIAL] = work[i + RISE] + dt * theta
    for m in range(1, cells + 1):
        at, w = m * ROW, width[first + m - 1]
        for s in range(LANES):
            i = at + s
            here, link = work[i + TRIAL], work[i + LINK]
            flow = work[i + SOURCE] + link * (work[i - ROW + TRIAL] - here + g * work[i - ROW + SECOND])
            flow += work[i + ROW + LINK] * (work[i + ROW + TRIAL] - here)
            work[i + SECOND] = (flow - 2.0 * w * work[i + HELD] * work[i + THETA]) * work[i + SCALE]
    for m in range(cells, 0, -1):
        at = m * ROW
        for s in range(LANES):
            i = at + s
            theta = work[i + SECOND] + work[i + UPPER] * work[i + ROW + SECOND]
            work[i + SECOND] = theta
            now = work[i + RISE] + dt * (1.5 * work[i + THETA] + 0.5 * theta)
            work[i + E] = work[i + HELD] * now
            work[i + TRIAL] = now
    _store(work, E, e, start, along, across, cells, lanes)
    _store(work, TRIAL, rise, start, along, across, cells, lanes)


@njit(cache=True, nogil=True, error_model="numpy")
def _first_stage(dt: float, width: Array, m0: int, cells: int, work: Array) -> None:
    """Solve (C − γ dt L) θ1 = L T + S."""
    g = GAMMA * dt
    for m in range(1, cells + 1):
        at = m * ROW
        for s in range(LANES):
            i = at + s
            here = work[i + RISE]
            flow = work[i + SOURCE] + work[i + LINK] * (work[i - ROW + RISE] - here)
            flow += work[i + ROW + LINK] * (work[i + ROW + RISE] - here)
            up, plain = work[i + UP], work[i + HEAT]
            on_bound = (flow > 0.0) & (here >= work[i + LIMIT] - NEAR_K)
            work[i + HELD] = up if on_bound else plain
            work[i + TRIAL] = flow
    again = True
    while again:
        for m in range(1, cells + 1):
            at, w = m * ROW, width[m0 + m - 1]
            for s in range(LANES):
                i = at + s
                inner, outer = g * work[i + LINK], g * work[i + ROW + LINK]
                scale = 1.0 / (work[i + HELD] * w + outer + inner * (1.0 - work[i - ROW + UPPER]))
                work[i + SCALE] = scale
                work[i + UPPER] = outer * scale
                work[i + THETA] = (work[i + TRIAL] + inner * work[i - ROW + THETA]) * scale
        again = False
        for m in range(cells, 0, -1):
            at = m * ROW
            for s in range(LANES):
                i = at + s
                theta = work[i + THETA] + work[i + UPPER] * work[i + ROW + THETA]
                work[i + THETA] = theta
                again |= (theta < 0.0) & (work[i + HELD] != work[i + HEAT])
        if again:
            for m in range(1, cells + 1):
                for s in range(LANES):
                    i = m * ROW + s
                    if work[i + THETA] < 0.0:
                        work[i + HELD] = work[i + HEAT]


@njit(cache=True, nogil=True, error_model="numpy")
def _between(dt: float, cells: int, work: Array) -> bool:
    """Temperatures after the first stage; true if a cell boils or decomposes in it."""
    odd = False
    for m in range(1, cells + 1):
        at = m * ROW
        for s in range(LANES):
            i = at + s
            trial = work[i + RISE] + dt * work[i + THETA]
            work[i + TRIAL] = trial
            odd |= (trial > work[i + LIMIT]) | (work[i + HELD] != work[i + HEAT])
    return odd


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
def _second_stage(dt: float, width: Array, m0: int, cells: int, work: Array) -> None:
    """Solve (C − γ dt L) θ2 = L T' + S − 2 C θ1; leave ½(3 θ1 + θ2), or θ1 on a line where a cell turned."""
    g = GAMMA * dt
    for m in range(1, cells + 1):
        at, w = m * ROW, width[m0 + m - 1]
        for s in range(LANES):
            i = at + s
            here, link = work[i + TRIAL], work[i + LINK]
            flow = work[i + SOURCE] - 2.0 * w * work[i + HELD] * work[i + THETA]
            flow += link * (work[i - ROW + TRIAL] - here + g * work[i - ROW + SECOND])
            flow += work[i + ROW + LINK] * (work[i + ROW + TRIAL] - here)
            work[i + SECOND] = flow * work[i + SCALE]
    for s in range(LANES):
        work[TURNED + s] = 0.0
    for m in range(cells, 0, -1):
        at = m * ROW
        for s in range(LANES):
            i = at + s
            theta = work[i + SECOND] + work[i + UPPER] * work[i + ROW + SECOND]
            work[i + SECOND] = theta
            mean = 1.5 * work[i + THETA] + 0.5 * theta
            work[i + TRIAL] = mean
            turned = (mean < 0.0) & (work[i + HELD] != work[i + HEAT])
            work[TURNED + s] += 1.0 if turned else 0.0
    for m in range(1, cells + 1):
        at = m * ROW
        for s in range(LANES):
            i = at + s
            mean, theta = work[i + TRIAL], work[i + THETA]
            work[i + THETA] = mean if work[TURNED + s] == 0.0 else theta


@njit(cache=True, nogil=True, error_model="numpy")
def _finish(dt: float, cells: int, work: Array) -> bool:
    """Enthalpies and temperatures after the step; true if a cell is above its bound."""
    odd = False
    for m in range(1, cells + 1):
        at = m * ROW
        for s in range(LANES):
            i = at + s
            filled = work[i + E] + dt * work[i + THETA] * work[i + HELD]
            rise = filled / work[i + HEAT]
            work[i + E] = filled
            work[i + RISE] = rise
            odd |= rise > work[i + LIMIT]
    return odd


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
