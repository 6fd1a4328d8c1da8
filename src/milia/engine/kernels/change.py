"""What a cell's enthalpy does to it: boiling, decomposition, leaving, damage."""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.arrays import (
    BAD_I,
    BAD_K,
    HOT_ENOUGH_FOR_DAMAGE_K,
    NOT_FINITE,
    REMOVED,
    SATURATED_OMEGA,
    STATUS,
    STEAM,
    Array,
    Fields,
    Layout,
    Matter,
    Whole,
)
from milia.engine.kernels.front import let_go
from milia.engine.kernels.point import (
    DECOMPOSITION_RANGE_K,
    Phase,
    Physics,
    absorption,
    bound,
    damage_increment,
    progress,
    temperature,
)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def boil(
    i: int,
    rows: int,
    layout: Layout,
    matter: Matter,
    f: Fields,
    light: Array,
    before: Array,
    ledger: Array,
    p: Physics,
    phase: Phase,
) -> int:
    """Let the hot cells of one column boil and decompose; return the deepest one that leaves, −1 for none.

    A cell that boils or decomposes in this step and has come as far as ``let_go`` says leaves; what it was
    given beyond that point stays in its enthalpy. ``light`` was absorbed at the rises ``before`` [nz].
    """
    leaving = -1
    area = math.pi * layout.ring[i]
    e, water, rises, limit, spent, heat = f.e[i], f.water[i], f.rise[i], f.limit[i], f.spent[i], f.heat[i]
    water_0, dry_heat, dry_mu = matter.water_0[i], matter.dry_heat[i], matter.dry_mu[i]
    rise_max, lit = f.rise_max[i], light[i]
    for k in range(f.top[i], rows):
        if rises[k] <= limit[k]:
            continue
        rise, capacity, left, part = temperature(e[k], water[k], water_0[k], dry_heat[k], spent[k], phase)
        volume = area * layout.dz[k]
        gone = False
        now = progress(left, water_0[k], part)
        # nothing leaves before the least progress that ejection ever needs
        if now >= p.ejection_share and (left < water[k] or part > spent[k]):
            needed = let_go(
                lit[k],
                layout.dz[k],
                progress(water[k], water_0[k], spent[k]),
                now,
                absorption(before[k], rise_max[k], water[k], dry_mu[k], p),
                absorption(rise, max(rise, rise_max[k]), left, dry_mu[k], p),
                p.ejection_share,
                p.ejection_heating,
            )
            gone = needed >= 0.0
            if gone:
                leaving = k
                left = min(max(1.0 - needed, 0.0) * water_0[k], water[k])
                part = max(needed - 1.0, spent[k])
        if left < water[k]:
            vapour = (water[k] - left) * phase.vapour
            ledger[STEAM] += volume * vapour
            e[k] -= vapour
            water[k] = left
            heat[k] = dry_heat[k] + phase.water_heat * left
            f.resistance[i, k] = 1.0 / (matter.dry_cond[i, k] + p.water_conductivity * left)
        if part > spent[k]:
            gas = (part - spent[k]) * phase.ablation_heat
            ledger[REMOVED] += volume * gas
            e[k] -= gas
            spent[k] = part
        f.up[i, k] = capacity
        limit[k] = bound(left, water_0[k], part, phase)
        rises[k] = limit[k] if gone else e[k] / heat[k]
    return leaving


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def commit(
    dt: float,
    layout: Layout,
    matter: Matter,
    f: Fields,
    light: Array,
    leaving: Whole,
    branches: Array,
    collagen: Array,
    ledger: Array,
    columns: int,
    rows: int,
    p: Physics,
    phase: Phase,
) -> tuple[float, float, float, float]:
    """Turn enthalpies into temperatures, steam and gas, mark what leaves, and add damage.

    ``leaving`` receives the deepest row that leaves in each column, −1 for none. Returns the hottest rise,
    the largest change of rise, and the hottest rise at the edges of the active region below and beside.
    """
    hottest = 0.0
    change = 0.0
    edge_row = 0.0
    edge_column = 0.0
    warm = HOT_ENOUGH_FOR_DAMAGE_K - p.initial_K
    highest = phase.ablation_rise + DECOMPOSITION_RANGE_K
    rises, befores, omega, omega_collagen = f.rise, f.before, f.omega, f.omega_collagen
    for i in range(columns):
        leaving[i] = boil(i, rows, layout, matter, f, light, befores[i], ledger, p, phase)
        for k in range(f.top[i], rows):
            rise = rises[i, k]
            before = befores[i, k]
            befores[i, k] = rise
            if not math.isfinite(rise):
                ledger[STATUS] = NOT_FINITE
                ledger[BAD_I] = i
                ledger[BAD_K] = k
                return hottest, change, edge_row, edge_column
            # beyond complete decomposition there is no tissue left to have a temperature
            if rise <= highest:
                hottest = max(hottest, rise)
                change = max(change, abs(rise - before))
            if rise > warm or before > warm:
                f.rise_max[i, k] = max(f.rise_max[i, k], rise)
                if omega[i, k] < SATURATED_OMEGA:
                    omega[i, k] += damage_increment(p.initial_K + before, p.initial_K + rise, dt, branches)
                if omega_collagen[i, k] < SATURATED_OMEGA:
                    omega_collagen[i, k] += damage_increment(
                        p.initial_K + before, p.initial_K + rise, dt, collagen
                    )
        edge_row = max(edge_row, abs(rises[i, rows - 1]))
    for k in range(rows):
        edge_column = max(edge_column, abs(rises[columns - 1, k]))
    return hottest, change, edge_row, edge_column
