"""What knowing an input exactly would be worth: a wider window, more opening at the accepted harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.planning.evaluate import Evaluator
from milia.planning.goals import Goals
from milia.planning.outcomes import Shot
from milia.planning.scenarios import Scenarios

Array = NDArray[np.float64]
BANDWIDTH = 0.1  # of the ranks, 0 to 1
KNOWN_AT = np.linspace(0.05, 0.95, 19)
SHUFFLES = 16


@dataclass(frozen=True)
class Line:
    """What each energy of one spot and number of pulses does in the skins all share, [energy, skin]."""

    energy_mJ: Array
    opened: Array
    harmed: Array
    severe: Array


@dataclass(frozen=True)
class Worth:
    """The window's width and the best opening within the accepted harm, now and with one input known."""

    window_now_mJ: float
    window_known_mJ: float
    p_open_now: float
    p_open_known: float

    @property
    def gain_p_open(self) -> float:
        return max(0.0, self.p_open_known - self.p_open_now)

    @property
    def gain_window_mJ(self) -> float:
        return max(0.0, self.window_known_mJ - self.window_now_mJ)


def line_of(shots: Sequence[Shot], pulses: int, evaluator: Evaluator) -> Line:
    """Collect what the energies of one line did."""
    shared = min(evaluator.counts[shot] for shot in shots)

    def table(name: str) -> Array:
        rows = [evaluator.outcomes(shot)[:shared] for shot in shots]
        return np.array([[float(getattr(one, name)[pulses - 1]) for one in row] for row in rows])

    return Line(
        np.array([1e3 * shot.pulse_energy_J for shot in shots]),
        table("opened"),
        table("harmed"),
        table("severe"),
    )


def worth_knowing(name: str, line: Line, scenarios: Scenarios, goals: Goals) -> Worth:
    """Return what knowing one input of the case would be worth.

    Were the input known, the chances at each energy would be those of the skins that share its value. They
    are estimated by kernel regression over the input's rank; the best energy is then chosen anew at each
    value and the results averaged (expected value of partial perfect information; Strong, Oakley & Brennan
    2014, Med Decis Making 34:311). What the same procedure gains from shuffled values is chance; it is
    taken off.
    """
    count = line.opened.shape[1]
    values = scenarios.inputs[name][:count]
    rank = (np.argsort(np.argsort(values, kind="stable"), kind="stable") + 0.5) / count
    flat = np.full((1, count), 1.0 / count)
    now = _best(line, flat, goals)
    known = _best(line, _weights(rank), goals)
    rng = np.random.default_rng(0)
    by_chance = np.mean(
        [_best(line, _weights(rng.permutation(rank)), goals) for _ in range(SHUFFLES)], axis=0
    )
    luck = np.maximum(by_chance - now, 0.0)
    return Worth(float(now[0]), float(known[0] - luck[0]), float(now[1]), float(known[1] - luck[1]))


def _weights(rank: Array) -> Array:
    """Return kernel weights [value, skin], each row summing to one."""
    weight = np.exp(-0.5 * ((KNOWN_AT[:, None] - rank[None, :]) / BANDWIDTH) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _best(line: Line, weight: Array, goals: Goals) -> Array:
    """Return the mean width [mJ] of the window and the mean best opening within accepted harm."""
    p_open, p_harm, p_severe = (weight @ table.T for table in (line.opened, line.harmed, line.severe))
    sparing = (p_harm <= goals.p_harm_max) & (p_severe <= goals.p_severe_max)
    inside = sparing & (p_open >= goals.p_open_min)
    opening = np.where(sparing, p_open, 0.0).max(axis=1)
    return np.array([np.mean([_width(row, line.energy_mJ) for row in inside]), opening.mean()])


def _width(inside: NDArray[np.bool_], energy_mJ: Array) -> float:
    """Return the span of energies inside; a single one counts with half the way to its neighbours."""
    if not inside.any():
        return 0.0
    middle = 0.5 * (energy_mJ[1:] + energy_mJ[:-1])
    low = np.concatenate([energy_mJ[:1], middle])
    high = np.concatenate([middle, energy_mJ[-1:]])
    return float((high - low)[inside].sum())
