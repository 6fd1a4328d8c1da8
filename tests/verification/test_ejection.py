"""Tissue that is thrown out before all its water has boiled: price, threshold, limits, ledger.

Ejection at a fixed progress P ≤ 1 leaves matter of dry density ρd and water ρw per volume with

    h(P) = [ρd c_d + ρw (1 − P) c_w] [T1 + P (T2 − T1) − T0] + ρw P [c_w (T1 − T0) + L]

since a share P of the water has gone as steam and the rest is as hot as boiling has made it. A steady front
goes at I/h whatever is conducted, and a pulse too short for conduction ejects the surface once its fluence is

    F = ∫ dh / µ(h),   µ = µ_w ρw (1 − P)/1000 + µ_d

at constant µ up to the boiling point, then over P.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from milia.engine import Accuracy, Grid, Parameters, march, nominal_parameters
from milia.engine.kernels.point import ejected_at, enthalpy_at, progress
from milia.engine.linear import equal_steps
from milia.engine.state import State, initial_state
from milia.laser import Beam, Profile, PulseTrain
from milia.skin import Tissue, material, site, tissue_at

T0 = 306.15
# depth [m], removed and steam [J] of one pulse, from the engine before ejection was modelled
BEFORE = [0.0002489353635913143, 0.009014314782826719, 0.009570928414554754]
NO_LOSS = {"plume_per_aspect": 0.0, "convection": 0.0, "emissivity": 0.0, "perfusion": 0.0}


def at_fixed_progress(share: float, **more: float) -> Parameters:
    """Parameters with which every lit cell leaves at the same progress."""
    values = {**NO_LOSS, "ejection_share": share, "ejection_heating": 1e-30, **more}
    return nominal_parameters().with_values(values)


def masses() -> tuple[float, float]:
    dermis = material("dermis")
    density, wet = dermis.density_kg_m3.value, dermis.water_fraction.value
    return density * wet, density * (1.0 - wet)


def price(p: Parameters, share: float) -> float:
    """h(P) [J/m³] of dermis."""
    water, dry = masses()
    left = dry * p.dry_heat + water * (1.0 - share) * p.water_heat
    rise = p.boil_start + share * (p.boil_end - p.boil_start) - T0
    return left * rise + water * share * (p.water_heat * (p.boil_start - T0) + p.latent_heat)


def shine(tissue: Tissue, p: Parameters, irradiance: float, seconds: float, z_edges: np.ndarray) -> State:
    beam = Beam(spot_diameter_m=1e-3, profile=Profile.TOP_HAT)
    energy = irradiance * beam.area_m2 * seconds
    train = PulseTrain(pulse_energy_J=energy, pulse_duration_s=seconds, interval_s=seconds)
    state = initial_state(tissue, Grid(np.array([0.0, 0.5e-3]), z_edges), initial_K=T0, parameters=p)
    march(state, beam, train, p, accuracy=Accuracy(max_steps=100_000))
    return state


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("irradiance", [1e8, 1e9])
def test_speed_of_a_steady_front(dermis: Tissue, share: float, irradiance: float) -> None:
    p = at_fixed_progress(share)
    expected = irradiance * (1.0 - p.physics(T0).reflectance) / price(p, share)
    z_edges = np.linspace(0.0, 2.4e-3, 601)
    first, second = (shine(dermis, p, irradiance, depth / expected, z_edges) for depth in (0.6e-3, 1.8e-3))
    assert second.fields.surface[0] - first.fields.surface[0] == pytest.approx(1.2e-3, rel=2e-3)
    for state in (first, second):
        assert abs(state.energy().imbalance) < 1e-12


def test_the_kernels_price_is_the_formula() -> None:
    p = nominal_parameters()
    water, dry = masses()
    for share in (0.0, 0.3, 1.0):
        found = enthalpy_at(share, water, dry * p.dry_heat, p.phase(T0))
        assert found == pytest.approx(price(p, share), rel=1e-12)
    whole = enthalpy_at(2.0, water, dry * p.dry_heat, p.phase(T0))
    hot = p.ablation_temperature + 10.0 - p.boil_end
    assert whole == pytest.approx(price(p, 1.0) + dry * p.dry_heat * hot + p.decomposition_heat, rel=1e-12)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_threshold_of_a_short_pulse(dermis: Tissue, share: float) -> None:
    """Nothing leaves 1 % below the threshold and something does 1 % above it, cells being 0.1 µm."""
    p = at_fixed_progress(share, water_absorption_slope=0.0, conductivity_scale=1e-9)
    water, _ = masses()
    wet_mu, mu_dry = p.water_absorption * water / 1000.0, p.dry_absorption
    at = np.linspace(0.0, share, 2001)
    prices = np.array([price(p, value) for value in at])
    mus = wet_mu * (1.0 - at) + mu_dry
    boiling = float(np.sum(np.diff(prices) * 0.5 * (1.0 / mus[1:] + 1.0 / mus[:-1])))
    threshold = prices[0] / (wet_mu + mu_dry) + boiling
    z_edges = np.concatenate([np.linspace(0.0, 20e-6, 201), 20e-6 + np.linspace(2e-6, 200e-6, 100)])
    for factor, leaves in ((0.99, False), (1.01, True)):
        fluence = factor * threshold / (1.0 - p.physics(T0).reflectance)
        state = shine(dermis, p, fluence / 1e-5, 1e-5, z_edges)
        assert bool(state.fields.top[0] > 0) is leaves
        assert bool(state.fields.surface[0] > 0.0) is leaves


def test_progress_and_what_it_takes() -> None:
    assert ejected_at(0.0, 0.5, 3e12) == 2.0
    assert ejected_at(3e12, 0.5, 3e12) == pytest.approx(1.25)
    assert ejected_at(1e20, 0.5, 3e12) == pytest.approx(0.5, rel=1e-6)
    assert ejected_at(1e14, 0.5, 1e40) == 2.0
    assert progress(700.0, 700.0, 0.0) == 0.0
    assert progress(0.0, 700.0, 0.25) == 1.25
    assert progress(0.0, 0.0, 0.25) == 1.25


def test_without_ejection_nothing_has_changed() -> None:
    """Depth and ledger as before ejection was modelled, in equal steps that no price cuts."""
    grid = Grid(np.linspace(0.0, 200e-6, 21), np.linspace(0.0, 600e-6, 121))
    beam = Beam(spot_diameter_m=200e-6)
    train = PulseTrain(pulse_energy_J=20e-3, pulse_duration_s=0.5e-3, pulses=3, interval_s=2e-3)
    found = []
    for never in ({"ejection_heating": 1e40}, {"ejection_share": 2.0}):
        p = nominal_parameters().with_values({"plume_per_aspect": 0.0, **never})
        state = initial_state(tissue_at(site("cheek")), grid, initial_K=T0, parameters=p)
        accuracy = replace(equal_steps(2e-6), dt_max_s=2e-6)
        run = march(state, beam, train, p, accuracy=accuracy, enough=lambda crater: crater.depth > 200e-6)
        ledger = state.energy()
        found.append([run.craters[0].depth, ledger.removed, ledger.steam])
    assert found[0] == found[1]
    assert found[0] == pytest.approx(BEFORE, rel=1e-3)


def test_a_deep_boiling_layer_takes_the_dry_one_along() -> None:
    """Light on a cold dried layer does not throw it out; the wet tissue below it does."""
    p = nominal_parameters().with_values(NO_LOSS)
    tissue = tissue_at(site("cheek"))
    z_edges = np.linspace(0.0, 600e-6, 301)
    state = shine(tissue, p, 1e9, 1e-5, z_edges)
    state.fields.water[0, :3] = 0.0
    state.fields.heat[0, :3] = state.matter.dry_heat[0, :3]
    state.fields.limit[0, :3] = p.phase(T0).ablation_rise
    state.fields.e[0, :3] = 0.0
    state.fields.rise[0, :3] = 0.0
    beam = Beam(spot_diameter_m=1e-3, profile=Profile.TOP_HAT)
    weak = PulseTrain(pulse_energy_J=1e10 * beam.area_m2 * 1e-6, pulse_duration_s=1e-6)
    march(state, beam, weak, p)
    assert state.fields.top[0] == 0
    strong = PulseTrain(pulse_energy_J=1e10 * beam.area_m2 * 2e-5, pulse_duration_s=2e-5)
    march(state, beam, strong, p)
    assert state.fields.top[0] > 3


def test_light_dimmed_by_a_power_of_the_aspect() -> None:
    from milia.engine.kernels.light import plume_loss

    for exponent in (0.5, 1.0, 2.0):
        p = nominal_parameters().with_values({"plume_per_aspect": 0.4, "plume_exponent": exponent})
        lost = plume_loss(3.0, p.physics(T0))
        assert lost == pytest.approx(1.0 - math.exp(-0.4 * 3.0**exponent), rel=1e-12)
        assert plume_loss(0.0, p.physics(T0)) == 0.0
