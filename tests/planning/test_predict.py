"""What the plan predicts, and which inputs it says matter."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.planning import goals_for, make_scenarios, outcome_of
from milia.planning.predict import correlation_ratio, healing_days

from .conftest import CaseMaker, Drill

RNG = np.random.default_rng(0)


def test_correlation_ratio_of_what_is_known_in_closed_form() -> None:
    """y = x + e with uniform x and normal e: the share of x, less what eight bins blur (1/64 of it)."""
    x = RNG.random(200_000)
    noise = RNG.normal(size=x.size) * np.sqrt(1 / 12)
    assert correlation_ratio(x, x) == pytest.approx(1 - 1 / 64, abs=1e-3)
    assert correlation_ratio(x, x + noise) == pytest.approx(0.5 * (1 - 1 / 64), abs=5e-3)
    assert correlation_ratio(x, x + 3 * noise) == pytest.approx(0.1 * (1 - 1 / 64), abs=5e-3)


def test_correlation_ratio_sees_what_a_correlation_does_not() -> None:
    x = RNG.random(20_000)
    assert abs(np.corrcoef(x, (x - 0.5) ** 2)[0, 1]) < 0.02
    assert correlation_ratio(x, (x - 0.5) ** 2) > 0.9


def test_independent_inputs_explain_nothing_on_average() -> None:
    """Without the correction for chance, eight bins of 64 would explain 11 %."""
    found = [correlation_ratio(RNG.random(64), RNG.random(64)) for _ in range(400)]
    assert np.mean(found) < 0.05
    assert np.median(found) < 0.02


def test_what_does_not_vary_is_explained_by_nothing() -> None:
    x = RNG.random(64)
    assert correlation_ratio(x, np.zeros(64)) == 0.0
    assert correlation_ratio(x, np.full(64, 1e-4) - 4e-4) == 0.0


@given(st.integers(0, 2**32 - 1))
def test_correlation_ratio_is_a_share_and_needs_no_scale(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.random(64), rng.random(64)
    eta2 = correlation_ratio(x, y)
    assert 0.0 <= eta2 <= 1.0
    assert correlation_ratio(x**3, 1e-6 * y + 1.0) == pytest.approx(eta2, abs=1e-6)


@pytest.mark.parametrize(("site", "shallow"), [("lower_eyelid", (4.0, 6.0)), ("cheek", (5.0, 7.0))])
def test_healing_goes_from_the_sites_shallow_to_the_deep_range(
    make_case: CaseMaker, site: str, shallow: tuple[float, float]
) -> None:
    case = make_case(site=site)
    skin = make_scenarios(case, goals_for(case), count=2, seed=0).central

    def days(depth: float, luck: float) -> float:
        lucky = dataclasses.replace(skin, healing=luck)
        made = outcome_of([Drill().crater(depth, 0.5e-3)], lucky, 1)
        return healing_days(made, 0, lucky, case)

    limit = skin.depth_limit_m
    cut = 0.05 * (shallow[1] - shallow[0])
    assert days(10e-6, 0.0) == pytest.approx(shallow[0] + cut)
    assert days(10e-6, 1.0) == pytest.approx(shallow[1] - cut)
    assert days(limit, 0.0) == pytest.approx(10.0 + 0.05 * 11)
    assert days(2 * limit, 1.0) == pytest.approx(21.0 - 0.05 * 11)
    depths = np.linspace(10e-6, limit, 9)
    rising = [days(depth, 0.5) for depth in depths]
    assert rising == sorted(rising)
    assert rising[0] < rising[-1]
