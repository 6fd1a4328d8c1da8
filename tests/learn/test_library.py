"""Every article says the same in every language, rests on sources, and takes its numbers from knowledge."""

from __future__ import annotations

import re
from datetime import date

import pytest

from milia.knowledge import load_knowledge
from milia.language import LANGUAGES
from milia.learn import Article, Library
from milia.learn.library import LIBRARY_FOLDER, ORDER
from milia.learn.text import cited, links, to_plain

# What holds a digit and is no number of the skin: the laser's name, a child's age in a question.
NOT_A_NUMBER = re.compile(r"CO2|co2|milia in a 5 year old")
FRONT = re.compile(r"^(date|language|related|sources|author|reviewer):.*$", re.MULTILINE)
PLACEHOLDER = re.compile(r"\{[#a-z0-9_.:-]+\}")
CITATION = re.compile(r"\[@[^\]]+\]")


def slugs(library: Library) -> list[str]:
    return sorted({article.slug for article in library})


def texts_of(article: Article) -> list[str]:
    return [
        article.summary,
        *article.points,
        *(question.answer for question in article.questions),
        *(section.text for section in article.sections),
    ]


def test_there_are_ten_articles_in_four_languages(library: Library) -> None:
    assert slugs(library) == sorted(ORDER)
    for slug in ORDER:
        assert [one.language for one in library.in_all_languages(slug)] == list(LANGUAGES)


def test_there_are_the_patients_questions(library: Library) -> None:
    for language in LANGUAGES:
        questions = [question for article in library.of(language) for question in article.questions]
        assert len(questions) >= 30
        assert len({question.id for question in questions}) == len(questions)
        for question in questions:
            assert len(question.also) >= 3, question.id


@pytest.mark.parametrize("slug", ORDER)
def test_an_article_is_the_same_in_every_language(library: Library, slug: str) -> None:
    shapes = {
        (
            tuple(section.id for section in article.sections),
            tuple((question.id, question.topic) for question in article.questions),
            tuple(tuple(cited(section.text)) for section in article.sections),
            tuple(tuple(cited(question.answer)) for question in article.questions),
            tuple(reference.id for reference in article.references),
            len(article.points),
            article.related,
            article.date,
        )
        for article in library.in_all_languages(slug)
    }
    assert len(shapes) == 1


def test_headings_and_texts_differ_between_languages(library: Library) -> None:
    for slug in ORDER:
        found = library.in_all_languages(slug)
        assert len({article.title for article in found}) == len(LANGUAGES)
        assert len({article.sections[0].text for article in found}) == len(LANGUAGES)


def test_every_source_exists_and_is_cited(library: Library) -> None:
    knowledge = load_knowledge()
    for article in library:
        used = {id for text in texts_of(article) for id in cited(text)}
        assert {reference.id for reference in article.references} == used, article.file
        for reference in article.references:
            assert knowledge.source(reference.id).citation == reference.citation


def test_every_answer_cites_a_source(library: Library) -> None:
    for article in library:
        for question in article.questions:
            assert cited(question.answer), (article.file, question.id)


def test_numbers_come_from_knowledge() -> None:
    """No digit is typed into an article: `{id}` stands for each number, and none drifts from its source."""
    for path in sorted(LIBRARY_FOLDER.glob("*.md")):
        text = FRONT.sub("", path.read_text(encoding="utf-8"))
        text = NOT_A_NUMBER.sub("", CITATION.sub("", PLACEHOLDER.sub("", text)))
        assert re.findall(r"\d+", text) == [], path.name


def test_filled_numbers_are_those_of_knowledge(library: Library) -> None:
    knowledge = load_knowledge()
    (english,) = [a for a in library if a.slug == "look-alikes" and a.language.tag == "en"]
    share = knowledge.quantity("learn.misread.share")
    assert f"{share.spread.low:g} to {share.spread.high:g} %" in english.sections[0].text
    for article in library:
        for text in texts_of(article):
            assert not PLACEHOLDER.search(text), article.file


def test_no_reviewer_is_invented(library: Library) -> None:
    for article in library:
        assert article.author == "The Milia authors"
        assert article.review is None
        assert article.date <= date(2026, 12, 31)


def test_links_lead_to_articles_of_the_same_language(library: Library) -> None:
    for article in library:
        for text in texts_of(article):
            for address in links(text):
                assert library.article(address.partition("#")[0], article.language) is not None


def test_plain_text_has_no_marks_left(library: Library) -> None:
    for article in library:
        for text in texts_of(article):
            plain = to_plain(text)
            assert plain
            assert not re.search(r"\[@|\*\*|\]\(|\{|<", plain), plain


def test_answers_are_short(library: Library) -> None:
    for article in library:
        longest = 420 if article.language.tag == "en" else 260
        for question in article.questions:
            assert len(to_plain(question.answer)) <= longest, (article.file, question.id)
