"""Read off a state what a histologist would measure: crater, residual thermal damage, opening, harm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.engine.grid import Grid
from milia.engine.kernels import reading
from milia.engine.state import State
from milia.skin import Cyst

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Crater:
    """The wound after one pulse; lengths in m, profiles [nr] over ``r``.

    ``surface`` is the depth of the floor, ``harm`` the deepest living tissue in that column that has
    been removed or damaged (0 where none), both below the undisturbed surface.
    """

    r: Array
    surface: Array
    harm: Array
    depth: float
    width: float
    rtd_floor: float
    rtd_wall: float
    harm_depth: float
    wound_width: float
    removed_volume: float

    def opening(self, cyst: Cyst) -> float:
        """Width [m] over which the floor has reached the cyst, from the axis outwards."""
        radius = 0.5 * cyst.diameter_m
        inside = self.r < radius
        top = np.full_like(self.r, np.inf)
        top[inside] = cyst.roof_m + radius - np.sqrt(radius**2 - self.r[inside] ** 2)
        gap = np.where(inside, self.surface - top, -1.0)
        return 2.0 * _reach(self.r, gap)


def _reach(r: Array, gap: Array) -> float:
    """Radius up to which ``gap`` stays positive, interpolated; 0 when it is not so on the axis."""
    if gap[0] <= 0.0:
        return 0.0
    closed = np.flatnonzero(gap <= 0.0)
    if not len(closed):
        return float(r[-1])
    i = int(closed[0])
    low, high = gap[i - 1], gap[i]
    if not np.isfinite(high):
        return float(r[i - 1])
    return float(r[i - 1] + (r[i] - r[i - 1]) * low / (low - high))


def _lost(state: State, living_omega: float) -> Array:
    """Logarithm of damage over the limit, +∞ where living tissue is gone, −∞ where nothing lives."""
    f = state.fields
    rows = np.arange(state.grid.shape[1])
    score = np.full(state.grid.shape, -60.0)
    np.log(f.omega / living_omega, out=score, where=f.omega > 0.0)
    np.clip(score, -60.0, 60.0, out=score)
    score[rows[None, :] < f.top[:, None]] = 60.0
    score[state.living < 0.5] = -np.inf
    return score


def _deepest(score: Array, grid: Grid, living: Array, top: NDArray[np.int64]) -> Array:
    """Depth of the deepest lost row of each column."""
    depth = np.zeros(len(score))
    reading.deepest(score, grid.z_mid, grid.z, grid.dz, living, top, depth)
    return depth


def measure(state: State, *, living_omega: float) -> Crater:
    """Measure a state; tissue with Ω ≥ ``living_omega`` counts as thermally damaged."""
    grid, f = state.grid, state.fields
    score = _lost(state, living_omega)
    lost = _deepest(score, grid, state.living, f.top)
    harm = np.maximum(lost, np.where(_living_above(state), f.surface, 0.0))
    depth = float(f.surface.max())
    width = 2.0 * _edge(grid.r_mid, grid.r, f.surface > 0.0, f.surface)
    return Crater(
        r=grid.r_mid,
        surface=f.surface.copy(),
        harm=harm,
        depth=depth,
        width=width,
        rtd_floor=_rtd_floor(state, score),
        rtd_wall=_rtd_wall(state, score, depth),
        harm_depth=float(harm.max()),
        wound_width=max(2.0 * reading.widest(score, grid.r_mid, grid.r, f.top), width),
        removed_volume=float((np.pi * grid.ring * f.surface).sum()),
    )


def _living_above(state: State) -> NDArray[np.bool_]:
    """Columns whose removed part ends in living tissue."""
    surface = state.fields.surface
    at = np.clip(np.searchsorted(state.grid.z, surface, side="left") - 1, 0, state.grid.shape[1] - 1)
    return np.asarray((state.living[np.arange(len(at)), at] > 0.5) & (surface > 0.0))


def _edge(r: Array, edges: Array, mask: NDArray[np.bool_], height: Array) -> float:
    """Outer radius of a mask, placed in the border cell by the profile's own slope."""
    hit = np.flatnonzero(mask)
    if not len(hit):
        return 0.0
    i = int(hit[-1])
    if i == 0 or height[i - 1] <= height[i] or i + 1 >= len(r):
        return float(edges[i + 1])
    reach = height[i] * (r[i] - r[i - 1]) / (height[i - 1] - height[i])
    return float(min(r[i] + reach, edges[i + 1] + 0.5 * (r[i + 1] - r[i])))


def _rtd_floor(state: State, score: Array) -> float:
    """Damage below the floor on the axis, m; 0 where the floor lies in the cyst's keratin.

    Where only horn has gone, or nothing at all, damage is counted from the floor through what horn is left.
    """
    f, grid = state.fields, state.grid
    k = int(f.top[0])
    living = np.isfinite(score[0])
    if k < grid.shape[1] and not living[k] and not living[:k].any() and living.any():
        k = int(np.argmax(living))
    if k >= grid.shape[1] or score[0, k] < 0.0:
        return 0.0
    j = k
    while j + 1 < grid.shape[1] and score[0, j + 1] >= 0.0:
        j += 1
    if j + 1 < grid.shape[1] and np.isfinite(score[0, j + 1]):
        a, b = score[0, j], score[0, j + 1]
        end = grid.z_mid[j] + (grid.z_mid[j + 1] - grid.z_mid[j]) * a / (a - b)
    else:
        end = grid.z[j + 1]
    return float(max(end - f.surface[0], 0.0))


def _living_wall(state: State, score: Array, depth: float) -> float:
    """How far down the wall consists of living tissue (below any horn), m; the depth where all does."""
    grid, f = state.grid, state.fields
    rows = int(np.searchsorted(grid.z, depth, side="right")) - 1
    every = np.arange(rows)
    beside = (f.top[:, None] <= every).argmax(axis=0)
    living = np.isfinite(score[beside, every])
    if not living.any():
        return depth
    first = int(np.argmax(living))
    ends = np.flatnonzero(~living[first:])
    return float(grid.z[first + ends[0]]) if len(ends) else depth


def _rtd_wall(state: State, score: Array, depth: float) -> float:
    """Damage beside the living part of the wall at half its height, m; 0 without a crater.

    In plain skin that is half the crater's depth; over a cyst, whose keratin cannot be harmed, half the roof.
    """
    if depth <= 0.0:
        return 0.0
    grid, f = state.grid, state.fields
    height = _living_wall(state, score, depth)
    k = int(np.searchsorted(grid.z, 0.5 * height, side="right")) - 1
    wall = _reach(grid.r_mid, f.surface - 0.5 * height)
    i = int(np.searchsorted(grid.r_mid, wall))
    if i >= grid.shape[0] or not np.isfinite(score[i, k]):
        return 0.0
    j = i
    if score[j, k] < 0.0:
        return 0.0
    while j + 1 < grid.shape[0] and score[j + 1, k] >= 0.0:
        j += 1
    if j + 1 < grid.shape[0] and np.isfinite(score[j + 1, k]):
        a, b = score[j, k], score[j + 1, k]
        end = grid.r_mid[j] + (grid.r_mid[j + 1] - grid.r_mid[j]) * a / (a - b)
    else:
        end = grid.r[j + 1]
    return float(max(end - wall, 0.0))
