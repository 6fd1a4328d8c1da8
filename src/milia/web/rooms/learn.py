"""The education library: articles in four languages, and answers to questions from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import Path, Query
from markupsafe import Markup
from starlette.responses import Response

from milia.language import LANGUAGES, Language
from milia.learn import Article, Library, load_library, standing, to_html, to_plain
from milia.learn import ask as answer_to
from milia.records import NotFound
from milia.web.api import Answer
from milia.web.i18n import mark
from milia.web.pages import SIGNED_IN, Nav, Room
from milia.web.pages_ask import Ask, Asking

room = Room("learn", nav=(Nav(mark("Learn"), "/learn", 60, SIGNED_IN, icon="book"),))

Slug = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,80}$")]
Tag = Annotated[str | None, Query(max_length=10, pattern=r"^[A-Za-z-]*$")]
Question = Annotated[str, Query(max_length=2000)]


class ArticleCard(Answer):
    slug: str
    language: str
    title: str
    summary: str
    checked_on: date
    reviewed: bool


class ArticleOut(ArticleCard):
    standing: str
    html: str


class AnswerOut(Answer):
    kind: str
    language: str
    lines: list[str]
    article: str | None


def _language(ask: Asking, tag: str | None) -> Language:
    return next((known for known in LANGUAGES if known.tag == tag), ask.words.language)


def _found(slug: str, language: Language, library: Library) -> Article:
    article = library.article(slug, language)
    if article is None:
        raise NotFound("There is no such article in this language.")
    return article


def _link(library: Library, language: Language, target: str) -> str:
    if target.startswith(("https:", "#")):
        return target
    slug, _, part = target.partition("#")
    slug = slug.removesuffix(".md").removesuffix(".html")
    if library.article(slug, language) is None:
        return "/learn"
    return f"/learn/{slug}?lang={language.tag}{part and '#' + part}"


def _html(article: Article, library: Library, text: str, *, inline: bool = False, label: str = "") -> Markup:
    env: Mapping[str, Any] = {
        "numbers": {source.id: number for number, source in enumerate(article.references, start=1)},
        "source_label": label,
        "link": partial(_link, library, article.language),
    }
    # The library's Markdown lets no HTML of its own through.
    return Markup(to_html(text, env, inline=inline))


def _card(article: Article) -> ArticleCard:
    return ArticleCard(
        slug=article.slug,
        language=article.language.tag,
        title=to_plain(article.title),
        summary=to_plain(article.summary),
        checked_on=article.date,
        reviewed=article.review is not None,
    )


def _answered(language: Language, question: str) -> AnswerOut | None:
    if not question.strip():
        return None
    found = answer_to(question, library=load_library(), language=language)
    article = found.passage.article.slug if found.passage else None
    return AnswerOut(kind=found.kind, language=found.language.tag, lines=list(found.text), article=article)


@room.page("/learn", action=SIGNED_IN)
def learn_page(ask: Ask, lang: Tag = None, q: Question = "") -> Response:
    """Show the articles of a language, and the answer to a question."""
    language = _language(ask, lang)
    cards = [_card(each) for each in load_library().of(language)]
    answer = _answered(language, q)
    return ask.page(
        "learn.html", article=None, cards=cards, language=language, languages=LANGUAGES, q=q, answer=answer
    )


@room.page("/learn/{slug}", action=SIGNED_IN)
def article_page(ask: Ask, slug: Slug, lang: Tag = None) -> Response:
    """Show one article."""
    library, language = load_library(), _language(ask, lang)
    article = _found(slug, language, library)
    return ask.page(
        "learn.html",
        article=article,
        language=language,
        languages=[each.language for each in library.in_all_languages(slug)],
        standing=standing(article).text(language),
        title=to_plain(article.title),
        summary=_html(article, library, article.summary, inline=True),
        points=[_html(article, library, each, inline=True) for each in article.points],
        sections=[(each.title, _html(article, library, each.text)) for each in article.sections],
        questions=[
            (each.ask, _html(article, library, each.answer, inline=True)) for each in article.questions
        ],
    )


@room.api("GET", "/learn", action=SIGNED_IN)
def articles_json(ask: Ask, lang: Tag = None) -> list[ArticleCard]:
    """Give the articles of a language."""
    return [_card(each) for each in load_library().of(_language(ask, lang))]


@room.api("GET", "/learn/answer", action=SIGNED_IN)
def answer_json(
    ask: Ask, q: Annotated[str, Query(min_length=1, max_length=2000)], lang: Tag = None
) -> AnswerOut:
    """Answer a question from the library, or say that it is one for the clinic."""
    answer = _answered(_language(ask, lang), q)
    if answer is None:
        raise NotFound("There is no question.")
    return answer


@room.api("GET", "/learn/{slug}", action=SIGNED_IN)
def article_json(ask: Ask, slug: Slug, lang: Tag = None) -> ArticleOut:
    """Give one article."""
    library, language = load_library(), _language(ask, lang)
    article = _found(slug, language, library)
    html = "".join(
        f"<h2>{Markup.escape(each.title)}</h2>{_html(article, library, each.text)}"
        for each in article.sections
    )
    return ArticleOut(**_card(article).model_dump(), standing=standing(article).text(language), html=html)
