"""What measurements say about the uncertain parameters: prior, calibration, posterior.

Names are resolved on first use, so that drawing from a parameter set does not load what calibrates one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from milia.calibration.beliefs import CELL_DEATH_SETS, PRIOR_NAME, UNCERTAIN, parameters_from, prior
    from milia.calibration.discrepancy import with_damage, with_energy
    from milia.calibration.draws import Marginal, draw, from_quantity, from_uncertain, measured, sobol
    from milia.calibration.fingerprint import engine_digest
    from milia.calibration.members import simulate
    from milia.calibration.posterior import (
        DAMAGE_SCALE_NAME,
        ENERGY_SCALE_NAME,
        POSTERIOR_NAME,
        Draws,
        ParameterSet,
        load_draws,
    )
    from milia.calibration.sets import (
        calibrated_at,
        draw_parameters,
        draw_values,
        in_words,
        parameter_set,
        prior_set,
    )

_WHERE = {
    "discrepancy": ("with_damage", "with_energy"),
    "draws": ("Marginal", "draw", "from_quantity", "from_uncertain", "measured", "sobol"),
    "posterior": (
        "DAMAGE_SCALE_NAME",
        "ENERGY_SCALE_NAME",
        "POSTERIOR_NAME",
        "Draws",
        "ParameterSet",
        "load_draws",
    ),
    "beliefs": ("CELL_DEATH_SETS", "PRIOR_NAME", "UNCERTAIN", "parameters_from", "prior"),
    "sets": ("calibrated_at", "draw_parameters", "draw_values", "in_words", "parameter_set", "prior_set"),
    "members": ("simulate",),
    "fingerprint": ("engine_digest",),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "CELL_DEATH_SETS",
    "DAMAGE_SCALE_NAME",
    "ENERGY_SCALE_NAME",
    "POSTERIOR_NAME",
    "PRIOR_NAME",
    "UNCERTAIN",
    "Draws",
    "Marginal",
    "ParameterSet",
    "calibrated_at",
    "draw",
    "draw_parameters",
    "draw_values",
    "engine_digest",
    "from_quantity",
    "from_uncertain",
    "in_words",
    "load_draws",
    "measured",
    "parameter_set",
    "parameters_from",
    "prior",
    "prior_set",
    "simulate",
    "sobol",
    "with_damage",
    "with_energy",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
