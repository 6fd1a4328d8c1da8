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
from milia.engine.kernels.front import let_go, recede, settle
from milia.engine.kernels.heat import sweep_r, sweep_z
from milia.engine.kernels.light import BeamSpec, aspect_ratio, column_shares, plume_loss, triangle_share
from milia.engine.kernels.point import (
    DECOMPOSITION_RANGE_K,
    Phase,
    Physics,
    absorption,
    bound,
    damage_increment,
    ejected_at,
    enthalpy_at,
    progress,
    temperature,
)
from milia.engine.kernels.sources import sources


@njit(cache=True, nogil=True)
def _commit(
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

    A cell that boils or decomposes in this step and has come as far as ``let_go`` says leaves; what it was
    given beyond that point stays in its enthalpy. ``leaving`` receives the deepest such row of each column,
    −1 for none. Returns the hottest rise, the largest change of rise, and the hottest rise at the edges of
    the active region below and beside.
    """
    hottest = 0.0
    change = 0.0
    edge_row = 0.0
    edge_column = 0.0
    steam = 0.0
    decomposed = 0.0
    warm = HOT_ENOUGH_FOR_DAMAGE_K - p.initial_K
    e, water, rises, befores, limit, spent, heat = f.e, f.water, f.rise, f.before, f.limit, f.spent, f.heat
    share, scale = p.ejection_share, p.ejection_heating
    water_0, dry_heat, omega, omega_collagen = matter.water_0, matter.dry_heat, f.omega, f.omega_collagen
    for i in range(columns):
        area = math.pi * layout.ring[i]
        leaving[i] = -1
        for k in range(f.top[i], rows):
            if rises[i, k] > limit[i, k]:
                rise, capacity, left, part = temperature(
                    e[i, k], water[i, k], water_0[i, k], dry_heat[i, k], spent[i, k], phase
                )
                volume = area * layout.dz[k]
                gone = False
                if left < water[i, k] or part > spent[i, k]:
                    needed = let_go(
                        light[i, k],
                        layout.dz[k],
                        progress(water[i, k], water_0[i, k], spent[i, k]),
                        progress(left, water_0[i, k], part),
                        absorption(befores[i, k], f.rise_max[i, k], water[i, k], matter.dry_mu[i, k], p),
                        absorption(rise, max(rise, f.rise_max[i, k]), left, matter.dry_mu[i, k], p),
                        share,
                        scale,
                    )
                    gone = needed >= 0.0
                    if gone:
                        leaving[i] = k
                        left = min(max(1.0 - needed, 0.0) * water_0[i, k], water[i, k])
                        part = max(needed - 1.0, spent[i, k])
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
                f.up[i, k] = capacity
                limit[i, k] = bound(left, water_0[i, k], part, phase)
                rises[i, k] = limit[i, k] if gone else e[i, k] / heat[i, k]
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
def _cell_time(
    irradiance: float, columns: int, layout: Layout, matter: Matter, f: Fields, p: Physics, phase: Phase
) -> float:
    """Seconds in which ``irradiance`` [W/m²] brings what it takes to eject the lowest front's first cell."""
    column = 0
    for i in range(columns):
        if f.top[i] > f.top[column]:
            column = i
    k = min(f.top[column], matter.water_0.shape[1] - 1)
    dz = layout.dz[k]
    mu = absorption(
        f.rise[column, k], f.rise_max[column, k], f.water[column, k], matter.dry_mu[column, k], p
    )  # fmt: skip
    heating = irradiance * (1.0 - math.exp(-mu * dz)) / dz
    needed = ejected_at(heating, p.ejection_share, p.ejection_heating)
    price = enthalpy_at(needed, matter.water_0[column, k], matter.dry_heat[column, k], phase)
    return float(dz * price / irradiance)


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
    light: Array,
    source: Array,
    shares: Array,
    leaving: Whole,
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
        plume = 0.0
        if lit:
            column_shares(beam, table, layout.edges, f.surface, nr, shares)
            plume = plume_loss(aspect_ratio(f, layout.edges, columns), p)
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
            arriving = power * brightest * (1.0 - plume) * (1.0 - p.reflectance) * (1.0 + ramp)
            longest = control.advance * _cell_time(arriving, columns, layout, matter, f, p, phase)
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
        ledger[INCIDENT] += energy
        ledger[PLUME] += energy * plume
        ledger[REFLECTED] += energy * (1.0 - plume) * p.reflectance
        active[0] = columns
        rows = sources(
            beam_power * (1.0 - plume),
            shares,
            layout,
            matter,
            f,
            light,
            source,
            ledger,
            step,
            columns,
            rows,
            p,
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
            step, layout, matter, f, light, leaving, branches, collagen, ledger, columns, rows, p, phase
        )
        ledger[TIME] = now + step
        ledger[STEPS] += 1
        if ledger[STATUS] != DONE:
            return
        for i in range(columns):
            if leaving[i] >= 0:
                recede(i, leaving[i], layout, matter, f, math.pi * layout.ring[i], ledger, rows)
            if f.top[i] >= nz - 1:
                ledger[STATUS] = GRID_EXHAUSTED
                return
            k = f.top[i]
            if light[i, k] > 0.0 or f.spent[i, k] > 0.0:
                settle(i, light[i, k] / layout.dz[k], layout, matter, f, p)
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
