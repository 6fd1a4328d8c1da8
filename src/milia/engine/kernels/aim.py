"""Aiming the beam: how power is shared among columns, how long a step may be, where its light is absorbed."""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.arrays import Array, Fields, Layout, Matter
from milia.engine.kernels.light import BeamSpec, column_shares
from milia.engine.kernels.point import NEAR_K, Phase, Physics, absorption, ejected_at, enthalpy_at
from milia.engine.kernels.rows import copy
from milia.engine.kernels.sources import shine

DIMMEST = 1e-4  # of the brightest column: what is dimmer gets no light


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def column_time(
    irradiance: float, i: int, layout: Layout, matter: Matter, f: Fields, p: Physics, phase: Phase
) -> float:
    """Seconds in which ``irradiance`` [W/m²] brings what it takes to eject one column's first cell."""
    k = min(f.top[i], matter.water_0.shape[1] - 1)
    dz = layout.dz[k]
    mu = absorption(f.rise[i, k], f.rise_max[i, k], f.water[i, k], matter.dry_mu[i, k], p)
    heating = irradiance * (1.0 - math.exp(-mu * dz)) / dz
    needed = ejected_at(heating, p.ejection_share, p.ejection_heating)
    price = enthalpy_at(needed, matter.water_0[i, k], matter.dry_heat[i, k], phase)
    return float(dz * price / irradiance)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def aim(beam: BeamSpec, table: Array, layout: Layout, f: Fields, columns: int, shares: Array) -> int:
    """Fill in each column's share of the power; return how many columns take part with those that are lit."""
    nr = shares.shape[0]
    column_shares(beam, table, layout.edges, f.surface, nr, shares)
    brightest = 0.0
    for i in range(columns):
        brightest = max(brightest, shares[i] / layout.ring[i])
    while columns < nr and shares[columns] / layout.ring[columns] > DIMMEST * brightest:
        columns += 1
    kept = 0.0
    for i in range(columns):
        kept += shares[i]
    for i in range(nr):
        shares[i] = shares[i] / kept if i < columns else 0.0
    return columns


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def longest_step(
    power: float,
    shares: Array,
    layout: Layout,
    matter: Matter,
    f: Fields,
    columns: int,
    p: Physics,
    phase: Phase,
) -> float:
    """Seconds in which no column's front moves by more than a cell under ``power`` [W]."""
    longest = math.inf
    for i in range(columns):
        if shares[i] > 0.0:
            irradiance = power * (1.0 - p.reflectance) * shares[i] / (math.pi * layout.ring[i])
            longest = min(longest, column_time(irradiance, i, layout, matter, f, p, phase))
    return longest


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def lag_time(share: float, layout: Layout, f: Fields, columns: int) -> float:
    """How long [s] light may run ahead: ``share`` of the diffusion time of the smallest lit cell."""
    highest = f.top[0]
    for i in range(columns):
        highest = min(highest, f.top[i])
    dz = layout.dz[highest]
    return float(share * dz * dz * f.resistance[0, f.top[0]] * f.heat[0, f.top[0]])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def illuminate(
    dt: float,
    power: float,
    shares: Array,
    layout: Layout,
    matter: Matter,
    f: Fields,
    light: Array,
    source: Array,
    columns: int,
    rows: int,
    p: Physics,
    phase: Phase,
) -> int:
    """Fill in the light [W/m²] that each cell absorbs on average over ``dt``; return how many rows take part.

    A cell that boils absorbs with the water it will have half-way, judged by the light of the step before.
    ``source`` is working memory.
    """
    for i in range(columns if power > 0.0 else 0):
        k = f.top[i]
        copy(f.water[i][k:], source[i][k:])
        while k < rows and light[i, k] > 0.0:
            if f.rise[i, k] >= f.limit[i, k] - NEAR_K:
                boiled = 0.5 * dt * light[i, k] / (layout.dz[k] * phase.vapour)
                source[i, k] = max(f.water[i, k] - boiled, 0.0)
            k += 1
    return shine(power, shares, layout, matter, f, source, light, columns, rows, p)
