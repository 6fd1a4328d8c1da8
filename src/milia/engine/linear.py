"""Problems with exact answers: plain matter without water, boiling, ablation or losses, on any grid.

The kernels are the ones of a whole exposure; only what they are given is simpler. Verification and
benchmarks use this, and whoever wants the heat of a beam in a body of constant properties.
"""

from __future__ import annotations

import math

import numpy as np

from milia.engine.grid import Array, Grid
from milia.engine.kernels import arrays, step
from milia.engine.kernels.point import Phase, Physics
from milia.engine.solver import Accuracy, beam_spec, layout_of, scratch_of
from milia.engine.state import State
from milia.laser import Beam

NEVER_K = 1e30  # a rise that no run reaches
NO_DAMAGE = np.zeros((0, 4))
PLAIN_PHASE = Phase(
    water_heat=0.0,
    vapour=0.0,
    boil_start=0.5 * NEVER_K,
    boil_end=0.6 * NEVER_K,
    ablation_rise=NEVER_K,
    ablation_heat=NEVER_K,
)


def plain_physics(initial_K: float) -> Physics:
    """Return physics without reflection, plume, surface losses, char or perfusion."""
    return Physics(
        initial_K=initial_K,
        water_conductivity=0.0,
        water_absorption_per_m=0.0,
        water_absorption_slope_per_K=0.0,
        reference_rise=0.0,
        slope_limit_rise=0.0,
        char_absorption_per_m=0.0,
        char_start_rise=0.5 * NEVER_K,
        char_end_rise=NEVER_K,
        reflectance=0.0,
        plume_per_aspect=0.0,
        plume_exponent=1.0,
        ejection_share=2.0,
        ejection_heating=NEVER_K,
        convection_W_m2K=0.0,
        evaporation_K_m3_kg=0.0,
        emissivity=0.0,
        perfusion_W_m3K=0.0,
    )


def plain_state(
    grid: Grid,
    *,
    conductivity: float | Array,
    heat_capacity: float | Array,
    absorption: float | Array = 0.0,
    rise: float | Array = 0.0,
    initial_K: float = 300.0,
) -> State:
    """Return matter at rest, or with an initial ``rise``, whose every cell takes part.

    Parameters
    ----------
    grid
        Cells; all four walls are insulated.
    conductivity, heat_capacity, absorption
        k [W/m/K], ρc [J/m³/K] and µ [1/m], one number or anything that broadcasts to [nr, nz].
    rise
        Initial temperature above ``initial_K`` [K], likewise.
    initial_K
        Temperature from which rises count [K].
    """

    def spread(values: float | Array) -> Array:
        # the compiled kernels know arrays in C order only
        return np.array(np.broadcast_to(np.asarray(values, dtype=float), grid.shape), order="C")

    nothing = np.zeros(grid.shape)
    heat, rises = spread(heat_capacity), spread(rise)
    fields = arrays.Fields(
        e=heat * rises,
        water=nothing.copy(),
        rise=rises,
        before=rises.copy(),
        heat=heat.copy(),
        up=heat.copy(),
        limit=np.full(grid.shape, math.inf),
        spent=nothing.copy(),
        resistance=1.0 / spread(conductivity),
        rise_max=nothing.copy(),
        omega=nothing.copy(),
        omega_collagen=nothing.copy(),
        top=np.zeros(grid.shape[0], dtype=np.int64),
        surface=np.zeros(grid.shape[0]),
        begun=np.zeros(grid.shape[0]),
    )
    matter = arrays.Matter(nothing.copy(), heat, spread(conductivity), spread(absorption), nothing.copy())
    return State(
        grid=grid,
        matter=matter,
        living=nothing.copy(),
        fields=fields,
        ledger=np.zeros(arrays.LEDGER_SIZE),
        active=np.array(grid.shape, dtype=np.int64),
        initial_K=initial_K,
    )


def march_plain(
    state: State,
    until_s: float,
    *,
    beam: Beam | None = None,
    power_W: float = 0.0,
    accuracy: Accuracy | None = None,
) -> State:
    """March ``state`` (changed in place) to a time under steady light; without a beam it only conducts.

    The beam is collimated and everything that arrives is absorbed.
    """
    control = (accuracy or Accuracy()).control()
    spec, table = beam_spec(beam or Beam(spot_diameter_m=float(state.grid.r[-1])))
    begin = state.time_s
    state.ledger[arrays.LAST_DT] = 4.0 * control.dt_min
    step.march(
        until_s, power_W if beam else 0.0, 0.0, begin, until_s - begin, -NEVER_K, layout_of(state.grid),
        state.matter, state.fields, spec._replace(rayleigh=0.0), table, NO_DAMAGE, NO_DAMAGE, state.ledger,
        state.active, *scratch_of(state.grid), control, plain_physics(state.initial_K), PLAIN_PHASE,
    )  # fmt: skip
    return state


def equal_steps(dt_s: float) -> Accuracy:
    """Return an accuracy that takes steps of one length [s]."""
    return Accuracy(
        advance=NEVER_K, change=NEVER_K, growth=1.0, dt_min_s=dt_s, dt_max_s=dt_s, pulse_part=1.0, lag=0.0
    )
