"""Names are found by beginnings and parts, in every script, without being stored."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.base import InputError
from milia.records import Patient
from milia.records.names import matches, query_tokens, stored_tokens, words_of

KEY = b"k" * 32


def _found(asked: str, name: str) -> bool:
    stored = set(stored_tokens(KEY, name))
    return any(set(way) <= stored for way in query_tokens(KEY, asked) if way) and matches(asked, name)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("김민준", "김"),
        ("김민준", "김민"),
        ("김민준", "민준"),
        ("김민준", "기"),
        ("김민준", "ㄱㅁㅈ"),
        ("김민준", "ㅁㅈ"),
        ("김 민준", "김민준"),
        ("김민준", unicodedata.normalize("NFD", "김민")),
        ("Zoë Björk", "zoe"),
        ("Zoë Björk", "BJÖ"),
        ("Zoë Björk", "bjork zo"),
        ("Zoë Björk", "jork"),
        ("O'Neil-Kim", "neil"),
        ("Ana 🙂 Lee", "🙂"),
        ("Straße", "STRASSE"),
        ("Sørensen", "sorens"),
        ("Łukasz", "luk"),
        ("Нина", "ни"),
        ("山田太郎", "山田"),
    ],
)
def test_found(name, asked):
    assert _found(asked, name)


@pytest.mark.parametrize(
    ("name", "asked"), [("김민준", "박"), ("김민준", "ㅂㅁ"), ("Anna", "Bob"), ("abcbcd", "bcdab")]
)
def test_not_found(name, asked):
    assert not _found(asked, name)


@settings(max_examples=80, deadline=None)
@given(st.text(min_size=1, max_size=30), st.data())
def test_the_beginning_of_any_word_of_any_name_finds_it(name, data):
    words = words_of(name)
    if not words:
        return
    word = data.draw(st.sampled_from(words))
    assert _found(word[: data.draw(st.integers(1, len(word)))], name)


def test_tokens_differ_with_the_key_and_are_64_bits():
    assert set(stored_tokens(KEY, "Kim")).isdisjoint(stored_tokens(b"x" * 32, "Kim"))
    assert all(-(2**63) <= token < 2**63 for token in stored_tokens(KEY, "김민준 Kim"))


def test_search_in_the_database_follows_a_changed_name(clinic):
    with clinic.records.acting(clinic.front_desk) as acting:
        patients = [acting.add(Patient(name=name)) for name in ("김민준", "김서연", "이민준")]
        assert [each.id for each in acting.search("민준")] == [patients[2].id, patients[0].id]
        acting.change(Patient, patients[0].id, version=1, name="박지호")
        assert [each.id for each in acting.search("민준")] == [patients[2].id]
        assert [each.id for each in acting.search("ㅂㅈㅎ")] == [patients[0].id]
        assert acting.search("없음") == []
    with pytest.raises(InputError), clinic.records.acting(clinic.front_desk) as acting:
        acting.search("  ")
