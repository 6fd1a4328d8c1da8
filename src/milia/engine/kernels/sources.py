"""What heats and what cools the cells in one step: absorbed light, surface losses, perfusion."""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.arrays import LOST, Array, Fields, Layout, Matter
from milia.engine.kernels.light import deposit
from milia.engine.kernels.point import Physics, surface_loss
from milia.engine.kernels.rows import clear


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def shine(
    power: float,
    shares: Array,
    layout: Layout,
    matter: Matter,
    f: Fields,
    water: Array,
    light: Array,
    columns: int,
    rows: int,
    p: Physics,
) -> int:
    """Fill in the light that each cell absorbs [W/m²]; return how many rows take part with those lit."""
    reached = rows
    for i in range(columns):
        lit = 0
        if power > 0.0 and shares[i] > 0.0 and f.top[i] < rows:
            irradiance = power * shares[i] / (math.pi * layout.ring[i]) * (1.0 - p.reflectance)
            lit = deposit(
                irradiance, i, f.rise, water, matter.dry_mu, f.rise_max, f.top, layout.dz, light, p,
            )  # fmt: skip
            reached = max(reached, lit + 1)
        clear(light[i][lit:])
    return int(min(reached, matter.water_0.shape[1]))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def lose(
    layout: Layout,
    matter: Matter,
    f: Fields,
    source: Array,
    ledger: Array,
    dt: float,
    columns: int,
    rows: int,
    p: Physics,
) -> None:
    """Take from the sources [W/m² per cell] what surface and blood carry off in a step, and book it."""
    for i in range(columns):
        area = math.pi * layout.ring[i]
        first = f.top[i]
        if first >= rows:
            continue
        if f.rise[i, first] != 0.0:
            water_0 = matter.water_0[i, first]
            wet = f.water[i, first] / water_0 if water_0 > 0.0 else 0.0
            loss = surface_loss(f.rise[i, first], wet, p)
            source[i, first] -= loss
            ledger[LOST] += loss * area * dt
        if p.perfusion_W_m3K > 0.0:
            carried = 0.0
            for k in range(first, rows):
                if matter.perfused[i, k] > 0.0 and f.omega[i, k] < 1.0:
                    sink = p.perfusion_W_m3K * f.rise[i, k] * layout.dz[k]
                    source[i, k] -= sink
                    carried += sink
            ledger[LOST] += carried * area * dt
