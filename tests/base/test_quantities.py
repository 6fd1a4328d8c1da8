"""Quantities as text: what is read, what is refused, and in which words."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.base import (
    InputError,
    Interval,
    Measured,
    format_measured,
    format_quantity,
    format_range,
    parse_measured,
    parse_quantity,
)

ROOF: dict[str, Any] = {"unit": "m", "low": 10e-6, "high": 500e-6, "key": "lesion.roof", "file": "case.yaml"}


@pytest.mark.parametrize(
    "text",
    [
        "90 um ± 30 um",
        "90 um +/- 30 um",
        "90 um +- 30 um",
        "90 um + / - 30 um",
        "90 \N{MICRO SIGN}m ± 30 \N{MICRO SIGN}m",
        "90 \N{GREEK SMALL LETTER MU}m ± 30 \N{GREEK SMALL LETTER MU}m",
        "90±30 um",
        "90 ± 30 µm",
        "(90 ± 30) um",
        "  90um±30um ",
        "9e1 um ± 3E+1 um",
        "0.09 mm ± 30 um",
        "９０　ｕｍ ± ３０　ｕｍ",
        "90\N{NO-BREAK SPACE}um\N{THIN SPACE}±\N{NARROW NO-BREAK SPACE}30\N{ZERO WIDTH SPACE} um",
        "90 micrometer ± 30 micron",
    ],
)
def test_spellings_of_one_quantity(text: str) -> None:
    assert parse_measured(text, **ROOF) == Measured(90e-6, 30e-6)


def test_no_spread_is_none_and_zero_spread_is_zero() -> None:
    assert parse_measured("90 um", **ROOF).sd is None
    assert parse_measured("90 um ± 0 um", **ROOF).sd == 0.0


@pytest.mark.parametrize("text", ["10 um", "0.01 mm", "500 um", "0.5 mm", "0.0005 m"])
def test_the_ends_of_the_range_belong_to_it(text: str) -> None:
    parse_measured(text, **ROOF)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (90, "the unit is missing"),
        (90.5, "the unit is missing"),
        ("90", "the unit is missing"),
        ("90 ± 30", "the unit is missing"),
        ("90 um ± 30", "the spread's unit is missing"),
        ("90 mJ", "the unit mJ is not that of a length"),
        ("90 um ± 30 ms", "the unit ms is not that of a length"),
        ("90 degC", "the unit degC is not that of a length"),
        ("90 um^2", "the unit um^2 is not that of a length"),
        ("90 qqq", "the unit qqq is not known"),
        ("9**9**9**9 m", "the unit cannot be read"),
        ("90 um 30", "the unit cannot be read"),
        ("90 __import__('os')", "the unit cannot be read"),
        ("nan um", "not finite"),
        ("NaN", "not finite"),
        ("-inf um", "not finite"),
        ("infinity um", "not finite"),
        ("90 um ± inf um", "not finite"),
        ("1e400 um", "not finite"),
        (float("nan"), "the unit is missing"),
        ("90 um ± -30 um", "the spread is negative"),
        ("90 um ± 5 mm", "wider than the whole accepted range"),
        ("9 um", "out of range"),
        ("501 um", "out of range"),
        ("-90 um", "out of range"),
        ("90 Mm", "out of range"),
        ("0,09 mm", "write the decimal sign as a point"),
        ("about 90 um", "not a quantity"),
        ("90 um ± 30 um ± 3 um", "not a quantity"),
        ("1/2 mm", "cannot be read"),
        ("", "the value is empty"),
        ("   ", "the value is empty"),
        (None, "not a quantity"),
        (True, "not a quantity"),
        (["90 um"], "not a quantity"),
        ({"value": 90}, "not a quantity"),
        ("9" * 4000 + " um", "too long"),
    ],
)
def test_refused_with_file_key_value_and_range(value: object, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_measured(value, **ROOF)
    message = str(caught.value)
    assert message.startswith("case.yaml: lesion.roof: ")
    assert problem in message
    assert "Accepted: a length with unit from 10 µm to 500 µm" in message
    assert caught.value.value is not None
    assert "\n" not in message
    assert len(message) < 300


def test_the_value_is_shown_short_and_without_control_characters() -> None:
    with pytest.raises(InputError) as caught:
        parse_measured("90 um\x1b[31m\n\u202e" + "x" * 90, **ROOF)
    message = str(caught.value)
    assert "\x1b" not in message
    assert "\u202e" not in message
    assert r"\x1b" in message
    assert "…" in message


def test_a_spread_where_none_belongs_is_refused() -> None:
    with pytest.raises(InputError, match="a spread is not accepted here"):
        parse_quantity("90 um ± 30 um", **ROOF)


@pytest.mark.parametrize("text", ["33 degC", "33 °C", "33 ℃", "91.4 degF", "306.15 K", "33 celsius"])
def test_temperatures_have_an_offset(text: str) -> None:
    limits: dict[str, Any] = {"key": "t", "file": "e.yaml"}
    assert parse_quantity(text, unit="degC", low=-5, high=45, **limits) == pytest.approx(33.0)
    assert parse_quantity(text, unit="K", low=268.15, high=318.15, **limits) == pytest.approx(306.15)


@pytest.mark.parametrize(
    ("text", "sd"),
    [("33 degC ± 2 degC", 2.0), ("33 ± 2 degC", 2.0), ("33 degC ± 2 K", 2.0), ("91.4 degF ± 9 degF", 5.0)],
)
def test_the_spread_of_a_temperature_is_a_difference(text: str, sd: float) -> None:
    read = parse_measured(text, unit="degC", low=-5, high=45, key="t")
    assert read.value == pytest.approx(33.0)
    assert read.sd == pytest.approx(sd)


def test_a_celsius_range_is_given_in_celsius() -> None:
    with pytest.raises(
        InputError, match=r"33: the unit is missing\. Accepted: a temperature with unit from -5 °C to 45 °C"
    ):
        parse_quantity(33, unit="degC", low=-5, high=45, key="t")


@pytest.mark.parametrize(
    ("text", "years"),
    [("34 year", 34.0), ("34 years", 34.0), ("10 day", 10 / 365.25), ("6 month", 0.5), ("0 day", 0.0)],
)
def test_ages(text: str, years: float) -> None:
    assert parse_quantity(text, unit="year", low=0, high=120, key="age") == pytest.approx(years, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "value"), [(0.9, 0.9), ("0.9", 0.9), ("90 %", 0.9), ("90%", 0.9), (1, 1.0), ("９０ ％", 0.9)]
)
def test_a_plain_number_needs_no_unit(text: object, value: float) -> None:
    assert parse_quantity(text, unit="1", low=0, high=1, key="k") == pytest.approx(value)


def test_a_plain_number_with_a_unit_is_refused() -> None:
    with pytest.raises(InputError, match="the unit mm is not that of a plain number"):
        parse_quantity("0.9 mm", unit="1", low=0, high=1, key="k")


@pytest.mark.parametrize("text", ["3 J/cm^2", "3 J/cm2", "3 J/cm²", "30 mJ/mm^2", "3 J / cm**2"])
def test_compound_units(text: str) -> None:
    assert parse_quantity(text, unit="J/m^2", low=0, high=1e6, key="k") == pytest.approx(3e4)


@given(
    value=st.floats(min_value=1e-9, max_value=1e3, allow_nan=False),
    share=st.none() | st.floats(min_value=0.0, max_value=1.0, allow_nan=False),
    unit=st.sampled_from(["m", "s", "J", "W", "Hz", "kg", "K", "year", "1"]),
)
def test_what_is_written_is_read_back(value: float, share: float | None, unit: str) -> None:
    measured = Measured(value, None if share is None else share * value)
    text = format_measured(measured, unit)
    # rounding on paper may push a value or a spread on the edge of a range over it
    back = parse_measured(text, unit=unit, low=0.999e-9, high=1.001e3, key="k")
    assert back.value == pytest.approx(measured.value, rel=1e-11)
    assert (back.sd is None) == (measured.sd is None)
    assert back.sd == measured.sd or math.isclose(back.sd or 0.0, measured.sd or 0.0, rel_tol=1e-11)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    message = ""
    try:
        assert 10e-6 <= parse_measured(text, **ROOF).value <= 500e-6
    except InputError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (90e-6, "m", "90 µm"),
        (1e-3, "m", "1 mm"),
        (10.6e-6, "m", "10.6 µm"),
        (0.1, "s", "100 ms"),
        (0.0, "J", "0 J"),
        (60.0, "W", "60 W"),
        (-3e-3, "m", "-3 mm"),
        (33.0, "degC", "33 °C"),
        (0.9, "1", "0.9"),
    ],
)
def test_units_a_clinician_would_choose(value: float, unit: str, text: str) -> None:
    assert format_quantity(value, unit) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (1e-4, 3e-3, "0.1 mm to 3 mm"),
        (1e-5, 5e-4, "10 µm to 500 µm"),
        (1e-6, 1.0, "1 µs to 1 s"),
        (0.0, 1e-3, "0 ms to 1 ms"),
    ],
)
def test_ranges(low: float, high: float, text: str) -> None:
    assert format_range(low, high, "m" if "mm" in text or "µm" in text else "s") == text


def test_interval_percentiles() -> None:
    interval = Interval.of([float(n) for n in range(101)])
    assert interval.to_dict() == {"p05": 5.0, "p50": 50.0, "p95": 95.0}


@pytest.mark.parametrize("samples", [[], [1.0, float("nan")], [float("inf")]])
def test_no_interval_of_nothing(samples: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        Interval.of(samples)
