"""What is multiplied, and what the trainer makes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from milia.planning.live.network import Layer, Network, activated

ROOT = Path(__file__).resolve().parents[3]


def network(columns: int = 3) -> Network:
    rng = np.random.default_rng(1)
    single = np.float32
    return Network(
        (
            Layer(rng.normal(size=(2, 5)).astype(single), rng.normal(size=5).astype(single)),
            Layer(rng.normal(size=(5, columns)).astype(single), rng.normal(size=columns).astype(single)),
        ),
        np.array([1.0, -2.0], single),
        np.array([2.0, 0.5], single),
        np.arange(columns, dtype=single),
        np.full(columns, 3.0, single),
    )


def test_a_network_is_the_sum_written_out() -> None:
    made, x = network(), np.array([0.3, -1.7])
    z = (x - [1.0, -2.0]) / [2.0, 0.5]
    hidden = [
        sum(z[i] * made.layers[0].weights[i, j] for i in range(2)) + made.layers[0].offsets[j]
        for j in range(5)
    ]
    hidden = [h / (1.0 + np.exp(-h)) for h in hidden]
    for k in range(3):
        out = sum(hidden[j] * made.layers[1].weights[j, k] for j in range(5)) + made.layers[1].offsets[k]
        assert made.at(x[None, :])[0, k] == pytest.approx(3.0 * out + k, rel=1e-5)


def test_rows_do_not_depend_on_their_neighbours_nor_columns_on_those_left_out() -> None:
    made, x = network(), np.random.default_rng(2).normal(size=(9000, 2))
    whole = made.at(x)
    np.testing.assert_allclose(made.at(x[5000:5001]), whole[5000:5001], rtol=1e-5)
    np.testing.assert_allclose(made.at(x, columns=2), whole[:, :2], rtol=1e-5)
    assert made.at(np.zeros((0, 2)), columns=2).shape == (0, 2)


def test_what_lies_far_below_zero_is_nothing() -> None:
    assert np.abs(activated(np.array([-1e4, -100.0], np.float32))).max() < 1e-20
    assert activated(np.array([50.0], np.float32))[0] == pytest.approx(50.0)


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.syspath_prepend(str(ROOT))
    from tools.surrogate import training

    return training


def test_the_trainer_learns_what_can_be_learned_twice_the_same(trainer: object) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3000, 2)).astype(np.float32)
    share = (x[:, 0] > x[:, 1]).astype(np.float32)
    y = np.stack([share, np.sin(x[:, 0]) * x[:, 1]], axis=1)
    weight = np.ones_like(y)
    y[:500, 1], weight[:500, 1] = 1e6, 0.0  # what has no weight teaches nothing
    data = trainer.Data(x, y, weight, 1)  # type: ignore[attr-defined]
    made = [trainer.train(data, (32, 32), epochs=40, seed=0) for _ in range(2)]  # type: ignore[attr-defined]
    for one, two in zip(*made, strict=True):
        np.testing.assert_array_equal(one.weights, two.weights)
    nought, one = np.zeros(2, np.float32), np.ones(2, np.float32)
    found = Network(tuple(made[0]), nought, one, nought, one).at(x[500:].astype(float))
    assert ((found[:, 0] > 0.0) == (share[500:] > 0.5)).mean() > 0.97
    assert np.abs(found[:, 1] - y[500:, 1]).mean() < 0.12


def test_gradients_are_those_of_the_loss(trainer: object) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(4, 3)).astype(np.float32)
    y = 0.3 * rng.normal(size=(4, 2)).astype(np.float32)
    data = trainer.Data(x, y, np.ones_like(y), 0)  # type: ignore[attr-defined]
    values = [0.3 * rng.normal(size=s).astype(np.float32) for s in ((3, 4), (4,), (4, 2), (2,))]

    def loss() -> float:
        made = activated(x @ values[0] + values[1]) @ values[2] + values[3] - y
        return float(0.5 * (made.astype(float) ** 2).sum() / len(x))

    _, gradients = trainer._gradients(values, data, np.arange(4))  # type: ignore[attr-defined]
    for value, gradient in zip(values, gradients, strict=True):
        at = tuple(0 for _ in value.shape)
        value[at] += 1e-2
        above = loss()
        value[at] -= 2e-2
        below = loss()
        value[at] += 1e-2
        assert gradient[at] == pytest.approx((above - below) / 2e-2, rel=0.02, abs=1e-4)
