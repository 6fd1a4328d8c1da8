"""Quantities as people write them, ``"90 um ± 30 um"``, read into floats and back."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from milia.base.errors import InputError
from milia.base.units import UnitError, conversion, kind_of, normalise_unit, offset_to_kelvin

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Interval",
    "Measured",
    "format_measured",
    "format_quantity",
    "format_range",
    "parse_measured",
    "parse_quantity",
]

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(
    rf"(?P<value>{_NUMBER})\s*(?P<unit>[^±\d.,+-][^±]*)?(?:±\s*(?P<sd>{_NUMBER})\s*(?P<sd_unit>[^±]*))?"
)
_NOT_FINITE = re.compile(r"[+-]?\.?(?:nan|inf|infinity)\b", re.IGNORECASE)
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])
_LONGEST = 120

_STEPS: dict[str, tuple[tuple[str, float], ...]] = {
    "m": (("m", 1.0), ("mm", 1e-3), ("µm", 1e-6), ("nm", 1e-9)),
    "s": (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)),
    "J": (("J", 1.0), ("mJ", 1e-3), ("µJ", 1e-6)),
    "W": (("kW", 1e3), ("W", 1.0), ("mW", 1e-3)),
    "Hz": (("kHz", 1e3), ("Hz", 1.0)),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured value and its standard deviation in the unit asked for; ``None`` if no spread was given."""

    value: float
    sd: float | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """The 5th, 50th and 95th percentile of an uncertain result."""

    p05: float
    p50: float
    p95: float

    @classmethod
    def of(cls, samples: Sequence[float] | NDArray[Any]) -> Interval:
        """Take the percentiles; raise ``ValueError`` when there is no sample or one is not finite."""
        import numpy as np

        values = np.asarray(samples, dtype=float)
        if values.size == 0 or not np.isfinite(values).all():
            raise ValueError("an interval needs at least one sample, all finite")
        low, middle, high = (float(q) for q in np.percentile(values, (5.0, 50.0, 95.0)))
        return cls(low, middle, high)

    def to_dict(self) -> dict[str, float]:
        """Give the three percentiles under the keys that JSON output uses."""
        return {"p05": self.p05, "p50": self.p50, "p95": self.p95}


def parse_measured(
    text: object,
    *,
    unit: str,
    low: float,
    high: float,
    key: str,
    file: str | None = None,
    spread: bool = True,
) -> Measured:
    """Read ``"90 um ± 30 um"`` into numbers, or say exactly what is wrong with it.

    Parameters
    ----------
    text
        What the file holds. A bare number passes only where ``unit`` is ``"1"``.
    unit
        Unit of the result and of the limits: ``m``, ``s``, ``J``, ``K``, ``degC``, ``year``, ``1`` ...
    low, high
        Accepted range, inclusive [unit].
    key, file
        Where the text stands, for the message.
    spread
        Whether a standard deviation may follow the value.

    Returns
    -------
    Measured
        Value and standard deviation [unit]; a spread of a temperature is a difference.

    Raises
    ------
    InputError
        For a missing, unknown or wrong unit, a number that is not finite or out of range, a negative spread
        or one wider than the accepted range, and anything that is no quantity.
    """
    accepted = f"{kind_of(unit)}{'' if unit == '1' else ' with unit'} from {format_range(low, high, unit)}, "
    accepted += f"such as '{_example(low, high, unit)}'"

    def refuse(problem: str) -> InputError:
        return InputError(
            problem, file=file, key=key, value="null" if text is None else text, accepted=accepted
        )

    try:
        value, sd = _read(text, unit)
    except UnitError as problem:
        raise refuse(str(problem)) from None
    if sd is not None and not spread:
        raise refuse("a spread is not accepted here")
    # A limit written in the file's own unit must pass although 0.1 mm is not exactly 1e-4 m in binary.
    slack = 1e-12 * max(abs(low), abs(high))
    if not low - slack <= value <= high + slack:
        raise refuse("the value is out of range")
    if sd is not None and sd < 0.0:
        raise refuse("the spread is negative")
    if sd is not None and sd > high - low:
        raise refuse("the spread is wider than the whole accepted range")
    return Measured(value, sd)


def parse_quantity(
    text: object, *, unit: str, low: float, high: float, key: str, file: str | None = None
) -> float:
    """Read a quantity without spread; see `parse_measured`."""
    return parse_measured(text, unit=unit, low=low, high=high, key=key, file=file, spread=False).value


def format_quantity(value: float, unit: str) -> str:
    """Write an SI value in the unit a clinician would choose: ``90 µm`` for 9e-5 m."""
    shown, factor = _scale(value, unit)
    return _write(value / factor, shown)


def format_measured(measured: Measured, unit: str) -> str:
    """Write a measured value as a case file holds it: ``"90 µm ± 30 µm"``."""
    shown, factor = _scale(measured.value, unit)
    text = _write(measured.value / factor, shown)
    return text if measured.sd is None else f"{text} ± {_write(measured.sd / factor, shown)}"


def format_range(low: float, high: float, unit: str) -> str:
    """Write an accepted range, in one unit where both ends read well in it: ``"0.1 mm to 3 mm"``."""
    shown, factor = _scale(high, unit)
    if low and abs(low) / factor < 1e-2:
        return f"{format_quantity(low, unit)} to {format_quantity(high, unit)}"
    return f"{_write(low / factor, shown)} to {_write(high / factor, shown)}"


def _read(text: object, unit: str) -> tuple[float, float | None]:
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise UnitError("this is not a quantity")
    if isinstance(text, (int, float)):
        if unit != "1":
            raise UnitError("the unit is missing")
        text = repr(text)
    if len(text) > _LONGEST:
        raise UnitError("this is too long for a quantity")
    plain = _plain(text)
    if not plain:
        raise UnitError("the value is empty")
    if any(_NOT_FINITE.match(part.strip()) for part in plain.split("±")):
        raise UnitError("the number is not finite")
    match = _QUANTITY.fullmatch(plain)
    if match is None:
        hint = "; write the decimal sign as a point" if re.search(r"\d,\d", plain) else ""
        raise UnitError(f"this is not a quantity{hint}")
    value, sd = float(match["value"]), None if match["sd"] is None else float(match["sd"])
    if not math.isfinite(value) or (sd is not None and not math.isfinite(sd)):
        raise UnitError("the number is not finite")
    unit_text, sd_unit_text = (match["unit"] or "").strip(), (match["sd_unit"] or "").strip()
    if sd is not None and unit_text and not sd_unit_text and unit != "1":
        raise UnitError("the spread's unit is missing")
    # "90 ± 30 um": a unit written once, at the end, belongs to both numbers.
    return (
        _convert(value, unit_text or sd_unit_text, unit),
        None if sd is None else _convert(sd, sd_unit_text or unit_text, unit, difference=True),
    )


def _plain(text: str) -> str:
    # Compatibility forms fold full-width digits and odd spaces; they would also turn m² into m2.
    text = text.translate(_INVISIBLE).replace("²", "^2").replace("³", "^3")
    text = unicodedata.normalize("NFKC", text).replace("−", "-").replace("\u2044", "/")
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\+ ?/ ?-|\+-", "±", text)
    grouped = re.fullmatch(r"\(([^()]*±[^()]*)\)\s*(.*)", text)
    return f"{grouped[1]} {grouped[2]}" if grouped else text


def _convert(value: float, unit_text: str, target: str, *, difference: bool = False) -> float:
    if not unit_text:
        if target != "1":
            raise UnitError("the unit is missing")
        return value
    unit = normalise_unit(unit_text)
    temperature = target in ("degC", "K") and unit in ("degC", "degF", "K")
    if not temperature:
        return _times(value, conversion(unit, target))
    if difference:
        return value * conversion("degC" if unit == "K" else unit, "degC")
    if unit == target:
        return value
    kelvin = offset_to_kelvin(value, unit)
    return kelvin if target == "K" else kelvin - 273.15


def _times(value: float, factor: float) -> float:
    # In decimal, because 90 * 1e-6 is 8.999999999999999e-05 in binary and would miss a step of 90 um.
    return float(Decimal(repr(value)) * Decimal(repr(factor)))


def _scale(value: float, unit: str) -> tuple[str, float]:
    steps = _STEPS.get(unit)
    if steps is None:
        return ("" if unit == "1" else {"degC": "°C"}.get(unit, unit)), 1.0
    if not value:
        return (unit, 1.0)
    for shown, factor in steps:
        # Just under a step counts as on it, or 0.001 m / 1e-3 could show as "1000 µm".
        if abs(value) >= factor * (1.0 - 1e-9):
            return shown, factor
    return steps[-1]


def _write(number: float, unit: str) -> str:
    return f"{number:.12g} {unit}".rstrip()


def _example(low: float, high: float, unit: str) -> str:
    middle = math.sqrt(low * high) if low > 0.0 else 0.5 * (low + high)
    if not middle:
        return format_quantity(high, unit)
    digits = -math.floor(math.log10(abs(middle)))
    rounded = round(middle, digits)
    return format_quantity(rounded if low <= rounded <= high else middle, unit)
