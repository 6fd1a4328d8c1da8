"""After conduction: phase change, the front, marks of the hottest, damage, perfusion."""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.arrays import (
    BAD_I,
    HOT_ENOUGH_FOR_DAMAGE_K,
    LOST,
    NOT_FINITE,
    SATURATED_OMEGA,
    STATUS,
    Array,
    Fields,
    Matter,
)
from milia.engine.kernels.change import boil
from milia.engine.kernels.point import Phase, Physics, damage_increment
from milia.engine.volume.kernels.bricks import Bricks, row_fields, row_layout, row_matter
from milia.engine.volume.kernels.burn import move


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


@njit(cache=True, nogil=True, error_model="numpy")
def settle(
    i0: int, i1: int, j0: int, j1: int, bricks: Bricks, matter: Matter, f: Fields, light: Array, hot: Array,
    ledgers: Array, told: Array, rows: int, p: Physics, phase: Phase,
) -> None:  # fmt: skip
    """Book steam and decomposition in some columns and let their fronts recede; damage comes with ``age``.

    ``hot`` [nx, ny] is set where a cell is hot enough for damage; ``told`` [nx, 2] receives each row's
    hottest rise and largest change.
    """
    warm = HOT_ENOUGH_FOR_DAMAGE_K - p.initial_K
    for i in range(i0, i1):
        layout, row = row_layout(i, j0, j1, bricks), row_matter(i, j0, j1, matter)
        fields, lit = row_fields(i, j0, j1, f), light[i, j0:j1]
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
                move(j, gone, layout, row, fields, lit, ledgers[i], rows, p)
        told[i, 0], told[i, 1] = hottest, change


@njit(cache=True, nogil=True, error_model="numpy")
def age(
    i0: int, i1: int, j0: int, j1: int, dt: float, f: Fields, since: Array, hot: Array, branches: Array,
    collagen: Array, rows: int, p: Physics,
) -> None:  # fmt: skip
    """Add the damage of the last ``dt`` seconds, from the rises ``since`` then to those now.

    Several short steps may share one call. ``hot`` [nx, ny] is above zero where a cell has been hot enough
    since.
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


@njit(cache=True, nogil=True, error_model="numpy")
def perfuse(
    i0: int, i1: int, j0: int, j1: int, dt: float, bricks: Bricks, matter: Matter, f: Fields, ledgers: Array,
    rows: int, p: Physics,
) -> None:  # fmt: skip
    """Let blood cool living, undamaged tissue that does not boil; it takes minutes, so call it rarely."""
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
