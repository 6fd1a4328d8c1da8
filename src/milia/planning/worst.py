"""The simulated skins that cost most at a setting, and what sets them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.language import told
from milia.planning.decision import Weights, loss
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.scenarios import LABELS, Scenarios
from milia.planning.types import Candidate

SHOWN = 5
APART = 3  # inputs named for each skin


def worst_scenarios(
    best: Candidate, scenarios: Scenarios, evaluator: Evaluator, cost: Weights, *, count: int = SHOWN
) -> tuple[Mapping[str, Any], ...]:
    """Return the skins with the greatest loss at a setting, most first, without those opened and unharmed.

    Each is told by the inputs that lie furthest from the middle of what is believed.
    """
    number = best.settings.pulses
    rows = evaluator.weighted(shot_of(best))
    losses = [loss(row, number, skin, cost) for row, skin, _ in rows]
    order = sorted(range(len(rows)), key=lambda i: (-losses[i], i))
    ranks = {name: _ranks(scenarios.inputs[name]) for name in scenarios.uncertain}
    found = []
    for i in order[:count]:
        row, skin, share = rows[i]
        n = number - 1
        if row.opened[n] and not row.harmed[n]:
            break
        drawn = not skin.name
        found.append(
            {
                "name": skin.name or told("simulated skin {number}", number=str(i + 1)),
                "probability": round(share, 6),
                "loss": round(losses[i], 4),
                "opened": bool(row.opened[n]),
                "harmed": bool(row.harmed[n]),
                "severe": bool(row.severe[n]),
                "opening_um": round(1e6 * float(row.opening[n]), 1),
                "harm_depth_um": round(1e6 * float(row.harm_depth[n]), 1),
                "limit_um": round(1e6 * skin.depth_limit_m, 1),
                "apart": _apart(i, ranks) if drawn else [],
            }
        )
    return tuple(found)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each value the share of the values below it."""
    order = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.asarray((order + 0.5) / len(values))


def _apart(i: int, ranks: Mapping[str, NDArray[np.float64]]) -> Sequence[str]:
    """Name the inputs in which a skin lies furthest out: ``"high roof thickness (97 %)"``."""
    far = sorted(ranks, key=lambda name: (-abs(ranks[name][i] - 0.5), name))[:APART]
    return [
        told(
            "{far} {input} ({rank} %)",
            far=told("high") if ranks[name][i] > 0.5 else told("low"),
            input=LABELS[name],
            rank=f"{100 * ranks[name][i]:.0f}",
        )
        for name in far
    ]
