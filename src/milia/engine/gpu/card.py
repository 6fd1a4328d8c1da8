"""The card: is there one, what is it, and how blocks of memory and calls get onto it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

from milia.base import MiliaError, one_line
from milia.engine.gpu.packing import LANES, Form, Numbers
from milia.engine.kernels import step

INSTALL = "pip install 'milia[gpu]' on a machine with an NVIDIA card and its driver"


class Device(Protocol):
    """Where a batch is marched: a card, or a stand-in that keeps its blocks in ordinary memory."""

    name: str

    def free_bytes(self) -> float:
        """Memory that can be taken now."""

    def put(self, array: Numbers) -> Any:
        """Return a copy of an array over there."""

    def write(self, block: Any, number: int, array: Numbers) -> None:
        """Copy an array into ``block[number]``."""

    def read(self, block: Any, number: int, out: Numbers) -> None:
        """Copy ``block[number]`` into an array."""

    def kernel(self, form: Form) -> Callable[..., None]:
        """Return ``run(tiles, reals, wholes, *blocks)`` that makes the call of every member."""


def find_card() -> Card:
    """Return the current CUDA device.

    Raises
    ------
    MiliaError
        Saying what is missing and how to install it.
    """
    try:
        # by name: numba has types for a part of itself only
        cuda: Any = import_module("numba.cuda")
        config: Any = import_module("numba.core.config")
    except ImportError as error:
        raise MiliaError(f"no GPU can be used: {one_line(error, None)}; {INSTALL}") from error
    if config.ENABLE_CUDASIM:
        if not config.DISABLE_JIT:
            raise MiliaError("numba's CUDA simulator cannot call compiled kernels: set NUMBA_DISABLE_JIT=1")
        return Card(cuda, "numba's CUDA simulator")
    if find_spec("numba_cuda") is None:
        raise MiliaError(f"no GPU can be used: numba-cuda is not installed; {INSTALL}")
    if not cuda.is_available():
        reason = one_line(cuda.cuda_error() or "no CUDA device was found", None).strip()
        raise MiliaError(f"no GPU can be used: {_sentence(reason)}; {INSTALL}")
    with _explained("no GPU can be used"):
        name = cuda.get_current_device().name
    return Card(cuda, name.decode() if isinstance(name, bytes) else str(name))


def _sentence(text: str) -> str:
    return " ".join(text.replace("\\n", " ").split()).rstrip(".: ")


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn whatever numba or the driver says into an error for people."""
    try:
        yield
    except MiliaError:
        raise
    except Exception as error:
        raise MiliaError(f"{what}: {_sentence(one_line(error, None))}") from error


class Card:
    """A CUDA device, by numba."""

    def __init__(self, cuda: Any, name: str) -> None:
        self.cuda = cuda
        self.name = name
        self._made: dict[Form, Callable[..., None]] = {}

    def free_bytes(self) -> float:
        return float(self.cuda.current_context().get_memory_info()[0])

    def put(self, array: Numbers) -> Any:
        with _explained(f"the GPU ({self.name}) has no room for {array.nbytes / 1e6:.0f} MB more"):
            return self.cuda.to_device(np.ascontiguousarray(array))

    def write(self, block: Any, number: int, array: Numbers) -> None:
        block[number].copy_to_device(array)

    def read(self, block: Any, number: int, out: Numbers) -> None:
        block[number].copy_to_host(out)

    def kernel(self, form: Form) -> Callable[..., None]:
        if form not in self._made:
            _, everyone = form.functions(step.march, self.cuda)
            self._made[form] = self.cuda.jit(everyone)
        compiled: Any = self._made[form]

        def run(tiles: int, *arguments: Any) -> None:
            with _explained(f"the GPU ({self.name}) failed"), warnings.catch_warnings():
                # a small ensemble does not fill the card; that is known
                warnings.filterwarnings("ignore", message="Grid size")
                compiled[tiles, LANES](*arguments)
                self.cuda.synchronize()

        return run
