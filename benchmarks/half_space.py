"""The linear reference problem: an absorbing half-space heated by a Gaussian beam, with exact answers.

Insulated surface, k = 0.4 W/m/K, ρc = 3.7e6 J/m³/K, µ = 55 /mm; beam radius (1/e²) 100 µm, absorbed peak
irradiance 1.0e6 W/m² for 10 ms, then 90 ms without light. Every code uses the same grid, 100 × 200 cells of
5 µm, with insulated walls. The exact rises are the quadrature of ``tests/verification/reference``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

K, HEAT, MU = 0.4, 3.7e6, 55e3
RADIUS, PEAK = 100e-6, 1.0e6
ON_S, END_S = 10e-3, 100e-3
NR, NZ, STEP = 100, 200, 5e-6
EDGES_R = np.linspace(0.0, NR * STEP, NR + 1)
EDGES_Z = np.linspace(0.0, NZ * STEP, NZ + 1)
RING = np.diff(EDGES_R**2)

# cells whose centres are (2.5, 2.5), (2.5, 52.5) and (102.5, 22.5) µm from axis and surface
CELLS = ((0, 0), (0, 10), (20, 4))
EXACT = np.array([45.14126296, 13.82366448, 7.060387901, 1.609394835, 1.507998426, 1.265872555])


def source() -> Array:
    """Return the heating of each cell while the light is on [W/m³], exact over the cell, [NR, NZ]."""
    power = 0.5 * np.pi * RADIUS**2 * PEAK
    within = -np.diff(np.exp(-2.0 * (EDGES_R / RADIUS) ** 2))
    absorbed = -np.diff(np.exp(-MU * EDGES_Z))
    return np.asarray(power * within[:, None] * absorbed[None, :] / (np.pi * RING[:, None] * STEP))


def at_cells(rise: Array) -> list[float]:
    """Return the three reported rises of a field [NR, NZ]."""
    return [float(rise[cell]) for cell in CELLS]


def worst_percent(found: list[float]) -> float:
    """Return the largest of the six relative errors [%]."""
    if len(found) != len(EXACT):
        raise ValueError(f"six rises are needed, not {len(found)}")
    return float(100.0 * np.abs(np.array(found) / EXACT - 1.0).max())
