"""Could any physics within the priors meet every depth, if what the studies leave unsaid could be chosen?

``python -m validation.ablation.conditions``: half a minute, from the cached designs; it writes nothing.

For each draw of the parameters and each study, the unsaid conditions are chosen, out of 256 quasi-random
draws, that bring the study's worst depth nearest to what was measured. The choice is made by the emulators;
the best draws of all are then fired with the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from validation.ablation.balance import depth_rows
from validation.ablation.results import GOAL_ERROR
from validation.ablation.stages import SEED, Effort, Emulators, load, studies_of

from milia.calibration.beliefs import calibrated_prior, complete, parameters_from
from milia.calibration.design import benches
from milia.calibration.draws import draw, sobol
from milia.calibration.emulator import coordinates, fit_emulator, log_of
from milia.calibration.experiments import exposure, fire, observed
from milia.calibration.likelihood import study_model
from milia.calibration.measurements import Measurement, study
from milia.engine import run_all

Array = NDArray[np.float64]
DRAWS, CHOICES, CHUNK, FIRED = 4096, 256, 512, 16


def emulators() -> Emulators:
    """Train the emulators of the depths alone."""
    waves = load(Effort())
    return {
        (bench.label, row.observable): fit_emulator(
            waves[bench.label], row, parameters=len(calibrated_prior())
        )
        for row in depth_rows()
        for bench in benches([row])
    }


def nearest(name: str, rows: Sequence[Measurement], known: Emulators, x: Array) -> tuple[Array, Array, Array]:
    """Return each draw's least worst error (a logarithm), the choice that gives it, and how many would do."""
    model = study_model(name, rows, known, count=CHOICES, seed=SEED)
    off = []
    for row in model.rows:
        assert row.row.value is not None
        values = [row.at(x[low : low + CHUNK])[0] for low in range(0, len(x), CHUNK)]
        off.append(np.concatenate(values) - float(log_of(row.row.observable, row.row.value)))
    worst = np.abs(np.stack(off)).max(axis=0)
    return worst.min(axis=1), worst.argmin(axis=1), (worst < np.log1p(GOAL_ERROR)).mean(axis=1)


def fired(name: str, rows: Sequence[Measurement], choice: int, drawn: Mapping[str, float]) -> list[float]:
    """Return the engine's depth over the measured one, row by row, under one choice of conditions."""
    about = study(name)
    (conditions,) = draw(
        about.conditions, sobol(CHOICES, len(about.conditions), seed=SEED)[choice : choice + 1]
    )
    known = {**conditions, "energy": conditions["delivered"]}
    parameters = parameters_from(complete(drawn), about.wavelength_m)
    ratios = []
    for row in rows:
        assert row.value is not None
        crater = fire(exposure(about, row.settings, known), parameters)
        ratios.append(observed(row, crater, {**known, **dict(row.settings)}) / row.value)
    return ratios


def main() -> None:
    """Print how often physics meets each study and all of them, under which conditions, and how it fires."""
    rows, known, believed = depth_rows(), emulators(), calibrated_prior()
    points = sobol(DRAWS, len(believed), seed=SEED)
    x = coordinates(believed, points)
    names = studies_of(rows)
    own = {name: [row for row in rows if row.study == name] for name in names}
    found = {name: nearest(name, own[name], known, x) for name in names}
    worst = np.max([found[name][0] for name in names], axis=0)
    print(f"{DRAWS} draws of the physics, the best of {CHOICES} conditions of each study\n")
    print("| within | " + " | ".join(study(name).title for name in names) + " | all |")
    print("|---|" + "---|" * (len(names) + 1))
    for within in (GOAL_ERROR, 0.3, 0.5):
        ok = [found[name][0] < np.log1p(within) for name in names]
        shares = [f"{100 * o.mean():.1f} %" for o in (*ok, np.logical_and.reduce(ok))]
        print(f"| {100 * within:.0f} % | " + " | ".join(shares) + " |")
    chance = np.prod([found[name][2] for name in names], axis=0).mean()
    print(f"\nConditions drawn instead of chosen meet all within {100 * GOAL_ERROR:.0f} % by {chance:.1e}.")

    best = np.argsort(worst)[:FIRED]
    drawn = draw(believed, points[best])
    tasks = [(place, name) for place in range(len(best)) for name in names]
    ratios = run_all(
        lambda task: fired(task[1], own[task[1]], int(found[task[1]][1][best[task[0]]]), drawn[task[0]]),
        tasks,
    )
    off = [
        max(abs(np.log(r)) for (at, _), each in zip(tasks, ratios, strict=True) if at == place for r in each)
        for place in range(len(best))
    ]
    print(
        f"The {FIRED} best, fired with the engine: the worst of their {len(rows)} depths is off by "
        f"{100 * np.expm1(min(off)):.0f} to {100 * np.expm1(max(off)):.0f} %, "
        f"median {100 * np.expm1(float(np.median(off))):.0f} %."
    )
    print("\nTheir conditions, as quantiles of the prior:")
    for name in names:
        about = study(name)
        chosen = sobol(CHOICES, len(about.conditions), seed=SEED)[found[name][1][best]]
        told = ", ".join(f"{m.name} {np.median(chosen[:, j]):.2f}" for j, m in enumerate(about.conditions))
        print(f"- {about.title}: {told}")


if __name__ == "__main__":
    main()
