"""Find the settings worth counting thoroughly among all that the device delivers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from milia.base import InputError
from milia.knowledge import load_knowledge
from milia.laser import Device
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.goals import Goals
from milia.planning.outcomes import Shot
from milia.planning.types import Candidate

MOST_PULSES = 3
# mean fluence, J/m², between which a shot is worth a simulation: below, nothing boils; above, the
# first pulse alone goes through any lesion of the face
FLUENCE_J_M2 = (2.0e4, 3.0e6)
# A Gaussian spot narrower than the opening would have to drill; one much wider wastes skin.
SPOT_OF_GOAL = (0.7, 2.6)
SPOT_OF_CYST = 1.2
SPOTS = 6
# the response is drawn over all energies near the best one and a few far below
NEAR_RATIO = 2.0
MOST_NEAR = 7
FAR_BELOW = 3


def shots_for(device: Device, spot_m: float) -> tuple[Shot, ...]:
    """Return every energy the device delivers at a spot, each with its shortest pulse, ascending.

    At one energy the shorter pulse ablates with less residual damage (irradiance predicts better than
    duration: Ross et al. 1996), so that longer versions of the same energy are not searched.
    """
    area = np.pi * (0.5 * spot_m) ** 2
    shortest: dict[float, float] = {}
    for energy, duration in device.deliverable():
        shortest[energy] = min(duration, shortest.get(energy, duration))
    shots = []
    for energy, duration in sorted(shortest.items()):
        if FLUENCE_J_M2[0] <= energy / area <= FLUENCE_J_M2[1]:
            shots.append(Shot(spot_m, energy, duration, pulse_interval(device, energy, duration)))
    return tuple(shots)


def pulse_interval(device: Device, energy: float, duration: float) -> float:
    """Return the shortest interval the device can hold that lets the heat go, or its longest one."""
    steps = device.intervals_for(energy, duration)
    least = load_knowledge().quantity("planning.interval.least").si
    cool = [step for step in steps if step >= least * (1 - 1e-9)]
    return min(cool) if cool else max(steps)


def spread_over(items: Sequence[Shot], count: int) -> tuple[Shot, ...]:
    """Return at most ``count`` of the items, evenly over their order, ends included."""
    if len(items) <= count:
        return tuple(items)
    return tuple(items[round(i * (len(items) - 1) / (count - 1))] for i in range(count))


def spots_for(device: Device, goals: Goals, diameter_m: float) -> tuple[float, ...]:
    """Return the spots that suit the wanted opening, ascending; where none does, the nearest one."""
    low = SPOT_OF_GOAL[0] * goals.opening_m
    high = max(min(SPOT_OF_GOAL[1] * goals.opening_m, SPOT_OF_CYST * diameter_m), goals.opening_m)
    useful = [spot for spot in device.spot_diameters_m if shots_for(device, spot)]
    if not useful:
        least, most = (1e-4 * fluence for fluence in FLUENCE_J_M2)
        raise InputError(
            "no pulse of this device can ablate skin and spare it",
            key="device",
            value=device.name,
            accepted=f"a device with a mean fluence between {least:g} and {most:g} J/cm² at one of its spots",
        )
    fitting = [spot for spot in useful if low * (1 - 1e-9) <= spot <= high * (1 + 1e-9)]
    middle = math.sqrt(low * high)
    nearest = sorted(fitting or useful, key=lambda spot: (abs(math.log(spot / middle)), spot))
    return tuple(sorted(nearest[: SPOTS if fitting else 1]))


def climb(
    lines: Iterable[Sequence[Shot]],
    scout: Evaluator,
    count: int,
    progress: Callable[[float], None] | None = None,
    *,
    numbers: Sequence[int] = (),
) -> None:
    """Fire at each line of ascending energies around the point where opening and harm are balanced.

    Both shares rise with energy, so that for each number of pulses the energy deepest inside the
    window, or closest to it, is found by bisection; energies far from it are never fired. ``numbers`` of
    pulses are all up to the last where none are given.
    """
    wanted_numbers = numbers or range(1, scout.pulses + 1)
    brackets = {(tuple(line), n): (-1, len(line)) for line in lines for n in wanted_numbers}
    longest = max((len(line) for line, _ in brackets), default=0)
    rounds = max(1, math.ceil(math.log2(longest + 1)))
    for number in range(rounds):
        middles = {key: sum(ends) // 2 for key, ends in brackets.items() if ends[1] - ends[0] > 1}
        wanted = sorted({line[middle] for (line, _), middle in middles.items()})
        begin = number / rounds
        scout.ensure(wanted, count, _part(progress, begin, begin + 1.0 / rounds))
        for (line, pulses), middle in middles.items():
            low, high = brackets[line, pulses]
            too_little = balance(scout.candidate(line[middle], pulses), scout.goals) < 0.0
            brackets[line, pulses] = (middle, high) if too_little else (low, middle)


def _part(
    progress: Callable[[float], None] | None, begin: float, end: float
) -> Callable[[float], None] | None:
    if progress is None:
        return None
    return lambda share: progress(begin + share * (end - begin))


def slacks(candidate: Candidate, goals: Goals) -> tuple[float, float]:
    """Return how well a candidate opens and how well it spares: −1 never, 0 at the threshold, 1 always."""
    return slacks_of(candidate.p_open, candidate.p_harm, candidate.p_severe, goals)


def slacks_of(p_open: float, p_harm: float, p_severe: float, goals: Goals) -> tuple[float, float]:
    """Return the same from the chances themselves."""
    return (
        _slack(p_open, goals.p_open_min),
        min(
            _slack(1.0 - p_harm, 1.0 - goals.p_harm_max),
            _slack(1.0 - p_severe, 1.0 - goals.p_severe_max),
        ),
    )


def _slack(share: float, wanted: float) -> float:
    room = 1.0 - wanted if share >= wanted else wanted
    return (share - wanted) / room


def slack(candidate: Candidate, goals: Goals) -> float:
    """Return how deep a candidate lies inside the window, or (negative) how far outside."""
    return min(slacks(candidate, goals))


def balance(candidate: Candidate, goals: Goals) -> float:
    """Return by how much opening is ahead of sparing; it rises with energy."""
    opening, sparing = slacks(candidate, goals)
    return opening - sparing


def rank(candidate: Candidate, goals: Goals) -> tuple[object, ...]:
    """Order candidates, best first; of equals those with fewer pulses and less energy come first.

    Inside the window the deepest comes first. Outside it the least harm beyond what is accepted does, then
    what opens more often: no opening makes up for too much harm.
    """
    return (
        *order_of(candidate.p_open, candidate.p_harm, candidate.p_severe, goals),
        candidate.settings.pulses,
        candidate.settings.pulse_energy_J,
        shot_of(candidate),
    )


def order_of(p_open: float, p_harm: float, p_severe: float, goals: Goals) -> tuple[float, ...]:
    """Return what orders strategies and settings by their chances, least first."""
    over = max(p_harm - goals.p_harm_max, 0.0) + max(p_severe - goals.p_severe_max, 0.0)
    deep = min(slacks_of(p_open, p_harm, p_severe, goals))
    inside = over <= 0.0 and p_open >= goals.p_open_min
    return (float(not inside), round(-deep if inside else over, 3), -p_open, p_harm)


def deepest_inside(
    candidates: Sequence[Candidate], goals: Goals, *, among: Sequence[Candidate] | None = None
) -> Candidate | None:
    """Choose the setting deepest inside the window, one that stays inside a step up and down if there is one.

    ``among`` restricts the choice; the neighbours are looked up in all ``candidates``.
    """
    inside = [c for c in (candidates if among is None else among) if c.inside]
    if not inside:
        return None
    steady = steady_ones(candidates)
    return min(inside, key=lambda c: (key_of(c) not in steady, *rank(c, goals)))


def key_of(candidate: Candidate) -> tuple[Shot, int]:
    """Return what makes two candidates the same setting, however often they were counted."""
    return shot_of(candidate), candidate.settings.pulses


def steady_ones(candidates: Iterable[Candidate]) -> set[tuple[Shot, int]]:
    """Return the settings whose next counted energies, down and up at the same spot, lie inside too."""
    lines: dict[tuple[float, int, bool, int], list[Candidate]] = {}
    for candidate in candidates:
        settings = candidate.settings
        of = (settings.spot_diameter_m, settings.pulses, candidate.looked, candidate.step)
        lines.setdefault(of, []).append(candidate)
    steady = set()
    for line in lines.values():
        ordered = sorted(line, key=lambda c: c.settings.pulse_energy_J)
        for below, here, above in zip(ordered, ordered[1:], ordered[2:], strict=False):
            if below.inside and here.inside and above.inside:
                steady.add(key_of(here))
    return steady


def best_of_each_spot(candidates: Iterable[Candidate], goals: Goals, count: int) -> tuple[Shot, ...]:
    """Return the best shot of each of the ``count`` best spots, best first."""
    best: dict[float, Shot] = {}
    # by the distance to the window rather than by rank: few skins do not tell yet what harms too often
    for candidate in sorted(candidates, key=lambda c: (-round(slack(c, goals), 3), rank(c, goals))):
        shot = shot_of(candidate)
        best.setdefault(shot.spot_diameter_m, shot)
    return tuple(best.values())[:count]


def line_around(device: Device, best: Shot) -> tuple[Shot, ...]:
    """Return the energies of one spot to draw the response over.

    The best one with its neighbours, the range around it, and a few far below.
    """
    line = shots_for(device, best.spot_diameter_m)
    at, here = line.index(best), best.pulse_energy_J
    near = [shot for shot in line if here / NEAR_RATIO <= shot.pulse_energy_J <= here * NEAR_RATIO]
    below = [shot for shot in line if shot.pulse_energy_J < here / NEAR_RATIO]
    chosen = {*line[max(0, at - 1) : at + 2], *spread_over(near, MOST_NEAR), *spread_over(below, FAR_BELOW)}
    return tuple(sorted(chosen))
