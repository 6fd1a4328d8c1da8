"""Fire one, look, fire again if the roof is closed: chances counted with the look in the loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.base import Interval
from milia.knowledge import load_knowledge
from milia.planning.case import Case
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.goals import Goals
from milia.planning.outcomes import Shot
from milia.planning.search import shots_for, spots_for, spread_over
from milia.planning.types import Candidate

Array = NDArray[np.float64]
SCREENED_ENERGIES = 9
KEPT = 3


@dataclass(frozen=True)
class Look:
    """How well the eye tells an open roof: chances of seeing it closed when open, and open when closed."""

    misses_open: float
    misses_closed: float


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


def the_look() -> tuple[Look, int]:
    """Return how well a look tells, and how many single shots are fired at most, from the knowledge base."""
    known = load_knowledge()
    return (
        Look(
            known.quantity("planning.look.misses_open").si,
            known.quantity("planning.look.misses_closed").si,
        ),
        round(known.quantity("planning.look.most_pulses").si),
    )


def stopping(opened: Sequence[bool] | NDArray[np.bool_], look: Look) -> Array:
    """Return the chance of stopping after each pulse [pulses], which sums to one.

    After each pulse someone looks: an open roof is seen as open with chance 1 − misses_open, a closed
    one with chance misses_closed. Whoever sees it open stops; after the last pulse all stop.
    """
    seen = np.where(np.asarray(opened), 1.0 - look.misses_open, look.misses_closed)
    going = np.concatenate([[1.0], np.cumprod(1.0 - seen)[:-1]])
    chance = going * seen
    chance[-1] = going[-1]
    return np.asarray(chance)


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


def policy_rank(result: PolicyResult, goals: Goals) -> tuple[object, ...]:
    """Order policies, best first: inside the window, least harm beyond its limit, opening, fewer pulses."""
    over = max(result.p_harm - goals.p_harm_max, 0.0) + max(result.p_severe - goals.p_severe_max, 0.0)
    return (
        not result.inside,
        round(over, 3),
        -round(result.p_open, 3),
        round(result.p_harm, 3),
        round(result.mean_pulses, 2),
        result.policy.shot,
    )


def best_policy(
    case: Case,
    goals: Goals,
    evaluator: Evaluator,
    *,
    screen: int,
    refine: int,
    final: int,
    progress: Callable[[float], None] | None = None,
) -> PolicyResult:
    """Find the single shot that is best fired one at a time.

    ``evaluator`` must fire up to the policy's most pulses with ``Stop.OPENED``. A few energies of every
    fitting spot are screened, the best are counted in more skins and the leader in all.
    """
    look, most = the_look()
    most = min(most, evaluator.pulses)
    spots = spots_for(case.device, goals, case.lesion.diameter.value)
    shots = [
        replace(shot, looked=True)
        for spot in spots
        for shot in spread_over(shots_for(case.device, spot), SCREENED_ENERGIES)
    ]
    kept: Sequence[Shot] = shots
    results: list[PolicyResult] = []
    for number, (count, keep) in enumerate(((screen, 3 * KEPT), (refine, KEPT), (final, 1))):
        evaluator.ensure(kept, count, _third(progress, number))
        results = [
            count_policy(Policy(shot, n), evaluator, goals, look) for shot in kept for n in range(1, most + 1)
        ]
        results.sort(key=lambda result: policy_rank(result, goals))
        kept = list(dict.fromkeys(result.policy.shot for result in results))[:keep]
    return results[0]


def _third(progress: Callable[[float], None] | None, number: int) -> Callable[[float], None] | None:
    if progress is None:
        return None
    return lambda share: progress((number + share) / 3.0)


def compared(one_go: Candidate, stepwise: PolicyResult) -> Mapping[str, Any]:
    """Return both strategies side by side, and which is better and why, in words."""
    settings = one_go.settings
    shot = stepwise.policy.shot
    gain = stepwise.p_open - one_go.p_open
    fewer = one_go.p_harm - stepwise.p_harm
    words = (
        f"In one go: {settings.pulses} × {1e3 * settings.pulse_energy_J:g} mJ open "
        f"{100 * one_go.p_open:.0f} % and harm {100 * one_go.p_harm:.0f} %. One at a time, with a look after "
        f"each: up to {stepwise.policy.most} × {1e3 * shot.pulse_energy_J:g} mJ open "
        f"{100 * stepwise.p_open:.0f} % and harm {100 * stepwise.p_harm:.0f} %, with "
        f"{stepwise.mean_pulses:.1f} pulses on average."
    )
    better = "stepwise" if (stepwise.inside, gain + fewer) > (one_go.inside, 0.0) else "one_go"
    return {
        "one_go": one_go.to_dict(),
        "stepwise": stepwise.to_dict(),
        "gain_p_open": round(gain, 4),
        "less_p_harm": round(fewer, 4),
        "better": better,
        "words": words,
        "same_shot": shot_of(one_go) == replace(shot, looked=False),
    }
