"""Known parameters come back from what the real engine makes of them, and doubts are the right size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from milia.calibration.beliefs import calibrated_prior, complete, parameters_from
from milia.calibration.design import benches, plan_design, simulate_design
from milia.calibration.draws import Marginal
from milia.calibration.emulator import Emulator, fit_emulator, train
from milia.calibration.experiments import exposure, fire, observed
from milia.calibration.likelihood import Posterior, posterior_of
from milia.calibration.measurements import Measurement, read_measurements, study
from milia.calibration.sampling import Sampler, sample

Array = NDArray[np.float64]
ROWS = {row.label: row for row in read_measurements()}
TRIED = ("35.heat_of_ablation", "35.rtd_floor", "26.depth", "30.depth", "34.rtd_floor")
LEARNT = ("decomposition_heat", "plume_per_aspect", "conductivity_scale")
TRUTH = {"decomposition_heat": 1.5e9, "plume_per_aspect": 0.75, "conductivity_scale": 0.65}


def _others() -> dict[str, float]:
    """Everything else at its centre; ejection switched off, so that three parameters decide."""
    return {m.name: m.centre for m in calibrated_prior()} | {"ejection_heating": 1e16}


def _with_others(values: Mapping[str, float]) -> Mapping[str, float]:
    return complete({**_others(), **values})


def _measured_of_truth(row: Measurement) -> Measurement:
    """The row as the engine would have measured it at the truth, to within 4 %."""
    about = study(row.study)
    known = {m.name: m.centre for m in about.conditions}
    known["energy"] = known["delivered"]
    what = fire(exposure(about, row.settings, known), parameters_from(_with_others(TRUTH), 10.6e-6))
    return replace(row, value=observed(row, what, known), log_sd=0.04)


@pytest.fixture(scope="module")
def recovered() -> tuple[tuple[Marginal, ...], Array]:
    parameters = tuple(m for m in calibrated_prior() if m.name in LEARNT)
    rows = [_measured_of_truth(ROWS[label]) for label in TRIED]
    emulators: dict[tuple[str, str], Emulator] = {}
    for number, bench in enumerate(benches(rows)):
        plan = plan_design(bench, parameters, count=96, seed=number)
        design = simulate_design(plan, vary=_with_others)
        for row in rows:
            if row.study == bench.study.name and row.settings == bench.settings:
                made = fit_emulator([design], row, parameters=len(parameters))
                emulators[bench.label, row.observable] = made
    posterior = replace(posterior_of(rows, emulators, parameters, count=32), scales=(0.02, 0.02, 0.02))
    chain = sample(posterior, len(posterior.names), seed=4, sampler=Sampler(walkers=24, burn=250, steps=500))
    points, _ = posterior.cube(chain.samples)
    return parameters, points


def test_known_parameters_are_recovered_from_simulated_measurements(
    recovered: tuple[tuple[Marginal, ...], Array],
) -> None:
    parameters, points = recovered
    for place, marginal in enumerate(parameters):
        drawn = marginal.quantile(points[:, place])
        low, high = np.quantile(drawn, (0.02, 0.98))
        assert low <= TRUTH[marginal.name] <= high, marginal.name


def test_the_measurements_taught_something(recovered: tuple[tuple[Marginal, ...], Array]) -> None:
    parameters, points = recovered
    widths = {m.name: float(np.std(points[:, j])) / np.sqrt(1 / 12) for j, m in enumerate(parameters)}
    assert widths["decomposition_heat"] < 0.75
    assert min(widths.values()) < 0.7


# --- simulation-based calibration (Talts et al. 2018) on a made-up experiment with a known law ---

LAW = tuple(Marginal(name, "uniform", 0.0, 1.0) for name in ("a", "b"))
MADE_UP = ("26.depth", "24.depth", "37.depth")
REPEATS = 60
KEPT = 15  # draws of each repeat; ranks are 0 to 15


def _law(theta: Array, condition: Array, energy: Array, slope: float) -> Array:
    return np.asarray(
        -8.6 + slope * (theta[..., 0] + 0.4 * np.tanh(2.0 * theta[..., 1])) + 0.2 * condition + 0.7 * energy
    )


def _emulators(rows: list[Measurement]) -> dict[tuple[str, str], Emulator]:
    """Emulators of the law, with as many conditions as the rows' studies have; only the first one matters."""
    from milia.calibration.emulator import ENERGY_SCALE, coordinates
    from milia.calibration.likelihood import label_of

    made = {}
    rng = np.random.default_rng(0)
    for place, row in enumerate(rows):
        conditions = study(row.study).conditions
        width = coordinates(conditions, np.full((1, len(conditions)), 0.5)).shape[1]
        x = rng.uniform(-1.2, 1.2, size=(120, 2 + width + 1))
        y = _law(x[:, :2], x[:, 2], x[:, -1] * ENERGY_SCALE, (0.5, 0.3, 0.6)[place])
        made[label_of(row.study, row.settings), row.observable] = train("depth", x, y, split=2)
    return made


def _make_up(
    rows: list[Measurement], posterior: Posterior, rng: np.random.Generator
) -> tuple[Array, list[Measurement]]:
    """Draw parameters, scatter, conditions and errors from the model; return z and the rows it would give."""
    from milia.calibration.emulator import SMALLEST_M, coordinates

    z = rng.standard_normal((1, 5))
    points, scatter = posterior.cube(z)
    theta = coordinates(LAW, points)[0]
    between, within, _ = scatter[0]
    made = []
    shared: dict[str, tuple[float, float]] = {}
    for place, row in enumerate(rows):
        if row.study not in shared:
            conditions = study(row.study).conditions
            u = rng.uniform(size=(1, len(conditions)))
            delivered = next(i for i, m in enumerate(conditions) if m.name == "delivered")
            log_delivered = float(np.log(conditions[delivered].quantile(u[:, delivered]))[0])
            first = float(coordinates(conditions, u)[0, 0])
            shared[row.study] = first, log_delivered + between * float(rng.standard_normal())
        condition, energy = shared[row.study]
        value = _law(
            theta,
            np.array(condition),
            np.array(energy + within * rng.standard_normal()),
            (0.5, 0.3, 0.6)[place],
        )
        value = float(value) + row.log_sd * float(rng.standard_normal())
        if row.relation == "equals":
            made.append(replace(row, value=float(np.exp(value)) - SMALLEST_M))
        else:  # a study that only says between which of three levels the depth was
            edges = np.exp([-30.0, -8.9, -8.3, 30.0]) - SMALLEST_M
            at = int(np.searchsorted(np.log(edges[1:3] + SMALLEST_M), value))
            low, high = max(float(edges[at]), 1e-12), float(edges[at + 1])
            made.append(replace(row, low=low, high=high))
    return z[0], made


def test_ranks_of_the_truth_among_draws_are_uniform() -> None:
    rows = [replace(ROWS[label], log_sd=0.1) for label in MADE_UP]
    emulators = _emulators(rows)
    rng = np.random.default_rng(12)
    ranks = np.zeros((REPEATS, 5), dtype=int)
    scales = (0.3, 0.2, 0.3)
    for repeat in range(REPEATS):
        blank = Posterior(LAW, (), scales)
        truth, measured = _make_up(rows, blank, rng)
        posterior = replace(posterior_of(measured, emulators, LAW, count=24), scales=scales)
        chain = sample(posterior, 5, seed=repeat, sampler=Sampler(walkers=20, burn=80, steps=120))
        kept = chain.samples[:: len(chain.samples) // KEPT][:KEPT]
        # a half-normal scatter is judged on its own scale, which rises with z
        ranks[repeat] = (kept < truth).sum(axis=0)
    for column in ranks.T[:4]:  # the scatter of damage has no thermal row to learn from: it stays the prior
        counts = np.bincount(column // 4, minlength=4)
        assert stats.chisquare(counts).pvalue > 0.003, counts
