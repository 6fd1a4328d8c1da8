"""One measurement in a process of its own: ``python -m benchmarks.job MODULE REPEATS SOLVE [TIMED]``.

Prints JSON: the shortest wall and processor time of the repeats, what the first solve gave, and the memory.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENOUGH_S = 1.0  # of repeats, where they are short: a busy moment lasts less
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM", "NUMEXPR")


@dataclass(frozen=True)
class Measured:
    """What one code took, in a process of its own on one processor."""

    wall_s: float
    cpu_s: float
    first_s: float
    peak_MiB: float
    imports_MiB: float
    answer: list[float]


def peak_MiB() -> float:
    """Return the most memory this process has had at once.

    The kernel's own mark: what ``getrusage`` tells a child begins with its parent's.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def alone(module: str, solve: str, *, timed: str = "", repeats: int = 5, limit_s: float = 900.0) -> Measured:
    """Run ``module.solve`` on one pinned thread, and ``timed`` (or itself) ``repeats`` times."""
    words = [sys.executable, "-m", "benchmarks.job", module, str(repeats), solve, *([timed] if timed else [])]
    environment = {**os.environ, **{f"{name}_NUM_THREADS": "1" for name in THREADS}}
    done = subprocess.run(
        words, capture_output=True, text=True, env=environment, timeout=limit_s, check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        raise RuntimeError(f"{module}: {said[-1]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def main(words: list[str]) -> None:
    module, repeats, solve, *rest = words
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    code: Any = importlib.import_module(module)
    imports = peak_MiB()
    began = time.perf_counter()
    answer = getattr(code, solve)()
    first = time.perf_counter() - began
    work = getattr(code, rest[0] if rest else solve)
    walls: list[float] = []
    cpus: list[float] = []
    if int(repeats):
        work()  # pays for compiling what is timed
    while len(walls) < int(repeats) or (walls and sum(walls) < ENOUGH_S):
        began, busy = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - busy)
    made = Measured(
        min(walls, default=first), min(cpus, default=first), first, peak_MiB(), imports, list(answer)
    )
    print(json.dumps(made.__dict__))


if __name__ == "__main__":
    main(sys.argv[1:])
