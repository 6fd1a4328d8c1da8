"""Draw uncertain numbers: every quantity of the knowledge base is a distribution by its spread."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.knowledge import KnowledgeError, Quantity, Uncertain, load_knowledge

Array = NDArray[np.float64]
Z_90 = 1.6448536269514722  # normal quantile at 95 %


@dataclass(frozen=True)
class Marginal:
    """One uncertain input: its name, where it comes from, and its quantile function's shape.

    ``kind`` is ``uniform`` on [a, b], ``normal`` (a ± b, cut at ``low`` and ``high``), ``lognormal``
    (90 % within a×/÷b), ``empirical`` (``table`` holds evenly spaced quantiles) or ``fixed`` (a).
    """

    name: str
    kind: str
    a: float
    b: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    evidence: str = ""
    table: tuple[float, ...] = ()

    def quantile(self, u: Array) -> Array:
        """Return the value below which a share ``u`` (0 to 1) lies."""
        if self.kind == "fixed":
            return np.full_like(u, self.a)
        if self.kind == "uniform":
            return self.a + (self.b - self.a) * u
        if self.kind == "empirical":
            return np.asarray(np.interp(u, np.linspace(0.0, 1.0, len(self.table)), self.table))
        from scipy.special import ndtri

        if self.kind == "lognormal":
            return np.asarray(self.a * np.exp(math.log(self.b) / Z_90 * ndtri(u)))
        from scipy.special import ndtr

        lowest = ndtr((self.low - self.a) / self.b)
        highest = ndtr((self.high - self.a) / self.b)
        return np.asarray(self.a + self.b * ndtri(lowest + u * (highest - lowest)))

    @property
    def centre(self) -> float:
        """The median."""
        return float(self.quantile(np.array([0.5]))[0])

    @property
    def band(self) -> tuple[float, float]:
        """The range the spread was stated by: all of a uniform one, else the central 90 %."""
        if self.kind == "uniform":
            return self.a, self.b
        low, high = self.quantile(np.array([0.05, 0.95]))
        return float(low), float(high)

    @property
    def certain(self) -> bool:
        return self.kind == "fixed"


def from_quantity(name: str, quantity: Quantity) -> Marginal:
    """Return the distribution that a quantity's spread states, in SI."""
    spread, value = quantity.spread, quantity.si
    if spread.low is not None and spread.high is not None:
        return Marginal(name, "uniform", *quantity.bounds_si, evidence=quantity.id)
    if spread.factor is not None:
        return Marginal(name, "lognormal", value, spread.factor, evidence=quantity.id)
    if spread.sd is not None:
        low, high = quantity.range_si
        # what is positive stays positive; a value of either sign may lie on both sides of zero
        least = 0.0 if value > 0.0 else -math.inf
        return Marginal(name, "normal", value, (high - low) / (2.0 * Z_90), low=least, evidence=quantity.id)
    return Marginal(name, "fixed", value, evidence=quantity.id)


def from_uncertain(name: str, uncertain: Uncertain) -> Marginal:
    """Return the distribution behind an uncertain value.

    That of its entry in the knowledge base; for a number from elsewhere, such as a device file, a uniform
    one with the value's range as its central 90 %.
    """
    try:
        quantity = load_knowledge().quantity(uncertain.quantity_id)
    except KnowledgeError:
        quantity = None
    if quantity is not None and quantity.uncertain == uncertain:
        return from_quantity(name, quantity)
    if uncertain.low == uncertain.high:
        return Marginal(name, "fixed", uncertain.value, evidence=uncertain.quantity_id)
    tail = (uncertain.high - uncertain.low) / 18.0
    return Marginal(
        name, "uniform", uncertain.low - tail, uncertain.high + tail, evidence=uncertain.quantity_id
    )


def measured(name: str, value: float, sd: float | None, *, low: float, high: float) -> Marginal:
    """Return the distribution of a measurement of the case, cut to what is possible."""
    if not sd:
        return Marginal(name, "fixed", value)
    return Marginal(name, "normal", value, sd, low=low, high=high)


def sobol(count: int, dimensions: int, *, seed: int) -> Array:
    """Return ``count`` scrambled Sobol points in the unit cube, [count, dimensions].

    The same seed gives the same points; more points begin with the fewer ones.
    """
    from scipy.stats import qmc

    sampler = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
    points = sampler.random_base2(max(1, math.ceil(math.log2(count))))[:count]
    return np.asarray(np.clip(points, 1e-9, 1 - 1e-9))


def draw(marginals: tuple[Marginal, ...], points: Array) -> list[Mapping[str, float]]:
    """Turn points of the unit cube, one column for each marginal, into named values."""
    columns = {m.name: m.quantile(points[:, j]) for j, m in enumerate(marginals)}
    return [{name: float(values[i]) for name, values in columns.items()} for i in range(len(points))]
