"""The benchmarks run, and what they compare solves the same problem."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
EXACT = (45.1413, 13.8237, 7.0604, 1.6094, 1.5080, 1.2659)


def run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("module", "allowed"), [("engine", 0.005), ("engine_full", 0.005), ("adi", 0.001)])
def test_a_code_solves_the_reference_problem(module: str, allowed: float) -> None:
    found = json.loads(run("-m", "benchmarks.job", f"benchmarks.codes.{module}", "0", "solve"))
    np.testing.assert_allclose(found["answer"], EXACT, rtol=allowed)
    assert 10.0 < found["imports_MiB"] <= found["peak_MiB"] < 2000.0
    assert found["wall_s"] > 0.0


def test_work_is_counted_in_the_source() -> None:
    told = run(
        "-c",
        "import pathlib, sys, tempfile\n"
        "from benchmarks.roofline import count, work\n"
        "folder = tempfile.mkdtemp(); sys.path.insert(0, folder)\n"
        "pathlib.Path(folder, 'tiny.py').write_text('''\n"
        "from numba import njit\n"
        "@njit\n"
        "def tiny(a, b, n, p):\n"
        "    for i in range(n):\n"
        "        outside = 2.0 * p\n"
        "        for k in range(n):\n"
        "            a[i, k] = b[i, k] * p + b[i, k + 1] / p\n"
        "            if a[i, k] > p:\n"
        "                a[i, k] = temperature(1.0 * 2.0 * 3.0)\n"
        "''')\n"
        "import tiny\n"
        "print(count(tiny.tiny, once=True))\n"
        "print(all(part.flops > 0 for part in work().values()))\n",
    )
    # a is stored and read back for the test, b read: three arrays; the phase change is not counted
    assert "Work(flops=3, divisions=1, bytes=24)" in told
    assert told.rstrip().endswith("True")


def test_results_can_be_compared() -> None:
    told = run(
        "-c",
        "from benchmarks.show import compared, peers\n"
        "then = {'a': {'wall_s': 2.0, 'steps': 5}, 'gone': {'wall_s': 1.0}}\n"
        "now = {'a': {'wall_s': 1.0, 'steps': 5}, 'new': {'wall_s': 1.0}}\n"
        "print(compared(now, then))\n"
        "print(peers({'other': {'skipped': 'x is not installed: pip install'}}))",
    )
    assert "a · wall_s" in told
    assert "0.50" in told
    assert "gone" not in told
    assert "SKIPPED: x is not installed: pip install" in told
