"""Where the light of one spot falls: the irradiance across the beam, and the columns' shares.

A straight beam lights each column by the beam as wide as it is at that column's own depth, as in the
axisymmetric engine; for a tilted one see :mod:`milia.engine.volume.kernels.rays`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from milia.engine.kernels.arrays import Array
from milia.engine.kernels.light import GAUSSIAN, TOP_HAT, BeamSpec, beam_radius

DIMMEST = 1e-4  # of the brightest column: what is dimmer gets no light
GAUSS = 0.5 / math.sqrt(3.0)  # abscissae of the two-point rule, in cells


class Aimed(NamedTuple):
    """One spot's beam: its axis on the surface, its profile, and where it goes in air and in tissue."""

    x: float
    y: float
    order: float
    dx: float  # unit vector in air
    dy: float
    dz: float
    tissue_x: float  # unit vector below a level surface
    tissue_y: float
    tissue_z: float
    side_x: float  # unit vector behind a free edge
    side_y: float
    side_z: float
    reflectance: float
    side_reflectance: float


@njit(cache=True, nogil=True, error_model="numpy")
def irradiance(x: float, profile: int, order: float) -> float:
    """Irradiance at x beam radii from the axis, relative to the axis."""
    if profile == GAUSSIAN:
        return float(math.exp(-2.0 * x * x))
    if profile == TOP_HAT:
        return 1.0 if x < 1.0 else 0.0
    return float(math.exp(-2.0 * x**order))


@njit(cache=True, nogil=True, error_model="numpy")
def cell_light(
    x: float, y: float, wide: float, long: float, depth: float, beam: BeamSpec, aimed: Aimed
) -> float:
    """Light through one cell of a level plane: the mean irradiance across the beam times the cell's area.

    The beam is as wide as it is at ``depth`` [m] along its axis. Two by two points of Gauss for a Gaussian
    beam, four by four points in the middle of parts for the others, whose edge is steep.
    """
    points = 2 if beam.profile == GAUSSIAN else 4
    w = beam_radius(depth, beam)
    total = 0.0
    for a in range(points):
        u = (2 * a - 1) * GAUSS if points == 2 else (a + 0.5) / points - 0.5
        for b in range(points):
            v = (2 * b - 1) * GAUSS if points == 2 else (b + 0.5) / points - 0.5
            px, py = x + u * wide - aimed.x, y + v * long - aimed.y
            along = px * aimed.dx + py * aimed.dy
            across = math.sqrt(max(px * px + py * py - along * along, 0.0))
            total += irradiance(across / w, beam.profile, aimed.order)
    return total / (points * points) * wide * long / (w * w)


@njit(cache=True, nogil=True, error_model="numpy")
def straight_shares(
    i0: int, i1: int, j0: int, j1: int, x: Array, y: Array, surface: Array, beyond: Array,
    beam: BeamSpec, aimed: Aimed, shares: Array,
) -> tuple[float, float]:  # fmt: skip
    """Fill ``shares`` of the columns of a box with parts of the power.

    ``beyond`` [n, 4] are cells of the plane beyond a free edge: middle and sizes. Returns the share that
    falls on those and the brightest share per area [1/m²].
    """
    total = 0.0
    brightest = 0.0
    for i in range(i0, i1):
        for j in range(j0, j1):
            wide, long = x[i + 1] - x[i], y[j + 1] - y[j]
            part = cell_light(
                0.5 * (x[i] + x[i + 1]), 0.5 * (y[j] + y[j + 1]), wide, long, surface[i, j], beam, aimed
            )
            shares[i, j] = part
            total += part
            brightest = max(brightest, part / (wide * long))
    for i in range(i0, i1):
        for j in range(j0, j1):
            area = (x[i + 1] - x[i]) * (y[j + 1] - y[j])
            if shares[i, j] < DIMMEST * brightest * area:
                total -= shares[i, j]
                shares[i, j] = 0.0
    missed = 0.0
    for n in range(beyond.shape[0]):
        part = cell_light(beyond[n, 0], beyond[n, 1], beyond[n, 2], beyond[n, 3], 0.0, beam, aimed)
        if part >= DIMMEST * brightest * beyond[n, 2] * beyond[n, 3]:
            missed += part
    total += missed
    for i in range(i0, i1):
        for j in range(j0, j1):
            shares[i, j] /= total
    return missed / total, brightest / total
