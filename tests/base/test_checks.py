"""Errors and the small checks that file readers share."""

from __future__ import annotations

import pickle

import pytest

from milia.base import (
    InputError,
    MiliaError,
    as_list,
    as_mapping,
    check_keys,
    one_line,
    parse_choice,
    parse_flag,
    parse_whole,
    require,
)


def test_the_sentence() -> None:
    error = InputError(
        "the unit is missing",
        file="case.yaml",
        key="lesion.diameter",
        value=90,
        accepted="a length with unit",
    )
    assert str(error) == "case.yaml: lesion.diameter: 90: the unit is missing. Accepted: a length with unit."
    assert isinstance(error, MiliaError)


def test_a_question_keeps_its_mark() -> None:
    assert str(InputError("did you mean roof?", accepted="roof")) == "did you mean roof? Accepted: roof."


def test_an_error_survives_the_way_between_processes() -> None:
    error = InputError("out of range", file="f", key="k", value="v", accepted="a")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", "''"),
        (None, "null"),
        (True, "true"),
        ("a\nb", r"a\nb"),
        ("x" * 99, "x" * 59 + "…"),
        ("\u202e", r"\u202e"),
    ],
)
def test_one_line(value: object, shown: str) -> None:
    assert one_line(value) == shown


def test_a_deep_value_is_shown_short() -> None:
    assert len(one_line([list(range(10_000))] * 10_000)) <= 60


def test_unknown_key_names_the_nearest() -> None:
    with pytest.raises(
        InputError, match=r"case.yaml: lesion.diametre: 1: this key is not known; did you mean diameter\?"
    ):
        check_keys({"diametre": 1}, ["site", "diameter"], key="lesion", file="case.yaml")


def test_unknown_key_far_from_all() -> None:
    with pytest.raises(
        InputError, match=r"f: zzz: 1: this key is not known. Accepted: the keys site, diameter\."
    ):
        check_keys({"zzz": 1}, ["site", "diameter"], key=None, file="f")


def test_known_keys_pass() -> None:
    check_keys({"site": 1}, ["site", "diameter"], key="lesion", file="f")


@pytest.mark.parametrize("section", [{}, {"site": None}])
def test_missing(section: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"f: lesion.site: this is missing. Accepted: a site"):
        require(section, "site", key="lesion", file="f", accepted="a site")


@pytest.mark.parametrize("value", [None, 1, "x", ["x"]])
def test_no_section(value: object) -> None:
    with pytest.raises(InputError, match="not a section"):
        as_mapping(value, key="k", file="f", accepted="a")


def test_a_section_with_a_number_key() -> None:
    with pytest.raises(InputError, match="k: 5: a key is not text"):
        as_mapping({5: 1}, key="k", file="f", accepted="a")


@pytest.mark.parametrize("value", [None, 1, "x", {"a": 1}])
def test_no_list(value: object) -> None:
    with pytest.raises(InputError, match="not a list"):
        as_list(value, key="k", file="f", accepted="a")


def test_a_list_too_long() -> None:
    with pytest.raises(InputError, match="6 items, more than 5"):
        as_list(range(6), key="k", file="f", accepted="a", longest=5)


@pytest.mark.parametrize("value", [True, 1.0, "3", None, [3]])
def test_not_a_whole_number(value: object) -> None:
    with pytest.raises(
        InputError, match=r"not a whole number\. Accepted: a whole number of lesions from 1 to 9"
    ):
        parse_whole(value, low=1, high=9, key="k", what="lesions")


@pytest.mark.parametrize("value", [0, 10, -1])
def test_whole_number_out_of_range(value: int) -> None:
    with pytest.raises(
        InputError, match=f"k: {value}: the value is out of range. Accepted: a whole number from 1 to 9"
    ):
        parse_whole(value, low=1, high=9, key="k")


def test_whole_number_ends() -> None:
    assert [parse_whole(n, low=1, high=9, key="k") for n in (1, 9)] == [1, 9]


def test_choice() -> None:
    assert parse_choice("male", ["female", "male"], key="k") == "male"
    with pytest.raises(InputError, match=r"k: mael: .*did you mean male\? Accepted: female, male"):
        parse_choice("mael", ["female", "male"], key="k")


@pytest.mark.parametrize("value", [None, 1, ["male"], {}])
def test_choice_of_another_type(value: object) -> None:
    with pytest.raises(InputError, match="not one of the accepted words"):
        parse_choice(value, ["female", "male"], key="k")


@pytest.mark.parametrize("value", [None, 1, 0, "true"])
def test_flag(value: object) -> None:
    assert parse_flag(True, key="k") is True
    with pytest.raises(InputError, match="neither true nor false"):
        parse_flag(value, key="k")
