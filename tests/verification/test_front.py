"""The moving front: what a volume costs before it leaves, and how fast a steady front goes.

At constant irradiance I the front settles to a speed at which all heat conducted ahead is caught up again, so
u = I / h with h the enthalpy per volume that leaves. For matter of dry density ρd and water ρw per volume,

    h = ρw [c_w (T1 − T0) + L] + ρd c_d (Ta − T0) + D

T1 the start of boiling (steam leaves with that enthalpy), Ta the temperature at which decomposition is
complete and D the heat it takes, when nothing is thrown out before. This is the Stefan condition of a front
without loss (Carslaw and Jaeger 1959, 11.2).
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from milia.engine import Accuracy, Grid, Parameters, march, nominal_parameters
from milia.engine.kernels.point import DECOMPOSITION_RANGE_K, Phase, temperature
from milia.engine.state import State, initial_state
from milia.laser import Beam, Profile, PulseTrain
from milia.skin import Tissue, density, material, specific_heat

INITIAL_K = 306.15


def plain() -> Parameters:
    """Central parameters without ejection and what a half-space does not have: plume, losses, perfusion."""
    return nominal_parameters().with_values(
        {
            "plume_per_aspect": 0.0,
            "convection": 0.0,
            "emissivity": 0.0,
            "perfusion": 0.0,
            "ejection_heating": 1e40,
        }
    )


def price(parameters: Parameters) -> float:
    """Return h [J/m³] of dermis."""
    dermis = material("dermis")
    density, wet = dermis.density_kg_m3.value, dermis.water_fraction.value
    steam = parameters.latent_heat + parameters.water_heat * (parameters.boil_start - INITIAL_K)
    hot = parameters.ablation_temperature + DECOMPOSITION_RANGE_K - INITIAL_K
    dry = density * (1.0 - wet) * parameters.dry_heat * hot
    return density * wet * steam + dry + parameters.decomposition_heat


def shine(tissue: Tissue, irradiance: float, seconds: float, parameters: Parameters) -> State:
    grid = Grid(np.array([0.0, 0.5e-3]), np.linspace(0.0, 2.4e-3, 601))
    beam = Beam(spot_diameter_m=1e-3, profile=Profile.TOP_HAT)
    energy = irradiance * beam.area_m2 * seconds
    train = PulseTrain(pulse_energy_J=energy, pulse_duration_s=seconds, interval_s=seconds)
    state = initial_state(tissue, grid, initial_K=INITIAL_K, parameters=parameters)
    march(state, beam, train, parameters, accuracy=Accuracy(max_steps=100_000))
    return state


@pytest.mark.parametrize("irradiance", [3e7, 3e8])
def test_speed_of_a_steady_front(dermis: Tissue, irradiance: float) -> None:
    parameters = plain()
    absorbed = irradiance * (1.0 - parameters.physics(INITIAL_K).reflectance)
    expected = absorbed / price(parameters)
    first, second = (shine(dermis, irradiance, depth / expected, parameters) for depth in (0.6e-3, 1.8e-3))
    depth = float(second.fields.surface[0] - first.fields.surface[0])
    assert depth / 1.2e-3 == pytest.approx(1.0, abs=0.02)
    for state in (first, second):
        assert abs(state.energy().imbalance) < 1e-9


def test_a_dearer_tissue_slows_the_front(dermis: Tissue) -> None:
    """The speed answers to the heat of decomposition as the formula says, not by a fitted factor."""
    cheap, dear = plain().with_values({"decomposition_heat": 0.5e9}), plain()
    depths = [float(shine(dermis, 1e8, 0.05, parameters).fields.surface[0]) for parameters in (cheap, dear)]
    assert depths[0] / depths[1] == pytest.approx(price(dear) / price(cheap), rel=0.03)


@pytest.mark.parametrize(("wet", "floor_kJ_cm3"), [(0.65, 1.90), (0.70, 2.00), (0.75, 2.09)])
def test_energy_floor_of_boiling_tissue(wet: float, floor_kJ_cm3: float) -> None:
    """Heating 37 → 100 °C and boiling all water, by the laws of the knowledge base; and the kernel agrees."""
    parameters = nominal_parameters()
    mass = density(wet)
    floor = mass * (specific_heat(wet) * 63.0 + wet * parameters.latent_heat)
    assert floor / 1e9 == pytest.approx(floor_kJ_cm3, abs=0.005)

    sharp = parameters.with_values({"boil_end": parameters.boil_start + 1e-3})
    phase: Phase = sharp.phase(310.15)
    dry = mass * (1.0 - wet) * sharp.dry_heat
    for share, expected in ((1.0, 0.0), (0.9, None), (1.02, 0.0)):
        _, _, left, _ = temperature(share * floor, mass * wet, mass * wet, dry, 0.0, phase)
        if expected is None:
            missing = 0.1 * floor / sharp.latent_heat
            assert left == pytest.approx(missing, rel=1e-3)
        else:
            assert left == pytest.approx(expected, abs=1e-2)


def test_enthalpy_and_temperature_are_one_curve() -> None:
    """Rise, water and decomposition follow from enthalpy without jumps, and give the enthalpy back."""
    parameters = nominal_parameters()
    phase = parameters.phase(INITIAL_K)
    water, dry = 760.0, 356.0 * parameters.dry_heat
    top = 1.05 * (water * phase.vapour + dry * phase.ablation_rise + phase.ablation_heat)
    rises = []
    for e in np.linspace(0.0, top, 400):
        rise, capacity, left, spent = temperature(float(e), water, water, dry, 0.0, phase)
        rises.append(rise)
        back = (dry + phase.water_heat * left) * rise + (water - left) * phase.vapour
        back += spent * phase.ablation_heat
        assert back == pytest.approx(e, rel=1e-9, abs=1e-3)
        assert capacity > 0.0
    assert all(b >= a for a, b in itertools.pairwise(rises))
    assert math.isclose(rises[0], 0.0)
