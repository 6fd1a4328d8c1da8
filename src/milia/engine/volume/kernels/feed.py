"""Light on level columns, what surfaces lose, and how fast both are."""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.aim import column_time
from milia.engine.kernels.arrays import LOST, Array, Fields, Matter, Whole
from milia.engine.kernels.light import deposit
from milia.engine.kernels.point import NEAR_K, Phase, Physics, surface_loss
from milia.engine.volume.kernels.bricks import Bricks, row_fields, row_layout, row_matter


@njit(cache=True, nogil=True, error_model="numpy")
def look_ahead(j: int, dt: float, dz: Array, fields: Fields, lit: Array, midway: Array, phase: Phase) -> None:
    """Fill ``midway`` [ny, nz] with the water of one column half-way through a step of ``dt`` seconds.

    A cell that boils absorbs with the water it will have then, judged by the light of the step before, as in
    ``engine.kernels.aim.illuminate``.
    """
    for k in range(fields.top[j], dz.shape[0]):
        left = fields.water[j, k]
        if lit[j, k] > 0.0 and fields.rise[j, k] >= fields.limit[j, k] - NEAR_K:
            left = max(left - 0.5 * dt * lit[j, k] / (dz[k] * phase.vapour), 0.0)
        midway[j, k] = left


@njit(cache=True, nogil=True, error_model="numpy")
def feed(
    i0: int, i1: int, j0: int, j1: int, dt: float, power: float, shares: Array, bricks: Bricks,
    matter: Matter, f: Fields, light: Array, source: Array, midway: Array, fed: Whole, reached: Whole,
    rows: int, p: Physics, phase: Phase,
) -> None:  # fmt: skip
    """Lay out the light that falls straight down on some columns in a step of ``dt`` seconds.

    ``light`` and ``source`` [W/m² per cell] become zero but in the rows from ``fed[i, j, 0]`` to ``fed[i,
    j, 1]``; ``midway`` holds the water half-way where ``shares`` says that light may fall; ``reached`` [nx]
    tells how many rows take part.
    """
    for i in range(i0, i1):
        reached[i] = rows
        fields = row_fields(i, 0, f.top.shape[1], f)
        for j in range(j0, j1):
            if shares[i, j] > 0.0:
                look_ahead(j, dt, bricks.dz, fields, light[i], midway[i], phase)
            for k in range(fed[i, j, 0], fed[i, j, 1]):
                light[i, j, k] = 0.0
                source[i, j, k] = 0.0
            first = f.top[i, j]
            fed[i, j, 0] = fed[i, j, 1] = first
            if power > 0.0 and shares[i, j] > 0.0:
                irradiance = power * shares[i, j] / (bricks.dx[i] * bricks.dy[j]) * (1.0 - p.reflectance)
                lit = deposit(
                    irradiance, j, f.rise[i], midway[i], matter.dry_mu[i], f.rise_max[i], f.top[i],
                    bricks.dz, light[i], p,
                )  # fmt: skip
                fed[i, j, 1] = lit
                reached[i] = max(reached[i], lit + 1)


@njit(cache=True, nogil=True, error_model="numpy")
def draw(
    i0: int, i1: int, j0: int, j1: int, dt: float, shining: bool, bricks: Bricks, matter: Matter, f: Fields,
    light: Array, source: Array, fed: Whole, ledgers: Array, rows: int, p: Physics,
) -> None:  # fmt: skip
    """Turn light that is ``shining``, and what surfaces lose, into the sources of a step of conduction."""
    for i in range(i0, i1):
        for j in range(j0, j1):
            for k in range(fed[i, j, 0], fed[i, j, 1]):
                source[i, j, k] = light[i, j, k] if shining else 0.0
            first = f.top[i, j]
            if first < rows and f.rise[i, j, first] != 0.0:
                loss = surface_loss(f.rise[i, j, first], wet(i, j, first, matter, f), p)
                source[i, j, first] -= loss
                ledgers[i, LOST] += loss * bricks.dx[i] * bricks.dy[j] * dt
                fed[i, j, 0] = min(fed[i, j, 0], first)
                fed[i, j, 1] = max(fed[i, j, 1], first + 1)


@njit(cache=True, nogil=True, error_model="numpy")
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
            if f.rise[i, j, k] != 0.0:
                loss = surface_loss(f.rise[i, j, k], wet(i, j, k, matter, f), p) * bricks.dz[k] / depth
                source[i, j, k] -= loss
                ledger[LOST] += loss * area * dt


@njit(cache=True, nogil=True, error_model="numpy")
def wet(i: int, j: int, k: int, matter: Matter, f: Fields) -> float:
    """Share of a cell's water that is still there."""
    water_0 = matter.water_0[i, j, k]
    return float(f.water[i, j, k] / water_0) if water_0 > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def cell_time(
    i0: int, i1: int, j0: int, j1: int, power: float, shares: Array, bricks: Bricks, matter: Matter,
    f: Fields,
    p: Physics, phase: Phase,
) -> float:  # fmt: skip
    """Seconds in which no column's front moves by more than a cell under ``power`` [W] before reflection."""
    shortest = math.inf
    for i in range(i0, i1):
        layout, row = row_layout(i, j0, j1, bricks), row_matter(i, j0, j1, matter)
        fields = row_fields(i, j0, j1, f)
        for j in range(j1 - j0):
            if shares[i, j0 + j] > 0.0:
                irradiance = power * (1.0 - p.reflectance) * shares[i, j0 + j] / (math.pi * layout.ring[j])
                shortest = min(shortest, column_time(irradiance, j, layout, row, fields, p, phase))
    return shortest


@njit(cache=True, nogil=True, error_model="numpy")
def crossing_time(i0: int, i1: int, j0: int, j1: int, bricks: Bricks, f: Fields) -> float:
    """Diffusion time [s] of the thinnest cell at the surface of a box."""
    shortest = math.inf
    for i in range(i0, i1):
        for j in range(j0, j1):
            k = min(f.top[i, j], bricks.dz.shape[0] - 1)
            shortest = min(shortest, bricks.dz[k] ** 2 * f.resistance[i, j, k] * f.heat[i, j, k])
    return shortest
