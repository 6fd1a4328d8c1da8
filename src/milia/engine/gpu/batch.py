"""March many exposures together: pack a batch, let the card make every call, look, and go on."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from milia.base import MiliaError
from milia.engine.exposure import Exposure
from milia.engine.gpu.card import Device
from milia.engine.gpu.firing import ALWAYS, Member, Span, firing
from milia.engine.gpu.packing import LANES, Form, Packed, member_bytes, rooms_of
from milia.engine.grid import GridRule
from milia.engine.kernels import step
from milia.engine.measure import Crater
from milia.engine.parameters import Parameters
from milia.engine.solver import Accuracy, start

MEMORY_SHARE = 0.8  # of what is free, there and here
MOST = 512 * LANES  # members of a batch; more than any card of today runs at once

Outcome = Member | MiliaError
Going = Generator[Span, None, Member]


@dataclass(frozen=True, eq=False)
class Job:
    """One exposure with its own parameters; ``enough`` may end its train early."""

    exposure: Exposure
    parameters: Parameters
    rule: GridRule
    accuracy: Accuracy
    enough: Callable[[Crater], bool] | None = None

    def begin(self) -> Going:
        state = start(self.exposure, self.parameters, rule=self.rule)
        return firing(
            state,
            self.exposure.beam,
            self.exposure.train,
            self.parameters,
            accuracy=self.accuracy,
            enough=self.enough,
        )

    @property
    def spans(self) -> int:
        """How often the kernel is called at most."""
        return 2 * self.exposure.train.pulses * self.exposure.train.passes

    @property
    def likeness(self) -> tuple[float, ...]:
        """What puts alike jobs side by side: a warp waits for its slowest member."""
        train = self.exposure.train
        return (
            self.exposure.beam.radius_m,
            train.pulse_duration_s,
            train.interval_s,
            train.passes,
            train.pulses,
            train.pulse_energy_J,
            self.exposure.tissue.cyst.roof_m if self.exposure.tissue.cyst else 0.0,
        )


@dataclass(eq=False)
class _Runner:
    """A job under way: the generator of its calls, and the call that waits to be made."""

    number: int
    going: Going
    span: Span
    made: int = 0


def march_all(
    device: Device, jobs: Sequence[Job], *, progress: Callable[[float], None] | None = None
) -> list[Outcome]:
    """Return what became of every job, in order: its craters, or why it failed."""
    outcomes: dict[int, Outcome] = {}
    all_spans = sum(job.spans for job in jobs)

    def tell(under_way: Sequence[_Runner]) -> None:
        if progress:
            made = sum(jobs[number].spans for number in outcomes)
            progress((made + sum(runner.made for runner in under_way)) / all_spans)

    for batch in _batches(device, jobs, outcomes):
        _march_batch(device, batch, outcomes, tell)
    return [outcomes[number] for number in range(len(jobs))]


def _batches(device: Device, jobs: Sequence[Job], outcomes: dict[int, Outcome]) -> Iterator[list[_Runner]]:
    """Start the jobs, alike ones together, and group them into what fits the memory there and here."""
    order = sorted(range(len(jobs)), key=lambda number: (jobs[number].likeness, number))
    # once for all: memory that a batch gave back is not always seen as free at once
    here = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    budget = MEMORY_SHARE * min(device.free_bytes(), here)
    form: Form | None = None
    batch: list[_Runner] = []
    room: list[tuple[int, ...]] = []
    for number in order:
        try:
            going = jobs[number].begin()
            span = next(going)
        except MiliaError as error:
            outcomes[number] = error
            continue
        form = form or Form.of(kernel_arguments(), [span.call])
        wanted = rooms_of(form, [span.call], room)
        if batch and (len(batch) == MOST or _bytes(form, wanted, len(batch) + 1) > budget):
            yield batch
            batch, wanted = [], rooms_of(form, [span.call])
        if _bytes(form, wanted, 1) > budget:
            raise MiliaError(f"{device.name}: too little free memory for a warp of this grid")
        room = wanted
        batch.append(_Runner(number, going, span))
    if batch:
        yield batch


def kernel_arguments() -> tuple[str, ...]:
    """Return the names of the kernel's arguments."""
    return tuple(inspect.signature(getattr(step.march, "py_func", step.march)).parameters)


def _bytes(form: Form, rooms: Sequence[tuple[int, ...]], members: int) -> int:
    return -(-members // LANES) * LANES * member_bytes(form, rooms)


def _march_batch(
    device: Device,
    batch: list[_Runner],
    outcomes: dict[int, Outcome],
    tell: Callable[[Sequence[_Runner]], None],
) -> None:
    """March one batch to its end, a call for every member at a time."""
    packed = Packed(kernel_arguments(), [runner.span.call for runner in batch])
    form = packed.form
    blocks = [
        device.put(np.zeros(shape, stack.dtype))
        for stack, shape in zip(form.stacks, packed.shapes, strict=True)
    ]
    pools = [device.put(pool) for pool in packed.pools]
    run = device.kernel(form)

    def upload(name: str) -> None:
        stack, number = packed.place(name)
        device.write(blocks[stack], number, packed.gather(name))

    def download(name: str, members: Sequence[int]) -> None:
        stack, number = packed.place(name)
        out = np.empty(packed.shapes[stack][1:], form.stacks[stack].dtype)
        device.read(blocks[stack], number, out)
        packed.scatter(name, out, members)

    for stack in form.stacks:
        for name in stack.names:
            if packed.filled(name):
                upload(name)
    alive = list(range(len(batch)))
    while alive:
        packed.alive(alive)
        run(packed.tiles, device.put(packed.reals), device.put(packed.wholes), *blocks, *pools)
        # to every member, so that what one of them changes can go back without undoing the others
        fresh = sorted({*ALWAYS, *(name for m in alive for name in batch[m].span.reads)})
        for name in fresh:
            download(name, alive)
        alive = [m for m in alive if _next(batch[m], outcomes)]
        for m in alive:
            packed.replace(m, batch[m].span.call)
        wrote = sorted({*ALWAYS, *(name for m in alive for name in batch[m].span.wrote)})
        if not set(wrote) <= set(fresh):
            raise ValueError("arrays were changed that had not been read back")
        for name in wrote:
            upload(name)
        tell([batch[m] for m in alive])


def _next(runner: _Runner, outcomes: dict[int, Outcome]) -> bool:
    """Let a job see what its call did and ask for the next; say whether there is one."""
    try:
        runner.span = next(runner.going)
    except StopIteration as end:
        outcomes[runner.number] = end.value
        return False
    except MiliaError as error:
        outcomes[runner.number] = error
        return False
    runner.made += 1
    return True
