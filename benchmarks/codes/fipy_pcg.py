"""Finite volumes with FiPy: cylindrical grid, implicit steps, preconditioned conjugate gradients of scipy."""

from __future__ import annotations

import os

os.environ["FIPY_SOLVERS"] = "scipy"

import numpy as np
from fipy import CellVariable, CylindricalGrid2D, DiffusionTerm, TransientTerm
from fipy.solvers import LinearPCGSolver

from benchmarks import half_space as problem


def solve(dt: float = 100e-6) -> list[float]:
    mesh = CylindricalGrid2D(nr=problem.NR, nz=problem.NZ, dr=problem.STEP, dz=problem.STEP)
    rise = CellVariable(mesh=mesh, value=0.0)
    lit = CellVariable(mesh=mesh, value=problem.source().T.ravel())
    conducting = TransientTerm(coeff=problem.HEAT) == DiffusionTerm(coeff=problem.K)
    heated = TransientTerm(coeff=problem.HEAT) == DiffusionTerm(coeff=problem.K) + lit
    solver = LinearPCGSolver(tolerance=1e-8)
    found = []
    for equation, span in ((heated, problem.ON_S), (conducting, problem.END_S - problem.ON_S)):
        for _ in range(round(span / dt)):
            equation.solve(var=rise, dt=dt, solver=solver)
        found += problem.at_cells(np.asarray(rise.value).reshape(problem.NZ, problem.NR).T)
    return found


def solve_coarse() -> list[float]:
    return solve(1e-3)
