"""Marching in time: short steps in a patch around the lit spot, long ones in the rest of what is warm.

While light falls on one spot, only a patch of columns around it needs short steps. What is warm outside it
waits, and then makes up for the time that has passed in one step of its own, in which the links among the
patch's columns rest: every link conducts for exactly as long as every other, and no heat is lost on the
way. When the patch needs no shorter steps than the rest, the two are one again.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from milia.engine.kernels import arrays
from milia.engine.kernels.arrays import HOTTEST, LAST_DT, PEAK_RISE
from milia.engine.solver import Accuracy
from milia.engine.volume.boxes import Box
from milia.engine.volume.crew import Crew
from milia.engine.volume.kernels.bricks import Pace
from milia.engine.volume.kernels.lines import Hole
from milia.engine.volume.source import Light

Array = NDArray[np.float64]
SHORTER = 0.6  # steps beside those about an axis: columns that stand alone answer to each other more slowly
SPREAD = 2.0  # a patch that is too small grows by so many diffusion lengths of the time since its shot began
LIT_STILL_K = 0.1  # as still_rise, while light is on
PATCH_STIR_K = 0.3  # a patch whose outermost columns change by so much is too small,
PATCH_STIR_SHARE = 0.02  # or by this share of the hottest rise
PERFUSE_EVERY_S = 0.1  # a thousandth of the time in which blood cools skin
DARK = (0.35, 1.6)  # change of the hottest rise in a step, and growth of steps, once the light is off
AGE_EVERY = 3  # explicit steps of conduction that share one account of damage


class March:
    """The clock of one run."""

    def __init__(self, crew: Crew, accuracy: Accuracy, *, multirate: bool = True) -> None:
        self.crew, self.state = crew, crew.state
        self.accuracy, self.control = (
            accuracy,
            accuracy.control()._replace(advance=SHORTER * accuracy.advance),
        )
        self.multirate = multirate
        self.pace = Pace(self.control.advance, self.control.change, self.control.dt_min)
        self.patch = self.warm = Box(0, 0, 0, 0)
        self.now = self.rested = self.aged = self.opened = self.perfused = self.state.time_s
        self.dt = self.dt_rest = self.owed = 0.0
        self.turn = self.turn_rest = self.young = 0
        self.faces: tuple[Array, ...] = ()

    def open_patch(self, box: Box) -> None:
        """Begin a shot: short steps inside ``box``, long ones wherever else it is warm."""
        warm = self._warm_box()
        self.patch = box
        self.warm = box if warm is None else warm.around(box)
        if not self.multirate:
            self.patch = self.warm
        self.dt_rest = max(float(self.state.ledger[LAST_DT]), 4.0 * self.control.dt_min)
        self.dt = 4.0 * self.control.dt_min
        self.now = self.rested = self.aged = self.opened = self.perfused = self.state.time_s
        self.turn = self.turn_rest = self.young = 0
        self.crew.since[:] = self.state.fields.rise
        self._remember_faces()

    def run(self, until: float, light: Light | None, *, stop_rise: float = -math.inf) -> None:
        """March to a time [s], or until the hottest cell has cooled below ``stop_rise``."""
        while self.now < until - 1e-15:
            if self.state.ledger[arrays.STEPS] >= self.control.max_steps:
                self.crew.fail(arrays.TOO_MANY_STEPS, steps=self.control.max_steps)
            hottest = self._step(until, light)
            if hottest < stop_rise and self._cold(stop_rise):
                break
        if self.owed > 0.0:
            self._catch_up(light)
        self._age()
        self._rest()
        self._perfuse()
        self.state.box[:4] = self.warm.i0, self.warm.i1, self.warm.j0, self.warm.j1
        self.state.ledger[LAST_DT] = self.dt if self.patch == self.warm else min(self.dt, self.dt_rest)

    def _cold(self, stop_rise: float) -> bool:
        """Whether the rest is below ``stop_rise`` too; patch and rest are one from then on."""
        if self.patch != self.warm:
            self._age()
            self._rest()
            self.patch, self.dt = self.warm, min(self.dt, self.dt_rest)
        return bool(self.state.ledger[HOTTEST] < stop_rise)

    # ------------------------------------------------------------------ the patch

    def _step(self, until: float, light: Light | None) -> float:
        """Take one step in the patch, and one in the rest if it is due; return the hottest rise.

        Where light eats through cells faster than heat could follow, it runs ahead by up to
        ``Accuracy.lag`` of a cell's diffusion time, and conduction catches up in a step of its own, as in
        ``kernels.step``.
        """
        crew, ledger = self.crew, self.state.ledger
        lit = light if light and light.pulse.shines(self.now) else None
        wished = min(self.dt, self.control.dt_max)
        end, lag, cell = until, 0.0, 0.0
        if lit:
            lit.prepare(self.state, crew.physics)
            lag = self.control.lag * crew.crossing_time(lit.box)
            cell = crew.longest(lit)
            wished = min(wished, self.control.advance * cell, self.control.pulse_part * lit.pulse.duration)
            end = min(lit.pulse.off, until)
        step = min(wished, end - self.now)
        if self.owed > 0.0 and (not lit or self.owed + step > lag):
            self._catch_up(light)
            return float(ledger[HOTTEST])
        if self.patch != self.warm:
            step = min(step, max(self.rested + self.dt_rest - self.now, 0.1 * step))
        if lit and step <= lag and not lit.slanted:
            # plume, and where light falls, are looked at as often as about an axis
            step = min(max(self.accuracy.advance * cell, step), lag - self.owed, end - self.now)
            hottest = crew.burn_down(lit, self.now, step, self.pace)
            ledger[PEAK_RISE] = max(ledger[PEAK_RISE], hottest)
            self.now += step
            self.owed += step
            wished, change = step, 0.0
        elif lit and step <= lag:
            crew.shine(lit.box, self.now, step, lit)
            hottest, change = crew.burn(lit.box, step)
            ledger[PEAK_RISE] = max(ledger[PEAK_RISE], hottest)
            hottest = max(hottest, float(ledger[HOTTEST]))
            self.owed += step
            self.now += step
        else:
            self.now += step
            hottest, change = self._conduct(step, lit)
        ledger[arrays.TIME] = self.now
        self.dt = self._next(step, wished, hottest, change, lit=lit is not None)
        if lit and not lit.pulse.shines(self.now):
            self.dt = max(4.0 * self.control.dt_min, lag)
        return hottest

    def _catch_up(self, light: Light | None) -> None:
        """Let every column burn what it was given, and conduction come to the time that light has come to."""
        if light and not light.slanted:
            hottest = self.crew.burn_down(light, self.now, 0.0, self.pace, finish=True)
            self.state.ledger[PEAK_RISE] = max(self.state.ledger[PEAK_RISE], hottest)
        self._conduct(self.owed, None)
        self.owed = 0.0

    def _conduct(self, step: float, light: Light | None) -> tuple[float, float]:
        """Conduct in the patch for a time that has passed, and do what is due then."""
        crew, ledger = self.crew, self.state.ledger
        if not self.owed:
            crew.shine(self.patch, self.now - step, step, light)
        crew.draw((self.patch,), step, shining=light is not None)
        explicit = crew.conduct(self.patch, step, self.turn)
        self.turn += 0 if explicit else 1
        hottest, change = crew.settle((self.patch,))
        ledger[PEAK_RISE] = max(ledger[PEAK_RISE], hottest)
        ledger[HOTTEST] = hottest
        ledger[arrays.STEPS] += 1
        self.young += 1
        if not explicit or self.young >= AGE_EVERY:
            self._age()
        if self.patch == self.warm:
            self.rested = self.now
            if self.now - self.perfused > PERFUSE_EVERY_S:
                self._perfuse()
            self._grow_warm(LIT_STILL_K if light else self.control.still_rise)
            self.patch = self.warm
        else:
            self._look_at_the_rest()
        return hottest, change

    def _age(self) -> None:
        """Bring the patch's damage to its time."""
        if self.now > self.aged:
            self.crew.age((self.patch,), self.now - self.aged)
        self.aged, self.young = self.now, 0

    def _perfuse(self) -> None:
        """Let blood catch up with everything that is warm."""
        self.crew.perfuse(self.warm, self.now - self.perfused)
        self.perfused = self.now

    def _next(self, step: float, wished: float, hottest: float, change: float, *, lit: bool) -> float:
        """Length of the next step, as in ``kernels.step``."""
        change_allowed, factor = (self.control.change, self.control.growth) if lit else DARK
        allowed = change_allowed * max(hottest, 5.0)
        if change > 0.0:
            factor = min(factor, max(0.3, 0.9 * allowed / change))
        return max((step if step > 0.99 * wished else wished) * factor, self.control.dt_min)

    # ------------------------------------------------------------------ the rest

    def _look_at_the_rest(self) -> None:
        """Let the rest catch up if it is due or heat has come to the patch's sides, and widen the patch."""
        stirred = self._stirred()
        if self.now - self.rested < self.dt_rest * (1.0 - 1e-9) and not any(stirred):
            return
        self._age()
        self._rest()
        if any(stirred):
            reach = SPREAD * math.sqrt(self.crew.diffusivity * (self.now - self.opened))
            self.patch = self.patch.stretched(stirred, reach, self.state.grid)
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
        for part in parts:
            self.crew.shine(part, self.now, lag, None)
        self.crew.draw(parts, lag, shining=False)
        hole = Hole(self.patch.i0, self.patch.i1, self.patch.j0, self.patch.j1)
        self.crew.sweep(parts, self.warm, hole, lag, self.turn_rest)
        self.turn_rest += 1
        hottest, change = self.crew.settle(parts)
        self.crew.age(parts, lag)
        ledger = self.state.ledger
        ledger[HOTTEST] = max(ledger[HOTTEST], hottest)
        self.dt_rest = min(self._next(lag, self.dt_rest, hottest, change, lit=False), self.control.dt_max)
        self._grow_warm(self.control.still_rise)

    def _remember_faces(self) -> None:
        self.faces = tuple(face.copy() for face in self._faces())

    def _faces(self) -> tuple[Array, ...]:
        """Rises in the outermost columns of the patch; none where it reaches the end of the skin."""
        rise, patch = self.state.fields.rise, self.patch
        within = rise[patch.i0 : patch.i1, patch.j0 : patch.j1]
        nx, ny, _ = rise.shape
        nothing = np.zeros(0)
        return (
            within[0] if patch.i0 > 0 else nothing,
            within[-1] if patch.i1 < nx else nothing,
            within[:, 0] if patch.j0 > 0 else nothing,
            within[:, -1] if patch.j1 < ny else nothing,
        )

    def _stirred(self) -> tuple[bool, ...]:
        """At which sides of the patch the temperature has changed since the rest caught up."""
        limit = max(PATCH_STIR_K, PATCH_STIR_SHARE * float(self.state.ledger[HOTTEST]))
        return tuple(
            now.size > 0 and bool(np.abs(now - then).max() > limit)
            for now, then in zip(self._faces(), self.faces, strict=True)
        )

    def _grow_warm(self, still: float) -> None:
        """Widen what takes part where its outermost cells have become warm."""
        box, deep = self.warm, self.crew.rows
        within = self.state.fields.rise[box.i0 : box.i1, box.j0 : box.j1, :deep]

        def more(part: Array) -> int:
            return 2 * int((np.abs(part) > still).any())

        if more(within[:, :, -1]):
            self.crew.rows = deep + 3
        sides = (more(within[0]), more(within[-1]), more(within[:, 0]), more(within[:, -1]))
        self.warm = box.wider(sides, self.state.grid)

    def _warm_box(self) -> Box | None:
        """Columns in which anything is still warm."""
        i0, i1, j0, j1, deep = (int(n) for n in self.state.box)
        rise = self.state.fields.rise[i0:i1, j0:j1, :deep]
        hot = np.abs(rise).max(axis=2, initial=0.0) > 0.5 * self.control.still_rise
        if not hot.any():
            return None
        found_i, found_j = np.flatnonzero(hot.any(axis=1)), np.flatnonzero(hot.any(axis=0))
        return Box(
            i0 + int(found_i[0]), i0 + int(found_i[-1]) + 1, j0 + int(found_j[0]), j0 + int(found_j[-1]) + 1
        )
