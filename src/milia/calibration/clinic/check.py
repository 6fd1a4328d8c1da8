"""Posterior predictive check: what the engine makes of the calibrated laser, beside what was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.calibration.beliefs import complete, parameters_from
from milia.calibration.clinic.bench import Compared, benches_of
from milia.calibration.clinic.fit import ClinicPosterior, Share
from milia.calibration.draws import draw
from milia.calibration.experiments import Seen, exposure, fire, observed
from milia.engine import run_all

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Checked:
    """One measured number beside its predictive distribution (90 %), µm; ``rank`` is the share below it."""

    label: str
    observable: str
    measured_um: float
    p05_um: float
    p50_um: float
    p95_um: float
    rank: float

    @property
    def inside(self) -> bool:
        return self.p05_um <= self.measured_um <= self.p95_um


def members_of(posterior: ClinicPosterior, z: Array) -> list[Mapping[str, float]]:
    """Return named parameters, conditions and ``energy`` of posterior samples."""
    own, others = posterior.cube(z)
    drawn = draw(
        (*posterior.beliefs.parameters, *posterior.conditions), np.concatenate([own, others], axis=1)
    )
    shares = np.exp(posterior.log_effective(z))
    return [{**values, "energy": float(share)} for values, share in zip(drawn, shares, strict=True)]


def predictive(
    posterior: ClinicPosterior,
    z: Array,
    rows: Sequence[Compared],
    *,
    seed: int,
    progress: Share | None = None,
) -> tuple[Checked, ...]:
    """Fire every bench with the engine at posterior samples z [n, d]; return each row's predictive check.

    Each firing has its own factor on the energy (σ), and measurement error is added to what is seen.
    """
    members = members_of(posterior, z)
    within, damage = posterior.within(z), posterior.damage(z)
    normal = np.random.default_rng(seed).standard_normal((len(z), len(rows), 2))
    benches = {bench.label: bench for bench in benches_of(rows)}
    tasks = [(n, label) for n in range(len(members)) for label in benches]
    first = {one.bench.label: j for j, one in reversed(list(enumerate(rows)))}

    def work(task: tuple[int, str]) -> tuple[Seen, Mapping[str, float]] | None:
        n, label = task
        bench = benches[label]
        factor = math.exp(float(within[n] * normal[n, first[label], 0]))
        known = {**members[n], "energy": members[n]["energy"] * factor}
        parameters = parameters_from(complete(known), bench.study.wavelength_m)
        try:
            return fire(exposure(bench.study, bench.settings, known), parameters), known
        except MiliaError:
            return None  # through the bottom of the simulated skin: deeper than any crater of the file

    craters = dict(zip(tasks, run_all(work, tasks, progress=progress), strict=True))
    found = []
    for j, one in enumerate(rows):
        values = []
        for n in range(len(members)):
            made = craters[n, one.bench.label]
            if made is not None:
                clean = observed(one.row, made[0], made[1], damage=math.exp(float(damage[n])))
                values.append(clean * math.exp(one.row.log_sd * float(normal[n, j, 1])))
        assert one.row.value is not None
        low, middle, high = (1e6 * float(v) for v in np.quantile(values, (0.05, 0.5, 0.95)))
        found.append(
            Checked(
                label=one.label,
                observable=one.row.observable,
                measured_um=round(1e6 * one.row.value, 3),
                p05_um=round(low, 1),
                p50_um=round(middle, 1),
                p95_um=round(high, 1),
                rank=round(float(np.mean(np.array(values) < one.row.value)), 3),
            )
        )
    return tuple(found)
