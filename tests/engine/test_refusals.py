"""What the engine refuses, and what it says when a march cannot go on."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from milia.base import MiliaError
from milia.engine import (
    PLANNING,
    QUICK,
    Accuracy,
    Exposure,
    Grid,
    Parameters,
    State,
    damage_set,
    march,
    nominal_parameters,
    start,
)
from milia.engine.state import initial_state
from milia.laser import Beam, PulseTrain
from milia.skin import Layer, Tissue

DERMIS = Tissue(layers=(Layer("dermis", 0.4e-3),), cyst=None, evidence=())
BEAM = Beam(spot_diameter_m=200e-6)
TRAIN = PulseTrain(pulse_energy_J=20e-3, pulse_duration_s=1e-3, pulses=3)
CENTRAL = nominal_parameters()


def begin(parameters: Parameters = CENTRAL) -> State:
    return start(Exposure(DERMIS, BEAM, TRAIN, 306.15), parameters, rule=PLANNING)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["water_heat", "decomposition_heat", "boil_end", "living_damage"])
def test_a_parameter_that_is_not_a_number(name: str, value: float) -> None:
    with pytest.raises(MiliaError, match=f"{name} must be a finite number"):
        CENTRAL.with_values({name: value})


def test_parameters_that_cannot_be() -> None:
    with pytest.raises(MiliaError, match="dry_heat must be above zero"):
        CENTRAL.with_values({"dry_heat": 0.0})
    with pytest.raises(MiliaError, match="plume_per_aspect must not be negative"):
        CENTRAL.with_values({"plume_per_aspect": -0.1})
    with pytest.raises(MiliaError, match=r"ejection_share must be at most 2, not 2\.5"):
        CENTRAL.with_values({"ejection_share": 2.5})
    with pytest.raises(MiliaError, match="ejection_heating must be above zero"):
        CENTRAL.with_values({"ejection_heating": 0.0})
    with pytest.raises(MiliaError, match=r"'plume' does not exist; known: .*plume_per_aspect"):
        CENTRAL.with_values({"plume": 0.1})
    with pytest.raises(MiliaError, match=r"no damage set 'henriques'; known: .*henriques_moritz"):
        damage_set("henriques")


@pytest.mark.parametrize(
    "values", [{"ablation_temperature": 390.0}, {"boil_end": 373.0}, {"ablation_temperature": 403.15}]
)
def test_ablation_below_the_end_of_boiling(values: dict[str, float]) -> None:
    state = begin()
    with pytest.raises(
        MiliaError, match="boiling must end above its start and below the ablation temperature"
    ):
        march(state, BEAM, TRAIN, CENTRAL.with_values(values), accuracy=QUICK)
    assert state.time_s == 0.0


def test_properties_that_no_matter_has() -> None:
    with pytest.raises(MiliaError, match=r"cannot absorb -.* water_absorption_slope is too steep"):
        CENTRAL.with_values({"water_absorption_slope": -2000.0}).physics(306.15)
    with pytest.raises(MiliaError, match="must take less than boiling it"):
        CENTRAL.with_values({"boil_end": 950.0, "ablation_temperature": 1000.0}).phase(306.15)
    with pytest.raises(MiliaError, match=r"dermis cannot have a water fraction of 1\.02"):
        start(Exposure(DERMIS, BEAM, TRAIN, 306.15, water_scale=1.5), CENTRAL)


def test_tissue_that_boils_at_rest() -> None:
    with pytest.raises(MiliaError, match="would boil before the first pulse"):
        start(Exposure(DERMIS, BEAM, TRAIN, 380.0), CENTRAL)


def test_a_crater_through_the_bottom() -> None:
    grid = Grid(np.linspace(0.0, 0.4e-3, 41), np.linspace(0.0, 0.2e-3, 41))
    state = initial_state(DERMIS, grid, initial_K=306.15, parameters=CENTRAL)
    with pytest.raises(MiliaError, match=r"through the bottom of the domain, 0\.2 mm deep, .* deeper tissue"):
        march(state, BEAM, TRAIN, CENTRAL, accuracy=QUICK)


def test_deeper_tissue_is_the_way_out() -> None:
    deeper = Exposure(replace(DERMIS, layers=(Layer("dermis", 2e-3),)), BEAM, TRAIN, 306.15)
    state = start(deeper, CENTRAL, rule=replace(PLANNING, depth=0.3e-3))
    assert state.grid.z[-1] >= 2e-3
    assert march(state, BEAM, TRAIN, CENTRAL, accuracy=QUICK).craters[-1].depth > 0.4e-3


def test_too_many_steps() -> None:
    with pytest.raises(MiliaError, match=r"more than 50 time steps were needed by .* s; use fewer pulses"):
        march(begin(), BEAM, TRAIN, CENTRAL, accuracy=replace(QUICK, max_steps=50))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("record", "name", "words"),
    [
        ("fields", "e", "enthalpy"),
        ("fields", "water", "water"),
        ("fields", "resistance", "conductivity"),
        ("matter", "dry_mu", "absorption of dry matter"),
    ],
)
def test_no_march_begins_with_what_is_no_number(record: str, name: str, words: str, value: float) -> None:
    state = begin()
    getattr(getattr(state, record), name)[2, 3] = value
    told = (
        rf"the {words} is {value} in cell \(column 2, row 3\), \d+ µm from the axis and \d+ µm deep, at 0 s"
    )
    with pytest.raises(MiliaError, match=told):
        march(state, BEAM, TRAIN, CENTRAL, accuracy=QUICK)
    assert state.steps == 0


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"refractive_index": 1e200}, "the light that is absorbed"),
        ({"convection": 1e300}, "what the surface and the blood carry off"),
        ({"perfusion": 1e300}, "what the surface and the blood carry off"),
        ({"latent_heat": 1e300}, "conduction or a change of phase"),
    ],
)
@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
def test_a_march_that_overflows_says_where_when_and_why(values: dict[str, float], why: str) -> None:
    broken = CENTRAL.with_values(values)
    state = begin(broken)
    told = r"stopped being a number in cell \(column \d+, row \d+\), at (\S+) s; the cause is (.*)"
    with pytest.raises(MiliaError, match=told) as stopped:
        march(state, BEAM, TRAIN, broken, accuracy=QUICK)
    found = re.search(told, str(stopped.value))
    assert found is not None
    assert found[2] == why
    # it stopped while the first pulse shone, not at some end
    assert 0.0 < float(found[1]) < TRAIN.pulse_duration_s


def test_what_only_damage_knows_is_noticed_too() -> None:
    state = begin()

    def spoil(now: State) -> None:
        if now.steps == 20:
            now.fields.omega[0, -1] = np.nan

    with pytest.raises(MiliaError, match=r"damage of cells is nan in cell \(column 0, row \d+\)"):
        march(state, BEAM, TRAIN, CENTRAL, accuracy=QUICK, observe=spoil)


def test_finer_steps_are_finer() -> None:
    coarse = march(begin(), BEAM, replace(TRAIN, pulses=1), CENTRAL, accuracy=QUICK)
    fine = march(begin(), BEAM, replace(TRAIN, pulses=1), CENTRAL, accuracy=Accuracy().finer())
    assert fine.steps > 2 * coarse.steps
