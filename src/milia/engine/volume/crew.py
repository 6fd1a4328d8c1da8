"""The kernels of one state at work on boxes of columns, shared out among threads.

Which thread gets which columns changes no bit: lines do not know each other, rows of columns keep their own
ledgers, and those are added in their order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.engine.kernels import arrays
from milia.engine.kernels.point import Phase, Physics
from milia.engine.solver import MESSAGES
from milia.engine.volume.boxes import Box
from milia.engine.volume.failure import cause, hot_cell, place
from milia.engine.volume.kernels import burn, explicit, feed, settle
from milia.engine.volume.kernels.bricks import Pace
from milia.engine.volume.kernels.lanes import work_for
from milia.engine.volume.kernels.lines import NO_HOLE, Block, Hole, X, Y, Z, sweep
from milia.engine.volume.scene import Edge
from milia.engine.volume.source import Booked, Light
from milia.engine.volume.state import MISSED, VolumeState

Array = NDArray[np.float64]
ORDERS = ((X, Y, Z), (Z, Y, X), (Y, X, Z), (Z, X, Y))  # each followed by its reverse, and x and y exchanged
COLD_SHARE = 0.05  # ends of lines whose rises stay below this share of ``still_rise`` conduct nothing
EXPLICIT_STEPS = 12  # so many explicit steps cost less than one of line solves


class Crew:
    """Working memory and threads, and what they do to the cells of a state."""

    def __init__(
        self,
        state: VolumeState,
        physics: Physics,
        phase: Phase,
        *,
        cell_death: Array,
        collagen: Array,
        still_rise: float,
        edge: Edge | None = None,
        threads: int = 1,
        explicit_steps: int = EXPLICIT_STEPS,
    ) -> None:
        shape = state.grid.shape
        self.state, self.physics, self.phase, self.edge = state, physics, phase, edge
        self.bricks = state.bricks
        self.damage = (cell_death, collagen)
        self.explicit_steps = explicit_steps
        self.still = COLD_SHARE * still_rise
        self.diffusivity = explicit.largest_diffusivity(state.matter, state.fields)
        self.light, self.source, self.midway = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.fed = np.zeros((*shape[:2], 2), dtype=np.int64)
        self.since = state.fields.rise.copy()
        self.hot = np.zeros(shape[:2])
        self.dark = np.zeros(shape[:2])
        self.wait = np.zeros((2, *shape[:2]))
        self.ledgers = np.zeros((shape[0], arrays.LEDGER_SIZE))
        self.told = np.zeros((shape[0], 2))
        self.reached = np.zeros(shape[0], dtype=np.int64)
        self.works = [work_for(max(shape)) for _ in range(threads)]
        self.flows = [explicit.flow_memory(shape) for _ in range(threads)]
        self.faces = [np.zeros(shape[1:]) for _ in range(threads + 1)]
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def close(self) -> None:
        """Let the threads go."""
        if self.pool:
            self.pool.shutdown()

    @property
    def rows(self) -> int:
        """How many rows take part."""
        return int(self.state.box[4])

    @rows.setter
    def rows(self, count: int) -> None:
        self.state.box[4] = min(count, self.state.grid.shape[2])

    def _cuts(self, low: int, high: int) -> list[int]:
        """Where a range is cut for the threads."""
        count = min(len(self.works), max(1, (high - low) // 4))
        return [low + (high - low) * n // count for n in range(count + 1)]

    def _share(self, kernel: Callable[[int, int, int], None], low: int, high: int) -> None:
        """Call ``kernel(number, from, to)`` for the parts of a range, one on each thread."""
        cuts = self._cuts(low, high)
        waiting = [
            self.pool.submit(kernel, n, cuts[n], cuts[n + 1])
            for n in range(1, len(cuts) - 1)
            if self.pool is not None
        ]
        kernel(0, cuts[0], cuts[1])
        for future in waiting:
            future.result()

    # ------------------------------------------------------------------ what the march asks for

    def shine(self, box: Box, now: float, step: float, light: Light | None) -> None:
        """Lay out what falls on a box in one step, and book it; without ``light``, darkness."""
        state, deep = self.state, self.rows
        watts, shares = 0.0, self.dark
        if light:
            watts, shares = light.straight_power(now, step), light.taking

        def work(_: int, low: int, high: int) -> None:
            feed.feed(
                low, high, box.j0, box.j1, step, watts, shares, self.bricks, state.matter, state.fields,
                self.light, self.source, self.midway, self.fed, self.reached, deep, self.physics, self.phase,
            )  # fmt: skip

        self._share(work, box.i0, box.i1)
        if light:
            booked = light.book(state, (self.light, self.midway, self.fed), now, step, self.physics)
            self._book(booked)
            self.rows = max(deep, booked.lowest, int(self.reached[box.i0 : box.i1].max()))

    def _book(self, booked: Booked) -> None:
        ledger = self.state.ledger
        ledger[arrays.INCIDENT] += booked.incident
        ledger[MISSED] += booked.missed
        ledger[arrays.PLUME] += booked.plume
        ledger[arrays.REFLECTED] += booked.reflected

    def draw(self, parts: tuple[Box, ...], step: float, *, shining: bool) -> None:
        """Fill the sources of one step of conduction: losses, and the light laid out if it shines now."""
        state, deep = self.state, self.rows
        for part in parts:

            def work(_: int, low: int, high: int, part: Box = part) -> None:
                feed.draw(
                    low, high, part.j0, part.j1, step, shining, self.bricks, state.matter, state.fields,
                    self.light, self.source, self.fed, self.ledgers, deep, self.physics,
                )  # fmt: skip

            self._share(work, part.i0, part.i1)
            self._cool_edge(part, step)

    def _cool_edge(self, part: Box, step: float) -> None:
        """Losses through the free edge's upright face, where a box reaches it."""
        if self.edge is None:
            return
        state, edge = self.state, self.edge
        nx, ny, _ = state.grid.shape
        at = ((nx if edge.along_x else ny) - 1) if edge.outwards > 0.0 else 0
        first, beyond = (part.i0, part.i1) if edge.along_x else (part.j0, part.j1)
        low, high = (part.j0, part.j1) if edge.along_x else (part.i0, part.i1)
        if first <= at < beyond:
            feed.cool_side(
                edge.along_x, at, low, high, step, self.bricks, state.matter, state.fields, self.source,
                self.fed,
                state.ledger, self.rows, self.physics,
            )  # fmt: skip

    def conduct(self, box: Box, step: float, turn: int) -> bool:
        """Conduct within a box, explicitly if the step is short; say whether it was."""
        longest = explicit.longest_explicit(
            box.i0, box.i1, box.j0, box.j1, self.rows, self.bricks, self.diffusivity
        )
        count = math.ceil(step / longest)
        if count > self.explicit_steps:
            self.sweep((box,), box, NO_HOLE, step, turn)
            return False
        for _ in range(count):
            self._relax(box, step / count)
        return True

    def _relax(self, box: Box, step: float) -> None:
        state, deep = self.state, self.rows
        cuts = self._cuts(box.i0, box.i1)
        # the flows between the threads' parts, before any of them changes a temperature
        for n, i in enumerate(cuts):
            outermost = i in (box.i0, box.i1)
            explicit.flow_across(i, box.j0, box.j1, deep, outermost, self.bricks, state.fields, self.faces[n])

        def work(number: int, low: int, high: int) -> None:
            explicit.relax(
                step, low, high, box.j0, box.j1, deep, self.faces[number], self.faces[number + 1],
                self.bricks,
                state.matter, state.fields, self.source, self.flows[number], self.phase,
            )  # fmt: skip

        self._share(work, box.i0, box.i1)

    def sweep(self, parts: tuple[Box, ...], whole: Box, hole: Hole, step: float, turn: int) -> None:
        """Conduct by line solves: along z in ``parts``, along x and y in ``whole`` but for its ``hole``."""
        state, bricks, deep = self.state, self.bricks, self.rows
        for direction in ORDERS[turn % len(ORDERS)]:
            width = (bricks.dx, bricks.dy, bricks.dz)[direction]
            for box in parts if direction == Z else (whole,):

                def work(
                    number: int,
                    low: int,
                    high: int,
                    box: Box = box,
                    along: int = direction,
                    width: Array = width,
                ) -> None:
                    block = (
                        Block(box.i0, box.i1, low, high, 0, deep)
                        if along == X
                        else Block(low, high, box.j0, box.j1, 0, deep)
                    )
                    sweep(
                        step, along, block, hole, width, self.source, state.matter, state.fields, self.still,
                        self.works[number], self.phase,
                    )  # fmt: skip

                self._share(work, *((box.j0, box.j1) if direction == X else (box.i0, box.i1)))

    def burn(self, box: Box, step: float) -> tuple[float, float]:
        """Let the light laid out on a box heat, boil and eject; the hottest rise and the largest change."""
        state, deep = self.state, self.rows
        self.told[:] = 0.0

        def work(_: int, low: int, high: int) -> None:
            burn.burn(
                low, high, box.j0, box.j1, step, self.bricks, state.matter, state.fields, self.light,
                self.source,
                self.fed, self.ledgers, self.told, deep, self.physics, self.phase,
            )  # fmt: skip

        self._share(work, box.i0, box.i1)
        self._add_up()
        hottest, change = self.told.max(axis=0)
        return float(hottest), float(change)

    def burn_down(self, light: Light, now: float, time: float, pace: Pace, *, finish: bool = False) -> float:
        """Let a straight beam burn for some time without conduction, and book it; the hottest rise.

        Dim columns wait until a step of theirs is due; ``finish`` lets all burn what they still have.
        """
        state, deep, box = self.state, self.rows, light.box
        watts = light.straight_power(now, time) if time > 0.0 else 0.0
        self.told[:] = 0.0

        def work(_: int, low: int, high: int) -> None:
            burn.burn_down(
                low, high, box.j0, box.j1, time, watts, light.shares, self.wait, finish, pace, self.bricks,
                state.matter, state.fields, self.light, self.source, self.midway, self.fed, self.ledgers,
                self.told, self.reached, deep, self.physics, self.phase,
            )  # fmt: skip

        self._share(work, box.i0, box.i1)
        self._book(light.book(state, (self.light, self.midway, self.fed), now, time, self.physics))
        self._add_up()
        self.rows = max(deep, int(self.reached[box.i0 : box.i1].max()))
        return float(self.told[:, 0].max())

    def settle(self, parts: tuple[Box, ...]) -> tuple[float, float]:
        """Phase change and the front; the hottest rise and the largest change."""
        state, deep = self.state, self.rows
        self.told[:] = 0.0
        for part in parts:

            def work(_: int, low: int, high: int, part: Box = part) -> None:
                settle.settle(
                    low, high, part.j0, part.j1, self.bricks, state.matter, state.fields, self.light,
                    self.hot,
                    self.ledgers, self.told, deep, self.physics, self.phase,
                )  # fmt: skip

            self._share(work, part.i0, part.i1)
        self._add_up()
        hottest, change = self.told.max(axis=0)
        return float(hottest), float(change)

    def age(self, parts: tuple[Box, ...], time: float) -> None:
        """Damage of the last ``time`` seconds."""
        fields, deep = self.state.fields, self.rows
        for part in parts:

            def work(_: int, low: int, high: int, part: Box = part) -> None:
                settle.age(
                    low, high, part.j0, part.j1, time, fields, self.since, self.hot, *self.damage, deep,
                    self.physics,
                )  # fmt: skip

            self._share(work, part.i0, part.i1)

    def perfuse(self, box: Box, time: float) -> None:
        """What blood has carried off in the last ``time`` seconds."""
        state, deep = self.state, self.rows

        def work(_: int, low: int, high: int) -> None:
            settle.perfuse(
                low, high, box.j0, box.j1, time, self.bricks, state.matter, state.fields, self.ledgers, deep,
                self.physics,
            )  # fmt: skip

        if self.physics.perfusion_W_m3K > 0.0 and time > 0.0:
            self._share(work, box.i0, box.i1)
            self._add_up()

    def _add_up(self) -> None:
        sums = self.ledgers.sum(axis=0)
        for slot in (arrays.LOST, arrays.STEAM, arrays.REMOVED):
            self.state.ledger[slot] += sums[slot]
        failed = np.flatnonzero(self.ledgers[:, arrays.STATUS])
        if len(failed):
            row = self.ledgers[failed[0]]
            self.fail(int(row[arrays.STATUS]), column=(int(failed[0]), int(row[arrays.BAD_I])))
        self.ledgers[:] = 0.0

    def longest(self, light: Light) -> float:
        """Seconds in which no column's front moves by more than a cell."""
        peak = light.pulse.power * (2.0 if light.pulse.triangular else 1.0) * (1.0 - light.plume)
        box, state = light.box, self.state
        return float(
            feed.cell_time(
                box.i0, box.i1, box.j0, box.j1, peak, light.shares, self.bricks, state.matter, state.fields,
                self.physics, self.phase,
            )
        )  # fmt: skip

    def crossing_time(self, box: Box) -> float:
        """Diffusion time [s] of the thinnest cell at the surface of a box."""
        return float(feed.crossing_time(box.i0, box.i1, box.j0, box.j1, self.bricks, self.state.fields))

    def fail(self, status: int, *, column: tuple[int, int] = (0, 0), steps: int = 0) -> None:
        """Stop with the message of a status; of a temperature that is no number, with its cell and cause."""
        state = self.state
        state.ledger[arrays.STATUS] = status
        if status == arrays.NOT_FINITE:
            text = (
                f"the temperature stopped being a number in {place(state, hot_cell(state, column))}, "
                f"at {state.time_s:.6g} s; the cause is {cause(state, self.physics)}"
            )
        else:
            text = MESSAGES[status].format(t=state.time_s, n=steps, d=1e3 * state.grid.z[-1])
        raise MiliaError(f"the simulation stopped: {text}")
