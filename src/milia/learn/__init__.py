"""The education library: articles in four languages, answers to patients' questions, and a clinic's column pages."""

from milia.learn.answers import KINDS, REASONS, Answer, standing
from milia.learn.articles import Article, Question, Reference, Review, Section
from milia.learn.ask import ask
from milia.learn.library import Library, load_library

__all__ = [
    "KINDS",
    "REASONS",
    "Answer",
    "Article",
    "Library",
    "Question",
    "Reference",
    "Review",
    "Section",
    "ask",
    "load_library",
    "standing",
]
