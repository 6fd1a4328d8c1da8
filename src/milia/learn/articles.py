"""What the library is made of: articles in sections, the patients' questions, sources and reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from milia.language import Language

TOPICS = (
    *("make_up", "wash", "sun", "dressing", "scab", "water", "skincare", "lenses", "pain", "healing"),
    *("normal", "signs", "visit", "sessions"),
)
"""What in a patient's own plan can answer a question."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One source of an article, as it is printed."""

    id: str
    citation: str
    url: str | None
    how_read: str


@dataclass(frozen=True, slots=True)
class Review:
    """Who has read an article, in one language, and found it right."""

    reviewer: str
    reviewed: date


@dataclass(frozen=True, slots=True)
class Question:
    """A patient's question with its short answer (inline Markdown) and other ways to ask it."""

    id: str
    ask: str
    also: tuple[str, ...]
    answer: str
    topic: str | None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an article under one heading; the part before the first heading has no title."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article in one language.

    Attributes
    ----------
    slug, language
        Its name in addresses, the same in every language, and its language.
    title, summary, points
        Headline and summary box (inline Markdown).
    author, date
        Who wrote it, and when its text was last checked against its sources.
    review
        The named reviewer, or None: nobody with a licence has reviewed it.
    references
        Its sources, in the order in which they are numbered.
    related
        Slugs of other articles.
    questions, sections
        Short answers, and the text.
    file
        Where it comes from.
    own
        Whether it is a clinic's own column and not part of the package.
    checksum
        First twelve hexadecimal digits of the SHA-256 of its file: a review names the text it is about.
    """

    slug: str
    language: Language
    title: str
    summary: str
    points: tuple[str, ...]
    author: str
    date: date
    review: Review | None
    references: tuple[Reference, ...]
    related: tuple[str, ...]
    questions: tuple[Question, ...]
    sections: tuple[Section, ...]
    file: str
    own: bool
    checksum: str
