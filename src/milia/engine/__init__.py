"""Light, heat, water loss, ablation and damage: one exposure in, one crater out.

Names are resolved on first use, so that reading an exposure file does not load the compiled kernels.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from milia.engine.coverage import outside_measurements
    from milia.engine.ensemble import run_all, workers
    from milia.engine.entry import UNCALIBRATED, fire, quick_numbers, read_exposure, simulate, warmup
    from milia.engine.exposure import Exposure
    from milia.engine.exposure_file import ExposureSpec, exposure_from_mapping, load_exposure
    from milia.engine.gpu import Ensemble, Member, find_card, run_ensemble
    from milia.engine.grid import FINE, PLANNING, Grid, GridRule
    from milia.engine.measure import Crater
    from milia.engine.movie import check_movie_target
    from milia.engine.parameters import FROM_KNOWLEDGE, Parameters, damage_set, nominal_parameters
    from milia.engine.result import Simulation
    from milia.engine.solver import QUICK, Accuracy, Run, march, start, wipe
    from milia.engine.state import Ledger, State
    from milia.engine.storage import check_fields_target

_WHERE = {
    "coverage": ("outside_measurements",),
    "ensemble": ("run_all", "workers"),
    "entry": ("UNCALIBRATED", "fire", "quick_numbers", "read_exposure", "simulate", "warmup"),
    "exposure": ("Exposure",),
    "exposure_file": ("ExposureSpec", "exposure_from_mapping", "load_exposure"),
    "gpu": ("Ensemble", "Member", "find_card", "run_ensemble"),
    "grid": ("FINE", "PLANNING", "Grid", "GridRule"),
    "measure": ("Crater",),
    "movie": ("check_movie_target",),
    "parameters": ("FROM_KNOWLEDGE", "Parameters", "damage_set", "nominal_parameters"),
    "result": ("Simulation",),
    "solver": ("QUICK", "Accuracy", "Run", "march", "start", "wipe"),
    "state": ("Ledger", "State"),
    "storage": ("check_fields_target",),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "FINE",
    "FROM_KNOWLEDGE",
    "PLANNING",
    "QUICK",
    "UNCALIBRATED",
    "Accuracy",
    "Crater",
    "Ensemble",
    "Exposure",
    "ExposureSpec",
    "Grid",
    "GridRule",
    "Ledger",
    "Member",
    "Parameters",
    "Run",
    "Simulation",
    "State",
    "check_fields_target",
    "check_movie_target",
    "damage_set",
    "exposure_from_mapping",
    "find_card",
    "fire",
    "load_exposure",
    "march",
    "nominal_parameters",
    "outside_measurements",
    "quick_numbers",
    "read_exposure",
    "run_all",
    "run_ensemble",
    "simulate",
    "start",
    "warmup",
    "wipe",
    "workers",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
