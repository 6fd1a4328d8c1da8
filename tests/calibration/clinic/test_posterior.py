"""The sampler's doubts have the right size: simulation-based calibration on a made-up law, a known answer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from milia.calibration.clinic.bench import Beliefs
from milia.calibration.clinic.fit import ClinicPosterior, Datum
from milia.calibration.draws import Marginal
from milia.calibration.emulator import ENERGY_SCALE
from milia.calibration.sampling import Sampler, sample

Array = NDArray[np.float64]

REPEATS = 64
KEPT = 15
LOW_WALL = 0.25


@dataclass(frozen=True)
class Law:
    """ln y = level + slope ln ε + pull of the one parameter + 0.1 of the one condition."""

    level: float
    slope: float
    pull: float
    error: float = 0.0

    def at(self, x: Array) -> Array:
        return np.asarray(
            self.level + self.slope * ENERGY_SCALE * x[:, -1] + self.pull * x[:, 0] + 0.1 * x[:, 1]
        )


LAWS = (Law(-9.0, 0.8, 0.1), Law(-8.6, 0.7, 0.2), Law(-8.1, 0.6, -0.15), Law(-8.0, 0.9, 0.05))
CONDITIONS = (Marginal("temperature", "uniform", 15.0, 33.0),)


def beliefs(sd: float = LOW_WALL) -> Beliefs:
    return Beliefs(
        name="made up",
        parameters=(Marginal("a", "uniform", 0.0, 1.0),),
        correlation=np.eye(1),
        log_effective=(math.log(0.9), sd),
        log_device=(math.log(0.9), sd),
        log_missed=(0.0, 0.1),
        damage_sd=0.3,
        evidence=(),
    )


def posterior(targets: Array, *, log_sd: float, within: float = 0.1, sd: float = LOW_WALL) -> ClinicPosterior:
    data = tuple(
        Datum(str(n), float(target), log_sd, law, False)
        for n, (law, target) in enumerate(zip(LAWS, targets, strict=False))
    )
    return ClinicPosterior(beliefs(sd), CONDITIONS, data, within, math.log(0.9))


def drawn(rng: np.random.Generator, *, log_sd: float) -> tuple[Array, Array]:
    """Truth on the sampler's coordinates, and the numbers that it makes."""
    blank = posterior(np.zeros(0), log_sd=log_sd)
    z = rng.standard_normal((1, blank.dimensions))
    own, others = blank.cube(z)
    energy = blank.log_effective(z)
    x = np.concatenate([2 * own - 1, 2 * others - 1, energy[:, None] / ENERGY_SCALE], axis=1)
    within = float(blank.within(z)[0])
    targets = [
        float(law.at(x)[0]) + within * law.slope * rng.standard_normal() + log_sd * rng.standard_normal()
        for law in LAWS
    ]
    return z[0], np.array(targets)


def test_ranks_of_the_truth_among_draws_are_uniform() -> None:
    rng = np.random.default_rng(31)
    ranks = []
    for repeat in range(REPEATS):
        truth, targets = drawn(rng, log_sd=0.08)
        made = posterior(targets, log_sd=0.08)
        chain = sample(made, made.dimensions, seed=repeat, sampler=Sampler(walkers=20, burn=120, steps=150))
        kept = chain.samples[:: len(chain.samples) // KEPT][:KEPT]
        ranks.append((kept < truth).sum(axis=0))
    for column in np.array(ranks).T:
        counts = np.bincount(column // 4, minlength=4)
        assert stats.chisquare(counts).pvalue > 0.003, counts


@dataclass(frozen=True)
class Plain(Law):
    """The law without parameter and condition."""

    def at(self, x: Array) -> Array:
        return np.asarray(self.level + self.slope * ENERGY_SCALE * x[:, -1])


def test_the_effective_share_agrees_with_its_closed_form() -> None:
    """Without scatter, parameter and condition the posterior of ln ε is a product of normals."""
    at, error = math.log(0.7), 0.1
    data = tuple(
        Datum(str(n), law.level + law.slope * at, error, Plain(law.level, law.slope, 0.0), False)
        for n, law in enumerate(LAWS)
    )
    made = ClinicPosterior(beliefs(), (), data, 1e-6, math.log(0.9))
    learnt = sum((law.slope / error) ** 2 for law in LAWS)
    precision = learnt + 1.0 / LOW_WALL**2
    mean = (learnt * at + math.log(0.9) / LOW_WALL**2) / precision
    chain = sample(made, made.dimensions, seed=3, sampler=Sampler(walkers=24, burn=200, steps=600))
    energy = made.log_effective(chain.samples)
    assert energy.mean() == pytest.approx(mean, abs=0.004)
    assert energy.std() == pytest.approx(precision**-0.5, rel=0.08)


def test_fewer_shots_leave_a_wider_answer() -> None:
    _, targets = drawn(np.random.default_rng(2), log_sd=0.1)
    widths = []
    for count in (1, 2, 4):
        made = posterior(targets[:count], log_sd=0.1, sd=0.4)
        chain = sample(made, made.dimensions, seed=1, sampler=Sampler(walkers=20, burn=150, steps=300))
        widths.append(float(made.log_effective(chain.samples).std()))
    assert widths[0] > widths[1] > widths[2]
    assert widths[0] < 0.4
