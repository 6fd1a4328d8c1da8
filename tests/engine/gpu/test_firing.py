"""A march that is cut at its kernel calls gives the bits of one that is not."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from milia.engine import Crater, Exposure, Parameters, march, start
from milia.engine.gpu.batch import kernel_arguments
from milia.engine.gpu.firing import ALWAYS, EVERYTHING, MEASURED, Member, firing
from milia.engine.gpu.packing import flat
from milia.engine.kernels import step
from milia.engine.measure import measure


def march_cut(
    exposure: Exposure,
    parameters: Parameters,
    tiny: ModuleType,
    enough: Callable[[Crater], bool] | None = None,
) -> Member:
    """Make every call that a firing asks for with the processor's kernel."""
    state = start(exposure, parameters, rule=tiny.RULE)
    going = firing(state, exposure.beam, exposure.train, parameters, accuracy=tiny.ACCURACY, enough=enough)
    while True:
        try:
            span = next(going)
        except StopIteration as end:
            member: Member = end.value
            return member
        step.march(*span.call)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("stops", [False, True])
def test_same_bits_as_march(tiny: ModuleType, which: int, stops: bool) -> None:
    exposures, each = tiny.tiny()
    exposure, parameters = exposures[which], each[which]
    enough = (lambda crater: crater.depth > 0.0) if stops else None
    run = march(
        start(exposure, parameters, rule=tiny.RULE),
        exposure.beam,
        exposure.train,
        parameters,
        accuracy=tiny.ACCURACY,
        enough=enough,
    )
    whole = Member(run.craters, run.peak_degC, run.steps)
    cut = march_cut(exposure, parameters, tiny, enough)
    assert len(cut.craters) == (1 if stops else 2)
    assert tiny.numbers(cut) == tiny.numbers(whole)


def test_measuring_looks_at_nothing_that_is_not_read_back(tiny: ModuleType) -> None:
    exposures, each = tiny.tiny()
    exposure, parameters = exposures[1], each[1]
    run = march(
        start(exposure, parameters, rule=tiny.RULE),
        exposure.beam,
        exposure.train,
        parameters,
        accuracy=tiny.ACCURACY,
    )
    state = run.state
    for name in EVERYTHING:
        if name not in MEASURED:
            getattr(state.fields, name.removeprefix("f.")).fill(np.nan)
    again = measure(state, living_omega=parameters.living_damage)
    assert again.depth > 0.0
    assert tiny.numbers(Member((again,), 0.0, 0)) == tiny.numbers(Member(run.craters[-1:], 0.0, 0))


def test_what_is_read_back_exists_and_what_is_changed_was_read(tiny: ModuleType) -> None:
    exposures, each = tiny.tiny()
    exposure = exposures[0]
    state = start(exposure, each[0], rule=tiny.RULE)
    reads: tuple[str, ...] = ()
    spans = 0
    going = firing(state, exposure.beam, exposure.train, each[0], accuracy=tiny.ACCURACY)
    for span in going:
        spans += 1
        assert {*ALWAYS, *span.reads, *span.wrote} <= set(flat(kernel_arguments(), span.call))
        assert set(span.wrote) <= set(reads)
        reads = span.reads
        step.march(*span.call)
    assert spans == 4
    assert np.isfinite(state.fields.omega).all()
