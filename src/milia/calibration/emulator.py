"""A fast stand-in for the engine at one bench: a Gaussian process on drawn inputs, with its error known.

It only steers the sampler; every number that is reported comes from the engine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.calibration.design import Design
from milia.calibration.draws import Z_90, Marginal
from milia.calibration.measurements import Measurement

Array = NDArray[np.float64]

# added to lengths before the logarithm, so that a crater of a cell's height and none are close
SMALLEST_M = 5e-6
SMALLEST_SHARE = 0.2  # the same for a depth in units of the epidermis
LENGTHS = frozenset({"depth", "width", "total_depth", "rtd_floor"})
ENERGY_SCALE = 0.5
TRAINED_ON = 384  # points for the length scales; all points for the weights
JITTER = 1e-6


def offset_of(observable: str) -> float:
    """Return what is added to an observable before its logarithm is taken."""
    if observable == "depth_over_epidermis":
        return SMALLEST_SHARE
    return SMALLEST_M if observable in LENGTHS else 0.0


def log_of(observable: str, value: Array | float) -> Array:
    """Return the logarithm on which an observable is emulated and compared."""
    return np.asarray(np.log(np.asarray(value) + offset_of(observable)))


def coordinate(marginal: Marginal, u: Array) -> Array:
    """Return an input on a scale on which 90 % lie within about ±1: [count, 0 to 3 columns].

    A fixed input has none; the choice among four damage sets has three.
    """
    if marginal.certain:
        return np.zeros((len(u), 0))
    if marginal.name == "cell_death":
        chosen = np.minimum(u * 4.0, 3.0).astype(int)
        return np.asarray((chosen[:, None] == np.array([1, 2, 3])[None, :]).astype(float))
    if marginal.kind == "uniform":
        return np.asarray(2.0 * u - 1.0)[:, None]
    from scipy.special import ndtri

    return np.asarray(ndtri(u) / Z_90)[:, None]


def coordinates(marginals: tuple[Marginal, ...], points: Array) -> Array:
    """Return the inputs of an emulator for points of the unit cube; the delivered share is energy."""
    parts = [coordinate(m, points[:, j]) for j, m in enumerate(marginals) if m.name != "delivered"]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(points), 0))


@dataclass(frozen=True, eq=False)
class Emulator:
    """ln(observable) as a function of parameters, conditions and ln(energy).

    f = mean + linear·x + Σ weight_i exp(−½ |(x − x_i)/scale|²). ``split`` inputs are parameters, the rest
    conditions, the last ln(energy)/``ENERGY_SCALE``. ``error`` is the leave-one-out standard error.
    """

    observable: str
    inputs: Array
    scales: Array
    weights: Array
    linear: Array
    mean: float
    split: int
    error: float
    spread: float

    def at(self, x: Array) -> Array:
        """Return f at inputs [n, d]."""
        kernel = np.exp(-0.5 * _squares(x / self.scales, self.inputs / self.scales))
        return np.asarray(self.mean + x @ self.linear + kernel @ self.weights)

    def over(self, conditions: Array) -> Conditioned:
        """Fix conditions and energies [m, d − split], for repeated use with many parameters."""
        scales, inputs = self.scales[self.split :], self.inputs[:, self.split :]
        # single precision: an error of 1e-5 in a logarithm, and half the time
        kernel = np.exp(-0.5 * _squares(conditions / scales, inputs / scales))
        pull = (inputs[None, :, -1] - conditions[:, None, -1]) / scales[-1] ** 2
        linear = conditions @ self.linear[self.split :]
        return Conditioned(
            self,
            (kernel * self.weights).T.astype(np.float32),
            (kernel * pull * self.weights).T.astype(np.float32),
            linear + self.mean,
        )


@dataclass(frozen=True, eq=False)
class Conditioned:
    """An emulator with its conditions fixed; gives f and df/d ln(energy), both [n, m]."""

    emulator: Emulator
    weights: NDArray[np.float32]
    slopes: NDArray[np.float32]
    base: Array

    def at(self, parameters: Array) -> tuple[Array, Array]:
        """Return values and slopes for parameters [n, split]."""
        e = self.emulator
        scales = e.scales[: e.split]
        squares = _squares(parameters / scales, e.inputs[:, : e.split] / scales)
        kernel = np.exp(-0.5 * squares.astype(np.float32))
        values = kernel @ self.weights + (parameters @ e.linear[: e.split])[:, None] + self.base[None, :]
        slopes = kernel @ self.slopes + e.linear[-1]
        return values, slopes / ENERGY_SCALE


def _squares(a: Array, b: Array) -> Array:
    """|a_i − b_j|², [n, m]."""
    found = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :] - 2.0 * a @ b.T
    return np.asarray(np.maximum(found, 0.0))


def split_of(marginals: tuple[Marginal, ...], parameters: int) -> int:
    """Return how many inputs the first ``parameters`` marginals take."""
    return sum(coordinate(m, np.array([0.5])).shape[1] for m in marginals[:parameters])


def fit_emulator(designs: Sequence[Design], row: Measurement, *, parameters: int) -> Emulator:
    """Train an emulator of one row's observable on a bench's designs; the first marginals are the parameters.

    The stated error is that at the points of the last design, which lie where the posterior does.
    """
    xs, ys = [], []
    for design in designs:
        energy = design.log_energy[:, None] / ENERGY_SCALE
        x = np.concatenate([coordinates(design.marginals, design.points[:, :-1]), energy], axis=1)
        y = log_of(row.observable, design.observable(row))
        kept = np.isfinite(y)
        xs.append(x[kept])
        ys.append(y[kept])
    split = split_of(designs[0].marginals, parameters)
    return train(row.observable, np.concatenate(xs), np.concatenate(ys), split=split, judged_on=len(ys[-1]))


def train(observable: str, x: Array, y: Array, *, split: int, judged_on: int | None = None) -> Emulator:
    """Fit a Gaussian process with a linear trend and a scale for each input, by marginal likelihood.

    ``judged_on`` is how many of the last points the leave-one-out error is taken over; all where not given.
    """
    from scipy.optimize import minimize

    mean, spread = float(y.mean()), float(y.std())
    target = (y - mean) / max(spread, 1e-12)
    d = x.shape[1]
    every = max(1, math.ceil(len(x) / TRAINED_ON))
    start = np.concatenate([np.full(d, 1.0), [0.0, -1.0, -4.0]])
    found = minimize(
        _evidence, start, args=(x[::every], target[::every]), jac=True, method="L-BFGS-B",
        bounds=[(-1.5, 5.0)] * d + [(-6.0, 4.0), (-8.0, 4.0), (-9.0, 1.0)], options={"maxiter": 60},
    )  # fmt: skip
    scales, (smooth, trend, noise) = np.exp(found.x[:d]), np.exp(found.x[d:])
    gram = smooth * np.exp(-0.5 * _squares(x / scales, x / scales))
    gram += trend * (x @ x.T + 1.0) + (noise + JITTER) * np.eye(len(x))
    inverse = np.linalg.inv(gram)
    alpha = inverse @ target
    left_out = alpha / np.diag(inverse)  # Rasmussen & Williams 2006, eq. 5.12
    judged = left_out[-judged_on:] if judged_on else left_out
    return Emulator(
        observable=observable,
        inputs=x,
        scales=scales,
        weights=spread * smooth * alpha,
        linear=spread * trend * (x.T @ alpha),
        mean=mean + spread * trend * float(alpha.sum()),
        split=split,
        error=float(spread * np.sqrt(np.mean(judged**2))),
        spread=spread,
    )


def _evidence(p: Array, x: Array, y: Array) -> tuple[float, Array]:
    """Negative log marginal likelihood and its gradient; length scales are drawn towards e."""
    n, d = x.shape
    scales, (smooth, trend, noise) = np.exp(p[:d]), np.exp(p[d:])
    z = x / scales
    kernel = smooth * np.exp(-0.5 * _squares(z, z))
    linear = trend * (x @ x.T + 1.0)
    factor = np.linalg.cholesky(kernel + linear + (noise + JITTER) * np.eye(n))
    half = np.linalg.inv(factor)
    inverse = half.T @ half
    alpha = inverse @ y
    w = np.outer(alpha, alpha) - inverse
    wk = w * kernel
    row = wk.sum(axis=1)
    # Σ_ij wk_ij (z_i − z_j)² for each input, without the n × n × d array
    pulls = 2.0 * ((z * z) * row[:, None]).sum(axis=0) - 2.0 * np.einsum("id,id->d", z, wk @ z)
    gradient = np.concatenate([-0.5 * pulls, [-0.5 * row.sum(), -0.5 * (w * linear).sum()], [0.0]])
    gradient[-1] = -0.5 * noise * np.trace(w)
    away = p[:d] - 1.0
    gradient[:d] += away / 4.0
    value = 0.5 * y @ alpha + np.log(np.diag(factor)).sum() + 0.125 * away @ away
    return float(value), gradient
