"""Counting, against probabilities known in closed form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from milia.planning import Evaluator, Shot, Stop, goals_for, make_scenarios
from milia.planning.evaluate import share_range, shot_of

from .conftest import CaseMaker, Drill

COUNT = 256
ROOF = stats.norm(90e-6, 20e-6)
LIMIT = stats.norm(0.331 * 800e-6, 0.331 * 80e-6)
# how much deeper than the roof a 0.3 mm opening of a 1 mm ball lies
SAG = 0.5e-3 - (0.5e-3**2 - 0.15e-3**2) ** 0.5


def shot(energy_mJ: float) -> Shot:
    return Shot(0.5e-3, 1e-3 * energy_mJ, 1e-5 * energy_mJ, 0.3)


def evaluator(make_case: CaseMaker, drill: Drill, *, stop: Stop = Stop.DECIDED) -> Evaluator:
    case = make_case()
    goals = goals_for(case)
    skins = make_scenarios(case, goals, count=COUNT, seed=0).items
    return Evaluator(case.device, skins, goals, pulses=3, fire=drill, stop=stop)


@pytest.mark.parametrize("energy_mJ", [20.0, 30.0, 35.0, 45.0, 60.0, 69.0])
def test_shares_are_those_of_the_closed_form(make_case: CaseMaker, drill: Drill, energy_mJ: float) -> None:
    found = evaluator(make_case, drill)
    found.ensure([shot(energy_mJ)], COUNT)
    for pulses in (1, 2, 3):
        depth = drill.depth(1e-3 * energy_mJ, pulses)
        one = found.candidate(shot(energy_mJ), pulses)
        # the points are stratified: a share of one input is off by at most a scenario or two
        assert one.p_open == pytest.approx(ROOF.cdf(depth - SAG), abs=2 / COUNT)
        assert one.p_harm == pytest.approx(LIMIT.cdf(depth), abs=2 / COUNT)
        assert one.scenarios == COUNT
        assert one.p_severe == float(depth > 560e-6)
        assert one.inside == (one.p_open >= 0.8 and one.p_harm <= 0.1 and one.p_severe <= 0.02)
        assert shot_of(one) == shot(energy_mJ)


def test_no_pair_is_simulated_twice(make_case: CaseMaker, drill: Drill) -> None:
    found = evaluator(make_case, drill)
    found.ensure([shot(30), shot(30), shot(40)], 8)
    assert len(drill.asked) == found.simulations == 16
    found.ensure([shot(30)], 12)
    assert found.simulations == 20
    assert len(set(drill.asked)) == len(drill.asked) == 20
    assert found.candidate(shot(30), 1).scenarios == 12
    assert found.candidate(shot(40), 1).scenarios == 8
    found.ensure([shot(30)], 4)
    assert found.candidate(shot(30), 1).scenarios == 12


def test_stopping_early_loses_no_opening_or_harm(make_case: CaseMaker, drill: Drill) -> None:
    early, whole = (evaluator(make_case, drill, stop=stop) for stop in (Stop.DECIDED, Stop.NEVER))
    for found in (early, whole):
        found.ensure([shot(45), shot(60), shot(90)], 64)
    assert early.candidates([shot(45), shot(60), shot(90)]) == whole.candidates(
        [shot(45), shot(60), shot(90)]
    )
    assert sum(row.fired for row in early.outcomes(shot(90))) < 3 * 64


def test_completing_fires_the_pulses_left_out_and_no_more(make_case: CaseMaker, drill: Drill) -> None:
    found = evaluator(make_case, drill)
    # two pulses of 90 mJ go past the scar threshold everywhere, of 30 mJ nowhere
    found.ensure([shot(30), shot(90)], 64)
    assert all(row.fired == 3 for row in found.outcomes(shot(30)))
    assert all(row.fired == 2 for row in found.outcomes(shot(90)))
    before = found.candidates([shot(30), shot(90)])
    for _ in range(2):
        found.ensure([shot(30), shot(90)], 64, complete=True)
        assert found.simulations == 3 * 64
    assert all(row.fired == 3 for row in found.outcomes(shot(90)))
    assert found.candidates([shot(30), shot(90)]) == before


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_share_range_is_jeffreys(pair: tuple[int, int]) -> None:
    hits, count = pair
    low, high = share_range(hits, count)
    posterior = stats.beta(hits + 0.5, count - hits + 0.5)
    assert low == pytest.approx(0.0 if hits == 0 else posterior.ppf(0.05), abs=1e-9)
    assert high == pytest.approx(1.0 if hits == count else posterior.ppf(0.95), abs=1e-9)
    assert low <= hits / count <= high


def test_share_range_covers_as_it_says() -> None:
    """Over many true shares the 90 % interval holds the truth in about 90 % of samples."""
    shares = [0.02 + 0.96 * i / 60 for i in range(61)]
    covered = 0.0
    for share in shares:
        hits = stats.binom(64, share)
        covered += sum(
            hits.pmf(k) for k in range(65) if share_range(k, 64)[0] <= share <= share_range(k, 64)[1]
        )
    assert covered / len(shares) == pytest.approx(0.9, abs=0.01)
