"""Calibrate one device from its test shots, and from recorded outcomes where there are any."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError
from milia.calibration.clinic.bench import Compared, beliefs_of, compared, condition_inputs, study_of
from milia.calibration.clinic.check import Checked, predictive
from milia.calibration.clinic.doubts import Aside, absurd, sort_out
from milia.calibration.clinic.fit import ClinicPosterior, Scan, data_of, scan, simulated
from milia.calibration.clinic.lesions import OutcomeFindings, learn_from
from milia.calibration.clinic.result import (
    DeviceCalibration,
    Learnt,
    correlation_of,
    learnt_parameters,
    summary_of,
)
from milia.calibration.clinic.shots import ShotFile
from milia.calibration.clinic.treated import TreatedLesion
from milia.calibration.likelihood import SCATTER_SCALES, scatter_scales
from milia.calibration.posterior import ParameterSet
from milia.calibration.sampling import Sampler, sample
from milia.calibration.sets import parameter_set
from milia.laser import Device

Array = NDArray[np.float64]
Progress = Callable[[float, str], None]

FEW = 3
R_HAT_MOST = 1.05
IDS = tuple(
    f"calibration.clinic.{name}"
    for name in ("shot_error", "reading_error", "lone_shot", "group_ratio", "group_evidence")
)


CHAIN = Sampler(walkers=64, burn=500, steps=800)


@dataclass(frozen=True)
class Effort:
    """How much is simulated and sampled: design points, chain, and samples that are fired again."""

    design: int = 112
    check: int = 40
    outcome: int = 128
    sampler: Sampler = CHAIN


def calibrate_device(
    file: ShotFile,
    device: Device,
    *,
    lesions: Sequence[TreatedLesion] = (),
    seed: int = 0,
    effort: Effort | None = None,
    known: ParameterSet | None = None,
    progress: Progress | None = None,
) -> DeviceCalibration:
    """Return what test shots and outcomes say about a device.

    Parameters
    ----------
    file, device
        The shots, and whose they are.
    lesions
        Treated lesions with what was recorded of them.
    seed
        Of designs and chain; the same input and seed give the same answer.
    effort
        How much is simulated.
    known
        The parameter set to begin with; that of the device's wavelength by default.
    progress
        Called with the share done and a word for the stage.

    Returns
    -------
    DeviceCalibration
        Every number in it that is compared with a measured one comes from the engine; emulators only steer
        the sampler.

    Raises
    ------
    InputError
        If nothing usable is left, or the shots fall into two groups that contradict each other.
    """
    effort = effort or Effort()
    tell = _stages(progress)
    beliefs = beliefs_of(device, known or parameter_set(device.wavelength_m))
    about = study_of(file, device, centre=1.0)
    rows = compared(file, device, about)
    scans = scan(rows, beliefs, progress=tell("trying energies", 0.0, 0.08))
    senseless = absurd(rows, scans)
    around = _centre(rows, scans, senseless, file)
    about = study_of(file, device, centre=math.exp(around))
    rows = _without(compared(file, device, about), senseless)
    designs = simulated(
        rows, beliefs, count=effort.design, seed=seed, progress=tell("simulating the shots", 0.08, 0.45)
    )
    data = data_of(
        rows, designs, parameters=len(beliefs.parameters), progress=tell("training emulators", 0.45, 0.55)
    )
    conditions = tuple(m for m in about.conditions if m.name != "delivered")
    within = scatter_scales()[1]
    said, strays = sort_out(
        data, rows, beliefs, condition_inputs(conditions), around=around, within=within, file=file.file
    )
    rows = _without(rows, strays)
    kept = {one.label for one in rows}
    posterior = ClinicPosterior(
        beliefs, conditions, tuple(d for d in data if d.label in kept), within, around
    )
    tell("sampling", 0.55, 0.75)(0.0)
    chain = sample(posterior, posterior.dimensions, seed=seed, sampler=effort.sampler)
    findings = (
        learn_from(
            lesions,
            device,
            np.asarray(posterior.log_effective(chain.samples)),
            beliefs,
            count=effort.outcome,
            seed=seed,
            progress=tell("simulating treated lesions", 0.75, 0.9),
        )
        if lesions
        else None
    )
    samples = _reweighted(chain.samples, findings, seed=seed)
    picked = samples[np.linspace(0, len(samples) - 1, effort.check).astype(int)]
    checked = predictive(
        posterior, picked, rows, seed=seed + 1, progress=tell("firing the calibrated laser", 0.9, 1.0)
    )
    learnt = learnt_parameters(posterior, samples)
    return DeviceCalibration(
        device=device.name,
        title=device.title,
        file=file.file,
        parameter_set=beliefs.name,
        seed=seed,
        shots=len({one.shot.name for one in rows}),
        tissue=f"{file.skin} skin, {file.state}".replace("dermis skin", "dermis"),
        left_out=file.left_out,
        aside=(*senseless, *strays),
        implied=said,
        checked=checked,
        summary=summary_of(posterior, samples),
        learnt=learnt,
        correlation=correlation_of(posterior, samples),
        outcomes=findings,
        shots_alone=summary_of(posterior, chain.samples).after if findings else None,
        diagnostics={**chain.diagnostics(), "emulator_error": round(max(d.curve.error for d in data), 4)},
        warnings=_warnings(rows, checked, learnt, chain.r_hat, file, device),
        evidence=tuple(dict.fromkeys((*beliefs.evidence, *about.evidence, *IDS, *SCATTER_SCALES))),
    )


def _centre(
    rows: Sequence[Compared], scans: Sequence[Scan], senseless: Sequence[Aside], file: ShotFile
) -> float:
    """Return the ln ε that most of the usable numbers say at central parameters; none usable is refused."""
    gone = {one.label for one in senseless}
    said = [
        seen.log_effective(one.row.value)
        for one, seen in zip(rows, scans, strict=True)
        if one.label not in gone and one.row.value is not None
    ]
    if not said or len(gone) > len(said):
        raise InputError(
            f"{'no' if not said else 'hardly any'} shot can be used: "
            f"{'; '.join(f'{a.label}: {a.why}' for a in senseless)}",
            file=file.file,
            accepted="craters that this laser can make, in µm",
        )
    return float(np.median(said))


def _without(rows: tuple[Compared, ...], gone: Sequence[Aside]) -> tuple[Compared, ...]:
    names = {one.label for one in gone}
    return tuple(one for one in rows if one.label not in names)


def _reweighted(samples: Array, findings: OutcomeFindings | None, *, seed: int) -> Array:
    """Return the chain's samples, drawn again by how likely they make the outcomes."""
    if findings is None or not findings.joined:
        return samples
    weight = np.exp(findings.log_likelihood - findings.log_likelihood.max())
    edges = np.cumsum(weight) / weight.sum()
    # one random number for all draws: systematic resampling keeps the chain's order
    at = (np.arange(len(samples)) + np.random.default_rng(seed).random()) / len(samples)
    return samples[np.minimum(np.searchsorted(edges, at), len(samples) - 1)]


def _warnings(
    rows: Sequence[Compared],
    checked: Sequence[Checked],
    learnt: Sequence[Learnt],
    r_hat: float,
    file: ShotFile,
    device: Device,
) -> tuple[str, ...]:
    shots = len({one.shot.name for one in rows})
    found = []
    if shots < FEW:
        found.append(
            f"Only {shots} shot{'s' if shots > 1 else ''}: the answer is wide and rests mostly on what was "
            f"believed before. {FEW} or more at different energies would narrow it."
        )
    if len({one.shot.settings.pulse_energy_J for one in rows}) == 1 and shots >= FEW:
        found.append("All shots have one energy: whether the simulation follows others is unseen.")
    if any(one.shot.sd_m is None for one in rows):
        found.append("Shots without sd_um were given the default error of a clinic's measurement.")
    missed = [one.label for one in checked if not one.inside]
    if len(missed) > max(1, 0.34 * len(checked)):
        found.append(
            f"The calibrated simulation misses {len(missed)} of {len(checked)} shots ({', '.join(missed)}): "
            "it does not follow this laser."
        )
    if r_hat > R_HAT_MOST:
        found.append(f"The chain has not settled (R-hat {r_hat:.2f}): repeat with another seed before use.")
    if file.skin != "human":
        found.append("The shots were not on human skin: a plan still expects the scatter between tissues.")
    if device.flag == "default":
        found.append("The steps are those of a generic device: enter this laser's own in a device file.")
    del learnt
    return tuple(found)


def _stages(progress: Progress | None) -> Callable[[str, float, float], Callable[[float], None]]:
    def stage(word: str, begin: float, end: float) -> Callable[[float], None]:
        def tell(share: float) -> None:
            if progress:
                progress(begin + share * (end - begin), word)

        tell(0.0)
        return tell

    return stage
