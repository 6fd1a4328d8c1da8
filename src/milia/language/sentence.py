"""A sentence for people: English words with gaps, and what goes into the gaps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TypeAlias

from milia.language.catalogue import translated, word_for
from milia.language.languages import ENGLISH, Language
from milia.language.written import date_range_text, date_text, number_range_text, number_text, time_text

PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.]+)\}")

Value: TypeAlias = "str | float | date | time | Name | Sentence | tuple[date, date] | tuple[float, float]"


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names of a template's gaps, in order, with repeats."""
    return tuple(PLACEHOLDER.findall(template))


@dataclass(frozen=True, slots=True)
class Name:
    """What a place or a device is called: in the language where it has a word for it, else as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that can be said in every language.

    Parameters
    ----------
    template
        The English sentence, which is also its name in the catalogues; gaps are written ``{name}``.
    values
        What fills each gap: text as it is, a number, a date, a time, a pair of dates or of numbers (a range),
        a name, or another sentence.
    evidence
        Ids of the knowledge behind it.

    Raises
    ------
    ValueError
        If gaps and values do not match.
    """

    template: str
    values: Mapping[str, Value] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        gaps = set(placeholders(self.template))
        if gaps != set(self.values):
            raise ValueError(
                f"{self.template!r} has the gaps {sorted(gaps)} and the values {sorted(self.values)}"
            )

    def text(self, language: Language = ENGLISH) -> str:
        """Return the sentence in a language.

        Raises
        ------
        MissingTranslation
            If the language lacks this sentence, or one inside it.
        """
        template = translated(self.template, language)
        return PLACEHOLDER.sub(lambda gap: _filled(self.values[gap[1]], language), template)


def _filled(value: Value, language: Language) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sentence):
        return value.text(language)
    if isinstance(value, Name):
        return word_for(value.text, language)
    if isinstance(value, datetime):
        return f"{date_text(value, language)} {time_text(value.time(), language)}"
    if isinstance(value, date):
        return date_text(value, language)
    if isinstance(value, time):
        return time_text(value, language)
    if isinstance(value, tuple):
        return _range(value, language)
    return number_text(value, language)


def _range(value: tuple[date, date] | tuple[float, float], language: Language) -> str:
    first, last = value
    if isinstance(first, date) and isinstance(last, date):
        return date_range_text(first, last, language)
    if isinstance(first, int | float) and isinstance(last, int | float):
        return number_range_text(first, last, language)
    raise TypeError(f"a range has two dates or two numbers, not {value!r}")
