"""Series of single pulses with a look after each: which ones a device can fire, and which are promising."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from milia.laser import Device
from milia.planning.evaluate import shot_of
from milia.planning.goals import Goals
from milia.planning.look import Look
from milia.planning.outcomes import Shot
from milia.planning.search import order_of, shots_for, slack, slacks_of
from milia.planning.types import Candidate

if TYPE_CHECKING:
    from milia.planning.live import Prepared

Array = NDArray[np.float64]
# how many of the device's energies lie from one pulse to the next: the same energy, the next one, or the one
# after it, which goes from the least that chars to the most that any skin needs in eight pulses
STEPS = (0, 1, 2)
BESIDE = 2  # first energies drawn on either side of the recommended one


def ladders(device: Device, spot_m: float, step: int, most: int) -> tuple[Shot, ...]:
    """Return every series at a spot, ascending by its first energy.

    Each pulse is ``step`` of the device's energies above the one before; at the last energy it stays.
    """
    line = shots_for(device, spot_m)
    last = len(line) - 1

    def made(at: int) -> Shot:
        climbed = [line[min(at + step * number, last)] for number in range(most)]
        pulses = tuple((one.pulse_energy_J, one.pulse_duration_s) for one in climbed)
        return replace(line[at], looked=True, step=step, ladder=pulses if step else ())

    # a ladder that begins at its top is none
    return tuple(made(at) for at in range(last if step and last else last + 1))


def ladders_around(device: Device, best: Shot, most: int) -> tuple[Shot, ...]:
    """Return the series of the same spot and step whose first energies lie around one's."""
    line = ladders(device, best.spot_diameter_m, best.step, most)
    at = next(i for i, shot in enumerate(line) if shot.pulse_energy_J == best.pulse_energy_J)
    return line[max(0, at - BESIDE) : at + BESIDE + 1]


@dataclass(frozen=True, eq=False)
class _Known:
    """What trains of each energy of one spot are estimated to do, [skin, pulse]."""

    energies: Array
    opened: Sequence[Array]
    harmed: Sequence[Array]
    severe: Sequence[Array]

    def after(self, total_J: float, least: float) -> tuple[Array, Array, Array]:
        """Return the chances in each skin after so much energy, of pulses of at least the least.

        Pulses of several energies count as so many of the last one's energy as carry the same in all. What
        cools between looked pulses stays warm in a train, so that these do a little less.
        """
        most = self.opened[0].shape[1]
        at = int(np.searchsorted(self.energies, max(least, total_J / most) * (1 - 1e-9)))
        at = min(at, len(self.energies) - 1)
        count = float(np.clip(total_J / self.energies[at], 1.0, most)) - 1.0
        low = int(count)
        high, share = min(low + 1, most - 1), count - low

        def between(tables: Sequence[Array]) -> Array:
            return np.asarray((1.0 - share) * tables[at][:, low] + share * tables[at][:, high])

        return between(self.opened), between(self.harmed), between(self.severe)


@dataclass(frozen=True, eq=False)
class Foreseen:
    """What the surrogate expects of every series in every skin it knows; it only says where to look.

    ``at`` holds the numbers of the drawn skins that it knows, in the order of its own; ``known`` what it said
    of each spot so far.
    """

    prepared: Prepared
    look: Look
    most: int
    at: NDArray[np.int64]
    known: dict[float, _Known | None] = field(default_factory=dict)

    @classmethod
    def of(cls, prepared: Prepared, look: Look, most: int) -> Foreseen:
        from milia.planning.live import known_skins

        drawn = len(prepared.scenarios.items)
        return cls(prepared, look, most, np.flatnonzero(known_skins(prepared)[:drawn]))

    def chances(self, shot: Shot) -> Array | None:
        """Return the chances of open, harmed and severe in each skin after each pulse, [pulses, 3, skins]."""
        known = self._at(shot.spot_diameter_m)
        return None if known is None else _chances(known, shot, self.most, self.look)

    def _at(self, spot: float) -> _Known | None:
        from milia.planning.live import OutsideRangeError

        if spot not in self.known:
            try:
                self.known[spot] = _known(self.prepared, shots_for(self.prepared.case.device, spot))
            except OutsideRangeError:
                self.known[spot] = None
        return self.known[spot]

    def promising(self, spots: Sequence[float], goals: Goals) -> tuple[Shot, ...]:
        """Return the best series of each spot and step, the most promising first."""
        best: dict[tuple[float, int], tuple[tuple[float, ...], Shot]] = {}
        device, weight = self.prepared.case.device, self.prepared.limits.weight
        for spot, step in product(spots, STEPS):
            found = []
            for shot in ladders(device, spot, step, self.most):
                chances = self.chances(shot)
                if chances is not None:
                    found.append((min(_merit(row, goals) for row in chances @ weight), shot))
            if found:
                best[spot, step] = min(found)
        return tuple(shot for _, shot in sorted(best.values()))

    def left_out(self, candidate: Candidate) -> Array:
        """Return by how much more all skins open, are harmed and severely so than those counted, [3].

        The first few skins may be thinner than most: what the surrogate expects of all less what it expects
        of those few is added to what was counted (a control variate).
        """
        chances = self.chances(shot_of(candidate))
        first = self.at < candidate.scenarios
        if chances is None or not first.any():
            return np.zeros(3)
        row = chances[candidate.settings.pulses - 1][:, : len(self.at)]
        return np.asarray(row.mean(axis=1) - row[:, first].mean(axis=1))


def nearness(candidate: Candidate, goals: Goals, foreseen: Foreseen | None) -> float:
    """Return how deep a candidate is expected to lie inside the window when all skins are counted."""
    if foreseen is None:
        return slack(candidate, goals)
    counted = np.array([candidate.p_open, candidate.p_harm, candidate.p_severe])
    p_open, p_harm, p_severe = np.clip(counted + foreseen.left_out(candidate), 0.0, 1.0).tolist()
    return min(slacks_of(p_open, p_harm, p_severe, goals))


def _merit(chances: Array, goals: Goals) -> tuple[float, ...]:
    """Order by the distance to the window; the estimate errs by more than harm that is a little too much."""
    p_open, p_harm, p_severe = (float(value) for value in chances)
    return (-min(slacks_of(p_open, p_harm, p_severe, goals)), *order_of(p_open, p_harm, p_severe, goals))


def _known(prepared: Prepared, line: Sequence[Shot]) -> _Known:
    """Estimate every energy of a line that the surrogate knows, after each pulse of a train."""
    from milia.planning.live import OutsideRangeError, verdicts_in_each_skin

    energies, found = [], []
    for shot in line:
        try:
            found.append(verdicts_in_each_skin(prepared, shot))
            energies.append(shot.pulse_energy_J)
        except OutsideRangeError:
            # too much or too little for what it knows; what lies between is enough to look by
            continue
    if not found:
        raise OutsideRangeError("no energy of this spot can be estimated", key="device")
    return _Known(
        np.array(energies),
        [one.opened for one in found],
        [one.harmed for one in found],
        [one.severe for one in found],
    )


def _chances(known: _Known, shot: Shot, most: int, look: Look) -> Array:
    """Return the chances in each skin of a series with at most 1, 2, … pulses, [pulses, 3, skins]."""
    count = known.opened[0].shape[0]
    closed, still_open = np.ones(count), np.zeros(count)
    done = np.zeros((3, count))
    before = np.zeros(count)
    total, rows = 0.0, []
    for number in range(most):
        energy, _ = shot.pulse(number)
        total += energy
        opened, harmed, severe = known.after(total, energy)
        opened = np.maximum(opened, before)
        opening = closed * (opened - before) / np.maximum(1.0 - before, 1e-12)
        closed, still_open, before = closed - opening, still_open + opening, opened
        here = np.stack([still_open, (still_open + closed) * harmed, (still_open + closed) * severe])
        rows.append(done + here)
        ends = np.stack([still_open * (1.0 - look.misses_open), closed * look.misses_closed])
        done = done + np.stack([ends[0], ends.sum(axis=0) * harmed, ends.sum(axis=0) * severe])
        still_open, closed = still_open - ends[0], closed - ends[1]
    return np.stack(rows)
