"""The simulated skins of a case: every uncertain input drawn together, quasi-randomly and reproducibly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from milia.base import Measured, format_measured, format_quantity, format_range
from milia.calibration import (
    CELL_DEATH_SETS,
    DAMAGE_SCALE_NAME,
    ENERGY_SCALE_NAME,
    Marginal,
    device_set,
    draw,
    from_quantity,
    from_uncertain,
    measured,
    parameters_from,
    sobol,
)
from milia.engine import Parameters, damage_set
from milia.knowledge import load_knowledge
from milia.language import Told, told
from milia.planning.case import Case
from milia.planning.goals import Goals
from milia.planning.limits import ZERO_degC
from milia.skin import Cyst, CYST_DIAMETER_m, CYST_ROOF_m, Tissue, depth_limit, tissue_at

Array = NDArray[np.float64]

LABELS: Mapping[str, str] = {
    "roof": told("roof thickness"),
    "diameter": told("cyst diameter"),
    "total": told("skin thickness"),
    "epidermis": told("epidermal thickness"),
    "stratum_corneum": told("stratum corneum thickness"),
    "water_scale": told("water content of the skin"),
    "delivered": told("delivered energy"),
    "pulse_spread": told("pulse-to-pulse energy"),
    "focus": told("focus"),
    "aim": told("aim off the cyst's centre"),
    "temperature": told("skin temperature"),
    "decomposition_heat": told("heat of ablation"),
    "ablation_temperature": told("ablation temperature"),
    "boil_end": told("boiling range"),
    "plume_per_aspect": told("loss in plume and walls"),
    "plume_exponent": told("loss in plume and walls of deep channels"),
    "ejection_share": told("boiling before ejection"),
    "ejection_heating": told("heating that ejects"),
    "water_absorption_slope": told("hot water's absorption"),
    "dry_absorption": told("dry tissue's absorption"),
    "keratin_absorption": told("keratin's absorption"),
    "keratin_water": told("keratin's water"),
    "conductivity_scale": told("heat conduction"),
    "char_thickness": told("char"),
    "living_damage": told("damage threshold"),
    "cell_death": told("damage set"),
    "energy_scale": told("what the simulation misses of the depth"),
    "damage_scale": told("what the simulation misses of thermal damage"),
}
# what a clinic can measure, and how
MEASURABLE: Mapping[str, str] = {
    "roof": told("optical coherence tomography or high-frequency ultrasound of the lesion"),
    "diameter": told("a calibrated dermoscopic photograph or ultrasound"),
    "total": told("high-frequency ultrasound beside the lesion"),
    "delivered": told("a power meter at the handpiece"),
    "focus": told("the guide's tip or a burn-paper test at the working distance"),
    "aim": told("marks on burn paper, each against its aiming point"),
    ENERGY_SCALE_NAME: told("test shots of this laser with measured depth, for `milia calibrate`"),
}
UNITS: Mapping[str, str] = {
    "roof": "m",
    "diameter": "m",
    "total": "m",
    "delivered": "1",
    "focus": "m",
    "aim": "m",
    ENERGY_SCALE_NAME: "1",
}
# skin below 60 % or above 160 % of what was measured is a measuring error, not a scenario
TOTAL_SHARE = (0.6, 1.6)
EPIDERMIS_OF_TOTAL = 0.6
AIM_ID = "planning.aim.offset"
RAYLEIGH_POINTS = 64
# skins of each named scenario: the first ones drawn, with what the scenario says in place of their own
NAMED_SKINS = 16
# how many looks each skin has its luck drawn for, and the stream it is drawn from
MOST_LOOKS = 12
LOOKS_STREAM = 1


@dataclass(frozen=True)
class Scenario:
    """One simulated skin with its cyst, its laser and its physics; SI.

    ``energy_scale`` and ``damage_scale`` are factors on the energy and on thermal damage: how far measured
    craters were found to lie from simulated ones. ``aim_m`` is how far off the cyst's centre the beam lands.
    """

    tissue: Tissue
    cyst: Cyst
    parameters: Parameters
    delivered: float
    focus_m: float
    initial_K: float
    water_scale: float
    depth_limit_m: float
    lateral_limit_m: float
    severe_depth_m: float
    opening_goal_m: float
    healing: float  # where in the healing ranges this patient lies, 0 to 1
    energy_scale: float = 1.0
    damage_scale: float = 1.0
    name: str = ""  # a named scenario's own; those drawn have none
    weight: float = 0.0  # a named scenario's probability; those drawn share what is left
    aim_m: float = 0.0
    total_m: float = math.inf
    epidermis_m: float = 0.0
    dermis_limit_m: float = math.inf  # depth below which too little of the dermis is left
    collateral_limit_m: float = math.inf
    heat_limit_K: float = math.inf
    look: tuple[float, ...] = ()  # luck of the look after each pulse, 0 to 1; none given: it never errs


@dataclass(frozen=True, eq=False)
class Scenarios:
    """All scenarios of a case, and the table of what was drawn, one column for each input."""

    items: tuple[Scenario, ...]
    central: Scenario
    marginals: Mapping[str, Marginal]
    inputs: Mapping[str, Array]
    uncertain: tuple[str, ...]
    evidence: tuple[str, ...]
    parameter_set: str
    named: tuple[Scenario, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def spread_in_words(self, name: str) -> Told:
        """Say what the plan knows of a measurable input: ``"50 µm to 150 µm assumed"``."""
        marginal, unit = self.marginals[name], UNITS[name]
        if name == ENERGY_SCALE_NAME:
            low, high = (100.0 * _digits(end, 2) for end in marginal.band)
            own = "+" in self.parameter_set  # a calibrated device adds its name
            return told(
                "{low} to {high} % of the energy, from {whose}",
                low=f"{low:.0f}",
                high=f"{high:.0f}",
                whose=told("this laser's own craters") if own else told("published craters of other lasers"),
            )
        known = self._spread(name, marginal, unit)
        if marginal.evidence:
            return told("{spread} assumed", spread=known)
        return told("{spread} measured", spread=known)

    def _spread(self, name: str, marginal: Marginal, unit: str) -> str:
        low, high = marginal.band
        if unit == "1":
            return told("{low} to {high} %", low=f"{100.0 * low:.0f}", high=f"{100.0 * high:.0f}")
        if name == "aim":
            spread = format_quantity(_digits(marginal.b), unit)
            return told("{spread} along each direction", spread=spread)
        if marginal.kind == "normal" and marginal.a == 0.0:
            return f"0 ± {format_quantity(_digits(marginal.b), unit)}"
        if marginal.kind == "normal":
            return format_measured(Measured(_digits(marginal.a), _digits(marginal.b, 2)), unit)
        first, last = format_range(_digits(low), _digits(high), unit).split(" to ")
        return told("{low} to {high}", low=first, high=last)


def _digits(value: float, count: int = 3) -> float:
    return float(f"{value:.{count}g}")


def _marginals(case: Case) -> tuple[Marginal, ...]:
    lesion, site, device = case.lesion, case.lesion.site, case.device
    known = load_knowledge()
    own_total = case.skin_total
    roof = lesion.roof
    return (
        measured("roof", roof.value, roof.sd, low=CYST_ROOF_m[0], high=CYST_ROOF_m[1])
        if roof
        else from_uncertain("roof", site.roof_m),
        measured(
            "diameter",
            lesion.diameter.value,
            lesion.diameter.sd,
            low=CYST_DIAMETER_m[0],
            high=CYST_DIAMETER_m[1],
        ),
        measured(
            "total",
            own_total.value,
            own_total.sd,
            low=TOTAL_SHARE[0] * own_total.value,
            high=TOTAL_SHARE[1] * own_total.value,
        )
        if own_total
        else from_uncertain("total", site.total_m),
        from_uncertain("epidermis", site.epidermis_m),
        from_uncertain("stratum_corneum", site.stratum_corneum_m),
        from_quantity("water_scale", known.quantity("planning.water.scale")),
        from_uncertain("delivered", device.delivered_fraction),
        measured("pulse_spread", 0.0, device.energy_spread.value, low=-0.5, high=0.5),
        from_uncertain("focus", device.focus_offset),
        from_quantity("temperature", known.quantity("environment.skin.surface_temperature")),
        Marginal("healing", "uniform", 0.0, 1.0),
        _aim(case),
    )


def _aim(case: Case) -> Marginal:
    """Return how far off the centre shots land: normal along two directions, hence Rayleigh in distance."""
    default = load_knowledge().quantity(AIM_ID)
    spread, evidence = (default.si, AIM_ID) if case.aim_m is None else (case.aim_m, "")
    if not spread:
        return Marginal("aim", "fixed", 0.0, evidence=evidence)
    shares = (np.arange(RAYLEIGH_POINTS) + 0.5) / RAYLEIGH_POINTS
    table = spread * np.sqrt(-2.0 * np.log1p(-shares))
    return Marginal("aim", "empirical", 0.0, spread, evidence=evidence, table=tuple(float(v) for v in table))


def _scenario(values: Mapping[str, float], case: Case, goals: Goals) -> Scenario:
    diameter, total = values["diameter"], values["total"]
    epidermis = min(values["epidermis"], EPIDERMIS_OF_TOTAL * total)
    corneum = min(values["stratum_corneum"], 0.8 * epidermis)
    collateral = goals.limit("collateral")
    cyst = Cyst(diameter_m=diameter, roof_m=values["roof"])
    tissue = tissue_at(
        case.lesion.site, stratum_corneum_m=corneum, epidermis_m=epidermis, total_m=total, cyst=cyst
    )
    return Scenario(
        tissue=tissue,
        cyst=cyst,
        parameters=parameters_from(values, case.device.wavelength_m),
        delivered=values["delivered"] * (1.0 + values["pulse_spread"]),
        focus_m=values["focus"],
        initial_K=values["temperature"],
        water_scale=values["water_scale"],
        depth_limit_m=_depth_limit(total, goals),
        lateral_limit_m=diameter + 2.0 * goals.limit("lateral").stop,
        severe_depth_m=goals.severe_depth_m,
        opening_goal_m=min(goals.opening_m, 0.95 * diameter),
        healing=values["healing"],
        energy_scale=values[ENERGY_SCALE_NAME],
        damage_scale=values[DAMAGE_SCALE_NAME],
        aim_m=values["aim"],
        total_m=total,
        epidermis_m=epidermis,
        dermis_limit_m=total - goals.limit("dermis").stop * (total - epidermis),
        collateral_limit_m=collateral.stop if collateral.applies else math.inf,
        heat_limit_K=goals.limit("heat").stop + ZERO_degC,
    )


def _depth_limit(total: float, goals: Goals) -> float:
    """Return what a skin of this thickness may lose: the site's rule, or the depth that somebody set."""
    limit = goals.limit("depth")
    return depth_limit(total) if limit.stop_set_by == "knowledge" else limit.stop


def make_scenarios(case: Case, goals: Goals, *, count: int, seed: int) -> Scenarios:
    """Return ``count`` scenarios of a case, the same for the same seed, and the central one."""
    known = device_set(case.device)
    own = _marginals(case)
    marginals = (*own, *known.marginals)
    points = sobol(count, len(marginals), seed=seed)
    points[:, len(own) :] = known.correlated(points[:, len(own) :])
    drawn = draw(marginals, points)
    centre = {m.name: m.centre for m in marginals} | {"cell_death": 0.0, "pulse_spread": 0.0, "aim": 0.0}
    uncertain = tuple(m.name for m in marginals if not m.certain and m.name in LABELS)
    luck = np.random.default_rng([seed, LOOKS_STREAM]).random((count, MOST_LOOKS))
    looks = [tuple(row) for row in luck.tolist()]
    items = tuple(
        replace(_scenario(values, case, goals), look=look) for values, look in zip(drawn, looks, strict=True)
    )
    shown = min(NAMED_SKINS, count)
    evidence = (
        *(m.evidence for m in marginals if m.evidence),
        *known.evidence,
        *(id for name in CELL_DEATH_SETS for id in damage_set(name).evidence),
    )
    return Scenarios(
        items=items,
        central=_scenario(centre, case, goals),
        marginals={m.name: m for m in marginals},
        inputs={m.name: np.array([values[m.name] for values in drawn]) for m in marginals},
        uncertain=uncertain,
        evidence=tuple(dict.fromkeys((*items[0].tissue.evidence, *items[0].parameters.evidence, *evidence))),
        parameter_set=known.name,
        named=tuple(
            replace(
                _scenario({**values, **one.inputs}, case, goals),
                name=one.name,
                weight=one.weight / shown,
                look=look,
            )
            for one in case.named
            for values, look in zip(drawn[:shown], looks, strict=False)
        ),
    )
