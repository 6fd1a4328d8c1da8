"""What the engine misses reaches a prediction: more energy, thicker damage, and no other change."""

from __future__ import annotations

import numpy as np
import pytest

from milia.calibration import with_damage, with_energy
from milia.engine import Crater, read_exposure

from .conftest import EXPOSURE

R = np.array([10e-6, 30e-6, 50e-6, 70e-6])
CRATER = Crater(
    r=R,
    surface=np.array([100e-6, 80e-6, 0.0, 0.0]),
    harm=np.array([160e-6, 140e-6, 30e-6, 0.0]),
    depth=100e-6,
    width=80e-6,
    rtd_floor=60e-6,
    rtd_wall=20e-6,
    harm_depth=160e-6,
    wound_width=110e-6,
    removed_volume=1e-12,
)


def test_damage_grows_from_what_is_removed() -> None:
    found = with_damage(CRATER, 1.5)
    np.testing.assert_allclose(found.harm, [190e-6, 170e-6, 45e-6, 0.0])
    assert found.rtd_floor == pytest.approx(90e-6)
    assert found.rtd_wall == pytest.approx(30e-6)
    assert found.harm_depth == pytest.approx(190e-6)
    assert found.wound_width == pytest.approx(125e-6)
    assert found.depth == CRATER.depth
    assert found.width == CRATER.width
    np.testing.assert_array_equal(found.surface, CRATER.surface)


def test_the_factor_one_changes_nothing() -> None:
    assert with_damage(CRATER, 1.0) is CRATER


def test_removed_keratin_is_no_damage() -> None:
    """Where the floor lies in the cyst, below the last living tissue, nothing living is added."""
    from dataclasses import replace

    inside = replace(CRATER, harm=np.array([90e-6, 80e-6, 0.0, 0.0]), harm_depth=90e-6)
    np.testing.assert_array_equal(with_damage(inside, 2.0).harm, inside.harm)


def test_energy_is_scaled_and_the_pulse_keeps_its_length() -> None:
    spec = read_exposure(EXPOSURE)
    more = with_energy(spec, 1.3)
    assert more.train.pulse_energy_J == pytest.approx(1.3 * spec.train.pulse_energy_J)
    assert more.train.pulse_duration_s == spec.train.pulse_duration_s
    assert more.beam == spec.beam
