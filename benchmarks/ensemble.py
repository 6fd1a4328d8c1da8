"""Members per second of an ensemble, on one thread and on several."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.milium import CYST
from milia.calibration import draw_parameters
from milia.engine import PLANNING, QUICK, Exposure, Parameters, march, run_all, start, workers
from milia.engine.result import crater_numbers
from milia.laser import Beam, PulseTrain
from milia.skin import site, tissue_at


def member() -> Callable[[Parameters], dict[str, float]]:
    """Return the simulation of one member: two pulses into the milium, as plans take it."""
    beam = Beam(spot_diameter_m=200e-6)
    train = PulseTrain(pulse_energy_J=10e-3, pulse_duration_s=1e-3, pulses=2, interval_s=0.1)
    exposure = Exposure(tissue_at(site("cheek"), cyst=CYST), beam, train, 306.15)

    def fire(parameters: Parameters) -> dict[str, float]:
        state = start(exposure, parameters, rule=PLANNING)
        return crater_numbers(march(state, beam, train, parameters, accuracy=QUICK))

    return fire


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Return members per second; thread counts take turns, so that a busy moment does not hit one alone."""
    fire = member()
    draws = draw_parameters(32 if quick else 128)
    fire(draws[0])
    counts = sorted({1, 2, workers()})
    walls: dict[int, list[float]] = {count: [] for count in counts}
    cpus: dict[int, list[float]] = {count: [] for count in counts}
    answers = []
    for _ in range(2 if quick else 5):
        for count in counts:
            began, busy = time.perf_counter(), time.process_time()
            answers.append(run_all(fire, draws, threads=count))
            walls[count].append(time.perf_counter() - began)
            cpus[count].append(time.process_time() - busy)
    if any(answer != answers[0] for answer in answers):
        raise RuntimeError("threads changed the answer")
    one = min(walls[1])
    return {
        "members": len(draws),
        "threads": {
            str(count): {
                "members_s": len(draws) / min(walls[count]),
                "scaling": one / min(walls[count]),
                "processors_kept_busy": max(c / w for c, w in zip(cpus[count], walls[count], strict=True)),
            }
            for count in counts
        },
    }
