"""What is read off or wiped from a state between two stretches of the march."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from milia.engine.kernels.arrays import REMOVED, Array, Fields, Layout, Matter, Whole
from milia.engine.kernels.point import progress


@njit(cache=True, nogil=True, error_model="numpy")
def _finite(values: Array) -> bool:
    bad = 0
    for value in values.flat:
        bad += 1 if value - value != 0.0 else 0
    return bad == 0


@njit(cache=True, nogil=True, error_model="numpy")
def _number(values: Array) -> bool:
    bad = 0
    for value in values.flat:
        bad += 1 if value != value else 0
    return bad == 0


@njit(cache=True, nogil=True, error_model="numpy")
def sound(matter: Matter, f: Fields) -> bool:
    """Whether all that must be finite is so, and all that may grow beyond all numbers is a number."""
    return (
        _finite(matter.water_0)
        and _finite(matter.dry_heat)
        and _finite(matter.dry_cond)
        and _finite(matter.dry_mu)
        and _finite(matter.perfused)
        and _finite(f.water)
        and _finite(f.spent)
        and _finite(f.resistance)
        and _finite(f.heat)
        and _finite(f.up)
        and _number(f.limit)
        and _finite(f.e)
        and _finite(f.rise)
        and _finite(f.before)
        and _finite(f.rise_max)
        and _number(f.omega)
        and _number(f.omega_collagen)
        and _finite(f.surface)
        and _finite(f.begun)
    )


@njit(cache=True, nogil=True, error_model="numpy")
def wipe(layout: Layout, matter: Matter, f: Fields, ledger: Array, dried: float) -> None:
    """Take off each column's front what has less than the share ``dried`` of its water left."""
    for i in range(len(layout.dr)):
        if f.surface[i] <= 0.0 and f.rise_max[i, 0] <= 0.0:
            continue
        while f.top[i] < len(layout.dz) - 1:
            k = f.top[i]
            if matter.water_0[i, k] <= 0.0 or f.water[i, k] > dried * matter.water_0[i, k]:
                break
            ledger[REMOVED] += np.pi * layout.ring[i] * layout.dz[k] * f.e[i, k]
            f.e[i, k] = 0.0
            f.rise[i, k] = 0.0
            f.before[i, k] = 0.0
            f.top[i] = k + 1
            f.surface[i] = layout.z_edges[k + 1]
            f.begun[i] = progress(f.water[i, k + 1], matter.water_0[i, k + 1], f.spent[i, k + 1])


@njit(cache=True, nogil=True, error_model="numpy")
def deepest(score: Array, z: Array, edges: Array, dz: Array, living: Array, top: Whole, depth: Array) -> None:
    """Write the depth of each column's deepest row with ``score`` ≥ 0 to ``depth`` [nr].

    It is interpolated towards the next row. Where what lives ends below it (``score`` −∞), or nothing is
    left of it, its living part counts.
    """
    nr, nz = score.shape
    for i in range(nr):
        k = nz - 1
        while k >= 0 and not score[i, k] >= 0.0:
            k -= 1
        if k < 0:
            continue
        if k + 1 >= nz or not math.isfinite(score[i, k + 1]):
            beyond = living[i, k + 1] * dz[k + 1] if k + 1 < nz else 0.0
            depth[i] = edges[k] + living[i, k] * dz[k] + beyond
        elif k < top[i]:
            depth[i] = edges[k + 1]
        else:
            a, b = score[i, k], score[i, k + 1]
            depth[i] = z[k] + (z[k + 1] - z[k]) * a / (a - b)


@njit(cache=True, nogil=True, error_model="numpy")
def widest(score: Array, r: Array, edges: Array, top: Whole) -> float:
    """Return the outermost radius with ``score`` ≥ 0 in any row, interpolated towards the next column."""
    nr, nz = score.shape
    found = 0.0
    for k in range(nz):
        i = nr - 1
        while i >= 0 and not score[i, k] >= 0.0:
            i -= 1
        if i < 0:
            continue
        if i + 1 >= nr or not math.isfinite(score[i + 1, k]) or k < top[i]:
            found = max(found, edges[i + 1])
        else:
            a, b = score[i, k], score[i + 1, k]
            found = max(found, r[i] + (r[i + 1] - r[i]) * a / (a - b))
    return found
