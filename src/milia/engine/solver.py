"""March one exposure from the first pulse to cold tissue, and keep what each pulse did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from milia.base import MiliaError
from milia.engine.exposure import Exposure
from milia.engine.failure import cause, check_numbers
from milia.engine.grid import FINE, Array, Grid, GridRule, make_grid
from milia.engine.kernels import arrays, light, reading, step
from milia.engine.kernels.heat import LANES
from milia.engine.kernels.point import Physics
from milia.engine.measure import Crater, measure
from milia.engine.parameters import Parameters, branch_array
from milia.engine.reach import expected_reach
from milia.engine.state import State, initial_state
from milia.knowledge import load_knowledge
from milia.laser import Beam, Profile, PulseTrain

COOL_DEGC = 45.0
LONGEST_COOLING_S = 60.0


@dataclass(frozen=True)
class Accuracy:
    """How finely time is cut; the defaults hold crater depth and damage within 2 % of halved steps."""

    advance: float = 0.35
    change: float = 0.15
    growth: float = 1.4
    dt_min_s: float = 2e-7
    dt_max_s: float = 0.05
    still_rise_K: float = 0.02
    pulse_part: float = 0.05
    lag: float = 0.15
    max_steps: int = 400_000

    def control(self) -> arrays.Control:
        return arrays.Control(
            self.advance,
            self.change,
            self.growth,
            self.dt_min_s,
            self.dt_max_s,
            self.still_rise_K,
            self.pulse_part,
            self.lag,
            self.max_steps,
        )

    def finer(self, factor: float = 2.0) -> Accuracy:
        """Return the same with steps cut ``factor`` times finer."""
        return Accuracy(
            self.advance / factor,
            self.change / factor,
            1.0 + (self.growth - 1.0) / factor,
            self.dt_min_s / factor,
            self.dt_max_s,
            self.still_rise_K,
            self.pulse_part / factor,
            self.lag / factor,
            int(self.max_steps * factor * 2),
        )


QUICK = Accuracy(
    advance=0.5, change=0.5, growth=1.8, dt_min_s=5e-7, still_rise_K=0.1, pulse_part=1.0, lag=0.3
)


@dataclass(frozen=True)
class History:
    """Hottest temperature at the end of each recorded span."""

    time_s: tuple[float, ...]
    hottest_degC: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Run:
    """What a march returns: the state it ended in and the crater after each pulse."""

    state: State
    craters: tuple[Crater, ...]
    peak_degC: float
    history: History
    status: str
    steps: int
    warnings: tuple[str, ...] = field(default=())


MESSAGES = {
    arrays.NOT_FINITE: "the temperature stopped being a number in cell (column {i}, row {k}), at {t:.6g} s",
    arrays.TOO_MANY_STEPS: (
        "more than {n} time steps were needed by {t:.6g} s; use fewer pulses or a coarser accuracy"
    ),
    arrays.GRID_EXHAUSTED: (
        "the crater went through the bottom of the domain, {d:.3g} mm deep, at {t:.6g} s; give deeper tissue"
    ),
}


def beam_spec(beam: Beam) -> tuple[light.BeamSpec, Array]:
    """Return the beam as the kernel reads it, and the encircled power of a profile without a formula."""
    profile = {Profile.GAUSSIAN: light.GAUSSIAN, Profile.TOP_HAT: light.TOP_HAT}.get(
        beam.profile, light.TABLE
    )
    table = np.zeros(2)
    if profile == light.TABLE:
        table = np.asarray(beam.encircled(np.linspace(0.0, light.TABLE_END, 4001) * beam.radius_m))
    rayleigh = np.pi * beam.radius_m**2 / (beam.m2 * beam.wavelength_m)
    return light.BeamSpec(profile, beam.radius_m, float(rayleigh), beam.focus_offset_m), table


def layout_of(grid: Grid) -> arrays.Layout:
    """Return the grid as the kernel reads it."""
    return arrays.Layout(grid.r, grid.dr, grid.ring, grid.z, grid.dz)


def scratch_of(grid: Grid) -> tuple[Array, Array, Array, Array, Array, arrays.Whole]:
    """Return the working memory of a march: sweeps along z and r, light, sources, shares, what leaves."""
    nr, nz = grid.shape
    return (
        np.zeros((9, nz + 1, LANES)),
        np.zeros((7, nr + 1, nz)),
        np.zeros((nr, nz)),
        np.zeros((nr, nz)),
        np.zeros(nr),
        np.full(nr, -1, dtype=np.int64),
    )


# how deep damage is expected at least, for the grid's sake
SHALLOWEST_FRONT_M = 150e-6


def start(exposure: Exposure, parameters: Parameters, *, rule: GridRule = FINE) -> State:
    """Return the undisturbed tissue of an exposure on a grid made for its beam and energy."""
    beam = exposure.beam
    thickness = sum(layer.thickness_m for layer in exposure.tissue.layers)
    grid = make_grid(
        beam.radius_m,
        max(expected_reach(exposure, parameters), SHALLOWEST_FRONT_M),
        absorption_length=1.0 / parameters.water_absorption,
        rule=replace(rule, depth=max(rule.depth, thickness)),
    )
    return initial_state(
        exposure.tissue,
        grid,
        initial_K=exposure.initial_K,
        water_scale=exposure.water_scale,
        parameters=parameters,
    )


def march(
    state: State,
    beam: Beam,
    train: PulseTrain,
    parameters: Parameters,
    *,
    accuracy: Accuracy | None = None,
    progress: Callable[[float], None] | None = None,
    enough: Callable[[Crater], bool] | None = None,
    observe: Callable[[State], None] | None = None,
) -> Run:
    """Fire ``train`` at ``state`` (changed in place) and let it cool below 45 °C.

    The crater is measured after each pulse, at the end of its interval or when cold. ``enough``
    may end the train early; between passes the tissue cools and, if the train says so, is wiped.
    ``observe`` is shown the state after every time step; that changes no bit of the answer.
    """
    if train.pulses < 1 or train.passes < 1:
        raise MiliaError("a train needs at least one pulse and one pass")
    accuracy = accuracy or Accuracy()
    physics, phase = parameters.physics(state.initial_K), parameters.phase(state.initial_K)
    spec, table = beam_spec(beam)
    layout, scratch = layout_of(state.grid), scratch_of(state.grid)
    cell_death, collagen = branch_array(parameters.cell_death), branch_array(parameters.collagen)
    control = accuracy.control()
    cool_rise = COOL_DEGC + 273.15 - state.initial_K
    power = train.pulse_energy_J / train.pulse_duration_s
    ramp = 1.0 if train.shape == "triangular" else 0.0
    craters: list[Crater] = []
    times, hottest = [state.time_s], [state.initial_K - 273.15]
    total = train.pulses * train.passes
    check_numbers(state)

    def advance(until: float, begin: float, watts: float, stop_rise: float) -> None:
        def stretch(tissue: State, limit: arrays.Control, power_W: float, law: Physics) -> None:
            step.march(
                until, power_W, ramp, begin, train.pulse_duration_s, stop_rise, layout, tissue.matter,
                tissue.fields, spec, table, cell_death, collagen, tissue.ledger, tissue.active, *scratch,
                limit, law, phase,
            )  # fmt: skip

        def again(tissue: State, most: int, lit: bool, law: Physics) -> None:
            stretch(tissue, control._replace(max_steps=most), watts if lit else 0.0, law)

        before = state.copy()
        going = True
        while going:
            stretch(state, control if observe is None else _one_more_step(control, state), watts, physics)
            going = observe is not None and _only_paused(control, state)
            if observe is not None:
                observe(state)
        times.append(state.time_s)
        hottest.append(float(state.ledger[arrays.HOTTEST]) + state.initial_K - 273.15)
        failed = int(state.ledger[arrays.STATUS]) == arrays.NOT_FINITE
        _raise_if_failed(state, accuracy, cause(before, state, physics, again) if failed else "")

    for shot in range(total):
        begin = state.time_s
        state.ledger[arrays.LAST_DT] = control.dt_min * 4.0
        advance(begin + train.pulse_duration_s, begin, power, -1e9)
        last_of_pass = (shot + 1) % train.pulses == 0
        if last_of_pass:
            advance(begin + LONGEST_COOLING_S, begin, 0.0, cool_rise)
        else:
            advance(begin + train.interval_s, begin, 0.0, -1e9)
        craters.append(measure(state, living_omega=parameters.living_damage))
        if progress:
            progress((shot + 1) / total)
        if enough and enough(craters[-1]):
            break
        if last_of_pass and shot + 1 < total:
            _rest(state)
            if train.wipe:
                wipe(state)
    return Run(
        state=state,
        craters=tuple(craters),
        peak_degC=float(state.ledger[arrays.PEAK_RISE]) + state.initial_K - 273.15,
        history=History(tuple(times), tuple(hottest)),
        status="complete",
        steps=state.steps,
    )


def _one_more_step(control: arrays.Control, state: State) -> arrays.Control:
    """Return a control under which the kernel hands back after one step; nothing else in it differs."""
    return control._replace(max_steps=min(control.max_steps, state.steps + 1))


def _only_paused(control: arrays.Control, state: State) -> bool:
    """Whether the kernel stopped for the observer alone; if so, let it go on."""
    if int(state.ledger[arrays.STATUS]) != arrays.TOO_MANY_STEPS or state.steps >= control.max_steps:
        return False
    state.ledger[arrays.STATUS] = arrays.DONE
    return True


def _raise_if_failed(state: State, accuracy: Accuracy, why: str = "") -> None:
    status = int(state.ledger[arrays.STATUS])
    if status == arrays.DONE:
        check_numbers(state)
    else:
        text = MESSAGES[status].format(
            i=int(state.ledger[arrays.BAD_I]),
            k=int(state.ledger[arrays.BAD_K]),
            t=state.time_s,
            n=accuracy.max_steps,
            d=1e3 * state.grid.z[-1],
        )
        raise MiliaError(f"the simulation stopped: {text}{f'; the cause is {why}' if why else ''}")


def _rest(state: State) -> None:
    """Let the tissue come back to its initial temperature: what it still stored is conducted away."""
    state.ledger[arrays.LOST] += float((state.volumes() * state.fields.e).sum())
    state.fields.e[:] = 0.0
    state.fields.rise[:] = 0.0
    state.fields.before[:] = 0.0


def wipe(state: State) -> None:
    """Take the dried layer off each column's front, as a moist swab does between passes.

    Only cells with less of their water than ``engine.wipe.water_share`` go (Ross et al. 1999 found that a
    desiccated layer left in place makes later passes deeper and more variable).
    """
    dried = load_knowledge().quantity("engine.wipe.water_share").si
    reading.wipe(layout_of(state.grid), state.matter, state.fields, state.ledger, dried)
