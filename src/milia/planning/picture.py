"""The data behind the plan's pictures: the response to energy, what each pulse adds, the cross-section."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.base import Interval
from milia.planning.case import Case
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.outcomes import Outcome, Shot
from milia.planning.scenarios import Scenarios
from milia.planning.types import Candidate

Array = NDArray[np.float64]
POINTS_ACROSS = 121


def _um(value: float) -> float:
    return round(1e6 * value, 1)


def _share(value: float) -> float:
    return round(value, 4)


def spread_um(values: Sequence[float]) -> dict[str, float]:
    """Return the 90 % interval of lengths, in µm."""
    return {key: round(value, 1) for key, value in Interval.of([1e6 * v for v in values]).to_dict().items()}


def response(
    best: Candidate, line: Sequence[Shot], evaluator: Evaluator, *, recommended: bool
) -> tuple[dict[str, Any], dict[str, float] | None]:
    """Return opening and harm over the energies of one spot, and how far the energy may drift.

    Everything but the energy, and the pulse duration that goes with it, is as in ``best``.
    """
    settings = best.settings.to_dict()
    rows = [evaluator.candidate(shot, best.settings.pulses) for shot in line]
    fixed = {key: settings[key] for key in ("spot_diameter_um", "pulses", "interval_ms", "passes")}
    curve = {
        "axis": "pulse_energy_mJ",
        "unit": "mJ",
        "fixed": fixed,
        "strategy": best.strategy,
        "points": [
            {
                "x": row.settings.to_dict()["pulse_energy_mJ"],
                "p_open": _share(row.p_open),
                "p_harm": _share(row.p_harm),
                "p_severe": _share(row.p_severe),
                "p_open_range": [_share(v) for v in row.p_open_range],
                "p_harm_range": [_share(v) for v in row.p_harm_range],
                "inside": row.inside,
                "scenarios": row.scenarios,
            }
            for row in rows
        ],
        "recommended": settings["pulse_energy_mJ"] if recommended else None,
    }
    return curve, margin_of(rows, best) if recommended else None


def margin_of(rows: Sequence[Candidate], best: Candidate) -> dict[str, float]:
    """Return how far below and above the recommended energy the window goes on, in percent and mJ.

    ``rows`` are the simulated energies of one spot and number of pulses, ascending.
    """
    energies = [row.settings.pulse_energy_J for row in rows]
    here = energies.index(best.settings.pulse_energy_J)
    low = high = here
    while low > 0 and rows[low - 1].inside:
        low -= 1
    while high + 1 < len(rows) and rows[high + 1].inside:
        high += 1
    return {
        "down_percent": round(100.0 * (1.0 - energies[low] / energies[here]), 1),
        "up_percent": round(100.0 * (energies[high] / energies[here] - 1.0), 1),
        "lowest_mJ": round(1e3 * energies[low], 6),
        "highest_mJ": round(1e3 * energies[high], 6),
    }


def pulse_rows(best: Candidate, evaluator: Evaluator) -> tuple[dict[str, Any], ...]:
    """Return what every number of pulses of the chosen shot does, in all scenarios."""
    shot = shot_of(best)
    rows = evaluator.outcomes(shot)
    table = []
    for number in range(1, evaluator.pulses + 1):
        candidate = evaluator.candidate(shot, number)
        table.append(
            {
                "pulses": number,
                "p_open": _share(candidate.p_open),
                "p_harm": _share(candidate.p_harm),
                "opening_um": spread_um([row.opening[number - 1] for row in rows]),
                "crater_depth_um": spread_um([row.depth[number - 1] for row in rows]),
            }
        )
    return tuple(table)


def cross_section(best: Candidate, case: Case, scenarios: Scenarios, evaluator: Evaluator) -> dict[str, Any]:
    """Return the wound over the radius, median and 5th to 95th percentile, and what it lies in."""
    rows = evaluator.outcomes(shot_of(best))
    number = best.settings.pulses - 1
    diameter = scenarios.central.cyst.diameter_m
    widest = max(diameter, *(row.wound_width[number] for row in rows))
    r = np.linspace(0.0, 0.6 * widest, POINTS_ACROSS)
    surface = np.array([_on(r, row, number, "surface") for row in rows])
    harm = np.array([_on(r, row, number, "harm") for row in rows])
    low, middle, high = np.percentile(surface, [5, 50, 95], axis=0)
    central = scenarios.central
    return {
        "r_um": [_um(value) for value in r],
        "crater_um": [_um(value) for value in middle],
        "crater_low_um": [_um(value) for value in low],
        "crater_high_um": [_um(value) for value in high],
        "damage_um": [_um(value) for value in np.percentile(harm, 50, axis=0)],
        "layers": _layers(scenarios),
        "cyst": {"diameter_um": _um(diameter), "roof_um": _um(central.cyst.roof_m)},
        "limit_um": _um(evaluator.goals.depth_limit_m),
        "hard_stop": case.lesion.site.hard_stop,
        "beam_diameter_um": _um(best.settings.spot_diameter_m),
    }


def _on(r: Array, row: Outcome, number: int, name: str) -> Array:
    crater = row.craters[number]
    return np.asarray(np.interp(r, crater.r, getattr(crater, name)))


def _layers(scenarios: Scenarios) -> list[dict[str, Any]]:
    layers, top = [], 0.0
    for layer in scenarios.central.tissue.layers:
        bottom = top + layer.thickness_m
        layers.append(
            {"name": layer.material.replace("_", " "), "top_um": _um(top), "bottom_um": _um(bottom)}
        )
        top = bottom
    return layers
