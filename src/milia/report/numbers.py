"""Numbers as a reader wants them: three significant digits, thin-space units, natural frequencies."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from milia.language import say

THIN_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
WORD_UNITS = frozenset({"day", "days"})
NUMBER_AND_UNIT = re.compile(
    r"(\d) (mJ|J/cm²|J|kW/cm²|kW|W|µm|mm|cm|µs|ms|s|Hz|%|°C|days?|of 100)(?![A-Za-z0-9_])"
)
PROBABILITY_TOLERANCE = 1e-9


def finite(value: object) -> float | None:
    """Return `value` as a finite float, or None for anything that is not a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def significant(value: float, *, digits: int = 3) -> str:
    """Return `value` in plain decimals with `digits` significant digits and no idle zeros."""
    if value == 0.0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - exponent)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    text = f"{abs(rounded):.{decimals}f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", THIN_SPACE)
    sign = "−" if rounded < 0 else ""
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def with_unit(value: float | None, unit: str, *, digits: int = 3) -> str:
    """Return number and unit joined by a narrow no-break space; an unknown number says so."""
    if value is None:
        return not_known()
    return f"{significant(value, digits=digits)}{_unit(unit)}"


def dialled(value: float | None, unit: str = "") -> str:
    """Return a number that is set on a device: never rounded to three digits, because a hand copies it."""
    return with_unit(value, unit, digits=9)


def span(low: float | None, high: float | None, unit: str = "") -> str:
    """Return 'low–high unit'."""
    if low is None or high is None:
        return not_known()
    return f"{significant(low)}–{significant(high)}{_unit(unit)}"


def not_known() -> str:
    """Return what is written in place of a number that is not there."""
    return say("not known")


def _unit(unit: str) -> str:
    if not unit:
        return ""
    unit = say(unit) if unit in WORD_UNITS else unit
    return f"{NO_BREAK_SPACE if unit in WORD_UNITS else THIN_SPACE}{unit}"


def of_hundred(probability: float | None) -> str:
    """Return a probability as a natural frequency; never a false 0 or 100."""
    if probability is None:
        return not_known()
    share = 100.0 * probability
    if share <= PROBABILITY_TOLERANCE:
        return say("{hits} of {count}", hits="0", count="100")
    if share >= 100.0 - PROBABILITY_TOLERANCE:
        return say("{hits} of {count}", hits="100", count="100")
    if share < 1.0:
        return say("fewer than 1 of 100")
    if share > 99.0:
        return say("more than 99 of 100")
    return say("{hits} of {count}", hits=str(round(share)), count="100")


def hundred_span(low: float | None, high: float | None) -> str:
    """Return the interval of a natural frequency, rounded outwards."""
    if low is None or high is None:
        return not_known()
    first = math.floor(100.0 * low + PROBABILITY_TOLERANCE)
    last = math.ceil(100.0 * high - PROBABILITY_TOLERANCE)
    return str(first) if first == last else say("{low} to {high}", low=str(first), high=str(last))


def lesions(count: int) -> str:
    """Return '1 lesion' or '3 lesions'."""
    if count == 1:
        return say("1\u00a0lesion")
    return say("{count}\u00a0lesions", count=str(count))


def unbroken(sentence: str) -> str:
    """Return a sentence in which no line can end between a number and its unit."""
    return NUMBER_AND_UNIT.sub("\\1\u00a0\\2", sentence)


def interpolated(x: Sequence[float], y: Sequence[float], place: float) -> float:
    """Return the polyline (x, y) at ``place``, held constant beyond its ends."""
    if place <= x[0]:
        return y[0]
    for (x0, y0), (x1, y1) in zip(
        zip(x[:-1], y[:-1], strict=True), zip(x[1:], y[1:], strict=True), strict=True
    ):
        if place <= x1:
            return y0 + (y1 - y0) * (place - x0) / (x1 - x0)
    return y[-1]


def first_crossing(x: Sequence[float], y: Sequence[float], level: float) -> float | None:
    """Return where the polyline (x, y) first reaches `level` from below, by linear interpolation.

    A curve that starts at or above the level crosses at its first x; one that never reaches it gives None.
    """
    if not x:
        return None
    if y[0] >= level:
        return x[0]
    for (x0, y0), (x1, y1) in zip(
        zip(x[:-1], y[:-1], strict=True), zip(x[1:], y[1:], strict=True), strict=True
    ):
        if y0 < level <= y1:
            return x0 + (x1 - x0) * (level - y0) / (y1 - y0)
    return None
