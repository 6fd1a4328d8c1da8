"""What measurements say about the uncertain parameters: prior, calibration, posterior.

Names are resolved on first use, so that drawing from a parameter set does not load what calibrates one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from milia.calibration.beliefs import CELL_DEATH_SETS, PRIOR_NAME, UNCERTAIN, parameters_from, prior
    from milia.calibration.clinic.profile import named_device, profile_text
    from milia.calibration.clinic.result import DeviceCalibration
    from milia.calibration.clinic.run import calibrate_device
    from milia.calibration.clinic.shots import read_shots
    from milia.calibration.clinic.treated import TreatedLesion
    from milia.calibration.device_set import device_set
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
    "device_set": ("device_set",),
    "clinic.profile": ("named_device", "profile_text"),
    "clinic.result": ("DeviceCalibration",),
    "clinic.run": ("calibrate_device",),
    "clinic.shots": ("read_shots",),
    "clinic.treated": ("TreatedLesion",),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "CELL_DEATH_SETS",
    "DAMAGE_SCALE_NAME",
    "ENERGY_SCALE_NAME",
    "POSTERIOR_NAME",
    "PRIOR_NAME",
    "UNCERTAIN",
    "DeviceCalibration",
    "Draws",
    "Marginal",
    "ParameterSet",
    "TreatedLesion",
    "calibrate_device",
    "calibrated_at",
    "device_set",
    "draw",
    "draw_parameters",
    "draw_values",
    "engine_digest",
    "from_quantity",
    "from_uncertain",
    "in_words",
    "load_draws",
    "measured",
    "named_device",
    "parameter_set",
    "parameters_from",
    "prior",
    "prior_set",
    "profile_text",
    "read_shots",
    "simulate",
    "sobol",
    "with_damage",
    "with_energy",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = found  # a module of the same name has just taken the name's place
    return found
