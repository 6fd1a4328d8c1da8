"""A device that keeps its blocks in ordinary memory, and exposures small enough for plain Python."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from milia.engine.gpu.packing import Form, is_record
from milia.engine.kernels import step

TINY = Path(__file__).with_name("tiny.py")


def _contiguous(value: Any, seen: list[tuple[Any, Any]]) -> Any:
    if is_record(value):
        return type(value)(*(_contiguous(part, seen) for part in value))
    if isinstance(value, np.ndarray):
        seen.append((value, np.ascontiguousarray(value)))
        return seen[-1][1]
    return value.item()


def march_views(*call: Any) -> None:
    """Call the processor's kernel on copies of one member's views, and put back what it changed."""
    seen: list[tuple[Any, Any]] = []
    step.march(*(_contiguous(value, seen) for value in call))
    for view, copy in seen:
        view[...] = copy


class Rehearsal:
    """Does what a card does, one member after the other, with the kernel compiled for the processor."""

    name = "rehearsal"

    def __init__(self, free: float = 1e12) -> None:
        self.free = free
        self.launches: list[int] = []  # members that took part in each

    def free_bytes(self) -> float:
        return self.free

    def put(self, array: Any) -> Any:
        return np.array(array, order="C")

    def write(self, block: Any, number: int, array: Any) -> None:
        block[number][...] = array

    def read(self, block: Any, number: int, out: Any) -> None:
        out[...] = block[number]

    def kernel(self, form: Form) -> Callable[..., None]:
        member, _ = form.functions(march_views)

        def run(tiles: int, reals: Any, wholes: Any, *blocks: Any) -> None:
            assert blocks[0].shape[1] == tiles
            alive = np.flatnonzero(wholes[0])
            self.launches.append(len(alive))
            for m in alive:
                member(m, reals, wholes, *blocks)

        return run


@pytest.fixture
def rehearsal() -> type[Rehearsal]:
    """Return the stand-in for a card."""
    return Rehearsal


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """Return the exposures that the simulator's program marches, as a module."""
    spec = importlib.util.spec_from_file_location("tiny", TINY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
