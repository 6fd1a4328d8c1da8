"""The stages behind the tables, each cached: simulate, emulate, leave out, sample, predict."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray
from validation.ablation import store, widen

from milia.calibration.beliefs import calibrated_prior, complete, prior
from milia.calibration.design import Design, around, benches, plan_design, simulate_design
from milia.calibration.emulator import Emulator, fit_emulator
from milia.calibration.likelihood import SCATTER, Posterior, posterior_of, scatter_scales
from milia.calibration.measurements import Measurement, read_measurements
from milia.calibration.predict import Member, Predicted, predict_study
from milia.calibration.sampling import Chain, Sampler, sample
from milia.engine import workers

Array = NDArray[np.float64]
ALL, PRIOR, LEFT_OUT, WIDENED = "all", "prior", "left out", "widened"
ER_YAG = "er_yag"
SEED = 20
TEMPER = 0.4


@dataclass(frozen=True)
class Effort:
    """How much is simulated and sampled."""

    design: int = 384  # of each of two waves
    kept: int = 1024  # draws kept of every fold
    predicted: int = 256  # members for rows that are fitted
    shown: int = 128  # members for rows that are only shown
    sampler: Sampler = field(default_factory=lambda: Sampler(burn=500, steps=600))
    final: Sampler = field(default_factory=lambda: Sampler(burn=800, steps=2000))
    scouting: Sampler = field(default_factory=lambda: Sampler(burn=300, steps=200))


def say(text: str) -> None:
    """Print at once, with the seconds since the start."""
    print(f"[{time.perf_counter() - _START:6.0f} s] {text}", flush=True)


_START = time.perf_counter()


def fitted() -> tuple[Measurement, ...]:
    """Return the rows that are fitted."""
    return tuple(row for row in read_measurements() if row.role == "fit")


def shown() -> tuple[Measurement, ...]:
    """Return the rows that are simulated but not fitted."""
    return tuple(row for row in read_measurements() if row.role == "show")


def studies_of(rows: Sequence[Measurement]) -> tuple[str, ...]:
    """Return the rows' studies in the table's order."""
    return tuple(dict.fromkeys(row.study for row in rows))


Waves = Mapping[str, Sequence[Design]]  # designs of each bench, by its label
Emulators = dict[tuple[str, str], Emulator]


def simulate(effort: Effort) -> Waves:
    """Fire two designs at every bench, over the prior and then near the posterior, and cache what came out.

    The second wave only says where the emulators must be good: its parameters come from the tempered
    posterior of the first, which is wide enough to hold that of every fold.
    """
    first = [_fire(plan) for plan in _first_wave(effort)]
    emulators = emulate({design.bench.label: [design] for design in first})
    cube = _scout(emulators, effort)
    store.write_cube(cube)
    second = [_fire(plan) for plan in _second_wave(store.read_cube())]
    store.write_designs([*first, *second])
    return _by_bench([*first, *second])


def load(effort: Effort) -> Waves:
    """Return the cached designs of both waves."""
    plans = [*_first_wave(effort), *_second_wave(store.read_cube())]
    results = store.read_designs()
    made = []
    for plan in plans:
        rows = results[plan.bench.label]
        taken, results[plan.bench.label] = rows[: len(plan.points)], rows[len(plan.points) :]
        made.append(Design(plan.bench, plan.marginals, plan.points, taken))
    return _by_bench(made)


def _by_bench(designs: Sequence[Design]) -> Waves:
    labels = dict.fromkeys(design.bench.label for design in designs)
    return {label: [d for d in designs if d.bench.label == label] for label in labels}


def _first_wave(effort: Effort) -> list[Design]:
    return [
        plan_design(bench, calibrated_prior(), count=effort.design, seed=SEED + number)
        for number, bench in enumerate(benches(fitted()))
    ]


def _second_wave(cube: Array) -> list[Design]:
    return [
        around(bench, calibrated_prior(), cube, seed=SEED + 50 + number)
        for number, bench in enumerate(benches(fitted()))
    ]


def _fire(plan: Design) -> Design:
    design = simulate_design(plan, vary=complete)
    lost = int(np.isnan(design.results).any(axis=1).sum())
    say(f"simulated {len(design.points)} × {plan.bench.label}" + (f", {lost} went too deep" if lost else ""))
    return design


def _scout(emulators: Emulators, effort: Effort) -> Array:
    """Return parameters of the tempered posterior of all rows, points of the unit cube."""
    posterior = replace(posterior_of(fitted(), emulators, calibrated_prior(), seed=SEED), temper=TEMPER)
    chain = sample(posterior, len(posterior.names), seed=SEED, sampler=effort.scouting)
    say(f"scouted: {chain.diagnostics()}")
    return posterior.cube(chain.thinned(effort.design, seed=SEED))[0]


def emulate(waves: Waves) -> Emulators:
    """Train an emulator for every bench and observable."""
    emulators: Emulators = {}
    for row in fitted():
        for bench in benches([row]):
            key = (bench.label, row.observable)
            if key not in emulators:
                made = fit_emulator(waves[bench.label], row, parameters=len(calibrated_prior()))
                emulators[key] = made
                say(
                    f"emulated {row.observable} of {bench.label}: error {made.error:.3f} of {made.spread:.3f}"
                )
    return emulators


@dataclass(frozen=True, eq=False)
class Fold:
    """What is believed with one study left out (or none): draws and diagnostics."""

    left_out: str
    members: tuple[Member, ...]
    diagnostics: Mapping[str, float]


def fold(left_out: str, emulators: Emulators, effort: Effort, *, seed: int) -> Fold:
    """Sample the posterior without one study's rows."""
    rows = [row for row in fitted() if row.study != left_out]
    posterior = posterior_of(rows, emulators, calibrated_prior(), seed=SEED)
    sampler = effort.final if left_out == ALL else effort.sampler
    chain = sample(posterior, len(posterior.names), seed=seed, sampler=sampler)
    members = members_of(posterior, chain, count=effort.kept, seed=seed)
    say(f"sampled without {left_out}: {chain.diagnostics()}")
    return Fold(left_out, members, chain.diagnostics())


def members_of(posterior: Posterior, chain: Chain, *, count: int, seed: int) -> tuple[Member, ...]:
    """Return ``count`` draws of a chain as named values, in random order."""
    z = chain.thinned(count, seed=seed)
    z = z[np.random.default_rng(seed + 1).permutation(count)]
    points, scatter = posterior.cube(z)
    columns = {m.name: m.quantile(points[:, j]) for j, m in enumerate(posterior.parameters)}
    columns |= {name: scatter[:, j] for j, name in enumerate(SCATTER)}
    return tuple({name: float(values[i]) for name, values in columns.items()} for i in range(count))


def prior_members(count: int, *, wavelength_m: float, seed: int) -> tuple[Member, ...]:
    """Return draws of the prior with the prior's scatter."""
    from scipy.special import ndtri

    from milia.calibration.draws import draw, sobol

    marginals = prior(wavelength_m)
    points = sobol(count, len(marginals) + 3, seed=seed)
    scatter = np.asarray(scatter_scales()) * ndtri(0.5 * (1.0 + points[:, len(marginals) :]))
    return tuple(
        {**values, **{name: float(s) for name, s in zip(SCATTER, own, strict=True)}}
        for values, own in zip(draw(marginals, points[:, : len(marginals)]), scatter, strict=True)
    )


def predict(
    rows: Sequence[Measurement], members: Sequence[Member], *, count: int, seed: int
) -> dict[str, Predicted]:
    """Predict rows with the full engine from the first ``count`` members, study by study."""
    found: dict[str, Predicted] = {}
    for number, name in enumerate(studies_of(rows)):
        own = [row for row in rows if row.study == name]
        completed = [complete(member) for member in members[:count]]
        found |= predict_study(name, own, completed, seed=seed + number)
    return found


def leave_out(emulators: Emulators, effort: Effort) -> dict[str, Fold]:
    """Sample every fold: each study left out, and none; folds run beside each other."""
    names = [*studies_of(fitted()), ALL]
    seeds = {name: SEED + 100 + place for place, name in enumerate(names)}
    # a fresh process each: BLAS threads of one fold would only stand in the other's way
    with ProcessPoolExecutor(max_workers=workers(), mp_context=get_context("spawn")) as pool:
        # the longest first
        jobs = {
            name: pool.submit(fold, name, emulators, effort, seed=seeds[name]) for name in reversed(names)
        }
        folds = {name: jobs[name].result() for name in names}
    store.write_folds(folds)
    return folds


Predictions = dict[tuple[str, str], Predicted]  # by what they rest on and the row's label


def predict_all(folds: Mapping[str, Fold], effort: Effort) -> Predictions:
    """Predict every row from the prior, with its study left out, widened too, and from all studies."""
    found: Predictions = {}

    def keep(kind: str, samples: Mapping[str, Predicted]) -> None:
        found.update({(kind, label): values for label, values in samples.items()})

    before = prior_members(effort.predicted, wavelength_m=10.6e-6, seed=SEED)
    keep(PRIOR, predict(fitted(), before, count=effort.predicted, seed=SEED + 200))
    say("predicted from the prior")
    for name in studies_of(fitted()):
        own = [row for row in fitted() if row.study == name]
        keep(LEFT_OUT, predict(own, folds[name].members, count=effort.predicted, seed=SEED + 300))
    say("predicted left-out studies")
    residuals = residuals_of(found)
    for name in studies_of(fitted()):
        own = [row for row in fitted() if row.study == name]
        members = widen.widened(folds[name].members, widen.factors(residuals, without=name))
        keep(WIDENED, predict(own, members, count=effort.predicted, seed=SEED + 300))
    say("predicted left-out studies with widened scatter")
    everything = widen.widened(folds[ALL].members, widen.factors(residuals))
    keep(ALL, predict(fitted(), everything, count=effort.predicted, seed=SEED + 400))
    say("predicted fitted studies")
    co2 = [row for row in shown() if row.study != ER_YAG]
    keep(ALL, predict(co2, everything, count=effort.shown, seed=SEED + 500))
    er_yag = [row for row in shown() if row.study == ER_YAG]
    other = prior_members(effort.shown, wavelength_m=2.94e-6, seed=SEED)
    keep(ALL, predict(er_yag, other, count=effort.shown, seed=SEED + 600))
    say("predicted rows that are shown only")
    store.write_predictions(found)
    return found


def residuals_of(found: Mapping[tuple[str, str], Predicted]) -> tuple[widen.Residual, ...]:
    """Return how far left-out rows were off, as their scatter was first believed."""
    each = (widen.residual(row, found[LEFT_OUT, row.label]) for row in fitted())
    return tuple(r for r in each if r is not None)
