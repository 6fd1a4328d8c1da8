"""Numbers with units and words of the closed vocabularies."""

from __future__ import annotations

import math
import re
from typing import Any

from milia.base import InputError, nearest
from milia.diagnosis.data import BASE_SITES, CLOSED, Field

_DAY = 1 / 365.25
_UNITS_YEARS = {
    "d": _DAY, "day": _DAY, "일": _DAY, "w": 7 * _DAY, "wk": 7 * _DAY, "week": 7 * _DAY, "주": 7 * _DAY,
    "m": 1 / 12, "mo": 1 / 12, "month": 1 / 12, "개월": 1 / 12, "달": 1 / 12,
    "y": 1.0, "yr": 1.0, "year": 1.0, "세": 1.0, "살": 1.0, "년": 1.0,
}  # fmt: skip
_UNITS_MM = {"mm": 1.0, "cm": 10.0, "um": 1e-3, "µm": 1e-3, "μm": 1e-3, "밀리": 1.0}
_TIME = re.compile(r"(?:생후\s*)?(\d+(?:\.\d+)?)[\s-]*([a-z]+|[가-힣]+)(?:[\s-]*old)?")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(?:-|–|to|~)\s*(\d+(?:\.\d+)?)\s*)?(mm|cm|um|µm|μm|밀리)(?:미터)?")

VOCABULARY: dict[str, tuple[str, ...]] = {
    "sex": CLOSED["sex"],
    "sites": BASE_SITES,
    "lesion_count": CLOSED["count"],
    **{
        key: CLOSED[key]
        for key in ("colour", "surface", "consistency", "shape", "symptoms", "onset", "growth")
    },
    "duration_band": CLOSED["duration"],
}
"""Accepted words of each closed input."""


def choice_of(raw: object, vocabulary: str, field: Field, *, key: str, file: str | None) -> str | None:
    """Give the accepted word behind a word or its synonym; ``None`` for unknown.

    Raises
    ------
    InputError
        If the word is neither accepted nor a known synonym; the message names the nearest.
    """
    accepted = VOCABULARY[vocabulary]
    if raw is None or raw == "":
        return None
    text = str(raw).strip() if isinstance(raw, str | int) and not isinstance(raw, bool) else None
    if text in accepted:
        return text
    synonyms = {
        word: value
        for (feature, value), words in field.words.items()
        if feature == vocabulary
        for word in words
    }
    if text is not None:
        folded = text.casefold().replace("_", " ")
        found = synonyms.get(folded) or next(
            (a for a in accepted if a.replace("_", " ").casefold() == folded), None
        )
        if found is not None:
            return found
    close = nearest(text, (*accepted, *synonyms)) if text is not None else None
    hint = f"; did you mean {synonyms.get(close, close)}?" if close else ""
    raise InputError(
        f"this is not one of the accepted words{hint}",
        file=file,
        key=key,
        value=raw,
        accepted=", ".join(accepted),
    )


def sheet_list(raw: object, *, key: str, file: str | None) -> list[Any]:
    """Give a list; a single word counts as a list of one, null and empty as none."""
    if raw is None or raw == "":
        return []
    if isinstance(raw, list | tuple):
        if len(raw) > 100:
            raise InputError("the list is too long", file=file, key=key, accepted="up to 100 entries")
        return [item for item in raw if item is not None and item != ""]
    if isinstance(raw, str):
        return [raw]
    raise InputError("this is not a list", file=file, key=key, value=raw, accepted="a list of words")


def age_years_of(raw: object, *, file: str | None) -> float | None:
    """Give an age in years from a number or from text with a unit ("8 days", "34세")."""
    accepted = "a number of years from 0 to 120, or text with a unit such as '8 days'"
    years = _time_years(raw, key="age_years", per_number=1.0, accepted=accepted, file=file)
    if years is not None and not 0 <= years <= 120:
        raise InputError("the age is out of range", file=file, key="age_years", value=raw, accepted=accepted)
    return years


def duration_months_of(raw: object, *, file: str | None) -> float | None:
    """Give a duration in months from a number or from text with a unit ("6 weeks")."""
    accepted = "a number of months from 0 to 1440, or text with a unit such as '6 weeks'"
    key = "course.duration_months"
    years = _time_years(raw, key=key, per_number=1 / 12, accepted=accepted, file=file)
    if years is not None and not 0 <= years <= 120:
        raise InputError("the duration is out of range", file=file, key=key, value=raw, accepted=accepted)
    return None if years is None else 12 * years


def size_mm_of(raw: object, *, file: str | None) -> tuple[float, float] | None:
    """Give smallest and largest size in mm from ``[1, 2]``, a number, or text with a unit ("1-2 mm")."""
    accepted = "[min, max] in mm from 0.05 to 200, or text with a unit such as '1-2 mm'"
    if raw is None or raw == "" or raw == []:
        return None
    parts = list(raw) if isinstance(raw, list | tuple) else [raw]
    if len(parts) not in (1, 2):
        raise InputError("this is no size", file=file, key="size_mm", value=raw, accepted=accepted)
    values: list[float] = []
    for part in parts:
        values += _millimetres(part, raw, accepted=accepted, file=file)
    low, high = values[0], values[-1]
    if not 0.05 <= low <= high <= 200:
        raise InputError("the size is out of range", file=file, key="size_mm", value=raw, accepted=accepted)
    return low, high


def yes_no_of(raw: object, *, key: str, file: str | None) -> bool:
    """Give a yes or no, also from the words yes and no."""
    words = {"yes": True, "no": False, "true": True, "false": False, "예": True, "아니오": False}
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().casefold() in words:
        return words[raw.strip().casefold()]
    raise InputError("this is neither yes nor no", file=file, key=key, value=raw, accepted="true or false")


def _time_years(raw: object, *, key: str, per_number: float, accepted: str, file: str | None) -> float | None:
    if raw is None or raw == "":
        return None
    number = _number(raw)
    if number is not None:
        return number * per_number
    if isinstance(raw, str):
        found = _TIME.fullmatch(raw.strip().casefold())
        unit = found[2].removesuffix("s") if found else ""
        if found and unit in _UNITS_YEARS:
            return float(found[1]) * _UNITS_YEARS[unit]
    raise InputError("this is no time that can be read", file=file, key=key, value=raw, accepted=accepted)


def _millimetres(part: object, raw: object, *, accepted: str, file: str | None) -> list[float]:
    number = _number(part)
    if number is not None:
        return [number]
    found = _SIZE.fullmatch(part.strip().casefold()) if isinstance(part, str) else None
    if found is None:
        raise InputError(
            "this is no size that can be read", file=file, key="size_mm", value=raw, accepted=accepted
        )
    scale = _UNITS_MM[found[3]]
    return [float(text) * scale for text in (found[1], found[2]) if text is not None]


def _number(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
