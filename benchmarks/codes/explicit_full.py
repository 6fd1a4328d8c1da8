"""The explicit loop with what tissue needs in every step: enthalpy, harmonic conductivity, Arrhenius."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from benchmarks import half_space as problem

INITIAL_K = 306.15
BOIL_RISE, BOILED_RISE, LATENT = 67.0, 77.0, 1.6e9  # K, K, J/m³: a stand-in that is never reached
LN_A, EA_R = 226.8, 75585.0  # an Arrhenius set of the usual size


@njit(cache=True)
def warm(enthalpy, heat):  # type: ignore[no-untyped-def]
    if enthalpy <= heat * BOIL_RISE:
        return enthalpy / heat
    latent = heat * (BOILED_RISE - BOIL_RISE) + LATENT
    if enthalpy <= heat * BOIL_RISE + latent:
        return BOIL_RISE + (BOILED_RISE - BOIL_RISE) * (enthalpy - heat * BOIL_RISE) / latent
    return (enthalpy - LATENT) / heat


@njit(cache=True)
def explicit(enthalpy, rise, k, omega, source, edges, ring, step, heat, dt, steps):  # type: ignore[no-untyped-def]
    nr, nz = rise.shape
    for _ in range(steps):
        for i in range(nr):
            inner = 2.0 * edges[i] / (step * ring[i])
            outer = 2.0 * edges[i + 1] / (step * ring[i])
            for j in range(nz):
                here, own = rise[i, j], k[i, j]
                flow = source[i, j]
                if i > 0:
                    other = k[i - 1, j]
                    flow += inner * 2.0 * own * other / (own + other) * (rise[i - 1, j] - here)
                if i < nr - 1:
                    other = k[i + 1, j]
                    flow += outer * 2.0 * own * other / (own + other) * (rise[i + 1, j] - here)
                if j > 0:
                    other = k[i, j - 1]
                    flow += 2.0 * own * other / (own + other) * (rise[i, j - 1] - here) / (step * step)
                if j < nz - 1:
                    other = k[i, j + 1]
                    flow += 2.0 * own * other / (own + other) * (rise[i, j + 1] - here) / (step * step)
                enthalpy[i, j] += dt * flow
        for i in range(nr):
            for j in range(nz):
                rise[i, j] = warm(enthalpy[i, j], heat)
                omega[i, j] += dt * math.exp(LN_A - EA_R / (INITIAL_K + rise[i, j]))


def solve() -> list[float]:
    shape = (problem.NR, problem.NZ)
    enthalpy, rise, omega, k = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.full(shape, problem.K)
    found = []
    limit = 0.9 / (4.0 * problem.K / problem.HEAT / problem.STEP**2)
    density = problem.source()
    for span, lit in ((problem.ON_S, 1.0), (problem.END_S - problem.ON_S, 0.0)):
        steps = math.ceil(span / limit)
        explicit(
            enthalpy, rise, k, omega, lit * density, problem.EDGES_R, problem.RING, problem.STEP,
            problem.HEAT, span / steps, steps,
        )  # fmt: skip
        found += problem.at_cells(rise)
    return found
