"""What happens in the cells of some rows of columns: the axisymmetric engine's own kernels, one row at a time.

Seen by those kernels, the columns that share one x are the rings of a grid, each with its own area. Absorption,
boiling, decomposition, ejection and the receding front therefore are the same code in both geometries.
Each row of columns has a ledger of its own, so that the sums do not depend on how threads share the rows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from milia.engine.kernels.arrays import (
    BAD_I,
    GRID_EXHAUSTED,
    HOT_ENOUGH_FOR_DAMAGE_K,
    LOST,
    NOT_FINITE,
    SATURATED_OMEGA,
    STATUS,
    Array,
    Fields,
    Layout,
    Matter,
    Whole,
)
from milia.engine.kernels.change import boil
from milia.engine.kernels.front import recede
from milia.engine.kernels.front import settle as place_floor
from milia.engine.kernels.light import deposit
from milia.engine.kernels.point import Phase, Physics, damage_increment, surface_loss
from milia.engine.kernels.aim import column_time


class Bricks(NamedTuple):
    """The brick grid as the kernels read it."""

    x: Array
    y: Array
    z: Array
    dx: Array
    dy: Array
    dz: Array
    ring: Array  # [nx, ny] area over π


class Pace(NamedTuple):
    """How finely light is cut in time where it runs ahead of conduction."""

    advance: float  # of the front in a step, cells
    change: float  # of the surface's rise in a step
    shortest: float  # step, s


@njit(cache=True, nogil=True)
def _row_layout(i: int, j0: int, j1: int, bricks: Bricks) -> Layout:
    return Layout(bricks.y, bricks.dy, bricks.ring[i, j0:j1], bricks.z, bricks.dz)


@njit(cache=True, nogil=True)
def _row_matter(i: int, j0: int, j1: int, m: Matter) -> Matter:
    return Matter(
        m.water_0[i, j0:j1],
        m.dry_heat[i, j0:j1],
        m.dry_cond[i, j0:j1],
        m.dry_mu[i, j0:j1],
        m.perfused[i, j0:j1],
    )


@njit(cache=True, nogil=True)
def _row_fields(i: int, j0: int, j1: int, f: Fields) -> Fields:
    return Fields(
        f.e[i, j0:j1], f.water[i, j0:j1], f.rise[i, j0:j1], f.before[i, j0:j1], f.heat[i, j0:j1],
        f.up[i, j0:j1], f.limit[i, j0:j1], f.spent[i, j0:j1], f.resistance[i, j0:j1],
        f.rise_max[i, j0:j1], f.omega[i, j0:j1], f.omega_collagen[i, j0:j1], f.top[i, j0:j1],
        f.surface[i, j0:j1], f.begun[i, j0:j1],
    )  # fmt: skip


@njit(cache=True, nogil=True)
def feed(
    i0: int, i1: int, j0: int, j1: int, power: float, shares: Array, bricks: Bricks, matter: Matter, f: Fields,
    light: Array, source: Array, fed: Whole, reached: Whole, rows: int, p: Physics,
) -> None:  # fmt: skip
    """Lay out the light that falls straight down on some columns.

    ``light`` and ``source`` [W/m² per cell] become zero but in the rows from ``fed[i, j, 0]`` to ``fed[i, j, 1]``;
    ``reached`` [nx] tells how many rows take part.
    """
    for i in range(i0, i1):
        reached[i] = rows
        for j in range(j0, j1):
            for k in range(fed[i, j, 0], fed[i, j, 1]):
                light[i, j, k] = 0.0
                source[i, j, k] = 0.0
            first = f.top[i, j]
            fed[i, j, 0] = fed[i, j, 1] = first
            if power > 0.0 and shares[i, j] > 0.0 and first < rows:
                irradiance = power * shares[i, j] / (bricks.dx[i] * bricks.dy[j]) * (1.0 - p.reflectance)
                lit = deposit(
                    irradiance, j, f.rise[i], f.water[i], matter.dry_mu[i], f.rise_max[i], f.top[i], bricks.dz,
                    light[i], p,
                )  # fmt: skip
                fed[i, j, 1] = lit
                reached[i] = max(reached[i], lit + 1)


@njit(cache=True, nogil=True)
def draw(
    i0: int, i1: int, j0: int, j1: int, dt: float, shining: bool, bricks: Bricks, matter: Matter, f: Fields,
    light: Array, source: Array, fed: Whole, ledgers: Array, rows: int, p: Physics,
) -> None:  # fmt: skip
    """Turn light that is ``shining``, and what the surfaces lose, into the sources of a step of conduction."""
    for i in range(i0, i1):
        for j in range(j0, j1):
            for k in range(fed[i, j, 0], fed[i, j, 1]):
                source[i, j, k] = light[i, j, k] if shining else 0.0
            first = f.top[i, j]
            if first < rows and f.rise[i, j, first] > 0.01:
                loss = surface_loss(f.rise[i, j, first], _wet(i, j, first, matter, f), p)
                source[i, j, first] -= loss
                ledgers[i, LOST] += loss * bricks.dx[i] * bricks.dy[j] * dt
                fed[i, j, 0] = min(fed[i, j, 0], first)
                fed[i, j, 1] = max(fed[i, j, 1], first + 1)


@njit(cache=True, nogil=True)
def _wet(i: int, j: int, k: int, matter: Matter, f: Fields) -> float:
    """Share of a cell's water that is still there."""
    water_0 = matter.water_0[i, j, k]
    return float(f.water[i, j, k] / water_0) if water_0 > 0.0 else 0.0


@njit(cache=True, nogil=True)
def age(
    i0: int, i1: int, j0: int, j1: int, dt: float, f: Fields, since: Array, hot: Array, branches: Array,
    collagen: Array, rows: int, p: Physics,
) -> None:  # fmt: skip
    """Add the damage of the last ``dt`` seconds, from the rises ``since`` then to those now.

    Several short steps may share one call. ``hot`` [nx, ny] is above zero where a cell has been hot enough since.
    """
    warm = HOT_ENOUGH_FOR_DAMAGE_K - p.initial_K
    for i in range(i0, i1):
        for j in range(j0, j1):
            if hot[i, j] <= 0.0:
                continue
            hot[i, j] = 0.0
            for k in range(f.top[i, j], rows):
                before, now = since[i, j, k], f.rise[i, j, k]
                if before > warm or now > warm:
                    kelvin_0, kelvin_1 = p.initial_K + before, p.initial_K + now
                    if f.omega[i, j, k] < SATURATED_OMEGA:
                        f.omega[i, j, k] += damage_increment(kelvin_0, kelvin_1, dt, branches)
                    if f.omega_collagen[i, j, k] < SATURATED_OMEGA:
                        f.omega_collagen[i, j, k] += damage_increment(kelvin_0, kelvin_1, dt, collagen)
                    if now > warm:
                        hot[i, j] = 1.0
                since[i, j, k] = now


@njit(cache=True, nogil=True)
def perfuse(
    i0: int, i1: int, j0: int, j1: int, dt: float, bricks: Bricks, matter: Matter, f: Fields, ledgers: Array,
    rows: int, p: Physics,
) -> None:  # fmt: skip
    """Let blood cool living, undamaged tissue that does not boil; it takes minutes, so that this is called rarely."""
    for i in range(i0, i1):
        lost = 0.0
        for j in range(j0, j1):
            area = bricks.dx[i] * bricks.dy[j]
            for k in range(f.top[i, j], rows):
                rise = f.rise[i, j, k]
                if rise == 0.0 or rise > f.limit[i, j, k]:
                    continue
                if matter.perfused[i, j, k] > 0.0 and f.omega[i, j, k] < 1.0:
                    sink = p.perfusion_W_m3K * rise * dt
                    lost += sink * area * bricks.dz[k]
                    f.e[i, j, k] -= sink
                    f.rise[i, j, k] = f.e[i, j, k] / f.heat[i, j, k]
        ledgers[i, LOST] += lost


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"nnan", "nsz"})
def _extremes(
    rise: Array, before: Array, low: int, high: int, hottest: float, change: float
) -> tuple[float, float]:
    for k in range(low, high):
        hottest = max(hottest, rise[k])
        change = max(change, abs(rise[k] - before[k]))
    return hottest, change


@njit(cache=True, nogil=True, error_model="numpy")
def _above(rise: Array, low: int, high: int, limit: float) -> bool:
    found = False
    for k in range(low, high):
        found |= rise[k] > limit
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _note(rise: Array, before: Array, low: int, high: int) -> bool:
    """Keep the rises of cells that neither boil nor decompose; false if one is no number."""
    good = True
    for k in range(low, high):
        now = rise[k]
        good &= abs(now) < math.inf
        before[k] = now
    return good


@njit(cache=True, nogil=True, error_model="numpy")
def _raise_marks(rise: Array, rise_max: Array, warm: float, low: int, high: int) -> None:
    """Keep the highest rises of cells that are hot enough for damage."""
    for k in range(low, high):
        now, highest = rise[k], rise_max[k]
        rise_max[k] = now if (now > warm) & (now > highest) else highest


@njit(cache=True, nogil=True)
def _move(
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
        place_floor(j, lit[j, k] / layout.dz[k], layout, row, fields, p)


@njit(cache=True, nogil=True)
def _heat(
    j: int, first: int, last: int, dt: float, before: Array, layout: Layout, row: Matter, fields: Fields, lit: Array,
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
    _move(j, gone, layout, row, fields, lit, ledger, rows, p)
    return hottest, change


@njit(cache=True, nogil=True)
def burn(
    i0: int, i1: int, j0: int, j1: int, dt: float, bricks: Bricks, matter: Matter, f: Fields, light: Array,
    source: Array, fed: Whole, ledgers: Array, told: Array, rows: int, p: Physics, phase: Phase,
) -> None:  # fmt: skip
    """Let the light that has been laid out heat, boil and eject for ``dt`` seconds, without conduction.

    ``source`` is working memory in the rows that are fed.
    """
    for i in range(i0, i1):
        layout, row = _row_layout(i, j0, j1, bricks), _row_matter(i, j0, j1, matter)
        fields, lit = _row_fields(i, j0, j1, f), light[i, j0:j1]
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


@njit(cache=True, nogil=True)
def burn_down(
    i0: int, i1: int, j0: int, j1: int, time: float, power: float, shares: Array, pace: Pace, bricks: Bricks,
    matter: Matter, f: Fields, light: Array, source: Array, fed: Whole, ledgers: Array, told: Array,
    reached: Whole, rows: int, p: Physics, phase: Phase,
) -> None:  # fmt: skip
    """Let a straight beam burn for ``time`` seconds, every column at its own pace, without conduction.

    No column feels another while none conducts, so that the brightest alone need the shortest steps.
    """
    for i in range(i0, i1):
        layout, row = _row_layout(i, j0, j1, bricks), _row_matter(i, j0, j1, matter)
        fields, lit = _row_fields(i, j0, j1, f), light[i, j0:j1]
        reached[i] = rows
        for j in range(j1 - j0):
            irradiance = power * shares[i, j0 + j] / (math.pi * layout.ring[j]) * (1.0 - p.reflectance)
            before = source[i, j0 + j]
            left = time
            while left > 0.0:
                for k in range(fed[i, j0 + j, 0], fed[i, j0 + j, 1]):
                    lit[j, k] = 0.0
                    before[k] = 0.0
                first = fields.top[j]
                fed[i, j0 + j, 0] = fed[i, j0 + j, 1] = first
                if irradiance <= 0.0 or first >= rows:
                    break
                last = deposit(
                    irradiance, j, fields.rise, fields.water, row.dry_mu, fields.rise_max, fields.top, layout.dz,
                    lit, p,
                )  # fmt: skip
                fed[i, j0 + j, 1] = last
                reached[i] = max(reached[i], last + 1)
                dt = pace.advance * column_time(irradiance, j, layout, row, fields, p, phase)
                rise = fields.rise[j, first]
                if rise < phase.boil_start:
                    faster = pace.change * max(rise, 5.0) * fields.heat[j, first] * layout.dz[first]
                    dt = min(dt, faster / lit[j, first])
                dt = min(max(dt, pace.shortest), left)
                hottest, change = _heat(
                    j, first, last, dt, before, layout, row, fields, lit, ledgers[i], rows, p, phase
                )
                told[i, 0], told[i, 1] = max(told[i, 0], hottest), max(told[i, 1], change)
                left -= dt


@njit(cache=True, nogil=True)
def settle(
    i0: int, i1: int, j0: int, j1: int, bricks: Bricks, matter: Matter, f: Fields, light: Array, hot: Array,
    ledgers: Array, told: Array, rows: int, p: Physics, phase: Phase,
) -> None:  # fmt: skip
    """Book steam and decomposition in some columns and let their fronts recede; damage comes with ``age``.

    ``hot`` [nx, ny] is set where a cell is hot enough for damage; ``told`` [nx, 2] receives each row's hottest rise
    and largest change.
    """
    warm = HOT_ENOUGH_FOR_DAMAGE_K - p.initial_K
    for i in range(i0, i1):
        layout, row = _row_layout(i, j0, j1, bricks), _row_matter(i, j0, j1, matter)
        fields, lit = _row_fields(i, j0, j1, f), light[i, j0:j1]
        hottest, change = told[i, 0], told[i, 1]
        for j in range(j1 - j0):
            rise, before, top = fields.rise[j], fields.before[j], fields.top[j]
            boils = _above(rise, top, rows, phase.boil_start)
            gone = -1
            if boils:
                gone = boil(j, rows, layout, row, fields, lit, before, ledgers[i], p, phase)
            hottest, change = _extremes(rise, before, max(top, gone + 1), rows, hottest, change)
            if not _note(rise, before, top, rows):
                ledgers[i, STATUS], ledgers[i, BAD_I] = NOT_FINITE, j0 + j
            if _above(rise, top, rows, warm):
                hot[i, j0 + j] = 1.0
                _raise_marks(rise, fields.rise_max[j], warm, top, rows)
            if boils or (top < rows and fields.spent[j, top] > 0.0):
                _move(j, gone, layout, row, fields, lit, ledgers[i], rows, p)
        told[i, 0], told[i, 1] = hottest, change


@njit(cache=True, nogil=True)
def cell_time(
    i0: int, i1: int, j0: int, j1: int, power: float, shares: Array, bricks: Bricks, matter: Matter, f: Fields,
    p: Physics, phase: Phase,
) -> float:  # fmt: skip
    """Seconds in which no column's front moves by more than a cell under ``power`` [W] before reflection."""
    shortest = math.inf
    for i in range(i0, i1):
        layout, row = _row_layout(i, j0, j1, bricks), _row_matter(i, j0, j1, matter)
        fields = _row_fields(i, j0, j1, f)
        for j in range(j1 - j0):
            if shares[i, j0 + j] > 0.0:
                irradiance = power * (1.0 - p.reflectance) * shares[i, j0 + j] / (math.pi * layout.ring[j])
                shortest = min(shortest, column_time(irradiance, j, layout, row, fields, p, phase))
    return shortest


@njit(cache=True, nogil=True)
def crossing_time(i0: int, i1: int, j0: int, j1: int, bricks: Bricks, f: Fields) -> float:
    """Diffusion time [s] of the thinnest cell at the surface of a box."""
    shortest = math.inf
    for i in range(i0, i1):
        for j in range(j0, j1):
            k = min(f.top[i, j], bricks.dz.shape[0] - 1)
            shortest = min(shortest, bricks.dz[k] ** 2 * f.resistance[i, j, k] * f.heat[i, j, k])
    return shortest


@njit(cache=True, nogil=True)
def cool_side(
    along_x: bool, at: int, low: int, high: int, dt: float, bricks: Bricks, matter: Matter, f: Fields,
    source: Array, fed: Whole, ledger: Array, rows: int, p: Physics,
) -> None:  # fmt: skip
    """Lose heat to the air through the upright face of a free edge: cells ``at`` an end of x or y."""
    for n in range(low, high):
        i, j = (at, n) if along_x else (n, at)
        depth = bricks.dx[i] if along_x else bricks.dy[j]
        area = bricks.dx[i] * bricks.dy[j]
        fed[i, j, 1] = max(fed[i, j, 1], rows)
        for k in range(f.top[i, j], rows):
            if f.rise[i, j, k] > 0.01:
                loss = surface_loss(f.rise[i, j, k], _wet(i, j, k, matter, f), p) * bricks.dz[k] / depth
                source[i, j, k] -= loss
                ledger[LOST] += loss * area * dt
