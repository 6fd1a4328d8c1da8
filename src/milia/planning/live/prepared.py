"""A case made ready for fast answers: its simulated skins drawn, checked against the surrogate's range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError
from milia.laser import Profile
from milia.planning.case import Case
from milia.planning.goals import Goals, goals_for
from milia.planning.live.inputs import COLUMN, SKIN_INPUTS, WAVELENGTH_M, skins_of, under
from milia.planning.live.outputs import PULSES
from milia.planning.live.stale import stale
from milia.planning.live.surrogate import OutsideRangeError, Surrogate, fluence_of, load_surrogate
from milia.planning.live.verdicts import Limits
from milia.planning.outcomes import Shot
from milia.planning.scenarios import Scenario, Scenarios, make_scenarios

Array = NDArray[np.float64]

SKINS = 256
SAME_WAVELENGTH = 0.01
# of the skins; beyond, the estimate would be one of other skins than the case's
MOST_LEFT_OUT = 0.05
MOST_AT_THE_ENDS = 0.15


@dataclass(frozen=True, eq=False)
class Prepared:
    """What answers of one case share.

    ``skins`` and ``limits`` are those of the skins in the surrogate's range; ``left_out`` counts the others.
    ``refused`` says why the surrogate cannot answer this case at all, ``note`` the same for a reader.
    """

    case: Case
    goals: Goals
    scenarios: Scenarios
    surrogate: Surrogate
    skins: Array
    limits: Limits
    left_out: int
    refused: InputError | None = None
    note: str = ""

    def rows(self, shot: Shot) -> tuple[Array, float]:
        """Return the inputs of all skins under a shot, and the share that was moved to the range's end.

        More energy opens and harms more, so that a skin that gets more than the surrogate knows is answered
        with the most it knows, and one that gets less with the least. That is the only input ever moved.
        """
        device = self.case.device
        rows = under(self.skins, shot, device)
        for name in ("spot", "duration", "interval"):
            if self.surrogate.beyond(rows[:1], name).any():
                raise self.surrogate.refusal(name, float(rows[0, COLUMN[name]]))
        area = 0.25 * np.pi * shot.spot_diameter_m**2
        fluence, energy = self.surrogate.ranges["fluence"], self.surrogate.ranges["energy"]
        low, high = max(fluence[0] * area, energy[0]), min(fluence[1] * area, energy[1])
        at = COLUMN["energy"]
        moved = float(((rows[:, at] < low) | (rows[:, at] > high)).mean())
        if moved > MOST_AT_THE_ENDS:
            raise self.surrogate.refusal("fluence", float(np.median(fluence_of(rows))))
        rows[:, at] = np.clip(rows[:, at], low, high)
        return rows, moved


def prepare(
    case: Case,
    *,
    seed: int = 0,
    scenarios: Scenarios | None = None,
    goals: Goals | None = None,
    surrogate: Surrogate | None = None,
) -> Prepared:
    """Draw the simulated skins of a case and make them ready for the surrogate.

    Parameters
    ----------
    case
        Who, what, where, with which device.
    seed
        Of the scenarios; those of a plan with the same seed.
    scenarios, goals
        The case's own, where they are at hand.
    surrogate
        Another one than the package's.

    Returns
    -------
    Prepared
        Where the surrogate is stale or was not trained for such a case, ``refused`` says so and answers
        come from the engine.
    """
    goals = goals or goals_for(case)
    scenarios = scenarios or make_scenarios(case, goals, count=SKINS, seed=seed)
    surrogate = surrogate or load_surrogate()
    every, weights = _weighted(scenarios)
    refused: InputError | None = _unfit(case)
    note = ""
    skins, inside = np.zeros((0, len(COLUMN))), np.zeros(0, dtype=bool)
    if refused is None:
        skins = skins_of(every)
        inside, refused = _inside(skins, weights, surrogate, case)
    if refused is None:
        note = stale(surrogate, scenarios, case.device)
        refused = InputError(note, key="surrogate") if note else None
    kept = [skin for skin, held in zip(every, inside, strict=False) if held]
    share = weights[inside] if len(inside) else weights[:0]
    return Prepared(
        case=case,
        goals=goals,
        scenarios=scenarios,
        surrogate=surrogate,
        skins=skins[inside],
        limits=Limits.of(kept, list(share / share.sum())),
        left_out=int(len(every) - inside.sum()) if refused is None else 0,
        refused=refused,
        note=note or (refused.told() if isinstance(refused, OutsideRangeError) else ""),
    )


def known_skins(prepared: Prepared) -> NDArray[np.bool_]:
    """Return which drawn and named skins of a case, in this order, the surrogate knows."""
    every, weights = _weighted(prepared.scenarios)
    return _inside(skins_of(every), weights, prepared.surrogate, prepared.case)[0]


def _weighted(scenarios: Scenarios) -> tuple[list[Scenario], Array]:
    """Return drawn and named scenarios with their probabilities."""
    named = [skin.weight for skin in scenarios.named]
    each = (1.0 - sum(named)) / len(scenarios.items)
    return [*scenarios.items, *scenarios.named], np.array([each] * len(scenarios.items) + named)


def _unfit(case: Case) -> OutsideRangeError | None:
    """Return why the surrogate does not know this device's beam, or nothing."""
    device = case.device
    if abs(device.wavelength_m - WAVELENGTH_M) > SAME_WAVELENGTH * WAVELENGTH_M:
        return OutsideRangeError(
            "the fast estimate was not trained for this; the full engine can answer",
            key="device.wavelength",
            value=f"{1e6 * device.wavelength_m:.4g} µm",
            accepted=f"{1e6 * WAVELENGTH_M:.4g} µm",
        )
    if device.profile is not Profile.GAUSSIAN:
        return OutsideRangeError(
            "the fast estimate was not trained for this; the full engine can answer",
            key="device.profile",
            value=device.profile.value,
            accepted=Profile.GAUSSIAN.value,
        )
    return None


def _inside(
    skins: Array, weights: Array, surrogate: Surrogate, case: Case
) -> tuple[NDArray[np.bool_], OutsideRangeError | None]:
    """Return which skins lie in the surrogate's range, and a refusal where too many do not."""
    if surrogate.ranges["m2"][0] > case.device.m2 or surrogate.ranges["m2"][1] < case.device.m2:
        return np.zeros(len(skins), dtype=bool), surrogate.refusal("m2", case.device.m2)
    beyond = {name: surrogate.beyond(skins, name) for name in (*SKIN_INPUTS, "focus")}
    outside = np.any(list(beyond.values()), axis=0)
    if weights[outside].sum() <= MOST_LEFT_OUT:
        return ~outside, None
    worst = max(beyond, key=lambda name: float(weights[beyond[name]].sum()))
    return ~outside, surrogate.refusal(worst, float(np.median(skins[beyond[worst], COLUMN[worst]])))


def check_pulses(pulses: int) -> None:
    """Refuse a number of pulses that the surrogate does not know."""
    if not 1 <= pulses <= PULSES:
        raise OutsideRangeError(
            "the fast estimate was not trained for this; the full engine can answer",
            key="pulses",
            value=pulses,
            accepted=f"1 to {PULSES}",
        )
