"""How far each setting may drift before the window is left."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.language import told
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.goals import Goals
from milia.planning.outcomes import Outcome, Shot
from milia.planning.types import Candidate

Array = NDArray[np.float64]
# how far a setting is moved to see what it does
MOVED: Mapping[str, float] = {"pulse_duration_s": 1.25, "spot_diameter_m": 1.15, "interval_s": 1.5}
NAMES: Mapping[str, tuple[str, str, float]] = {
    "pulse_duration_s": ("pulse_duration_us", told("pulse duration"), 1e6),
    "spot_diameter_m": ("spot_diameter_um", told("spot diameter"), 1e6),
    "interval_s": ("interval_ms", told("interval"), 1e3),
}
# beyond it a drift is a different setting
WIDEST = 2.0
LEAST_POWER = 1e-3


@dataclass(frozen=True)
class Likeness:
    """By what power of a setting's change the energy would have to change to do the same, for both ends."""

    opening: float
    harm: float


def drift(
    best: Candidate,
    line: Sequence[Candidate],
    margin: Mapping[str, float],
    evaluator: Evaluator,
    goals: Goals,
    *,
    skins: int,
) -> tuple[tuple[Mapping[str, Any], ...], int]:
    """Return for each setting how far it may drift inside the window, and how many shots that took.

    The energy's range is counted. For the others ``skins`` skins are fired with the setting a step down and
    up; the energy that would do the same to opening and harm tells where on the counted curves that is.
    """
    settings = best.settings
    rows: list[Mapping[str, Any]] = [
        {
            "setting": "pulse_energy_mJ",
            "title": told("pulse energy"),
            "now": round(1e3 * settings.pulse_energy_J, 6),
            "lowest": margin["lowest_mJ"],
            "highest": margin["highest_mJ"],
            "down_percent": margin["down_percent"],
            "up_percent": margin["up_percent"],
            "like_energy": 1.0,
            "basis": told("counted, in the device's steps"),
        }
    ]
    low, high = edges(line, best, goals)
    fired = 0
    for name, step in MOVED.items():
        if best.looked or (name == "interval_s" and settings.pulses == 1):
            continue
        like, spent = _likeness(best, line, evaluator, name, step, skins)
        fired += spent
        down, up = reach(like, low, high)
        key, title, factor = NAMES[name]
        now = factor * float(getattr(settings, name))
        rows.append(
            {
                "setting": key,
                "title": title,
                "now": round(now, 6),
                "lowest": None if down is None else float(f"{now * down:.3g}"),
                "highest": None if up is None else float(f"{now * up:.3g}"),
                "down_percent": None if down is None else round(100.0 * (1.0 - down), 1),
                "up_percent": None if up is None else round(100.0 * (up - 1.0), 1),
                "like_energy": round(like.opening, 2),
                "basis": told("from {skins} skins, by the energy that does the same", skins=str(skins)),
            }
        )
    return tuple(rows), fired


def edges(line: Sequence[Candidate], best: Candidate, goals: Goals) -> tuple[float, float]:
    """Return the factors on the energy between which the window lies, interpolated on the counted curve.

    ``line`` are the counted energies of the setting's spot and pulses, ascending. Where an edge is not
    reached it is the last energy of the line.
    """
    here = best.settings.pulse_energy_J
    energies = np.array([one.settings.pulse_energy_J for one in line])
    at = int(np.argmin(np.abs(energies - here)))
    low = _edge([line[i] for i in range(at, -1, -1)], lambda one: one.p_open - goals.p_open_min)
    high = min(
        _edge(list(line[at:]), lambda one: goals.p_harm_max - one.p_harm),
        _edge(list(line[at:]), lambda one: goals.p_severe_max - one.p_severe),
    )
    return low / here, high / here


def _edge(row: Sequence[Candidate], room: Callable[[Candidate], float]) -> float:
    """Return the energy at which ``room`` is used up, going along the row; its end where it never is."""
    for inner, outer in pairwise(row):
        if room(outer) < 0.0:
            share = room(inner) / (room(inner) - room(outer))
            first, second = inner.settings.pulse_energy_J, outer.settings.pulse_energy_J
            return first + share * (second - first)
    return row[-1].settings.pulse_energy_J


def reach(like: Likeness, low: float, high: float) -> tuple[float | None, float | None]:
    """Return the factors down and up to which a setting may drift; None where it may double or halve.

    A change by a factor f counts as an energy changed by f to the power that ``like`` states: that of
    opening may not fall below ``low``, that of harm not rise above ``high``.
    """
    lowest, highest = -math.log(WIDEST), math.log(WIDEST)
    # power · ln f may not fall below room, for opening and, turned round, for harm
    for power, room in ((like.opening, math.log(min(low, 1.0))), (-like.harm, -math.log(max(high, 1.0)))):
        if power > LEAST_POWER:
            lowest = max(lowest, room / power)
        elif power < -LEAST_POWER:
            highest = min(highest, room / power)
    free = math.log(WIDEST)
    return (math.exp(lowest) if lowest > -free else None), (math.exp(highest) if highest < free else None)


def _likeness(
    best: Candidate, line: Sequence[Candidate], evaluator: Evaluator, name: str, step: float, skins: int
) -> tuple[Likeness, int]:
    shot, pulses = shot_of(best), best.settings.pulses
    shots = {factor: _moved(shot, name, factor) for factor in (1.0 / step, step)}
    own = Evaluator(
        evaluator.device, evaluator.scenarios[:skins], evaluator.goals, pulses, fire=evaluator.fire
    )
    own.ensure(shots.values(), skins)
    energies = np.log([one.settings.pulse_energy_J for one in line])
    curves = np.array([_means(evaluator.outcomes(shot_of(one))[:skins], evaluator, pulses) for one in line])
    powers = []
    for column in range(2):
        like = [
            _inverse(_means(own.outcomes(moved), evaluator, pulses)[column], curves[:, column], energies)
            for moved in shots.values()
        ]
        powers.append((like[1] - like[0]) / (2.0 * math.log(step)))
    return Likeness(*powers), own.simulations


def _moved(shot: Shot, name: str, factor: float) -> Shot:
    if name == "interval_s":
        return replace(shot, interval_s=max(factor * shot.interval_s, shot.pulse_duration_s))
    if name == "pulse_duration_s":
        return replace(shot, pulse_duration_s=min(factor * shot.pulse_duration_s, shot.interval_s))
    return replace(shot, spot_diameter_m=factor * shot.spot_diameter_m)


def _means(rows: Sequence[Outcome], evaluator: Evaluator, pulses: int) -> tuple[float, float]:
    """Return mean opening over its goal, and mean harm over its limit, over the first skins."""
    n = pulses - 1
    pairs = list(zip(rows, evaluator.scenarios, strict=False))
    opening = [float(row.opening[n]) / skin.opening_goal_m for row, skin in pairs]
    harm = [
        max(
            float(row.harm_depth[n]) / skin.depth_limit_m,
            (float(row.wound_width[n]) + 2.0 * skin.aim_m) / skin.lateral_limit_m,
        )
        for row, skin in pairs
    ]
    return float(np.mean(opening)), float(np.mean(harm))


def _inverse(value: float, curve: Array, energies: Array) -> float:
    """Return the logarithm of the energy at which a rising curve has a value; its nearest end beyond it."""
    rising = np.maximum.accumulate(curve)
    keep = np.concatenate([[True], np.diff(rising) > 0.0])
    return float(np.interp(value, rising[keep], energies[keep]))
