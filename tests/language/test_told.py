"""Texts that remember their sentence: stored with a plan, said again in another language."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from milia.base import InputError
from milia.language import (
    ENGLISH,
    Name,
    Told,
    heard,
    joined,
    language,
    retold,
    say,
    sentences_in,
    speaking,
    spoken_language,
    staff_language,
    told,
)

KOREAN = language("ko")


def window() -> Told:
    low = told("{low} to {high}", low="20", high="40 mJ")
    return joined(
        "{one} {other}",
        [
            told("The wanted opening of {opening} is a default.", opening="0.3 mm"),
            told("Set by the {whose} instead of the defaults: {levels}.", whose=told("case"), levels=low),
        ],
    )


def test_it_is_the_english_text_everywhere() -> None:
    said = window()
    plain = "The wanted opening of 0.3 mm is a default. Set by the case instead of the defaults: 20 to 40 mJ."
    assert said == plain
    assert json.dumps([said]) == json.dumps([plain])
    assert {said: 1}[plain] == 1
    for other in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):
        assert other == plain
        assert other.sentence == said.sentence


def test_what_is_stored_is_said_in_another_language() -> None:
    content = {"a": [window(), {"b": window()}], "c": "plain"}
    stored = json.loads(json.dumps(sentences_in(content)))
    assert len(stored) == 1
    known = heard(stored, KOREAN)
    assert known == {str(window()): retold(window(), KOREAN)}
    assert known[window()] == (
        "목표 구멍 크기(0.3 mm)는 기본값입니다. 기본값 대신 적용한 값(증례에서 지정): 20~40 mJ."
    )
    assert heard(stored, ENGLISH) == {str(window()): str(window())}


def test_a_name_is_said_where_the_language_has_a_word_for_it() -> None:
    sentence = "Skin thickness at the {site} comes from the atlas, not from this patient."
    assert "뺨" in retold(told(sentence, site=Name("cheek")), KOREAN)
    assert "elbow" in retold(told(sentence, site=Name("elbow")), KOREAN)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "text",
        [1, "a", None, {}, {"message": 3}],
        [{"message": "{a}", "values": {}}],
        [{"message": "{a}", "values": {"a": [1]}}],
        [{"message": "{a}", "values": 3}],
        [{"message": "nobody ever said this"}],
    ],
)
def test_what_is_no_sentence_is_left_out(stored: Any) -> None:
    assert heard(stored, KOREAN) == {}


def test_a_sentence_without_end_is_left_out() -> None:
    deep: dict[str, Any] = {"message": "case"}
    for _ in range(200):
        deep = {"message": "{text}", "values": {"text": deep}}
    assert heard([deep], KOREAN) == {}


def test_what_a_plan_stores_holds_no_objects() -> None:
    from datetime import date

    with pytest.raises(TypeError, match="texts, numbers, names"):
        sentences_in([told("{text}", text=date(2026, 1, 1))])


def test_a_page_is_written_in_one_language_and_the_next_in_its_own() -> None:
    assert say("the roof opens") == "the roof opens"
    with speaking(KOREAN):
        assert spoken_language() == KOREAN
        assert say("the roof opens") == "덮개가 열림"
        assert say("from {depth}", depth="3 µm") == "3 µm부터"
        assert say("nobody ever said this") == "nobody ever said this"
        assert say("nobody said {this}", this="x") == "nobody said x"
    assert spoken_language() == ENGLISH


def test_the_staffs_languages_are_english_and_korean() -> None:
    assert staff_language(" KO ") == KOREAN
    with pytest.raises(InputError, match="ja"):
        staff_language("ja")
