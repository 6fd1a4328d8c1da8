"""The skin: its sites, layers and cysts, and the properties of what they are made of."""

from milia.knowledge import Uncertain
from milia.skin.damage import GAS_CONSTANT_J_MOL_K, DamageSet, damage_sets
from milia.skin.optics import (
    Optics,
    absorption_coefficient,
    fresnel_reflectance,
    optics,
    water_absorption,
    wavelength_key,
)
from milia.skin.properties import density, specific_heat, thermal_conductivity
from milia.skin.sites import Site, depth_limit, site, sites
from milia.skin.tissue import (
    Cyst,
    CYST_DIAMETER_m,
    CYST_ROOF_m,
    Layer,
    Material,
    Tissue,
    material,
    materials,
    tissue_at,
)

__all__ = [
    "GAS_CONSTANT_J_MOL_K",
    "CYST_DIAMETER_m",
    "CYST_ROOF_m",
    "Cyst",
    "DamageSet",
    "Layer",
    "Material",
    "Optics",
    "Site",
    "Tissue",
    "Uncertain",
    "absorption_coefficient",
    "damage_sets",
    "density",
    "depth_limit",
    "fresnel_reflectance",
    "material",
    "materials",
    "optics",
    "site",
    "sites",
    "specific_heat",
    "thermal_conductivity",
    "tissue_at",
    "water_absorption",
    "wavelength_key",
]
