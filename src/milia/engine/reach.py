"""How deep a train may come at most: what the grid has to hold, from energy alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from milia.engine.exposure import Exposure
from milia.engine.parameters import Parameters
from milia.skin import Material, material

WIDER_THAN_THE_SPOT = 1.5  # craters are at most about this much wider than the 1/e² diameter
MARGIN = 1.2  # heat left by earlier pulses makes later ones cheaper


@dataclass(frozen=True)
class _Price:
    """What a cubic metre of one material costs: to boiling, all its steam, from there to decomposition."""

    absorption: float
    heating: float
    steam: float
    drying: float

    @classmethod
    def of(cls, kind: Material, parameters: Parameters, initial_K: float) -> _Price:
        density, wet = kind.density_kg_m3.value, kind.water_fraction.value
        water, dry = density * wet, density * (1.0 - wet) * parameters.dry_heat
        vapour = parameters.latent_heat + parameters.water_heat * (parameters.boil_start - initial_K)
        return cls(
            absorption=parameters.water_absorption * water / 1000.0 + parameters.dry_absorption,
            heating=dry * (parameters.boil_start - initial_K),
            steam=water * vapour,
            drying=dry * (parameters.ablation_temperature - parameters.boil_start),
        )

    def at(self, irradiance: float, parameters: Parameters) -> float:
        """Enthalpy [J/m³] that lets the material go under ``irradiance`` [W/m²]."""
        heating = irradiance * self.absorption / parameters.ejection_heating
        needed = parameters.ejection_share + (2.0 - parameters.ejection_share) / (1.0 + heating)
        if needed <= 1.0:
            return self.heating + needed * self.steam
        return self.heating + self.steam + self.drying + (needed - 1.0) * parameters.decomposition_heat


def expected_reach(exposure: Exposure, parameters: Parameters) -> float:
    """Return a depth [m] that the front does not pass: all light at the axis, nothing conducted away.

    Integrates dF/dz = H exp(p aspectⁿ) downwards, H the price per volume of the tissue's cheapest material.
    """
    beam, train = exposure.beam, exposure.train
    fluence = beam.peak_fluence(train.pulse_energy_J)
    left = fluence * train.pulses * train.passes
    irradiance = (2.0 if train.shape == "triangular" else 1.0) * fluence / train.pulse_duration_s
    width = WIDER_THAN_THE_SPOT * beam.spot_diameter_m
    names = dict.fromkeys(layer.material for layer in exposure.tissue.layers)
    if exposure.tissue.cyst:
        names["keratin"] = None
    prices = [_Price.of(material(name), parameters, exposure.initial_K) for name in names]
    z = 0.0
    while True:
        through = math.exp(-parameters.plume_per_aspect * (z / width) ** parameters.plume_exponent)
        price = min(kind.at(irradiance * through, parameters) for kind in prices)
        dz = max(20e-6, 0.03 * z)
        cost = price * dz / through
        if cost >= left:
            return MARGIN * (z + dz * left / cost)
        left -= cost
        z += dz
