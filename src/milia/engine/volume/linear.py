"""Problems with exact answers in three dimensions: plain matter without water, boiling, ablation or losses.

The counterpart of :mod:`milia.engine.linear`: the kernels and the march are those of a whole exposure.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from milia.engine.kernels import arrays
from milia.engine.linear import NEVER_K, NO_DAMAGE, PLAIN_PHASE, plain_physics
from milia.engine.parameters import nominal_parameters
from milia.engine.solver import Accuracy, beam_spec
from milia.engine.volume.boxes import Box
from milia.engine.volume.crew import EXPLICIT_STEPS, Crew
from milia.engine.volume.grid import VolumeGrid
from milia.engine.volume.march import March
from milia.engine.volume.scene import Scene
from milia.engine.volume.source import Light, Pulse
from milia.engine.volume.state import MISSED, VolumeState
from milia.laser import Beam

Array = NDArray[np.float64]


def plain_volume(
    grid: VolumeGrid,
    *,
    conductivity: float | Array,
    heat_capacity: float | Array,
    absorption: float | Array = 0.0,
    rise: float | Array = 0.0,
    initial_K: float = 300.0,
) -> VolumeState:
    """Return matter at rest, or with an initial ``rise``, whose every cell takes part.

    Parameters
    ----------
    grid
        Cells; all walls are insulated.
    conductivity, heat_capacity, absorption
        k [W/m/K], ρc [J/m³/K] and µ [1/m], one number or anything that broadcasts to [nx, ny, nz].
    rise
        Initial temperature above ``initial_K`` [K], likewise.
    initial_K
        Temperature from which rises count [K].
    """

    def spread(values: float | Array) -> Array:
        # the compiled kernels know arrays in C order only
        return np.array(np.broadcast_to(np.asarray(values, dtype=float), grid.shape), order="C")

    nothing = np.zeros(grid.shape)
    columns = grid.shape[:2]
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
        top=np.zeros(columns, dtype=np.int64),
        surface=np.zeros(columns),
        begun=np.zeros(columns),
    )
    nx, ny, nz = grid.shape
    return VolumeState(
        grid=grid,
        matter=arrays.Matter(nothing.copy(), heat, spread(conductivity), spread(absorption), nothing.copy()),
        living=nothing.copy(),
        fields=fields,
        ledger=np.zeros(MISSED + 1),
        box=np.array([0, nx, 0, ny, nz], dtype=np.int64),
        initial_K=initial_K,
    )


def march_plain_volume(
    state: VolumeState,
    until_s: float,
    *,
    scene: Scene | None = None,
    beam: Beam | None = None,
    power_W: float = 0.0,
    accuracy: Accuracy | None = None,
    explicit_steps: int = EXPLICIT_STEPS,
    threads: int = 1,
) -> VolumeState:
    """March ``state`` (changed in place) to a time under steady light; without a beam it only conducts.

    The beam is collimated and everything that arrives is absorbed. ``explicit_steps`` of 0 takes line solves
    however short a step is.
    """
    accuracy = accuracy or Accuracy()
    scene = scene or Scene()
    crew = Crew(
        state,
        plain_physics(state.initial_K),
        PLAIN_PHASE,
        cell_death=NO_DAMAGE,
        collagen=NO_DAMAGE,
        still_rise=0.0,
        threads=threads,
        explicit_steps=explicit_steps,
    )
    marching = March(crew, replace(accuracy, still_rise_K=NEVER_K))
    nx, ny, _ = state.grid.shape
    light = None
    if beam:
        spec, _ = beam_spec(beam)
        clear = nominal_parameters().with_values({"refractive_index": 1.0, "extinction": 0.0})
        pulse = Pulse(power_W, state.time_s, until_s - state.time_s)
        light = Light(scene, 0, pulse, spec._replace(rayleigh=0.0), beam.order, state, clear)
    try:
        marching.open_patch(Box(0, nx, 0, ny))
        marching.run(until_s, light)
    finally:
        crew.close()
    return state
