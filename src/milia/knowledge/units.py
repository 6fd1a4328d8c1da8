"""Conversion of a number with a unit to SI.

The units the package's own data use are in a table, because starting pint costs more than reading every data
file. Any other unit is read by pint.
"""

from __future__ import annotations

import functools

from milia.knowledge.errors import KnowledgeError

KELVIN_AT_0_DEGC = 273.15

_SCALE: dict[str, float] = {
    "1": 1.0,
    "percent": 1e-2,
    "m": 1.0,
    "cm": 1e-2,
    "mm": 1e-3,
    "um": 1e-6,
    "nm": 1e-9,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "week": 604800.0,
    "month": 2629800.0,
    "year": 31557600.0,
    "m^2": 1.0,
    "cm^2": 1e-4,
    "mm^2": 1e-6,
    "ml": 1e-6,
    "kg": 1.0,
    "g": 1e-3,
    "mg": 1e-6,
    "mg/kg": 1e-6,
    "mg/ml": 1.0,
    "Hz": 1.0,
    "K": 1.0,
    "1/K": 1.0,
    "1/s": 1.0,
    "1/m": 1.0,
    "1/cm": 1e2,
    "1/mm": 1e3,
    "1/cm/K": 1e2,
    "kg/m^3": 1.0,
    "g/cm^3": 1e3,
    "J": 1.0,
    "mJ": 1e-3,
    "W": 1.0,
    "J/kg": 1.0,
    "J/kg/K": 1.0,
    "J/mol": 1.0,
    "J/cm^2": 1e4,
    "J/m^3": 1.0,
    "kJ/cm^3": 1e9,
    "W/m/K": 1.0,
    "W/m^2/K": 1.0,
    "W/m^3": 1.0,
    "kW/cm^2": 1e7,
    "m^2/s": 1.0,
    "um*cm^2/J": 1e-10,
    "W*m^2/kg/K": 1.0,
    "J/m^3/K": 1.0,
    "J/mol/K": 1.0,
}


@functools.cache
def scale_and_offset(unit: str) -> tuple[float, float]:
    """Return the numbers a and b of ``SI value = a * value + b``.

    Raises
    ------
    KnowledgeError
        If the unit cannot be read.
    """
    if unit in _SCALE:
        return _SCALE[unit], 0.0
    if unit == "degC":
        return 1.0, KELVIN_AT_0_DEGC
    import pint

    registry = _registry()
    try:
        parsed = registry.parse_units(unit)
        zero = registry.Quantity(0.0, parsed).to_base_units().magnitude
        one = registry.Quantity(1.0, parsed).to_base_units().magnitude
    except (pint.errors.PintError, ValueError, TypeError, AttributeError, SyntaxError, KeyError) as error:
        raise KnowledgeError(f"the unit {unit!r} cannot be read") from error
    return float(one - zero), float(zero)


def to_si(value: float, unit: str) -> float:
    """Convert a value [unit] to SI; temperatures become kelvin."""
    scale, offset = scale_and_offset(unit)
    return value * scale + offset


def difference_to_si(value: float, unit: str) -> float:
    """Convert a difference or standard deviation [unit] to SI: no zero-point shift."""
    return value * scale_and_offset(unit)[0]


@functools.lru_cache(maxsize=1)
def _registry():  # type: ignore[no-untyped-def]  # pint is imported only when it is needed
    import pint

    return pint.UnitRegistry()
