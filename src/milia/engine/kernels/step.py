"""The marching loop: light, conduction, boiling, damage and the moving front, with the ledger kept."""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.aim import aim, illuminate, lag_time, longest_step
from milia.engine.kernels.aim import column_time as column_time
from milia.engine.kernels.arrays import (
    DONE,
    GRID_EXHAUSTED,
    HOTTEST,
    INCIDENT,
    LAST_DT,
    OWED,
    PEAK_RISE,
    PLUME,
    REFLECTED,
    STATUS,
    STEPS,
    SWEEPS,
    TIME,
    TOO_MANY_STEPS,
    Array,
    Control,
    Fields,
    Layout,
    Matter,
    Whole,
)
from milia.engine.kernels.change import boil, commit
from milia.engine.kernels.front import recede, settle
from milia.engine.kernels.heat import sweep_r, sweep_z
from milia.engine.kernels.light import BeamSpec, aspect_ratio, plume_loss, triangle_share
from milia.engine.kernels.point import Phase, Physics
from milia.engine.kernels.rows import clear, copy
from milia.engine.kernels.sources import lose


@njit(cache=True, nogil=True, error_model="numpy")
def _burn(
    dt: float,
    power: float,
    shares: Array,
    layout: Layout,
    matter: Matter,
    f: Fields,
    light: Array,
    source: Array,
    leaving: Whole,
    ledger: Array,
    columns: int,
    rows: int,
    p: Physics,
    phase: Phase,
) -> tuple[float, float, int]:
    """Let light heat, boil and eject for ``dt`` without conduction.

    Returns the hottest rise, the largest change of rise, and how many rows take part; ``source`` is working
    memory.
    """
    hottest = 0.0
    change = 0.0
    reached = illuminate(dt, power, shares, layout, matter, f, light, source, columns, rows, p, phase)
    for i in range(columns):
        k = f.top[i]
        while k < reached and light[i, k] > 0.0:
            source[i, k] = f.rise[i, k]
            f.e[i, k] += dt * light[i, k] / layout.dz[k]
            f.rise[i, k] = f.e[i, k] / f.heat[i, k]
            k += 1
        leaving[i] = boil(i, k, layout, matter, f, light, source[i], ledger, p, phase)
        for j in range(max(f.top[i], leaving[i] + 1), k):
            hottest = max(hottest, f.rise[i, j])
            change = max(change, abs(f.rise[i, j] - source[i, j]))
    return hottest, change, reached


@njit(cache=True, nogil=True, error_model="numpy")
def _conduct(
    dt: float,
    layout: Layout,
    matter: Matter,
    f: Fields,
    source: Array,
    ledger: Array,
    columns: int,
    rows: int,
    work_z: Array,
    work_r: Array,
    phase: Phase,
) -> None:
    """Advance conduction along z and r, the order exchanged each time."""
    first = rows
    for i in range(columns):
        first = min(first, f.top[i])
    z_first = int(ledger[SWEEPS]) % 2 == 0
    if z_first:
        sweep_z(
            dt, f.e, f.water, matter.water_0, matter.dry_heat, f.spent, f.rise, f.heat, f.up, f.limit,
            f.resistance, source, f.top, layout.dz, columns, rows, work_z, phase,
        )  # fmt: skip
    if columns > 1:
        sweep_r(
            dt, f.e, f.water, matter.water_0, matter.dry_heat, f.spent, f.rise, f.heat, f.up, f.limit,
            f.resistance, f.top, layout.dr, layout.edges, layout.ring, columns, first, rows, work_r, phase,
        )  # fmt: skip
    if not z_first:
        sweep_z(
            dt, f.e, f.water, matter.water_0, matter.dry_heat, f.spent, f.rise, f.heat, f.up, f.limit,
            f.resistance, source, f.top, layout.dz, columns, rows, work_z, phase,
        )  # fmt: skip
    ledger[SWEEPS] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _move(
    layout: Layout,
    matter: Matter,
    f: Fields,
    light: Array,
    leaving: Whole,
    ledger: Array,
    columns: int,
    rows: int,
    p: Physics,
) -> None:
    """Let what leaves leave, and place each column's floor."""
    nz = matter.water_0.shape[1]
    for i in range(columns):
        if leaving[i] >= 0:
            recede(i, leaving[i], layout, matter, f, math.pi * layout.ring[i], ledger, rows)
        k = f.top[i]
        if k >= nz - 1:
            ledger[STATUS] = GRID_EXHAUSTED
            return
        if light[i, k] > 0.0 or f.spent[i, k] > 0.0:
            settle(i, light[i, k] / layout.dz[k], layout, matter, f, p)


@njit(cache=True, nogil=True, error_model="numpy")
def _further(edges: Array, taken: int, more: int, spread: float) -> int:
    """Return how many cells take part where ``taken`` do not suffice: ``more``, and all in ``spread`` [m]."""
    cells = edges.shape[0] - 1
    wanted = int(min(taken + more, cells))
    while wanted < cells and edges[wanted] < edges[taken] + spread:
        wanted += 1
    return wanted


@njit(cache=True, nogil=True, error_model="numpy")
def _step(
    dt: float,
    layout: Layout,
    matter: Matter,
    f: Fields,
    light: Array,
    source: Array,
    leaving: Whole,
    branches: Array,
    collagen: Array,
    ledger: Array,
    active: Whole,
    work_z: Array,
    work_r: Array,
    still_rise: float,
    p: Physics,
    phase: Phase,
) -> tuple[float, float]:
    """Conduct, boil, add damage and move the front; return the hottest rise and the largest change."""
    columns, rows = active[0], active[1]
    _conduct(dt, layout, matter, f, source, ledger, columns, rows, work_z, work_r, phase)
    hottest, change, edge_row, edge_column = commit(
        dt, layout, matter, f, light, leaving, branches, collagen, ledger, columns, rows, p, phase
    )
    if ledger[STATUS] == DONE:
        _move(layout, matter, f, light, leaving, ledger, columns, rows, p)
    ledger[PEAK_RISE] = max(ledger[PEAK_RISE], hottest)
    ledger[HOTTEST] = hottest
    spread = 2.0 * math.sqrt(dt / (f.resistance[0, rows - 1] * f.heat[0, rows - 1]))
    if edge_row > still_rise:
        active[1] = _further(layout.z_edges, rows, 3, spread)
    if edge_column > still_rise:
        active[0] = _further(layout.edges, columns, 2, spread)
    return hottest, change


@njit(cache=True, nogil=True, error_model="numpy")
def _catch_up(
    layout: Layout,
    matter: Matter,
    f: Fields,
    light: Array,
    source: Array,
    leaving: Whole,
    branches: Array,
    collagen: Array,
    ledger: Array,
    active: Whole,
    work_z: Array,
    work_r: Array,
    still_rise: float,
    p: Physics,
    phase: Phase,
) -> None:
    """Bring conduction, losses and damage to the time that light has come to."""
    owed = ledger[OWED]
    for i in range(active[0]):
        clear(source[i][: active[1]])
    lose(layout, matter, f, source, ledger, owed, active[0], active[1], p)
    _step(
        owed, layout, matter, f, light, source, leaving, branches, collagen, ledger, active, work_z, work_r,
        still_rise, p, phase,
    )  # fmt: skip
    ledger[OWED] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
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

    Steps in which the front runs through cells faster than heat could follow are taken without conduction,
    which then catches up in one step of its own (``Control.lag``).
    """
    off = start + duration
    dt = ledger[LAST_DT]
    while ledger[TIME] < until - 1e-15:
        if ledger[STEPS] >= control.max_steps:
            ledger[STATUS] = TOO_MANY_STEPS
            return
        now = ledger[TIME]
        lit = power > 0.0 and start - 1e-15 <= now < off - 1e-15
        wished = min(dt, control.dt_max)
        step = wished
        lag = 0.0
        plume = 0.0
        beam_power = 0.0
        if lit:
            active[0] = aim(beam, table, layout, f, active[0], shares)
            plume = plume_loss(aspect_ratio(f, layout.edges, active[0]), p)
            brightest = power * (1.0 - plume) * (1.0 + ramp)
            longest = longest_step(brightest, shares, layout, matter, f, active[0], p, phase)
            lag = lag_time(control.lag, layout, f, active[0])
            wished = min(wished, control.advance * longest, control.pulse_part * duration)
            step = min(wished, off - now, until - now)
            beam_power = power
            if ramp > 0.0:
                begun, ended = (now - start) / duration, (now + step - start) / duration
                beam_power *= duration * (triangle_share(ended) - triangle_share(begun)) / step
        elif power > 0.0 and now < start and now + step > start:
            step = start - now
        step = min(step, until - now)
        if ledger[OWED] > 0.0 and ledger[OWED] + step > lag:
            _catch_up(
                layout, matter, f, light, source, leaving, branches, collagen, ledger, active, work_z, work_r,
                control.still_rise, p, phase,
            )  # fmt: skip
            if ledger[STATUS] != DONE:
                return
        energy = beam_power * step
        ledger[INCIDENT] += energy
        ledger[PLUME] += energy * plume
        ledger[REFLECTED] += energy * (1.0 - plume) * p.reflectance
        if lit and step <= lag:
            hottest, change, active[1] = _burn(
                step, beam_power * (1.0 - plume), shares, layout, matter, f, light, source, leaving, ledger,
                active[0], active[1], p, phase,
            )  # fmt: skip
            _move(layout, matter, f, light, leaving, ledger, active[0], active[1], p)
            ledger[PEAK_RISE] = max(ledger[PEAK_RISE], hottest)
            hottest = max(hottest, ledger[HOTTEST])
            ledger[HOTTEST] = hottest
            ledger[OWED] += step
        else:
            active[1] = illuminate(
                step, beam_power * (1.0 - plume), shares, layout, matter, f, light, source, active[0],
                active[1], p, phase,
            )  # fmt: skip
            for i in range(active[0]):
                copy(light[i][: active[1]], source[i][: active[1]])
            lose(layout, matter, f, source, ledger, step, active[0], active[1], p)
            hottest, change = _step(
                step, layout, matter, f, light, source, leaving, branches, collagen, ledger, active, work_z,
                work_r, control.still_rise, p, phase,
            )  # fmt: skip
        ledger[TIME] = now + step
        ledger[STEPS] += 1
        if ledger[OWED] > 0.0 and ledger[STATUS] == DONE and ledger[TIME] >= until - 1e-15:
            _catch_up(
                layout, matter, f, light, source, leaving, branches, collagen, ledger, active, work_z, work_r,
                control.still_rise, p, phase,
            )  # fmt: skip
            ledger[HOTTEST] = max(ledger[HOTTEST], hottest)
        if ledger[STATUS] != DONE:
            return
        factor = control.growth
        if change > 0.0:
            factor = min(factor, max(0.3, 0.9 * control.change * max(hottest, 5.0) / change))
        # a step cut short by an event says nothing about how long the next may be
        dt = max((step if step > 0.99 * wished else wished) * factor, control.dt_min)
        if lit and now + step >= off - 1e-15:
            dt = max(control.dt_min * 4.0, lag)
        ledger[LAST_DT] = dt
        if not lit and hottest < stop_rise and ledger[TIME] >= off:
            return
