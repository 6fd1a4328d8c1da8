"""How a question is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.language import ENGLISH, LANGUAGES, Language
from milia.learn.search import Spelling, one_slip
from milia.learn.words import compact, normalised, script_language, simplified, tokens, vocabularies

KO, JA, ZH = LANGUAGES[1:]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("화장 언제 해요?", KO),
        ("laser 후 makeup 언제", KO),
        ("비립종(稗粒腫)", KO),
        ("化粧はいつから", JA),
        ("コンタクト", JA),
        ("予約変更", JA),
        ("什么时候化妆", ZH),
        ("什麼時候可以化妝", ZH),
        ("makeup?", None),
        ("Когда", None),
        ("", None),
    ],
)
def test_the_script_tells_the_language(text: str, language: Language | None) -> None:
    assert script_language(text) == language


def test_normalised_text_has_one_case_width_and_blank() -> None:
    assert normalised("  Make-UP!!  ＡＢＣ\u200bd\n") == "make up abcd"
    assert normalised("p\u200bus") == "pus"
    assert compact(normalised("눈이 아파요.")) == "눈이아파요"


def test_traditional_signs_find_simplified_words() -> None:
    assert simplified("發燒、化膿、傷口") == "发烧、化脓、伤口"
    assert tokens("化妝", ZH) == tokens("化妆", ZH)


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("make-up", "mascara", ENGLISH),
        ("makeup", "Foundation", ENGLISH),
        ("메이크업", "화장", KO),
        ("ファンデーション", "化粧", JA),
        ("粉底", "化妆", ZH),
    ],
)
def test_words_of_one_line_count_as_one(one: str, other: str, language: Language) -> None:
    assert tokens(one, language) == tokens(other, language)


def test_terms_are_stems_or_pairs_of_one_script() -> None:
    assert tokens("washing the faces", ENGLISH) == ["wash", "face"]
    assert tokens("睫毛が", JA) == ["睫毛"]
    assert tokens("鼻孔里", ZH) == ["鼻孔", "孔里"]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.tag)
def test_no_word_of_the_rules_stands_for_two(language: Language) -> None:
    vocabulary = vocabularies()[language.tag]
    for word, first in vocabulary.same.items():
        assert vocabulary.same.get(first, first) == first, word


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    plain = normalised(text)
    assert normalised(plain) == plain
    for language in LANGUAGES:
        assert all(term.strip() for term in tokens(text, language))


@pytest.mark.parametrize(
    ("written", "meant", "slip"),
    [
        ("feaver", "fever", True),
        ("feverr", "fever", True),
        ("fevre", "fever", True),
        ("bleding", "bleeding", True),
        ("fever", "fever", False),
        ("lever", "never", True),
        ("makeup", "wakeups", False),
        ("ab", "abcd", False),
    ],
)
def test_one_slip(written: str, meant: str, slip: bool) -> None:
    assert one_slip(written, meant) is slip


def test_a_known_word_is_never_corrected(library: object) -> None:
    from milia.learn import Library

    assert isinstance(library, Library)
    spelling = Spelling(library)
    assert spelling.corrected("never fever shoud antibiotc") == "never fever should antibiotic"
    assert spelling.share_known("Quand puis-je me maquiller") < 0.5
