"""Units and spreads of single entries."""

from __future__ import annotations

import math

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.knowledge import KnowledgeError, Quantity, Spread
from milia.knowledge.units import _SCALE, to_si


def make(value: float, unit: str, spread: Spread) -> Quantity:
    return Quantity("a.b", "t", value, unit, spread, ("s",), "read", "")


@pytest.mark.parametrize("unit", [*sorted(_SCALE), "degC"])
def test_the_unit_table_agrees_with_pint(unit: str) -> None:
    registry = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    read_by_pint = registry.Quantity(2.0, "dimensionless" if unit == "1" else unit).to_base_units().magnitude
    assert to_si(2.0, unit) == pytest.approx(read_by_pint, rel=1e-12)


def test_units_outside_the_table_are_read_by_pint() -> None:
    assert to_si(1.0, "inch") == pytest.approx(0.0254)
    assert to_si(212.0, "degF") == pytest.approx(373.15)
    with pytest.raises(KnowledgeError, match="'nonsense' cannot be read"):
        to_si(1.0, "nonsense")


def test_a_temperature_spread_has_no_zero_point() -> None:
    hot = make(100.0, "degC", Spread("sd", sd=10.0))
    assert hot.si == pytest.approx(373.15)
    assert hot.range_si == pytest.approx((373.15 - 16.448536, 373.15 + 16.448536))


def test_the_range_of_every_kind() -> None:
    assert make(2.0, "mm", Spread("exact")).range_si == (2e-3, 2e-3)
    assert make(2.0, "mm", Spread("lognormal", factor=2.0)).range_si == pytest.approx((1e-3, 4e-3))
    assert make(2.0, "mm", Spread("range", low=1.0, high=3.0)).range_si == pytest.approx((1.1e-3, 2.9e-3))


@given(st.floats(0.1, 10.0), st.floats(0.0, 5.0), st.floats(0.001, 5.0))
def test_the_90_percent_range_of_a_uniform_range_holds_the_value(
    value: float, below: float, above: float
) -> None:
    low, high = value - below, value + above
    quantity = make(value, "mm", Spread("range", low=low, high=high))
    p05, p95 = quantity.range_si
    slack = 1e-12
    assert low * 1e-3 - slack <= p05 <= quantity.si + slack
    assert quantity.si - slack <= p95 <= high * 1e-3 + slack
    uncertain = quantity.uncertain
    assert (uncertain.value, uncertain.low, uncertain.high, uncertain.quantity_id) == (
        quantity.si,
        p05,
        p95,
        "a.b",
    )
    assert not math.isnan(p05 + p95)


def test_bounds_are_the_stated_ends_whatever_the_90_percent_range_cuts() -> None:
    wide = make(500.0, "degC", Spread("range", low=177.0, high=500.0))
    assert wide.bounds_si == pytest.approx((450.15, 773.15))
    assert wide.range_si[0] > wide.bounds_si[0]
    assert make(2.0, "mm", Spread("lognormal", factor=2.0)).bounds_si == (2e-3, 2e-3)
