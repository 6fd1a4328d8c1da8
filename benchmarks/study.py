"""How fast virtual patients are planned for and treated: ``python -m benchmarks.study [PATIENTS]``.

Runs ``examples/study_10000.yaml`` with fewer patients and says how long all would take: plans are made
once for each group, however many patients there are, so that the two parts are measured apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from milia.engine import workers
from milia.study import load_study, run_study
from milia.study.cohort import group_of, person

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "study_10000.yaml"
WHOLE = 10_000


def main(words: list[str]) -> int:
    count = int(words[0]) if words else 200
    study = replace(load_study(EXAMPLE), patients=count)
    everyone = {group_of(study, person(study, number)) for number in range(WHOLE)}
    here = {group_of(study, person(study, number)) for number in range(count)}
    marks: dict[str, float] = {}

    def note(share: float, what: str) -> None:
        del share
        marks[what.split()[0]] = time.perf_counter()

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run_study(study, Path(folder) / "out", progress=note)
    planning = marks["planned"] - began
    treating = marks["treated"] - marks["planned"]
    print(f"{workers()} processors, {count} patients, {len(study.simulated)} policies")
    print(f"plans of {len(here)} groups: {planning:.0f} s")
    print(f"patients: {60.0 * count / treating:.0f} a minute")
    whole = planning * len(everyone) / len(here) + treating * WHOLE / count
    print(f"{WHOLE} patients in {len(everyone)} groups: {whole / 60.0:.1f} minutes (computed, not measured)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
