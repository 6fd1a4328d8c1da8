"""What is believed about the engine's uncertain parameters before any crater has been measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from milia.calibration.draws import Marginal, draw, from_quantity, sobol
from milia.engine import FROM_KNOWLEDGE, Parameters, Simulation, nominal_parameters, read_exposure
from milia.engine import simulate as simulate_central
from milia.knowledge import load_knowledge
from milia.skin import wavelength_key

PRIOR_NAME = "prior-defaults"

# the parameters that move a crater; the others' spread changes its depth by less than a grid cell
UNCERTAIN = (
    "decomposition_heat",
    "ablation_temperature",
    "boil_end",
    "plume_per_aspect",
    "water_absorption_slope",
    "dry_absorption",
    "keratin_absorption",
    "keratin_water",
    "conductivity_scale",
    "char_thickness",
    "living_damage",
)
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


def parameters_from(values: Mapping[str, float], wavelength_m: float) -> Parameters:
    """Return engine parameters with the drawn ``values`` (names of :data:`UNCERTAIN` and ``cell_death``)."""
    moved: dict[str, float | str] = {name: values[name] for name in UNCERTAIN}
    latest = values["ablation_temperature"] - BOILED_BEFORE_K
    moved["boil_end"] = min(values["boil_end"], latest)
    moved["cell_death"] = CELL_DEATH_SETS[min(int(values["cell_death"]), len(CELL_DEATH_SETS) - 1)]
    return nominal_parameters(wavelength_m).with_values(moved)


def draw_parameters(count: int, *, wavelength_m: float = 10.6e-6, seed: int = 0) -> list[Parameters]:
    """Return ``count`` quasi-random members of the prior."""
    marginals = prior(wavelength_m)
    points = sobol(count, len(marginals), seed=seed)
    return [parameters_from(values, wavelength_m) for values in draw(marginals, points)]


def simulate(
    source: object, *, seed: int = 0, progress: Callable[[float, str], None] | None = None
) -> Simulation:
    """Simulate an exposure file; where it asks for ``uncertainty``, with members drawn from the prior."""
    spec = read_exposure(source)  # type: ignore[arg-type]
    draws: Sequence[Parameters] = ()
    if spec.uncertainty:
        draws = draw_parameters(spec.uncertainty, wavelength_m=spec.beam.wavelength_m, seed=seed)
    return simulate_central(
        spec,
        draws=draws,
        parameter_sets=(PRIOR_NAME,) if draws else ("central",),
        seed=seed if draws else None,
        progress=progress,
    )
