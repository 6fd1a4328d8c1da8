"""The languages Milia speaks to patients: sentences, their catalogues, and dates and numbers by locale."""

from milia.language.catalogue import MissingTranslation
from milia.language.languages import ENGLISH, LANGUAGES, Language, language
from milia.language.sentence import Sentence, Value, placeholders
from milia.language.written import (
    Style,
    date_range_text,
    date_text,
    number_range_text,
    number_text,
    time_text,
)

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Language",
    "MissingTranslation",
    "Sentence",
    "Style",
    "Value",
    "date_range_text",
    "date_text",
    "language",
    "number_range_text",
    "number_text",
    "placeholders",
    "time_text",
]
