"""Conduction over a short step: plain, explicit, in all three directions at once.

While light falls, the front allows only steps that are shorter than heat takes to cross a cell. Then e' = e
+ Δt (L T(e) + S) is stable, a tenth of the work of three line solves, and its error in time is smaller than
the grid's own error in space, and opposite to it, as long as aΔt ≤ Δx²/6. Longer steps go to
``lines.sweep``.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from milia.engine.kernels.arrays import Array, Fields, Matter
from milia.engine.kernels.point import Phase, temperature
from milia.engine.volume.kernels.bricks import Bricks

# A face between a dry and a wet cell conducts up to twice what the dry cell's own conductivity suggests.
SAFETY = 0.5


def flow_memory(shape: tuple[int, int, int]) -> Array:
    """Return the working memory of one thread: flows along x into a row of columns, and four lines."""
    return np.zeros((shape[1] + 4, shape[2]))


def longest_explicit(
    i0: int, i1: int, j0: int, j1: int, rows: int, bricks: Bricks, diffusivity: float
) -> float:
    """Longest stable step [s] in a box whose matter has at most this diffusivity k/C [m²/s], wet or dry."""
    sizes = (bricks.dx[i0:i1], bricks.dy[j0:j1], bricks.dz[:rows])
    return float(SAFETY / (diffusivity * sum(2.0 / float(size.min()) ** 2 for size in sizes)))


def largest_diffusivity(matter: Matter, f: Fields) -> float:
    """Largest k/C of any cell, as it is or dried [m²/s]."""
    here: NDArray[np.float64] = 1.0 / (f.resistance * f.heat)
    dry: NDArray[np.float64] = matter.dry_cond / matter.dry_heat
    return float(max(here.max(), dry.max()))


@njit(cache=True, nogil=True, error_model="numpy")
def flow_across(
    i: int, j0: int, j1: int, rows: int, still: bool, bricks: Bricks, f: Fields, flow: Array
) -> None:
    """Fill ``flow`` [ny, nz] with the heat [W/m²] that goes from columns i − 1 to i; none if ``still``."""
    for j in range(j0, j1):
        if still:
            flow[j, :rows] = 0.0
        else:
            _between(
                f.rise[i - 1, j], f.rise[i, j], f.resistance[i - 1, j], f.resistance[i, j], bricks.dx[i - 1],
                bricks.dx[i], rows, flow[j],
            )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _between(
    here: Array, there: Array, resists: Array, resists_there: Array, w: float, w_there: float, rows: int,
    flow: Array,
) -> None:  # fmt: skip
    for k in range(rows):
        flow[k] = 2.0 * (here[k] - there[k]) / (w * resists[k] + w_there * resists_there[k])


@njit(cache=True, nogil=True, error_model="numpy")
def _down(rise: Array, resists: Array, dz: Array, rows: int, flow: Array) -> None:
    flow[0] = 0.0
    for k in range(1, rows):
        flow[k] = 2.0 * (rise[k - 1] - rise[k]) / (dz[k - 1] * resists[k - 1] + dz[k] * resists[k])


@njit(cache=True, nogil=True, error_model="numpy")
def _gather(source: Array, down: Array, dz: Array, dt: float, rows: int, e: Array) -> None:
    last = rows - 1
    for k in range(last):
        e[k] += dt * (source[k] + down[k] - down[k + 1]) / dz[k]
    e[last] += dt * (source[last] + down[last]) / dz[last]


@njit(cache=True, nogil=True, error_model="numpy")
def _pass(come: Array, go: Array, share: float, rows: int, e: Array) -> None:
    for k in range(rows):
        e[k] += share * (come[k] - go[k])


@njit(cache=True, nogil=True, error_model="numpy")
def _warm(e: Array, heat: Array, limit: Array, rows: int, rise: Array) -> bool:
    odd = False
    for k in range(rows):
        now = e[k] / heat[k]
        rise[k] = now
        odd |= now > limit[k]
    return odd


@njit(cache=True, nogil=True, error_model="numpy")
def relax(
    dt: float, i0: int, i1: int, j0: int, j1: int, rows: int, enter: Array, leave: Array, bricks: Bricks,
    matter: Matter, f: Fields, source: Array, work: Array, phase: Phase,
) -> None:  # fmt: skip
    """Advance conduction in columns [i0, i1) × [j0, j1) by one short step ``dt`` [s].

    ``enter`` and ``leave`` [ny, nz] are the flows along x through the box's first and last face, which is
    how two threads share a box; along y and z it is insulated. ``work`` is from :func:`flow_memory`.
    """
    ny = bricks.dy.shape[0]
    coming = work[:ny]
    nothing, down, y_in, x_out = work[ny], work[ny + 1], work[ny + 2], work[ny + 3]
    for j in range(j0, j1):
        for k in range(rows):
            coming[j, k] = enter[j, k]
    for k in range(rows):
        nothing[k] = 0.0
    for i in range(i0, i1):
        per_x = dt / bricks.dx[i]
        for k in range(rows):
            y_in[k] = 0.0
        for j in range(j0, j1):
            rise, resists, e = f.rise[i, j], f.resistance[i, j], f.e[i, j]
            per_y = dt / bricks.dy[j]
            _down(rise, resists, bricks.dz, rows, down)
            _gather(source[i, j], down, bricks.dz, dt, rows, e)
            _pass(y_in, nothing, per_y, rows, e)
            if j + 1 < j1:
                _between(
                    rise, f.rise[i, j + 1], resists, f.resistance[i, j + 1], bricks.dy[j], bricks.dy[j + 1],
                    rows, y_in,
                )  # fmt: skip
                _pass(nothing, y_in, per_y, rows, e)
            if i + 1 < i1:
                _between(
                    rise, f.rise[i + 1, j], resists, f.resistance[i + 1, j], bricks.dx[i], bricks.dx[i + 1],
                    rows, x_out,
                )  # fmt: skip
            else:
                for k in range(rows):
                    x_out[k] = leave[j, k]
            _pass(coming[j], x_out, per_x, rows, e)
            for k in range(rows):
                coming[j, k] = x_out[k]
            if _warm(e, f.heat[i, j], f.limit[i, j], rows, rise):
                for k in range(rows):
                    if rise[k] > f.limit[i, j, k]:
                        rise[k], f.up[i, j, k], _, _ = temperature(
                            e[k], f.water[i, j, k], matter.water_0[i, j, k], matter.dry_heat[i, j, k],
                            f.spent[i, j, k], phase,
                        )  # fmt: skip
