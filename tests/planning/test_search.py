"""Which settings are looked at: deliverable ones, near the balance of opening and harm."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.base import InputError
from milia.laser import Settings, device_from_mapping, devices
from milia.planning import Candidate, Evaluator, Goals, Stop, goals_for, make_scenarios
from milia.planning.evaluate import shot_of
from milia.planning.search import (
    best_of_each_spot,
    climb,
    deepest_inside,
    line_around,
    pulse_interval,
    rank,
    shots_for,
    slack,
    slacks,
    spots_for,
)

from .conftest import CASE, SURE, CaseMaker, Drill, _case

GOALS = goals_for(_case())


def candidate(
    p_open: float, p_harm: float, *, energy_mJ: float = 40.0, pulses: int = 1, spot: float = 5e-4
) -> Candidate:
    return Candidate(
        settings=Settings(
            pulse_energy_J=1e-3 * energy_mJ,
            pulse_duration_s=4e-4,
            spot_diameter_m=spot,
            pulses=pulses,
            interval_s=0.3,
            passes=1,
        ),
        p_open=p_open,
        p_harm=p_harm,
        p_open_range=(0.0, 1.0),
        p_harm_range=(0.0, 1.0),
        inside=p_open >= 0.8 and p_harm <= 0.1,
        scenarios=64,
        p_severe=0.0,
    )


@pytest.mark.parametrize("name", [device.name for device in devices()])
def test_every_shot_is_one_the_device_delivers(name: str) -> None:
    (laser,) = [device for device in devices() if device.name == name]
    for spot in laser.spot_diameters_m:
        line = shots_for(laser, spot)
        assert list(line) == sorted(line)
        assert len({shot.pulse_energy_J for shot in line}) == len(line)
        for shot in line:
            for pulses in range(1, min(3, laser.pulses_max) + 1):
                laser.check(
                    Settings(
                        pulse_energy_J=shot.pulse_energy_J,
                        pulse_duration_s=shot.pulse_duration_s,
                        spot_diameter_m=spot,
                        pulses=pulses,
                        interval_s=shot.interval_s,
                        passes=1,
                    )
                )
            shorter = [d for e, d in laser.deliverable() if e == shot.pulse_energy_J]
            assert shot.pulse_duration_s == min(shorter)


@pytest.mark.parametrize(
    ("intervals", "chosen"),
    [
        (["50 ms", "100 ms", "300 ms", "500 ms"], 0.3),
        (["50 ms", "200 ms", "300 ms"], 0.2),
        (["20 ms", "50 ms", "100 ms"], 0.1),
    ],
)
def test_the_heat_gets_time_to_go(intervals: list[str], chosen: float) -> None:
    laser = device_from_mapping({**SURE, "intervals": intervals})
    assert pulse_interval(laser, 0.05, 5e-4) == pytest.approx(chosen)


def test_average_power_may_ask_for_longer_intervals() -> None:
    laser = device_from_mapping({**SURE, "average_power_max": "0.2 W"})
    assert pulse_interval(laser, 0.05, 5e-4) == pytest.approx(0.3)
    assert pulse_interval(laser, 0.08, 8e-4) == pytest.approx(0.5)


def test_spots_suit_the_opening() -> None:
    laser = device_from_mapping({**SURE, "spot_diameters": [f"{d} um" for d in range(100, 1600, 100)]})
    spots = spots_for(laser, GOALS, 1e-3)
    assert spots == tuple(sorted(spots))
    assert 1 < len(spots) <= 6
    assert min(spots) >= 0.7 * GOALS.opening_m * (1 - 1e-9)
    assert max(spots) <= 2.6 * GOALS.opening_m * (1 + 1e-9)


def test_a_device_without_a_suiting_spot_is_tried_with_its_nearest() -> None:
    laser = device_from_mapping({**SURE, "spot_diameters": ["100 um", "150 um"]})
    assert spots_for(laser, GOALS, 1e-3) == (150e-6,)


def test_a_device_that_cannot_ablate_is_refused() -> None:
    laser = device_from_mapping({**SURE, "spot_diameters": ["9 mm"]})
    with pytest.raises(InputError, match="fluence between 2 and 300 J/cm²"):
        spots_for(laser, GOALS, 1e-3)


def test_slack_is_zero_on_the_edge_and_one_at_certainty() -> None:
    assert slacks(candidate(0.8, 0.1), GOALS) == pytest.approx((0.0, 0.0))
    assert slacks(candidate(1.0, 0.0), GOALS) == pytest.approx((1.0, 1.0))
    assert slacks(candidate(0.0, 1.0), GOALS) == pytest.approx((-1.0, -1.0))
    assert slack(candidate(0.9, 0.0), GOALS) == pytest.approx(0.5)
    assert slack(candidate(1.0, 0.55), GOALS) == pytest.approx(-0.5)


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from([20.0, 40.0]), st.integers(1, 3)),
        min_size=1,
        max_size=12,
    )
)
def test_the_choice_is_inside_and_nothing_inside_is_deeper(
    rows: list[tuple[float, float, float, int]],
) -> None:
    candidates = [candidate(o, h, energy_mJ=e, pulses=n) for o, h, e, n in rows]
    choice = deepest_inside(candidates, GOALS)
    inside = [c for c in candidates if c.inside]
    if choice is None:
        assert not inside
    else:
        assert choice.inside
        assert slack(choice, GOALS) >= max(slack(c, GOALS) for c in inside) - 1e-3
        assert rank(choice, GOALS) == min(rank(c, GOALS) for c in candidates)


def test_of_equals_fewer_pulses_then_less_energy() -> None:
    equals = [
        candidate(0.95, 0.02, energy_mJ=20, pulses=2),
        candidate(0.95, 0.02, energy_mJ=60, pulses=1),
        candidate(0.95, 0.02, energy_mJ=40, pulses=1),
    ]
    assert deepest_inside(equals, GOALS) == equals[2]


def test_best_of_each_spot() -> None:
    rows = [candidate(0.9, 0.0), candidate(0.5, 0.0, spot=6e-4), candidate(0.85, 0.0, energy_mJ=30)]
    rows.append(candidate(0.7, 0.0, spot=8e-4))
    spots = [shot.spot_diameter_m for shot in best_of_each_spot(rows, GOALS, 2)]
    assert spots == [5e-4, 8e-4]
    assert best_of_each_spot(rows, GOALS, 2)[0] == shot_of(rows[0])


def test_the_line_holds_the_neighbours_the_range_and_the_foot() -> None:
    laser = device_from_mapping(SURE)
    line = shots_for(laser, 0.5e-3)
    best = line[7]  # 45 mJ
    energies = [round(1e3 * shot.pulse_energy_J) for shot in line_around(laser, best)]
    assert energies == sorted(set(energies))
    assert {40, 45, 50} <= set(energies)
    assert min(energies) == 10
    assert max(energies) == 90
    ends = line_around(laser, line[0]), line_around(laser, line[-1])
    assert line[0] in ends[0]
    assert line[-1] in ends[1]


def scouted(
    drill: Drill, goals: Goals, changes: dict[str, Any], count: int = 16
) -> tuple[Evaluator, Evaluator]:
    """Return what climbing found, and all there is to find."""
    case = _case(**changes)
    skins = make_scenarios(case, goals, count=count, seed=0).items
    line = shots_for(case.device, 0.5e-3)
    climbed, everything = (
        Evaluator(case.device, skins, goals, 3, fire=drill, stop=stop) for stop in (Stop.HARMED, Stop.NEVER)
    )
    climb([line], climbed, count)
    everything.ensure(line, count)
    return climbed, everything


@settings(max_examples=12, deadline=None)
@given(
    depth_per_J=st.floats(1e-3, 2e-2),
    roof=st.integers(30, 180),
    p_open_min=st.sampled_from([0.7, 0.8, 0.9]),
    p_harm_max=st.sampled_from([0.01, 0.1, 0.2]),
)
def test_climbing_finds_the_best_energy_without_firing_them_all(
    depth_per_J: float, roof: int, p_open_min: float, p_harm_max: float
) -> None:
    goals = dataclasses.replace(GOALS, p_open_min=p_open_min, p_harm_max=p_harm_max)
    drill = Drill(depth_per_J)
    climbed, everything = scouted(drill, goals, {"roof": f"{roof} um ± {roof // 5} um"})
    best = min(everything.candidates(everything.counts), key=lambda c: rank(c, goals))
    found = min(climbed.candidates(climbed.counts), key=lambda c: rank(c, goals))
    assert slack(found, goals) == pytest.approx(slack(best, goals), abs=1e-3)
    assert len(climbed.counts) < len(everything.counts)


def test_climbing_fires_few(drill: Drill) -> None:
    climbed, everything = scouted(drill, GOALS, {})
    assert len(everything.counts) == 18
    assert len(climbed.counts) <= 11


def test_a_line_of_one_shot_is_fired(make_case: CaseMaker, drill: Drill) -> None:
    case = make_case()
    assert case.lesion.count == CASE["lesion"]["count"]
    skins = make_scenarios(case, GOALS, count=4, seed=0).items
    found = Evaluator(case.device, skins, GOALS, 3, fire=drill)
    only = shots_for(case.device, 0.5e-3)[:1]
    told: list[float] = []
    climb([only], found, 4, told.append)
    assert tuple(found.counts) == only
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_setting_that_stays_inside_a_step_both_ways_goes_before_a_deeper_one_on_the_edge() -> None:
    line = [
        candidate(0.50, 0.00, energy_mJ=30.0),
        candidate(0.82, 0.00, energy_mJ=40.0),
        candidate(0.88, 0.01, energy_mJ=50.0),
        candidate(0.99, 0.02, energy_mJ=60.0),
        candidate(1.00, 0.30, energy_mJ=70.0),
    ]
    assert slack(line[3], GOALS) > slack(line[2], GOALS)
    assert deepest_inside(line, GOALS) == line[2]
    # with the neighbour above gone bad, no setting is steady and the deepest is taken
    assert deepest_inside([line[1], line[3], line[4]], GOALS) == line[3]
    # neighbours at another spot or of another train do not count
    other = [dataclasses.replace(c, settings=dataclasses.replace(c.settings, pulses=2)) for c in line[:2]]
    assert deepest_inside([*other, line[2], line[3]], GOALS) == line[3]
    assert deepest_inside(line, GOALS, among=[line[1], line[3]]) == line[3]
