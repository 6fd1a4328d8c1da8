"""A march cut where the kernel is called, so that many of them can be marched together.

`firing` does what `milia.engine.march` does, pulse by pulse, but hands out each call of the kernel instead
of making it. Whoever makes the calls, one by one or ten thousand at once, gets the same craters.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from milia.base import MiliaError
from milia.engine.grid import Array, Grid
from milia.engine.kernels import arrays
from milia.engine.measure import Crater, measure
from milia.engine.parameters import Parameters, branch_array
from milia.engine.solver import (
    COOL_DEGC,
    LONGEST_COOLING_S,
    Accuracy,
    _raise_if_failed,
    _rest,
    beam_spec,
    layout_of,
    scratch_of,
    wipe,
)
from milia.engine.state import State
from milia.laser import Beam, PulseTrain

ALWAYS = ("ledger", "active")  # small, and the host's business after every call
MEASURED = ("f.omega", "f.top", "f.surface")  # what `measure` looks at
EVERYTHING = tuple(f"f.{name}" for name in arrays.Fields._fields)


@dataclass(frozen=True)
class Span:
    """One call of the kernel.

    ``reads`` are the arrays, beyond `ALWAYS`, that are looked at once it is made; ``wrote`` those that
    were changed since the call before.
    """

    call: tuple[Any, ...]
    reads: tuple[str, ...] = ()
    wrote: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Member:
    """What became of one exposure: the crater after each pulse."""

    craters: tuple[Crater, ...]
    peak_degC: float
    steps: int


@lru_cache(maxsize=64)
def _spec(beam: Beam) -> tuple[Any, Array]:
    return beam_spec(beam)


@lru_cache(maxsize=64)
def _scratch(nr: int, nz: int) -> tuple[Any, ...]:
    # one for all members of a shape: whoever makes the calls has working memory of its own
    return scratch_of(Grid(np.arange(nr + 1.0), np.arange(nz + 1.0)))


def firing(
    state: State,
    beam: Beam,
    train: PulseTrain,
    parameters: Parameters,
    *,
    accuracy: Accuracy | None = None,
    enough: Callable[[Crater], bool] | None = None,
) -> Generator[Span, None, Member]:
    """Fire ``train`` at ``state`` (changed in place) as `march` does; yield each call of the kernel.

    Raises
    ------
    MiliaError
        When a call ended badly: no number, too many steps, or through the bottom of the tissue.
    """
    if train.pulses < 1 or train.passes < 1:
        raise MiliaError("a train needs at least one pulse and one pass")
    accuracy = accuracy or Accuracy()
    physics, phase = parameters.physics(state.initial_K), parameters.phase(state.initial_K)
    spec, table = _spec(beam)
    layout, scratch = layout_of(state.grid), _scratch(*state.grid.shape)
    cell_death, collagen = branch_array(parameters.cell_death), branch_array(parameters.collagen)
    control = accuracy.control()
    cool_rise = COOL_DEGC + 273.15 - state.initial_K
    power = train.pulse_energy_J / train.pulse_duration_s
    ramp = 1.0 if train.shape == "triangular" else 0.0
    craters: list[Crater] = []
    total = train.pulses * train.passes

    def call(until: float, begin: float, watts: float, stop_rise: float) -> tuple[Any, ...]:
        return (
            until, watts, ramp, begin, train.pulse_duration_s, stop_rise, layout, state.matter, state.fields,
            spec, table, cell_death, collagen, state.ledger, state.active, *scratch, control, physics, phase,
        )  # fmt: skip

    wrote: tuple[str, ...] = ()
    for shot in range(total):
        begin = state.time_s
        state.ledger[arrays.LAST_DT] = control.dt_min * 4.0
        yield Span(call(begin + train.pulse_duration_s, begin, power, -1e9), wrote=wrote)
        _raise_if_failed(state, accuracy)
        last_of_pass = (shot + 1) % train.pulses == 0
        rests = last_of_pass and shot + 1 < total
        reads = EVERYTHING if rests else MEASURED
        if last_of_pass:
            yield Span(call(begin + LONGEST_COOLING_S, begin, 0.0, cool_rise), reads)
        else:
            yield Span(call(begin + train.interval_s, begin, 0.0, -1e9), reads)
        _raise_if_failed(state, accuracy)
        craters.append(measure(state, living_omega=parameters.living_damage))
        if enough and enough(craters[-1]):
            break
        wrote = ()
        if rests:
            _rest(state)
            if train.wipe:
                wipe(state)
            wrote = EVERYTHING
    peak = float(state.ledger[arrays.PEAK_RISE]) + state.initial_K - 273.15
    return Member(tuple(craters), peak, state.steps)
