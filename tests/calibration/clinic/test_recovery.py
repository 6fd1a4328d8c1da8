"""A known share of a laser's display comes back from what the real engine makes of it, into a plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from milia.base import InputError
from milia.calibration import device_set, parameter_set
from milia.calibration.beliefs import complete, parameters_from
from milia.calibration.clinic import (
    DeviceCalibration,
    Effort,
    ShotFile,
    TestShot,
    calibrate_device,
    profile_text,
)
from milia.calibration.clinic.bench import compared, study_of
from milia.calibration.clinic.profile import named_device
from milia.calibration.experiments import exposure, fire, observed
from milia.calibration.posterior import ENERGY_SCALE_NAME
from milia.calibration.sampling import Sampler
from milia.laser import Settings, load_device

TRUE_SHARE = 0.7
DEVICE, SECTION = named_device("generic-superpulse-co2")
QUICK = Effort(design=72, check=12, sampler=Sampler(walkers=44, burn=250, steps=250))


def made_shots() -> ShotFile:
    shots = tuple(
        TestShot(
            str(n), n, "pig", "ex vivo", Settings(energy, duration, 300e-6, 1, 0.5, 1), {"depth": 1e-4}, 10e-6
        )
        for n, (energy, duration) in enumerate(((20e-3, 333.3e-6), (40e-3, 166.7e-6), (75e-3, 312.5e-6)))
    )
    blank = ShotFile("made", shots)
    about = study_of(blank, DEVICE, centre=1.0)
    centre = {m.name: m.centre for m in parameter_set(DEVICE.wavelength_m).marginals}
    known = {**centre, **{m.name: m.centre for m in about.conditions}, "energy": TRUE_SHARE}
    parameters = parameters_from(complete(known), DEVICE.wavelength_m)
    seen = [
        observed(one.row, fire(exposure(about, one.bench.settings, known), parameters), known)
        for one in compared(blank, DEVICE, about)
    ]
    return ShotFile(
        "made", tuple(replace(shot, values={"depth": depth}) for shot, depth in zip(shots, seen, strict=True))
    )


@pytest.fixture(scope="module")
def found() -> DeviceCalibration:
    return calibrate_device(made_shots(), DEVICE, seed=1, effort=QUICK)


def test_the_true_share_is_recovered_and_most_doubt_is_gone(found: DeviceCalibration) -> None:
    after, before = found.summary.after, found.summary.before
    assert after.p05 <= TRUE_SHARE <= after.p95
    assert np.log(after.p95 / after.p05) < 0.5 * np.log(before.p95 / before.p05)
    assert found.inside == 3
    assert not found.aside


def test_the_profile_is_a_device_that_moves_a_plan_s_parameters(
    found: DeviceCalibration, tmp_path: Path
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(profile_text(found, SECTION), encoding="utf-8")
    device = load_device(path)
    assert device.delivered_fraction.value == pytest.approx(found.summary.mean, abs=1e-3)
    own, usual = device_set(device), parameter_set(DEVICE.wavelength_m)
    at = usual.names.index(ENERGY_SCALE_NAME)
    widths = [
        float(np.diff(np.log(s.marginals[at].quantile(np.array([0.05, 0.95]))))[0]) for s in (usual, own)
    ]
    assert widths[1] < 0.6 * widths[0]
    assert np.linalg.eigvalsh(own.correlation).min() > 0.0
    assert own.name != usual.name
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["device"]["calibrated"]["parameter_set"] = "older"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(InputError, match="calibrate it again"):
        device_set(load_device(path))


def test_two_shots_say_that_they_are_few(found: DeviceCalibration) -> None:
    whole = made_shots()
    few = replace(whole, shots=whole.shots[:1])
    alone = calibrate_device(few, DEVICE, seed=1, effort=QUICK)
    assert any("Only 1 shot" in warning for warning in alone.warnings)
    assert alone.summary.sd > found.summary.sd
