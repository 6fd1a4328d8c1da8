"""What the chosen setting leaves behind, how long it takes to heal, and what to measure next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.base import Interval
from milia.knowledge import Quantity, load_knowledge
from milia.language import told
from milia.planning.case import Case
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.goals import Goals
from milia.planning.outcomes import Outcome
from milia.planning.scenarios import LABELS, MEASURABLE, Scenario, Scenarios
from milia.planning.types import Candidate
from milia.planning.value import Line, worth_knowing

Array = NDArray[np.float64]
BINS = 8
SAME = 1e-9
LEAST_GAIN = 0.01
GAIN_UNIT = told("share of the outcome's spread that would go if this were known exactly")
SECONDS_A_DAY = 86400.0


def predicted(best: Candidate, case: Case, scenarios: Scenarios, evaluator: Evaluator) -> dict[str, Interval]:
    """Return 90 % intervals over the scenarios for the wound of the chosen setting."""
    rows = evaluator.outcomes(shot_of(best))
    number = best.settings.pulses - 1

    def spread(name: str) -> Interval:
        return _rounded([1e6 * getattr(row, name)[number] for row in rows])

    items = scenarios.items[: best.scenarios]
    healing = [healing_days(row, number, scenario, case) for row, scenario in zip(rows, items, strict=True)]
    return {
        "opening_um": spread("opening"),
        "crater_depth_um": spread("depth"),
        "rtd_floor_um": spread("rtd_floor"),
        "rtd_wall_um": spread("rtd_wall"),
        "healing_days": _rounded(healing),
        "harm_depth_um": spread("harm_depth"),
        "wound_width_um": spread("wound_width"),
    }


def _rounded(samples: list[float]) -> Interval:
    made = Interval.of(samples)
    return Interval(round(made.p05, 1), round(made.p50, 1), round(made.p95, 1))


def healing_days(row: Outcome, number: int, scenario: Scenario, case: Case) -> float:
    """Return the days until one simulated wound has closed.

    A shallow one closes as its site does, one at the depth limit as leaflets say; in between by how far
    the loss of living tissue has gone from the papillary dermis to the limit.
    """
    site = case.lesion.site
    shallow = _draw("planning.healing.eyelid" if site.eyelid else "planning.healing.face", scenario.healing)
    deep = _draw("planning.healing.deep", scenario.healing)
    start = min(site.papillary_boundary_m.value, 0.9 * scenario.depth_limit_m)
    share = (row.harm_depth[number] - start) / (scenario.depth_limit_m - start)
    return float(shallow + (deep - shallow) * np.clip(share, 0.0, 1.0))


def _draw(id: str, u: float) -> float:
    quantity: Quantity = load_knowledge().quantity(id)
    low, high = quantity.range_si
    return (low + u * (high - low)) / SECONDS_A_DAY


def influence(best: Candidate, scenarios: Scenarios, evaluator: Evaluator) -> dict[str, float]:
    """Return the uncertain inputs by how much the outcome of the chosen setting hangs on them, most first.

    The number is the correlation ratio of the opening beyond its goal, or of the depth left to the
    limit, whichever depends on the input more. Limit and goal are those of each simulated skin, so
    that an input that moves only the limit counts too.
    """
    rows = evaluator.outcomes(shot_of(best))
    number = best.settings.pulses - 1
    pairs = list(zip(rows, scenarios.items, strict=False))
    margins = (
        np.array([row.opening[number] - skin.opening_goal_m for row, skin in pairs]),
        np.array([skin.depth_limit_m - row.harm_depth[number] for row, skin in pairs]),
    )
    found = {
        name: max(correlation_ratio(scenarios.inputs[name][: len(pairs)], margin) for margin in margins)
        for name in scenarios.uncertain
    }
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def measure_next(
    gains: Mapping[str, float], scenarios: Scenarios, *, line: Line | None = None, goals: Goals | None = None
) -> tuple[Mapping[str, Any], ...]:
    """Return the inputs a clinic can measure, largest gain first, with what is known of them so far.

    An input that explains less than ``LEAST_GAIN`` of the outcome's spread is not worth measuring. With the
    energies of a line, each also tells by how much the window would widen and the opening improve.
    """
    rows = []
    for name, gain in gains.items():
        if name not in MEASURABLE or gain < LEAST_GAIN:
            continue
        row: dict[str, Any] = {
            "input": LABELS[name],
            "gain": round(gain, 3),
            "how": told("{how}; so far {known}", how=MEASURABLE[name], known=scenarios.spread_in_words(name)),
            "now": scenarios.spread_in_words(name),
            "gain_unit": GAIN_UNIT,
        }
        if line is not None and goals is not None:
            worth = worth_knowing(name, line, scenarios, goals)
            row["gain_p_open"] = round(worth.gain_p_open, 3)
            row["gain_window_mJ"] = round(worth.gain_window_mJ, 1)
        rows.append(row)
    return tuple(rows)


def correlation_ratio(x: Array, y: Array) -> float:
    """Return the correlation ratio η² of ``y`` on ``x``, corrected for chance (Kelley 1935).

    It is the share of the variance of ``y`` that lies between ``BINS`` equal groups of ``x``.
    """
    total = float(np.var(y))
    if float(np.ptp(y)) <= SAME * float(np.abs(y).max()):
        return 0.0
    order = np.argsort(x, kind="stable")
    groups = np.array_split(y[order], BINS)
    within = sum(len(group) * float(np.var(group)) for group in groups) / len(y)
    corrected = 1.0 - within / total * (len(y) - 1) / (len(y) - BINS)
    return float(np.clip(corrected, 0.0, 1.0))
