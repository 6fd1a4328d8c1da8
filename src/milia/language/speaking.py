"""The language in which a page is being written: set once around it, asked wherever a sentence is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from milia.language.catalogue import MissingTranslation, word_for
from milia.language.languages import ENGLISH, Language
from milia.language.sentence import Sentence, Value

_SPOKEN: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Write everything inside in a language; the one before is back afterwards."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def spoken_language() -> Language:
    """Return the language in which is being written; English where nobody said otherwise."""
    return _SPOKEN.get()


def say(template: str, /, **values: Value) -> str:
    """Return a sentence in the language in which is being written; in English where it has no other."""
    language = spoken_language()
    if not values:
        return word_for(template, language)
    sentence = Sentence(template, values)
    try:
        return sentence.text(language)
    except MissingTranslation:
        return sentence.text()
