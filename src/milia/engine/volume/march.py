"""Marching in time: short steps in a patch around the spot that is lit, long ones in the rest of what is warm.

While light falls on one spot, only a patch of columns around it needs short steps. What is warm outside it
waits, and then makes up for the time that has passed in one step of its own, in which the links among the
patch's columns rest: every link conducts for exactly as long as every other, and no heat is lost on the way. When
the patch needs no shorter steps than the rest, the two are one again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.engine.kernels import arrays
from milia.engine.kernels.arrays import (
    BAD_I,
    BAD_K,
    HOTTEST,
    INCIDENT,
    LAST_DT,
    LOST,
    PEAK_RISE,
    PLUME,
    REFLECTED,
)
from milia.engine.kernels.point import Phase, Physics
from milia.engine.solver import MESSAGES, Accuracy
from milia.engine.volume import rows as row_kernels
from milia.engine.volume.lines import NO_HOLE, Block, Hole, X, Y, Z, sweep, work_for
from milia.engine.volume.boxes import Box
from milia.engine.volume.scene import Edge
from milia.engine.volume.source import Light
from milia.engine.volume.state import MISSED, VolumeState

Array = NDArray[np.float64]
ORDERS = ((X, Y, Z), (Z, Y, X), (Y, X, Z), (Z, X, Y))  # each followed by its reverse, and x and y exchanged
COLD_SHARE = 0.05  # lines whose rises stay below this share of ``still_rise`` conduct nothing
PATCH_STIR_K = 0.1  # a patch whose outermost columns change by so much is too small


class March:
    """Steps of one state, with the working memory and the threads that they take."""

    def __init__(
        self,
        state: VolumeState,
        physics: Physics,
        phase: Phase,
        *,
        cell_death: Array,
        collagen: Array,
        accuracy: Accuracy,
        threads: int = 1,
        multirate: bool = True,
        edge: Edge | None = None,
    ) -> None:
        self.state, self.physics, self.phase = state, physics, phase
        self.cell_death, self.collagen = cell_death, collagen
        self.accuracy, self.control = accuracy, accuracy.control()
        self.multirate = multirate
        nx = state.grid.shape[0]
        self.bricks = state.bricks
        self.source = np.zeros(state.grid.shape)
        self.light = np.zeros(state.grid.shape)
        self.leaving = np.full(state.grid.shape[:2], -1, dtype=np.int64)
        self.ledgers = np.zeros((nx, arrays.LEDGER_SIZE))
        self.told = np.zeros((nx, 2))
        self.dark = np.zeros(state.grid.shape[:2])
        self.reached = np.zeros(nx, dtype=np.int64)
        self.works = [work_for(max(state.grid.shape)) for _ in range(threads)]
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self.edge = edge
        self.patch = self.warm = Box(0, 0, 0, 0)
        self.now = self.rested = state.time_s
        self.dt = self.dt_rest = 0.0
        self.turn = self.turn_rest = 0
        self.faces: tuple[Array, ...] = ()

    def close(self) -> None:
        """Let the threads go."""
        if self.pool:
            self.pool.shutdown()

    # ------------------------------------------------------------------ what the solver asks for

    def open_patch(self, box: Box) -> None:
        """Begin a shot: short steps inside ``box``, long ones wherever else it is warm."""
        warm = self._warm_box()
        self.patch = box
        self.warm = box if warm is None else warm.around(box)
        if not self.multirate:
            self.patch = self.warm
        self.dt_rest = max(float(self.state.ledger[LAST_DT]), 4.0 * self.control.dt_min)
        self.dt = 4.0 * self.control.dt_min
        self.now = self.rested = self.state.time_s
        self.turn = self.turn_rest = 0
        self._remember_faces()

    def run(self, until: float, light: Light | None, *, stop_rise: float = -math.inf) -> None:
        """March to a time [s], or until the hottest cell has cooled below ``stop_rise``."""
        while self.now < until - 1e-15:
            if self.state.ledger[arrays.STEPS] >= self.control.max_steps:
                self._fail(arrays.TOO_MANY_STEPS)
            hottest = self._step(until, light)
            if hottest < stop_rise and self.patch == self.warm:
                break
        self._rest()
        self.state.box[:] = self.warm.i0, self.warm.i1, self.warm.j0, self.warm.j1, self.rows
        self.state.ledger[LAST_DT] = self.dt if self.patch == self.warm else min(self.dt, self.dt_rest)

    @property
    def rows(self) -> int:
        """How many rows take part."""
        return int(self.state.box[4])

    @rows.setter
    def rows(self, rows: int) -> None:
        self.state.box[4] = min(rows, self.state.grid.shape[2])

    # ------------------------------------------------------------------ one step of the patch

    def _step(self, until: float, light: Light | None) -> float:
        wished = min(self.dt, self.control.dt_max)
        step = min(wished, until - self.now)
        lit = light is not None and light.pulse.shines(self.now)
        if light and lit:
            light.prepare(self.state, self.physics)
            wished = min(wished, self._longest(light))
            step = min(wished, light.pulse.off - self.now, until - self.now)
        if self.patch != self.warm:
            step = min(step, max(self.rested + self.dt_rest - self.now, 0.1 * step))
        self._feed((self.patch,), step, light if lit else None)
        order = ORDERS[self.turn % 4]
        self.turn += 1
        self._conduct((self.patch,), self.patch, NO_HOLE, step, order)
        hottest, change = self._settle((self.patch,), step)
        ledger = self.state.ledger
        self.now += step
        ledger[arrays.TIME] = self.now
        ledger[arrays.STEPS] += 1
        self.dt = self._next(step, wished, hottest, change)
        if light and lit and not light.pulse.shines(self.now):
            self.dt = 4.0 * self.control.dt_min
        if self.patch == self.warm:
            self.rested = self.now
            self._grow_warm()
            self.patch = self.warm
        else:
            self._sides()
        ledger[PEAK_RISE] = max(ledger[PEAK_RISE], hottest)
        ledger[HOTTEST] = hottest
        return hottest

    def _longest(self, light: Light) -> float:
        """Longest step [s] in which the front advances no further than it may, as in ``kernels.step``."""
        state, pulse = self.state, light.pulse
        box = light.box
        tops = state.fields.top[box.i0 : box.i1, box.j0 : box.j1]
        i, j = np.unravel_index(int(np.argmax(tops)), tops.shape)
        peak = pulse.power * (2.0 if pulse.triangular else 1.0)
        arriving = peak * light.brightest * (1.0 - light.plume) * (1.0 - light.aimed.reflectance)
        time = row_kernels.cell_time(
            box.i0 + int(i), box.j0 + int(j), arriving, self.bricks, state.matter, state.fields, self.physics,
            self.phase,
        )  # fmt: skip
        return min(self.control.advance * time, self.control.pulse_part * pulse.duration)

    def _next(self, step: float, wished: float, hottest: float, change: float) -> float:
        """Length of the next step, as in ``kernels.step``."""
        allowed = self.control.change * max(hottest, 5.0)
        factor = self.control.growth
        if change > 0.0:
            factor = min(factor, max(0.3, 0.9 * allowed / change))
        return max((step if step > 0.99 * wished else wished) * factor, self.control.dt_min)

    # ------------------------------------------------------------------ the rest

    def _sides(self) -> None:
        """Let the rest catch up when it must, widen the patch when heat has come to its sides, or end it."""
        stirred = self._stirred()
        if self.now - self.rested >= self.dt_rest * (1.0 - 1e-9) or any(stirred):
            self._rest()
            if any(stirred):
                low_x, high_x, low_y, high_y = (3 * side for side in stirred)
                self.patch = self.patch.wider((low_x, high_x, low_y, high_y), self.state.grid)
                self.warm = self.warm.around(self.patch)
            if self.dt >= self.dt_rest and self.patch != self.warm:
                self.patch = self.warm
                self.dt = self.dt_rest
            self._remember_faces()

    def _rest(self) -> None:
        """Bring everything outside the patch to the patch's time."""
        lag = self.now - self.rested
        parts = self.warm.without(self.patch)
        self.rested = self.now
        if lag <= 0.0 or not parts:
            return
        self._feed(parts, lag, None)
        hole = Hole(self.patch.i0, self.patch.i1, self.patch.j0, self.patch.j1)
        order = ORDERS[self.turn_rest % 4]
        self.turn_rest += 1
        self._conduct(parts, self.warm, hole, lag, order)
        hottest, change = self._settle(parts, lag)
        ledger = self.state.ledger
        ledger[HOTTEST] = max(ledger[HOTTEST], hottest)
        self.dt_rest = min(self._next(lag, self.dt_rest, hottest, change), self.control.dt_max)
        self._grow_warm()

    def _remember_faces(self) -> None:
        self.faces = tuple(face.copy() for face in self._faces())

    def _faces(self) -> tuple[Array, ...]:
        """Rises in the outermost columns of the patch; none where it reaches the end of the skin."""
        rise, patch, r = self.state.fields.rise, self.patch, self.rows
        nx, ny, _ = rise.shape
        nothing = np.zeros(0)
        return (
            rise[patch.i0, patch.j0 : patch.j1, :r] if patch.i0 > 0 else nothing,
            rise[patch.i1 - 1, patch.j0 : patch.j1, :r] if patch.i1 < nx else nothing,
            rise[patch.i0 : patch.i1, patch.j0, :r] if patch.j0 > 0 else nothing,
            rise[patch.i0 : patch.i1, patch.j1 - 1, :r] if patch.j1 < ny else nothing,
        )

    def _stirred(self) -> tuple[bool, ...]:
        """At which sides of the patch the temperature has changed since the rest caught up."""
        return tuple(
            now.size > 0 and (now.shape != then.shape or bool(np.abs(now - then).max() > PATCH_STIR_K))
            for now, then in zip(self._faces(), self.faces, strict=True)
        )

    def _grow_warm(self) -> None:
        """Widen what takes part where its outermost cells have become warm."""
        rise, box, r = self.state.fields.rise, self.warm, self.rows
        within = rise[box.i0 : box.i1, box.j0 : box.j1, :r]
        still = self.control.still_rise

        def more(part: Array) -> int:
            return 2 * int((np.abs(part) > still).any())

        if more(within[:, :, -1]):
            self.rows = r + 3
        sides = (more(within[0]), more(within[-1]), more(within[:, 0]), more(within[:, -1]))
        self.warm = box.wider(sides, self.state.grid)

    def _warm_box(self) -> Box | None:
        """Columns in which anything is still warm."""
        i0, i1, j0, j1, r = (int(n) for n in self.state.box)
        hot = np.abs(self.state.fields.rise[i0:i1, j0:j1, :r]).max(axis=2, initial=0.0)
        hot = hot > 0.5 * self.control.still_rise
        if not hot.any():
            return None
        found_i, found_j = np.flatnonzero(hot.any(axis=1)), np.flatnonzero(hot.any(axis=0))
        return Box(
            i0 + int(found_i[0]), i0 + int(found_i[-1]) + 1, j0 + int(found_j[0]), j0 + int(found_j[-1]) + 1
        )

    # ------------------------------------------------------------------ the kernels, on threads

    def _share(self, kernel: Callable[[int, int, Array], None], low: int, high: int) -> None:
        """Call ``kernel(from, to, work)`` for parts of a range, one on each thread."""
        count = min(len(self.works), max(1, (high - low) // 4))
        if self.pool is None or count < 2:
            kernel(low, high, self.works[0])
            return
        cuts = [low + (high - low) * n // count for n in range(count + 1)]
        waiting = [
            self.pool.submit(kernel, cuts[n], cuts[n + 1], self.works[n]) for n in range(1, count)
        ]
        kernel(cuts[0], cuts[1], self.works[0])
        for future in waiting:
            future.result()

    def _feed(self, parts: tuple[Box, ...], step: float, light: Light | None) -> None:
        """Sources of one step: light on the patch, losses everywhere."""
        state, ledger = self.state, self.state.ledger
        watts, shares = 0.0, self.dark
        if light:
            watts, shares = light.straight_power(self.now, step), light.shares
        rows = self.rows
        for part in parts:

            def work(low: int, high: int, _: Array, part: Box = part) -> None:
                row_kernels.feed(
                    low, high, part.j0, part.j1, step, watts, shares, self.bricks, state.matter,
                    state.fields, self.light, self.source, self.ledgers, self.reached, rows, self.physics,
                )  # fmt: skip

            self._share(work, part.i0, part.i1)
        if light:
            booked = light.book(state, self.light, self.source, self.now, step, self.physics)
            ledger[INCIDENT] += booked.incident
            ledger[MISSED] += booked.missed
            ledger[PLUME] += booked.plume
            ledger[REFLECTED] += booked.reflected
            (patch,) = parts
            rows = max(rows, booked.lowest, int(self.reached[patch.i0 : patch.i1].max()))
        for part in parts:
            self._cool_edge(part, step, rows)
        self.rows = rows

    def _cool_edge(self, part: Box, step: float, rows: int) -> None:
        """Losses through the free edge's upright face, where a box reaches it."""
        if self.edge is None:
            return
        state, edge = self.state, self.edge
        nx, ny, _ = state.grid.shape
        at = ((nx if edge.along_x else ny) - 1) if edge.outwards > 0.0 else 0
        first, beyond = (part.i0, part.i1) if edge.along_x else (part.j0, part.j1)
        low, high = (part.j0, part.j1) if edge.along_x else (part.i0, part.i1)
        if first <= at < beyond:
            row_kernels.cool_side(
                edge.along_x, at, low, high, step, self.bricks, state.matter, state.fields, self.source,
                state.ledger, rows, self.physics,
            )  # fmt: skip

    def _conduct(
        self, parts: tuple[Box, ...], lines: Box, hole: Hole, step: float, order: tuple[int, ...]
    ) -> None:
        state, bricks = self.state, self.bricks
        still, rows = COLD_SHARE * self.control.still_rise, self.rows
        for direction in order:
            width = (bricks.dx, bricks.dy, bricks.dz)[direction]
            boxes = parts if direction == Z else (lines,)
            for box in boxes:

                def work(low: int, high: int, memory: Array, box: Box = box, direction: int = direction,
                         width: Array = width) -> None:  # fmt: skip
                    block = (
                        Block(box.i0, box.i1, low, high, 0, rows)
                        if direction == X
                        else Block(low, high, box.j0, box.j1, 0, rows)
                    )
                    sweep(
                        step, direction, block, hole, width, self.source, state.matter, state.fields, still,
                        memory, self.phase,
                    )  # fmt: skip

                self._share(work, *((box.j0, box.j1) if direction == X else (box.i0, box.i1)))

    def _settle(self, parts: tuple[Box, ...], step: float) -> tuple[float, float]:
        """Phase change, damage and the front; the hottest rise and the largest change."""
        state = self.state
        self.told[:] = 0.0
        rows = self.rows
        for part in parts:

            def work(low: int, high: int, _: Array, part: Box = part) -> None:
                row_kernels.settle(
                    low, high, part.j0, part.j1, step, self.bricks, state.matter, state.fields, self.light,
                    self.leaving, self.cell_death, self.collagen, self.ledgers, self.told, rows, self.physics,
                    self.phase,
                )  # fmt: skip

            self._share(work, part.i0, part.i1)
        sums = self.ledgers.sum(axis=0)
        for slot in (LOST, arrays.STEAM, arrays.REMOVED):
            state.ledger[slot] += sums[slot]
        failed = np.flatnonzero(self.ledgers[:, arrays.STATUS])
        if len(failed):
            row = self.ledgers[failed[0]]
            self._fail(int(row[arrays.STATUS]), column=(int(failed[0]), int(row[BAD_I])), row=int(row[BAD_K]))
        self.ledgers[:] = 0.0
        hottest, change = self.told.max(axis=0)
        return float(hottest), float(change)

    def _fail(self, status: int, *, column: tuple[int, int] = (0, 0), row: int = 0) -> None:
        state = self.state
        state.ledger[arrays.STATUS] = status
        text = MESSAGES[status].format(
            i=column, k=row, t=self.now, n=self.accuracy.max_steps, d=1e3 * state.grid.z[-1]
        )
        raise MiliaError(f"the simulation stopped: {text}")
