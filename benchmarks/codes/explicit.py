"""The plainest loop that solves the problem: forward Euler on uniform cells, compiled by numba."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from benchmarks import half_space as problem


@njit(cache=True)
def explicit(rise, source, edges, ring, step, k, heat, dt, steps):  # type: ignore[no-untyped-def]
    nr, nz = rise.shape
    change = np.zeros((nr, nz))
    for _ in range(steps):
        for i in range(nr):
            inner = 2.0 * edges[i] / (step * ring[i])
            outer = 2.0 * edges[i + 1] / (step * ring[i])
            for j in range(nz):
                here = rise[i, j]
                flow = 0.0
                if i > 0:
                    flow += inner * (rise[i - 1, j] - here)
                if i < nr - 1:
                    flow += outer * (rise[i + 1, j] - here)
                if j > 0:
                    flow += (rise[i, j - 1] - here) / (step * step)
                if j < nz - 1:
                    flow += (rise[i, j + 1] - here) / (step * step)
                change[i, j] = dt / heat * (k * flow + source[i, j])
        for i in range(nr):
            for j in range(nz):
                rise[i, j] += change[i, j]


def solve() -> list[float]:
    rise, found = np.zeros((problem.NR, problem.NZ)), []
    limit = 0.9 / (4.0 * problem.K / problem.HEAT / problem.STEP**2)
    density = problem.source()
    for span, lit in ((problem.ON_S, 1.0), (problem.END_S - problem.ON_S, 0.0)):
        steps = math.ceil(span / limit)
        explicit(
            rise, lit * density, problem.EDGES_R, problem.RING, problem.STEP, problem.K, problem.HEAT,
            span / steps, steps,
        )  # fmt: skip
        found += problem.at_cells(rise)
    return found
