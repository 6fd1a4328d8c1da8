"""Tridiagonal solves of many lines side by side, in a small working memory.

The scheme, its two capacities and its second solve are those of :mod:`milia.engine.kernels.heat`. Working
memory is one flat array, cell after cell, quantity after quantity, lane after lane. Strides that the compiler
knows, and no second array, let it prove that lanes do not touch each other, and use the vector units.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from milia.engine.kernels.arrays import Array
from milia.engine.kernels.heat import GAMMA
from milia.engine.kernels.point import NEAR_K

LANES = 16
ROW = 14 * LANES
E, RISE, HEAT, LIMIT, LINK, UP, SOURCE = (n * LANES for n in range(7))
HELD, SCALE, UPPER, THETA, TRIAL, SECOND, TURNED = (n * LANES for n in range(7, 14))


def work_for(cells: int) -> Array:
    """Return the working memory of one thread for lines of at most so many cells."""
    return np.zeros((cells + 2) * ROW)


@njit(cache=True, nogil=True, error_model="numpy")
def load(
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
def store(
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
def links(width: Array, m0: int, cells: int, heated: bool, work: Array) -> None:
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
def cut(hole_m0: int, hole_m1: int, first: int, cells: int, work: Array) -> None:
    """Break the links within the hole."""
    for m in range(max(hole_m0, first) + 1, min(hole_m1, first + cells)):
        at = (m - first + 1) * ROW + LINK
        for s in range(LANES):
            work[at + s] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def first_stage(dt: float, width: Array, m0: int, cells: int, work: Array) -> None:
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
def between(dt: float, cells: int, work: Array) -> bool:
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
def second_stage(dt: float, width: Array, m0: int, cells: int, work: Array) -> None:
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
def finish(dt: float, cells: int, work: Array) -> bool:
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
def plain(
    dt: float, width: Array, first: int, cells: int, start: int, along: int, across: int, lanes: int,
    heated: bool, pierced: bool, hole_m0: int, hole_m1: int, e: Array, rise: Array, heat: Array,
    resistance: Array, source: Array, work: Array,
) -> None:  # fmt: skip
    """The same step where nothing is near boiling and no light falls: capacities are constant, e is C θ."""
    load(work, RISE, rise, start, along, across, cells, lanes)
    load(work, HELD, heat, start, along, across, cells, lanes)
    load(work, LINK, resistance, start, along, across, cells, lanes)
    if heated:
        load(work, SOURCE, source, start, along, across, cells, lanes)
    links(width, first, cells, heated, work)
    if pierced:
        cut(hole_m0, hole_m1, first, cells, work)
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
    store(work, E, e, start, along, across, cells, lanes)
    store(work, TRIAL, rise, start, along, across, cells, lanes)
