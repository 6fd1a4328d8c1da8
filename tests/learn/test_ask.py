"""Answers: from reviewed content and the patient's plan, and from nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from milia.base import InputError
from milia.care import TOPICS as PACK_TOPICS
from milia.care import Clinic
from milia.knowledge import load_knowledge
from milia.language import LANGUAGES, Language
from milia.learn import KINDS, SAFETY_NET, Library, ask
from milia.learn.articles import TOPICS
from milia.learn.patient_plan import ITEMS, patient_plan

Plans = Callable[..., dict[str, Any]]
EN, KO, JA, ZH = LANGUAGES


def test_a_library_answer_cites_its_passage(library: Library) -> None:
    answer = ask("When can I wear make-up?", library=library)
    assert answer.kind == "library"
    found = answer.to_dict()
    passage = found["passage"]
    assert (passage["article"], passage["anchor"]) == ("after-the-treatment", "q-makeup")
    assert passage["reviewer"] is None
    assert [source["id"] for source in passage["sources"]] == ["milia_literature_search"]
    assert passage["text"] in found["text"]
    assert "[@" not in passage["text"]
    assert found["safety_net"] == SAFETY_NET.text(EN)


@pytest.mark.parametrize("asked", LANGUAGES, ids=lambda one: one.tag)
@pytest.mark.parametrize("wanted", LANGUAGES, ids=lambda one: one.tag)
def test_asked_in_one_language_answered_in_another(
    library: Library, asked: Language, wanted: Language
) -> None:
    questions = {
        EN: "Are milia contagious?",
        KO: "비립종은 옮나요?",
        JA: "稗粒腫はうつりますか。",
        ZH: "粟丘疹会传染吗？",
    }
    own = ask(questions[asked], library=library)
    assert own.language == asked
    other = ask(questions[asked], library=library, language=wanted)
    assert other.passage is not None
    assert other.passage.article.language == wanted
    assert other.passage.question is not None
    assert other.passage.question.id == "contagious"


def test_every_answer_but_a_warning_says_when_to_call(library: Library) -> None:
    for question in ("what is a milium", "how much does it cost", "Quand puis-je me maquiller ?", "?!"):
        answer = ask(question, library=library)
        assert answer.kind in KINDS
        assert SAFETY_NET.text(answer.language) in answer.text
    assert SAFETY_NET.text(EN) not in ask("pus", library=library).text


def test_a_warning_is_no_library_answer(library: Library, clinic: Clinic) -> None:
    answer = ask("there is pus, when can I wear makeup?", library=library, clinic=clinic)
    assert answer.kind == "warning"
    assert answer.passage is None
    assert answer.text[-1] == "Example Skin Clinic: +82 2 000 0000"
    assert answer.to_dict()["warning_signs"][0]["urgency"] == "same_day"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("how much does it cost", "not_covered"),
        ("1234", "not_covered"),
        ("?!", "not_covered"),
        ("Wann darf ich mich schminken?", "language"),
        ("Когда можно?", "language"),
        ("a " * 400, "too_long"),
    ],
)
def test_what_the_library_does_not_cover_is_handed_to_the_clinic(
    library: Library, question: str, reason: str
) -> None:
    answer = ask(question, library=library)
    assert (answer.kind, answer.reason, answer.passage, answer.lines) == ("clinic", reason, None, ())


@pytest.mark.parametrize("question", ["", "   ", "\n", None, 7, "x" * 20_001])
def test_no_question_is_refused(library: Library, question: Any) -> None:
    with pytest.raises(InputError) as caught:
        ask(question, library=library)
    assert caught.value.key == "question"


@pytest.mark.parametrize(
    "question",
    [
        "<script>alert('makeup')</script> when can I wear makeup?",
        "when can I wear makeup'; DROP TABLE articles; --",
        "when AND can OR I wear makeup NOT title:*",
        "when can I wear makeup \x00\x1b[31m",
        "{{ 7*7 }} when can I wear makeup",
    ],
)
def test_markup_and_query_signs_are_only_words(library: Library, question: str) -> None:
    answer = ask(question, library=library)
    assert answer.kind in ("library", "clinic")
    json.dumps(answer.to_dict())
    if answer.passage is not None:
        assert answer.passage.anchor == "q-makeup"


def test_the_same_question_has_the_same_answer(library: Library) -> None:
    first, second = (json.dumps(ask("레이저 흉터 남나요?", library=library).to_dict()) for _ in range(2))
    assert first == second


# the patient's own plan


def test_the_plan_answers_with_its_dates(library: Library, plans: Plans) -> None:
    plan = plans(start=date(2026, 12, 1))
    answer = ask("when can I wear makeup?", library=library, plan=plan)
    assert answer.kind == "plan"
    first = answer.lines[0]
    closed = date.fromisoformat(
        next(step["date_from"] for step in plan["aftercare"]["steps"] if step["phase"] == "closing")
    )
    assert (first.statement, first.do, first.date_from) == ("care.aftercare.makeup", True, closed)
    assert first.when.text() == f"from {closed.day} December 2026"
    assert first.date_to is None
    assert {line.do for line in answer.lines} == {True, False}
    assert answer.passage is not None
    assert answer.to_dict()["provenance"]["plan_id"]


def test_a_plan_without_a_day_answers_in_days(library: Library, plans: Plans) -> None:
    answer = ask("when can I wear makeup?", library=library, plan=plans())
    assert answer.lines[0].date_from is None
    assert answer.lines[0].when.text() == f"from day {answer.lines[0].day_from} after the treatment"
    assert "2001" not in " ".join(answer.text)
    dated = ask("when can I wear makeup?", library=library, plan=plans(), start=date(2026, 12, 30))
    assert dated.lines[0].date_from == date(2026, 12, 30) + timedelta(days=dated.lines[0].day_from)


def test_the_clinics_own_rule_is_told_as_such(library: Library, plans: Plans, clinic: Clinic) -> None:
    answer = ask(
        "when can I wear makeup?", library=library, plan=plans(start=date(2026, 12, 1)), clinic=clinic
    )
    own = [line for line in answer.lines if line.clinics_own]
    assert [line.statement for line in own] == ["care.aftercare.makeup_early"]
    assert own[0].date_from == date(2026, 12, 2)


def test_a_plan_that_is_silent_leaves_the_library(library: Library, plans: Plans) -> None:
    answer = ask("are milia contagious?", library=library, plan=plans())
    assert (answer.kind, answer.lines) == ("library", ())


def test_the_plan_answers_in_every_language(library: Library, plans: Plans) -> None:
    plan = plans(start=date(2026, 12, 1))
    for language in LANGUAGES:
        answer = ask("when is my next check-up?", library=library, plan=plan, language=language)
        assert answer.kind == "plan"
        assert all(answer.text)
        assert any("2026" in line for line in answer.text)


def test_a_broken_plan_is_refused(library: Library) -> None:
    with pytest.raises(InputError):
        ask("makeup?", library=library, plan={"schema_version": "1.0", "action": "extract", "provenance": {}})
    with pytest.raises(InputError) as caught:
        ask("makeup?", library=library, plan={"aftercare": {"start": "tomorrow"}})
    assert caught.value.key == "aftercare.start"


def test_topics_are_those_of_the_care_pack() -> None:
    """A topic that no statement of the aftercare has would never be answered from a plan."""
    used = {statement.extra.get("topic") for statement in load_knowledge().statements("care.aftercare")}
    for topic, items in ITEMS.items():
        assert topic in TOPICS
        assert set(items) <= set(PACK_TOPICS) & used, topic


@pytest.mark.parametrize("topic", [*ITEMS, "healing", "visit", "sessions", "signs"])
def test_lines_are_in_the_words_of_the_pack(plans: Plans, topic: str) -> None:
    mine = patient_plan(plans(start=date(2026, 12, 1)))
    for line in mine.lines(topic):
        assert line.what.text(EN)
        if line.date_to is not None:
            assert line.date_from is not None
            assert line.date_from <= line.date_to
    if topic in (
        "make_up",
        "wash",
        "sun",
        "dressing",
        "scab",
        "skincare",
        "lenses",
        "healing",
        "visit",
        "signs",
    ):
        assert mine.lines(topic)
