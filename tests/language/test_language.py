"""Languages, sentences, and dates and numbers as each language writes them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.base import InputError
from milia.language import (
    ENGLISH,
    LANGUAGES,
    Language,
    MissingTranslation,
    Sentence,
    Value,
    date_range_text,
    date_text,
    language,
    number_range_text,
    number_text,
    placeholders,
    time_text,
)

DAY = date(2026, 12, 3)
TAGS = [known.tag for known in LANGUAGES]


def each(*expected: str) -> list[Any]:
    return [pytest.param(known, text, id=known.tag) for known, text in zip(LANGUAGES, expected, strict=True)]


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("en", "en"),
        ("KO", "ko"),
        ("ja", "ja"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh_hans", "zh-Hans"),
        ("ZH-HANS", "zh-Hans"),
    ],
)
def test_tags(tag: str, found: str) -> None:
    assert language(tag).tag == found


@pytest.mark.parametrize("tag", ["", "fr", "zh-TW", "zh-Hant", "korean", "en-US"])
def test_other_languages_are_refused_with_the_four_named(tag: str) -> None:
    with pytest.raises(InputError) as caught:
        language(tag, key="patient.language")
    assert str(caught.value).startswith("patient.language: ")
    assert all(known.tag in str(caught.value) for known in LANGUAGES)


@pytest.mark.parametrize(
    ("known", "text"), each("3 December 2026", "2026년 12월 3일", "2026年12月3日", "2026年12月3日")
)
def test_long_dates(known: Language, text: str) -> None:
    assert date_text(DAY, known) == text


@pytest.mark.parametrize(("known", "text"), each("Thu 3 Dec", "12월 3일 (목)", "12月3日(木)", "12月3日周四"))
def test_dates_with_weekday(known: Language, text: str) -> None:
    assert date_text(DAY, known, style="weekday") == text


@pytest.mark.parametrize(("known", "text"), each("3–7 Dec", "12월 3일~7일", "12月3日～7日", "12月3日至7日"))
def test_short_ranges_write_the_month_once(known: Language, text: str) -> None:
    assert date_range_text(DAY, date(2026, 12, 7), known, style="short") == text


@pytest.mark.parametrize("known", LANGUAGES, ids=TAGS)
def test_the_year_is_written_only_where_it_could_be_mistaken(known: Language) -> None:
    near = date_range_text(DAY, date(2027, 2, 25), known, style="short")
    far = date_range_text(DAY, date(2027, 12, 5), known, style="short")
    assert "2027" not in near
    assert "2026" in far
    assert "2027" in far
    assert date_range_text(DAY, DAY, known) == date_text(DAY, known)


@pytest.mark.parametrize(("known", "text"), each("09:05", "09:05", "9:05", "09:05"))
def test_times_have_no_am_or_pm(known: Language, text: str) -> None:
    assert time_text(time(9, 5), known) == text
    assert time_text(time(21, 5), known) == "21:05"


@pytest.mark.parametrize(("known", "text"), each("3–7", "3~7", "3～7", "3至7"))
def test_number_ranges(known: Language, text: str) -> None:
    assert number_range_text(3, 7.0, known) == text
    assert number_range_text(3, 3.0, known) == "3"
    assert number_text(1.5, known) == "1.5"
    assert number_text(12345, known) == "12,345"


def test_a_sentence_fills_every_kind_of_value() -> None:
    values: dict[str, Value] = {
        "a": "A",
        "b": 2,
        "c": DAY,
        "d": time(8, 30),
        "e": (DAY, date(2026, 12, 7)),
        "f": (1, 2),
        "g": Sentence("inner {x}", {"x": 1.5}),
        "h.i": datetime(2026, 12, 3, 14, 0),
    }
    said = Sentence("{a} {b} {c} {d} {e} {f} {g} {h.i}", values).text()
    assert said == "A 2 3 December 2026 08:30 3–7 Dec 2026 1–2 inner 1.5 3 December 2026 14:00"


def test_what_fills_a_gap_is_not_read_again() -> None:
    assert Sentence("{a}", {"a": "{b} {a}"}).text() == "{b} {a}"


@pytest.mark.parametrize("values", [{}, {"a": 1, "b": 2}, {"b": 1}])
def test_gaps_and_values_must_match(values: dict[str, Value]) -> None:
    with pytest.raises(ValueError, match="gaps"):
        Sentence("only {a}", values)


@given(st.text(alphabet="ab {}._1", max_size=30))
def test_text_without_gaps_is_said_as_it_stands(text: str) -> None:
    names = placeholders(text)
    said = Sentence(text, dict.fromkeys(names, "x")).text()
    assert said.count("x") == len(names)
    if not names:
        assert said == text


@pytest.mark.parametrize("known", LANGUAGES[1:], ids=TAGS[1:])
def test_a_sentence_without_translation_is_an_error_that_names_it(known: Language) -> None:
    outer = Sentence("{sign} ({date})", {"sign": Sentence("Nobody translated this."), "date": "x"})
    with pytest.raises(MissingTranslation, match="Nobody translated this") as caught:
        outer.text(known)
    assert caught.value.template == "Nobody translated this."
    assert known.tag in str(caught.value)
    assert outer.text(ENGLISH) == "Nobody translated this. (x)"
