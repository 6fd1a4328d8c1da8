"""How deep a train may come at most: what the grid has to hold, from energy alone."""

from __future__ import annotations

import math

from milia.engine.exposure import Exposure
from milia.engine.parameters import Parameters
from milia.skin import Material, material

WIDER_THAN_THE_SPOT = 1.5  # craters are at most about this much wider than the 1/e² diameter
MARGIN = 1.2  # heat left by earlier pulses makes later ones cheaper


def _price(kind: Material, parameters: Parameters, irradiance: float, initial_K: float) -> float:
    """Enthalpy [J/m³] that lets this material go under this irradiance [W/m²]."""
    density, wet = kind.density_kg_m3.value, kind.water_fraction.value
    water, dry = density * wet, density * (1.0 - wet)
    mu = parameters.water_absorption * water / 1000.0 + parameters.dry_absorption
    needed = parameters.ejected_at(irradiance * mu)
    boiled, spent = min(needed, 1.0), max(needed - 1.0, 0.0)
    hot = parameters.ablation_temperature if spent > 0.0 else parameters.boil_start
    heat = dry * parameters.dry_heat * (hot - initial_K)
    steam = parameters.latent_heat + parameters.water_heat * (parameters.boil_start - initial_K)
    return heat + boiled * water * steam + spent * parameters.decomposition_heat


def expected_reach(exposure: Exposure, parameters: Parameters) -> float:
    """Return a depth [m] that the front does not pass: all light at the axis, nothing conducted away.

    Integrates dF/dz = H(z) exp(p aspectⁿ) down the layers, H the enthalpy per volume at which each leaves.
    """
    beam, train = exposure.beam, exposure.train
    left = beam.peak_fluence(train.pulse_energy_J) * train.pulses * train.passes
    peak = 2.0 if train.shape == "triangular" else 1.0
    irradiance = peak * beam.peak_fluence(train.pulse_energy_J) / train.pulse_duration_s
    width = WIDER_THAN_THE_SPOT * beam.spot_diameter_m
    kinds = [material(layer.material) for layer in exposure.tissue.layers]
    if exposure.tissue.cyst:
        kinds = [*kinds, material("keratin")]
    z = 0.0
    while True:
        through = math.exp(-parameters.plume_per_aspect * (z / width) ** parameters.plume_exponent)
        price = min(_price(kind, parameters, irradiance * through, exposure.initial_K) for kind in set(kinds))
        dz = max(10e-6, 0.02 * z)
        cost = price * dz / through
        if cost >= left:
            return MARGIN * (z + dz * left / cost)
        left -= cost
        z += dz
