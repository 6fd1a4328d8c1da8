"""A space-filling design of simulated experiments: parameters, conditions and energy drawn together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.calibration.beliefs import parameters_from
from milia.calibration.draws import Marginal, draw, sobol
from milia.calibration.experiments import Seen, exposure, fire
from milia.calibration.measurements import Measurement, Settings, Study, study
from milia.engine import run_all

Array = NDArray[np.float64]

# the design reaches this far either side of the delivered energy, in its natural logarithm
ENERGY_REACH = 0.8
COLUMNS = ("depth", "width", "rtd_floor", "volume")


@dataclass(frozen=True)
class Bench:
    """One exposure to simulate again and again: a study at one of its settings."""

    study: Study
    settings: Settings

    @property
    def label(self) -> str:
        """Name and settings, unique among benches."""
        stated = ",".join(f"{name}={value:.6g}" for name, value in self.settings)
        return f"{self.study.name}({stated})"


@dataclass(frozen=True, eq=False)
class Design:
    """What a bench was simulated with and what came out.

    ``points`` are in the unit cube, [count, parameters + conditions + 1]: the last column is the energy.
    ``results`` are [count, 4] of ``COLUMNS`` in SI; a row of NaN is a run that went through the bottom.
    """

    bench: Bench
    marginals: tuple[Marginal, ...]
    points: Array
    results: Array

    @property
    def log_energy(self) -> Array:
        """Natural logarithm of delivered over stated energy, [count]."""
        names = [m.name for m in self.marginals]
        delivered = self.marginals[names.index("delivered")].quantile(
            self.points[:, names.index("delivered")]
        )
        return np.asarray(np.log(delivered) + (2.0 * self.points[:, -1] - 1.0) * ENERGY_REACH)

    def drawn(self, number: int) -> dict[str, float]:
        """Return the named values of one point, with its ``energy``."""
        (values,) = draw(self.marginals, self.points[number : number + 1, :-1])
        return {**values, "energy": math.exp(float(self.log_energy[number]))}

    def observable(self, row: Measurement) -> Array:
        """Return what a row would have measured at each point, SI [count]."""
        from milia.calibration.experiments import observed

        found = []
        for number, (depth, width, rtd, volume) in enumerate(self.results):
            known = self.drawn(number)
            made = exposure(self.bench.study, self.bench.settings, known)
            train = made.train
            energy = train.pulse_energy_J * train.pulses * train.passes
            found.append(observed(row, Seen(depth, width, rtd, volume, energy, math.nan), known))
        return np.array(found)


def benches(rows: Sequence[Measurement]) -> tuple[Bench, ...]:
    """Return every exposure that the rows need, each once."""
    keys = dict.fromkeys((row.study, shot) for row in rows for shot in row.shots)
    return tuple(Bench(study(name), settings) for name, settings in keys)


def plan_design(bench: Bench, parameters: tuple[Marginal, ...], *, count: int, seed: int) -> Design:
    """Lay out a bench's design without simulating it."""
    marginals = (*parameters, *bench.study.conditions)
    points = sobol(count, len(marginals) + 1, seed=seed)
    return Design(bench, marginals, points, np.full((count, len(COLUMNS)), np.nan))


def around(bench: Bench, parameters: tuple[Marginal, ...], cube: Array, *, seed: int) -> Design:
    """Lay out a bench's design at given parameters, points of the unit cube [count, parameters]."""
    fresh = plan_design(bench, parameters, count=len(cube), seed=seed)
    points = fresh.points.copy()
    points[:, : cube.shape[1]] = cube
    return Design(bench, fresh.marginals, points, fresh.results)


def simulate_design(
    design: Design,
    *,
    vary: Callable[[Mapping[str, float]], Mapping[str, float]] = dict,
    threads: int | None = None,
) -> Design:
    """Fire every point of a design with the engine; ``vary`` completes the drawn parameters."""

    def work(number: int) -> tuple[float, float, float, float]:
        known = design.drawn(number)
        parameters = parameters_from(vary(known), design.bench.study.wavelength_m)
        try:
            what = fire(exposure(design.bench.study, design.bench.settings, known), parameters)
        except MiliaError:
            return (math.nan,) * 4
        return what.depth, what.width, what.rtd_floor, what.volume

    results = run_all(work, range(len(design.points)), threads=threads)
    return Design(design.bench, design.marginals, design.points, np.array(results))
