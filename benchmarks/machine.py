"""What this machine can do at most on one thread: memory bandwidth, arithmetic, dependent divisions."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

FAR_BYTES = 400_000_000  # three arrays of it no cache holds
NEAR_BYTES = 2_000_000  # about what the fields of 20000 cells take
DEPTH = 32
ENOUGH_S = 1.0  # of repeats: a busy moment lasts less


@njit(cache=True, nogil=True)
def triad(a, b, c, repeats):  # type: ignore[no-untyped-def]
    """The loop of STREAM: two arrays read, one written."""
    for _ in range(repeats):
        for i in range(a.shape[0]):
            a[i] = b[i] + 3.0 * c[i]


def _polynomial(x, repeats):  # type: ignore[no-untyped-def]
    """Multiply and add, ``DEPTH`` deep, on numbers that stay in the nearest cache."""
    for _ in range(repeats):
        for i in range(x.shape[0]):
            y = x[i]
            for _ in range(DEPTH):
                y = y * 0.999 + 0.001
            x[i] = y


separate = njit(nogil=True)(_polynomial)
fused = njit(nogil=True, fastmath={"contract"})(_polynomial)


@njit(cache=True, nogil=True)
def thomas(rise, k, heat, dt, step, work, repeats):  # type: ignore[no-untyped-def]
    """Implicit conduction along one direction of a uniform body: the recurrence that no code can avoid."""
    nr, nz = rise.shape
    upper, solved = work[0], work[1]
    link = k / (step * step)
    for _ in range(repeats):
        for i in range(nr):
            before, here = 0.0, 0.0
            for j in range(nz):
                scale = 1.0 / (heat / dt + 2.0 * link - link * before)
                before = link * scale
                here = (heat / dt * rise[i, j] + link * here) * scale
                upper[j], solved[j] = before, here
            rise[i, nz - 1] = solved[nz - 1]
            for j in range(nz - 2, -1, -1):
                rise[i, j] = solved[j] + upper[j] * rise[i, j + 1]


@njit(cache=True, nogil=True, error_model="numpy")
def thomas_bundled(rise, k, heat, dt, step, work, repeats):  # type: ignore[no-untyped-def]
    """The same with all lines side by side, so that the processor's vector units have something to do."""
    nr, nz = rise.shape
    upper = work
    link = k / (step * step)
    for _ in range(repeats):
        for j in range(nz):
            scale = 1.0 / (heat / dt + 2.0 * link)
            upper[0, j] = link * scale
            rise[0, j] = heat / dt * rise[0, j] * scale
        for i in range(1, nr):
            for j in range(nz):
                scale = 1.0 / (heat / dt + 2.0 * link - link * upper[i - 1, j])
                upper[i, j] = link * scale
                rise[i, j] = (heat / dt * rise[i, j] + link * rise[i - 1, j]) * scale
        for i in range(nr - 2, -1, -1):
            for j in range(nz):
                rise[i, j] += upper[i, j] * rise[i + 1, j]


def best(
    work: Callable[[], object], repeats: int = 5, clock: Callable[[], float] = time.process_time
) -> float:
    """Return the shortest of some runs [s], more where they are short; one before them pays for compiling.

    What runs on one thread is timed by its processor time, which others on the machine spoil less.
    """
    work()
    times: list[float] = []
    while len(times) < repeats or sum(times) < ENOUGH_S:
        began = clock()
        work()
        times.append(clock() - began)
    return min(times)


def bandwidth(total_bytes: int) -> float:
    """Return bytes per second of the triad over ``total_bytes``, without the lines fetched before a write."""
    count = total_bytes // 24
    a, b, c = np.zeros(count), np.ones(count), np.ones(count)
    repeats = max(1, FAR_BYTES // total_bytes)
    return 24.0 * count * repeats / best(lambda: triad(a, b, c, repeats))


def arithmetic(kernel: Callable[[Any, int], object]) -> float:
    """Return additions and multiplications per second."""
    x = np.linspace(0.1, 0.9, 1024)
    repeats = 20_000
    return 2.0 * DEPTH * len(x) * repeats / best(lambda: kernel(x, repeats), 3)


def recurrences(kernel: Callable[..., object], shape: tuple[int, int]) -> float:
    """Return cells per second of tridiagonal solves with working memory of a ``shape``."""
    rise, work = np.zeros((100, 200)), np.zeros(shape)
    rise[0, 0] = 1.0
    repeats = 20
    return rise.size * repeats / best(lambda: kernel(rise, 0.4, 3.7e6, 1e-4, 5e-6, work, repeats))


def limits() -> dict[str, float]:
    """Return the measured limits of one thread."""
    return {
        "triad_memory_GB_s": bandwidth(FAR_BYTES) / 1e9,
        "triad_2MB_GB_s": bandwidth(NEAR_BYTES) / 1e9,
        "add_mul_Gflop_s": arithmetic(separate) / 1e9,
        "fused_Gflop_s": arithmetic(fused) / 1e9,
        "tridiagonal_Mcell_s": recurrences(thomas, (2, 200)) / 1e6,
        "tridiagonal_bundled_Mcell_s": recurrences(thomas_bundled, (100, 200)) / 1e6,
    }


def describe() -> dict[str, Any]:
    """Return what kind of machine this is, without its name."""
    import llvmlite
    import numba
    import scipy

    return {
        "processor": _processor(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else "unknown"


def rounded(value: Any) -> Any:
    """Return numbers with four digits: no measurement here has more."""
    if isinstance(value, float) and math.isfinite(value) and value:
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner) for inner in value]
    return value
