"""What a unit means. Pint decides; the common units are tabled so that a short command need not load it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

__all__ = ["COMMON", "UnitError", "conversion", "kind_of", "normalise_unit", "offset_to_kelvin"]

_YEAR_S = 365.25 * 86400.0

# unit -> (SI unit of its kind, factor); tests/base/test_units.py holds every row against pint.
COMMON: dict[str, tuple[str, float]] = {
    "1": ("1", 1.0),
    "%": ("1", 1e-2),
    "percent": ("1", 1e-2),
    "m": ("m", 1.0),
    "cm": ("m", 1e-2),
    "mm": ("m", 1e-3),
    "um": ("m", 1e-6),
    "µm": ("m", 1e-6),
    "nm": ("m", 1e-9),
    "s": ("s", 1.0),
    "ms": ("s", 1e-3),
    "us": ("s", 1e-6),
    "µs": ("s", 1e-6),
    "ns": ("s", 1e-9),
    "min": ("s", 60.0),
    "hour": ("s", 3600.0),
    "day": ("s", 86400.0),
    "days": ("s", 86400.0),
    "week": ("s", 7 * 86400.0),
    "weeks": ("s", 7 * 86400.0),
    "month": ("s", _YEAR_S / 12),
    "months": ("s", _YEAR_S / 12),
    "year": ("s", _YEAR_S),
    "years": ("s", _YEAR_S),
    "J": ("J", 1.0),
    "mJ": ("J", 1e-3),
    "uJ": ("J", 1e-6),
    "µJ": ("J", 1e-6),
    "W": ("W", 1.0),
    "mW": ("W", 1e-3),
    "kW": ("W", 1e3),
    "Hz": ("Hz", 1.0),
    "kHz": ("Hz", 1e3),
    "kg": ("kg", 1.0),
    "g": ("kg", 1e-3),
    "K": ("K", 1.0),
}

_KINDS = {
    "1": "a plain number",
    "m": "a length",
    "s": "a time",
    "J": "an energy",
    "W": "a power",
    "Hz": "a frequency",
    "kg": "a mass",
    "K": "a temperature",
}
_CELSIUS = {"degC": "degC", "°C": "degC", "celsius": "degC", "degF": "degF", "°F": "degF"}
_ZERO_CELSIUS_K = 273.15

# A closed grammar: pint evaluates what it is given, and "9**9**9 m" would never come back.
_WORD = r"[A-Za-zµΩ°%]+(?:\^?-?[1-9])?"
_UNIT = re.compile(rf"(?:1|{_WORD})(?:\s*[*/·]\s*{_WORD}|\s+{_WORD})*")


class UnitError(ValueError):
    """A unit that cannot be read or is of another kind; the message completes a sentence."""


def normalise_unit(text: str) -> str:
    """Bring the spellings of one unit together: both µ signs, powers with and without ``^``."""
    text = text.strip().replace("μ", "µ").replace("·", "*").replace("**", "^")
    text = text.replace("²", "^2").replace("³", "^3")
    text = _CELSIUS.get(text, text)
    if len(text) > 40 or not _UNIT.fullmatch(text):
        raise UnitError("the unit cannot be read")
    text = re.sub(r"(?<=[A-Za-zµΩ])(-?[1-9])", r"^\1", text)
    return re.sub(r"\s+", " ", text)


def kind_of(unit: str) -> str:
    """Name the kind of quantity in words: ``a length`` for ``m``."""
    if unit in ("degC", "degF"):
        return "a temperature"
    if unit in COMMON:
        return _KINDS[COMMON[unit][0]]
    return f"a quantity in {unit}"


@lru_cache(maxsize=256)
def conversion(unit: str, target: str) -> float:
    """Give the factor that turns a difference in ``unit`` into one in ``target``.

    Parameters
    ----------
    unit, target
        Units after `normalise_unit`. Temperatures convert as differences here.

    Returns
    -------
    float
        Factor [target/unit].

    Raises
    ------
    UnitError
        If pint does not know the unit, or the two are of different kinds.
    """
    if unit == target:
        return 1.0
    if unit in COMMON and target in COMMON:
        (kind, factor), (wanted, divisor) = COMMON[unit], COMMON[target]
        if kind == wanted:
            return factor / divisor
    registry = _registry()
    import pint

    try:
        made = registry.Quantity(1.0, registry.parse_units(_as_difference(unit)))
        return float(made.to(registry.parse_units(_as_difference(target))).magnitude)
    except pint.DimensionalityError:
        raise UnitError(f"the unit {unit} is not that of {kind_of(target)}") from None
    except Exception:
        # pint answers an unreadable unit with a dozen unrelated exception types.
        raise UnitError(f"the unit {unit} is not known") from None


def offset_to_kelvin(value: float, unit: str) -> float:
    """Turn a temperature reading into kelvin; `unit` after `normalise_unit`."""
    if unit == "degC":
        return value + _ZERO_CELSIUS_K
    if unit == "degF":
        return (value - 32.0) * 5.0 / 9.0 + _ZERO_CELSIUS_K
    return value * conversion(unit, "K")


def _as_difference(unit: str) -> str:
    return f"delta_{unit}" if unit in ("degC", "degF") else unit


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    return pint.UnitRegistry()
