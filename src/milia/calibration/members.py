"""Simulate an exposure file with members drawn from what is known of the uncertain parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from milia.calibration.beliefs import parameters_from
from milia.calibration.discrepancy import with_damage, with_energy
from milia.calibration.posterior import DAMAGE_SCALE_NAME, ENERGY_SCALE_NAME
from milia.calibration.sets import calibrated_at, draw_values, in_words, parameter_set
from milia.engine import UNCALIBRATED, ExposureSpec, Simulation, fire, read_exposure, run_all
from milia.engine import simulate as simulate_central

Progress = Callable[[float, str], None]


def simulate(source: object, *, seed: int = 0, progress: Progress | None = None) -> Simulation:
    """Simulate an exposure file; where it asks for ``uncertainty``, with members of the parameter set.

    A member has its own parameters, its own factor on the energy and its own factor on thermal damage: what
    the engine was found to miss. Fields, ledger and pulses are those of the central parameters.
    """
    spec = read_exposure(source)  # type: ignore[arg-type]
    central = simulate_central(spec)
    if not spec.uncertainty:
        return central
    wavelength = spec.beam.wavelength_m
    drawn = draw_values(spec.uncertainty, wavelength_m=wavelength, seed=seed)
    members = run_all(
        lambda values: member(spec, values),
        drawn,
        progress=(lambda share: progress(share, "members")) if progress else None,
    )
    chosen = parameter_set(wavelength)
    said = in_words(wavelength) if calibrated_at(wavelength) else UNCALIBRATED
    evidence = tuple(dict.fromkeys((*central.provenance["evidence"], *chosen.evidence)))
    return replace(
        central,
        members=tuple(members),
        warnings=tuple(said if warning == UNCALIBRATED else warning for warning in central.warnings),
        provenance={
            **central.provenance,
            "seed": seed,
            "parameter_sets": [chosen.name],
            "evidence": list(evidence),
        },
    )


def member(spec: ExposureSpec, values: Mapping[str, float]) -> dict[str, float]:
    """Return the five reported numbers of one drawn member."""
    run = fire(
        with_energy(spec, values[ENERGY_SCALE_NAME]),
        parameters_from(values, spec.beam.wavelength_m),
        quick=True,
    )
    crater = with_damage(run.craters[-1], values[DAMAGE_SCALE_NAME])
    return {
        "crater_depth_um": 1e6 * crater.depth,
        "crater_width_um": 1e6 * crater.width,
        "rtd_floor_um": 1e6 * crater.rtd_floor,
        "rtd_wall_um": 1e6 * crater.rtd_wall,
        "peak_temperature_degC": run.peak_degC,
    }
