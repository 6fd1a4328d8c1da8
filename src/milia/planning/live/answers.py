"""One answer to one slider: p_open, p_harm, the wound and its cross-section, in milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.base import Interval
from milia.language import told
from milia.laser import Settings
from milia.planning.evaluate import Evaluator, share_range
from milia.planning.live.inputs import coordinates
from milia.planning.live.prepared import Prepared, check_pulses
from milia.planning.live.shapes import section, section_of
from milia.planning.live.surrogate import OutsideRangeError
from milia.planning.live.verdicts import lengths_of, raw_outputs, shares, verdicts_of
from milia.planning.outcomes import Shot, Stop

Array = NDArray[np.float64]

ENGINE_SKINS = 64
DIGITS = 4
NAMES = ("p_open", "p_harm", "p_severe")
WOUND = {
    "opening_um": "opening",
    "crater_depth_um": "depth",
    "rtd_floor_um": "rtd_floor",
    "rtd_wall_um": "rtd_wall",
    "harm_depth_um": "harm_depth",
    "wound_width_um": "wound_width",
}


@dataclass(frozen=True)
class Live:
    """What one setting does, quickly.

    ``estimate`` is true where the surrogate answered, with ``error`` the bound that 95 % of its probabilities
    keep; false where the engine counted. ``ranges`` are 90 % intervals from the number of skins, widened by
    that bound. ``pulses`` has the three probabilities after each pulse up to the last.
    """

    settings: Settings
    p_open: float
    p_harm: float
    p_severe: float
    ranges: Mapping[str, tuple[float, float]]
    predicted: Mapping[str, Interval]
    pulses: tuple[Mapping[str, float], ...]
    cross_section: Mapping[str, Any]
    inside: bool
    estimate: bool
    error: Mapping[str, float]
    scenarios: int
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "settings": self.settings.to_dict(),
            "p_open": self.p_open,
            "p_harm": self.p_harm,
            "p_severe": self.p_severe,
            "ranges": {name: list(ends) for name, ends in self.ranges.items()},
            "predicted": {name: value.to_dict() for name, value in self.predicted.items()},
            "pulses": [dict(row) for row in self.pulses],
            "cross_section": dict(self.cross_section),
            "inside": self.inside,
            "estimate": self.estimate,
            "error": dict(self.error),
            "scenarios": self.scenarios,
            "notes": list(self.notes),
        }


def answer(prepared: Prepared, shot: Shot, pulses: int = 1, *, engine: bool = True) -> Live:
    """Say what a setting does to the case.

    Parameters
    ----------
    prepared
        The case, from :func:`prepare`.
    shot, pulses
        What is fired, and how often.
    engine
        Whether the engine may answer where the surrogate refuses; that takes about a second.

    Returns
    -------
    Live
        An estimate, or with ``estimate`` false a count of the engine and a note why.

    Raises
    ------
    OutsideRangeError
        With ``engine=False``: naming what lies outside the surrogate's range, and the range.
    """
    try:
        return _estimated(prepared, shot, pulses)
    except OutsideRangeError as refusal:
        if not engine:
            raise
        return _counted(prepared, shot, pulses, note=prepared.note or refusal.told())


def _estimated(prepared: Prepared, shot: Shot, pulses: int) -> Live:
    if prepared.refused is not None:
        if isinstance(prepared.refused, OutsideRangeError):
            raise prepared.refused
        raise OutsideRangeError(prepared.refused.problem, key=prepared.refused.key)
    check_pulses(pulses)
    if shot.looked:
        raise OutsideRangeError(
            "the fast estimate was not trained for a look between pulses; the full engine can answer",
            key="looked",
            value="true",
            accepted="false",
        )
    surrogate, limits = prepared.surrogate, prepared.limits
    rows, moved = prepared.rows(shot)
    x = coordinates(rows)
    outputs = raw_outputs(surrogate, x, pulses)
    found = shares(verdicts_of(outputs, rows, limits, surrogate), limits.weight)
    bound = {name: float(surrogate.errors[name]) for name in NAMES}
    last = {name: _rounded(value) for name, value in zip(NAMES, found[-1], strict=True)}
    wound = lengths_of(outputs, rows, pulses)
    notes = [
        told(
            "Estimated by a trained surrogate of the engine; 95 % of its probabilities lie within {opening} "
            "(opening) and {harm} (harm) of the engine's.",
            opening=f"{bound['p_open']:.2f}",
            harm=f"{bound['p_harm']:.2f}",
        )
    ]
    if prepared.left_out:
        notes.append(
            told(
                "{count} simulated skins lie outside the surrogate's range and are left out.",
                count=str(prepared.left_out),
            )
        )
    if moved:
        notes.append(
            told(
                "{share} % of the skins are answered with the most or least energy it knows.",
                share=f"{100 * moved:.0f}",
            )
        )
    return Live(
        settings=settings_of(shot, pulses),
        **last,
        ranges={name: _widened(last[name], len(rows), bound[name]) for name in NAMES},
        predicted={name: _interval(values, limits.weight) for name, values in wound.items()},
        pulses=tuple(
            {"pulses": n, **{name: _rounded(v) for name, v in zip(NAMES, row, strict=True)}}
            for n, row in enumerate(found, start=1)
        ),
        cross_section=section(prepared, x, rows, wound, pulses),
        inside=_inside(prepared, last),
        estimate=True,
        error=bound,
        scenarios=len(rows),
        notes=tuple(notes),
    )


def _counted(prepared: Prepared, shot: Shot, pulses: int, *, note: str) -> Live:
    """Count with the engine in the first skins of the case."""
    case, scenarios = prepared.case, prepared.scenarios
    evaluator = Evaluator(
        case.device, scenarios.items, prepared.goals, pulses, stop=Stop.NEVER, named=scenarios.named
    )
    count = min(ENGINE_SKINS, len(scenarios.items))
    evaluator.ensure([shot], count)
    table = [evaluator.candidate(shot, n) for n in range(1, pulses + 1)]
    best, rows = table[-1], evaluator.outcomes(shot)
    last = {name: _rounded(getattr(best, name)) for name in NAMES}
    return Live(
        settings=settings_of(shot, pulses),
        **last,
        ranges={name: _widened(last[name], count, 0.0) for name in NAMES},
        predicted={
            name: _interval(
                np.array([1e6 * getattr(row, key)[-1] for row in rows]), np.full(count, 1.0 / count)
            )
            for name, key in WOUND.items()
        },
        pulses=tuple(
            {"pulses": n, **{name: _rounded(getattr(row, name)) for name in NAMES}}
            for n, row in enumerate(table, start=1)
        ),
        cross_section=section_of(best, prepared, evaluator),
        inside=best.inside,
        estimate=False,
        error=dict.fromkeys(NAMES, 0.0),
        scenarios=count,
        notes=(note, told("Counted by the engine in {count} simulated skins.", count=str(count))),
    )


def settings_of(shot: Shot, pulses: int) -> Settings:
    """Return the device settings of a shot."""
    return Settings(
        pulse_energy_J=shot.pulse_energy_J,
        pulse_duration_s=shot.pulse_duration_s,
        spot_diameter_m=shot.spot_diameter_m,
        pulses=pulses,
        interval_s=shot.interval_s,
        passes=1,
    )


def _inside(prepared: Prepared, last: Mapping[str, float]) -> bool:
    goals = prepared.goals
    return (
        last["p_open"] >= goals.p_open_min
        and last["p_harm"] <= goals.p_harm_max
        and last["p_severe"] <= goals.p_severe_max
    )


def _rounded(share: float) -> float:
    return round(float(np.clip(share, 0.0, 1.0)), DIGITS)


def _widened(share: float, count: int, bound: float) -> tuple[float, float]:
    low, high = share_range(round(share * count), count)
    return _rounded(low - bound), _rounded(high + bound)


def _interval(values: Array, weight: Array) -> Interval:
    order = np.argsort(values, kind="stable")
    at = np.cumsum(weight[order]) - 0.5 * weight[order]
    low, middle, high = np.interp([0.05, 0.5, 0.95], at, values[order])
    return Interval(round(float(low), 1), round(float(middle), 1), round(float(high), 1))
