"""What the knowledge base is made of: sources, quantities and statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from milia.knowledge.units import difference_to_si, to_si

FLAGS = ("read", "derived", "default", "memory")
"""How a number is known: seen in its source; computed from such; our own wide default; field knowledge."""

HOW_READ = ("full_text", "abstract", "code", "figure", "table", "computed", "none")
"""How much of a source was seen."""

SPREAD_KINDS = ("sd", "range", "lognormal", "exact")

Z_90 = 1.6448536269514722
"""Standard normal quantile at 95 %: ±Z_90 standard deviations hold 90 %."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an entry comes from, and how much of it was seen."""

    id: str
    citation: str
    url: str | None
    how_read: str
    note: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a quantity may lie from its value, in the quantity's own unit."""

    kind: str
    low: float | None = None
    high: float | None = None
    sd: float | None = None
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with unit, spread, source and flag."""

    id: str
    title: str
    value: float
    unit: str
    spread: Spread
    source: tuple[str, ...]
    flag: str
    note: str

    @property
    def si(self) -> float:
        """The value in SI; temperatures in kelvin."""
        return to_si(self.value, self.unit)

    @property
    def range_si(self) -> tuple[float, float]:
        """The 90 % range implied by the spread, in SI.

        A ``range`` is uniform, so 5 % are cut from either end; where that would leave the value itself
        outside, the end is moved back to the value. An ``exact`` quantity has a range of zero width.
        """
        spread = self.spread
        if spread.sd is not None:
            half_width = Z_90 * difference_to_si(spread.sd, self.unit)
            return self.si - half_width, self.si + half_width
        if spread.factor is not None:
            return self.si / spread.factor, self.si * spread.factor
        if spread.low is not None and spread.high is not None:
            cut = 0.05 * (spread.high - spread.low)
            low = min(spread.low + cut, self.value)
            high = max(spread.high - cut, self.value)
            return to_si(low, self.unit), to_si(high, self.unit)
        return self.si, self.si

    @property
    def bounds_si(self) -> tuple[float, float]:
        """Both ends of a stated ``range`` in SI; the value itself, twice, where the spread states no ends."""
        spread = self.spread
        if spread.low is None or spread.high is None:
            return self.si, self.si
        return to_si(spread.low, self.unit), to_si(spread.high, self.unit)

    @property
    def uncertain(self) -> Uncertain:
        """The same number as an uncertain SI value."""
        low, high = self.range_si
        return Uncertain(value=self.si, low=low, high=high, quantity_id=self.id)


@dataclass(frozen=True, slots=True)
class Uncertain:
    """An SI value with its 90 % range and the id of the quantity it comes from."""

    value: float
    low: float
    high: float
    quantity_id: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A clinical rule or finding in our own words."""

    id: str
    text: str
    source: tuple[str, ...]
    flag: str
    level: int | None
    extra: Mapping[str, Any] = field(default_factory=dict)
