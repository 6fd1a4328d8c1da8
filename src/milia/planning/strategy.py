"""Fire one, look, fire again if the roof is closed: chances counted with the look in the loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.base import Interval
from milia.planning.evaluate import Evaluator
from milia.planning.goals import Goals
from milia.planning.look import Look, stopping
from milia.planning.outcomes import Shot

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Policy:
    """One shot at a time, at most ``most``; the tissue comes to rest and is wiped while someone looks."""

    shot: Shot
    most: int


@dataclass(frozen=True)
class PolicyResult:
    """What a policy does over all simulated skins; ``fired`` is the share that needed 1, 2, … pulses."""

    policy: Policy
    p_open: float
    p_harm: float
    p_severe: float
    fired: tuple[float, ...]
    opening_um: Interval
    wound_width_um: Interval
    scenarios: int
    inside: bool

    @property
    def mean_pulses(self) -> float:
        return float(sum(n * share for n, share in enumerate(self.fired, start=1)))

    def to_dict(self) -> dict[str, Any]:
        shot = self.policy.shot
        return {
            "pulse_energy_mJ": round(1e3 * shot.pulse_energy_J, 6),
            "pulse_duration_us": round(1e6 * shot.pulse_duration_s, 6),
            "spot_diameter_um": round(1e6 * shot.spot_diameter_m, 6),
            "most_pulses": self.policy.most,
            "p_open": round(self.p_open, 4),
            "p_harm": round(self.p_harm, 4),
            "p_severe": round(self.p_severe, 4),
            "mean_pulses": round(self.mean_pulses, 3),
            "fired": [round(share, 4) for share in self.fired],
            "opening_um": self.opening_um.to_dict(),
            "wound_width_um": self.wound_width_um.to_dict(),
            "scenarios": self.scenarios,
            "inside": self.inside,
        }


def count_policy(policy: Policy, evaluator: Evaluator, goals: Goals, look: Look) -> PolicyResult:
    """Count what a policy opens and harms, each skin with its probability and each look with its errors."""
    weighted = evaluator.weighted(policy.shot)
    rows = [row for row, _, _ in weighted]
    share = np.array([part for _, _, part in weighted])
    chance = np.array([stopping(row.opened[: policy.most], look) for row in rows])
    joint = chance * share[:, None]

    def total(name: str) -> float:
        return float((joint * np.array([getattr(row, name)[: policy.most] for row in rows])).sum())

    def spread(name: str) -> Interval:
        values = np.array([getattr(row, name)[: policy.most] for row in rows])
        return _weighted(1e6 * values.ravel(), joint.ravel())

    p_open, p_harm, p_severe = total("opened"), total("harmed"), total("severe")
    return PolicyResult(
        policy=policy,
        p_open=p_open,
        p_harm=p_harm,
        p_severe=p_severe,
        fired=tuple(float(part) for part in joint.sum(axis=0)),
        opening_um=spread("opening"),
        wound_width_um=spread("wound_width"),
        scenarios=evaluator.counts[policy.shot],
        inside=p_open >= goals.p_open_min and p_harm <= goals.p_harm_max and p_severe <= goals.p_severe_max,
    )


def _weighted(values: Array, weight: Array) -> Interval:
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order])
    at = [float(values[order][np.searchsorted(below, q * below[-1])]) for q in (0.05, 0.5, 0.95)]
    return Interval(*(round(value, 1) for value in at))
