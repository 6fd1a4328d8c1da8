"""Light that heats, boils and ejects without waiting for conduction, and the front that recedes.

Each row of columns has a ledger of its own, so that sums do not depend on how threads share the rows.
"""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.aim import column_time
from milia.engine.kernels.arrays import GRID_EXHAUSTED, STATUS, Array, Fields, Layout, Matter, Whole
from milia.engine.kernels.change import boil
from milia.engine.kernels.front import recede, settle
from milia.engine.kernels.light import deposit
from milia.engine.kernels.point import Phase, Physics, absorption
from milia.engine.volume.kernels.bricks import Bricks, Pace, row_fields, row_layout, row_matter
from milia.engine.volume.kernels.feed import look_ahead


@njit(cache=True, nogil=True, error_model="numpy")
def move(
    j: int,
    last: int,
    layout: Layout,
    row: Matter,
    fields: Fields,
    lit: Array,
    ledger: Array,
    rows: int,
    p: Physics,
) -> None:
    """Let the cells of one column leave down to row ``last``, if that is one, and place its floor."""
    top = fields.top[j]
    if last >= top:
        recede(j, last, layout, row, fields, math.pi * layout.ring[j], ledger, rows)
        for k in range(top, fields.top[j]):
            fields.resistance[j, k] = math.inf
    k = fields.top[j]
    if k >= layout.dz.shape[0] - 1:
        ledger[STATUS] = GRID_EXHAUSTED
    elif lit[j, k] > 0.0 or fields.spent[j, k] > 0.0:
        settle(j, lit[j, k] / layout.dz[k], layout, row, fields, p)


@njit(cache=True, nogil=True, error_model="numpy")
def _heat(
    j: int, first: int, last: int, dt: float, before: Array, layout: Layout, row: Matter, fields: Fields,
    lit: Array,
    ledger: Array, rows: int, p: Physics, phase: Phase,
) -> tuple[float, float]:  # fmt: skip
    """Let light heat, boil and eject in one column; return its hottest rise and the largest change."""
    for k in range(fields.top[j], last):
        before[k] = fields.rise[j, k]
    for k in range(first, last):
        if lit[j, k] > 0.0:
            fields.e[j, k] += dt * lit[j, k] / layout.dz[k]
            fields.rise[j, k] = fields.e[j, k] / fields.heat[j, k]
    gone = boil(j, last, layout, row, fields, lit, before, ledger, p, phase)
    hottest, change = 0.0, 0.0
    for k in range(max(fields.top[j], gone + 1), last):
        hottest = max(hottest, fields.rise[j, k])
        change = max(change, abs(fields.rise[j, k] - before[k]))
    move(j, gone, layout, row, fields, lit, ledger, rows, p)
    return hottest, change


@njit(cache=True, nogil=True, error_model="numpy")
def burn(
    i0: int, i1: int, j0: int, j1: int, dt: float, bricks: Bricks, matter: Matter, f: Fields, light: Array,
    source: Array, fed: Whole, ledgers: Array, told: Array, rows: int, p: Physics, phase: Phase,
) -> None:  # fmt: skip
    """Let the light that has been laid out heat, boil and eject for ``dt`` seconds, without conduction.

    ``source`` is working memory in the rows that are fed.
    """
    for i in range(i0, i1):
        layout, row = row_layout(i, j0, j1, bricks), row_matter(i, j0, j1, matter)
        fields, lit = row_fields(i, j0, j1, f), light[i, j0:j1]
        for j in range(j1 - j0):
            first, last = fed[i, j0 + j, 0], fed[i, j0 + j, 1]
            if last > first:
                hottest, change = _heat(
                    j,
                    first,
                    last,
                    dt,
                    source[i, j0 + j],
                    layout,
                    row,
                    fields,
                    lit,
                    ledgers[i],
                    rows,
                    p,
                    phase,
                )
                told[i, 0], told[i, 1] = max(told[i, 0], hottest), max(told[i, 1], change)


@njit(cache=True, nogil=True, error_model="numpy")
def _pause(
    j: int, irradiance: float, pace: Pace, layout: Layout, row: Matter, fields: Fields, p: Physics,
    phase: Phase,
) -> float:  # fmt: skip
    """Seconds that one column's next step may take: by its front, and by its first cell's rise."""
    dt = pace.advance * column_time(irradiance, j, layout, row, fields, p, phase)
    k = fields.top[j]
    rise = fields.rise[j, k]
    if rise < phase.boil_start:
        mu = absorption(rise, max(rise, fields.rise_max[j, k]), fields.water[j, k], row.dry_mu[j, k], p)
        heating = irradiance * (1.0 - math.exp(-mu * layout.dz[k])) / layout.dz[k]
        dt = min(dt, pace.change * max(rise, 5.0) * fields.heat[j, k] / heating)
    return dt


@njit(cache=True, nogil=True, error_model="numpy")
def burn_down(
    i0: int, i1: int, j0: int, j1: int, time: float, power: float, shares: Array, wait: Array, finish: bool,
    pace: Pace, bricks: Bricks, matter: Matter, f: Fields, light: Array, source: Array, midway: Array,
    fed: Whole, ledgers: Array, told: Array, reached: Whole, rows: int, p: Physics, phase: Phase,
) -> None:  # fmt: skip
    """Let a straight beam burn for ``time`` seconds, every column at its own pace, without conduction.

    No column feels another while none conducts: the brightest alone need the shortest steps, and dim ones
    ``wait`` [2, nx, ny] (seconds and J/m² so far) until a step of their own is due or all are to ``finish``.
    """
    for i in range(i0, i1):
        layout, row = row_layout(i, j0, j1, bricks), row_matter(i, j0, j1, matter)
        fields, lit, ahead = row_fields(i, j0, j1, f), light[i, j0:j1], midway[i, j0:j1]
        reached[i] = rows
        for j in range(j1 - j0):
            irradiance = power * shares[i, j0 + j] / (math.pi * layout.ring[j]) * (1.0 - p.reflectance)
            seconds, dose = wait[0, i, j0 + j], wait[1, i, j0 + j] + time * irradiance
            # what has been given nothing waits for nothing
            seconds = seconds + time if dose > 0.0 else 0.0
            wait[0, i, j0 + j], wait[1, i, j0 + j] = seconds, dose
            if dose <= 0.0 or fields.top[j] >= bricks.dz.shape[0] - 1:
                continue
            if not finish and _pause(j, dose / seconds, pace, layout, row, fields, p, phase) > seconds:
                continue
            wait[0, i, j0 + j], wait[1, i, j0 + j] = 0.0, 0.0
            hottest, change, lowest = _burn_column(
                j, seconds, dose / seconds, pace, layout, row, fields, lit, source[i, j0 + j], ahead,
                fed[i, j0 + j], ledgers[i], p, phase,
            )  # fmt: skip
            told[i, 0], told[i, 1] = max(told[i, 0], hottest), max(told[i, 1], change)
            reached[i] = max(reached[i], lowest)


@njit(cache=True, nogil=True, error_model="numpy")
def _burn_column(
    j: int, time: float, irradiance: float, pace: Pace, layout: Layout, row: Matter, fields: Fields,
    lit: Array, before: Array, ahead: Array, fed: Whole, ledger: Array, p: Physics, phase: Phase,
) -> tuple[float, float, int]:  # fmt: skip
    """Burn one column for some time; return its hottest rise, largest change and the row below the last lit.

    ``before`` [nz] is working memory in the rows ``fed`` [2].
    """
    nz = layout.dz.shape[0]
    hottest, change, lowest = 0.0, 0.0, 0
    left = time
    while left > 0.0 and fields.top[j] < nz - 1:
        dt = min(max(_pause(j, irradiance, pace, layout, row, fields, p, phase), pace.shortest), left)
        look_ahead(j, dt, layout.dz, fields, lit, ahead, phase)
        for k in range(fed[0], fed[1]):
            lit[j, k] = 0.0
            before[k] = 0.0
        first = fields.top[j]
        last = deposit(
            irradiance, j, fields.rise, ahead, row.dry_mu, fields.rise_max, fields.top, layout.dz, lit, p
        )
        fed[0], fed[1] = first, last
        lowest = max(lowest, last + 1)
        hot, moved = _heat(j, first, last, dt, before, layout, row, fields, lit, ledger, nz, p, phase)
        hottest, change = max(hottest, hot), max(change, moved)
        left -= dt
    return hottest, change, lowest
