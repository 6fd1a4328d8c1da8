"""What happened during an exposure: followed without touching it, and told as labelled arrays."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.base import InputError, MiliaError
from milia.engine import Exposure, Grid, Run, Simulation, State, march, nominal_parameters, simulate, start
from milia.engine.history import _Probe, replay, shots
from milia.engine.linear import plain_state

TRAIN: dict[str, Any] = {
    "tissue": {"site": "cheek"},
    "laser": {
        "wavelength": "10.6 um",
        "spot_diameter": "120 um",
        "profile": "gaussian",
        "pulse_energy": "6 mJ",
        "pulse_duration": "1 ms",
        "pulses": 3,
        "interval": "20 ms",
    },
    "initial_temperature": "33 degC",
}


@pytest.fixture(scope="module")
def done() -> Simulation:
    return simulate(TRAIN)


def fired(made: Simulation, **hooks: Any) -> Run:
    spec = made.exposure
    exposure = Exposure(spec.tissue, spec.beam, spec.train, spec.initial_temperature_K)
    state = start(exposure, made.parameters)
    return march(state, spec.beam, spec.train, made.parameters, **hooks)


def test_watching_changes_no_bit(done: Simulation) -> None:
    seen: list[float] = []
    watched = fired(done, observe=lambda state: seen.append(state.time_s))
    alone = fired(done)
    np.testing.assert_array_equal(watched.state.ledger, alone.state.ledger)
    for one, other in zip(watched.state.fields, alone.state.fields, strict=True):
        np.testing.assert_array_equal(one, other)
    assert watched.history == alone.history
    assert len(seen) == watched.steps
    assert seen == sorted(set(seen))


def test_a_run_that_needs_too_many_steps_fails_while_watched(done: Simulation) -> None:
    from milia.engine import Accuracy

    with pytest.raises(MiliaError, match="more than 30 time steps"):
        fired(done, observe=lambda _: None, accuracy=Accuracy(max_steps=30))


def test_history_is_that_of_the_numbers(done: Simulation) -> None:
    data = done.history()
    assert data.sizes["elapsed_time"] == done.run.steps + 1
    time = data.elapsed_time.values
    assert time[0] == 0.0
    assert time[-1] == done.run.state.time_s
    assert bool((np.diff(time) > 0.0).all())
    assert float(data.hottest_temperature.max()) == pytest.approx(done.run.peak_degC)
    assert bool((data.floor_temperature <= data.hottest_temperature.max()).all())
    depth = data.crater_depth.values
    assert depth[0] == 0.0
    assert depth[-1] == done.crater.depth
    assert bool((np.diff(depth) >= 0.0).all())
    for variable in data.variables.values():
        assert variable.attrs["units"] in {"s", "m", "degC"}
        assert variable.attrs["long_name"]


def test_the_clock_of_the_pulses(done: Simulation) -> None:
    found = shots(done.run)
    assert [shot.number for shot in found] == [1, 2, 3]
    for number, shot in enumerate(found):
        assert shot.on_s == pytest.approx(20e-3 * number)
        assert shot.off_s - shot.on_s == pytest.approx(1e-3)
    assert found[-1].end_s == done.run.state.time_s


def test_every_pulse_heats_the_floor(done: Simulation) -> None:
    data = done.history()
    time, floor = data.elapsed_time.values, data.floor_temperature.values
    for shot in shots(done.run):
        during = (time > shot.on_s) & (time <= shot.off_s)
        before = floor[time <= shot.on_s][-1]
        after = floor[time <= shot.end_s][-1]
        assert floor[during].max() > max(before, after) + 50.0


def test_a_point_is_followed_until_it_goes(done: Simulation) -> None:
    deep = 1e6 * done.crater.depth
    data = done.history(points_um=[(0.0, 40.0), (0.0, deep + 60.0)])
    assert float(data.point_z[0]) == pytest.approx(40e-6)
    removed, spared = data.point_temperature.values.T
    gone = np.isnan(removed)
    assert not gone[0]
    assert gone[-1]
    assert bool((np.diff(gone.astype(int)) >= 0).all())  # once gone, for good
    first = int(np.argmax(gone))
    assert data.crater_depth.values[first] > 40e-6
    assert data.crater_depth.values[first - 1] <= 45e-6
    assert not np.isnan(spared).any()
    assert 35.0 < spared.max() < 200.0


def test_a_point_at_the_centre_of_a_cell_has_its_temperature(done: Simulation) -> None:
    grid, fields = done.run.state.grid, done.run.state.fields
    cells = [(3, int(fields.top[3]) + 8), (20, 60), (grid.shape[0] - 1, grid.shape[1] - 1)]
    points = [(1e6 * float(grid.r_mid[i]), 1e6 * float(grid.z_mid[k])) for i, k in cells]
    last = done.history(points_um=points).point_temperature.values[-1]
    expected = [fields.rise[i, k] + done.run.state.initial_K - 273.15 for i, k in cells]
    np.testing.assert_allclose(last, expected, rtol=1e-9)


@settings(max_examples=40)
@given(r=st.floats(0.0, 499.0), z=st.floats(0.0, 999.0), slope=st.tuples(st.floats(-5, 5), st.floats(-5, 5)))
def test_between_centres_a_point_is_interpolated(r: float, z: float, slope: tuple[float, float]) -> None:
    grid = Grid(np.geomspace(1.0, 1.5, 30) * 1e-3 - 1e-3, np.linspace(0.0, 1e-3, 21))
    rise = 40.0 + slope[0] * 1e4 * grid.r_mid[:, None] + slope[1] * 1e4 * grid.z_mid[None, :]
    state: State = plain_state(grid, conductivity=0.4, heat_capacity=3.7e6, rise=rise)
    # beyond the outermost centres the nearest one counts
    at_r = np.clip(1e-6 * r, grid.r_mid[0], grid.r_mid[-1])
    at_z = np.clip(1e-6 * z, grid.z_mid[0], grid.z_mid[-1])
    expected = 40.0 + slope[0] * 1e4 * at_r + slope[1] * 1e4 * at_z
    assert _Probe.at(grid, (r, z)).rise(state) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("point", [(-1.0, 10.0), (10.0, -1.0), (0.0, 1e6), (1e6, 0.0), (float("nan"), 1.0)])
def test_a_point_outside_is_refused(done: Simulation, point: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="not in the tissue"):
        done.history(points_um=[point])


def test_passes_and_wiping_are_fired_again_alike() -> None:
    made = copy.deepcopy(TRAIN)
    made["laser"].update(pulses=1, passes=2, wipe=True)
    done = simulate(made)
    data = done.history()
    assert float(data.crater_depth[-1]) == done.crater.depth
    assert len(shots(done.run)) == 2


def test_another_exposure_is_not_told_as_this_one(done: Simulation) -> None:
    other = nominal_parameters().with_values({"conductivity_scale": 1.3})
    with pytest.raises(MiliaError, match="another way"):
        replay(replace(done, parameters=other), lambda _: None)


def test_progress_of_the_second_firing(done: Simulation) -> None:
    told: list[float] = []
    replay(done, lambda _: None, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
