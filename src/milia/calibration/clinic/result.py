"""What a calibration says: the device's effective share, what was learnt, and how well it fits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.base import Interval
from milia.calibration.clinic.check import Checked
from milia.calibration.clinic.doubts import Aside, Implied
from milia.calibration.clinic.fit import ClinicPosterior
from milia.calibration.clinic.lesions import OutcomeFindings
from milia.knowledge import load_knowledge

Array = NDArray[np.float64]

SCHEMA_VERSION = "1.0"
QUANTILES = 33
PLACES = (0.05, 0.25, 0.5, 0.75, 0.95)
TRANSFER = {
    "human skin, in vivo": "calibration.clinic.transfer.patient",
    "other": "calibration.clinic.transfer.bench",
}


@dataclass(frozen=True)
class Learnt:
    """One engine parameter before and after, SI; ``narrowed`` is the share of its spread that is gone."""

    name: str
    before: Interval
    after: Interval
    narrowed: float
    table: tuple[float, ...]


@dataclass(frozen=True)
class Summary:
    """The effective share ε of the displayed energy, what of it is the laser's own, and the scatter of shots.

    ``before`` and ``after`` are medians with 90 %; ``mean`` ± ``sd`` say ``after`` in two numbers. ``own`` is
    the laser's share alone, where as much may be the simulation's as in unseen studies.
    """

    before: Interval
    after: Interval
    mean: float
    sd: float
    own: Interval
    scatter: Interval


@dataclass(frozen=True, eq=False)
class DeviceCalibration:
    """Everything one calibration of a device found; ``shots_alone`` is its share without the outcomes."""

    device: str
    title: str
    file: str
    parameter_set: str
    seed: int
    shots: int
    tissue: str
    left_out: tuple[str, ...]
    aside: tuple[Aside, ...]
    implied: tuple[Implied, ...]
    checked: tuple[Checked, ...]
    summary: Summary
    learnt: tuple[Learnt, ...]
    correlation: tuple[tuple[float, ...], ...]
    outcomes: OutcomeFindings | None
    diagnostics: Mapping[str, float]
    warnings: tuple[str, ...]
    evidence: tuple[str, ...]
    shots_alone: Interval | None = None

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        joined = self.outcomes.openings if self.outcomes and self.outcomes.joined else 0
        lesions = f"; {joined} treated lesion{'s' if joined != 1 else ''}" if joined else ""
        return (
            f"Your laser delivers {self.summary.mean:.2f} ± {self.summary.sd:.2f} of its display, as the "
            f"simulation sees it ({self.shots} test shot{'s' if self.shots != 1 else ''}, {self.tissue}"
            f"{lesions})."
        )

    @property
    def inside(self) -> int:
        """How many measured numbers lie inside their 90 % predictive interval."""
        return sum(one.inside for one in self.checked)

    @property
    def scatter_left(self) -> float:
        """ln-scatter of the energy that a plan must still expect: of shots, and of other skin."""
        key = TRANSFER.get(self.tissue, TRANSFER["other"])
        joined = self.outcomes is not None and self.outcomes.joined
        transfer = load_knowledge().quantity(TRANSFER["human skin, in vivo"] if joined else key).si
        return math.hypot(self.summary.scatter.p50, transfer)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return {
            "schema_version": SCHEMA_VERSION,
            "device": self.device,
            "sentence": self.sentence,
            "effective_share": {
                "before": _shown(self.summary.before),
                "after": _shown(self.summary.after),
                "mean": round(self.summary.mean, 3),
                "sd": round(self.summary.sd, 3),
            },
            "lasers_own_share": _shown(self.summary.own),
            "scatter_of_shots": _shown(self.summary.scatter),
            "scatter_left": round(self.scatter_left, 3),
            "shots": self.shots,
            "tissue": self.tissue,
            "left_out": list(self.left_out),
            "set_aside": [asdict(one) for one in self.aside],
            "single_shots_say": [
                {"label": one.label, "share": round(one.share, 3), "log_sd": round(one.log_sd, 3)}
                for one in self.implied
            ],
            "predictive_check": [{**asdict(one), "inside": one.inside} for one in self.checked],
            "inside_90": f"{self.inside} of {len(self.checked)}",
            "parameters": [
                {
                    "name": one.name,
                    "before": _digits(one.before),
                    "after": _digits(one.after),
                    "narrowed": round(one.narrowed, 3),
                }
                for one in self.learnt
            ],
            "outcomes": _outcomes(self.outcomes, self.shots_alone),
            "warnings": list(self.warnings),
            "provenance": {
                "file": self.file.replace("\\", "/").rsplit("/", 1)[-1],
                "parameter_set": self.parameter_set,
                "seed": self.seed,
                "sampler": dict(self.diagnostics),
                "evidence": list(self.evidence),
            },
        }


def _shown(found: Interval) -> dict[str, float]:
    return {name: round(value, 3) for name, value in found.to_dict().items()}


def _digits(found: Interval) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in found.to_dict().items()}


def _outcomes(found: OutcomeFindings | None, alone: Interval | None) -> dict[str, Any] | None:
    if found is None:
        return None
    healing, marks = found.healing, found.marks
    return {
        "lesions": found.lesions,
        "openings": found.openings,
        "effective_share": _shown(found.share) if found.share else None,
        "shots_alone": _shown(alone) if alone else None,
        "joined": found.joined,
        "why_not": found.why_not or None,
        "healing_factor": {**_shown(healing.factor), "lesions": healing.lesions} if healing else None,
        "marks_week_12": {
            "seen": marks.seen,
            "of": marks.of,
            "low": round(marks.low, 3),
            "high": round(marks.high, 3),
            "planned_p_harm": round(marks.planned, 4) if marks.planned is not None else None,
            "kinds": dict(marks.kinds),
        }
        if marks
        else None,
        "set_aside": [asdict(one) for one in found.aside],
    }


def summary_of(posterior: ClinicPosterior, z: Array) -> Summary:
    """Return the summary of posterior samples z [n, d]."""
    beliefs = posterior.beliefs
    log_share = posterior.log_effective(z)
    share = np.exp(log_share)
    centre, sd = beliefs.log_effective
    device, missed = beliefs.log_device, beliefs.log_missed
    weight = device[1] ** 2 / (device[1] ** 2 + missed[1] ** 2)
    left = device[1] * math.sqrt(1.0 - weight)
    middle = device[0] + weight * (float(np.mean(log_share)) - device[0] - missed[0])
    spread = math.hypot(weight * float(np.std(log_share)), left)
    return Summary(
        before=Interval(*(math.exp(centre + q * sd) for q in (-1.6449, 0.0, 1.6449))),
        after=_interval(share),
        mean=float(share.mean()),
        sd=float(share.std()),
        own=Interval(*(math.exp(middle + q * spread) for q in (-1.6449, 0.0, 1.6449))),
        scatter=_interval(posterior.within(z)),
    )


def learnt_parameters(posterior: ClinicPosterior, z: Array) -> tuple[Learnt, ...]:
    """Return every engine parameter before and after, those that narrowed most first."""
    own, _ = posterior.cube(z)
    found = []
    for j, marginal in enumerate(posterior.beliefs.parameters):
        after = marginal.quantile(own[:, j])
        before = marginal.quantile(np.linspace(0.0025, 0.9975, 200))
        wide, left = (one.p95 - one.p05 for one in (_interval(before), _interval(after)))
        narrowed = 1.0 - left / wide if wide > 0.0 else 0.0
        found.append(
            Learnt(
                marginal.name,
                _interval(before),
                _interval(after),
                narrowed,
                tuple(float(f"{v:.6g}") for v in np.quantile(after, np.linspace(0.0, 1.0, QUANTILES))),
            )
        )
    return tuple(sorted(found, key=lambda one: -one.narrowed))


def correlation_of(posterior: ClinicPosterior, z: Array) -> tuple[tuple[float, ...], ...]:
    """Return the correlation of normal scores, rows below the diagonal: parameters by name, then ln ε."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    own, _ = posterior.cube(z)
    order = np.argsort([m.name for m in posterior.beliefs.parameters])
    columns = np.column_stack([own[:, order], posterior.log_effective(z)])
    scores = ndtri((np.apply_along_axis(rankdata, 0, columns) - 0.5) / len(columns))
    found = np.corrcoef(scores, rowvar=False)
    return tuple(tuple(round(float(v), 4) for v in found[n, :n]) for n in range(1, len(found)))


def _interval(values: Array) -> Interval:
    return Interval(*(float(v) for v in np.quantile(values, (0.05, 0.5, 0.95))))
