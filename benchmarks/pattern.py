"""Nine spots in three dimensions: ``python -m benchmarks.pattern THREADS`` prints what one run took."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import Any

from benchmarks.job import peak_MiB

SPOTS, PITCH_M = 3, 300e-6


def fire(threads: int, across: int = SPOTS) -> dict[str, Any]:
    """Fire 3 × 3 spots of 0.2 mm, 0.3 mm apart, 10 mJ of 1 ms each, one every 10 ms, and cool to 45 °C."""
    from milia.engine import Exposure, nominal_parameters
    from milia.engine.volume.scene import Scene, grid_of_spots
    from milia.engine.volume.solver import march_volume, start_volume
    from milia.laser import Beam, PulseTrain
    from milia.skin import site, tissue_at

    beam = Beam(spot_diameter_m=200e-6)
    train = PulseTrain(pulse_energy_J=10e-3, pulse_duration_s=1e-3, interval_s=10e-3)
    exposure = Exposure(tissue_at(site("cheek")), beam, train, 306.15)
    scene = Scene(spots=grid_of_spots(across, across, PITCH_M))
    parameters = nominal_parameters()
    state = start_volume(exposure, scene, parameters)
    began, busy = time.perf_counter(), time.process_time()
    run = march_volume(state, scene, beam, train, parameters, threads=threads)
    wall = time.perf_counter() - began
    depths = [1e6 * look.depth for look in run.looks]
    return {
        "wall_s": wall,
        "processors_kept_busy": (time.process_time() - busy) / wall,
        "steps": run.steps,
        "cells": int(state.fields.e.size),
        "peak_MiB": peak_MiB(),
        "depth_um": [min(depths), max(depths)],
        "ledger_imbalance": state.energy().imbalance,
    }


def measure(*, quick: bool = False) -> dict[str, Any] | None:
    """Return what the pattern took on one thread and on two; nothing where the package has no such engine."""
    if find_spec("milia.engine.volume") is None:
        return None
    made: dict[str, Any] = {"spots": SPOTS * SPOTS}
    for threads in (2,) if quick else (1, 2):
        words = [sys.executable, "-m", "benchmarks.pattern", str(threads)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=1800, check=False)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            return {"failed": said[-1]}
        made[f"{threads} threads"] = json.loads(done.stdout.splitlines()[-1])
    return made


if __name__ == "__main__":
    count = int(sys.argv[1])
    fire(count, 1)  # compiles, or loads what is compiled
    print(json.dumps(fire(count)))
