"""Widen the scatter until left-out studies are as far off as their intervals say, and no further.

The scatter's prior was set before any row was seen. If left-out studies then miss by more than their
intervals allow, the scatter is multiplied by one factor κ: with d a row's error and v = v0 + κ² g the
variance of its prediction (logarithms; g the part that scatter makes), the mean over studies of d²/v is
brought to one. For the prediction of a study, κ comes from the other studies' errors alone. κ is never
below one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from milia.calibration.emulator import log_of
from milia.calibration.likelihood import SCATTER
from milia.calibration.measurements import Measurement
from milia.calibration.predict import Member, Predicted

MOST = 6.0
Z_90_WIDTH = 3.2897  # of a normal distribution, in standard deviations
CRATER = frozenset({"depth", "total_depth", "heat_of_ablation"})


@dataclass(frozen=True)
class Residual:
    """How far a row was off, and the variance it was given: from all else, and from scatter."""

    study: str
    thermal: bool
    off: float
    other: float
    scatter: float
    slope: float  # of the logarithm of what was measured, in that of the energy (or of damage)


def residual(row: Measurement, found: Predicted) -> Residual | None:
    """Return a row's residual; none for limits, ranges and ratios, which do not feel a study's energy."""
    if row.relation != "equals" or row.reference is not None:
        return None
    if not row.thermal and row.observable not in CRATER:
        return None
    assert row.value is not None
    logs = log_of(row.observable, found.values)
    low, middle, high = np.quantile(logs, (0.05, 0.5, 0.95))
    total = ((high - low) / Z_90_WIDTH) ** 2
    slope = float(np.cov(logs, found.scatter)[0, 1] / np.var(found.scatter, ddof=1))
    part = min(slope**2 * float(np.var(found.scatter)), 0.95 * total)
    off = float(log_of(row.observable, row.value)) - float(middle)
    return Residual(row.study, row.thermal, off, total - part, part, slope)


def factor(residuals: Sequence[Residual]) -> float:
    """Return κ by which scatter must grow so that studies are off by what they were given, 1 to ``MOST``."""
    names = tuple(dict.fromkeys(r.study for r in residuals))
    if not names:
        return 1.0

    def excess(kappa: float) -> float:
        each = [
            float(
                np.mean([r.off**2 / (r.other + kappa**2 * r.scatter) for r in residuals if r.study == name])
            )
            for name in names
        ]
        return float(np.mean(each)) - 1.0

    if excess(1.0) <= 0.0:
        return 1.0
    if excess(MOST) >= 0.0:
        return MOST
    from scipy.optimize import brentq

    return float(brentq(excess, 1.0, MOST, xtol=1e-3))


def factors(residuals: Sequence[Residual], *, without: str = "") -> tuple[float, float]:
    """Return κ of energy and of damage from all studies but one."""
    kept = [r for r in residuals if r.study != without]
    return factor([r for r in kept if not r.thermal]), factor([r for r in kept if r.thermal])


def widened(members: Sequence[Member], kappa: tuple[float, float]) -> tuple[Member, ...]:
    """Return members whose scatter has grown."""
    energy, damage = kappa
    grown: Mapping[str, float] = {SCATTER[0]: energy, SCATTER[1]: energy, SCATTER[2]: damage}
    return tuple({**m, **{name: grown[name] * m[name] for name in SCATTER}} for m in members)
