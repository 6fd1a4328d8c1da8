"""What happens in the cells of some rows of columns: the axisymmetric engine's own kernels, one row at a time.

Seen by those kernels, the columns that share one x are the rings of a grid, each with its own area. Light,
losses, boiling, decomposition, damage and the receding front therefore are the same code in both geometries.
Each row of columns has a ledger of its own, so that the sums do not depend on how threads share the rows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from milia.engine.kernels.arrays import GRID_EXHAUSTED, LOST, STATUS, Array, Fields, Layout, Matter, Whole
from milia.engine.kernels.front import recede
from milia.engine.kernels.front import settle as place_floor
from milia.engine.kernels.point import Phase, Physics, surface_loss
from milia.engine.kernels.sources import sources
from milia.engine.kernels.step import _cell_time, _commit


class Bricks(NamedTuple):
    """The brick grid as the kernels read it."""

    x: Array
    y: Array
    z: Array
    dx: Array
    dy: Array
    dz: Array
    ring: Array  # [nx, ny] area over π


@njit(cache=True, nogil=True)
def _row_layout(i: int, j0: int, j1: int, bricks: Bricks) -> Layout:
    return Layout(bricks.y, bricks.dy, bricks.ring[i, j0:j1], bricks.z, bricks.dz)


@njit(cache=True, nogil=True)
def _row_matter(i: int, j0: int, j1: int, m: Matter) -> Matter:
    return Matter(
        m.water_0[i, j0:j1], m.dry_heat[i, j0:j1], m.dry_cond[i, j0:j1], m.dry_mu[i, j0:j1], m.perfused[i, j0:j1]
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
    i0: int, i1: int, j0: int, j1: int, dt: float, power: float, shares: Array, bricks: Bricks,
    matter: Matter, f: Fields, light: Array, source: Array, ledgers: Array, reached: Whole, rows: int, p: Physics,
) -> None:  # fmt: skip
    """Fill light and sources of some columns with what falls on them and what they lose; ``reached`` [nx] tells how deep the light goes."""
    for i in range(i0, i1):
        reached[i] = sources(
            power, shares[i, j0:j1], _row_layout(i, j0, j1, bricks), _row_matter(i, j0, j1, matter),
            _row_fields(i, j0, j1, f), light[i, j0:j1], source[i, j0:j1], ledgers[i], dt, j1 - j0, rows, p,
        )  # fmt: skip


@njit(cache=True, nogil=True)
def settle(
    i0: int, i1: int, j0: int, j1: int, dt: float, bricks: Bricks, matter: Matter, f: Fields, light: Array,
    leaving: Whole, branches: Array, collagen: Array, ledgers: Array, told: Array, rows: int, p: Physics,
    phase: Phase,
) -> None:  # fmt: skip
    """Book steam, decomposition and damage in some columns and let their fronts recede.

    ``leaving`` [nx, ny] is working memory; ``told`` [nx, 2] receives each row's hottest rise and largest change.
    """
    nz = bricks.dz.shape[0]
    for i in range(i0, i1):
        layout, row = _row_layout(i, j0, j1, bricks), _row_matter(i, j0, j1, matter)
        fields, lit, gone = _row_fields(i, j0, j1, f), light[i, j0:j1], leaving[i, j0:j1]
        hottest, change, _, _ = _commit(
            dt, layout, row, fields, lit, gone, branches, collagen, ledgers[i], j1 - j0, rows, p, phase
        )
        told[i, 0] = max(told[i, 0], hottest)
        told[i, 1] = max(told[i, 1], change)
        for j in range(j1 - j0):
            if gone[j] >= 0:
                first = fields.top[j]
                recede(j, gone[j], layout, row, fields, math.pi * layout.ring[j], ledgers[i], rows)
                for k in range(first, fields.top[j]):
                    fields.resistance[j, k] = math.inf
            k = fields.top[j]
            if k >= nz - 1:
                ledgers[i, STATUS] = GRID_EXHAUSTED
            elif lit[j, k] > 0.0 or fields.spent[j, k] > 0.0:
                place_floor(j, lit[j, k] / layout.dz[k], layout, row, fields, p)


@njit(cache=True, nogil=True)
def cell_time(
    i: int, j: int, irradiance: float, bricks: Bricks, matter: Matter, f: Fields, p: Physics, phase: Phase
) -> float:
    """Seconds in which ``irradiance`` [W/m²] brings what it takes to eject the first cell of a column."""
    return _cell_time(
        irradiance, 1, _row_layout(i, j, j + 1, bricks), _row_matter(i, j, j + 1, matter),
        _row_fields(i, j, j + 1, f), p, phase,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def cool_side(
    along_x: bool, at: int, low: int, high: int, dt: float, bricks: Bricks, matter: Matter, f: Fields,
    source: Array, ledger: Array, rows: int, p: Physics,
) -> None:  # fmt: skip
    """Lose heat to the air through the upright face of a free edge: cells ``at`` an end of x or y."""
    for n in range(low, high):
        i, j = (at, n) if along_x else (n, at)
        depth = bricks.dx[i] if along_x else bricks.dy[j]
        area = bricks.dx[i] * bricks.dy[j]
        for k in range(f.top[i, j], rows):
            if f.rise[i, j, k] > 0.01:
                water_0 = matter.water_0[i, j, k]
                wet = f.water[i, j, k] / water_0 if water_0 > 0.0 else 0.0
                loss = surface_loss(f.rise[i, j, k], wet, p) * bricks.dz[k] / depth
                source[i, j, k] -= loss
                ledger[LOST] += loss * area * dt
