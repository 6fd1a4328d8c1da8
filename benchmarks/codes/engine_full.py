"""Milia's engine with everything switched on, in tissue made so that the exact answer still holds.

Water, boiling and its limit, decomposition, the front, losses and perfusion, light by water content, both
damage integrals and the measuring of the crater are all there. Conductivity, heat capacity and absorption
are those of the problem; reflection, plume and losses are set to nothing. Tissue gets 78 °C hot, so that
damage is integrated and nothing boils.
"""

from __future__ import annotations

from benchmarks import half_space as problem
from milia.engine import Accuracy, Grid, Parameters, State, march, nominal_parameters
from milia.engine.state import initial_state
from milia.laser import Beam, PulseTrain
from milia.skin import Layer, Tissue, material

GRID = Grid(problem.EDGES_R, problem.EDGES_Z)
BEAM = Beam(spot_diameter_m=2.0 * problem.RADIUS)
TISSUE = Tissue(layers=(Layer("dermis", problem.NZ * problem.STEP),), cyst=None, evidence=())
INITIAL_K = 306.15
TRAIN = PulseTrain(
    pulse_energy_J=0.5 * 3.141592653589793 * problem.RADIUS**2 * problem.PEAK * problem.ON_S,
    pulse_duration_s=problem.ON_S,
    pulses=2,
    interval_s=problem.END_S,
)


def parameters() -> Parameters:
    """Return parameters under which dermis has the constants of the problem."""
    nominal = nominal_parameters()
    dermis = material("dermis")
    density, wet = dermis.density_kg_m3.value, dermis.water_fraction.value
    water, dry = density * wet, density * (1.0 - wet)
    conductivity = nominal.water_conductivity * water + nominal.dry_conductivity * dry
    # of pure water, whose share of the tissue's volume is what counts
    absorbing = (problem.MU - nominal.dry_absorption) / (water / 1000.0)
    return nominal.with_values(
        {
            "dry_heat": (problem.HEAT - nominal.water_heat * water) / dry,
            "conductivity_scale": problem.K / conductivity,
            "water_absorption": absorbing,
            "water_absorption_slope": 0.0,
            "refractive_index": 1.0,
            "extinction": 0.0,
            "plume_per_aspect": 0.0,
            "convection": 0.0,
            "emissivity": 0.0,
            "lewis": 1e30,
            "perfusion": 0.0,
        }
    )


def solve(finer: float = 1.0, *, look: bool = True) -> list[float]:
    """Fire one pulse and let it cool; ``look`` follows the three cells, which costs a call a step."""
    chosen = parameters()
    state = initial_state(TISSUE, GRID, initial_K=INITIAL_K, parameters=chosen)
    state.active[:] = (4, 8)
    found: list[float] = []

    def seen(now: State) -> None:
        if not found and now.time_s >= problem.ON_S * (1.0 - 1e-12):
            found.extend(problem.at_cells(now.fields.rise))

    march(
        state, BEAM, TRAIN, chosen,
        accuracy=Accuracy() if finer == 1.0 else Accuracy().finer(finer),
        enough=lambda _: True,
        observe=seen if look else None,
    )  # fmt: skip
    return [*found, *problem.at_cells(state.fields.rise)]


def timed() -> list[float]:
    return solve(look=False)


def solve_finer() -> list[float]:
    return solve(2.0)


def timed_finer() -> list[float]:
    return solve(2.0, look=False)
