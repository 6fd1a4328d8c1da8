"""The marching loop: light, conduction, boiling, damage and the moving front, with the ledger kept."""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.arrays import (
    BAD_I,
    BAD_K,
    DONE,
    GRID_EXHAUSTED,
    HOT_ENOUGH_FOR_DAMAGE_K,
    HOTTEST,
    INCIDENT,
    LAST_DT,
    NOT_FINITE,
    PEAK_RISE,
    PLUME,
    REFLECTED,
    REMOVED,
    SATURATED_OMEGA,
    STATUS,
    STEAM,
    STEPS,
    TIME,
    TOO_MANY_STEPS,
    Array,
    Control,
    Fields,
    Layout,
    Matter,
    Whole,
)
from milia.engine.kernels.heat import sweep_r, sweep_z
from milia.engine.kernels.light import BeamSpec, aspect_ratio, column_shares, triangle_share
from milia.engine.kernels.point import (
    DECOMPOSITION_RANGE_K,
    Phase,
    Physics,
    bound,
    damage_increment,
    temperature,
)
from milia.engine.kernels.sources import sources


@njit(cache=True, nogil=True)
def _vacate(i: int, k: int, f: Fields) -> None:
    """Empty a cell that has left: no heat, no water, no conduction."""
    f.e[i, k] = 0.0
    f.rise[i, k] = 0.0
    f.before[i, k] = 0.0
    f.water[i, k] = 0.0
    f.limit[i, k] = math.inf
    f.spent[i, k] = 0.0


@njit(cache=True, nogil=True)
def _recede(
    i: int, layout: Layout, matter: Matter, f: Fields, area: float, ledger: Array, rows: int, phase: Phase
) -> None:
    """Let the front of one column recede past every cell whose decomposition is complete.

    What leaves takes its enthalpy along; what lies on top of such a cell is blown off with it. Energy
    beyond completion heats the next cell. ``surface`` then counts the part of the first cell that has
    decomposed already.
    """
    last = f.top[i] - 1
    k = f.top[i]
    while k < rows and f.spent[i, k] > 0.0:
        if f.spent[i, k] >= 1.0:
            last = k
        k += 1
    for gone in range(f.top[i], last + 1):
        full = matter.dry_heat[i, gone] * (phase.ablation_rise + DECOMPOSITION_RANGE_K)
        excess = max(f.e[i, gone] - full, 0.0) if gone + 1 < rows else 0.0
        ledger[REMOVED] += area * layout.dz[gone] * (f.e[i, gone] - excess)
        if excess > 0.0:
            f.e[i, gone + 1] += excess * layout.dz[gone] / layout.dz[gone + 1]
            # any rise above the limit makes the next commit look at the cell's enthalpy
            f.rise[i, gone + 1] = f.e[i, gone + 1] / f.heat[i, gone + 1]
        _vacate(i, gone, f)
    if last >= f.top[i]:
        f.top[i] = last + 1
    k = f.top[i]
    if k < rows:
        f.surface[i] = max(f.surface[i], layout.z_edges[k] + f.spent[i, k] * layout.dz[k])
    else:
        f.surface[i] = layout.z_edges[k]


@njit(cache=True, nogil=True)
def _commit(
    dt: float,
    layout: Layout,
    matter: Matter,
    f: Fields,
    branches: Array,
    collagen: Array,
    ledger: Array,
    columns: int,
    rows: int,
    p: Physics,
    phase: Phase,
) -> tuple[float, float, float, float]:
    """Turn enthalpies into temperatures and steam, and add damage.

    Returns the hottest rise, the largest change of rise, and the hottest rise at the edges of the
    active region below and beside.
    """
    hottest = 0.0
    change = 0.0
    edge_row = 0.0
    edge_column = 0.0
    steam = 0.0
    decomposed = 0.0
    warm = HOT_ENOUGH_FOR_DAMAGE_K - p.initial_K
    e, water, rises, befores, limit, spent, heat = f.e, f.water, f.rise, f.before, f.limit, f.spent, f.heat
    water_0, dry_heat, omega, omega_collagen = matter.water_0, matter.dry_heat, f.omega, f.omega_collagen
    for i in range(columns):
        area = math.pi * layout.ring[i]
        for k in range(f.top[i], rows):
            if rises[i, k] > limit[i, k]:
                rise, capacity, left, part = temperature(
                    e[i, k], water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                )
                volume = area * layout.dz[k]
                if left < water[i, k]:
                    vapour = (water[i, k] - left) * phase.vapour
                    steam += volume * vapour
                    e[i, k] -= vapour
                    water[i, k] = left
                    heat[i, k] = dry_heat[i, k] + phase.water_heat * left
                    f.resistance[i, k] = 1.0 / (matter.dry_cond[i, k] + p.water_conductivity * left)
                if part > spent[i, k]:
                    gas = (part - spent[i, k]) * phase.ablation_heat
                    decomposed += volume * gas
                    e[i, k] -= gas
                    spent[i, k] = part
                rises[i, k] = e[i, k] / heat[i, k]
                f.up[i, k] = capacity
                limit[i, k] = bound(left, water_0[i, k], part, phase)
            rise = rises[i, k]
            before = befores[i, k]
            befores[i, k] = rise
            if not math.isfinite(rise):
                ledger[STATUS] = NOT_FINITE
                ledger[BAD_I] = i
                ledger[BAD_K] = k
                return hottest, change, edge_row, edge_column
            # beyond complete decomposition there is no tissue left to have a temperature
            if rise <= phase.ablation_rise + DECOMPOSITION_RANGE_K:
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
        edge_row = max(edge_row, abs(f.rise[i, rows - 1]))
    for k in range(rows):
        edge_column = max(edge_column, abs(f.rise[columns - 1, k]))
    ledger[STEAM] += steam
    ledger[REMOVED] += decomposed
    return hottest, change, edge_row, edge_column


@njit(cache=True, nogil=True)
def march(
    until: float,
    power: float,
    ramp: float,
    start: float,
    duration: float,
    stop_rise: float,
    layout: Layout,
    matter: Matter,
    f: Fields,
    beam: BeamSpec,
    table: Array,
    branches: Array,
    collagen: Array,
    ledger: Array,
    active: Whole,
    work_z: Array,
    work_r: Array,
    source: Array,
    shares: Array,
    control: Control,
    p: Physics,
    phase: Phase,
) -> None:
    """March to time ``until`` [s], or until the hottest cell is below ``stop_rise`` with the light off.

    ``power`` [W] shines from ``start`` for ``duration``; ``ramp`` = 1 makes it a triangle of the same
    energy. ``active`` holds the numbers of columns and rows that take part; it grows as heat spreads.
    """
    nr, nz = matter.water_0.shape
    off = start + duration
    dt = ledger[LAST_DT]
    while ledger[TIME] < until - 1e-15:
        if ledger[STEPS] >= control.max_steps:
            ledger[STATUS] = TOO_MANY_STEPS
            return
        now = ledger[TIME]
        columns, rows = active[0], active[1]
        lit = power > 0.0 and start - 1e-15 <= now < off - 1e-15
        wished = min(dt, control.dt_max)
        step = wished
        beam_power = 0.0
        aspect = 0.0
        if lit:
            column_shares(beam, table, layout.edges, f.surface, nr, shares)
            aspect = aspect_ratio(f, layout.edges, columns)
            brightest = 0.0
            for i in range(columns):
                brightest = max(brightest, shares[i] / (math.pi * layout.ring[i]))
            while columns < nr and shares[columns] / (math.pi * layout.ring[columns]) > 1e-4 * brightest:
                columns += 1
            kept = 0.0
            for i in range(columns):
                kept += shares[i]
            for i in range(columns):
                shares[i] /= kept
            head = f.top[0]
            for i in range(columns):
                if f.top[i] > head:
                    head = f.top[i]
            thickness = layout.dz[min(head, nz - 1)]
            # enthalpy that lets a cell go, at least: its own water boiled off
            price = phase.ablation_heat + 0.5 * matter.water_0[0, min(head, nz - 1)] * phase.vapour + 3e8
            longest = control.advance * thickness * price / (power * brightest * (1.0 + ramp))
            wished = min(wished, longest, control.pulse_part * duration)
            step = wished
            step = min(step, off - now, until - now)
            beam_power = power
            if ramp > 0.0:
                begun, ended = (now - start) / duration, (now + step - start) / duration
                beam_power *= duration * (triangle_share(ended) - triangle_share(begun)) / step
        elif power > 0.0 and now < start and now + step > start:
            step = start - now
        step = min(step, until - now)
        energy = beam_power * step
        plume = 1.0 - math.exp(-p.plume_per_aspect * aspect)
        ledger[INCIDENT] += energy
        ledger[PLUME] += energy * plume
        ledger[REFLECTED] += energy * (1.0 - plume) * p.reflectance
        active[0] = columns
        rows = sources(
            beam_power * (1.0 - plume), shares, layout, matter, f, source, ledger, step, columns, rows, p
        )
        active[1] = rows
        first = nz
        for i in range(columns):
            first = min(first, f.top[i])
        if int(ledger[STEPS]) % 2 == 0:
            _z(step, layout, matter, f, source, columns, rows, work_z, phase)
            _r(step, layout, matter, f, columns, first, rows, work_r, phase)
        else:
            _r(step, layout, matter, f, columns, first, rows, work_r, phase)
            _z(step, layout, matter, f, source, columns, rows, work_z, phase)
        hottest, change, edge_row, edge_column = _commit(
            step, layout, matter, f, branches, collagen, ledger, columns, rows, p, phase
        )
        ledger[TIME] = now + step
        ledger[STEPS] += 1
        if ledger[STATUS] != DONE:
            return
        for i in range(columns):
            if f.top[i] < rows and f.spent[i, f.top[i]] > 0.0:
                _recede(i, layout, matter, f, math.pi * layout.ring[i], ledger, rows, phase)
            if f.top[i] >= nz - 1:
                ledger[STATUS] = GRID_EXHAUSTED
                return
        ledger[PEAK_RISE] = max(ledger[PEAK_RISE], hottest)
        ledger[HOTTEST] = hottest
        if edge_row > control.still_rise and rows < nz:
            active[1] = min(rows + 3, nz)
        if edge_column > control.still_rise and columns < nr:
            active[0] = min(columns + 2, nr)
        allowed = control.change * max(hottest, 5.0)
        factor = control.growth
        if change > 0.0:
            factor = min(control.growth, max(0.3, 0.9 * allowed / change))
        # a step cut short by an event says nothing about how long the next may be
        dt = max((step if step > 0.99 * wished else wished) * factor, control.dt_min)
        if lit and now + step >= off - 1e-15:
            dt = control.dt_min * 4.0
        ledger[LAST_DT] = dt
        if not lit and hottest < stop_rise and ledger[TIME] >= off:
            return


@njit(cache=True, nogil=True)
def _z(
    step: float,
    layout: Layout,
    matter: Matter,
    f: Fields,
    source: Array,
    columns: int,
    rows: int,
    work: Array,
    phase: Phase,
) -> None:
    sweep_z(
        step, f.e, f.water, matter.water_0, matter.dry_heat, f.spent, f.rise, f.heat, f.up, f.limit,
        f.resistance, source, f.top, layout.dz, columns, rows, work, phase,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _r(
    step: float,
    layout: Layout,
    matter: Matter,
    f: Fields,
    columns: int,
    first: int,
    rows: int,
    work: Array,
    phase: Phase,
) -> None:
    if columns > 1:
        sweep_r(
            step, f.e, f.water, matter.water_0, matter.dry_heat, f.spent, f.rise, f.heat, f.up, f.limit,
            f.resistance, f.top, layout.dr, layout.edges, layout.ring, columns, first, rows, work, phase,
        )  # fmt: skip
