"""Simulate one exposure file: central parameters, and draws of the uncertain ones when given."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from milia.base import MiliaError
from milia.engine import coverage
from milia.engine.ensemble import run_all
from milia.engine.exposure import Exposure
from milia.engine.exposure_file import ExposureSpec, exposure_from_mapping, load_exposure
from milia.engine.grid import FINE, PLANNING
from milia.engine.parameters import Parameters, nominal_parameters
from milia.engine.result import SCHEMA_VERSION, Simulation, crater_numbers
from milia.engine.solver import QUICK, Run, march, start

if TYPE_CHECKING:
    from milia.engine.volume.result import VolumeSimulation
    from milia.engine.volume.solver import VolumeRun

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


def fire_volume(
    spec: ExposureSpec,
    parameters: Parameters,
    *,
    quick: bool = False,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> VolumeRun:
    """Simulate a three-dimensional exposure from rest; ``quick`` takes the grid and steps of ensembles."""
    from milia.engine.volume.grid import COARSE, VOLUME
    from milia.engine.volume.solver import march_volume, start_volume

    if spec.scene is None:
        raise MiliaError("this exposure is axisymmetric: it has no spots")
    exposure = Exposure(spec.tissue, spec.beam, spec.train, spec.initial_temperature_K)
    state = start_volume(exposure, spec.scene, parameters, rule=COARSE if quick else VOLUME)
    return march_volume(
        state,
        spec.scene,
        spec.beam,
        spec.train,
        parameters,
        accuracy=QUICK if quick else None,
        threads=threads,
        progress=progress,
    )


def quick_numbers(spec: ExposureSpec, parameters: Parameters) -> dict[str, float]:
    """The five reported numbers of one member of an ensemble, in the exposure's own geometry."""
    if spec.scene is None:
        return crater_numbers(fire(spec, parameters, quick=True))
    from milia.engine.volume.result import wound_numbers

    return wound_numbers(fire_volume(spec, parameters, quick=True, threads=1))


def simulate(
    source: Source,
    *,
    central: Parameters | None = None,
    calibration: str = UNCALIBRATED,
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
    central
        Parameters of fields, ledger and point values; the knowledge base's own where not given.
    calibration
        What the result says that these parameters rest on.
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
    central = central or nominal_parameters(spec.beam.wavelength_m)
    evidence = tuple(dict.fromkeys((*spec.tissue.evidence, *central.evidence, *coverage.evidence())))
    provenance = {
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
        "seed": seed,
        "parameter_sets": list(parameter_sets),
        "evidence": list(evidence),
    }
    told = (calibration, *coverage.outside_measurements(spec.beam, spec.train))
    if spec.scene is not None:
        return _simulate_volume(spec, central, draws, told, provenance, progress)
    run = fire(spec, central)
    members = run_all(
        lambda parameters: quick_numbers(spec, parameters),
        draws,
        progress=(lambda share: progress(share, "members")) if progress else None,
    )
    return Simulation(
        exposure=spec,
        parameters=central,
        run=run,
        members=tuple(members),
        warnings=(*told, *coverage.below_the_layers(spec.tissue, run.craters[-1])),
        provenance=provenance,
    )


def _simulate_volume(
    spec: ExposureSpec,
    central: Parameters,
    draws: Sequence[Parameters],
    told: tuple[str, ...],
    provenance: Mapping[str, Any],
    progress: Callable[[float, str], None] | None,
) -> VolumeSimulation:
    from milia.engine.volume.result import VolumeSimulation

    run = fire_volume(spec, central, progress=(lambda share: progress(share, "pulses")) if progress else None)
    members = run_all(
        lambda parameters: quick_numbers(spec, parameters),
        draws,
        progress=(lambda share: progress(share, "members")) if progress else None,
    )
    return VolumeSimulation(
        exposure=spec,
        parameters=central,
        run=run,
        members=tuple(members),
        warnings=(*told, *coverage.below_the_layers(spec.tissue, run.wound)),
        provenance=provenance,
    )


def warmup() -> None:
    """Compile the kernels, or load them from the cache, by firing one tiny pulse in each geometry."""
    pulse: dict[str, Any] = {
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
    }
    fire(exposure_from_mapping(pulse, file="warm-up"), nominal_parameters(), quick=True)
    edge = {"distance": "0.1 mm", "side": "+x"}
    for more in ({}, {"aim": {"tilt": "20 deg"}, "edge": edge}):
        solid = exposure_from_mapping({**pulse, "geometry": "3d", **more}, file="warm-up")
        fire_volume(solid, nominal_parameters(), quick=True)
