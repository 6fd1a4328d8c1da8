"""How much heat a treated lesion leaves where the next is fired: the engine's, beside a closed-form bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.engine import Exposure, State, march, run_all, start
from milia.knowledge import load_knowledge
from milia.laser import PulseTrain, Settings
from milia.planning.case import Case
from milia.planning.goals import goals_for
from milia.planning.outcomes import BRISK, COUNTING
from milia.planning.scenarios import Scenario, make_scenarios

Array = NDArray[np.float64]

DARK_J = 1e-12  # a pulse that warms nothing, so that a march only conducts
TIMES_s = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
WITHIN = 0.99
# the any-time maximum of a point source in a half-space is at t = d²/(6κ): (3/(2πe))^(3/2)
PEAK = (3.0 / (2.0 * math.pi * math.e)) ** 1.5
DIFFUSIVITY_DOUBT = 1.5


@dataclass(frozen=True, eq=False)
class Heat:
    """The heat one treated lesion leaves.

    Parameters
    ----------
    left_J
        Heat in the tissue after its last pulse, the most over the simulated skins [J].
    radius_m
        Within which 99 % of it lies when the last pulse ends [m].
    heat_capacity, diffusivity
        Of the bound's half-space: a low one [J/m³/K] and the typical one [m²/s].
    times_s, r_m, rise_K
        The engine's temperature rise at its warmest depth [times, r], of the skin with the most heat.
    """

    left_J: float
    radius_m: float
    heat_capacity: float
    diffusivity: float
    times_s: Array
    r_m: Array
    rise_K: Array

    def bound(self, distance_m: float, after_s: float) -> float:
        """Return a rise [K] that is not passed at a distance, a time after the last pulse.

        ΔT = 2Q/(ρc (4πκt)^{3/2}) exp(−s²/(4κt)), a point source on an insulated half-space (Carslaw & Jaeger
        1959, §10.2) moved to s = d − a, where a is the radius of what is warm; the largest over diffusivities
        within a factor of 1.5.
        """
        near = max(distance_m - self.radius_m, 0.0)
        factors = np.geomspace(1.0 / DIFFUSIVITY_DOUBT, DIFFUSIVITY_DOUBT, 9)
        four_kt = 4.0 * self.diffusivity * after_s * factors
        scale = 2.0 * self.left_J / self.heat_capacity
        return float((scale / (math.pi * four_kt) ** 1.5 * np.exp(-(near**2) / four_kt)).max())

    def bound_ever(self, distance_m: float) -> float:
        """Return a rise [K] that is not passed at a distance at any time."""
        near = max(distance_m - self.radius_m, 0.0)
        return math.inf if near == 0.0 else 2.0 * self.left_J / self.heat_capacity * PEAK / near**3

    def free_distance(self, limit_K: float) -> float:
        """Return the distance [m] from which on a rise is never passed."""
        return self.radius_m + float(np.cbrt(2.0 * self.left_J / self.heat_capacity * PEAK / limit_K))

    def simulated(self, distance_m: float, after_s: float) -> float | None:
        """Return the engine's rise [K]; nothing beyond its simulated tissue or times."""
        if distance_m > self.r_m[-1] or not self.times_s[0] <= after_s <= self.times_s[-1]:
            return None
        at = [float(np.interp(distance_m, self.r_m, row)) for row in self.rise_K]
        return float(np.interp(math.log(after_s), np.log(self.times_s), at))


def heat_left(
    case: Case, settings: Settings, *, seed: int, progress: Callable[[float], None] | None = None
) -> Heat:
    """Fire a setting at simulated skins and follow the heat of the one that keeps most."""
    count = round(load_knowledge().quantity("planning.session.members").si)
    skins = make_scenarios(case, goals_for(case), count=count, seed=seed).items

    def left(skin: Scenario) -> float:
        return fired(case, settings, skin)[0]

    found = run_all(left, skins, progress=progress)
    worst = skins[int(np.argmax(found))]
    _, radius, r, rises, capacity, diffusivity = fired(case, settings, worst, follow=True)
    return Heat(max(found), radius, capacity, diffusivity, np.array(TIMES_s), r, np.array(rises))


def fired(
    case: Case, settings: Settings, skin: Scenario, *, follow: bool = False
) -> tuple[float, float, Array, list[Array], float, float]:
    """Fire one skin; return heat left [J], its radius [m], radii, rises after ``TIMES_s``, ρc and κ."""
    beam = case.device.beam(settings.spot_diameter_m, focus_offset_m=skin.focus_m)
    train = PulseTrain(
        pulse_energy_J=settings.pulse_energy_J * skin.delivered * skin.energy_scale,
        pulse_duration_s=settings.pulse_duration_s,
        pulses=settings.pulses,
        interval_s=settings.interval_s,
        passes=settings.passes,
    )
    exposure = Exposure(skin.tissue, beam, train, skin.initial_K, skin.water_scale)
    state = start(exposure, skin.parameters, rule=COUNTING)
    living = state.living > 0.5
    capacity = float(np.quantile(state.fields.up[living], 0.1))
    diffusivity = float(np.median(1.0 / state.fields.resistance[living] / state.fields.up[living]))
    fresh: list[tuple[float, float]] = []
    shots = settings.pulses * settings.passes

    def look(now: State) -> None:
        # the light has all been in by then; what comes after only spreads
        if not fresh and now.energy().incident >= (1.0 - 1e-9) * train.pulse_energy_J * shots:
            fresh.append(_warm(now))

    march(state, beam, train, skin.parameters, accuracy=BRISK, observe=look)
    stored, radius = fresh[0] if fresh else _warm(state)
    rises: list[Array] = []
    if follow:
        gone = 0.0
        for until in TIMES_s:
            dark = PulseTrain(pulse_energy_J=DARK_J, pulse_duration_s=1e-4, pulses=2, interval_s=until - gone)
            march(state, beam, dark, skin.parameters, accuracy=BRISK, enough=lambda _: True)
            gone = until
            rises.append(np.maximum(state.fields.rise, 0.0).max(axis=1))
    return stored, radius, np.asarray(state.grid.r_mid), rises, capacity, diffusivity


def _warm(state: State) -> tuple[float, float]:
    """Return the heat in the tissue [J] and the radius within which 99 % of it lies [m]."""
    warm = np.maximum((state.volumes() * state.fields.e).sum(axis=1), 0.0)
    share = np.cumsum(warm) / max(float(warm.sum()), 1e-30)
    at = min(int(np.searchsorted(share, WITHIN)), len(share) - 1)
    return float(warm.sum()), float(state.grid.r[at + 1])


def added(heats: Sequence[tuple[Heat, float, float]]) -> tuple[float, float]:
    """Return the rise [K] from several lesions: the engine's (else the bound), and the bound.

    Each entry is a lesion's heat, its distance [m] and the time since its last pulse [s].
    """
    simulated = bound = 0.0
    for heat, distance, after in heats:
        limit = heat.bound(distance, after)
        own = heat.simulated(distance, after)
        simulated += limit if own is None else own
        bound += limit
    return simulated, bound
