"""Intervals and paired differences, against numbers known otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from milia.study.compare import mean_interval, paired_share, share_interval


def test_share_interval_is_that_of_the_beta_distribution() -> None:
    from scipy.stats import beta

    low, high = share_interval(7, 50)
    assert (low, high) == pytest.approx(beta(7.5, 43.5).ppf([0.025, 0.975]))
    assert share_interval(0, 50)[0] == 0.0
    assert share_interval(50, 50)[1] == 1.0


def test_mean_interval_is_students() -> None:
    from scipy.stats import t

    values = np.array([3.0, 4.0, 8.0, 9.0])
    half = t(3).ppf(0.975) * values.std(ddof=1) / 2.0
    assert mean_interval(values) == pytest.approx((6.0 - half, 6.0 + half))


def test_paired_difference_counts_only_pairs_that_differ() -> None:
    ours = np.array([True] * 60 + [False] * 40)
    theirs = np.array([True] * 50 + [False] * 50)
    found = paired_share(ours, theirs)
    assert found["difference"] == pytest.approx(0.1)
    assert (found["only_ours"], found["only_theirs"]) == (10, 0)
    assert 0.0 < found["low"] < 0.1 < found["high"]
    same = paired_share(ours, ours)
    assert same["difference"] == 0.0
    assert same["low"] < 0.0 < same["high"]


def test_paired_intervals_hold_what_they_promise() -> None:
    # pairs that differ in 15 % one way and in 5 % the other: a true difference of 0.1
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        u = rng.random(200)
        ours, theirs = u < 0.45, (u >= 0.15) & (u < 0.5)
        found = paired_share(ours, theirs)
        held += found["low"] <= 0.1 <= found["high"]
    assert 0.91 <= held / 400 <= 0.99
