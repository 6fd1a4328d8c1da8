"""Distributions against closed forms, and the quasi-random points behind them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from milia.calibration import Marginal, draw, from_quantity, from_uncertain, measured, sobol
from milia.knowledge import Quantity, Uncertain, load_knowledge

U = np.array([0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999])


def known(id: str) -> Quantity:
    return load_knowledge().quantity(id)


def test_uniform_quantile() -> None:
    expected = stats.uniform(loc=2.0, scale=3.0).ppf(U)
    np.testing.assert_allclose(Marginal("x", "uniform", 2.0, 5.0).quantile(U), expected)


def test_normal_quantile_is_truncated_not_clamped() -> None:
    m = Marginal("x", "normal", 90.0, 30.0, low=50.0, high=200.0)
    expected = stats.truncnorm((50 - 90) / 30, (200 - 90) / 30, loc=90, scale=30).ppf(U)
    np.testing.assert_allclose(m.quantile(U), expected, rtol=1e-9)


def test_lognormal_factor_holds_ninety_percent() -> None:
    m = Marginal("x", "lognormal", 4.0, 1.5)
    np.testing.assert_allclose(m.quantile(np.array([0.05, 0.5, 0.95])), [4.0 / 1.5, 4.0, 6.0], rtol=1e-12)
    expected = stats.lognorm(s=np.log(1.5) / stats.norm.ppf(0.95), scale=4.0).ppf(U)
    np.testing.assert_allclose(m.quantile(U), expected, rtol=1e-9)


def test_fixed_is_fixed() -> None:
    m = Marginal("x", "fixed", 7.0)
    assert set(m.quantile(U)) == {7.0}
    assert m.certain
    assert m.centre == 7.0


@st.composite
def marginals(draw_: st.DrawFn) -> Marginal:
    value = draw_(st.floats(0.1, 100.0))
    kind = draw_(st.sampled_from(["uniform", "normal", "lognormal"]))
    if kind == "uniform":
        return Marginal("x", kind, value, value + draw_(st.floats(1e-3, 50.0)))
    if kind == "lognormal":
        return Marginal("x", kind, value, draw_(st.floats(1.001, 5.0)))
    sd = draw_(st.floats(1e-3, 50.0))
    low, high = draw_(st.floats(0.2, 3.0)), draw_(st.floats(0.2, 3.0))
    return Marginal("x", kind, value, sd, low=value - low * sd, high=value + high * sd)


@given(marginals())
def test_every_quantile_rises_inside_its_bounds(m: Marginal) -> None:
    values = m.quantile(np.linspace(1e-6, 1 - 1e-6, 101))
    assert np.all(np.diff(values) > 0.0)
    assert np.all(values >= m.low)
    assert np.all(values <= m.high)
    low, high = m.band
    assert values[0] - 1e-4 * abs(values[0]) <= low < high <= values[-1] * (1 + 1e-4)


def test_a_stated_range_is_drawn_to_its_ends() -> None:
    m = from_quantity("roof", known("lesion.roof.thickness"))
    assert m.kind == "uniform"
    np.testing.assert_allclose(m.band, (50e-6, 150e-6), rtol=1e-12)


def test_a_range_in_another_unit_comes_out_in_si() -> None:
    m = from_quantity("heat", known("engine.decomposition_heat"))
    np.testing.assert_allclose(m.band, (0.5e9, 5.0e9), rtol=1e-12)


def test_a_value_near_the_end_of_its_range_does_not_move_the_range() -> None:
    damage = known("engine.living_damage")
    assert damage.range_si[1] == damage.value == damage.spread.high
    np.testing.assert_allclose(from_quantity("damage", damage).band, (0.53, 1.0), rtol=1e-12)


def test_a_standard_deviation_about_zero_reaches_both_sides() -> None:
    m = from_quantity("focus", known("device.focus_offset"))
    assert m.kind == "normal"
    np.testing.assert_allclose(m.quantile(np.array([0.5, stats.norm.cdf(1.0)])), [0.0, 0.6e-3], atol=1e-12)
    assert m.quantile(np.array([0.05]))[0] == pytest.approx(-0.6e-3 * stats.norm.ppf(0.95))


def test_a_positive_quantity_with_a_standard_deviation_stays_positive() -> None:
    m = from_quantity("total", known("site.upper_eyelid_mid_tarsal.total.thickness"))
    assert m.kind == "normal"
    assert m.low == 0.0


def test_an_exact_quantity_is_fixed() -> None:
    assert from_quantity("share", known("limit.scar.share_of_skin")) == Marginal(
        "share", "fixed", 0.331, evidence="limit.scar.share_of_skin"
    )


def test_every_quantity_of_the_knowledge_base_can_be_drawn() -> None:
    for quantity in load_knowledge().quantities():
        m = from_quantity("x", quantity)
        values = m.quantile(U)
        assert np.all(np.isfinite(values)), quantity.id
        low, high = m.quantile(np.array([1e-9, 1 - 1e-9]))
        slack = 1e-6 * (high - low) + 1e-12 * abs(quantity.si)
        assert low - slack <= quantity.si <= high + slack, quantity.id


def test_an_uncertain_value_has_the_distribution_of_its_entry() -> None:
    quantity = known("lesion.roof.thickness")
    assert from_uncertain("roof", quantity.uncertain) == from_quantity("roof", quantity)


def test_an_uncertain_value_from_elsewhere_keeps_its_ninety_percent() -> None:
    m = from_uncertain("delivered", Uncertain(1.0, 0.9, 1.1, "device.my-laser"))
    np.testing.assert_allclose(m.quantile(np.array([0.05, 0.95])), [0.9, 1.1])
    assert from_uncertain("delivered", Uncertain(1.0, 1.0, 1.0, "device.my-laser")).certain


def test_a_measurement_without_spread_is_exact() -> None:
    assert measured("roof", 9e-5, None, low=0.0, high=1.0).certain
    assert measured("roof", 9e-5, 0.0, low=0.0, high=1.0).certain
    assert not measured("roof", 9e-5, 1e-5, low=0.0, high=1.0).certain


def test_sobol_is_the_same_for_the_same_seed_only() -> None:
    one = sobol(64, 5, seed=3)
    assert np.array_equal(one, sobol(64, 5, seed=3))
    assert not np.array_equal(one, sobol(64, 5, seed=4))


def test_fewer_sobol_points_are_the_first_of_more() -> None:
    assert np.array_equal(sobol(16, 4, seed=1), sobol(64, 4, seed=1)[:16])


@pytest.mark.parametrize("count", [8, 64, 256])
def test_sobol_fills_every_stratum_once(count: int) -> None:
    points = sobol(count, 7, seed=0)
    assert points.shape == (count, 7)
    for column in points.T:
        assert sorted(np.floor(column * count).astype(int)) == list(range(count))


def test_sobol_takes_any_count() -> None:
    assert sobol(1, 3, seed=0).shape == (1, 3)
    assert sobol(11, 3, seed=0).shape == (11, 3)


def test_draw_names_its_columns() -> None:
    rows = draw(
        (Marginal("a", "uniform", 0.0, 10.0), Marginal("b", "fixed", 2.0)),
        np.array([[0.25, 0.9], [0.5, 0.1]]),
    )
    assert rows == [{"a": 2.5, "b": 2.0}, {"a": 5.0, "b": 2.0}]
