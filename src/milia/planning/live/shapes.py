"""The wound's cross-section, estimated: the same table as a plan's, in a few milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.planning.evaluate import Evaluator
from milia.planning.live.prepared import Prepared
from milia.planning.live.surrogate import Surrogate
from milia.planning.picture import POINTS_ACROSS, cross_section
from milia.planning.types import Candidate

Array = NDArray[np.float64]

OFFSET_M = 4e-6  # added to depths before their logarithm
ACROSS = 0.6  # as in a plan's picture: the widest wound, and a little skin


def shapes_of(surrogate: Surrogate, coordinates: Array, pulses: int) -> tuple[Array, Array]:
    """Return depths of crater and harm after a pulse at the surrogate's radii, m [skins, radii]."""
    count = len(surrogate.radii)
    made = surrogate.shapes.at(coordinates, columns=2 * count * pulses)[:, -2 * count :]
    depths = np.maximum(np.exp(np.asarray(made, dtype=float)) - OFFSET_M, 0.0)
    return depths[:, :count], depths[:, count:]


def section(
    prepared: Prepared, coordinates: Array, rows: Array, wound: Mapping[str, Array], pulses: int
) -> dict[str, Any]:
    """Return the estimated wound over the radius, median and 5th to 95th percentile, and what it lies in."""
    spot = float(rows[0, 0])
    central = prepared.scenarios.central
    widest = max(1e6 * central.cyst.diameter_m, float(np.percentile(wound["wound_width_um"], 95)))
    r = np.linspace(0.0, ACROSS * widest, POINTS_ACROSS)
    at = 1e6 * spot * prepared.surrogate.radii
    crater, harm = shapes_of(prepared.surrogate, coordinates, pulses)
    # beyond the last radius there is neither crater nor harm
    low, middle, high = (
        np.interp(r, at, line, right=0.0) for line in 1e6 * np.percentile(crater, [5, 50, 95], axis=0)
    )
    lost = np.interp(r, at, 1e6 * np.percentile(harm, 50, axis=0), right=0.0)
    return {
        "r_um": _tidy(r),
        "crater_um": _tidy(middle),
        "crater_low_um": _tidy(low),
        "crater_high_um": _tidy(high),
        "damage_um": _tidy(lost),
        "layers": _layers(prepared),
        "cyst": {
            "diameter_um": round(1e6 * central.cyst.diameter_m, 1),
            "roof_um": round(1e6 * central.cyst.roof_m, 1),
        },
        "limit_um": round(1e6 * prepared.goals.depth_limit_m, 1),
        "hard_stop": prepared.case.lesion.site.hard_stop,
        "beam_diameter_um": round(1e6 * spot, 1),
    }


def _tidy(values: Array) -> list[float]:
    return [round(float(value), 1) for value in values]


def _layers(prepared: Prepared) -> list[dict[str, Any]]:
    made, top = [], 0.0
    for layer in prepared.scenarios.central.tissue.layers:
        bottom = top + layer.thickness_m
        made.append(
            {
                "name": layer.material.replace("_", " "),
                "top_um": round(1e6 * top, 1),
                "bottom_um": round(1e6 * bottom, 1),
            }
        )
        top = bottom
    return made


def section_of(best: Candidate, prepared: Prepared, evaluator: Evaluator) -> dict[str, Any]:
    """Return the cross-section counted by the engine."""
    return cross_section(best, prepared.case, prepared.scenarios, evaluator)
