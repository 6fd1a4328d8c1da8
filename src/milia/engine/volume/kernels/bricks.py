"""The brick grid as the kernels read it, and one row of its columns as the axisymmetric kernels read rings.

Seen by those kernels, the columns that share one x are the rings of a grid, each with its own area.
Absorption, boiling, decomposition, ejection and the receding front are the same code in both geometries.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from milia.engine.kernels.arrays import Array, Fields, Layout, Matter


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


@njit(cache=True, nogil=True, error_model="numpy")
def row_layout(i: int, j0: int, j1: int, bricks: Bricks) -> Layout:
    return Layout(bricks.y, bricks.dy, bricks.ring[i, j0:j1], bricks.z, bricks.dz)


@njit(cache=True, nogil=True, error_model="numpy")
def row_matter(i: int, j0: int, j1: int, m: Matter) -> Matter:
    return Matter(
        m.water_0[i, j0:j1],
        m.dry_heat[i, j0:j1],
        m.dry_cond[i, j0:j1],
        m.dry_mu[i, j0:j1],
        m.perfused[i, j0:j1],
    )


@njit(cache=True, nogil=True, error_model="numpy")
def row_fields(i: int, j0: int, j1: int, f: Fields) -> Fields:
    return Fields(
        f.e[i, j0:j1], f.water[i, j0:j1], f.rise[i, j0:j1], f.before[i, j0:j1], f.heat[i, j0:j1],
        f.up[i, j0:j1], f.limit[i, j0:j1], f.spent[i, j0:j1], f.resistance[i, j0:j1],
        f.rise_max[i, j0:j1], f.omega[i, j0:j1], f.omega_collagen[i, j0:j1], f.top[i, j0:j1],
        f.surface[i, j0:j1], f.begun[i, j0:j1],
    )  # fmt: skip
