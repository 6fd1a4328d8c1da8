"""Conduction of enthalpy: one L-stable Rosenbrock step along z or along r, conservative to rounding.

Both sweeps advance ``dE/dt = L T(E) + S`` of one direction by ROS2 (Verwer et al. 1999,
SIAM J. Sci. Comput. 20:1456), γ = 1 − 1/√2, in the unknown θ = k/C::

    (C − γ dt L) θ1 = L T(e) + S            e' = e + dt θ1 C/V
    (C − γ dt L) θ2 = L T(e') + S − 2 C θ1  e  = e + dt (3 θ1 + θ2) C / 2V

L has zero column sums, so energy is conserved whatever T(e) does. Sources enter both stages.

A cell whose rise stays below its ``limit`` has a constant heat capacity, so that its temperature
follows without asking; only boiling and decomposing cells go through ``temperature``. Such a cell
has two capacities: ``up`` while it gains heat and its phase changes, ``heat`` while it cools, since
neither steam nor decomposition comes back. The sign of the explicit flow decides which one C holds; a
cell that then cools all the same is given ``heat`` and the line is solved again, because cooling with a
capacity that only phase change has would draw hundreds of times the heat that is there. Where the second
stage turns a cell so, its line takes the first stage alone, which is as conservative.
"""

from __future__ import annotations

from numba import njit

from milia.engine.kernels.arrays import Array, Whole
from milia.engine.kernels.disjoint import Disjoint
from milia.engine.kernels.point import NEAR_K, Phase, temperature
from milia.engine.kernels.rows import advance, average, back, choose, settle, turned
from milia.engine.kernels.rows import conduct as conducting
from milia.engine.kernels.rows import eliminate as eliminate_row
from milia.engine.kernels.rows import substitute as substitute_row

GAMMA = 1.0 - 0.5**0.5
LANES = 8  # columns that are solved side by side


@njit(cache=True, nogil=True, error_model="numpy")
def sweep_z(
    dt: float,
    e: Array,
    water: Array,
    water_0: Array,
    dry_heat: Array,
    spent: Array,
    rise: Array,
    heat: Array,
    up: Array,
    limit: Array,
    resistance: Array,
    source: Array,
    top: Whole,
    dz: Array,
    columns: int,
    rows: int,
    work: Array,
    phase: Phase,
) -> None:
    """Advance conduction along z in the first ``columns`` columns down to row ``rows``.

    ``e`` [nr, nz] J/m³, ``rise`` K and ``heat`` J/m³/K are changed in place; ``resistance`` is one
    over the conductivity, ``source`` W/m² per cell; ``top`` gives each column's first remaining
    cell; ``work`` is [8, nz + 1, LANES]. Columns are taken several at a time, side by side in ``work``,
    because each row of one has to wait for the row above; rows that have left neither hold nor conduct heat.
    """
    temp, conductance, upper, theta_1 = work[0], work[1], work[2], work[3]
    theta_2, inverse, held, flow = work[4], work[5], work[6], work[7]
    last = work[8]
    g = GAMMA * dt
    for begin in range(0, columns, LANES):
        count = min(LANES, columns - begin)
        start = rows
        for n in range(count):
            start = min(start, top[begin + n])
        if start >= rows:
            continue
        for n in range(LANES):
            i = begin + min(n, count - 1)
            first = min(top[i], rows)
            for k in range(start, first):
                conductance[k, n] = 0.0
                temp[k, n] = 0.0
                held[k, n] = 1.0
                flow[k, n] = 0.0
            for k in range(first, rows):
                temp[k, n] = rise[i, k]
                conductance[k, n] = 0.0
                flow[k, n] = source[i, k]
            for k in range(first + 1, rows):
                conductance[k, n] = 2.0 / (dz[k] * resistance[i, k] + dz[k - 1] * resistance[i, k - 1])
            conductance[rows, n] = 0.0
            temp[rows, n] = 0.0
        for k in range(start + 1, rows):
            for n in range(LANES):
                current = conductance[k, n] * (temp[k - 1, n] - temp[k, n])
                flow[k, n] += current
                flow[k - 1, n] -= current
        for n in range(LANES):
            i = begin + min(n, count - 1)
            for k in range(min(top[i], rows), rows):
                on_bound = flow[k, n] > 0.0 and rise[i, k] >= limit[i, k] - NEAR_K
                held[k, n] = up[i, k] if on_bound else heat[i, k]
        again = True
        while again:
            eliminate(flow, conductance, held, dz, g, start, rows, inverse, upper, theta_1, last)
            again = False
            for n in range(count):
                i = begin + n
                for k in range(min(top[i], rows), rows):
                    if theta_1[k, n] < 0.0 and held[k, n] != heat[i, k]:
                        held[k, n] = heat[i, k]
                        again = True
            for n in range(count, LANES):
                for k in range(start, rows):
                    held[k, n] = held[k, count - 1]
        for n in range(LANES):
            i = begin + min(n, count - 1)
            first = min(top[i], rows)
            for k in range(first, rows):
                guess = temp[k, n] + dt * theta_1[k, n]
                if guess > limit[i, k]:
                    filled = e[i, k] + dt * theta_1[k, n] * held[k, n]
                    guess, _, _, _ = temperature(
                        filled, water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                    )
                elif held[k, n] != heat[i, k]:
                    guess = (e[i, k] + dt * theta_1[k, n] * held[k, n]) / heat[i, k]
                temp[k, n] = guess
                flow[k, n] = source[i, k] - 2.0 * held[k, n] * dz[k] * theta_1[k, n]
        substitute(flow, conductance, temp, g, start, rows, inverse, upper, theta_2, last)
        for n in range(count):
            i = begin + n
            turned = False
            first = min(top[i], rows)
            for k in range(first, rows):
                theta_2[k, n] = 0.5 * (3.0 * theta_1[k, n] + theta_2[k, n])
                turned = turned or (theta_2[k, n] < 0.0 and held[k, n] != heat[i, k])
            for k in range(first, rows):
                e[i, k] += dt * (theta_1[k, n] if turned else theta_2[k, n]) * held[k, n]
                rise[i, k] = e[i, k] / heat[i, k]
                if rise[i, k] > limit[i, k]:
                    rise[i, k], up[i, k], _, _ = temperature(
                        e[i, k], water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                    )


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def eliminate(
    flow: Array,
    conductance: Array,
    held: Array,
    dz: Array,
    g: float,
    start: int,
    rows: int,
    inverse: Array,
    upper: Array,
    theta: Array,
    last: Array,
) -> None:
    """Solve ``(C − γ dt L) θ = flow`` in all lanes; keep the factors in ``inverse`` and ``upper``.

    ``last`` [≥ 2, LANES] is working memory: what the row before came to.
    """
    upper_before, before = last[0], last[1]
    for n in range(LANES):
        upper_before[n] = 0.0
        before[n] = 0.0
    for k in range(start, rows):
        above, below, hold, width = conductance[k], conductance[k + 1], held[k], dz[k]
        drive, scales, uppers, found = flow[k], inverse[k], upper[k], theta[k]
        for n in range(LANES):
            up = g * above[n]
            down = g * below[n]
            scale = 1.0 / (hold[n] * width + down + up * (1.0 - upper_before[n]))
            value = (drive[n] + up * before[n]) * scale
            scales[n] = scale
            uppers[n] = down * scale
            upper_before[n] = down * scale
            found[n] = value
            before[n] = value
    for k in range(rows - 2, start - 1, -1):
        uppers, found = upper[k], theta[k]
        for n in range(LANES):
            value = found[n] + uppers[n] * before[n]
            found[n] = value
            before[n] = value


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def substitute(
    flow: Array,
    conductance: Array,
    temp: Array,
    g: float,
    start: int,
    rows: int,
    inverse: Array,
    upper: Array,
    theta: Array,
    last: Array,
) -> None:
    """Solve the same for ``flow`` plus what is conducted at ``temp``, with the factors kept."""
    before = last[1]
    for n in range(LANES):
        before[n] = 0.0
    for k in range(start, rows):
        above, below, middle = conductance[k], conductance[k + 1], temp[k]
        over, under = temp[max(k - 1, start)], temp[k + 1]
        drive, scales, found = flow[k], inverse[k], theta[k]
        for n in range(LANES):
            change = above[n] * (over[n] - middle[n] + g * before[n])
            change += below[n] * (under[n] - middle[n])
            value = (drive[n] + change) * scales[n]
            found[n] = value
            before[n] = value
    for k in range(rows - 2, start - 1, -1):
        uppers, found = upper[k], theta[k]
        for n in range(LANES):
            value = found[n] + uppers[n] * before[n]
            found[n] = value
            before[n] = value


@njit(cache=True, nogil=True, error_model="numpy")
def sweep_r(
    dt: float,
    e: Array,
    water: Array,
    water_0: Array,
    dry_heat: Array,
    spent: Array,
    rise: Array,
    heat: Array,
    up: Array,
    limit: Array,
    resistance: Array,
    top: Whole,
    dr: Array,
    face: Array,
    ring: Array,
    columns: int,
    first: int,
    rows: int,
    work: Array,
    phase: Phase,
) -> None:
    """Advance conduction along r in all rows from ``first`` to ``rows`` at once, row-vectorised.

    ``ring`` is r_outer² − r_inner² and ``face`` the inner radius of each column; ``work`` is
    [7, nr + 1, nz].
    """
    trial, link, upper, theta_1 = work[0], work[1], work[2], work[3]
    theta_2, inverse, held = work[4], work[5], work[6]
    g = GAMMA * dt
    for k in range(first, rows):
        link[0, k] = 0.0
        link[columns, k] = 0.0
    for i in range(1, columns):
        start = max(top[i], top[i - 1])
        for k in range(first, min(start, rows)):
            link[i, k] = 0.0
        s = max(start, first)
        conducting(
            4.0 * face[i], dr[i - 1], dr[i], resistance[i - 1][s:rows], resistance[i][s:rows], link[i][s:rows]
        )
    for i in range(columns):
        s = max(first, top[i])
        within, beyond = max(i - 1, 0), min(i + 1, columns - 1)
        choose(
            link[i][s:rows], link[i + 1][s:rows], rise[within][s:rows], rise[i][s:rows], rise[beyond][s:rows],
            limit[i][s:rows], up[i][s:rows], heat[i][s:rows], held[i][s:rows],
        )  # fmt: skip
    begin, end = first, rows
    while begin < end:
        for i in range(columns):
            s = max(begin, top[i])
            within, beyond = max(i - 1, 0), min(i + 1, columns - 1)
            upper_before = upper[within] if i > 0 else link[0]
            theta_before = theta_1[within] if i > 0 else link[0]
            eliminate_row(
                g, ring[i], link[i][s:end], link[i + 1][s:end], rise[within][s:end], rise[i][s:end],
                rise[beyond][s:end], held[i][s:end], upper_before[s:end], theta_before[s:end],
                inverse[i][s:end], upper[i][s:end], theta_1[i][s:end],
            )  # fmt: skip
        for i in range(columns - 2, -1, -1):
            s = max(begin, top[i])
            back(upper[i][s:end], theta_1[i + 1][s:end], theta_1[i][s:end])
        # rows are independent of each other: only those between the outermost that turned are solved again
        shallowest, deepest = end, begin
        for i in range(columns):
            s = max(begin, top[i])
            if turned(theta_1[i][s:end], held[i][s:end], heat[i][s:end]) > 0:
                for k in range(s, end):
                    if theta_1[i, k] < 0.0 and held[i, k] != heat[i, k]:
                        held[i, k] = heat[i, k]
                        shallowest, deepest = min(shallowest, k), max(deepest, k + 1)
        begin, end = shallowest, deepest
    for i in range(columns):
        s = max(first, top[i])
        special = advance(
            dt, rise[i][s:rows], theta_1[i][s:rows], limit[i][s:rows], held[i][s:rows], heat[i][s:rows],
            trial[i][s:rows],
        )  # fmt: skip
        if special > 0:
            for k in range(s, rows):
                filled = e[i, k] + dt * theta_1[i, k] * held[i, k]
                if trial[i, k] > limit[i, k]:
                    trial[i, k], _, _, _ = temperature(
                        filled, water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                    )
                elif held[i, k] != heat[i, k]:
                    trial[i, k] = filled / heat[i, k]
    for i in range(columns):
        s = max(first, top[i])
        within, beyond = max(i - 1, 0), min(i + 1, columns - 1)
        theta_before = theta_2[within] if i > 0 else link[0]
        substitute_row(
            g, ring[i], link[i][s:rows], link[i + 1][s:rows], trial[within][s:rows], trial[i][s:rows],
            trial[beyond][s:rows], held[i][s:rows], theta_1[i][s:rows], theta_before[s:rows],
            inverse[i][s:rows], theta_2[i][s:rows],
        )  # fmt: skip
    for i in range(columns - 2, -1, -1):
        s = max(first, top[i])
        back(upper[i][s:rows], theta_2[i + 1][s:rows], theta_2[i][s:rows])
    cut = theta_2[columns]
    for k in range(first, rows):
        cut[k] = 0.0
    for i in range(columns):
        s = max(first, top[i])
        average(theta_1[i][s:rows], theta_2[i][s:rows])
        if turned(theta_2[i][s:rows], held[i][s:rows], heat[i][s:rows]) > 0:
            for k in range(s, rows):
                if theta_2[i, k] < 0.0 and held[i, k] != heat[i, k]:
                    cut[k] = 1.0
    for i in range(columns):
        s = max(first, top[i])
        passed = settle(
            dt, theta_1[i][s:rows], theta_2[i][s:rows], cut[s:rows], held[i][s:rows], heat[i][s:rows],
            limit[i][s:rows], e[i][s:rows], rise[i][s:rows],
        )  # fmt: skip
        if passed > 0:
            for k in range(s, rows):
                if rise[i, k] > limit[i, k]:
                    rise[i, k], up[i, k], _, _ = temperature(
                        e[i, k], water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                    )
