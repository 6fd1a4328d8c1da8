"""Beams against their closed forms and against brute integration of the irradiance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.base import InputError
from milia.laser import Beam, Profile, peak_factor

SPOT = 300e-6
W = SPOT / 2

BEAMS = [
    Beam(spot_diameter_m=SPOT),
    Beam(spot_diameter_m=SPOT, profile=Profile.TOP_HAT),
    Beam(spot_diameter_m=SPOT, profile=Profile.SUPER_GAUSSIAN, order=4.0),
    Beam(spot_diameter_m=SPOT, profile=Profile.SUPER_GAUSSIAN, order=10.0),
]


def irradiance(beam: Beam, r: np.ndarray) -> np.ndarray:
    if beam.profile is Profile.TOP_HAT:
        return np.where(r <= W, 1.0, 0.0)
    order = 2.0 if beam.profile is Profile.GAUSSIAN else beam.order
    return np.exp(-2.0 * (r / W) ** order)


def test_gaussian_closed_form() -> None:
    encircled = BEAMS[0].encircled([0.0, W / 2, W, 2 * W])
    assert encircled == pytest.approx(
        [0.0, 1 - math.exp(-0.5), 1 - math.exp(-2), 1 - math.exp(-8)], rel=1e-14
    )


def test_a_thin_ring_keeps_its_digits() -> None:
    assert BEAMS[0].encircled(1e-6 * W) == pytest.approx(2e-12, rel=1e-10)


def test_top_hat_closed_form() -> None:
    assert BEAMS[1].encircled([0.0, W / 2, W, 3 * W]) == pytest.approx([0.0, 0.25, 1.0, 1.0], rel=1e-14)


@pytest.mark.parametrize("beam", BEAMS, ids=lambda beam: f"{beam.profile}-{beam.order}")
def test_encircled_power_is_the_integral_of_the_irradiance(beam: Beam) -> None:
    edges = np.linspace(0.0, 4 * W, 400_001)
    middles = 0.5 * (edges[1:] + edges[:-1])
    power = np.concatenate([[0.0], np.cumsum(irradiance(beam, middles) * np.diff(edges**2))])
    for x in (0.3, 0.8, 1.0, 1.4):
        expected = np.interp(x * W, edges, power / power[-1])
        assert beam.encircled(x * W) == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize("beam", BEAMS, ids=lambda beam: f"{beam.profile}-{beam.order}")
def test_peak_fluence_times_the_shape_holds_the_energy(beam: Beam) -> None:
    edges = np.linspace(0.0, 5 * W, 400_001)
    middles = 0.5 * (edges[1:] + edges[:-1])
    area = math.pi * np.sum(irradiance(beam, middles) * np.diff(edges**2))
    assert beam.peak_fluence(0.02) * area == pytest.approx(0.02, rel=2e-5)


def test_order_two_is_the_gaussian_and_a_high_order_the_top_hat() -> None:
    r = np.linspace(0.0, 2 * W, 50)
    gaussian = Beam(spot_diameter_m=SPOT, profile=Profile.SUPER_GAUSSIAN, order=2.0)
    assert gaussian.encircled(r) == pytest.approx(BEAMS[0].encircled(r), abs=1e-14)
    assert peak_factor(Profile.SUPER_GAUSSIAN, 2.0) == pytest.approx(2.0)
    assert peak_factor(Profile.SUPER_GAUSSIAN, 100.0) == pytest.approx(1.0, abs=0.03)


@given(
    spot=st.floats(20e-6, 10e-3),
    order=st.floats(2.0, 50.0),
    profile=st.sampled_from(Profile),
    x=st.floats(0.0, 6.0),
    dx=st.floats(0.0, 1.0),
)
def test_encircled_power_grows_from_none_to_all(
    spot: float, order: float, profile: Profile, x: float, dx: float
) -> None:
    beam = Beam(spot_diameter_m=spot, profile=profile, order=order)
    inner, outer, everything = beam.encircled(np.array([x, x + dx, 50.0]) * beam.radius_m)
    assert 0.0 <= inner <= outer <= 1.0
    assert everything == pytest.approx(1.0, abs=1e-12)


def test_fluence_of_a_known_spot() -> None:
    beam = Beam(spot_diameter_m=1e-3)
    assert beam.mean_fluence(0.1) / 1e4 == pytest.approx(12.732395, rel=1e-6)
    assert beam.peak_fluence(0.1) == pytest.approx(2 * beam.mean_fluence(0.1))


def test_the_area_doubles_one_rayleigh_length_from_the_focus() -> None:
    beam = Beam(spot_diameter_m=120e-6, focus_offset_m=0.4e-3, m2=1.5)
    z_R = math.pi * 60e-6**2 / (1.5 * 10.6e-6)
    assert beam.rayleigh_m == pytest.approx(z_R)
    assert beam.radius_at(0.4e-3) == pytest.approx(60e-6, rel=1e-14)
    assert beam.radius_at([0.4e-3 + z_R, 0.4e-3 - z_R]) == pytest.approx([60e-6 * math.sqrt(2)] * 2)
    assert beam.radius_at(0.0) == pytest.approx(60e-6 * math.hypot(1, 0.4e-3 / z_R))


def test_far_from_focus_the_half_angle_is_that_of_the_beam_quality() -> None:
    beam = Beam(spot_diameter_m=120e-6, m2=2.0)
    assert beam.radius_at(1.0) == pytest.approx(2.0 * 10.6e-6 / (math.pi * 60e-6), rel=1e-5)


def test_encircled_with_the_radius_at_depth() -> None:
    beam = Beam(spot_diameter_m=120e-6)
    wide = beam.radius_at(2e-3)
    assert beam.encircled(wide, radius_m=wide) == pytest.approx(1 - math.exp(-2))


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("beam.spot_diameter", {"spot_diameter_m": 0.0}),
        ("beam.spot_diameter", {"spot_diameter_m": float("nan")}),
        ("beam.wavelength", {"wavelength_m": 10.6}),
        ("beam.m2", {"m2": 0.5}),
        ("beam.order", {"order": 1.0}),
        ("beam.focus_offset", {"focus_offset_m": 1.0}),
    ],
)
def test_impossible_beams(key: str, change: dict[str, float]) -> None:
    with pytest.raises(InputError, match=key):
        Beam(**{"spot_diameter_m": SPOT, **change})  # type: ignore[arg-type]
