"""Single pulses with a look after each, against closed forms, and what a plan makes of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from milia.laser import device
from milia.planning import (
    Evaluator,
    LaserPlan,
    Outcome,
    Scenario,
    Shot,
    Stop,
    fire_at,
    goals_for,
    make_scenarios,
    plan_laser,
)
from milia.planning.evaluate import shot_of
from milia.planning.find import Effort
from milia.planning.ladders import STEPS, ladders, ladders_around
from milia.planning.look import Look, stops, the_look
from milia.planning.scenarios import MOST_LOOKS
from milia.planning.search import shots_for

from .conftest import CaseMaker, Drill

COUNT = 1024
MOST = 6
ROOF = stats.norm(90e-6, 20e-6)
LIMIT = stats.norm(0.331 * 800e-6, 0.331 * 80e-6)
SAG = 0.5e-3 - (0.5e-3**2 - 0.15e-3**2) ** 0.5
SUPERPULSE = device("generic-superpulse-co2")
# roofs that differ too much for one setting in one go, in skin that a look can still spare
UNEVEN = {"roof": "140 um ± 80 um"}


def series(*energies_mJ: float) -> Shot:
    """Return single pulses of these energies in turn."""
    pulses = tuple((1e-3 * energy, 1e-5 * energy) for energy in energies_mJ)
    step = int(len(set(energies_mJ)) > 1)
    return Shot(0.5e-3, *pulses[0], 0.3, looked=True, step=step, ladder=pulses if step else ())


def evaluator(make_case: CaseMaker, drill: Drill, *, look: bool, count: int = COUNT) -> Evaluator:
    """Return what counts series in skins whose look errs as drawn, or never."""
    case = make_case()
    goals = goals_for(case)
    skins = make_scenarios(case, goals, count=count, seed=0).items
    sure = skins if look else [dataclasses.replace(skin, look=()) for skin in skins]
    return Evaluator(case.device, sure, goals, MOST, fire=drill, stop=Stop.LOOKED)


def closed_form(depths: Sequence[float], look: Look) -> tuple[float, float, float]:
    """Return p_open, p_harm and mean pulses; roof and limit are independent, the look's errors of both."""
    opens = [ROOF.cdf(depth - SAG) for depth in depths]
    first = np.diff([0.0, *opens, 1.0])
    p_open = p_harm = mean = 0.0
    for at, share in enumerate(first):
        going = 1.0
        for n, depth in enumerate(depths):
            seen = 1.0 - look.misses_open if n >= at else look.misses_closed
            stop = going if n == len(depths) - 1 else going * seen
            going -= stop
            p_open += share * stop * (n >= at)
            p_harm += share * stop * LIMIT.cdf(depth)
            mean += share * stop * (n + 1)
    return p_open, p_harm, mean


SERIES = [
    pytest.param((20.0,) * 6, id="stepwise"),
    pytest.param((45.0,), id="one pulse"),
    pytest.param((15.0, 5.0, 10.0, 10.0, 15.0, 20.0), id="any ladder"),
    pytest.param((10.0, 15.0, 20.0, 25.0, 30.0, 35.0), id="titrated"),
]


@pytest.mark.parametrize("errs", [False, True])
@pytest.mark.parametrize("energies_mJ", SERIES)
def test_a_series_does_what_the_closed_form_says(
    make_case: CaseMaker, drill: Drill, energies_mJ: tuple[float, ...], errs: bool
) -> None:
    found = evaluator(make_case, drill, look=errs)
    shot = series(*energies_mJ)
    found.ensure([shot], COUNT)
    for most in range(1, len(energies_mJ) + 1):
        depths = [drill.depth(1e-3 * total, 1) for total in np.cumsum(energies_mJ[:most])]
        p_open, p_harm, mean = closed_form(depths, the_look()[0] if errs else Look(0.0, 0.0))
        one = found.candidate(shot, most)
        assert shot_of(one) == shot
        assert one.p_open == pytest.approx(p_open, abs=0.012 if errs else 0.004)
        assert one.p_harm == pytest.approx(p_harm, abs=0.012 if errs else 0.006)
        fired = np.mean([min(row.fired, most) for row in found.outcomes(shot)])
        assert fired == pytest.approx(mean, abs=0.03 if errs else 0.01)


def test_one_go_and_stepwise_open_alike_and_the_look_spares(make_case: CaseMaker, drill: Drill) -> None:
    looked = evaluator(make_case, drill, look=False)
    at_once = Evaluator(looked.device, looked.scenarios, looked.goals, MOST, fire=drill)
    train = dataclasses.replace(series(15.0), looked=False)
    looked.ensure([series(*(15.0,) * 6)], COUNT)
    at_once.ensure([train], COUNT)
    stepwise, in_one_go = looked.candidate(series(*(15.0,) * 6), MOST), at_once.candidate(train, MOST)
    assert in_one_go.p_open == stepwise.p_open == pytest.approx(ROOF.cdf(360e-6 - SAG), abs=2 / COUNT)
    assert in_one_go.p_harm == pytest.approx(LIMIT.cdf(360e-6), abs=3 / COUNT)
    assert stepwise.p_harm < 0.01


def test_the_luck_of_looks_is_drawn_evenly_and_kept(make_case: CaseMaker) -> None:
    case = make_case()
    few, many, other = (
        make_scenarios(case, goals_for(case), count=count, seed=seed)
        for count, seed in ((8, 0), (1024, 0), (8, 1))
    )
    assert [skin.look for skin in few.items] == [skin.look for skin in many.items[:8]]
    assert few.items[0].look != other.items[0].look
    luck = np.array([skin.look for skin in many.items])
    assert luck.shape == (1024, MOST_LOOKS)
    assert the_look()[1] <= MOST_LOOKS
    np.testing.assert_allclose(luck.mean(axis=0), 0.5, atol=0.04)
    share = np.mean([[stops(True, value, Look(0.1, 0.05)) for value in row] for row in luck.tolist()])
    assert share == pytest.approx(0.9, abs=0.01)
    share = np.mean([[stops(False, value, Look(0.1, 0.05)) for value in row] for row in luck.tolist()])
    assert share == pytest.approx(0.05, abs=0.01)


def test_every_ladder_is_one_the_device_climbs() -> None:
    line = shots_for(SUPERPULSE, 0.5e-3)
    energies = [shot.pulse_energy_J for shot in line]
    for step in STEPS:
        for at, shot in enumerate(ladders(SUPERPULSE, 0.5e-3, step, 8)):
            climbed = [shot.pulse(number) for number in range(8)]
            places = [energies.index(energy) for energy, _ in climbed]
            assert places[0] == at
            assert all(b - a == step or b == len(line) - 1 for a, b in pairwise(places))
            assert all(pulse in SUPERPULSE.deliverable() for pulse in climbed)
            assert shot.pulse(99) == climbed[-1]
            assert bool(shot.ladder) is (step > 0)
    around = ladders_around(SUPERPULSE, ladders(SUPERPULSE, 0.5e-3, 1, 8)[6], 8)
    assert [shot.pulse_energy_J for shot in around] == energies[4:9]
    assert {shot.step for shot in around} == {1}


@pytest.fixture(scope="module")
def uneven(make_case: CaseMaker) -> LaserPlan:
    return plan_laser(make_case(**UNEVEN), fire=Drill())


def test_a_series_is_recommended_where_nothing_in_one_go_is(uneven: LaserPlan) -> None:
    assert not any(point.inside for point in uneven.points if not point.looked)
    chosen, said = uneven.recommended, uneven.strategy
    assert chosen is not None
    assert said is not None
    assert chosen.looked
    assert chosen.inside
    assert chosen.scenarios == 256
    data = uneven.to_dict()
    assert data["window"]["exists"]
    assert data["settings"]["pulses"] == 1
    assert data["settings"]["pulse_energy_mJ"] == said["pulses"][0]["pulse_energy_mJ"]
    assert said["name"] == chosen.strategy in ("stepwise", "titrated")
    assert len(said["pulses"]) == said["most_pulses"] == chosen.settings.pulses <= the_look()[1]
    assert 1.0 < said["mean_pulses"] < said["most_pulses"]
    assert f"at the latest after {said['most_pulses']} pulses" in uneven.reasons[0]
    assert uneven.reasons[1].startswith("No setting in one go")
    best = [row for row in uneven.strategies if row["best"]]
    assert [row["name"] for row in best] == [chosen.strategy]
    assert (best[0]["p_open"], best[0]["p_harm"]) == (round(chosen.p_open, 4), round(chosen.p_harm, 4))
    assert best[0]["against_one_go"]["less_p_harm"] >= -chosen.p_harm


def test_curve_margin_and_table_are_those_of_the_series(uneven: LaserPlan) -> None:
    chosen, curve = uneven.recommended, uneven.response
    assert chosen is not None
    assert curve["strategy"] == chosen.strategy
    (here,) = [point for point in curve["points"] if point["x"] == curve["recommended"]]
    assert (here["p_open"], here["p_harm"]) == (round(chosen.p_open, 4), round(chosen.p_harm, 4))
    assert uneven.margin is not None
    assert uneven.margin["lowest_mJ"] <= here["x"] <= uneven.margin["highest_mJ"]
    row = uneven.pulses[chosen.settings.pulses - 1]
    assert (row["p_open"], row["p_harm"]) == (here["p_open"], here["p_harm"])
    harm = {limit["name"]: limit for limit in uneven.limits}["depth"]
    assert harm["p_stop"] == pytest.approx(chosen.p_harm, abs=1e-4)


def test_a_plan_with_looks_is_the_same_twice(make_case: CaseMaker, uneven: LaserPlan) -> None:
    again = plan_laser(make_case(**UNEVEN), fire=Drill())
    assert json.dumps(again.to_dict()) == json.dumps(uneven.to_dict())
    assert again.reasons == uneven.reasons


def test_looks_are_left_out_where_asked(make_case: CaseMaker) -> None:
    made = plan_laser(make_case(**UNEVEN), fire=Drill(), effort=Effort(looked=False))
    assert made.recommended is None
    assert not any(point.looked for point in made.points)


def skin_of(make_case: CaseMaker) -> Scenario:
    case = make_case(device="generic-superpulse-co2")
    return make_scenarios(case, goals_for(case), count=2, seed=0).central


def fired(make_case: CaseMaker, shot: Shot, *, look: tuple[float, ...] = ()) -> Outcome:
    skin = dataclasses.replace(skin_of(make_case), look=look)
    return fire_at(shot, skin, SUPERPULSE, pulses=6, stop=Stop.LOOKED)


def test_the_engine_fires_into_the_crater_of_the_pulses_before(make_case: CaseMaker) -> None:
    titrated = ladders(SUPERPULSE, 0.5e-3, 2, 6)[7]
    row = fired(make_case, titrated)
    assert 1 < row.fired < 6
    assert row.opened[row.fired - 1]
    assert not row.opened[: row.fired - 1].any()
    depths = row.depth[: row.fired]
    assert np.all(np.diff(depths) > 0.0)
    single = fired(make_case, series(1e3 * titrated.pulse(row.fired - 1)[0]))
    assert single.depth[0] < depths[-1]


def test_a_ladder_of_equal_rungs_is_the_same_pulse_again(make_case: CaseMaker) -> None:
    plain = Shot(0.5e-3, 30e-3, 125e-6, 0.2, looked=True)
    rungs = dataclasses.replace(plain, step=1, ladder=((30e-3, 125e-6),) * 6)
    np.testing.assert_array_equal(fired(make_case, plain).depth, fired(make_case, rungs).depth)


def test_a_look_that_misses_costs_a_needless_pulse(make_case: CaseMaker) -> None:
    shot = Shot(0.5e-3, 30e-3, 125e-6, 0.2, looked=True)
    right = fired(make_case, shot)
    blind = fired(make_case, shot, look=(0.0,) * 6)  # closed is taken for open, and pressing does not tell
    late = fired(make_case, shot, look=(0.5,) * (right.fired - 1) + (0.01, 0.5, 0.5))
    assert blind.fired == 1
    assert not blind.opened[-1]
    assert late.fired == right.fired + 1
    assert late.depth[-1] > right.depth[-1]
