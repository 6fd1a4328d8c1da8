"""Fire the design with the engine, on the grid and with the steps of a plan's counting stage."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.calibration import CELL_DEATH_SETS, UNCERTAIN, with_damage
from milia.engine import Crater, Exposure, march, nominal_parameters, start
from milia.laser import Beam, PulseTrain
from milia.planning.aim import harm_off_centre, opening_off_centre
from milia.planning.live.inputs import COLUMN, WAVELENGTH_M
from milia.planning.outcomes import BRISK, COUNTING, may_go_through
from milia.skin import Cyst, Layer, Tissue

Array = NDArray[np.float64]
PULSES = 5
DEPTH_M = 3.0e-3
# radii at which profiles are kept, in spot diameters
RADII = (0.0, 0.08, 0.16, 0.24, 0.32, 0.4, 0.48, 0.56, 0.64, 0.74, 0.86, 1.0)
NUMBERS = ("depth", "width", "opening", "harm_depth", "wound_width", "rtd_floor", "rtd_wall", "warm_K")
SIZE = len(NUMBERS) + 2 * len(RADII)


class Setup(NamedTuple):
    """What one row of inputs stands for."""

    exposure: Exposure
    cyst: Cyst
    parameters: object


def set_up(row: Array, pulses: int) -> Setup:
    """Return the exposure that a row of inputs describes."""
    x = {name: float(row[number]) for name, number in COLUMN.items()}
    cyst = Cyst(diameter_m=x["diameter"], roof_m=x["roof"])
    papillary = x["papillary"] * (x["total"] - x["epidermis"])
    layers = [
        Layer("stratum_corneum", x["corneum"]),
        Layer("epidermis", x["epidermis"] - x["corneum"]),
        Layer("papillary_dermis", papillary),
        Layer("dermis", x["total"] - x["epidermis"] - papillary),
    ]
    if x["total"] < DEPTH_M:
        layers.append(Layer("fat", DEPTH_M - x["total"]))
    death = next(name for name in CELL_DEATH_SETS if x[f"death_{name}"] > 0.5)
    parameters = nominal_parameters(WAVELENGTH_M).with_values(
        {**{name: x[name] for name in UNCERTAIN}, "cell_death": death}
    )
    beam = Beam(spot_diameter_m=x["spot"], wavelength_m=WAVELENGTH_M, focus_offset_m=x["focus"], m2=x["m2"])
    train = PulseTrain(
        pulse_energy_J=x["energy"], pulse_duration_s=x["duration"], pulses=pulses, interval_s=x["interval"]
    )
    exposure = Exposure(Tissue(tuple(layers), cyst), beam, train, x["temperature"], x["water_scale"])
    return Setup(exposure, cyst, parameters)


def fired(row: Array, pulses: int, misses: tuple[tuple[float, float], ...]) -> Array:
    """Fire one train; return [misses, PULSES, SIZE] of outcomes in SI, NaN after the last fired pulse.

    ``misses`` are factors on thermal damage, each with a distance of the beam from the cyst's centre [m].
    After a train that could go through the bottom, rows are +∞.
    """
    what = set_up(row, pulses)
    depths = [0.0]

    def enough(crater: Crater) -> bool:
        depths.append(crater.depth)
        return may_go_through(depths)

    made = np.full((len(misses), PULSES, SIZE), np.nan)
    try:
        state = start(what.exposure, what.parameters, rule=COUNTING)  # type: ignore[arg-type]
        run = march(
            state, what.exposure.beam, what.exposure.train, what.parameters, accuracy=BRISK, enough=enough
        )  # type: ignore[arg-type]
    except MiliaError:
        return made
    spot = what.exposure.beam.spot_diameter_m
    for f, (factor, aim) in enumerate(misses):
        for n, simulated in enumerate(run.craters):
            made[f, n] = numbers(
                with_damage(simulated, factor), what.cyst, aim, spot, run.history.hottest_degC[2 * n + 2]
            )
        if may_go_through(depths):
            made[f, len(run.craters) : pulses] = np.inf
    return made


def numbers(crater: Crater, cyst: Cyst, aim_m: float, spot_m: float, warm_degC: float) -> Array:
    """Return what is kept of one crater."""
    r = np.array(RADII) * spot_m
    return np.array(
        [
            crater.depth,
            crater.width,
            opening_off_centre(crater, cyst, aim_m),
            harm_off_centre(crater, cyst, aim_m),
            crater.wound_width,
            crater.rtd_floor,
            crater.rtd_wall,
            warm_degC + 273.15,
            *np.interp(r, crater.r, crater.surface),
            *np.interp(r, crater.r, crater.harm),
        ]
    )
