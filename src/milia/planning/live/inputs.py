"""What the surrogate is asked: one row of numbers for a simulated skin under a shot, and its coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from milia.calibration import CELL_DEATH_SETS, UNCERTAIN
from milia.engine import nominal_parameters
from milia.laser import Device
from milia.planning.outcomes import Shot
from milia.planning.scenarios import Scenario
from milia.skin import material

Array = NDArray[np.float64]

# SI; ``energy`` is what reaches the skin, ``papillary`` the papillary dermis as a share of the dermis
SHOT_INPUTS = ("spot", "energy", "duration", "interval", "focus", "m2")
SKIN_INPUTS = (
    *("diameter", "roof", "total", "epidermis", "corneum", "papillary", "water_scale", "temperature"),
    *UNCERTAIN,
    "damage_scale",
    "aim",
)
INPUTS = (*SHOT_INPUTS, *SKIN_INPUTS, *(f"death_{name}" for name in CELL_DEATH_SETS))
COLUMN = {name: number for number, name in enumerate(INPUTS)}
LOGARITHMIC = (
    *("spot", "duration", "interval", "m2", "diameter", "roof", "total", "epidermis", "corneum"),
    *("decomposition_heat", "ejection_share", "ejection_heating", "dry_absorption", "keratin_absorption"),
    "damage_scale",
)
AS_IS = (
    *(
        "papillary",
        "water_scale",
        "temperature",
        "aim",
        "ablation_temperature",
        "boil_end",
        "plume_per_aspect",
    ),
    *("plume_exponent", "water_absorption_slope", "keratin_water", "conductivity_scale", "char_thickness"),
    "living_damage",
    *(f"death_{name}" for name in CELL_DEATH_SETS),
)
COORDINATES = len(LOGARITHMIC) + len(AS_IS) + 9
WAVELENGTH_M = 10.6e-6


def skin_row(scenario: Scenario) -> Array:
    """Return the inputs that belong to a simulated skin, [len(INPUTS)]; those of the shot are 0.

    ``focus`` and, as the factor on the displayed energy, ``energy`` belong to it too.
    """
    layers = {layer.material: layer.thickness_m for layer in scenario.tissue.layers}
    corneum = layers["stratum_corneum"]
    epidermis = corneum + layers["epidermis"]
    dermis = layers["papillary_dermis"] + layers.get("dermis", 0.0)
    row = np.zeros(len(INPUTS))
    values = {
        "energy": scenario.delivered * scenario.energy_scale,
        "focus": scenario.focus_m,
        "diameter": scenario.cyst.diameter_m,
        "roof": scenario.cyst.roof_m,
        "total": epidermis + dermis,
        "epidermis": epidermis,
        "corneum": corneum,
        "papillary": layers["papillary_dermis"] / dermis,
        "water_scale": scenario.water_scale,
        "temperature": scenario.initial_K,
        "damage_scale": scenario.damage_scale,
        "aim": scenario.aim_m,
        f"death_{scenario.parameters.cell_death}": 1.0,
        **{name: float(getattr(scenario.parameters, name)) for name in UNCERTAIN},
    }
    for name, value in values.items():
        row[COLUMN[name]] = value
    return row


def under(skins: Array, shot: Shot, device: Device) -> Array:
    """Return the rows of skins under a shot, [skins, len(INPUTS)]."""
    rows = skins.copy()
    rows[:, COLUMN["spot"]] = shot.spot_diameter_m
    rows[:, COLUMN["energy"]] *= shot.pulse_energy_J
    rows[:, COLUMN["duration"]] = shot.pulse_duration_s
    rows[:, COLUMN["interval"]] = shot.interval_s
    rows[:, COLUMN["m2"]] = device.m2
    return rows


def skins_of(scenarios: Sequence[Scenario]) -> Array:
    """Return the skin rows of scenarios, [n, len(INPUTS)]."""
    return np.array([skin_row(scenario) for scenario in scenarios]).reshape(len(scenarios), len(INPUTS))


def coordinates(rows: Array) -> Array:
    """Return the network's inputs, [n, COORDINATES]: mostly logarithms, and a few that physics suggests.

    Those are the fluence, how far the beam is out of its focus, and the energy balance that decides how
    deep tissue goes under a given irradiance: the price of a volume of dermis and of keratin.
    """
    x = {name: rows[:, number] for name, number in COLUMN.items()}
    area = 0.25 * np.pi * x["spot"] ** 2
    rayleigh = area / (x["m2"] * WAVELENGTH_M)
    away = x["focus"] / rayleigh
    fluence = x["energy"] / area
    dermis, keratin = _prices(x, fluence / x["duration"])
    return np.column_stack(
        [
            *(np.log(x[name]) for name in LOGARITHMIC),
            *(x[name] for name in AS_IS),
            np.log(fluence),
            np.log1p(away**2),
            away,
            np.log(dermis),
            np.log(keratin),
            np.log(fluence / dermis / x["roof"]),
            np.log(fluence / keratin / x["diameter"]),
            x["aim"] / x["spot"],
            x["aim"] / x["diameter"],
        ]
    )


def _prices(x: dict[str, Array], irradiance: Array) -> tuple[Array, Array]:
    """Return the enthalpy [J/m³] at which dermis and keratin go under an irradiance [W/m²]."""
    known = nominal_parameters(WAVELENGTH_M)
    vapour = known.latent_heat + known.water_heat * (known.boil_start - x["temperature"])
    made = []
    for name, dry_absorption in (
        ("papillary_dermis", x["dry_absorption"]),
        ("keratin", x["keratin_absorption"]),
    ):
        kind = material(name)
        density = kind.density_kg_m3.value
        wet = (
            x["keratin_water"]
            if name == "keratin"
            else np.minimum(kind.water_fraction.value * x["water_scale"], 1.0)
        )
        absorption = known.water_absorption * density * wet / 1000.0 + dry_absorption
        dry = density * (1.0 - wet) * known.dry_heat
        heating = irradiance * absorption / x["ejection_heating"]
        needed = x["ejection_share"] + (2.0 - x["ejection_share"]) / (1.0 + heating)
        steam = np.minimum(needed, 1.0) * density * wet * vapour
        after = np.maximum(needed - 1.0, 0.0) * x["decomposition_heat"]
        drying = np.where(needed > 1.0, dry * (x["ablation_temperature"] - known.boil_start), 0.0)
        made.append(dry * (known.boil_start - x["temperature"]) + steam + drying + after)
    return made[0], made[1]
