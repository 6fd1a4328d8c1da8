"""From predictive samples to errors, coverage and the goals; misses included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from validation.ablation import widen
from validation.ablation.stages import ALL, LEFT_OUT, PRIOR, WIDENED, fitted, residuals_of, shown, studies_of

from milia.calibration.measurements import UNIT_SI, Measurement, read_measurements
from milia.calibration.predict import Predicted

Array = NDArray[np.float64]
Predictions = Mapping[tuple[str, str], Predicted]

GOAL_ERROR = 0.20
GOAL_COVERAGE = (0.80, 0.97)
GOAL_DAMAGE_FACTOR = 1.5
CRATER = frozenset({"depth", "total_depth"})


@dataclass(frozen=True)
class Spread:
    """Median and 90 % interval in the row's own unit."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """One row, what was predicted of it with its study left out, and how that turned out.

    ``error`` is |median/measured − 1|; of a limit or a range, how far the median lies outside, 0 inside.
    ``covered`` says whether the measured number lies in the interval, for a limit or a range whether the
    interval reaches it; ``covered_widened`` the same of the widened one. ``met`` is the share of predictions
    that meet a limit or a range.
    """

    row: Measurement
    prior: Spread
    left_out: Spread
    widened: Spread
    all: Spread
    error: float
    covered: bool
    covered_widened: bool
    met: float

    @property
    def point(self) -> bool:
        """Whether a number was measured, not a limit or a range."""
        return self.row.relation == "equals"

    @property
    def absolute(self) -> bool:
        """Whether a depth in µm was measured."""
        return self.point and self.row.observable in CRATER and self.row.reference is None


def in_unit(row: Measurement, value: float) -> float:
    """Return an SI value in the row's own unit."""
    return value / UNIT_SI[row.unit]


def ends(row: Measurement) -> tuple[float, float]:
    """Return the lowest and highest value that agrees with a row, SI."""
    if row.relation == "between":
        assert row.low is not None
        assert row.high is not None
        return row.low, row.high
    assert row.value is not None
    if row.relation == "at_least":
        return row.value, np.inf
    return (0.0, row.value) if row.relation == "at_most" else (row.value, row.value)


def spread(row: Measurement, samples: Array) -> Spread:
    """Return median and 90 % interval of samples in the row's unit."""
    return Spread(*(in_unit(row, float(v)) for v in np.quantile(samples, (0.05, 0.5, 0.95))))


def verdict(row: Measurement, found: Predictions, kind: str = LEFT_OUT) -> Verdict:
    """Judge one row by what ``kind`` of prediction said of it."""

    def samples(wanted: str) -> Array:
        return (found[wanted, row.label] if (wanted, row.label) in found else found[kind, row.label]).values

    low, high = ends(row)
    own = samples(kind)
    middle = float(np.median(own))
    outside = low / middle - 1.0 if middle < low else middle / high - 1.0 if middle > high else 0.0
    return Verdict(
        row=row,
        prior=spread(row, samples(PRIOR)),
        left_out=spread(row, own),
        widened=spread(row, samples(WIDENED)),
        all=spread(row, samples(ALL)),
        error=abs(middle / low - 1.0) if row.relation == "equals" else outside,
        covered=_reaches(own, low, high),
        covered_widened=_reaches(samples(WIDENED), low, high),
        met=float(np.mean((own >= low) & (own <= high))),
    )


def _reaches(samples: Array, low: float, high: float) -> bool:
    p05, p95 = (float(v) for v in np.quantile(samples, (0.05, 0.95)))
    return p05 <= high and p95 >= low


def verdicts(found: Predictions) -> list[Verdict]:
    """Judge every fitted row by the prediction that did not know its study."""
    return [verdict(row, found) for row in fitted()]


def shown_only(found: Predictions) -> list[Verdict]:
    """Judge the rows that are not fitted, by the posterior of those that are."""
    return [verdict(row, found, ALL) for row in shown()]


def not_simulated() -> list[Measurement]:
    """Return the rows that cannot be simulated."""
    return [row for row in read_measurements() if row.role == "none"]


def factor(v: Verdict) -> float:
    """Return how many times too large or too small the median is."""
    assert v.row.value is not None
    ratio = v.left_out.middle / in_unit(v.row, v.row.value)
    return max(ratio, 1.0 / ratio)


def needed(found: Predictions) -> list[tuple[Measurement, float]]:
    """Return by what factor the energy would have to differ for a left-out depth to be met, row by row."""
    made = []
    for row in fitted():
        left = widen.residual(row, found[LEFT_OUT, row.label])
        if left is not None and not left.thermal:
            made.append((row, float(np.exp(left.off / left.slope))))
    return made


def summary(found: Predictions) -> dict[str, Any]:
    """The figures that the goals speak of."""
    judged = verdicts(found)
    residuals = residuals_of(found)
    energy, damage = widen.factors(residuals)
    depths = [v for v in judged if v.absolute]
    points = [v for v in judged if v.point]
    thermal = [v for v in points if v.row.thermal]
    limits = [v for v in judged if not v.point]
    by_study = {
        name: float(np.median([v.error for v in depths if v.row.study == name]))
        for name in studies_of([v.row for v in depths])
    }
    covered = sum(v.covered for v in points)
    return {
        "fitted_rows": len(judged),
        "studies": len(studies_of([v.row for v in judged])),
        "depth_rows": len(depths),
        "median_depth_error_percent": 100.0 * float(np.median([v.error for v in depths])),
        "median_depth_error_by_study_percent": {k: round(100.0 * e, 1) for k, e in by_study.items()},
        "points": len(points),
        "covered": covered,
        "coverage": covered / len(points),
        "covered_widened": (wide := sum(v.covered_widened for v in points)),
        "coverage_widened": wide / len(points),
        "widened_energy": energy,
        "widened_damage": damage,
        "depths_covered": sum(v.covered for v in depths),
        "damage_rows": len(thermal),
        "damage_within_factor": sum(factor(v) <= GOAL_DAMAGE_FACTOR for v in thermal),
        "worst_damage_factor": max(factor(v) for v in thermal),
        "limits": len(limits),
        "limits_reached": sum(v.covered for v in limits),
    }


def goals(told: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return each goal, what was found, and whether it is reached."""
    low, high = GOAL_COVERAGE
    return [
        (
            f"median absolute error of left-out depths at most {100 * GOAL_ERROR:.0f} %",
            f"{told['median_depth_error_percent']:.0f} % over {told['depth_rows']} depths",
            told["median_depth_error_percent"] <= 100 * GOAL_ERROR,
        ),
        (
            f"90 % intervals hold {100 * low:.0f} to {100 * high:.0f} % of left-out measurements",
            f"{told['covered']} of {told['points']}, {100 * told['coverage']:.0f} %",
            low <= told["coverage"] <= high,
        ),
        (
            "the same, with scatter widened by the other studies' errors",
            f"{told['covered_widened']} of {told['points']}, {100 * told['coverage_widened']:.0f} %",
            low <= told["coverage_widened"] <= high,
        ),
        (
            f"thermal damage within a factor {GOAL_DAMAGE_FACTOR:g} of each study",
            f"{told['damage_within_factor']} of {told['damage_rows']}, "
            f"worst {told['worst_damage_factor']:.2f}",
            told["damage_within_factor"] == told["damage_rows"],
        ),
    ]
