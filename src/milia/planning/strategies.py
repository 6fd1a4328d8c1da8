"""The strategies of one plan side by side: all in one go, one pulse and look, one at a time with a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.planning.evaluate import Evaluator, share_range, shot_of
from milia.planning.goals import Goals
from milia.planning.outcomes import Shot
from milia.planning.search import slacks_of
from milia.planning.strategy import Look, Policy, PolicyResult, count_policy, stopping, the_look
from milia.planning.types import Candidate

Array = NDArray[np.float64]
TITLES: Mapping[str, str] = {
    "one_go": "all in one go",
    "one_pulse_and_look": "one pulse and look",
    "stepwise": "one at a time, looking after each",
}
BASIS = (
    "Counted from the trains already simulated, whose later pulses meet warm tissue; while someone looks it "
    "cools and is wiped, so that later pulses harm somewhat less than counted."
)
LOOK_EVIDENCE = tuple(f"planning.look.{name}" for name in ("misses_open", "misses_closed", "most_pulses"))
# differences below two standard errors are not told apart
TOLD_APART = 2.0


def strategies(
    best: Candidate, counted: Sequence[Shot], evaluator: Evaluator, goals: Goals
) -> tuple[Mapping[str, Any], ...]:
    """Return the plan's setting in one go and the best of what looking after each pulse offers.

    No shot is fired for it: an inspected series stops after one of the pulses of a simulated train, so that
    its chances follow from the craters after each. Every counted shot takes part.
    """
    look, most = the_look()
    most = min(most, evaluator.pulses)
    shots = sorted(set(counted))
    single = _best([Policy(shot, 1) for shot in shots], evaluator, goals, look)
    rows = [_one_go(best, evaluator), _row("one_pulse_and_look", single, best, evaluator, look)]
    if most > 1:
        policies = [Policy(shot, n) for shot in shots for n in range(2, most + 1)]
        stepwise = _best(policies, evaluator, goals, look)
        rows.append(_row("stepwise", stepwise, best, evaluator, look))
    winner = _winner(rows)
    return tuple({**row, "best": index == winner} for index, row in enumerate(rows))


def _best(policies: Sequence[Policy], evaluator: Evaluator, goals: Goals, look: Look) -> PolicyResult:
    found = [count_policy(policy, evaluator, goals, look) for policy in policies]
    return min(found, key=lambda result: _order(result, goals))


def _order(result: PolicyResult, goals: Goals) -> tuple[object, ...]:
    """Order policies as settings are: deepest inside the window, or closest to it, first."""
    slack = min(slacks_of(result.p_open, result.p_harm, result.p_severe, goals))
    return -round(slack, 3), -round(result.p_open, 3), round(result.mean_pulses, 2), result.policy.shot


def _one_go(best: Candidate, evaluator: Evaluator) -> dict[str, Any]:
    settings = best.settings
    widths = [row.wound_width[settings.pulses - 1] for row in evaluator.outcomes(shot_of(best))]
    return {
        "name": "one_go",
        "title": TITLES["one_go"],
        "pulse_energy_mJ": round(1e3 * settings.pulse_energy_J, 6),
        "pulse_duration_us": round(1e6 * settings.pulse_duration_s, 6),
        "spot_diameter_um": round(1e6 * settings.spot_diameter_m, 6),
        "most_pulses": settings.pulses,
        "p_open": round(best.p_open, 4),
        "p_harm": round(best.p_harm, 4),
        "p_severe": round(best.p_severe, 4),
        "p_open_range": [round(value, 4) for value in best.p_open_range],
        "p_harm_range": [round(value, 4) for value in best.p_harm_range],
        "mean_pulses": float(settings.pulses),
        "looks": 0.0,
        "wound_width_um": round(1e6 * float(np.median(widths)), 1),
        "scenarios": best.scenarios,
        "inside": best.inside,
        "words": f"{_pulses(settings.pulses)} of {1e3 * settings.pulse_energy_J:g} mJ, no look between.",
    }


def _row(
    name: str, result: PolicyResult, best: Candidate, evaluator: Evaluator, look: Look
) -> dict[str, Any]:
    made = result.to_dict()
    count = result.scenarios
    against = _against(result.policy, best, evaluator, look)
    return {
        "name": name,
        "title": TITLES[name],
        **{key: made[key] for key in ("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um")},
        "most_pulses": result.policy.most,
        **{key: made[key] for key in ("p_open", "p_harm", "p_severe")},
        "p_open_range": [round(end, 4) for end in _range(result.p_open, count)],
        "p_harm_range": [round(end, 4) for end in _range(result.p_harm, count)],
        "mean_pulses": made["mean_pulses"],
        "looks": made["mean_pulses"],
        "fired": made["fired"],
        "wound_width_um": made["wound_width_um"]["p50"],
        "scenarios": count,
        "inside": result.inside,
        "against_one_go": against,
        "words": _words(name, result, against),
    }


def _range(share: float, count: int) -> tuple[float, float]:
    low, high = share_range(round(share * count), count)
    return min(low, share), max(high, share)


def _against(policy: Policy, best: Candidate, evaluator: Evaluator, look: Look) -> dict[str, Any]:
    """Compare with the one-go setting in the skins that both were fired at, pair by pair."""
    shot, number = shot_of(best), best.settings.pulses - 1
    shared = min(evaluator.counts[shot], evaluator.counts[policy.shot])
    one_go = evaluator.weighted(shot, shared)
    stepped = evaluator.weighted(policy.shot, shared)
    share = np.array([part for _, _, part in one_go])
    chance = np.array([stopping(row.opened[: policy.most], look) for row, _, _ in stepped])

    def gain(name: str) -> tuple[float, float]:
        there = np.array([getattr(row, name)[: policy.most] for row, _, _ in stepped])
        here = np.array([float(getattr(row, name)[number]) for row, _, _ in one_go])
        apart = (chance * there).sum(axis=1) - here
        mean = float(share @ apart)
        return mean, float(np.sqrt(share**2 @ (apart - mean) ** 2))

    (opens, opens_se), (harms, harms_se) = gain("opened"), gain("harmed")
    return {
        "gain_p_open": round(opens, 4),
        "gain_p_open_se": round(opens_se, 4),
        "less_p_harm": round(-harms, 4),
        "less_p_harm_se": round(harms_se, 4),
        "scenarios": shared,
    }


def _words(name: str, result: PolicyResult, against: Mapping[str, Any]) -> str:
    energy = f"{1e3 * result.policy.shot.pulse_energy_J:g} mJ"
    if name == "one_pulse_and_look":
        fired = f"One pulse of {energy}, then a look; what is still closed is extracted or comes again."
    else:
        fired = (
            f"Up to {_pulses(result.policy.most)} of {energy}, on average {result.mean_pulses:.1f}, "
            "stopping when the roof is seen open."
        )
    return f"{fired} {_difference(against)}"


def _difference(against: Mapping[str, Any]) -> str:
    """Say what a strategy gains over one go, and where the skins cannot tell the two apart."""
    opens, harms = against["gain_p_open"], -against["less_p_harm"]
    said = []
    for value, error, more, fewer in (
        (opens, against["gain_p_open_se"], "opens {} of 100 more", "opens {} of 100 fewer"),
        (harms, against["less_p_harm_se"], "harms {} of 100 more", "harms {} of 100 fewer"),
    ):
        if abs(value) > max(TOLD_APART * error, 0.005):
            said.append((more if value > 0 else fewer).format(f"{100 * abs(value):.0f}"))
    if not said:
        return f"Not told apart from one go in {against['scenarios']} skins."
    return f"Against one go it {' and '.join(said)}."


def _pulses(count: int) -> str:
    return "one pulse" if count == 1 else f"{count} pulses"


def _winner(rows: Sequence[Mapping[str, Any]]) -> int:
    """Return the row that lies inside the window and opens most beyond what it harms; one go wins a tie.

    Strategies are compared in the skins that they share with one go.
    """
    one_go = rows[0]

    def merit(row: Mapping[str, Any]) -> tuple[bool, float]:
        against = row.get("against_one_go", {"gain_p_open": 0.0, "less_p_harm": 0.0})
        gain = against["gain_p_open"] + against["less_p_harm"]
        return row["inside"], gain if row is not one_go else 0.005

    return max(range(len(rows)), key=lambda i: (*merit(rows[i]), -i))
