from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.report.numbers import (
    dialled,
    first_crossing,
    hundred_span,
    of_hundred,
    significant,
    unbroken,
    with_unit,
)
from milia.report.scale import LinearScale, ticks
from milia.report.svg import spread_labels

THIN = "\u202f"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (35.0, "35"),
        (49.515, "49.5"),
        (0.0350, "0.035"),
        (0.0012345, "0.00123"),
        (99.96, "100"),
        (1234.0, "1230"),
        (123456.0, f"123{THIN}000"),
        (-2.5, "−2.5"),
    ],
)
def test_three_significant_digits(value: float, shown: str) -> None:
    assert significant(value) == shown


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_rounding_keeps_the_number(value: float) -> None:
    assert float(significant(value).replace(THIN, "")) == pytest.approx(value, rel=5.01e-3)


def test_a_dial_number_is_never_rounded() -> None:
    assert dialled(2125.0, "µs") == f"2125{THIN}µs"
    assert dialled(2.125, "ms") == f"2.125{THIN}ms"


def test_an_unknown_number_says_so() -> None:
    assert with_unit(None, "mJ") == "not known"


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.0, "0 of 100"),
        (0.004, "fewer than 1 of 100"),
        (0.0195, "2 of 100"),
        (0.9375, "94 of 100"),
        (0.996, "more than 99 of 100"),
        (1.0, "100 of 100"),
        (None, "not known"),
    ],
)
def test_natural_frequency_never_rounds_to_certainty(p: float | None, said: str) -> None:
    assert of_hundred(p) == said


def test_interval_is_rounded_outwards() -> None:
    assert hundred_span(0.902, 0.964) == "90 to 97"
    assert hundred_span(0.006, 0.045) == "0 to 5"
    assert hundred_span(0.5, 0.5) == "50"


def test_no_line_ends_between_number_and_unit() -> None:
    assert unbroken("use 35 mJ in 0.5 mm, 3 mornings") == "use 35\u00a0mJ in 0.5\u00a0mm, 3 mornings"


def test_first_crossing_interpolates_and_is_honest_about_none() -> None:
    assert first_crossing([0, 10, 20], [0.0, 0.5, 1.0], 0.75) == pytest.approx(15.0)
    assert first_crossing([0, 10], [0.9, 1.0], 0.5) == 0
    assert first_crossing([0, 10], [0.1, 0.2], 0.5) is None
    assert first_crossing([], [], 0.5) is None


@given(st.floats(-1e3, 1e3), st.floats(0.1, 1e4))
def test_ticks_are_inside_and_even(low: float, extent: float) -> None:
    found = ticks(low, low + extent, about=5)
    assert found
    assert low - 1e-6 <= found[0]
    assert found[-1] <= low + extent + 1e-6
    steps = [b - a for a, b in pairwise(found)]
    assert all(math.isclose(step, steps[0], rel_tol=1e-6, abs_tol=1e-8) for step in steps)


def test_scale_maps_its_ends() -> None:
    scale = LinearScale(-2.0, 6.0, 100.0, 20.0)
    assert scale(-2.0) == 100.0
    assert scale(6.0) == pytest.approx(20.0)
    assert scale.per_unit == -10.0


@given(st.lists(st.floats(0, 300), min_size=1, max_size=6))
def test_labels_keep_their_distance_and_stay_inside(wanted: list[float]) -> None:
    placed = spread_labels(sorted(wanted), gap=30.0, low=0.0, high=300.0)
    assert all(b - a >= 30.0 - 1e-9 for a, b in pairwise(placed))
    assert placed[-1] <= 300.0
    assert placed[0] >= -1e-9
