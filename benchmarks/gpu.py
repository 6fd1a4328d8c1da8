"""How many exposures a second a graphics card gets through, and what share of its limits that is.

``python benchmarks/gpu.py`` fires an ensemble of drawn milia in one call on the card, names where the time
goes, and sets the kernel's traffic and arithmetic against what the card moves and multiplies at most, both
measured in the same run. Without a card it says so and counts what an exposure asks for.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from milia.base import MiliaError
from milia.engine import (
    PLANNING,
    QUICK,
    Exposure,
    GridRule,
    Parameters,
    State,
    find_card,
    march,
    nominal_parameters,
    run_ensemble,
    solver,
    start,
    workers,
)
from milia.engine.gpu.batch import Job, march_all
from milia.laser import Beam, PulseTrain
from milia.skin import Cyst, site, tissue_at

SAMPLE = 24  # members whose cells and steps are counted, and that the processor runs beside
COARSE = GridRule(cells_per_radius=5, fine_z=10e-6, coarse_z=25e-6, growth=1.6)
BLOCK = 256


def milia(count: int) -> tuple[list[Exposure], list[Parameters]]:
    """Two pulses at milia of the cheek with drawn roofs, energies and heats of decomposition."""
    draw = np.random.default_rng(1)
    nominal = nominal_parameters()
    exposures, each = [], []
    for roof, energy, heat in draw.uniform((50e-6, 40e-3, 1.5e9), (150e-6, 80e-3, 3.5e9), (count, 3)):
        train = PulseTrain(pulse_energy_J=energy, pulse_duration_s=1.25e-3, pulses=2)
        tissue = tissue_at(site("cheek"), cyst=Cyst(diameter_m=1e-3, roof_m=roof))
        exposures.append(Exposure(tissue, Beam(spot_diameter_m=500e-6), train, 306.15))
        each.append(nominal.with_values({"decomposition_heat": heat}))
    return exposures, each


# --- what one exposure asks for -------------------------------------------------------------------------


class Tally(dict[str, int]):
    """Counts by name."""

    def add(self, name: str) -> None:
        self[name] = self.get(name, 0) + 1


TALLY = Tally()


class Number(float):
    """A number that counts what is done to it."""


def _counting(operation: str, name: str) -> Callable[[Any, Any], Number]:
    plain = getattr(float, operation)

    def counted(self: Any, other: Any) -> Number:
        TALLY.add(name)
        return Number(plain(self, float(other)))

    return counted


for _operation in ("add", "radd", "sub", "rsub", "mul", "rmul"):
    setattr(Number, f"__{_operation}__", _counting(f"__{_operation}__", "plain"))
for _operation in ("truediv", "rtruediv"):
    setattr(Number, f"__{_operation}__", _counting(f"__{_operation}__", "divisions"))


class Counted(np.ndarray):  # type: ignore[type-arg]
    """An array of the kernel that counts how often one of its cells is read and written."""

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        if isinstance(value, np.ndarray):
            return value
        TALLY.add("loads")
        return Number(value) if isinstance(value, np.floating) else int(value)

    def __setitem__(self, key: Any, value: Any) -> None:
        TALLY.add("stores")
        super().__setitem__(key, value)


class CountedMath:
    """Python's ``math`` that counts."""

    def __getattr__(self, name: str) -> Any:
        plain = getattr(math, name)
        if not callable(plain):
            return plain

        def counted(*values: float) -> Any:
            TALLY.add("functions")
            result = plain(*values)
            return Number(result) if isinstance(result, float) else result

        return counted


def count_in_plain_python() -> dict[str, float]:
    """March one coarse exposure in plain Python and return the operations of an active cell and step."""
    for name, module in list(sys.modules.items()):
        if name.startswith("milia.engine.kernels.") and hasattr(module, "math"):
            module.math = CountedMath()  # type: ignore[attr-defined]
    (exposure,), (parameters,) = milia(1)
    state = start(exposure, parameters, rule=COARSE)
    for record in ("matter", "fields"):
        arrays = getattr(state, record)
        setattr(state, record, type(arrays)(*(array.view(Counted) for array in arrays)))
    scratch_of = solver.scratch_of
    solver.scratch_of = lambda grid: tuple(array.view(Counted) for array in scratch_of(grid))  # type: ignore[assignment,return-value]
    train = PulseTrain(pulse_energy_J=exposure.train.pulse_energy_J, pulse_duration_s=1.25e-3)
    cells = CellSteps()
    march(state, exposure.beam, train, parameters, accuracy=QUICK, observe=cells.see)
    return {
        name: TALLY[name] / cells.total for name in ("loads", "stores", "plain", "divisions", "functions")
    }


@dataclass
class CellSteps:
    """Cells that took part, summed over the steps."""

    total: int = 0

    def see(self, state: State) -> None:
        columns, rows = (int(n) for n in np.asarray(state.active))
        top = np.asarray(state.fields.top)[:columns]
        self.total += int(np.maximum(rows - top, 0).sum())


@dataclass(frozen=True)
class Work:
    """What an exposure asks for on average: bytes before any cache, and operations in double precision."""

    cell_steps: float
    bytes: float
    flops: float
    each: dict[str, float]


def work_of_an_exposure(exposures: list[Exposure], each: list[Parameters]) -> Work:
    """Count cells and steps of a sample on the processor, and the operations of one in plain Python."""
    cells = CellSteps()
    for exposure, parameters in zip(exposures, each, strict=True):
        state = start(exposure, parameters, rule=PLANNING)
        march(state, exposure.beam, exposure.train, parameters, accuracy=QUICK, observe=cells.see)
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    program = [sys.executable, __file__, "--count"]
    answer = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
    rates: dict[str, float] = json.loads(answer.stdout)
    cell_steps = cells.total / len(exposures)
    flops = rates["plain"] + rates["divisions"] + rates["functions"]
    return Work(cell_steps, 8.0 * (rates["loads"] + rates["stores"]) * cell_steps, flops * cell_steps, rates)


# --- what the card can do -------------------------------------------------------------------------------


@dataclass
class Watched:
    """A card whose time is kept by what it does."""

    card: Any
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.card.name)

    def free_bytes(self) -> float:
        return float(self.card.free_bytes())

    def _timed(self, what: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = work()
        self.seconds[what] = self.seconds.get(what, 0.0) + time.perf_counter() - began
        return result

    def put(self, array: Any) -> Any:
        return self._timed("to the card", lambda: self.card.put(array))

    def write(self, block: Any, number: int, array: Any) -> None:
        self._timed("to the card", lambda: self.card.write(block, number, array))

    def read(self, block: Any, number: int, out: Any) -> None:
        self._timed("from the card", lambda: self.card.read(block, number, out))

    def kernel(self, form: Any) -> Callable[..., None]:
        run = self.card.kernel(form)
        return lambda *arguments: self._timed("kernel", lambda: run(*arguments))


def fastest(work: Callable[[], None], repeats: int = 10) -> float:
    """Shortest of some runs [s]; one run before them pays for compiling."""
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def card_limits(cuda: Any) -> tuple[float, float]:
    """Bytes a second of a copy, read and written, and multiply-adds a second, counted as two, of one card."""
    count = 1 << 27

    def copy(source: Any, target: Any) -> None:
        n = cuda.grid(1)
        if n < source.size:
            target[n] = source[n]

    def multiply(out: Any, rounds: int) -> None:
        n = cuda.grid(1)
        a, b, c, d = 0.1 * n, 0.2 * n, 0.3 * n, 0.4 * n
        for _ in range(rounds):
            a, b = a * 0.999 + 0.1, b * 0.999 + 0.1
            c, d = c * 0.999 + 0.1, d * 0.999 + 0.1
        out[n] = a + b + c + d

    copying, multiplying = cuda.jit(copy), cuda.jit(multiply)
    source, target = (cuda.to_device(np.zeros(count)) for _ in range(2))
    threads, rounds = 1 << 21, 2000

    def run_copy() -> None:
        copying[count // BLOCK, BLOCK](source, target)
        cuda.synchronize()

    def run_multiply() -> None:
        multiplying[threads // BLOCK, BLOCK](target, rounds)
        cuda.synchronize()

    return 16.0 * count / fastest(run_copy), 8.0 * threads * rounds / fastest(run_multiply)


def on_the_card(card: Any, members: int, work: Work) -> float:
    """Fire the ensemble on the card, print where time goes and what the limits are; return its rate."""
    exposures, each = milia(members)
    jobs = [Job(e, p, PLANNING, QUICK) for e, p in zip(exposures, each, strict=True)]
    began = time.perf_counter()
    march_all(card, jobs[:32])
    print(f"\n{card.name}: compiled and 32 members fired in {time.perf_counter() - began:.1f} s")
    watched = Watched(card)
    began = time.perf_counter()
    outcomes = march_all(watched, jobs)
    total = time.perf_counter() - began
    failed = sum(isinstance(outcome, MiliaError) for outcome in outcomes)
    spent = {**watched.seconds, "this side: grids, packing, measuring": total - sum(watched.seconds.values())}
    print(f"{members} exposures in {total:.2f} s: {members / total:.0f} a second; {failed} failed")
    for what, seconds in spent.items():
        print(f"  {what:38}{seconds:8.2f} s{100.0 * seconds / total:7.1f} %")
    bandwidth, arithmetic = card_limits(card.cuda)
    kernel = spent["kernel"]
    for what, asked, limit, unit in (
        ("memory bandwidth, by a copy", work.bytes, bandwidth, "GB/s"),
        ("double precision, by multiply-adds", work.flops, arithmetic, "GFLOP/s"),
    ):
        got = asked * members / kernel
        print(f"  {what:38}{got / 1e9:10.0f} of {limit / 1e9:.0f} {unit}: {100.0 * got / limit:.1f} %")
    print(
        "  Traffic is what the source asks for; caches answer a part of it, so its share is an upper bound."
    )
    print("  Well below both limits, a warp waits for its own last answer: too few members, or unlike ones.")
    return members / total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.count:
        json.dump(count_in_plain_python(), sys.stdout)
        return
    exposures, each = milia(SAMPLE)
    work = work_of_an_exposure(exposures, each)
    shown = ", ".join(f"{value:.0f} {name}" for name, value in work.each.items())
    print(f"An exposure of two pulses has {work.cell_steps:.3g} active cells × steps, each with {shown}:")
    print(f"  {work.bytes / 1e6:.0f} MB asked for and {work.flops / 1e6:.0f} MFLOP")
    began = time.perf_counter()
    run_ensemble(exposures * 4, each * 4, device="cpu")
    threads = 4 * SAMPLE / (time.perf_counter() - began)
    print(f"\nProcessor, {workers()} threads: {threads:.0f} exposures a second")
    try:
        card = find_card()
    except MiliaError as error:
        print(f"\n{'*' * 80}\nNO GPU HERE. Nothing below this line could be measured.\n{error}\n{'*' * 80}")
        return
    print(f"{on_the_card(card, given.members, work) / threads:.1f} times the processor")


if __name__ == "__main__":
    main()
