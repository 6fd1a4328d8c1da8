"""Alternating directions with numpy and scipy: Peaceman-Rachford, steps of 100 µs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from benchmarks import half_space as problem

DT = 100e-6


def operator(weights: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the banded matrix [3, n] of conduction between neighbours, per volume."""
    lower = np.concatenate([weights, [0.0]])
    upper = np.concatenate([[0.0], weights])
    bands = np.zeros((3, len(size)))
    bands[0, 1:] = weights / size[:-1]
    bands[1] = -(lower + upper) / size
    bands[2, :-1] = weights / size[1:]
    return bands


def times(bands: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    made: NDArray[np.float64] = bands[1][:, None] * x
    made[:-1] += bands[0, 1:][:, None] * x[1:]
    made[1:] += bands[2, :-1][:, None] * x[:-1]
    return made


def solve() -> list[float]:
    a = problem.K / problem.HEAT
    along_r = a * operator(2.0 * problem.EDGES_R[1:-1] / problem.STEP, problem.RING)
    along_z = a * operator(np.full(problem.NZ - 1, 1.0 / problem.STEP), np.full(problem.NZ, problem.STEP))
    half = 0.5 * DT
    left_r, left_z = -half * along_r, -half * along_z
    left_r[1] += 1.0
    left_z[1] += 1.0
    heating = problem.source() / problem.HEAT
    rise, found = np.zeros((problem.NR, problem.NZ)), []
    for span, lit in ((problem.ON_S, 1.0), (problem.END_S - problem.ON_S, 0.0)):
        given = half * lit * heating
        for _ in range(round(span / DT)):
            known = rise + half * times(along_z, rise.T).T + given
            rise = solve_banded((1, 1), left_r, known)
            known = rise + half * times(along_r, rise) + given
            rise = solve_banded((1, 1), left_z, known.T).T
        found += problem.at_cells(rise)
    return found
