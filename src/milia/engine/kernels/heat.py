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
from milia.engine.kernels.point import NEAR_K, Phase, temperature

GAMMA = 1.0 - 0.5**0.5
LANES = 4  # columns that are solved side by side


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
    cell; ``work`` is [8, LANES, nz + 1]. Columns are taken several at a time, side by side in ``work``,
    because each row of one has to wait for the row above; rows that have left neither hold nor conduct heat.
    """
    temp, conductance, upper, theta_1 = work[0], work[1], work[2], work[3]
    theta_2, inverse, held, flow = work[4], work[5], work[6], work[7]
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
                conductance[n, k] = 0.0
                temp[n, k] = 0.0
                held[n, k] = 1.0
                flow[n, k] = 0.0
            for k in range(first, rows):
                temp[n, k] = rise[i, k]
                conductance[n, k] = 0.0
                flow[n, k] = source[i, k]
            for k in range(first + 1, rows):
                conductance[n, k] = 2.0 / (dz[k] * resistance[i, k] + dz[k - 1] * resistance[i, k - 1])
            conductance[n, rows] = 0.0
            temp[n, rows] = 0.0
        for k in range(start + 1, rows):
            for n in range(LANES):
                current = conductance[n, k] * (temp[n, k - 1] - temp[n, k])
                flow[n, k] += current
                flow[n, k - 1] -= current
        for n in range(LANES):
            i = begin + min(n, count - 1)
            for k in range(min(top[i], rows), rows):
                on_bound = flow[n, k] > 0.0 and rise[i, k] >= limit[i, k] - NEAR_K
                held[n, k] = up[i, k] if on_bound else heat[i, k]
        again = True
        while again:
            eliminate(flow, conductance, held, dz, g, start, rows, inverse, upper, theta_1)
            again = False
            for n in range(count):
                i = begin + n
                for k in range(min(top[i], rows), rows):
                    if theta_1[n, k] < 0.0 and held[n, k] != heat[i, k]:
                        held[n, k] = heat[i, k]
                        again = True
            for n in range(count, LANES):
                for k in range(start, rows):
                    held[n, k] = held[count - 1, k]
        for n in range(LANES):
            i = begin + min(n, count - 1)
            first = min(top[i], rows)
            for k in range(first, rows):
                guess = temp[n, k] + dt * theta_1[n, k]
                if guess > limit[i, k]:
                    filled = e[i, k] + dt * theta_1[n, k] * held[n, k]
                    guess, _, _, _ = temperature(
                        filled, water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                    )
                elif held[n, k] != heat[i, k]:
                    guess = (e[i, k] + dt * theta_1[n, k] * held[n, k]) / heat[i, k]
                temp[n, k] = guess
                flow[n, k] = source[i, k] - 2.0 * held[n, k] * dz[k] * theta_1[n, k]
        substitute(flow, conductance, temp, g, start, rows, inverse, upper, theta_2)
        for n in range(count):
            i = begin + n
            turned = False
            first = min(top[i], rows)
            for k in range(first, rows):
                theta_2[n, k] = 0.5 * (3.0 * theta_1[n, k] + theta_2[n, k])
                turned = turned or (theta_2[n, k] < 0.0 and held[n, k] != heat[i, k])
            for k in range(first, rows):
                e[i, k] += dt * (theta_1[n, k] if turned else theta_2[n, k]) * held[n, k]
                rise[i, k] = e[i, k] / heat[i, k]
                if rise[i, k] > limit[i, k]:
                    rise[i, k], up[i, k], _, _ = temperature(
                        e[i, k], water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                    )


@njit(cache=True, nogil=True, error_model="numpy")
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
) -> None:
    """Solve ``(C − γ dt L) θ = flow`` in all lanes; keep the factors in ``inverse`` and ``upper``."""
    for n in range(LANES):
        scale = 1.0 / (held[n, start] * dz[start] + g * conductance[n, start + 1])
        inverse[n, start] = scale
        upper[n, start] = g * conductance[n, start + 1] * scale
        theta[n, start] = flow[n, start] * scale
    for k in range(start + 1, rows):
        for n in range(LANES):
            above = g * conductance[n, k]
            below = g * conductance[n, k + 1]
            scale = 1.0 / (held[n, k] * dz[k] + below + above * (1.0 - upper[n, k - 1]))
            inverse[n, k] = scale
            upper[n, k] = below * scale
            theta[n, k] = (flow[n, k] + above * theta[n, k - 1]) * scale
    for k in range(rows - 2, start - 1, -1):
        for n in range(LANES):
            theta[n, k] += upper[n, k] * theta[n, k + 1]


@njit(cache=True, nogil=True, error_model="numpy")
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
) -> None:
    """Solve the same for ``flow`` plus what is conducted at ``temp``, with the factors kept."""
    for n in range(LANES):
        change = conductance[n, start + 1] * (temp[n, start + 1] - temp[n, start])
        theta[n, start] = (flow[n, start] + change) * inverse[n, start]
    for k in range(start + 1, rows):
        for n in range(LANES):
            change = conductance[n, k] * (temp[n, k - 1] - temp[n, k] + g * theta[n, k - 1])
            change += conductance[n, k + 1] * (temp[n, k + 1] - temp[n, k])
            theta[n, k] = (flow[n, k] + change) * inverse[n, k]
    for k in range(rows - 2, start - 1, -1):
        for n in range(LANES):
            theta[n, k] += upper[n, k] * theta[n, k + 1]


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
        for k in range(max(start, first), rows):
            link[i, k] = 4.0 * face[i] / (dr[i - 1] * resistance[i - 1, k] + dr[i] * resistance[i, k])
    for i in range(columns):
        beyond, within = min(i + 1, columns - 1), max(i - 1, 0)
        for k in range(max(first, top[i]), rows):
            flow = link[i, k] * (rise[within, k] - rise[i, k])
            flow += link[i + 1, k] * (rise[beyond, k] - rise[i, k])
            on_bound = flow > 0.0 and rise[i, k] >= limit[i, k] - NEAR_K
            held[i, k] = up[i, k] if on_bound else heat[i, k]
    solving = True
    while solving:
        for k in range(max(first, top[0]), rows):
            outer = link[1, k]
            flow = outer * (rise[1, k] - rise[0, k])
            scale = 1.0 / (held[0, k] * ring[0] + g * outer)
            inverse[0, k] = scale
            upper[0, k] = g * outer * scale
            theta_1[0, k] = flow * scale
        for i in range(1, columns):
            beyond = min(i + 1, columns - 1)
            for k in range(max(first, top[i]), rows):
                inner = link[i, k]
                outer = link[i + 1, k]
                flow = inner * (rise[i - 1, k] - rise[i, k]) + outer * (rise[beyond, k] - rise[i, k])
                scale = 1.0 / (held[i, k] * ring[i] + g * (inner + outer - inner * upper[i - 1, k]))
                inverse[i, k] = scale
                upper[i, k] = g * outer * scale
                theta_1[i, k] = (flow + g * inner * theta_1[i - 1, k]) * scale
        for i in range(columns - 2, -1, -1):
            for k in range(max(first, top[i]), rows):
                theta_1[i, k] += upper[i, k] * theta_1[i + 1, k]
        solving = False
        for i in range(columns):
            for k in range(max(first, top[i]), rows):
                if theta_1[i, k] < 0.0 and held[i, k] != heat[i, k]:
                    held[i, k] = heat[i, k]
                    solving = True
    for i in range(columns):
        for k in range(max(first, top[i]), rows):
            trial[i, k] = rise[i, k] + dt * theta_1[i, k]
        for k in range(max(first, top[i]), rows):
            filled = e[i, k] + dt * theta_1[i, k] * held[i, k]
            if trial[i, k] > limit[i, k]:
                trial[i, k], _, _, _ = temperature(
                    filled, water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                )
            elif held[i, k] != heat[i, k]:
                trial[i, k] = filled / heat[i, k]
    for k in range(max(first, top[0]), rows):
        flow = link[1, k] * (trial[1, k] - trial[0, k]) - 2.0 * held[0, k] * ring[0] * theta_1[0, k]
        theta_2[0, k] = flow * inverse[0, k]
    for i in range(1, columns):
        beyond = min(i + 1, columns - 1)
        for k in range(max(first, top[i]), rows):
            inner = link[i, k]
            flow = inner * (trial[i - 1, k] - trial[i, k] + g * theta_2[i - 1, k])
            flow += link[i + 1, k] * (trial[beyond, k] - trial[i, k])
            flow -= 2.0 * held[i, k] * ring[i] * theta_1[i, k]
            theta_2[i, k] = flow * inverse[i, k]
    for i in range(columns - 2, -1, -1):
        for k in range(max(first, top[i]), rows):
            theta_2[i, k] += upper[i, k] * theta_2[i + 1, k]
    turned = theta_2[columns]
    for k in range(first, rows):
        turned[k] = 0.0
    for i in range(columns):
        for k in range(max(first, top[i]), rows):
            theta_2[i, k] = 0.5 * (3.0 * theta_1[i, k] + theta_2[i, k])
            if theta_2[i, k] < 0.0 and held[i, k] != heat[i, k]:
                turned[k] = 1.0
    for i in range(columns):
        for k in range(max(first, top[i]), rows):
            e[i, k] += dt * (theta_1[i, k] if turned[k] > 0.0 else theta_2[i, k]) * held[i, k]
            rise[i, k] = e[i, k] / heat[i, k]
            if rise[i, k] > limit[i, k]:
                rise[i, k], up[i, k], _, _ = temperature(
                    e[i, k], water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                )
