"""Choosing among counted settings, against losses worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from milia.planning import Evaluator, Shot, goals_for, make_scenarios
from milia.planning.decision import (
    Decision,
    Weights,
    choices,
    figures,
    loss,
    loss_table,
    pareto,
    tail_mean,
    weights,
)

from .conftest import CaseMaker, Drill

COST = Weights(harm=4.0, severe=10.0, wound=0.2, tail=0.25, evidence=())


def shot(energy_mJ: float, spot_m: float = 0.5e-3) -> Shot:
    return Shot(spot_m, 1e-3 * energy_mJ, 1e-5 * energy_mJ, 0.3)


@pytest.fixture
def counted(make_case: CaseMaker, drill: Drill) -> Evaluator:
    case = make_case()
    goals = goals_for(case)
    skins = make_scenarios(case, goals, count=64, seed=0).items
    found = Evaluator(case.device, skins, goals, pulses=2, fire=drill)
    found.ensure([shot(energy) for energy in range(20, 100, 10)], 64)
    return found


def test_loss_of_one_skin_by_hand(counted: Evaluator) -> None:
    skin = counted.scenarios[0]
    width = 0.2 * 0.5e-3 / skin.lateral_limit_m
    # 80 µm: closed; 160 µm: open and within the limit; 360 µm: open and deeper than the limit
    closed = counted.outcomes(shot(20))[0]
    opened = counted.outcomes(shot(40))[0]
    deep = counted.outcomes(shot(90))[0]
    assert not closed.opened[0]
    assert loss(closed, 1, skin, COST) == pytest.approx(1.0 - closed.opening[0] / skin.opening_goal_m + width)
    assert opened.opened[0]
    assert loss(opened, 1, skin, COST) == pytest.approx(width)
    beyond = 0.36e-3 / skin.depth_limit_m - 1.0
    assert 0.0 < beyond < 1.0
    assert loss(deep, 1, skin, COST) == pytest.approx(4.0 * beyond + width)
    # two pulses end 720 µm deep, past twice the limit and past the scar depth
    assert loss(deep, 2, skin, COST) == pytest.approx(4.0 + 10.0 + width)


def test_each_way_chooses_the_least_of_its_own_figure(counted: Evaluator) -> None:
    candidates = counted.candidates(sorted(counted.counts))
    table, share = loss_table(candidates, counted, COST)
    found = figures(table, share, COST)
    for one in choices(candidates, counted, counted.goals, cost=COST)[1:]:
        at = candidates.index(one.candidate)
        assert one.value == pytest.approx(found[one.decision].min())
        assert found[one.decision][at] == pytest.approx(one.value)
    by_chance = choices(candidates, counted, counted.goals, cost=COST)[0]
    assert by_chance.decision is Decision.CHANCE
    assert by_chance.candidate.inside


def test_costs_decide(make_case: CaseMaker, drill: Drill) -> None:
    case = make_case(roof="190 um ± 30 um")
    goals = goals_for(case)
    skins = make_scenarios(case, goals, count=64, seed=0).items
    found = Evaluator(case.device, skins, goals, pulses=1, fire=drill)
    found.ensure([shot(energy) for energy in range(20, 100, 5)], 64)
    candidates = found.candidates(sorted(found.counts))

    def expected(cost: Weights) -> float:
        made = {one.decision: one for one in choices(candidates, found, goals, cost=cost)}
        chosen = made[Decision.EXPECTED].candidate.settings
        return chosen.pulse_energy_J * chosen.pulses

    careless = Weights(harm=0.0, severe=0.0, wound=0.0, tail=0.1, evidence=())
    fearful = Weights(harm=100.0, severe=1000.0, wound=0.0, tail=0.1, evidence=())
    assert expected(careless) > expected(fearful)


def test_regret_is_nil_where_one_setting_is_best_everywhere() -> None:
    table = np.array([[1.0, 2.0, 3.0], [0.5, 1.0, 0.0], [2.0, 1.5, 1.0]])
    found = figures(table, np.full(3, 1 / 3), COST)
    assert found[Decision.REGRET][1] == 0.0
    assert found[Decision.REGRET][0] == 3.0
    assert found[Decision.WORST] == pytest.approx([3.0, 1.0, 2.0])
    assert found[Decision.EXPECTED] == pytest.approx([2.0, 0.5, 1.5])


@given(
    arrays(np.float64, st.integers(2, 40), elements=st.floats(0.0, 10.0)),
    st.floats(0.01, 1.0),
)
def test_the_tail_lies_between_mean_and_worst(values: np.ndarray, tail: float) -> None:
    share = np.full(len(values), 1.0 / len(values))
    found = tail_mean(values, share, tail)
    assert values.mean() - 1e-9 <= found <= values.max() + 1e-9
    assert tail_mean(values, share, 1.0) == pytest.approx(values.mean())


def test_tail_of_a_quarter_by_hand() -> None:
    assert tail_mean(np.array([1.0, 5.0, 3.0, 2.0]), np.full(4, 0.25), 0.5) == pytest.approx(4.0)
    assert tail_mean(np.array([1.0, 5.0, 3.0, 2.0]), np.full(4, 0.25), 0.375) == pytest.approx(
        (5.0 * 0.25 + 3.0 * 0.125) / 0.375
    )


def test_nothing_on_the_front_is_beaten(counted: Evaluator) -> None:
    candidates = counted.candidates(sorted(counted.counts))
    front = pareto(candidates, counted, counted.goals)
    opens = [candidate.p_open for candidate, _ in front]
    widths = [width for _, width in front]
    assert opens == sorted(set(opens))
    assert widths == sorted(widths)
    accepted = [c for c in candidates if c.p_harm <= counted.goals.p_harm_max and c.p_severe <= 0.02]
    assert max(opens) == max(c.p_open for c in accepted)


def test_the_costs_are_stated_preferences() -> None:
    stated = weights()
    assert stated.severe > stated.harm > 1.0 > stated.wound
    assert len(stated.evidence) == 4
