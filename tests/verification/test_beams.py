"""What share of a beam each ring receives, for the three profiles, against closed forms.

Gaussian 1 − exp(−2x²) within x beam radii; top-hat x²; super-Gaussian exp(−2xⁿ): the regularised lower
incomplete gamma function P(2/n, 2xⁿ), which is what ∫ exp(−2xⁿ) x dx comes to with y = 2xⁿ.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammainc

from milia.engine.kernels.light import column_shares, triangle_share
from milia.engine.solver import beam_spec
from milia.laser import Beam, Profile

EDGES = np.concatenate([np.linspace(0.0, 1.5, 31), [2.0, 3.0, 5.0]]) * 100e-6


@pytest.mark.parametrize(
    ("profile", "order", "within"),
    [
        (Profile.GAUSSIAN, 2.0, lambda x: 1.0 - np.exp(-2.0 * x**2)),
        (Profile.TOP_HAT, 2.0, lambda x: np.minimum(x**2, 1.0)),
        (Profile.SUPER_GAUSSIAN, 4.0, lambda x: gammainc(2.0 / 4.0, 2.0 * x**4)),
        (Profile.SUPER_GAUSSIAN, 10.0, lambda x: gammainc(2.0 / 10.0, 2.0 * x**10)),
    ],
)
def test_ring_powers(profile: Profile, order: float, within: object) -> None:
    spec, table = beam_spec(Beam(spot_diameter_m=200e-6, profile=profile, order=order))
    shares = np.zeros(len(EDGES) - 1)
    column_shares(spec, table, EDGES, np.zeros(len(shares)), len(shares), shares)
    assert shares.sum() == pytest.approx(1.0, abs=1e-14)
    assert callable(within)
    assert shares == pytest.approx(np.diff(within(EDGES / 100e-6)), abs=2e-6)


def test_deeper_rings_see_the_wider_beam() -> None:
    """At one Rayleigh length the spot has twice the area, so half the share falls within a small ring."""
    beam = Beam(spot_diameter_m=60e-6)
    spec, table = beam_spec(beam)
    edges = np.array([0.0, 1e-6, 3e-3])
    at_focus, deep = np.zeros(2), np.zeros(2)
    column_shares(spec, table, edges, np.zeros(2), 2, at_focus)
    column_shares(spec, table, edges, np.full(2, beam.rayleigh_m), 2, deep)
    assert deep[0] == pytest.approx(0.5 * at_focus[0], rel=2e-3)
    assert deep.sum() == pytest.approx(1.0, abs=1e-14)


def test_a_triangular_pulse_delivers_its_energy_as_a_triangle() -> None:
    x = np.linspace(0.0, 1.0, 11)
    power = np.where(x < 0.5, 4.0 * x, 4.0 * (1.0 - x))
    integral = np.concatenate([[0.0], np.cumsum(0.05 * (power[1:] + power[:-1]))])
    assert [triangle_share(float(value)) for value in x] == pytest.approx(integral, abs=1e-14)
