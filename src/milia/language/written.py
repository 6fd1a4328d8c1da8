"""Dates, times and numbers as each language writes them."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from milia.language.languages import ENGLISH, Language

Style = Literal["full", "long", "short", "weekday"]

UNMISTAKABLE_DAYS = 330
"""Two dates without a year are read as the nearest ones; farther apart than this they need it."""

_SKELETONS: dict[Style, str] = {"short": "MMMd", "weekday": "MMMEd", "long": "yMMMMd", "full": "yMMMMEEEEd"}


def date_text(day: date, language: Language = ENGLISH, *, style: Style = "long") -> str:
    """Return a date: ``long`` 3 December 2026, ``full`` + weekday, ``short`` 3 Dec, ``weekday`` Thu 3 Dec."""
    from babel.dates import format_date, format_skeleton

    if style in ("long", "full"):
        return format_date(day, style, locale=language.locale)
    return format_skeleton(_SKELETONS[style], day, locale=language.locale)


def date_range_text(first: date, last: date, language: Language = ENGLISH, *, style: Style = "long") -> str:
    """Return two dates with what they share written once; one date where both are the same."""
    if first == last:
        return date_text(first, language, style=style)
    from babel.dates import format_interval

    skeleton = _SKELETONS[style]
    if style in ("short", "weekday") and (last - first).days > UNMISTAKABLE_DAYS:
        skeleton = f"y{skeleton}"
    return format_interval(first, last, skeleton, locale=language.locale)


def time_text(moment: time, language: Language = ENGLISH) -> str:
    """Return a time on the 24-hour clock: the Korean locale would write a Latin ``AM`` in front of it."""
    from babel.dates import format_skeleton

    return format_skeleton("Hm", moment, locale=language.locale)


def number_text(value: float, language: Language = ENGLISH) -> str:
    """Return a number with at most three decimals and the locale's separators."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=language.locale)


def number_range_text(low: float, high: float, language: Language = ENGLISH) -> str:
    """Return ``3–7`` as the language writes it; one number where both ends are written the same."""
    first, last = number_text(low, language), number_text(high, language)
    if first == last:
        return first
    sign = {"ko": "~", "ja": "～", "zh-Hans": "至"}.get(language.tag, "–")
    return f"{first}{sign}{last}"
