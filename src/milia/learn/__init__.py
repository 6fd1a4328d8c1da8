"""The education library: articles in four languages, answers to questions, a clinic's column pages."""

from milia.learn.answers import (
    CLINICS_OWN,
    FROM_LIBRARY,
    FROM_PLAN,
    KINDS,
    REASONS,
    SAFETY_NET,
    Answer,
    standing,
)
from milia.learn.articles import Article, Question, Reference, Review, Section
from milia.learn.ask import ask
from milia.learn.library import Library, load_library
from milia.learn.site import BuildResult, build_site
from milia.learn.text import to_html, to_plain

__all__ = [
    "CLINICS_OWN",
    "FROM_LIBRARY",
    "FROM_PLAN",
    "KINDS",
    "REASONS",
    "SAFETY_NET",
    "Answer",
    "Article",
    "BuildResult",
    "Library",
    "Question",
    "Reference",
    "Review",
    "Section",
    "ask",
    "build_site",
    "load_library",
    "standing",
    "to_html",
    "to_plain",
]
