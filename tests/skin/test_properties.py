"""Property laws, optics and damage sets against the numbers of their sources."""

from __future__ import annotations

import math

import numpy as np
import pytest

from milia.base import InputError
from milia.knowledge import load_knowledge
from milia.skin import (
    GAS_CONSTANT_J_MOL_K,
    absorption_coefficient,
    damage_sets,
    density,
    fresnel_reflectance,
    optics,
    specific_heat,
    thermal_conductivity,
    water_absorption,
    wavelength_key,
)


def test_thermal_laws_at_three_quarters_water() -> None:
    assert density(0.75) == pytest.approx(1000 / (0.75 + 0.649 * 0.25))
    assert specific_heat(0.75) == pytest.approx(3422.5)
    assert thermal_conductivity(0.75, 1096.0) == pytest.approx(1096.0 * (6.28e-4 * 0.75 + 1.17e-4 * 0.25))


def test_thermal_laws_at_the_ends_and_in_arrays() -> None:
    w = np.array([[0.0, 1.0]])
    np.testing.assert_allclose(density(w), [[1000 / 0.649, 1000.0]])
    np.testing.assert_allclose(specific_heat(w), [[1090.0, 4200.0]])
    np.testing.assert_allclose(thermal_conductivity(w, density(w)), [[1000 / 0.649 * 1.17e-4, 0.628]])


@pytest.mark.parametrize(("w", "expected"), [(0.65, 1.90), (0.70, 2.00), (0.75, 2.09), (1.0, 2.52)])
def test_laws_reproduce_the_minimum_enthalpy(w: float, expected: float) -> None:
    latent = load_knowledge().quantity("water.latent_heat").si
    enthalpy = density(w) * (specific_heat(w) * 63.0 + w * latent)
    assert enthalpy * 1e-9 == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("bad", [-0.01, 1.01, float("nan")])
def test_impossible_water_contents_are_refused(bad: float) -> None:
    for law in (density, specific_heat):
        with pytest.raises(InputError, match="0 to 1"):
            law([0.5, bad])
    with pytest.raises(InputError, match="0 to 1"):
        thermal_conductivity(bad, 1000.0)
    with pytest.raises(InputError, match="density"):
        thermal_conductivity(0.5, 0.0)


def test_tissue_absorption_at_three_quarters_water() -> None:
    co2 = optics(10.6e-6)
    mu = absorption_coefficient(
        0.75,
        co2.tissue_water_absorption_per_m.value,
        dry_absorption_per_m=co2.tissue_dry_absorption_per_m.value,
    )
    assert mu == pytest.approx(55250.0)
    with pytest.raises(InputError, match="dry_absorption_per_m"):
        absorption_coefficient(0.75, 51000.0, dry_absorption_per_m=-1.0)


def test_fresnel_reflectance_of_water_at_10_6_um() -> None:
    knowledge = load_knowledge()
    hale = fresnel_reflectance(optics(10.6e-6).refractive_index.value, optics(10.6e-6).extinction.value)
    k_segelstein = (
        knowledge.quantity("optics.10_6um.water.absorption_segelstein_1981").si * 10.6e-6 / (4 * math.pi)
    )
    n_segelstein = knowledge.quantity("optics.10_6um.water.refractive_index_segelstein_1981").si
    segelstein = fresnel_reflectance(n_segelstein, k_segelstein)
    assert 0.006 <= segelstein < hale <= 0.008
    np.testing.assert_allclose(fresnel_reflectance([1.0, 1.5], 0.0), [0.0, 0.04])
    with pytest.raises(InputError, match="positive"):
        fresnel_reflectance(0.0, 0.1)


def test_water_absorption_is_a_line_through_two_measurements() -> None:
    co2 = optics(10.6e-6)
    mu = water_absorption(
        [273.15, 298.15],
        co2.water_absorption_per_m.value,
        slope_per_m_K=co2.water_absorption_slope_per_m_K.value,
        reference_temperature_K=co2.water_reference_temperature_K,
    )
    np.testing.assert_allclose(mu, [93690.0, 85740.0], rtol=1e-4)
    with pytest.raises(InputError, match="negative"):
        water_absorption(1000.0, 1.0, slope_per_m_K=-1.0, reference_temperature_K=300.0)


@pytest.mark.parametrize(
    ("wavelength_m", "key"),
    [(10.6e-6, "10_6um"), (10.59e-6, "10_6um"), (9.6e-6, "9_6um"), (2.94e-6, "2_94um")],
)
def test_constants_are_kept_by_wavelength(wavelength_m: float, key: str) -> None:
    assert wavelength_key(wavelength_m) == key
    constants = optics(wavelength_m)
    assert constants.water_absorption_per_m.quantity_id == f"optics.{key}.water.absorption"
    assert constants.wavelength_m == pytest.approx(wavelength_m, abs=0.05e-6)


def test_an_unkept_wavelength_is_refused() -> None:
    with pytest.raises(InputError, match=r"1\.064 um.*10\.6 um, 9\.6 um, 2\.94 um"):
        optics(1.064e-6)


@pytest.mark.parametrize(
    ("name", "endpoint", "celsius_at_1_ms", "celsius_at_1_s"),
    [
        ("henriques_moritz", "cell_death", 70.4, 59.9),
        ("mcmillan", "cell_death", 71.5, 61.0),
        ("weaver_stoll", "cell_death", 78.8, 58.2),
        ("takata", "cell_death", 67.6, 57.8),
        ("agah_artery", "collagen", 96.6, 79.2),
        ("pearce_collagen", "collagen", 105.6, 80.4),
    ],
)
def test_damage_sets_reach_one_at_the_temperatures_tabled(
    name: str, endpoint: str, celsius_at_1_ms: float, celsius_at_1_s: float
) -> None:
    found = {s.name: s for s in damage_sets()}[name]
    assert found.endpoint == endpoint
    low, high, a, ea = found.branches[-1]
    assert high == math.inf
    for seconds, celsius in ((1e-3, celsius_at_1_ms), (1.0, celsius_at_1_s)):
        kelvin = ea / (GAS_CONSTANT_J_MOL_K * math.log(a * seconds))
        assert kelvin - 273.15 == pytest.approx(celsius, abs=0.1)
        assert kelvin > low


def test_branches_join_and_cite_what_they_use() -> None:
    assert len(damage_sets()) == 6
    for found in damage_sets():
        for before, after in zip(found.branches, found.branches[1:], strict=False):
            assert before[1] == after[0] == pytest.approx(323.15)
            assert before[0] == pytest.approx(317.15)
        assert len(load_knowledge().references(found.evidence)) >= 1
    assert [s.name for s in damage_sets() if len(s.branches) == 2] == ["weaver_stoll", "takata"]
