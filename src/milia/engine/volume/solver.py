"""Fire a scene spot by spot and let it cool: the three-dimensional counterpart of ``engine.solver``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from milia.base import MiliaError
from milia.engine.ensemble import workers
from milia.engine.exposure import Exposure
from milia.engine.kernels import arrays
from milia.engine.kernels.point import progress as way_out
from milia.engine.parameters import Parameters, branch_array
from milia.engine.reach import expected_reach
from milia.engine.solver import (
    COOL_DEGC,
    LONGEST_COOLING_S,
    SHALLOWEST_FRONT_M,
    Accuracy,
    History,
    beam_spec,
)
from milia.engine.volume.crew import Crew
from milia.engine.volume.failure import check_numbers
from milia.engine.volume.grid import VOLUME, VolumeRule, make_volume_grid
from milia.engine.volume.march import March
from milia.engine.volume.measure import Wound, measure_volume, quick_look
from milia.engine.volume.scene import Scene
from milia.engine.volume.source import Light, Pulse
from milia.engine.volume.state import VolumeState, initial_volume
from milia.knowledge import load_knowledge
from milia.laser import Beam, PulseTrain

MARGIN_COLUMNS = 2  # the first patch is so much wider than the light
FIRST_ROWS = 8
LIKELY_SHARE = 0.5  # of the depth that energy alone allows: a front that goes on meets wider rows


@dataclass(frozen=True)
class Look:
    """What is told of the crater after each shot [m]."""

    spot: int
    depth: float
    width: float


@dataclass(frozen=True, eq=False)
class VolumeRun:
    """What a march returns: the state it ended in, a look after each shot, and the wound at the end."""

    state: VolumeState
    looks: tuple[Look, ...]
    wound: Wound
    peak_degC: float
    history: History
    status: str
    steps: int


def shots_of(scene: Scene, train: PulseTrain) -> tuple[int, ...]:
    """Number of the spot of every shot: each pass fires the pattern once, ``train.pulses`` on each spot."""
    one_pass = [number for number in range(len(scene.spots)) for _ in range(train.pulses)]
    return tuple(one_pass * train.passes)


def start_volume(
    exposure: Exposure, scene: Scene, parameters: Parameters, *, rule: VolumeRule = VOLUME
) -> VolumeState:
    """Return the undisturbed tissue of a scene on a grid made for its spots and their energy."""
    beam, train = exposure.beam, exposure.train
    # spots that overlap dig as deep as so many pulses on one place
    shots = math.ceil(train.pulses * _overlap(scene, beam) - 1e-6)
    tissue = exposure.tissue
    if scene.lesions:
        tissue = replace(tissue, cyst=scene.lesions[0].cyst)
    deepest = expected_reach(replace(exposure, tissue=tissue, train=replace(train, pulses=shots)), parameters)
    thickness = sum(layer.thickness_m for layer in exposure.tissue.layers)
    grid = make_volume_grid(
        scene,
        beam.radius_m,
        max(LIKELY_SHARE * deepest, SHALLOWEST_FRONT_M),
        absorption_length=1.0 / parameters.water_absorption,
        rule=rule.deep(max(rule.depth.depth, thickness, deepest + rule.depth.margin)),
    )
    return initial_volume(
        exposure.tissue,
        grid,
        initial_K=exposure.initial_K,
        parameters=parameters,
        lesions=scene.lesions,
        water_scale=exposure.water_scale,
    )


def _overlap(scene: Scene, beam: Beam) -> float:
    """Fluence of all spots together over that of one, at the spot where it is highest."""
    x, y = np.array([spot.x_m for spot in scene.spots]), np.array([spot.y_m for spot in scene.spots])
    squares = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    return float(np.exp(-2.0 * squares / beam.radius_m**2).sum(axis=1).max())


def march_volume(
    state: VolumeState,
    scene: Scene,
    beam: Beam,
    train: PulseTrain,
    parameters: Parameters,
    *,
    accuracy: Accuracy | None = None,
    threads: int | None = None,
    multirate: bool = True,
    first: int = 0,
    last: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> VolumeRun:
    """Fire the shots of a scene at ``state`` (changed in place) and let it cool below 45 °C.

    Parameters
    ----------
    state
        As :func:`start_volume` made it, or as a run of the shots before ``first`` left it.
    scene, beam, train, parameters
        What is fired, where and at what.
    accuracy
        How finely time is cut.
    threads
        Threads that share the lines of the grid; the number changes no bit of the result.
    multirate
        Whether what is warm away from the lit spot may take longer steps.
    first, last
        Shots to fire, of :func:`shots_of`; the rest of a run can be fired later from the state.
    progress
        Called with the share done.
    """
    accuracy = accuracy or Accuracy()
    spec, _ = beam_spec(beam)
    physics = parameters.physics(state.initial_K)
    crew = Crew(
        state,
        physics,
        parameters.phase(state.initial_K),
        cell_death=branch_array(parameters.cell_death),
        collagen=branch_array(parameters.collagen),
        still_rise=accuracy.still_rise_K,
        edge=scene.edge,
        threads=threads or workers(),
    )
    marching = March(crew, accuracy, multirate=multirate)
    shots = shots_of(scene, train)
    if not shots:
        raise MiliaError("a train needs at least one pulse and one pass, and a pattern one spot")
    a_pass = len(shots) // train.passes
    cool_rise = COOL_DEGC + 273.15 - state.initial_K
    check_numbers(state, physics)
    looks: list[Look] = []
    times, hottest = [state.time_s], [state.initial_K - 273.15]

    def note() -> None:
        times.append(state.time_s)
        hottest.append(float(state.ledger[arrays.HOTTEST]) + state.initial_K - 273.15)

    try:
        for shot in range(first, len(shots) if last is None else last):
            if shot and shot % a_pass == 0:
                rest(state)
                if train.wipe:
                    wipe(state)
            begin = state.time_s
            pulse = Pulse(
                train.pulse_energy_J / train.pulse_duration_s, begin, train.pulse_duration_s,
                train.shape == "triangular",
            )  # fmt: skip
            light = Light(scene, shots[shot], pulse, spec, beam.order, state, parameters)
            state.box[4] = max(int(state.box[4]), FIRST_ROWS)
            sides = (MARGIN_COLUMNS,) * 4
            marching.open_patch(light.box.wider(sides, state.grid))
            marching.run(pulse.off, light)
            note()
            if (shot + 1) % a_pass == 0:
                marching.run(begin + LONGEST_COOLING_S, None, stop_rise=cool_rise)
            else:
                marching.run(begin + train.interval_s, None)
            note()
            check_numbers(state, physics)
            looks.append(Look(shots[shot], *quick_look(state, scene, shots[shot])))
            if progress:
                progress((shot + 1) / len(shots))
    finally:
        crew.close()
    return VolumeRun(
        state=state,
        looks=tuple(looks),
        wound=measure_volume(state, scene, living_omega=parameters.living_damage),
        peak_degC=float(state.ledger[arrays.PEAK_RISE]) + state.initial_K - 273.15,
        history=History(tuple(times), tuple(hottest)),
        status="complete",
        steps=state.steps,
    )


def rest(state: VolumeState) -> None:
    """Let the tissue come back to its initial temperature: what it still stored is conducted away."""
    state.ledger[arrays.LOST] += state.energy().stored
    state.fields.e[:] = 0.0
    state.fields.rise[:] = 0.0
    state.fields.before[:] = 0.0


def wipe(state: VolumeState) -> None:
    """Take the dried layer off each column's front; see ``engine.solver.wipe``."""
    f, water_0, grid = state.fields, state.matter.water_0, state.grid
    dried = load_knowledge().quantity("engine.wipe.water_share").si
    treated = np.argwhere((f.surface > 0.0) | (f.rise_max[:, :, 0] > 0.0))
    for i, j in treated:
        while f.top[i, j] < grid.shape[2] - 1:
            k = int(f.top[i, j])
            if water_0[i, j, k] <= 0.0 or f.water[i, j, k] > dried * water_0[i, j, k]:
                break
            state.ledger[arrays.REMOVED] += grid.area[i, j] * grid.dz[k] * f.e[i, j, k]
            f.e[i, j, k] = 0.0
            f.rise[i, j, k] = f.before[i, j, k] = 0.0
            f.resistance[i, j, k] = np.inf
            f.top[i, j] = k + 1
            f.surface[i, j] = grid.z[k + 1]
            f.begun[i, j] = way_out(f.water[i, j, k + 1], water_0[i, j, k + 1], f.spent[i, j, k + 1])
