"""Answers a patient's question: warning signs, then the plan and the library, else "ask your clinic"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from milia.base import InputError
from milia.language import ENGLISH, Language
from milia.learn.answers import Answer
from milia.learn.library import Library, load_library
from milia.learn.patient_plan import PatientPlan, patient_plan
from milia.learn.search import Hit, Passage, index_of, spelling_of
from milia.learn.signs import Sign, signs, signs_in
from milia.learn.words import is_latin, normalised, script_language

if TYPE_CHECKING:
    from milia.care import Clinic

SURE_ENOUGH = 0.48
"""Least sureness of an answer; set on tests/learn/questions/development.yaml, reported on held_out.yaml."""
ALARMING = 0.35
"""Least likeness to an example of a warning sign where no rule of signs.yaml fits; set likewise."""
SAME = 0.999
LEAST_ENGLISH = 0.5
"""Least share of known words for a text in Latin letters to be taken for English."""
LONGEST_MATCHED = 600
"""Longest question that is matched [characters]; a longer text is looked through for warning signs only."""
LONGEST = 20_000
"""Longest question that is read at all [characters]."""


def ask(
    question: str,
    *,
    library: Library | None = None,
    plan: Mapping[str, Any] | None = None,
    start: date | None = None,
    clinic: Clinic | None = None,
    language: Language | None = None,
    reviewed_only: bool = False,
    plan_file: str = "plan",
) -> Answer:
    """Answer a question from the library and the patient's own plan, and from nothing else.

    Parameters
    ----------
    question
        In any of the four languages.
    library
        The articles; the package's own by default.
    plan
        The patient's saved plan.
    start
        Day of treatment, where the plan has none.
    clinic
        Who is called, and whose protocol holds.
    language
        Of the answer; that of the question by default, English where it is unknown.
    reviewed_only
        Answer only from articles with a named reviewer.
    plan_file
        Name of the plan, for messages.

    Raises
    ------
    InputError
        If the question is empty or longer than 20 000 characters, or the plan cannot be used.
    """
    asked = _checked(question)
    shelf = library if library is not None else load_library()
    mine = None if plan is None else patient_plan(plan, start=start, clinic=clinic, file=plan_file)
    spoken, corrected = _language_of(asked, shelf)
    answer = Answer(
        kind="clinic",
        question=asked,
        language=language or spoken or ENGLISH,
        clinic=None if clinic is None else (clinic.name, clinic.phone),
        plan_id=None if mine is None else mine.pack.plan_id,
    )
    named = signs_in(asked, also=corrected)
    if named:
        return replace(answer, kind="warning", signs=named)
    if len(asked) > LONGEST_MATCHED:
        return replace(answer, reason="too_long")
    if spoken is None:
        return replace(answer, reason="language" if _has_letters(asked) else "not_covered")
    likely = likely_sign(corrected or asked, spoken, shelf)
    if likely is not None:
        return replace(answer, kind="warning", signs=(likely,))
    return _from_library(answer, corrected or asked, spoken, shelf, mine, reviewed_only=reviewed_only)


def _from_library(
    answer: Answer,
    question: str,
    spoken: Language,
    shelf: Library,
    mine: PatientPlan | None,
    *,
    reviewed_only: bool,
) -> Answer:
    hit = best(question, spoken, shelf)
    if hit is None:
        return replace(answer, reason="not_covered")
    passage = _in_language(hit.passage, answer.language, shelf)
    topic = hit.passage.question.topic if hit.passage.question is not None else None
    lines = mine.lines(topic) if mine is not None else ()
    if reviewed_only and passage.article.review is None:
        return replace(answer, kind="plan" if lines else "clinic", lines=lines, reason="not_reviewed")
    return replace(answer, kind="plan" if lines else "library", lines=lines, passage=passage, sure=hit.sure)


def best(question: str, language: Language, library: Library) -> Hit | None:
    """Return the surest passage; None where none is sure enough or a question known as foreign is nearer."""
    index = index_of(library, language)
    hits = index.search(question, limit=1)
    if not hits or hits[0].sure < SURE_ENOUGH or index.foreign(question) >= hits[0].sure:
        return None
    return hits[0]


def likely_sign(question: str, language: Language, library: Library) -> Sign | None:
    """Return the sign of the example that a question is most like, where nothing else is as like it."""
    index = index_of(library, language)
    id, alike = index.alarm(question)
    nearest = index.nearest(question)
    # The library's own words for a question are no alarm, even where an example has the same few terms.
    if alike < ALARMING or alike < max(nearest, index.foreign(question)) or nearest >= SAME:
        return None
    return next(sign for sign in signs() if sign.id == id)


def _checked(question: object) -> str:
    accepted = f"a question of 1 to {LONGEST} characters"
    if not isinstance(question, str) or not question.strip():
        raise InputError("there is no question", key="question", value=question or "''", accepted=accepted)
    if len(question) > LONGEST:
        raise InputError(f"the question has {len(question)} characters", key="question", accepted=accepted)
    return question.strip()


def _language_of(question: str, library: Library) -> tuple[Language | None, str]:
    """Return the question's language (None: another one) and, for Latin letters, its text corrected."""
    told = script_language(question)
    if told is not None or not is_latin(question):
        return told, ""
    spelling = spelling_of(library)
    corrected = spelling.corrected(question)
    if spelling.share_known(corrected) < LEAST_ENGLISH:
        # The correction is handed on all the same: a misspelt warning sign must not be missed.
        return None, corrected
    return ENGLISH, corrected


def _has_letters(question: str) -> bool:
    return any(sign.isalpha() for sign in normalised(question))


def _in_language(passage: Passage, language: Language, library: Library) -> Passage:
    """Return the same passage in another language; the one found where that language lacks it."""
    article = library.article(passage.article.slug, language)
    if article is None:
        return passage
    if passage.question is not None:
        ids = {question.id: question for question in article.questions}
        question = ids.get(passage.question.id)
        return passage if question is None else Passage(article, question, None)
    assert passage.section is not None
    sections = {section.id: section for section in article.sections}
    section = sections.get(passage.section.id)
    return passage if section is None else Passage(article, None, section)
