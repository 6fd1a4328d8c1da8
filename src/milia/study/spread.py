"""Distributions as a study file writes them: ``1 mm``, ``1 mm to 2 mm`` or ``0 um ± 75 um``."""

from __future__ import annotations

import re
from dataclasses import replace

from milia.base import InputError, Measured, format_measured, format_quantity, format_range, parse_measured
from milia.calibration import Marginal, from_quantity, measured
from milia.knowledge import load_knowledge

_TO = re.compile(r"\s+to\s+")
YEAR_s = 31557600.0


def read_spread(
    value: object, *, name: str, unit: str, low: float, high: float, key: str, file: str
) -> Marginal:
    """Read a distribution: one value, a range (uniform), or value ± standard deviation (normal, cut).

    Parameters
    ----------
    value
        What the file holds.
    name, unit
        Of the made marginal.
    low, high
        Accepted range [unit]; a normal distribution is cut there.
    key, file
        Where it stands, for messages.

    Raises
    ------
    InputError
        Naming file, key, value and what would be accepted.
    """
    ends = _TO.split(value) if isinstance(value, str) else [value]
    if len(ends) > 2:
        accepted = f"one value, 'low to high', or 'value ± sd' within {format_range(low, high, unit)}"
        raise InputError("this is not a distribution", file=file, key=key, value=value, accepted=accepted)
    read = [
        parse_measured(end, unit=unit, low=low, high=high, key=key, file=file, spread=len(ends) == 1)
        for end in ends
    ]
    if len(read) == 1:
        return measured(name, read[0].value, read[0].sd, low=low, high=high)
    if not read[0].value < read[1].value:
        raise InputError(
            "the range does not rise",
            file=file,
            key=key,
            value=value,
            accepted="'low to high' with low < high",
        )
    return Marginal(name, "uniform", read[0].value, read[1].value)


def known_spread(id: str, *, name: str, per: float = 1.0) -> Marginal:
    """Return the distribution of a quantity of the knowledge base, in units of ``per`` SI units."""
    found = from_quantity(name, load_knowledge().quantity(id))
    # a mean of zero has no side to be cut at; what is positive stays so
    return replace(found, a=found.a / per, b=found.b / per if found.kind != "lognormal" else found.b)


def written(spread: Marginal, unit: str) -> str:
    """Write a distribution as a study file holds it."""
    if spread.kind == "uniform":
        return format_range(_short(spread.a), _short(spread.b), unit)
    if spread.kind == "normal":
        return format_measured(Measured(_short(spread.a), _short(spread.b)), unit)
    if spread.kind == "fixed":
        return format_quantity(_short(spread.a), unit)
    return f"{format_quantity(_short(spread.centre), unit)}, 90 % within a factor of {spread.b:.3g}"


def _short(value: float) -> float:
    return float(f"{value:.6g}")
