"""Write the posterior of all studies as the parameter set that simulations and plans draw from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from validation.ablation import widen
from validation.ablation.stages import ALL, SEED, Effort, Fold, fitted

from milia import __version__
from milia.calibration.beliefs import NOT_CALIBRATED, prior
from milia.calibration.draws import sobol
from milia.calibration.likelihood import SCATTER
from milia.calibration.measurements import read_measurements, study
from milia.calibration.posterior import (
    DAMAGE_SCALE_NAME,
    ENERGY_SCALE_NAME,
    POSTERIOR_NAME,
    Draws,
    write_draws,
)


def draws_of(
    folds: Mapping[str, Fold], told: Mapping[str, Any], made_with: Mapping[str, Any], effort: Effort
) -> Draws:
    """Return the draws of the fold that leaves nothing out, scatter turned into factors, with provenance."""
    kappa = (told["widened_energy"], told["widened_damage"])
    members = widen.widened(folds[ALL].members, kappa)
    rng = np.random.default_rng(SEED)
    columns: dict[str, np.ndarray] = {}
    for marginal in prior():
        if marginal.name in NOT_CALIBRATED:
            place = sorted(NOT_CALIBRATED).index(marginal.name)
            columns[marginal.name] = marginal.quantile(sobol(len(members), 2, seed=SEED)[:, place])
        else:
            columns[marginal.name] = np.array([member[marginal.name] for member in members])
    between, within, damage = (np.array([member[name] for member in members]) for name in SCATTER)
    normal = rng.standard_normal((3, len(members)))
    columns[ENERGY_SCALE_NAME] = np.exp(between * normal[0] + within * normal[1])
    columns[DAMAGE_SCALE_NAME] = np.exp(damage * normal[2])
    columns |= dict(zip(SCATTER, (between, within, damage), strict=True))
    return Draws(
        POSTERIOR_NAME,
        tuple(columns),
        np.column_stack(list(columns.values())),
        _provenance(folds[ALL], told, made_with, effort),
    )


def _provenance(
    fold: Fold, told: Mapping[str, Any], made_with: Mapping[str, Any], effort: Effort
) -> dict[str, Any]:
    rows = fitted()
    studies = [study(name) for name in dict.fromkeys(row.study for row in rows)]
    shown = (
        "fitted_rows", "studies", "depth_rows", "median_depth_error_percent", "points", "covered",
        "covered_widened", "widened_energy", "widened_damage",
        "damage_rows", "damage_within_factor",
    )  # fmt: skip
    return {
        "version": __version__,
        "wavelength_um": 10.6,
        "rows": sorted({row.row for row in rows}),
        "rows_not_fitted": sorted({row.row for row in read_measurements()} - {row.row for row in rows}),
        "evidence": [s.evidence[0] for s in studies],
        "not_calibrated": sorted(NOT_CALIBRATED),
        "made_with": dict(made_with),
        "sampler": {
            "seed": SEED,
            "design_points": 2 * effort.design,
            "walkers": effort.final.walkers,
            "burn": effort.final.burn,
            "steps": effort.final.steps,
            **fold.diagnostics,
        },
        "validation": {
            key: round(told[key], 2) if isinstance(told[key], float) else told[key] for key in shown
        },
    }


def publish(
    folds: Mapping[str, Fold], told: Mapping[str, Any], made_with: Mapping[str, Any], effort: Effort
) -> Draws:
    """Write the parameter set into the package."""
    draws = draws_of(folds, told, made_with, effort)
    assert all(math.isfinite(value) for value in draws.values.ravel())
    write_draws(draws)
    return draws
