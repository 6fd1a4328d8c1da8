"""What a three-dimensional march refuses, and what it says when it cannot go on."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from milia.base import MiliaError
from milia.engine import QUICK, Exposure, Parameters, nominal_parameters
from milia.engine.kernels import arrays
from milia.engine.volume.failure import cause
from milia.engine.volume.grid import COARSE
from milia.engine.volume.scene import Scene
from milia.engine.volume.solver import march_volume, start_volume
from milia.engine.volume.state import VolumeState
from milia.laser import Beam, PulseTrain
from milia.skin import Layer, Tissue

DERMIS = Tissue(layers=(Layer("dermis", 0.6e-3),), cyst=None, evidence=())
BEAM = Beam(spot_diameter_m=200e-6)
TRAIN = PulseTrain(pulse_energy_J=5e-3, pulse_duration_s=1e-3, pulses=1, interval_s=20e-3)
CENTRAL = nominal_parameters()
WHERE = r"in cell \(column \d+, \d+, row \d+\), at x -?\d+ µm, y -?\d+ µm and \d+ µm deep, at (\S+) s"


def begin() -> VolumeState:
    return start_volume(Exposure(DERMIS, BEAM, TRAIN, 306.15), Scene(), CENTRAL, rule=COARSE)


def fire(state: VolumeState, parameters: Parameters = CENTRAL, **how: Any) -> None:
    march_volume(state, Scene(**how), BEAM, TRAIN, parameters, accuracy=QUICK)


@pytest.mark.parametrize("tilt_rad", [0.0, 0.3])
@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"convection": 1e300}, "what the surface and the blood carry off"),
        ({"perfusion": 1e300}, "what the surface and the blood carry off"),
        ({"water_conductivity": 1e308}, "conduction or a change of phase"),
    ],
)
@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
def test_a_march_that_overflows_says_where_when_and_why(
    values: dict[str, float], why: str, tilt_rad: float
) -> None:
    told = rf"the \w+.* {WHERE}; the cause is (.*)"
    with pytest.raises(MiliaError, match=told) as stopped:
        fire(begin(), CENTRAL.with_values(values), tilt_rad=tilt_rad)
    found = re.search(told, str(stopped.value))
    assert found is not None
    assert found[2] == why
    assert 0.0 < float(found[1]) <= 60.0


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    ("record", "name", "words"),
    [
        ("fields", "e", "enthalpy"),
        ("fields", "water", "water"),
        ("matter", "dry_mu", "absorption of dry matter"),
    ],
)
def test_no_march_begins_with_what_is_no_number(record: str, name: str, words: str, value: float) -> None:
    state = begin()
    getattr(getattr(state, record), name)[2, 3, 1] = value
    with pytest.raises(MiliaError, match=rf"the {words} is {value} {WHERE}") as stopped:
        fire(state)
    assert "(column 2, 3, row 1)" in str(stopped.value)
    assert state.steps == 0


@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
def test_light_that_is_no_number_never_falls() -> None:
    state = begin()
    with pytest.raises(MiliaError, match="make reflectance nan"):
        fire(state, CENTRAL.with_values({"refractive_index": 1e200}))
    assert state.steps == 0


def test_what_the_ledger_booked_names_the_light() -> None:
    state, physics = begin(), CENTRAL.physics(306.15)
    assert cause(state, physics) == "conduction or a change of phase"
    state.ledger[arrays.PLUME] = np.nan
    assert cause(state, physics) == "the light that is absorbed"


def test_what_cannot_be_is_refused_before_it_is_fired() -> None:
    with pytest.raises(MiliaError, match="boiling must end above its start"):
        fire(begin(), CENTRAL.with_values({"boil_end": 373.0}))
    shallow = Tissue(layers=(Layer("dermis", 0.05e-3),), cyst=None, evidence=())
    with pytest.raises(MiliaError, match="would boil before the first pulse"):
        start_volume(Exposure(shallow, BEAM, TRAIN, 380.0), Scene(), CENTRAL, rule=COARSE)
