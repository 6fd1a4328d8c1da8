"""The card's own kernel, packing and host loop, on numba's CUDA simulator: plain Python, no card."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from milia.engine.gpu import run_ensemble


def flattened(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in flattened(value[key])]
    if isinstance(value, list):
        return [number for item in value for number in flattened(item)]
    return [float(value)]


def test_the_simulated_card_gives_the_processors_craters(tiny: ModuleType) -> None:
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}
    program = subprocess.run(
        [sys.executable, "-W", "error", tiny.__file__],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert program.returncode == 0, program.stderr
    said = json.loads(program.stdout)
    assert said["note"] == "numba's CUDA simulator"
    exposures, each = tiny.tiny()
    here = run_ensemble(exposures, each, device="cpu", rule=tiny.RULE, accuracy=tiny.ACCURACY)
    for there, member in zip(said["members"], here.members, strict=True):
        assert member.craters[-1].depth > 50e-6
        assert there["steps"] == member.steps > 20
        # plain Python takes its exponentials from the system's library, compiled code from LLVM's
        assert flattened(there) == pytest.approx(flattened(tiny.numbers(member)), rel=1e-9, abs=1e-15)
