"""Linear scales and the round numbers that mark them."""

from __future__ import annotations

import math
from dataclasses import dataclass

NICE_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class LinearScale:
    """Maps data [low, high] onto picture coordinates [start, end]."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the picture coordinate of a data value."""
        return self.start + (value - self.low) * self.per_unit

    @property
    def per_unit(self) -> float:
        """Picture units per data unit (negative where the axis points the other way)."""
        return (self.end - self.start) / (self.high - self.low)


def nice_step(extent: float, *, about: int) -> float:
    """Return the smallest 1-2-2.5-5 step that cuts `extent` into at most `about` parts."""
    raw = extent / about
    power = 10.0 ** math.floor(math.log10(raw))
    return next(step * power for step in NICE_STEPS if step * power >= raw * (1.0 - 1e-9))


def ticks(low: float, high: float, *, about: int = 5) -> tuple[float, ...]:
    """Return round tick values inside [low, high]."""
    step = nice_step(high - low, about=about)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(round(index * step, 9) for index in range(first, last + 1))
