"""What the recommended setting does: limit by limit at both levels, and scenario by scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.language import told
from milia.planning.evaluate import Evaluator, share_range, shot_of
from milia.planning.goals import Goals
from milia.planning.limits import AT_LEAST, WRITTEN, Limit, ZERO_degC
from milia.planning.outcomes import Outcome
from milia.planning.scenarios import LABELS, UNITS, Scenario, Scenarios
from milia.planning.types import Candidate
from milia.planning.wishes import NamedScenario

Array = NDArray[np.float64]


def dermis_left(depth_m: float, skin: Scenario) -> float:
    """Return the share of the dermis below a loss of living tissue of this depth [m]."""
    dermis = skin.total_m - skin.epidermis_m
    return float(np.clip((skin.total_m - max(depth_m, skin.epidermis_m)) / dermis, 0.0, 1.0))


def values_of(name: str, row: Outcome, n: int, skin: Scenario) -> float:
    """Return what a limit is about, in one skin after pulse ``n`` (from 0): m, a share, or °C."""
    if name == "lateral":
        return 0.5 * (float(row.wound_width[n]) - skin.cyst.diameter_m) + skin.aim_m
    if name == "dermis":
        return dermis_left(float(row.harm_depth[n]), skin)
    if name == "heat":
        return float(row.heat_K[n]) - ZERO_degC
    found = {"opening": row.opening, "depth": row.harm_depth, "collateral": row.collateral}[name]
    return float(found[n])


def limit_rows(best: Candidate, evaluator: Evaluator, goals: Goals) -> tuple[Mapping[str, Any], ...]:
    """Return every limit with its levels and how often the setting passes each of them.

    ``state`` is ``stop`` where the limit alone is passed more often than the plan accepts, ``warn`` where
    the warning is, ``ok`` else.
    """
    n = best.settings.pulses - 1
    rows = evaluator.weighted(shot_of(best))
    share = np.array([part for _, _, part in rows])
    accepted = {"opening": 1.0 - goals.p_open_min}
    made = []
    for limit in goals.limits:
        values = np.array([values_of(limit.name, row, n, skin) for row, skin, _ in rows])
        levels = np.array([_levels(limit, skin) for _, skin, _ in rows])
        side = -1.0 if limit.name in AT_LEAST else 1.0
        p_warn, p_stop = (float(share @ (side * (values - levels[:, i]) > 0.0)) for i in range(2))
        allowed = accepted.get(limit.name, goals.p_harm_max)
        passed = limit.applies and p_stop > allowed + 1e-12
        factor = {"m": 1e6, "1": 1.0, "degC": 1.0}[WRITTEN[limit.name][0]]
        low, middle, high = (
            float(f"{factor * value:.4g}") for value in np.percentile(values, [5.0, 50.0, 95.0])
        )
        made.append(
            {
                **limit.to_dict(),
                "p05": low,
                "p50": middle,
                "p95": high,
                "p_warn": round(p_warn, 4),
                "p_stop": round(p_stop, 4),
                "state": "stop" if passed else "warn" if p_warn > allowed + 1e-12 else "ok",
            }
        )
    return tuple(made)


def _levels(limit: Limit, skin: Scenario) -> tuple[float, float]:
    """Return both levels in one skin; depth and opening follow what this skin and its cyst allow."""
    if limit.name == "depth":
        stop = skin.depth_limit_m
        return min(stop, limit.warn * (stop / limit.stop if limit.warn_set_by == "knowledge" else 1.0)), stop
    if limit.name == "opening":
        stop = skin.opening_goal_m
        return max(stop, limit.warn), stop
    return limit.warn, limit.stop


def scenario_rows(
    best: Candidate, named: tuple[NamedScenario, ...], scenarios: Scenarios, evaluator: Evaluator
) -> Mapping[str, Any]:
    """Return the drawn skins, every scenario with a name, and the inputs that are uncertain."""
    n = best.settings.pulses - 1
    shot = shot_of(best)
    rows = [_row(told("skins as drawn"), 1.0 - evaluator.share_named, {}, evaluator.outcomes(shot), n)]
    members = list(zip(evaluator.named, range(-len(evaluator.named), 0), strict=True))
    for one in named:
        own = [evaluator.done[shot, number] for skin, number in members if skin.name == one.name]
        said = {key: value for key, value in one.to_dict().items() if key not in ("name", "weight")}
        rows.append(_row(one.name, one.weight, said, own, n))
    return {
        "drawn": rows[0],
        "named": rows[1:],
        "inputs": [
            {
                "input": LABELS[name],
                "spread": scenarios.spread_in_words(name) if name in UNITS else None,
                "evidence": scenarios.marginals[name].evidence or "case",
            }
            for name in scenarios.uncertain
        ],
    }


def _row(name: str, weight: float, said: Mapping[str, Any], rows: list[Outcome], n: int) -> dict[str, Any]:
    count = len(rows)
    shares = {
        key: sum(bool(getattr(row, flag)[n]) for row in rows)
        for key, flag in (("p_open", "opened"), ("p_harm", "harmed"), ("p_severe", "severe"))
    }
    return {
        "name": name,
        "weight": round(weight, 6),
        "set": dict(said),
        **{key: round(hits / count, 4) for key, hits in shares.items()},
        "p_open_range": [round(end, 4) for end in share_range(shares["p_open"], count)],
        "p_harm_range": [round(end, 4) for end in share_range(shares["p_harm"], count)],
        "opening_um": round(1e6 * float(np.median([row.opening[n] for row in rows])), 1),
        "harm_depth_um": round(1e6 * float(np.median([row.harm_depth[n] for row in rows])), 1),
        "scenarios": count,
    }
