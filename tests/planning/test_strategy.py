"""Firing one at a time and looking, against chances known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from milia.planning import Evaluator, Shot, Stop, fire_at, goals_for, make_scenarios
from milia.planning.look import Look, stopping
from milia.planning.strategy import Policy, count_policy

from .conftest import CaseMaker, Drill

COUNT = 1024
ROOF = stats.norm(90e-6, 20e-6)
LIMIT = stats.norm(0.331 * 800e-6, 0.331 * 80e-6)
SAG = 0.5e-3 - (0.5e-3**2 - 0.15e-3**2) ** 0.5
MOST = 5


def shot(energy_mJ: float) -> Shot:
    return Shot(0.5e-3, 1e-3 * energy_mJ, 1e-5 * energy_mJ, 0.3, looked=True)


def evaluator(make_case: CaseMaker, drill: Drill, count: int = COUNT) -> Evaluator:
    case = make_case()
    goals = goals_for(case)
    skins = make_scenarios(case, goals, count=count, seed=0).items
    return Evaluator(case.device, skins, goals, pulses=MOST, fire=drill, stop=Stop.NEVER)


def closed_form(depth: float, look: Look) -> tuple[float, float, list[float]]:
    """Roof and limit are independent, so that the stop depends on the roof alone."""
    opens = [ROOF.cdf(n * depth - SAG) for n in range(1, MOST + 1)]
    first = np.diff([0.0, *opens, 1.0])  # the pulse that opens the roof, the last one: never
    p_open = p_harm = 0.0
    fired = np.zeros(MOST)
    for at, share in enumerate(first):
        roof_open = [n >= at for n in range(MOST)]
        going = 1.0
        for n, is_open in enumerate(roof_open):
            seen = 1.0 - look.misses_open if is_open else look.misses_closed
            stop = going if n == MOST - 1 else going * seen
            going -= stop
            fired[n] += share * stop
            p_open += share * stop * is_open
            p_harm += share * stop * LIMIT.cdf((n + 1) * depth)
    return p_open, p_harm, list(fired)


@pytest.mark.parametrize("look", [Look(0.0, 0.0), Look(0.1, 0.05), Look(0.4, 0.3)])
@pytest.mark.parametrize("energy_mJ", [8.0, 12.0, 20.0, 30.0])
def test_a_policy_is_counted_as_the_closed_form_says(
    make_case: CaseMaker, drill: Drill, energy_mJ: float, look: Look
) -> None:
    found = evaluator(make_case, drill)
    found.ensure([shot(energy_mJ)], COUNT)
    result = count_policy(Policy(shot(energy_mJ), MOST), found, found.goals, look)
    p_open, p_harm, fired = closed_form(drill.depth(1e-3 * energy_mJ, 1), look)
    assert result.p_open == pytest.approx(p_open, abs=0.005)
    assert result.p_harm == pytest.approx(p_harm, abs=0.005)
    assert result.fired == pytest.approx(fired, abs=0.005)
    assert sum(result.fired) == pytest.approx(1.0)


def test_a_look_that_never_errs_beats_the_same_pulses_in_one_go(make_case: CaseMaker, drill: Drill) -> None:
    found = evaluator(make_case, drill, 256)
    found.ensure([shot(12.0)], 256)
    stepwise = count_policy(Policy(shot(12.0), MOST), found, found.goals, Look(0.0, 0.0))
    at_once = found.candidate(shot(12.0), MOST)
    assert stepwise.p_open == pytest.approx(at_once.p_open)
    assert stepwise.p_harm < at_once.p_harm


def test_a_look_that_says_nothing_is_no_better_than_chance(make_case: CaseMaker, drill: Drill) -> None:
    found = evaluator(make_case, drill, 64)
    found.ensure([shot(12.0)], 64)
    blind = count_policy(Policy(shot(12.0), MOST), found, found.goals, Look(1.0, 0.0))
    at_once = found.candidate(shot(12.0), MOST)
    assert (blind.p_open, blind.p_harm) == pytest.approx((at_once.p_open, at_once.p_harm))
    assert blind.fired[-1] == pytest.approx(1.0)


@given(
    st.lists(st.booleans(), min_size=1, max_size=8),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_every_train_stops_once(opened: list[bool], misses_open: float, misses_closed: float) -> None:
    chance = stopping(opened, Look(misses_open, misses_closed))
    assert (chance >= 0.0).all()
    assert chance.sum() == pytest.approx(1.0)


def test_the_engine_rests_and_wipes_between_looked_pulses(make_case: CaseMaker) -> None:
    case = make_case(device="generic-superpulse-co2")
    goals = goals_for(case)
    skin = make_scenarios(case, goals, count=2, seed=0).items[0]
    at_once = Shot(0.5e-3, 50e-3, 1e-3, 0.05)
    looked = Shot(0.5e-3, 50e-3, 1e-3, 0.05, looked=True)
    warm = fire_at(at_once, skin, case.device, pulses=3, stop=Stop.NEVER)
    cold = fire_at(looked, skin, case.device, pulses=3, stop=Stop.NEVER)
    assert cold.depth[0] == pytest.approx(warm.depth[0], rel=0.02)
    # what was left warm and dry makes the next pulse of a train go deeper and harm more
    assert cold.harm_depth[-1] < warm.harm_depth[-1]


def test_a_train_ends_one_needless_pulse_after_the_roof_is_open(make_case: CaseMaker) -> None:
    case = make_case(device="generic-superpulse-co2")
    goals = goals_for(case)
    skin = make_scenarios(case, goals, count=2, seed=0).items[0]
    row = fire_at(Shot(0.6e-3, 100e-3, 2e-3, 0.3, looked=True), skin, case.device, pulses=6, stop=Stop.OPENED)
    first = int(np.argmax(row.opened))
    assert row.opened.any()
    assert row.fired == min(first + 2, 6)
