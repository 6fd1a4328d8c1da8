"""Train a small network by Adam on single-precision arrays, without any library for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from milia.planning.live.network import Layer, activated

Single = NDArray[np.float32]
BATCH = 512
BETAS = (0.9, 0.995)
DECAY = 1e-5
# the middle of the run is hot, its end cold; the last states are averaged
FINAL_RATE = 0.003
AVERAGED = 0.999
WARM_UP = 0.03


@dataclass(frozen=True)
class Data:
    """Inputs [n, d] and targets [n, m], standardised; weights [n, m], 0 where a target is unknown.

    The first ``logits`` columns of the targets are shares between 0 and 1.
    """

    x: Single
    y: Single
    weight: Single
    logits: int


def train(
    data: Data,
    sizes: tuple[int, ...],
    *,
    epochs: int,
    seed: int,
    rate: float = 2e-3,
    tell: Callable[[int, float], None] | None = None,
) -> list[Layer]:
    """Return the layers of a network trained on the data; the same for the same seed."""
    rng = np.random.default_rng(seed)
    widths = (data.x.shape[1], *sizes, data.y.shape[1])
    values: list[Single] = []
    for n_in, n_out in pairwise(widths):
        values.append((rng.standard_normal((n_in, n_out)) * np.sqrt(2.0 / n_in)).astype(np.float32))
        values.append(np.zeros(n_out, np.float32))
    values[-2] *= np.float32(0.1)
    first = [np.zeros_like(v) for v in values]
    second = [np.zeros_like(v) for v in values]
    mean = [v.copy() for v in values]
    count = len(data.x)
    total = epochs * (count // BATCH)
    step = 0
    for epoch in range(epochs):
        order = rng.permutation(count)
        loss = 0.0
        for begin in range(0, count - BATCH + 1, BATCH):
            rows = order[begin : begin + BATCH]
            found, gradients = _gradients(values, data, rows)
            loss += found
            step += 1
            share = step / total
            now = (
                rate
                * min(1.0, share / WARM_UP)
                * (FINAL_RATE + (1 - FINAL_RATE) * 0.5 * (1 + np.cos(np.pi * share)))
            )
            keep = min(AVERAGED, (1 + step) / (10 + step))
            for k, g in enumerate(gradients):
                first[k] += (1 - BETAS[0]) * (g - first[k])
                second[k] += (1 - BETAS[1]) * (g * g - second[k])
                size = now * np.sqrt(1 - BETAS[1] ** step) / (1 - BETAS[0] ** step)
                values[k] -= (size * first[k] / (np.sqrt(second[k]) + 1e-8)).astype(np.float32)
                if k % 2 == 0:
                    values[k] *= np.float32(1 - now * DECAY * 100)
                mean[k] += np.float32(1 - keep) * (values[k] - mean[k])
        if tell:
            tell(epoch, loss / max(1, count // BATCH))
    return [Layer(mean[k], mean[k + 1]) for k in range(0, len(mean), 2)]


def _gradients(values: list[Single], data: Data, rows: NDArray[np.int64]) -> tuple[float, list[Single]]:
    x = data.x[rows]
    kept: list[tuple[Single, Single]] = []
    layers = len(values) // 2
    for k in range(layers):
        made = x @ values[2 * k] + values[2 * k + 1]
        kept.append((x, made))
        x = activated(made) if k + 1 < layers else made
    weight, wanted = data.weight[rows], data.y[rows]
    away = x - wanted
    lg = data.logits
    if lg:
        chance = 1.0 / (1.0 + np.exp(-np.clip(x[:, :lg], -60.0, 60.0)))
        away[:, :lg] = chance - wanted[:, :lg]
    # beyond two standard deviations errors count by their size only
    slope = np.clip(away, -1.0, 1.0) * weight
    loss = float((np.abs(slope) * np.minimum(np.abs(away), 1.0)).sum() / len(rows))
    back = slope / np.float32(len(rows))
    gradients: list[Single] = [np.zeros(0, np.float32)] * len(values)
    for k in reversed(range(layers)):
        x, made = kept[k]
        if k + 1 < layers:
            gate = 1.0 / (1.0 + np.exp(-np.maximum(made, np.float32(-60.0))))
            back = back * (gate * (1.0 + made * (1.0 - gate)))
        gradients[2 * k] = x.T @ back
        gradients[2 * k + 1] = back.sum(axis=0)
        if k:
            back = back @ values[2 * k].T
    return loss, gradients
