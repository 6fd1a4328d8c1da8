"""Finite elements with scikit-fem: bilinear quadrilaterals, Crank-Nicolson, steps of 100 µs."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import splu
from skfem import Basis, BilinearForm, ElementQuad1, LinearForm, MeshQuad
from skfem.helpers import dot, grad

from benchmarks import half_space as problem

DT = 100e-6


@BilinearForm
def stiffness(u, v, w):  # type: ignore[no-untyped-def]
    return problem.K * dot(grad(u), grad(v)) * w.x[0]


@BilinearForm
def mass(u, v, w):  # type: ignore[no-untyped-def]
    return problem.HEAT * u * v * w.x[0]


@LinearForm
def heating(v, w):  # type: ignore[no-untyped-def]
    r, z = w.x
    return problem.MU * problem.PEAK * np.exp(-2.0 * (r / problem.RADIUS) ** 2 - problem.MU * z) * v * r


def solve() -> list[float]:
    mesh = MeshQuad.init_tensor(problem.EDGES_R, problem.EDGES_Z)
    basis = Basis(mesh, ElementQuad1(), intorder=3)
    conducting, storing, load = stiffness.assemble(basis), mass.assemble(basis), heating.assemble(basis)
    solver = splu((storing + 0.5 * DT * conducting).tocsc())
    explicit = (storing - 0.5 * DT * conducting).tocsr()
    centres = np.array([[(i + 0.5) * problem.STEP, (k + 0.5) * problem.STEP] for i, k in problem.CELLS]).T
    look = basis.probes(centres)
    rise, found = np.zeros(basis.N), []
    for span, lit in ((problem.ON_S, 1.0), (problem.END_S - problem.ON_S, 0.0)):
        for _ in range(round(span / DT)):
            rise = solver.solve(explicit @ rise + DT * lit * load)
        found += [float(value) for value in look @ rise]
    return found
