"""What is read off a crater, against geometry: the opening into a sphere, widths and damaged layers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.engine import Crater
from milia.skin import Cyst

R = (np.arange(400) + 0.5) * 2e-6


def crater(surface: np.ndarray) -> Crater:
    return Crater(
        r=R,
        surface=surface,
        harm=np.zeros_like(R),
        depth=float(surface.max()),
        width=0.0,
        rtd_floor=0.0,
        rtd_wall=0.0,
        harm_depth=0.0,
        wound_width=0.0,
        removed_volume=0.0,
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(diameter=st.floats(0.3e-3, 1.2e-3), roof=st.floats(20e-6, 300e-6), below=st.floats(2e-6, 140e-6))
def test_a_flat_floor_cuts_a_circle(diameter: float, roof: float, below: float) -> None:
    """A plane at height h inside a sphere of radius a cuts a circle of radius √(a² − (a − h)²)."""
    a = 0.5 * diameter
    exact = 2.0 * math.sqrt(a * a - (a - below) ** 2)
    found = crater(np.full_like(R, roof + below)).opening(Cyst(diameter_m=diameter, roof_m=roof))
    assert found == pytest.approx(exact, abs=3e-6)


def test_a_bowl_meets_the_sphere() -> None:
    """A parabolic crater meets the roof where d(1 − r²/b²) = t + a − √(a² − r²); by bisection."""
    cyst, deep, wide = Cyst(diameter_m=1e-3, roof_m=80e-6), 200e-6, 300e-6
    surface = np.maximum(deep * (1.0 - (R / wide) ** 2), 0.0)

    def gap(r: float) -> float:
        return deep * (1 - (r / wide) ** 2) - (80e-6 + 0.5e-3 - math.sqrt(0.25e-6 - r * r))

    low, high = 0.0, wide
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if gap(middle) > 0 else (low, middle)
    assert crater(surface).opening(cyst) == pytest.approx(2.0 * low, abs=0.2e-6)


def test_no_opening_without_reaching_the_roof() -> None:
    cyst = Cyst(diameter_m=1e-3, roof_m=80e-6)
    assert crater(np.full_like(R, 79.9e-6)).opening(cyst) == 0.0
    assert crater(np.zeros_like(R)).opening(cyst) == 0.0


def test_a_crater_through_the_whole_cyst_opens_it_no_wider_than_it_is() -> None:
    cyst = Cyst(diameter_m=0.4e-3, roof_m=80e-6)
    assert crater(np.full_like(R, 1e-3)).opening(cyst) == pytest.approx(0.4e-3, abs=4e-6)
