"""How likely the measured rows are under parameters and scatter, with every unknown condition averaged over.

For row r of study s, with parameters θ and the study's conditions ν,

    ln y_r = f_r(θ, ν, ln(delivered_s) + a_s + b_r) + c_s [thermal rows] + measurement error + emulator error,

a_s ~ N(0, τ²) and b_r ~ N(0, σ²) scatter of the effective energy between and within studies, c_s ~ N(0, δ²)
scatter of what studies call thermal damage. τ, σ and δ are inferred. The scatter of the energy acts through
the slope of f, so that it is the very factor on the energy that predictions and plans are fired with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from milia.calibration.design import Bench
from milia.calibration.draws import Marginal, sobol
from milia.calibration.emulator import ENERGY_SCALE, Conditioned, Emulator, coordinates, log_of
from milia.calibration.measurements import Measurement, Settings, study
from milia.knowledge import load_knowledge

Array = NDArray[np.float64]

SCATTER = ("energy_between", "energy_within", "damage_between")
SCATTER_SCALES = (
    "calibration.scatter.energy.study",
    "calibration.scatter.energy.row",
    "calibration.scatter.damage",
)
CONDITIONS = 128  # quasi-random points over a study's unknown conditions
NODES = 7  # Gauss-Hermite nodes over a study's energy where a row is a limit

Emulators = Mapping[tuple[str, str], Emulator]  # by bench label and observable


@lru_cache(maxsize=1)
def scatter_scales() -> tuple[float, ...]:
    """Return the scale of each scatter's half-normal prior."""
    return tuple(load_knowledge().quantity(id).si for id in SCATTER_SCALES)


@dataclass(frozen=True, eq=False)
class RowModel:
    """One row: its logarithm measured, and the emulators of its shots over the study's conditions."""

    row: Measurement
    shots: tuple[Conditioned, ...]
    error: float  # of measurement and emulators together

    def at(self, parameters: Array) -> tuple[Array, Array, Array]:
        """Return value, energy slope and row-level energy slope, [n, m]; a ratio's is that of two shots."""
        value, slope = self.shots[0].at(parameters)
        own = np.abs(slope)
        for other in self.shots[1:]:
            less, slope_less = other.at(parameters)
            value, slope, own = value - less, slope - slope_less, np.hypot(own, slope_less)
        return value, slope, own


@dataclass(frozen=True, eq=False)
class StudyModel:
    """All fitted rows of one study."""

    name: str
    rows: tuple[RowModel, ...]

    def log_likelihood(self, parameters: Array, scatter: Array) -> Array:
        """Return ln p(rows | parameters [n, d], scatter [n, 3]), [n], averaged over the conditions."""
        seen = [row.at(parameters) for row in self.rows]
        if all(row.row.relation == "equals" and row.row.reference is None for row in self.rows):
            each = self._jointly_normal(seen, scatter)
        else:
            each = self._at_nodes(seen, scatter)
        top = each.max(axis=1)
        return np.asarray(top + np.log(np.exp(each - top[:, None]).mean(axis=1)))

    def _jointly_normal(self, seen: list[tuple[Array, Array, Array]], scatter: Array) -> Array:
        """Multivariate normal over the rows: shared energy and damage, own energy and error, [n, m]."""
        between, within, damage = (scatter[:, j, None, None] for j in range(3))
        target = np.array([_target(r.row) for r in self.rows])
        off = np.stack([t - s[0] for t, s in zip(target, seen, strict=True)], axis=-1)
        slope = np.stack([s[1] for s in seen], axis=-1)
        own = np.stack([s[2] for s in seen], axis=-1)
        thermal = np.array([float(r.row.thermal) for r in self.rows])
        error = np.array([r.error for r in self.rows])
        cover = (between[..., None] ** 2) * slope[..., :, None] * slope[..., None, :]
        cover = cover + (damage[..., None] ** 2) * thermal[:, None] * thermal[None, :]
        cover[..., np.arange(len(error)), np.arange(len(error))] += within**2 * own**2 + error**2
        factor = np.linalg.cholesky(cover)
        scaled = np.linalg.solve(factor, off[..., None])[..., 0]
        log_det = np.log(np.diagonal(factor, axis1=-2, axis2=-1)).sum(axis=-1)
        return np.asarray(
            -0.5 * (scaled**2).sum(axis=-1) - log_det - 0.5 * len(error) * math.log(2.0 * math.pi)
        )

    def _at_nodes(self, seen: list[tuple[Array, Array, Array]], scatter: Array) -> Array:
        """Rows one by one given the study's energy, then averaged over it by Gauss-Hermite nodes, [n, m]."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        between, within, damage = (scatter[:, j, None] for j in range(3))
        parts = []
        for node in nodes:
            total = np.zeros_like(seen[0][0])
            for model, (value, slope, own) in zip(self.rows, seen, strict=True):
                extra = damage * model.row.thermal
                sd = np.sqrt((within * own) ** 2 + extra**2 + model.error**2)
                total = total + _log_density(model.row, value + between * node * slope, sd)
            parts.append(total)
        stacked = np.stack(parts)
        top = stacked.max(axis=0)
        share = (weights / weights.sum())[:, None, None]
        return np.asarray(top + np.log((share * np.exp(stacked - top)).sum(axis=0)))


def _target(row: Measurement) -> float:
    assert row.value is not None
    return float(np.log(row.value)) if row.reference is not None else float(log_of(row.observable, row.value))


def _limits(row: Measurement) -> tuple[float, float]:
    """Return the logarithms of a row's lower and upper limit."""

    def log(value: float | None, missing: float) -> float:
        if value is None:
            return missing
        return math.log(value) if row.reference is not None else float(log_of(row.observable, value))

    if row.relation == "between":
        return log(row.low, -math.inf), log(row.high, math.inf)
    if row.relation == "at_least":
        return log(row.value, -math.inf), math.inf
    return -math.inf, log(row.value, math.inf)


def _log_density(row: Measurement, value: Array, sd: Array) -> Array:
    """Return ln p(row | ln value ± sd)."""
    if row.relation == "equals":
        away = (_target(row) - value) / sd
        return np.asarray(-0.5 * away**2 - np.log(sd) - 0.5 * math.log(2.0 * math.pi))
    from scipy.special import log_ndtr, ndtr

    low, high = _limits(row)
    if math.isinf(high):
        return np.asarray(log_ndtr((value - low) / sd))
    if math.isinf(low):
        return np.asarray(log_ndtr((high - value) / sd))
    inside = ndtr((high - value) / sd) - ndtr((low - value) / sd)
    # far outside, where the difference cancels, the nearer tail decides
    tail = np.minimum(log_ndtr((high - value) / sd), log_ndtr((value - low) / sd))
    return np.asarray(np.where(inside > 1e-12, np.log(np.maximum(inside, 1e-300)), tail))


def study_model(
    name: str, rows: Sequence[Measurement], emulators: Emulators, *, count: int = CONDITIONS, seed: int = 0
) -> StudyModel:
    """Assemble one study's rows over ``count`` quasi-random points of its unknown conditions."""
    about = study(name)
    points = sobol(count, len(about.conditions), seed=seed)
    fixed = _conditions(about.conditions, points)
    conditioned: dict[tuple[str, str], Conditioned] = {}
    models = []
    for row in rows:
        shots = []
        error = row.log_sd**2
        for settings in row.shots:
            key = (label_of(name, settings), row.observable)
            emulator = emulators[key]
            if key not in conditioned:
                conditioned[key] = emulator.over(fixed)
            shots.append(conditioned[key])
            error += emulator.error**2
        models.append(RowModel(row, tuple(shots), math.sqrt(error)))
    return StudyModel(name, tuple(models))


def _conditions(marginals: tuple[Marginal, ...], points: Array) -> Array:
    """Return the emulators' inputs beyond the parameters: conditions, then ln(delivered)."""
    index = [m.name for m in marginals].index("delivered")
    log_delivered = np.log(marginals[index].quantile(points[:, index]))
    return np.concatenate([coordinates(marginals, points), log_delivered[:, None] / ENERGY_SCALE], axis=1)


def label_of(name: str, settings: Settings) -> str:
    """Return a bench's label."""
    return Bench(study(name), settings).label


@dataclass(frozen=True, eq=False)
class Posterior:
    """The unnormalised log posterior on coordinates whose prior is standard normal.

    The first coordinates are the parameters', in the order of ``parameters``; the last three the scatters'.
    """

    parameters: tuple[Marginal, ...]
    studies: tuple[StudyModel, ...]
    scales: tuple[float, ...]
    temper: float = 1.0  # power of the likelihood; below 1 only to choose where to simulate next

    @property
    def names(self) -> tuple[str, ...]:
        return (*(m.name for m in self.parameters), *SCATTER)

    def cube(self, z: Array) -> tuple[Array, Array]:
        """Return the unit-cube points of the parameters and the scatters themselves, for z [n, d]."""
        from scipy.special import ndtr, ndtri

        u = np.clip(ndtr(z), 1e-9, 1.0 - 1e-9)
        count = len(self.parameters)
        return u[:, :count], np.asarray(self.scales) * ndtri(0.5 * (1.0 + u[:, count:]))

    def __call__(self, z: Array) -> Array:
        """Return ln prior + ln likelihood up to a constant, [n]."""
        points, scatter = self.cube(z)
        inputs = coordinates(self.parameters, points)
        total = -0.5 * (z**2).sum(axis=1)
        for model in self.studies:
            total = total + self.temper * model.log_likelihood(inputs, scatter)
        return np.asarray(np.where(np.isfinite(total), total, -np.inf))


def posterior_of(
    rows: Sequence[Measurement],
    emulators: Emulators,
    parameters: tuple[Marginal, ...],
    *,
    count: int = CONDITIONS,
    seed: int = 0,
) -> Posterior:
    """Return the posterior given exactly these rows; what is left out is not in it in any form."""
    names = dict.fromkeys(row.study for row in rows)
    models = tuple(
        study_model(name, [r for r in rows if r.study == name], emulators, count=count, seed=seed + i)
        for i, name in enumerate(names)
    )
    return Posterior(parameters, models, scatter_scales())
