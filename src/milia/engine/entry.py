"""Simulate one exposure file: central parameters, and draws of the uncertain ones when given."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from milia.engine import coverage
from milia.engine.ensemble import run_all
from milia.engine.exposure import Exposure
from milia.engine.exposure_file import ExposureSpec, exposure_from_mapping, load_exposure
from milia.engine.grid import FINE, PLANNING
from milia.engine.parameters import Parameters, nominal_parameters
from milia.engine.result import SCHEMA_VERSION, Simulation, crater_numbers
from milia.engine.solver import QUICK, Run, march, start

UNCALIBRATED = (
    "Ablation and plume parameters are wide defaults that have not been calibrated against measured craters."
)
Source = str | os.PathLike[str] | Mapping[str, Any] | ExposureSpec


def read_exposure(source: Source) -> ExposureSpec:
    """Return the exposure of a file, a mapping, or an exposure itself."""
    if isinstance(source, ExposureSpec):
        return source
    if isinstance(source, Mapping):
        return exposure_from_mapping(source, file="exposure")
    return load_exposure(source)


def fire(spec: ExposureSpec, parameters: Parameters, *, quick: bool = False) -> Run:
    """Simulate one exposure from rest; ``quick`` takes the coarser grid and steps of ensembles."""
    exposure = Exposure(spec.tissue, spec.beam, spec.train, spec.initial_temperature_K)
    state = start(exposure, parameters, rule=PLANNING if quick else FINE)
    return march(state, spec.beam, spec.train, parameters, accuracy=QUICK if quick else None)


def simulate(
    source: Source,
    *,
    draws: Sequence[Parameters] = (),
    parameter_sets: Sequence[str] = ("central",),
    seed: int | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> Simulation:
    """Simulate an exposure at central parameters and, for intervals, at each of ``draws``.

    Parameters
    ----------
    source
        Path of an EXPOSURE.yaml, a mapping with its keys, or an exposure.
    draws
        Members of the uncertain parameters; none gives point values.
    parameter_sets, seed
        What the draws come from, for the provenance.
    progress
        Called with the share done and a word.

    Returns
    -------
    Simulation
        Numbers, fields and ledger.
    """
    from milia import __version__

    spec = read_exposure(source)
    central = nominal_parameters(spec.beam.wavelength_m)
    run = fire(spec, central)
    members = run_all(
        lambda parameters: crater_numbers(fire(spec, parameters, quick=True)),
        draws,
        progress=(lambda share: progress(share, "members")) if progress else None,
    )
    evidence = tuple(dict.fromkeys((*spec.tissue.evidence, *central.evidence, *coverage.evidence())))
    return Simulation(
        exposure=spec,
        parameters=central,
        run=run,
        members=tuple(members),
        warnings=(
            UNCALIBRATED,
            *coverage.outside_measurements(spec.beam, spec.train),
            *coverage.below_the_layers(spec.tissue, run.craters[-1]),
        ),
        provenance={
            "version": __version__,
            "schema_version": SCHEMA_VERSION,
            "seed": seed,
            "parameter_sets": list(parameter_sets),
            "evidence": list(evidence),
        },
    )


def warmup() -> None:
    """Compile the kernels, or load them from the cache, by firing one tiny pulse."""
    fire(
        exposure_from_mapping(
            {
                "tissue": {"site": "cheek"},
                "laser": {
                    "wavelength": "10.6 um",
                    "spot_diameter": "120 um",
                    "profile": "gaussian",
                    "pulse_energy": "1 mJ",
                    "pulse_duration": "100 us",
                    "pulses": 1,
                    "interval": "100 ms",
                },
                "initial_temperature": "33 degC",
            },
            file="warm-up",
        ),
        nominal_parameters(),
        quick=True,
    )
