"""A small network: what is multiplied, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Single = NDArray[np.float32]
CHUNK = 4096  # rows at a time, so that what lies between two layers stays in the cache


@dataclass(frozen=True, eq=False)
class Layer:
    """Weights [n_in, n_out] and offsets [n_out]."""

    weights: Single
    offsets: Single


@dataclass(frozen=True, eq=False)
class Network:
    """Standardised inputs through layers with x·sigmoid(x) between them, to outputs in their own units."""

    layers: tuple[Layer, ...]
    input_mean: Single
    input_scale: Single
    output_mean: Single
    output_scale: Single

    def at(self, x: Array, *, columns: int | None = None) -> Single:
        """Return the first ``columns`` outputs (all where not given) for inputs [n, d]."""
        parts = [self._at(x[begin : begin + CHUNK], columns) for begin in range(0, len(x), CHUNK)]
        return np.concatenate(parts) if parts else np.zeros((0, columns or len(self.output_mean)), np.float32)

    def _at(self, x: Array, columns: int | None) -> Single:
        made = ((x - self.input_mean) / self.input_scale).astype(np.float32)
        for layer in self.layers[:-1]:
            made = activated(_through(made, layer.weights, layer.offsets))
        last = self.layers[-1]
        made = _through(made, np.ascontiguousarray(last.weights[:, :columns]), last.offsets[:columns])
        return np.asarray(made * self.output_scale[:columns] + self.output_mean[:columns])


@njit(cache=True, nogil=True)
def _through(x: Single, weights: Single, offsets: Single) -> Single:
    """Return ``x @ weights + offsets``, four rows at a time, on the thread that asks.

    A linear-algebra library would wake all its threads for a product this small; on a busy machine they
    wait for each other forty times longer than the product takes.
    """
    n, inner = x.shape
    m = weights.shape[1]
    out = np.empty((n, m), np.float32)
    whole = n - n % 4
    for i in range(0, whole, 4):
        a, b, c, d = out[i], out[i + 1], out[i + 2], out[i + 3]
        for j in range(m):
            a[j] = b[j] = c[j] = d[j] = offsets[j]
        for k in range(inner):
            p, q, r, s = x[i, k], x[i + 1, k], x[i + 2, k], x[i + 3, k]
            row = weights[k]
            for j in range(m):
                w = row[j]
                a[j] += p * w
                b[j] += q * w
                c[j] += r * w
                d[j] += s * w
    for i in range(whole, n):
        a = out[i]
        a[:] = offsets
        for k in range(inner):
            p = x[i, k]
            row = weights[k]
            for j in range(m):
                a[j] += p * row[j]
    return out


def activated(x: Single) -> Single:
    """Return x·sigmoid(x); far below zero the sigmoid is 0 without an overflow."""
    return np.asarray(x / (np.float32(1.0) + np.exp(-np.maximum(x, np.float32(-60.0)))))
