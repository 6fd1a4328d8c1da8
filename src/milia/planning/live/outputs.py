"""What the surrogate answers: columns of the network's outputs, and the lengths behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PULSES = 5  # after each of them
# chance of harm through the cyst's floor; then ln of lengths, and two that are made of them
OUTPUTS = (
    *("through", "bottom", "opening", "depth", "width", "harm_above", "harm_below", "wound_width"),
    *("rtd_floor", "rtd_wall", "warmth"),
)
OUTPUT = {name: number for number, name in enumerate(OUTPUTS)}
LOGITS = 2  # the first so many are logarithms of odds
# added before the logarithm, so that nothing and a cell's width are close, m (K for warmth)
OFFSETS = {
    "depth": 4e-6,
    "width": 10e-6,
    "harm_above": 4e-6,
    "harm_below": 4e-6,
    "wound_width": 10e-6,
    "rtd_floor": 2e-6,
    "rtd_wall": 2e-6,
    "warmth": 0.5,
}
# harm that has gone past this share of the cyst's diameter has gone through its floor
THROUGH = 0.9
CLOSED_SLOPE = 0.6
CLOSED_MOST = 2.0


def opening_score(opening: Array, depth: Array, *, top: Array, spot: Array) -> Array:
    """Return (opening/spot)², continued below zero by how far the floor is from the cyst's ``top``.

    Below a Gaussian beam the crater's depth falls with the radius' square, so that this score crosses zero
    with about one slope.
    """
    missing = CLOSED_SLOPE * np.log((depth + OFFSETS["depth"]) / (top + OFFSETS["depth"]))
    closed = np.clip(missing, -CLOSED_MOST, 0.0)
    return np.where(opening > 0.0, (opening / spot) ** 2, closed)


def opening_of(score: Array, *, spot: Array) -> Array:
    """Return the opening [m] behind a score."""
    return spot * np.sqrt(np.maximum(score, 0.0))


def length_of(name: str, value: Array) -> Array:
    """Return the length (or warmth) behind the network's logarithm; never below 0."""
    return np.asarray(np.maximum(np.exp(value) - OFFSETS[name], 0.0))
