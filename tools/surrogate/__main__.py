"""``python -m tools.surrogate``: simulate, train, measure, write; about a quarter of an hour on two cores.

With ``--measure`` the trained surrogate stays, and how far its probabilities are off today's engine and
planning is counted anew; two minutes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from tools.surrogate.cases import compare
from tools.surrogate.design import design, kept, misses_of
from tools.surrogate.learn import HELD_OUT, SHAPES, VERDICTS, Trains, learn, ranges_of
from tools.surrogate.trains import RADII, fired

from milia import __version__
from milia.calibration import parameter_set
from milia.planning.live.stale import made_with
from milia.planning.live.surrogate import FOLDER, Surrogate, load_surrogate, write_surrogate

POINTS = 49152
SEEDS = (11, 12)  # of the designs; another one adds its trains to them
SEED = SEEDS[0]
CHUNK = 500
LIMIT_BYTES = 5_000_000


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.surrogate", description=__doc__)
    parser.add_argument("--points", type=int, default=POINTS, help="points of each design")
    parser.add_argument(
        "--work", type=Path, default=Path("build/surrogate"), help="where fired trains are kept"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the surrogate is written")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--measure", action="store_true", help="count the errors anew, train nothing")
    chosen = parser.parse_args(words)
    if chosen.measure:
        return measured(chosen.folder)
    trains = simulated(chosen.points, chosen.work, chosen.processes)
    tell(f"{len(trains.rows)} trains")
    verdicts, shapes, spread, errors = learn(trains, seed=SEED, tell=tell)
    made = Surrogate(
        verdicts=verdicts,
        shapes=shapes,
        radii=np.array(RADII),
        ranges=ranges_of(trains),
        spread=spread,
        errors={**dict.fromkeys(("p_open", "p_harm", "p_severe", "p_typical"), 1.0), "held_out": errors},
        provenance={
            "version": __version__,
            "parameter_set": parameter_set().name,
            "made_with": made_with(),
            "design": {"points": chosen.points, "trains": len(trains.rows), "seeds": list(SEEDS)},
            "held_out": f"every {HELD_OUT}th train",
            "networks": {"verdicts": list(VERDICTS), "shapes": list(SHAPES)},
        },
    )
    against = compare(made, seed=SEED, tell=tell)
    made = replace(made, errors={**against, "held_out": errors})
    size = write_surrogate(made, folder=chosen.folder)
    tell(f"{size} bytes; probabilities: {against}")
    return 0 if size <= LIMIT_BYTES else 1


def measured(folder: Path) -> int:
    """Count the errors of the surrogate in ``folder`` against today's engine, and write them beside it."""
    kept_one = load_surrogate(folder)
    against = compare(kept_one, seed=SEED, tell=tell)
    provenance = {
        **kept_one.provenance,
        "trained_with": kept_one.provenance.get("trained_with", kept_one.provenance["made_with"]),
        "made_with": made_with(),
    }
    errors = {**against, "held_out": kept_one.errors["held_out"]}
    write_surrogate(replace(kept_one, errors=errors, provenance=provenance), folder=folder)
    tell(f"probabilities: {against}")
    return 0


def simulated(points: int, work: Path, processes: int | None, seeds: tuple[int, ...] = SEEDS) -> Trains:
    """Fire the designs, as far as they do not lie in the work folder yet, and return all trains."""
    files = [file for seed in seeds for file in _fired(points, seed, work / str(seed), processes)]
    parts = [np.load(file) for file in files]
    joined = Trains(*(np.concatenate([part[key] for part in parts]) for key in ("rows", "misses", "found")))
    good = np.isfinite(joined.found[:, 0, 0, 0])
    return Trains(joined.rows[good], joined.misses[good], joined.found[good].astype(float))


def _fired(points: int, seed: int, work: Path, processes: int | None) -> list[Path]:
    work.mkdir(parents=True, exist_ok=True)
    rows, pulses = design(points, seed=seed)
    misses = misses_of(rows, seed=seed)
    # in random order, so that what an interrupted run left is a design too
    order = np.random.default_rng(seed + 7).permutation(np.flatnonzero(kept(rows)))
    files = []
    for number, begin in enumerate(range(0, len(order), CHUNK)):
        files.append(work / f"{number:04d}.npz")
        if files[-1].exists():
            continue
        these = order[begin : begin + CHUNK]
        jobs = [(rows[i], int(pulses[i]), misses[i]) for i in these]
        with multiprocessing.Pool(processes) as pool:
            found = np.array(pool.starmap(fired, jobs, chunksize=8), dtype=np.float32)
        part = files[-1].with_suffix(".part.npz")
        np.savez(part, rows=rows[these], misses=misses[these], found=found)
        part.replace(files[-1])
        tell(f"{begin + len(these)} of {len(order)} trains fired")
    return files


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
