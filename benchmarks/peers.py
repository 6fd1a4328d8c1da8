"""The reference problem by every code, side by side in one run."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from benchmarks.half_space import worst_percent
from benchmarks.job import alone


@dataclass(frozen=True)
class Code:
    """One code and how to time it; ``needs`` is a module that may not be installed."""

    name: str
    module: str
    solve: str = "solve"
    timed: str = ""
    repeats: int = 7
    needs: str = ""
    slow: bool = False
    quick_only: bool = False


CODES = (
    Code("Milia", "engine"),
    Code("Milia, steps half as long", "engine", "solve_finer"),
    Code("Milia, full physics", "engine_full", "solve", "timed"),
    Code("Milia, full physics, half", "engine_full", "solve_finer", "timed_finer"),
    Code("explicit numba loop", "explicit"),
    Code("explicit loop, full physics", "explicit_full", repeats=3),
    Code("numpy/scipy ADI, 100 µs", "adi", repeats=3),
    Code("scikit-fem Q1, 100 µs", "skfem_q1", repeats=1, needs="skfem"),
    Code("FiPy PCG, 100 µs", "fipy_pcg", repeats=0, needs="fipy", slow=True),
    Code("FiPy PCG, 1 ms", "fipy_pcg", "solve_coarse", repeats=0, needs="fipy", quick_only=True),
)


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Return times, worst error and memory of every code; what is missing says how to install it."""
    made: dict[str, Any] = {}
    for code in CODES:
        if code.slow if quick else code.quick_only:
            continue
        if code.needs and find_spec(code.needs) is None:
            made[code.name] = {"skipped": f"{code.needs} is not installed: {INSTALL}"}
            continue
        found = alone(f"benchmarks.codes.{code.module}", code.solve, timed=code.timed, repeats=code.repeats)
        made[code.name] = {
            "wall_s": found.wall_s,
            "processor_s": found.cpu_s,
            "worst_error_percent": worst_percent(found.answer),
            "peak_MiB": found.peak_MiB,
            "imports_MiB": found.imports_MiB,
        }
    base = made[CODES[0].name]["processor_s"]
    for result in made.values():
        if "processor_s" in result:
            result["times_slower"] = result["processor_s"] / base
    return made


INSTALL = "pip install -r requirements-bench.lock"
