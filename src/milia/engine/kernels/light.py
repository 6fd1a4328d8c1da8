"""Light: what share of the pulse each column receives, and where along depth it is absorbed."""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from milia.engine.kernels.arrays import Array, Fields, Whole
from milia.engine.kernels.point import Physics, absorption

GAUSSIAN, TOP_HAT, TABLE = 0, 1, 2
TABLE_END = 4.0  # radius, in beam radii, at which the tabulated encircled power ends


class BeamSpec(NamedTuple):
    """The beam as the inner loop sees it, SI; depth counts from the undisturbed surface."""

    profile: int
    radius: float  # at the focus
    rayleigh: float  # 0: collimated
    focus_depth: float


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def beam_radius(depth: float, beam: BeamSpec) -> float:
    """w(z) = w0 √(1 + ((z − z_f)/z_R)²)."""
    if beam.rayleigh <= 0.0:
        return beam.radius
    x = (depth - beam.focus_depth) / beam.rayleigh
    return beam.radius * math.sqrt(1.0 + x * x)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def encircled(x: float, profile: int, table: Array) -> float:
    """Share of the power within x beam radii of the axis."""
    if profile == GAUSSIAN:
        return 1.0 - math.exp(-2.0 * x * x)
    if profile == TOP_HAT:
        return min(x * x, 1.0)
    if x >= TABLE_END:
        return 1.0
    position = x / TABLE_END * (table.shape[0] - 1)
    lower = int(position)
    return float(table[lower] + (position - lower) * (table[lower + 1] - table[lower]))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def column_shares(
    beam: BeamSpec, table: Array, edges: Array, surface: Array, columns: int, shares: Array
) -> None:
    """Fill ``shares`` with each column's part of the power; they add up to one.

    Each ring is lit by the beam as wide as it is at that ring's own depth; the sum is then
    normalised so that no power appears or vanishes where neighbouring rings differ in depth.
    """
    total = 0.0
    for i in range(columns):
        w = beam_radius(surface[i], beam)
        part = encircled(edges[i + 1] / w, beam.profile, table) - encircled(edges[i] / w, beam.profile, table)
        shares[i] = part
        total += part
    for i in range(columns):
        shares[i] /= total


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def deposit(
    irradiance: float,
    i: int,
    rise: Array,
    water: Array,
    dry_mu: Array,
    rise_max: Array,
    top: Whole,
    dz: Array,
    light: Array,
    p: Physics,
) -> int:
    """Fill in Beer-Lambert absorption [W/m² per cell] of one column; return the row below the last lit one.

    What little is left at a hundred-thousandth of the surface value is absorbed in the last lit cell.
    """
    left = irradiance
    cut = 1e-5 * irradiance
    k = int(top[i])
    while k < dz.shape[0]:
        mu = absorption(rise[i, k], max(rise[i, k], rise_max[i, k]), water[i, k], dry_mu[i, k], p)
        through = left * math.exp(-mu * dz[k])
        if through < cut or k + 1 == dz.shape[0]:
            light[i, k] = left
            return k + 1
        light[i, k] = left - through
        left = through
        k += 1
    return k


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def aspect_ratio(f: Fields, edges: Array, columns: int) -> float:
    """Depth over width of the crater as it is; 0 where there is none.

    The rim lies where the outermost two depths run out, within half a ring of the last one that is there.
    """
    deepest = 0.0
    rim = -1
    for i in range(columns):
        deepest = max(deepest, f.surface[i])
        if f.surface[i] > 0.0:
            rim = i
    if rim < 0:
        return 0.0
    reach = edges[rim + 1]
    if rim > 0 and f.surface[rim - 1] > f.surface[rim]:
        step = 0.5 * (edges[rim + 1] - edges[rim - 1])
        reach = 0.5 * (edges[rim] + edges[rim + 1])
        reach += min(step * f.surface[rim] / (f.surface[rim - 1] - f.surface[rim]), step)
    return float(deepest / (2.0 * reach))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def plume_loss(aspect: float, p: Physics) -> float:
    """Share of the light that plume and walls take: 1 − exp(−p aspectⁿ), aspect being depth over width."""
    return 1.0 - math.exp(-p.plume_per_aspect * aspect**p.plume_exponent)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def triangle_share(x: float) -> float:
    """Share of a triangular pulse's energy delivered by the fraction ``x`` of its duration."""
    return 2.0 * x * x if x < 0.5 else 1.0 - 2.0 * (1.0 - x) * (1.0 - x)
