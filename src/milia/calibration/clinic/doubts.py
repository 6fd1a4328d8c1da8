"""Shots that no energy explains, shots that stand alone, and groups that contradict each other.

Nothing is averaged in silently: a lone shot is set aside by name, two groups are refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError
from milia.calibration.clinic.bench import Beliefs, Compared
from milia.calibration.clinic.fit import SCANNED, Datum, Scan
from milia.calibration.design import ENERGY_REACH
from milia.calibration.emulator import ENERGY_SCALE, coordinates
from milia.knowledge import load_knowledge

Array = NDArray[np.float64]

BEYOND = 1.5  # a measured length past the whole simulated range by this factor is not a crater of this shot
READING_m = 5e-6
GRID = 81
BY_CHANCE = -math.log(1.0 - 2.0 / math.pi)  # a normal cut at its middle keeps 1 − 2/π of its variance
LEAST_FOR_LONE = 4
LEAST_FOR_GROUPS = 4


@dataclass(frozen=True)
class Aside:
    """A measured number that takes no part, and why."""

    label: str
    why: str


@dataclass(frozen=True)
class Implied:
    """The effective share that one measured number says by itself, with its standard error as a logarithm."""

    label: str
    share: float
    log_sd: float


def absurd(rows: Sequence[Compared], scans: Sequence[Scan]) -> tuple[Aside, ...]:
    """Return the numbers that no energy comes near at central parameters."""
    found = []
    for one, seen in zip(rows, scans, strict=True):
        least, most = float(seen.values.min()), float(seen.values.max())
        value = one.row.value
        assert value is not None
        if least / BEYOND - READING_m <= value <= most * BEYOND + READING_m:
            continue
        usual = float(np.interp(0.0, np.log(SCANNED), seen.values))
        hint = next(
            (
                f"; {1e6 * value * factor:.3g} µm would fit: is the unit right?"
                for factor in (1e-3, 1e3, 0.1, 10.0)
                if usual / 3.0 <= value * factor <= usual * 3.0
            ),
            "",
        )
        found.append(
            Aside(
                one.label,
                f"{1e6 * value:.4g} µm measured, but {SCANNED[0]:.2g} to {SCANNED[-1]:.2g} times the "
                f"displayed energy give {1e6 * least:.3g} to {1e6 * most:.3g} µm in the simulation{hint}",
            )
        )
    return tuple(found)


def implied(
    data: Sequence[Datum], beliefs: Beliefs, conditions: int, *, around: float, within: float
) -> tuple[Implied, ...]:
    """Return what each number says by itself at central parameters; its error is that of one shot."""
    centre = np.full((1, len(beliefs.parameters)), 0.5)
    left = coordinates(beliefs.parameters, centre)
    inputs = np.concatenate([left, np.zeros((1, conditions))], axis=1)
    energies = np.linspace(-ENERGY_REACH, ENERGY_REACH, GRID) + around
    found = []
    for datum in data:
        x = np.concatenate([np.repeat(inputs, GRID, axis=0), energies[:, None] / ENERGY_SCALE], axis=1)
        # a crater grows with energy; ripples of the emulator are smoothed away
        values = np.maximum.accumulate(datum.curve.at(x))
        at = float(np.interp(datum.target, values + 1e-9 * np.arange(GRID), energies))
        slope = max(float(np.polyfit(energies, values, 1)[0]), 0.05)
        own = math.hypot(datum.log_sd, datum.curve.error) / slope
        found.append(Implied(datum.label, math.exp(at), math.hypot(own, within)))
    return tuple(found)


def lone(said: Sequence[Implied]) -> tuple[Aside, ...]:
    """Return the number farthest from the median of all, where it is too far; it moves the median too."""
    limit = load_knowledge().quantity("calibration.clinic.lone_shot").si
    if len(said) < LEAST_FOR_LONE:
        return ()
    logs = np.array([math.log(one.share) for one in said])
    sds = np.array([one.log_sd for one in said])
    middle = float(np.median(logs))
    away = np.abs(logs - middle) / sds
    worst = int(np.argmax(away))
    if away[worst] <= limit:
        return ()
    one = said[worst]
    return (
        Aside(
            one.label,
            f"by itself it says {one.share:.2g} of the displayed energy, the others {math.exp(middle):.2g}: "
            f"{away[worst]:.1f} standard deviations apart",
        ),
    )


def groups(said: Sequence[Implied]) -> tuple[tuple[Implied, ...], tuple[Implied, ...]] | None:
    """Return the two groups that the numbers fall into, where two explain them far better than one.

    Compared by likelihood: one normal distribution against two of one spread, no spread below the errors; the
    best cut of one distribution gains ``BY_CHANCE`` a number, and scatters by a multiple of √n about that.
    """
    known = load_knowledge()
    if len(said) < LEAST_FOR_GROUPS:
        return None
    order = sorted(said, key=lambda one: one.share)
    logs = np.array([math.log(one.share) for one in order])
    n = len(logs)
    own = min(one.log_sd for one in order) / 2.0
    together = math.log(max(float(logs.std()), own))
    best, evidence = 0, -math.inf
    for cut in range(2, n - 1):
        apart = math.sqrt((cut * float(logs[:cut].var()) + (n - cut) * float(logs[cut:].var())) / n)
        gained = 2.0 * n * (together - math.log(max(apart, own))) - BY_CHANCE * n
        if gained > evidence:
            best, evidence = cut, gained
    if best == 0:
        return None
    ratio = math.exp(float(logs[best:].mean() - logs[:best].mean()))
    if evidence < known.quantity("calibration.clinic.group_evidence").si * math.sqrt(n):
        return None
    if ratio < known.quantity("calibration.clinic.group_ratio").si:
        return None
    return tuple(order[:best]), tuple(order[best:])


def refuse_groups(said: Sequence[Implied], rows: Sequence[Compared], *, file: str) -> None:
    """Refuse shots that fall into two groups, and say which; InputError names them."""
    found = groups(said)
    if found is None:
        return
    low, high = found
    words = [
        f"{_listed(part)} say {math.exp(np.mean([math.log(one.share) for one in part])):.2f}"
        for part in (low, high)
    ]
    raise InputError(
        f"two groups of shots contradict each other: {words[0]}, {words[1]} of the displayed energy"
        f"{_what_parts(low, high, rows)}. They are not averaged",
        file=file,
        accepted="shots of one laser in one state; find out which are right and leave the others out by name "
        "(--leave-out)",
    )


def _listed(part: Sequence[Implied]) -> str:
    names = list(dict.fromkeys(one.label.rsplit(":", 1)[0] for one in part))
    return f"shots {', '.join(names)}"


def _what_parts(low: Sequence[Implied], high: Sequence[Implied], rows: Sequence[Compared]) -> str:
    """Say whether a setting tells the groups apart: then it may be the simulation that is wrong."""
    by_label = {one.label: one for one in rows}
    for name, words in (
        ("pulse_energy_J", "pulse energy"),
        ("spot_diameter_m", "spot diameter"),
        ("pulse_duration_s", "pulse duration"),
        ("pulses", "number of pulses"),
    ):
        sides = [
            [float(getattr(by_label[one.label].shot.settings, name)) for one in part] for part in (low, high)
        ]
        if max(sides[0]) < min(sides[1]) or max(sides[1]) < min(sides[0]):
            return f"; they differ in {words}, so that the simulation may be what is wrong"
    observables = [{by_label[one.label].row.observable for one in part} for part in (low, high)]
    if not observables[0] & observables[1]:
        return "; they differ in what was measured, so that the simulation may be what is wrong"
    return ""


def sort_out(
    data: Sequence[Datum],
    rows: Sequence[Compared],
    beliefs: Beliefs,
    conditions: int,
    *,
    around: float,
    within: float,
    file: str,
) -> tuple[tuple[Implied, ...], tuple[Aside, ...]]:
    """Return what each kept number says and what was set aside; two groups are refused.

    Raises
    ------
    InputError
        If the numbers fall into two groups, or most of them had to be set aside.
    """
    said = implied(data, beliefs, conditions, around=around, within=within)
    refuse_groups(said, rows, file=file)
    aside: list[Aside] = []
    while found := lone(said):
        aside.extend(found)
        gone = {one.label for one in found}
        said = tuple(one for one in said if one.label not in gone)
        if len(aside) > len(said):
            raise InputError(
                f"the shots agree on nothing; set aside so far: {'; '.join(a.label for a in aside)}",
                file=file,
                accepted="shots of one laser in one state",
            )
    return said, tuple(aside)
