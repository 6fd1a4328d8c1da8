"""The posterior of one device given its test shots: parameters, conditions, effective energy and scatter.

For a measured number y of a shot, with engine parameters θ, the bench's unknown conditions ν, the effective
share ε of the displayed energy and the scatter σ of single shots,

    ln y = f(θ, ν, ln ε) + c [thermal rows] + N(0, (σ ∂f/∂ln ε)² + measurement error² + emulator error²).

ε is one number for all shots: what must be fed to the simulation to get the craters of this laser.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.calibration.beliefs import complete, parameters_from
from milia.calibration.clinic.bench import Beliefs, Compared, benches_of
from milia.calibration.design import ENERGY_REACH, Bench, Design, around, simulate_design
from milia.calibration.draws import Marginal, sobol
from milia.calibration.emulator import ENERGY_SCALE, coordinates, fit_emulator, log_of
from milia.calibration.experiments import Seen, exposure, fire, observed
from milia.engine import run_all

Array = NDArray[np.float64]
Share = Callable[[float], None]

WALL = 0.03
STEP = 0.02  # in ln ε, for the slope of a crater with energy
# shares of the displayed energy that are tried at all
SCANNED = np.geomspace(0.08, 6.0, 14)


class Curve(Protocol):
    """ln(observable) over coordinates of parameters and conditions, with ln(energy)/``ENERGY_SCALE`` last."""

    @property
    def error(self) -> float: ...

    def at(self, x: Array) -> Array: ...


@dataclass(frozen=True, eq=False)
class Datum:
    """One measured number: its logarithm, the standard error of that, and the curve it lies on."""

    label: str
    target: float
    log_sd: float
    curve: Curve
    thermal: bool


@dataclass(frozen=True, eq=False)
class ClinicPosterior:
    """The log posterior on coordinates whose prior is standard normal: θ, ν, ln ε, σ, c."""

    beliefs: Beliefs
    conditions: tuple[Marginal, ...]
    data: tuple[Datum, ...]
    within_scale: float
    around: float  # ln ε that the emulators were trained around

    @property
    def dimensions(self) -> int:
        return len(self.beliefs.parameters) + len(self.conditions) + 3

    def cube(self, z: Array) -> tuple[Array, Array]:
        """Return points of the unit cube of parameters [n, p], with their correlations, and conditions."""
        from scipy.special import ndtr

        count = len(self.beliefs.parameters)
        factor = np.linalg.cholesky(self.beliefs.correlation)
        own = np.clip(ndtr(z[:, :count] @ factor.T), 1e-9, 1.0 - 1e-9)
        others = np.clip(ndtr(z[:, count : count + len(self.conditions)]), 1e-9, 1.0 - 1e-9)
        return own, others

    def log_effective(self, z: Array) -> Array:
        """Return ln ε, [n]."""
        centre, sd = self.beliefs.log_effective
        return np.asarray(centre + sd * z[:, -3])

    def within(self, z: Array) -> Array:
        """Return σ, [n]: half-normal."""
        from scipy.special import ndtr, ndtri

        return np.asarray(self.within_scale * ndtri(0.5 * (1.0 + np.clip(ndtr(z[:, -2]), 1e-9, 1 - 1e-9))))

    def damage(self, z: Array) -> Array:
        """Return c, [n]: by how much more thermal damage is seen than simulated, as a logarithm."""
        return np.asarray(self.beliefs.damage_sd * z[:, -1])

    def __call__(self, z: Array) -> Array:
        """Return ln prior + ln likelihood up to a constant, [n]; a wall stands at the emulators' reach."""
        own, others = self.cube(z)
        energy = self.log_effective(z)
        away = energy - self.around
        inputs = np.concatenate(
            [coordinates(self.beliefs.parameters, own), coordinates(self.conditions, others)], axis=1
        )
        total = -0.5 * (z**2).sum(axis=1)
        within, damage = self.within(z), self.damage(z)
        seen: dict[int, tuple[Array, Array]] = {}
        for datum in self.data:
            if id(datum.curve) not in seen:
                seen[id(datum.curve)] = _value_and_slope(datum.curve, inputs, energy)
            value, slope = seen[id(datum.curve)]
            variance = (within * slope) ** 2 + datum.log_sd**2 + datum.curve.error**2
            off = datum.target - value - (damage if datum.thermal else 0.0)
            total = total - 0.5 * off**2 / variance - 0.5 * np.log(variance)
        # a steep wall instead of an edge: walkers that begin beyond it find their way back
        beyond = np.maximum(np.abs(away) - ENERGY_REACH, 0.0) / WALL
        return np.asarray(np.where(np.isfinite(total), total - 0.5 * beyond**2, -1e12))


def _value_and_slope(curve: Curve, inputs: Array, log_energy: Array) -> tuple[Array, Array]:
    def at(shift: float) -> Array:
        energy = (log_energy + shift)[:, None] / ENERGY_SCALE
        return curve.at(np.concatenate([inputs, energy], axis=1))

    value = at(0.0)
    return value, np.asarray((at(STEP) - value) / STEP)


@dataclass(frozen=True, eq=False)
class Scan:
    """What one measured number would be at central parameters, SI, at each of ``SCANNED``."""

    values: Array

    def log_effective(self, value: float) -> float:
        """Return the ln ε at which the number is met; the nearest end where it never is."""
        rising = np.maximum.accumulate(self.values) * (1.0 + 1e-9 * np.arange(len(self.values)))
        return float(np.interp(math.log(value), np.log(rising + 1e-9), np.log(SCANNED)))


def scan(rows: Sequence[Compared], beliefs: Beliefs, *, progress: Share | None = None) -> tuple[Scan, ...]:
    """Fire every bench at central parameters over all ``SCANNED`` energies; return one scan for each row."""
    benches = {bench.label: bench for bench in benches_of(rows)}
    centre = {m.name: m.centre for m in beliefs.parameters}

    def work(task: tuple[str, float]) -> tuple[Seen, Mapping[str, float]] | None:
        bench: Bench = benches[task[0]]
        known = {**centre, **{m.name: m.centre for m in bench.study.conditions}, "energy": task[1]}
        parameters = parameters_from(complete(known), bench.study.wavelength_m)
        try:
            return fire(exposure(bench.study, bench.settings, known), parameters), known
        except MiliaError:
            return None  # through the bottom: no shallower than the energy before

    tasks = [(label, float(share)) for label in benches for share in SCANNED]
    fired = dict(zip(tasks, run_all(work, tasks, progress=progress), strict=True))
    found = []
    for one in rows:
        values: list[float] = []
        for share in SCANNED:
            made = fired[one.bench.label, float(share)]
            values.append(observed(one.row, *made) if made else values[-1] if values else 0.0)
        found.append(Scan(np.array(values)))
    return tuple(found)


def simulated(
    rows: Sequence[Compared], beliefs: Beliefs, *, count: int, seed: int, progress: Share | None = None
) -> Mapping[str, Design]:
    """Fire every bench at ``count`` draws of the parameter set and a wide range of energies, by label."""
    from scipy.special import ndtr, ndtri

    found = {}
    factor = np.linalg.cholesky(beliefs.correlation)
    benches = benches_of(rows)
    for number, bench in enumerate(benches):
        points = sobol(count, len(beliefs.parameters), seed=seed + 17 * number)
        cube = np.clip(ndtr(ndtri(points) @ factor.T), 1e-9, 1.0 - 1e-9)
        plan = around(bench, beliefs.parameters, cube, seed=seed + 17 * number + 1)
        found[bench.label] = simulate_design(plan, vary=complete)
        if progress:
            progress((number + 1) / len(benches))
    return found


def data_of(
    rows: Sequence[Compared],
    designs: Mapping[str, Design],
    *,
    parameters: int,
    progress: Share | None = None,
) -> tuple[Datum, ...]:
    """Train one emulator for each bench and observable, and put the measured numbers beside them."""
    curves: dict[tuple[str, str], Curve] = {}
    found = []
    for number, one in enumerate(rows):
        key = (one.bench.label, one.row.observable)
        if key not in curves:
            curves[key] = fit_emulator([designs[one.bench.label]], one.row, parameters=parameters)
        assert one.row.value is not None
        target = float(log_of(one.row.observable, one.row.value))
        # the stated error is that of ln y; near the smallest crater the emulated logarithm is flatter
        log_sd = one.row.log_sd * one.row.value / math.exp(target)
        found.append(Datum(one.label, target, log_sd, curves[key], one.row.thermal))
        if progress:
            progress((number + 1) / len(rows))
    return tuple(found)
