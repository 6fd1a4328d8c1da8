"""From test shots to simulated experiments: benches, rows to compare with, and what is uncertain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.calibration.beliefs import NOT_CALIBRATED
from milia.calibration.clinic.shots import ShotFile, TestShot
from milia.calibration.design import Bench
from milia.calibration.draws import Z_90, Marginal, from_quantity, from_uncertain
from milia.calibration.emulator import coordinates
from milia.calibration.measurements import Measurement, Settings, Study
from milia.calibration.posterior import DAMAGE_SCALE_NAME, ENERGY_SCALE_NAME, ParameterSet
from milia.knowledge import load_knowledge
from milia.laser import Device, Profile

Array = NDArray[np.float64]

TOP_HAT_ORDER = 30.0
STUDY = "clinic"
WATER = {"pig": "experiment.pig.water_scale", "dermis": "experiment.pig.water_scale"}
TEMPERATURE = {"ex vivo": "experiment.excised.temperature", "in vivo": "environment.skin.surface_temperature"}


@dataclass(frozen=True)
class Compared:
    """One measured number of one shot: the bench that it is simulated on, and the row it is compared as."""

    shot: TestShot
    bench: Bench
    row: Measurement

    @property
    def label(self) -> str:
        """Name of the shot and what was measured, unique in a file."""
        return f"{self.shot.name}: {self.row.observable.replace('rtd_floor', 'thermal damage')}"


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What is believed before the shots, on coordinates that are standard normal.

    ``parameters`` and their ``correlation`` come from the parameter set; the effective energy is lognormal.
    """

    name: str
    parameters: tuple[Marginal, ...]
    correlation: Array
    log_effective: tuple[float, float]
    log_device: tuple[float, float]
    log_missed: tuple[float, float]
    damage_sd: float
    evidence: tuple[str, ...]


def beliefs_of(device: Device, known: ParameterSet) -> Beliefs:
    """Return the prior of one device: its stated delivered share, and what the simulation may miss."""
    stated = from_uncertain("delivered", device.delivered_fraction)
    device_log = _log_spread(stated)
    missed = _log_spread(_of(known, ENERGY_SCALE_NAME))
    kept = [
        j
        for j, m in enumerate(known.marginals)
        if m.name not in NOT_CALIBRATED | {ENERGY_SCALE_NAME, DAMAGE_SCALE_NAME}
    ]
    return Beliefs(
        name=known.name,
        parameters=tuple(known.marginals[j] for j in kept),
        correlation=known.correlation[np.ix_(kept, kept)],
        log_effective=(device_log[0] + missed[0], math.hypot(device_log[1], missed[1])),
        log_device=device_log,
        log_missed=missed,
        damage_sd=_log_spread(_of(known, DAMAGE_SCALE_NAME))[1],
        evidence=tuple(dict.fromkeys((*known.evidence, *filter(None, (stated.evidence,))))),
    )


def _of(known: ParameterSet, name: str) -> Marginal:
    return known.marginals[known.names.index(name)]


def _log_spread(marginal: Marginal) -> tuple[float, float]:
    """Return centre and standard deviation of the logarithm, from the central 90 %."""
    low, middle, high = np.log(marginal.quantile(np.array([0.05, 0.5, 0.95])))
    return float(middle), max(float(high - low) / (2.0 * Z_90), 1e-3)


def study_of(file: ShotFile, device: Device, *, centre: float) -> Study:
    """Return the shots' experiment: its skin, and what it leaves unsaid.

    ``centre`` is the effective share that the simulated designs spread around.
    """
    known = load_knowledge()
    water = WATER.get(file.skin, "planning.water.scale")
    return Study(
        name=STUDY,
        title="test shots of this clinic",
        skin=file.skin,
        wavelength_m=device.wavelength_m,
        conditions=(
            Marginal("delivered", "fixed", centre),
            from_quantity("temperature", known.quantity(TEMPERATURE[file.state])),
            from_quantity("water_scale", known.quantity(water)),
            from_uncertain("focus_offset", device.focus_offset),
        ),
        evidence=(TEMPERATURE[file.state], water),
    )


def compared(file: ShotFile, device: Device, study: Study) -> tuple[Compared, ...]:
    """Return every measured number with its bench and its row."""
    known = load_knowledge()
    share = known.quantity("calibration.clinic.shot_error").si
    reading = known.quantity("calibration.clinic.reading_error").si
    found = []
    for number, shot in enumerate(file.shots, start=1):
        settings = _settings(shot, device)
        for what, value in shot.values.items():
            stated = shot.sd_m if shot.sd_m is not None else share * value
            row = Measurement(
                row=number, study=STUDY, role="fit", observable=what, relation="equals", value=value,
                low=None, high=None, unit="um", log_sd=math.hypot(stated, reading) / value,
                settings=settings, reference=None, quality="A", source=file.file, peer=None, reason="",
            )  # fmt: skip
            found.append(Compared(shot, Bench(study, settings), row))
    return tuple(found)


def _settings(shot: TestShot, device: Device) -> Settings:
    dialled = shot.settings
    order = {Profile.GAUSSIAN: 2.0, Profile.TOP_HAT: TOP_HAT_ORDER}.get(device.profile, device.order)
    return (
        ("spot_diameter", dialled.spot_diameter_m),
        ("pulse_energy", dialled.pulse_energy_J),
        ("pulse_duration", dialled.pulse_duration_s),
        ("pulses", float(dialled.pulses)),
        ("interval", dialled.interval_s),
        ("profile_order", order),
        ("m2", device.m2),
    )


def benches_of(rows: Sequence[Compared]) -> tuple[Bench, ...]:
    """Return every bench once, in order of first use."""
    return tuple({one.bench.label: one.bench for one in rows}.values())


def condition_inputs(conditions: tuple[Marginal, ...]) -> int:
    """Return how many inputs of an emulator these conditions take."""
    return int(coordinates(conditions, np.full((1, len(conditions)), 0.5)).shape[1])
