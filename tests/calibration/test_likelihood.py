"""The likelihood against closed forms, and that a study left out is left out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from milia.calibration import likelihood as module
from milia.calibration.emulator import Emulator, log_of
from milia.calibration.likelihood import RowModel, StudyModel, posterior_of
from milia.calibration.measurements import Measurement, read_measurements

Array = NDArray[np.float64]
ROWS = {row.label: row for row in read_measurements()}
SCATTER = np.array([[0.3, 0.1, 0.2]])
PARAMETERS = np.zeros((1, 1))


class Fixed:
    """A stand-in for a conditioned emulator: one value and one slope at every condition."""

    def __init__(self, values: list[float], slope: float) -> None:
        self.values, self.slope = np.array([values]), slope

    def at(self, parameters: Array) -> tuple[Array, Array]:
        assert len(parameters) == 1
        return self.values, np.full_like(self.values, self.slope)


def model(*rows: tuple[Measurement, list[float], float, float]) -> StudyModel:
    made = [RowModel(row, (Fixed(values, slope),), error) for row, values, slope, error in rows]  # type: ignore[arg-type]
    return StudyModel("made up", tuple(made))


def test_points_are_jointly_normal() -> None:
    one, two, heat = ROWS["1.depth"], ROWS["8.depth"], ROWS["24.rtd_floor"]
    found = model(
        (one, [-9.0], 0.8, 0.1), (two, [-8.0], 0.5, 0.05), (heat, [-8.8], -0.1, 0.2)
    ).log_likelihood(PARAMETERS, SCATTER)
    slope = np.array([0.8, 0.5, -0.1])
    cover = 0.09 * np.outer(slope, slope) + np.diag(0.01 * slope**2 + np.array([0.1, 0.05, 0.2]) ** 2)
    cover[2, 2] += 0.04
    target = [float(log_of("depth", one.value or 0)), float(log_of("depth", two.value or 0))]
    target.append(float(log_of("rtd_floor", heat.value or 0)))
    expected = stats.multivariate_normal([-9.0, -8.0, -8.8], cover).logpdf(target)
    assert found[0] == pytest.approx(expected, rel=1e-9)


def test_unknown_conditions_are_averaged_over() -> None:
    row = ROWS["1.depth"]
    each = [model((row, [value], 0.8, 0.1)).log_likelihood(PARAMETERS, SCATTER)[0] for value in (-9.0, -8.7)]
    both = model((row, [-9.0, -8.7], 0.8, 0.1)).log_likelihood(PARAMETERS, SCATTER)[0]
    assert both == pytest.approx(math.log(0.5 * (math.exp(each[0]) + math.exp(each[1]))))


@pytest.mark.parametrize("value", [-10.0, -9.0, -8.5, -7.6])
def test_a_range_is_integrated_over_its_study(value: float) -> None:
    row = ROWS["37.depth"]
    assert row.low is not None
    assert row.high is not None
    found = model((row, [value], 1.2, 0.15), (replace(row, row=99), [value], 0.9, 0.15))
    low, high = float(log_of("depth", row.low)), float(log_of("depth", row.high))

    def given(a: float) -> float:
        total = stats.norm.pdf(a)
        for slope in (1.2, 0.9):
            sd = math.hypot(0.1 * slope, 0.15)
            middle = value + 0.3 * a * slope
            total *= stats.norm.cdf(high, middle, sd) - stats.norm.cdf(low, middle, sd)
        return float(total)

    exact = math.log(integrate.quad(given, -8, 8, points=[-2, 0, 2])[0])
    assert found.log_likelihood(PARAMETERS, SCATTER)[0] == pytest.approx(exact, abs=0.25)


def test_a_ratio_forgets_what_both_shots_share() -> None:
    row = ROWS["56.width"]
    shots = (Fixed([math.log(2.2)], 0.4), Fixed([0.0], 0.4))
    made = StudyModel("made up", (RowModel(row, shots, 0.1),))  # type: ignore[arg-type]
    sd = math.hypot(0.1, 0.1 * math.hypot(0.4, 0.4))
    expected = stats.norm.logpdf(math.log(2.0), math.log(2.2), sd)
    assert made.log_likelihood(PARAMETERS, SCATTER)[0] == pytest.approx(expected, rel=1e-6)


def test_far_outside_a_limit_the_likelihood_still_says_which_way() -> None:
    row = ROWS["41.depth_over_epidermis"]
    found = [model((row, [x], 1.0, 0.1)).log_likelihood(PARAMETERS, SCATTER)[0] for x in (1.0, 3.0, 6.0)]
    assert found[0] > found[1] > found[2] > -math.inf


class Watched(Mapping[tuple[str, str], Emulator]):
    """Emulators that remember which studies were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, key: tuple[str, str]) -> Emulator:
        self.asked.add(key[0].split("(")[0])
        return _flat(key[0].split("(")[0])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _flat(name: str) -> Emulator:
    from milia.calibration.emulator import coordinates
    from milia.calibration.measurements import study

    conditions = study(name).conditions
    width = 1 + coordinates(conditions, np.full((1, len(conditions)), 0.5)).shape[1] + 1
    zeros: Any = np.zeros((1, width))
    return Emulator("depth", zeros, np.ones(width), np.zeros(1), np.full(width, 0.1), -9.0, 1, 0.05, 1.0)


@pytest.mark.parametrize("left_out", ["mcmillan_2020", "choi_1998", "green_1992"])
def test_a_study_left_out_is_in_no_part_of_the_posterior(left_out: str) -> None:
    from milia.calibration.draws import Marginal

    rows = [row for row in ROWS.values() if row.role == "fit"]
    parameters = (Marginal("decomposition_heat", "uniform", 0.0, 1.0),)
    kept = [row for row in rows if row.study != left_out]
    watched = Watched()
    posterior = posterior_of(kept, watched, parameters, count=8)
    assert left_out not in watched.asked
    assert watched.asked == {row.study for row in kept}
    assert {r.row.row for s in posterior.studies for r in s.rows} == {row.row for row in kept}
    z = np.random.default_rng(0).standard_normal((4, 4))
    assert np.isfinite(posterior(z)).all()


def test_scatter_is_half_normal_with_the_documented_scale() -> None:
    posterior = posterior_of([], {}, ())
    z = np.random.default_rng(1).standard_normal((4000, 3))
    scatter = posterior.cube(z)[1]
    for column, scale in zip(scatter.T, module.scatter_scales(), strict=True):
        assert stats.kstest(column, stats.halfnorm(scale=scale).cdf).pvalue > 0.001
