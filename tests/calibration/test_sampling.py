"""The sampler on posteriors whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.calibration.sampling import Sampler, sample, split_r_hat

Array = NDArray[np.float64]
MEAN = np.array([0.5, -0.3, 0.0])
COVER = np.array([[0.4, 0.25, 0.0], [0.25, 0.3, 0.1], [0.0, 0.1, 0.5]])
INVERSE = np.linalg.inv(COVER)


def normal(z: Array) -> Array:
    away = z - MEAN
    return np.asarray(-0.5 * np.einsum("ni,ij,nj->n", away, INVERSE, away))


def test_a_normal_posterior_is_recovered() -> None:
    chain = sample(normal, 3, seed=2, sampler=Sampler(walkers=24, burn=200, steps=900))
    assert chain.effective > 500
    np.testing.assert_allclose(chain.samples.mean(axis=0), MEAN, atol=0.08)
    np.testing.assert_allclose(np.cov(chain.samples.T), COVER, atol=0.08)
    assert chain.r_hat < 1.03


def test_the_same_seed_gives_the_same_chain_only() -> None:
    short = Sampler(walkers=12, burn=5, steps=20)
    one, again, other = (sample(normal, 3, seed=seed, sampler=short).samples for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_r_hat_sees_a_chain_that_drifts() -> None:
    rng = np.random.default_rng(0)
    still = rng.standard_normal((400, 8, 2))
    assert split_r_hat(still) < 1.02
    drifting = still + np.linspace(0.0, 3.0, 400)[:, None, None]
    assert split_r_hat(drifting) > 1.2


def test_more_draws_than_there_are_is_refused() -> None:
    chain = sample(normal, 3, seed=1, sampler=Sampler(walkers=12, burn=1, steps=20))
    assert chain.thinned(10, seed=0).shape == (10, 3)
    with pytest.raises(MiliaError, match="asked"):
        chain.thinned(241, seed=0)
