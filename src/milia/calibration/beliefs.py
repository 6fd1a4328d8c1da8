"""What is believed about the engine's uncertain parameters before any crater has been measured."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from milia.calibration.draws import Marginal, from_quantity
from milia.engine import FROM_KNOWLEDGE, Parameters, nominal_parameters
from milia.knowledge import load_knowledge
from milia.skin import wavelength_key

PRIOR_NAME = "prior-defaults"

# the parameters that move a crater; the others' spread changes its depth by less than a grid cell
UNCERTAIN = (
    "decomposition_heat",
    "ablation_temperature",
    "boil_end",
    "plume_per_aspect",
    "plume_exponent",
    "ejection_share",
    "ejection_heating",
    "water_absorption_slope",
    "dry_absorption",
    "keratin_absorption",
    "keratin_water",
    "conductivity_scale",
    "char_thickness",
    "living_damage",
)
# the keratin of a cyst moves no crater in plain skin beyond its horn: its numbers stay as they were believed
NOT_CALIBRATED = frozenset({"keratin_absorption", "keratin_water"})
CALIBRATED = tuple(name for name in UNCERTAIN if name not in NOT_CALIBRATED)
# published sets for the death of living tissue, taken as equally likely
CELL_DEATH_SETS = ("henriques_moritz", "mcmillan", "weaver_stoll", "takata")
# the end of boiling is drawn below the ablation temperature by at least this much
BOILED_BEFORE_K = 30.0


@lru_cache(maxsize=8)
def prior(wavelength_m: float = 10.6e-6) -> tuple[Marginal, ...]:
    """Return the independent prior of every uncertain engine parameter, plus the choice of damage set."""
    knowledge = load_knowledge()
    key = wavelength_key(wavelength_m)
    marginals = [
        from_quantity(name, knowledge.quantity(FROM_KNOWLEDGE[name].format(w=key))) for name in UNCERTAIN
    ]
    return (*marginals, Marginal("cell_death", "uniform", 0.0, float(len(CELL_DEATH_SETS))))


def calibrated_prior(wavelength_m: float = 10.6e-6) -> tuple[Marginal, ...]:
    """Return the prior of what measured craters can tell, the choice of damage set last."""
    return tuple(m for m in prior(wavelength_m) if m.name not in NOT_CALIBRATED)


def complete(values: Mapping[str, float]) -> Mapping[str, float]:
    """Return drawn values with the centres of what is not calibrated, where they lack it."""
    return {**{m.name: m.centre for m in prior() if m.name in NOT_CALIBRATED}, **values}


def parameters_from(values: Mapping[str, float], wavelength_m: float) -> Parameters:
    """Return engine parameters with the drawn ``values`` (names of :data:`UNCERTAIN` and ``cell_death``)."""
    moved: dict[str, float | str] = {name: values[name] for name in UNCERTAIN}
    latest = values["ablation_temperature"] - BOILED_BEFORE_K
    moved["boil_end"] = min(values["boil_end"], latest)
    moved["cell_death"] = CELL_DEATH_SETS[min(int(values["cell_death"]), len(CELL_DEATH_SETS) - 1)]
    return nominal_parameters(wavelength_m).with_values(moved)
