"""Milia's engine on plain matter: the kernels of a whole exposure, given nothing to boil or remove."""

from __future__ import annotations

from benchmarks import half_space as problem
from milia.engine import Accuracy, Grid
from milia.engine.linear import march_plain, plain_state
from milia.laser import Beam

GRID = Grid(problem.EDGES_R, problem.EDGES_Z)
BEAM = Beam(spot_diameter_m=2.0 * problem.RADIUS)
POWER_W = 0.5 * 3.141592653589793 * problem.RADIUS**2 * problem.PEAK


def solve(finer: float = 1.0) -> list[float]:
    accuracy = Accuracy() if finer == 1.0 else Accuracy().finer(finer)
    state = plain_state(GRID, conductivity=problem.K, heat_capacity=problem.HEAT, absorption=problem.MU)
    state.active[:] = (4, 8)
    found = []
    for until, watts in ((problem.ON_S, POWER_W), (problem.END_S, 0.0)):
        march_plain(state, until, beam=BEAM, power_W=watts, accuracy=accuracy)
        found += problem.at_cells(state.fields.rise)
    return found


def solve_finer() -> list[float]:
    return solve(2.0)
