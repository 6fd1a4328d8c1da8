"""What each measured crater must have cost, beside the energy that was fired: no engine, only enthalpies.

The crater is taken as a cylinder of the spot's area and the measured depth. Drying and decomposing dermis
takes the most per volume, throwing it out as soon as the pressure of its steam allows takes the least; both
over the prior of the parameters, with the spot as uncertain as the study leaves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from validation.ablation.stages import SEED, fitted

from milia.calibration.beliefs import parameters_from, prior
from milia.calibration.draws import draw, sobol
from milia.calibration.experiments import exposure
from milia.calibration.measurements import Measurement, study
from milia.engine.kernels.point import enthalpy_at
from milia.skin import material

Array = NDArray[np.float64]
DRAWS = 512
DEPTHS = frozenset({"depth", "total_depth"})


@dataclass(frozen=True)
class Cost:
    """One measured depth; each is (5 %, 50 %, 95 %) over the draws."""

    row: Measurement
    aspect: Array  # depth over spot
    fired: Array  # J/mm³ of the crater
    decomposed: Array  # share of the energy fired that drying and decomposing it all takes
    ejected: Array  # share that throwing it out as early as can be takes


def cost(row: Measurement) -> Cost:
    """Weigh one measured depth against the energy that was fired."""
    assert row.value is not None
    about, believed = study(row.study), prior()
    dermis = material("dermis")
    density, wet = dermis.density_kg_m3.value, dermis.water_fraction.value
    found = []
    for known in draw(
        (*believed, *about.conditions), sobol(DRAWS, len(believed) + len(about.conditions), seed=SEED)
    ):
        parameters = parameters_from(known, about.wavelength_m)
        made = exposure(about, row.settings, {**known, "energy": 1.0})
        water = density * wet * made.water_scale
        dry = (density - water) * parameters.dry_heat
        phase = parameters.phase(made.initial_K)
        train = made.train
        per_volume = train.pulse_energy_J * train.pulses * train.passes / (made.beam.area_m2 * row.value)
        found.append(
            (
                row.value / made.beam.spot_diameter_m,
                1e-9 * per_volume,
                enthalpy_at(2.0, water, dry, phase) / per_volume,
                enthalpy_at(min(parameters.ejection_share, 1.0), water, dry, phase) / per_volume,
            )
        )
    return Cost(row, *np.quantile(found, (0.05, 0.5, 0.95), axis=0).T)


def depth_rows() -> list[Measurement]:
    """Return the fitted rows that give a depth."""
    return [row for row in fitted() if row.observable in DEPTHS and row.relation == "equals"]


def balance_table(rows: Sequence[Measurement]) -> list[str]:
    """The energy that each measured crater must have taken, as Markdown."""

    def share(of: Array) -> str:
        low, middle, high = 100.0 * of
        return f"{middle:.0f} % ({low:.0f} to {high:.0f})"

    lines = [
        "| row | study | depth over spot | fired, J/mm³ | dried and decomposed it takes "
        "| thrown out it takes |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {c.row.row} | {study(c.row.study).title} | {c.aspect[1]:.1f} "
        f"| {c.fired[1]:.1f} ({c.fired[0]:.1f} to {c.fired[2]:.1f}) | {share(c.decomposed)} "
        f"| {share(c.ejected)} |"
        for c in map(cost, rows)
    ]
    return lines
