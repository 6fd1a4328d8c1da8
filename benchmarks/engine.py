"""How fast the engine is, beside a plain explicit loop on the same problem in the same run.

``python benchmarks/engine.py`` prints a table and asserts nothing: times depend on the machine, ratios less.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from numba import njit

from milia.engine import (
    FINE,
    PLANNING,
    QUICK,
    Accuracy,
    Exposure,
    Grid,
    Run,
    march,
    nominal_parameters,
    start,
)
from milia.engine.linear import march_plain, plain_state
from milia.laser import Beam, PulseTrain
from milia.skin import Cyst, site, tissue_at

K, HEAT, MU = 0.4, 3.7e6, 55e3
GRID = Grid(np.linspace(0.0, 0.5e-3, 101), np.linspace(0.0, 1e-3, 201))
BEAM = Beam(spot_diameter_m=200e-6)
POWER_W = 1e6 * math.pi * BEAM.radius_m**2 / 2.0
CELLS = ((0, 0), (0, 10), (20, 4))
EXACT = np.array([45.14126296, 13.82366448, 7.060387901, 1.609394835, 1.507998426, 1.265872555])


@njit(cache=True)
def explicit(rise, source, edges, ring, dr, dz, k, heat, dt, steps):  # type: ignore[no-untyped-def]
    """Forward Euler on uniform cells: the plainest loop that solves the problem."""
    nr, nz = rise.shape
    change = np.zeros((nr, nz))
    for _ in range(steps):
        for i in range(nr):
            inner = 2.0 * edges[i] / (dr * ring[i])
            outer = 2.0 * edges[i + 1] / (dr * ring[i])
            for j in range(nz):
                here = rise[i, j]
                flow = 0.0
                if i > 0:
                    flow += inner * (rise[i - 1, j] - here)
                if i < nr - 1:
                    flow += outer * (rise[i + 1, j] - here)
                if j > 0:
                    flow += (rise[i, j - 1] - here) / (dz * dz)
                if j < nz - 1:
                    flow += (rise[i, j + 1] - here) / (dz * dz)
                change[i, j] = dt / heat * (k * flow + source[i, j])
        for i in range(nr):
            for j in range(nz):
                rise[i, j] += change[i, j]


def best(work: Callable[[], object], repeats: int = 5) -> float:
    """Shortest of some runs [s]; one run before them pays for compiling."""
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def worst(found: list[float]) -> float:
    return float(100.0 * np.abs(np.array(found) / EXACT - 1.0).max())


def half_space_explicit() -> tuple[list[float], int]:
    rise, found, total = np.zeros(GRID.shape), [], 0
    dr, dz = float(GRID.dr[0]), float(GRID.dz[0])
    limit = 0.9 / (2.0 * K / HEAT * (1.0 / dr**2 + 1.0 / dz**2))
    depth = np.exp(-MU * GRID.z)
    within = 1.0 - np.exp(-2.0 * (GRID.r / BEAM.radius_m) ** 2)
    density = (
        POWER_W * np.diff(within)[:, None] / (math.pi * GRID.ring[:, None]) * -np.diff(depth)[None, :] / dz
    )
    for span, lit in ((10e-3, 1.0), (90e-3, 0.0)):
        steps = math.ceil(span / limit)
        explicit(rise, lit * density, GRID.r, GRID.ring, dr, dz, K, HEAT, span / steps, steps)
        total += steps
        found += [float(rise[cell]) for cell in CELLS]
    return found, total


def half_space(accuracy: Accuracy) -> tuple[list[float], int]:
    state = plain_state(GRID, conductivity=K, heat_capacity=HEAT, absorption=MU)
    state.active[:] = (4, 8)
    found = []
    for until, watts in ((10e-3, POWER_W), (100e-3, 0.0)):
        march_plain(state, until, beam=BEAM, power_W=watts, accuracy=accuracy)
        found += [float(state.fields.rise[cell]) for cell in CELLS]
    return found, state.steps


def milium(*, quick: bool) -> Run:
    tissue = tissue_at(site("cheek"), cyst=Cyst(diameter_m=1e-3, roof_m=90e-6))
    train = PulseTrain(pulse_energy_J=75e-3, pulse_duration_s=1.25e-3, pulses=2, interval_s=0.1)
    exposure = Exposure(tissue, Beam(spot_diameter_m=500e-6), train, 306.15)
    parameters = nominal_parameters()
    state = start(exposure, parameters, rule=PLANNING if quick else FINE)
    return march(state, exposure.beam, train, parameters, accuracy=QUICK if quick else None)


def main() -> None:
    print("Absorbing half-space, 100 × 200 cells, 100 ms, one thread")
    print(f"{'':34}{'time':>10}{'steps':>8}{'error':>9}{'ratio':>8}")
    loop = best(half_space_explicit)
    found, steps = half_space_explicit()
    print(f"{'explicit numba loop':34}{1e3 * loop:8.1f} ms{steps:8d}{worst(found):8.2f} %{1.0:8.2f}")
    for name, accuracy in (("engine", Accuracy()), ("engine, half the steps", Accuracy().finer())):
        seconds = best(lambda accuracy=accuracy: half_space(accuracy))  # type: ignore[misc]
        found, steps = half_space(accuracy)
        print(f"{name:34}{1e3 * seconds:8.1f} ms{steps:8d}{worst(found):8.2f} %{seconds / loop:8.2f}")

    print("\nMilium of the cheek, 500 µm, 75 mJ, 1.25 ms, two pulses, cooled to 45 °C, one thread")
    print(f"{'':34}{'time':>10}{'steps':>8}{'cells':>8}{'cell-steps/s':>14}{'depth':>10}")
    for name, quick in (("quick (plans)", True), ("fine (simulations)", False)):
        seconds = best(lambda quick=quick: milium(quick=quick))  # type: ignore[misc]
        run = milium(quick=quick)
        cells = int(np.prod(run.state.grid.shape))
        rate = run.steps * cells / seconds
        depth = 1e6 * run.craters[-1].depth
        print(f"{name:34}{1e3 * seconds:8.1f} ms{run.steps:8d}{cells:8d}{rate:14.2e}{depth:7.1f} µm")
    print("Cells that are cold and far are left out of a step, so a cell-step here is one that was offered.")


if __name__ == "__main__":
    main()
