"""The languages Milia speaks: sentences, their catalogues, and dates and numbers by locale."""

from milia.language.catalogue import MissingTranslation, word_for
from milia.language.languages import ENGLISH, LANGUAGES, STAFF_LANGUAGES, Language, language, staff_language
from milia.language.sentence import Name, Sentence, Value, placeholders
from milia.language.speaking import say, speaking, spoken_language
from milia.language.told import Told, heard, joined, retold, sentences_in, told
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
    "STAFF_LANGUAGES",
    "Language",
    "MissingTranslation",
    "Name",
    "Sentence",
    "Style",
    "Told",
    "Value",
    "date_range_text",
    "date_text",
    "heard",
    "joined",
    "language",
    "number_range_text",
    "number_text",
    "placeholders",
    "retold",
    "say",
    "sentences_in",
    "speaking",
    "spoken_language",
    "staff_language",
    "time_text",
    "told",
    "word_for",
]
