"""Warning signs: as fast as the care room says, in four languages, and found however they are spelled."""

from __future__ import annotations

import pytest

from milia.knowledge import Statement, load_knowledge
from milia.language import LANGUAGES, Language
from milia.learn import Library, ask
from milia.learn.signs import URGENCIES, signs, signs_in
from milia.learn.words import rules

URGENT_WORDS = {"urgent": "same_day", "soon": "within_2_weeks", "routine": "within_2_weeks"}


def test_every_sign_of_care_has_rules() -> None:
    """A sign that the leaflet names is a sign that is found in a question."""
    named = {id for sign in signs() for id in sign.basis}
    known = {statement.id for statement in load_knowledge().statements("care.sign")}
    # The third of the rules on closing follows the second, with the same words.
    assert known - named == {"care.sign.not_closed_scar"}


@pytest.mark.parametrize("sign", signs(), ids=lambda sign: sign.id)
def test_no_sign_is_slower_than_what_it_rests_on(sign: object) -> None:
    from milia.learn.signs import Sign

    assert isinstance(sign, Sign)
    assert sign.urgency in URGENCIES
    knowledge = load_knowledge()
    for id in sign.basis:
        if id == "field_memory":
            continue
        statement = knowledge.entry(id)
        assert isinstance(statement, Statement)
        urgency = str(statement.extra["urgency"])
        asked = URGENT_WORDS.get(urgency, urgency)
        assert URGENCIES.index(sign.urgency) <= URGENCIES.index(asked), id


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.tag)
def test_every_sign_is_said_in_every_language(language: Language) -> None:
    said = [sign.text(language) for sign in signs()] + [sign.action(language) for sign in signs()]
    assert all(said)
    assert len({sign.text(language) for sign in signs()}) == len(signs())
    for sign in signs():
        assert sign.patterns[language.tag]


def test_examples_are_found(library: Library) -> None:
    """Each example of a warning is one, whether a rule or its own likeness finds it."""
    for group in rules("warning_examples.yaml")["examples"].values():
        for id, said in group.items():
            for example in said:
                answer = ask(example, library=library)
                assert answer.kind == "warning", (id, example)


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("There is PUS!!!", "infection"),
        ("p\u200bus", "infection"),
        ("ＰＵＳ", "infection"),
        ("<b>pus</b>", "infection"),
        ("feaver and bleding", "infection"),
        ("can't   breathe", "allergy"),
        ("눈이아파요", "eye"),
        ("눈 이 아 파 요", "eye"),
        ("發燒了", "infection"),
        ("流膿", "infection"),
        ("メイクしてもいい?でも膿が出る", "infection"),
        ("when can i wear makeup? also my eye hurts", "eye"),
    ],
)
def test_spelling_and_width_hide_nothing(question: str, id: str) -> None:
    answer = ask(question)
    assert id in {sign.id for sign in answer.signs}


def test_a_sign_in_another_language_than_the_rest_is_found() -> None:
    assert ask("makeup 언제? 고름이 나와요").kind == "warning"
    assert ask("化粧 pus").kind == "warning"


def test_the_fastest_sign_stands_first() -> None:
    found = signs_in("it came back, there is pus and I cannot breathe")
    assert [sign.id for sign in found][:2] == ["allergy", "infection"]
    assert [URGENCIES.index(sign.urgency) for sign in found] == sorted(
        URGENCIES.index(sign.urgency) for sign in found
    )


def test_a_long_story_is_looked_through_to_its_end() -> None:
    story = "We went to the sea and it was lovely. " * 250
    assert 9_000 < len(story) < 10_000
    assert ask(story + "Since then there is pus.").kind == "warning"
    assert ask(story).reason == "too_long"
