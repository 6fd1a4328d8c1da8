"""The stand-in for the engine: right where the truth is known, and honest about its error."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from milia.calibration.draws import Marginal
from milia.calibration.emulator import ENERGY_SCALE, coordinate, coordinates, log_of, train

Array = NDArray[np.float64]
rng = np.random.default_rng(3)
X = rng.uniform(-1.0, 1.0, size=(160, 4))


def truth(x: Array) -> Array:
    return np.asarray(
        5.0 + 0.5 * x[:, 0] - 0.3 * x[:, 1] ** 2 + 0.4 * np.tanh(2 * x[:, 2]) * x[:, 3] + 0.6 * x[:, 3]
    )


E = train("depth", X, truth(X), split=2)


def test_it_predicts_what_it_has_not_seen() -> None:
    fresh = rng.uniform(-0.95, 0.95, size=(500, 4))
    error = E.at(fresh) - truth(fresh)
    assert np.abs(error).max() < 0.05
    assert np.std(error) < 0.02
    assert 0.3 < np.std(error) / E.error < 1.5  # the stated error is that of points left out


def test_noise_is_not_taken_for_signal() -> None:
    noisy = truth(X) + 0.1 * rng.standard_normal(len(X))
    made = train("depth", X, noisy, split=2)
    assert made.error == pytest.approx(0.1, rel=0.35)
    fresh = rng.uniform(-0.95, 0.95, size=(500, 4))
    assert np.std(made.at(fresh) - truth(fresh)) < 0.08


def test_fixed_conditions_give_the_same_values_and_the_slope_in_ln_energy() -> None:
    conditions = rng.uniform(-0.9, 0.9, size=(7, 2))
    parameters = rng.uniform(-0.9, 0.9, size=(5, 2))
    values, slopes = E.over(conditions).at(parameters)
    assert values.shape == slopes.shape == (5, 7)
    for i in range(5):
        for j in range(7):
            x = np.concatenate([parameters[i], conditions[j]])
            assert values[i, j] == pytest.approx(E.at(x[None])[0], abs=1e-3)
            step = np.array([0.0, 0.0, 0.0, 1e-3])
            slope = (E.at((x + step)[None]) - E.at((x - step)[None]))[0] / (2e-3 * ENERGY_SCALE)
            assert slopes[i, j] == pytest.approx(slope, abs=5e-3)


def test_coordinates() -> None:
    u = np.array([0.05, 0.5, 0.95])
    np.testing.assert_allclose(coordinate(Marginal("x", "uniform", 3.0, 9.0), u)[:, 0], [-0.9, 0.0, 0.9])
    np.testing.assert_allclose(coordinate(Marginal("x", "lognormal", 3.0, 2.0), u)[:, 0], [-1.0, 0.0, 1.0])
    assert coordinate(Marginal("x", "fixed", 3.0), u).shape == (3, 0)
    chosen = coordinate(Marginal("cell_death", "uniform", 0.0, 4.0), np.array([0.1, 0.3, 0.6, 0.9]))
    np.testing.assert_array_equal(chosen, [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])


def test_the_delivered_share_is_energy_not_a_coordinate() -> None:
    marginals = (Marginal("delivered", "uniform", 0.7, 1.1), Marginal("b", "uniform", 0.0, 1.0))
    assert coordinates(marginals, np.array([[0.2, 0.7]])).shape == (1, 1)


def test_no_crater_has_a_logarithm() -> None:
    assert np.isfinite(log_of("depth", 0.0))
    assert np.isfinite(log_of("depth_over_epidermis", 0.0))
