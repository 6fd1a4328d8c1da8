"""The engine's numbers in one typed place, filled from ``knowledge`` and moved by calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.engine.kernels.point import Phase, Physics
from milia.knowledge import load_knowledge
from milia.skin import GAS_CONSTANT_J_MOL_K, DamageSet, damage_sets, fresnel_reflectance, wavelength_key

NEVER_ZERO = frozenset(
    {
        *("water_heat", "dry_heat", "dry_conductivity", "conductivity_scale", "latent_heat"),
        *("water_absorption", "dry_absorption", "keratin_absorption", "char_thickness"),
        *("refractive_index", "air_heat", "lewis", "living_damage"),
        *("plume_exponent", "ejection_share", "ejection_heating"),
    }
)


@dataclass(frozen=True)
class Parameters:
    """Every uniform number of one simulation, SI, temperatures in K.

    There are no defaults: take :func:`nominal_parameters` and ``with_values`` what differs.
    """

    water_heat: float  # J/kg/K
    dry_heat: float  # J/kg/K
    water_conductivity: float  # W/m/K per kg/m³ of water
    dry_conductivity: float  # W/m/K per kg/m³ of dry matter
    conductivity_scale: float
    latent_heat: float  # J/kg
    boil_start: float
    boil_end: float
    ablation_temperature: float
    decomposition_heat: float  # J/m³
    water_absorption: float  # 1/m, of pure water at the reference temperature
    water_absorption_slope: float  # 1/m/K
    water_reference: float
    dry_absorption: float  # 1/m, living tissue without its water
    keratin_absorption: float  # 1/m, horn and cyst without their water
    keratin_water: float  # mass fraction
    char_thickness: float  # m
    char_start: float
    char_end: float
    refractive_index: float
    extinction: float
    plume_per_aspect: float
    plume_exponent: float
    ejection_share: float  # progress at which tissue is thrown out under the fiercest heating, 0 to 2
    ejection_heating: float  # W/m³
    convection: float  # W/m²/K
    emissivity: float
    air_heat: float  # J/m³/K
    lewis: float
    perfusion: float  # 1/s
    blood_density: float
    blood_heat: float
    living_damage: float  # Ω at which living tissue counts as lost
    cell_death: str  # name of the Arrhenius set that decides about living tissue
    collagen: str  # name of the set for collagen denaturation
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if not isinstance(value, (int, float)):
                continue
            if not math.isfinite(value):
                raise MiliaError(f"engine parameter {item.name} must be a finite number, not {value}")
            if item.name in NEVER_ZERO and value <= 0.0:
                raise MiliaError(f"engine parameter {item.name} must be above zero, not {value:g}")
            if item.name != "water_absorption_slope" and value < 0.0:
                raise MiliaError(f"engine parameter {item.name} must not be negative, not {value:g}")
        if self.ejection_share > 2.0:
            raise MiliaError(
                f"engine parameter ejection_share must be at most 2, not {self.ejection_share:g}"
            )

    def with_values(self, values: Mapping[str, float | str]) -> Parameters:
        """Return a copy with some fields replaced; an unknown name is refused."""
        known = {item.name for item in fields(self)}
        for name in values:
            if name not in known:
                raise MiliaError(
                    f"engine parameter {name!r} does not exist; known: {', '.join(sorted(known))}"
                )
        return replace(self, **values)  # type: ignore[arg-type]

    def phase(self, initial_K: float) -> Phase:
        """Return what the kernel needs to turn enthalpy into temperature."""
        if not self.boil_start < self.boil_end < self.ablation_temperature:
            raise MiliaError(
                "boiling must end above its start and below the ablation temperature: "
                f"{self.boil_start:.5g} K, {self.boil_end:.5g} K, {self.ablation_temperature:.5g} K"
            )
        if not self.water_heat * (self.boil_end - self.boil_start) < self.latent_heat:
            raise MiliaError(
                "heating water over the range of its boiling must take less than boiling it: "
                f"{self.boil_start:.5g} to {self.boil_end:.5g} K"
            )
        if not initial_K < self.boil_start:
            raise MiliaError(f"tissue at {initial_K:.5g} K would boil before the first pulse")
        return Phase(
            water_heat=self.water_heat,
            vapour=self.latent_heat + self.water_heat * (self.boil_start - initial_K),
            boil_start=self.boil_start - initial_K,
            boil_end=self.boil_end - initial_K,
            ablation_rise=self.ablation_temperature - initial_K,
            ablation_heat=self.decomposition_heat,
        )

    def physics(self, initial_K: float) -> Physics:
        """Return the kernel's other parameters for tissue that starts at ``initial_K``."""
        hot = self.water_absorption + self.water_absorption_slope * (self.boil_start - self.water_reference)
        if hot < 0.0:
            raise MiliaError(
                f"water at the boiling point cannot absorb {hot:.4g} 1/m: water_absorption_slope is too steep"
            )
        return Physics(
            initial_K=initial_K,
            water_conductivity=self.water_conductivity * self.conductivity_scale,
            water_absorption_per_m=self.water_absorption,
            water_absorption_slope_per_K=-self.water_absorption_slope / self.water_absorption,
            reference_rise=self.water_reference - initial_K,
            slope_limit_rise=self.boil_start - initial_K,
            char_absorption_per_m=1.0 / self.char_thickness,
            char_start_rise=self.char_start - initial_K,
            char_end_rise=self.char_end - initial_K,
            reflectance=float(fresnel_reflectance(self.refractive_index, self.extinction)),
            plume_per_aspect=self.plume_per_aspect,
            plume_exponent=self.plume_exponent,
            ejection_share=self.ejection_share,
            ejection_heating=self.ejection_heating,
            convection_W_m2K=self.convection,
            evaporation_K_m3_kg=self.latent_heat / (self.air_heat * self.lewis ** (2.0 / 3.0)),
            emissivity=self.emissivity,
            perfusion_W_m3K=self.perfusion * self.blood_density * self.blood_heat,
        )


# field of Parameters: the entry of the knowledge base behind it; {w} stands for the wavelength
FROM_KNOWLEDGE: Mapping[str, str] = {
    "water_heat": "tissue.law.specific_heat.water",
    "dry_heat": "tissue.law.specific_heat.dry",
    "water_conductivity": "tissue.law.conductivity.water_per_density",
    "dry_conductivity": "tissue.law.conductivity.dry_per_density",
    "conductivity_scale": "tissue.conductivity.scale",
    "latent_heat": "water.latent_heat",
    "boil_start": "water.boiling.start",
    "boil_end": "water.boiling.end",
    "ablation_temperature": "ablation.temperature",
    "decomposition_heat": "engine.decomposition_heat",
    "water_absorption": "optics.{w}.water.absorption",
    "water_absorption_slope": "optics.{w}.water.absorption_slope",
    "water_reference": "optics.{w}.water.reference_temperature",
    "dry_absorption": "optics.{w}.tissue.dry_absorption",
    "keratin_absorption": "optics.{w}.keratin.dry_absorption",
    "keratin_water": "tissue.keratin.water_fraction",
    "char_thickness": "ablation.char.thickness",
    "char_start": "ablation.surface_temperature.choi_1998_low",
    "char_end": "ablation.surface_temperature.choi_1998_high",
    "refractive_index": "optics.{w}.water.refractive_index",
    "extinction": "optics.{w}.water.extinction",
    "plume_per_aspect": "engine.plume_per_aspect",
    "plume_exponent": "engine.plume_exponent",
    "ejection_share": "engine.ejection_share",
    "ejection_heating": "engine.ejection_heating",
    "convection": "environment.surface.heat_transfer",
    "emissivity": "environment.surface.emissivity",
    "air_heat": "environment.air.volumetric_heat_capacity",
    "lewis": "environment.air.lewis_number",
    "perfusion": "tissue.skin.perfusion",
    "blood_density": "blood.density",
    "blood_heat": "blood.specific_heat",
    "living_damage": "engine.living_damage",
}
CELL_DEATH_SET = "henriques_moritz"
COLLAGEN_SET = "pearce_collagen"


@lru_cache(maxsize=8)
def nominal_parameters(wavelength_m: float = 10.6e-6) -> Parameters:
    """Return the central value of every parameter at one wavelength [m], with the entries behind it."""
    knowledge = load_knowledge()
    key = wavelength_key(wavelength_m)
    entries = {name: knowledge.quantity(id.format(w=key)) for name, id in FROM_KNOWLEDGE.items()}
    used = [entry.id for entry in entries.values()]
    for name in (CELL_DEATH_SET, COLLAGEN_SET):
        used.extend(damage_set(name).evidence)
    return Parameters(
        **{name: entry.si for name, entry in entries.items()},
        cell_death=CELL_DEATH_SET,
        collagen=COLLAGEN_SET,
        evidence=tuple(used),
    )


def damage_set(name: str) -> DamageSet:
    """Return one published Arrhenius set by name."""
    for item in damage_sets():
        if item.name == name:
            return item
    raise MiliaError(
        f"there is no damage set {name!r}; known: {', '.join(item.name for item in damage_sets())}"
    )


@lru_cache(maxsize=16)
def branch_array(name: str) -> NDArray[np.float64]:
    """Return a damage set as the kernel reads it: [n, 4] of T_low [K], T_high [K], ln A, Ea/R [K]."""
    rows = [
        (low, high if math.isfinite(high) else 1e9, math.log(a), ea / GAS_CONSTANT_J_MOL_K)
        for low, high, a, ea in damage_set(name).branches
    ]
    return np.array(rows, dtype=np.float64)
