"""Simulate an exposure file with what is known of the uncertain parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from milia.calibration.beliefs import parameters_from
from milia.calibration.discrepancy import with_energy
from milia.calibration.posterior import DAMAGE_SCALE_NAME, ENERGY_SCALE_NAME
from milia.calibration.sets import central_parameters, draw_values, in_words, parameter_set
from milia.engine import ExposureSpec, Simulation, quick_numbers, read_exposure, run_all
from milia.engine import simulate as simulate_central

Progress = Callable[[float, str], None]


def simulate(source: object, *, seed: int = 0, progress: Progress | None = None) -> Simulation:
    """Simulate an exposure file; where it asks for ``uncertainty``, with members of the parameter set.

    A member has its own parameters, its own factor on the energy and its own factor on thermal damage: what
    the engine was found to miss. Fields, ledger and pulses are those of the set's central parameters.
    """
    spec = read_exposure(source)  # type: ignore[arg-type]
    wavelength = spec.beam.wavelength_m
    chosen = parameter_set(wavelength)
    central = simulate_central(
        spec,
        central=central_parameters(wavelength),
        calibration=in_words(wavelength),
        parameter_sets=(chosen.name if spec.uncertainty else f"{chosen.name} (centre)",),
        seed=seed if spec.uncertainty else None,
    )
    evidence = tuple(dict.fromkeys((*central.provenance["evidence"], *chosen.evidence)))
    members = run_all(
        lambda values: member(spec, values),
        draw_values(spec.uncertainty, wavelength_m=wavelength, seed=seed) if spec.uncertainty else (),
        progress=(lambda share: progress(share, "members")) if progress else None,
    )
    return replace(
        central, members=tuple(members), provenance={**central.provenance, "evidence": list(evidence)}
    )


def member(spec: ExposureSpec, values: Mapping[str, float]) -> dict[str, float]:
    """Return the five reported numbers of one drawn member."""
    numbers = quick_numbers(
        with_energy(spec, values[ENERGY_SCALE_NAME]), parameters_from(values, spec.beam.wavelength_m)
    )
    for name in ("rtd_floor_um", "rtd_wall_um"):
        numbers[name] *= values[DAMAGE_SCALE_NAME]
    return numbers
