"""Which parameter set a wavelength has: the posterior where craters were measured, else the prior."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from milia.calibration.beliefs import PRIOR_NAME, parameters_from, prior
from milia.calibration.draws import Z_90, Marginal, draw, sobol
from milia.calibration.likelihood import SCATTER_SCALES, scatter_scales
from milia.calibration.measurements import CO2_M
from milia.calibration.posterior import (
    DAMAGE_SCALE_NAME,
    ENERGY_SCALE_NAME,
    FOLDER,
    POSTERIOR_NAME,
    ParameterSet,
    copula_of,
    load_draws,
)
from milia.engine import Parameters, nominal_parameters
from milia.language import Told, told

Array = NDArray[np.float64]
SAME_WAVELENGTH = 0.01


def calibrated_at(wavelength_m: float) -> bool:
    """Say whether craters of this wavelength were calibrated against."""
    on_disk = (FOLDER / f"{POSTERIOR_NAME}.csv").exists()
    return on_disk and abs(wavelength_m - CO2_M) <= SAME_WAVELENGTH * CO2_M


@lru_cache(maxsize=4)
def parameter_set(wavelength_m: float = CO2_M) -> ParameterSet:
    """Return what uncertain parameters are drawn from at a wavelength [m]."""
    return posterior_set() if calibrated_at(wavelength_m) else prior_set(wavelength_m)


@lru_cache(maxsize=4)
def prior_set(wavelength_m: float = CO2_M) -> ParameterSet:
    """Return the prior with the prior's scatter: what is believed without a measured crater."""
    between, within, damage = scatter_scales()
    scatter = (
        _scale(ENERGY_SCALE_NAME, math.hypot(between, within), SCATTER_SCALES[0]),
        _scale(DAMAGE_SCALE_NAME, damage, SCATTER_SCALES[2]),
    )
    marginals = (*prior(wavelength_m), *scatter)
    return ParameterSet(
        name=PRIOR_NAME,
        marginals=marginals,
        correlation=np.eye(len(marginals)),
        calibrated=False,
        evidence=tuple(m.evidence for m in marginals if m.evidence),
    )


def _scale(name: str, log_sd: float, evidence: str) -> Marginal:
    return Marginal(name, "lognormal", 1.0, math.exp(Z_90 * log_sd), evidence=evidence)


@lru_cache(maxsize=2)
def posterior_set(name: str = POSTERIOR_NAME) -> ParameterSet:
    """Return the joint posterior of the CO2 wavelength as marginals and their correlation."""
    draws = load_draws(name)
    known = {m.name: m.evidence for m in prior_set().marginals}
    marginals, correlation = copula_of(draws, tuple(known))
    return ParameterSet(
        name=name,
        marginals=tuple(replace(m, evidence=known[m.name]) for m in marginals),
        correlation=correlation,
        calibrated=True,
        evidence=tuple(dict.fromkeys((*filter(None, known.values()), *draws.provenance["evidence"]))),
    )


def draw_values(count: int, *, wavelength_m: float = CO2_M, seed: int = 0) -> list[Mapping[str, float]]:
    """Return ``count`` quasi-random members of the wavelength's parameter set, with both scales."""
    chosen = parameter_set(wavelength_m)
    points = chosen.correlated(sobol(count, len(chosen.marginals), seed=seed))
    return draw(chosen.marginals, points)


def draw_parameters(count: int, *, wavelength_m: float = CO2_M, seed: int = 0) -> list[Parameters]:
    """Return the engine parameters of :func:`draw_values`."""
    return [
        parameters_from(values, wavelength_m)
        for values in draw_values(count, wavelength_m=wavelength_m, seed=seed)
    ]


def central_parameters(wavelength_m: float) -> Parameters:
    """Return the centre of a wavelength's parameter set, with the damage set that is drawn most often."""
    if not calibrated_at(wavelength_m):
        return nominal_parameters(wavelength_m)
    values = {m.name: m.centre for m in posterior_set().marginals}
    chosen = np.floor(load_draws(POSTERIOR_NAME).column("cell_death")).astype(int)
    values["cell_death"] = float(np.bincount(chosen).argmax()) + 0.5
    return parameters_from(values, wavelength_m)


def in_words(wavelength_m: float) -> Told:
    """Say what the uncertain parameters rest on, with the error that left-out studies had."""
    if not calibrated_at(wavelength_m):
        return told(
            "Ablation and plume parameters at {wavelength} µm are wide defaults that have not been "
            "calibrated against measured craters.",
            wavelength=f"{1e6 * wavelength_m:.3g}",
        )
    found = load_draws(POSTERIOR_NAME).provenance["validation"]
    return told(
        "Ablation, plume and scatter are calibrated on {rows} published measurements of {studies} studies "
        "({name}). With each study left out in turn, its crater depths were predicted with a median error of "
        "{error} %, and {covered} of {points} measured values lay inside their 90 % interval; with the "
        "scatter widened by {widened}, as it is drawn here, {covered_widened} of {points} ({share} %).",
        rows=str(found["fitted_rows"]),
        studies=str(found["studies"]),
        name=POSTERIOR_NAME,
        error=f"{found['median_depth_error_percent']:.0f}",
        covered=str(found["covered"]),
        points=str(found["points"]),
        widened=f"{found['widened_energy']:.1f}",
        covered_widened=str(found["covered_widened"]),
        share=f"{100.0 * found['covered_widened'] / found['points']:.0f}",
    )
