"""Train the two networks on fired trains, and measure on trains kept apart how far they are off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tools.surrogate.design import EVENLY
from tools.surrogate.targets import targets
from tools.surrogate.training import Data, train
from tools.surrogate.trains import NUMBERS, RADII

from milia.planning.live.inputs import COLUMN, INPUTS, coordinates
from milia.planning.live.network import Layer, Network
from milia.planning.live.outputs import LOGITS, OUTPUT, OUTPUTS, PULSES, length_of, opening_of
from milia.planning.live.shapes import OFFSET_M
from milia.planning.live.surrogate import fluence_of

Array = NDArray[np.float64]
Tell = Callable[[str], None]

HELD_OUT = 12  # every so many trains are kept apart
VERDICTS = (160, 160, 160)
SHAPES = (128, 128)
EPOCHS = (120, 40)
# what a verdict hangs on counts most
IMPORTANCE: Mapping[str, float] = {
    "through": 1.0,
    "bottom": 0.5,
    "opening": 2.0,
    "depth": 1.0,
    "width": 0.6,
    "harm_above": 2.0,
    "harm_below": 0.5,
    "wound_width": 1.0,
    "rtd_floor": 0.4,
    "rtd_wall": 0.3,
    "warmth": 0.3,
}


@dataclass(frozen=True, eq=False)
class Trains:
    """Fired trains: ``rows`` [n, inputs], ``misses`` [n, m, 2], ``found`` [n, m, PULSES, SIZE]."""

    rows: Array
    misses: Array
    found: Array

    def part(self, chosen: NDArray[np.bool_]) -> Trains:
        """Return some of the trains."""
        return Trains(self.rows[chosen], self.misses[chosen], self.found[chosen])

    def unrolled(self) -> tuple[Array, Array]:
        """Return one row of inputs and of outcomes for each miss of each train."""
        rows = np.repeat(self.rows[:, None, :], self.misses.shape[1], axis=1)
        rows[..., COLUMN["damage_scale"]] = self.misses[..., 0]
        rows[..., COLUMN["aim"]] = self.misses[..., 1]
        return rows.reshape(-1, len(INPUTS)), self.found.reshape(-1, PULSES, self.found.shape[-1])


def learn(trains: Trains, *, seed: int, tell: Tell) -> tuple[Network, Network, Array, dict[str, Any]]:
    """Return the verdicts' and the shapes' network, the standard errors, and the errors in words' units."""
    held = np.arange(len(trains.rows)) % HELD_OUT == 0
    rows, found = trains.part(~held).unrolled()
    x = coordinates(rows)
    y, weight = targets(rows, found)
    weight = weight * np.array([IMPORTANCE[name] for name in OUTPUTS])
    tell(f"training on {len(rows)} rows of {int((~held).sum())} trains")
    verdicts = _verdicts(x, y, weight, seed=seed, tell=tell)
    # shapes do not depend on where the cyst lies beside the beam: one miss of each train
    every = slice(None, None, trains.misses.shape[1])
    shapes = _shapes(x[every], found[every], seed=seed, tell=tell)
    rows, found = trains.part(held).unrolled()
    spread, errors = judged(verdicts, shapes, rows, found)
    return verdicts, shapes, spread, errors


def _verdicts(x: Array, y: Array, weight: Array, *, seed: int, tell: Tell) -> Network:
    # the trainer wants logits first, the package one pulse after the other
    order = np.arange(PULSES * len(OUTPUTS)).reshape(PULSES, len(OUTPUTS)).T.ravel()
    flat_y, flat_w = (a.reshape(len(a), -1)[:, order] for a in (y, weight))
    made = _network(x, flat_y, flat_w, VERDICTS, EPOCHS[0], LOGITS * PULSES, seed=seed, tell=tell)
    back = np.argsort(order)
    last = made.layers[-1]
    return Network(
        (*made.layers[:-1], Layer(np.ascontiguousarray(last.weights[:, back]), last.offsets[back])),
        made.input_mean,
        made.input_scale,
        made.output_mean[back],
        made.output_scale[back],
    )


def _shapes(x: Array, found: Array, *, seed: int, tell: Tell) -> Network:
    profile = found[:, :, len(NUMBERS) :]
    known = np.isfinite(profile)
    y = np.log(np.where(known, profile, 0.0) + OFFSET_M)
    flat = (len(x), PULSES * 2 * len(RADII))
    return _network(
        x, y.reshape(flat), known.reshape(flat).astype(float), SHAPES, EPOCHS[1], 0, seed=seed, tell=tell
    )


def _network(
    x: Array,
    y: Array,
    weight: Array,
    sizes: tuple[int, ...],
    epochs: int,
    logits: int,
    *,
    seed: int,
    tell: Tell,
) -> Network:
    known = np.maximum(weight.sum(axis=0), 1e-9)
    mean = (y * weight).sum(axis=0) / known
    scale = np.sqrt(((y - mean) ** 2 * weight).sum(axis=0) / known)
    mean[:logits], scale[:logits] = 0.0, 1.0
    scale[scale < 1e-9] = 1.0
    middle, width = x.mean(axis=0), x.std(axis=0)
    data = Data(
        ((x - middle) / width).astype(np.float32),
        ((y - mean) / scale).astype(np.float32),
        weight.astype(np.float32),
        logits,
    )
    layers = train(
        data,
        sizes,
        epochs=epochs,
        seed=seed,
        tell=lambda n, loss: tell(f"epoch {n + 1} of {epochs}: {loss:.4f}"),
    )
    return Network(tuple(layers), *(a.astype(np.float32) for a in (middle, width, mean, scale)))


def judged(verdicts: Network, shapes: Network, rows: Array, found: Array) -> tuple[Array, dict[str, Any]]:
    """Return standard errors [PULSES, OUTPUTS], and median and 95th percentile of what a reader knows."""
    y, weight = targets(rows, found)
    x = coordinates(rows)
    made = verdicts.at(x).astype(float).reshape(y.shape)
    away = np.abs(made - y)
    spread = np.full(y.shape[1:], 1.0)
    for pulse in range(PULSES):
        for name in OUTPUTS[LOGITS:]:
            known = weight[:, pulse, OUTPUT[name]] > 0.0
            if known.any():
                spread[pulse, OUTPUT[name]] = np.percentile(away[known, pulse, OUTPUT[name]], 68.3)
    errors: dict[str, Any] = {"trains": len(rows) // 3}
    spot = rows[:, COLUMN["spot"]]
    for pulse in (0, 2):
        part: dict[str, Any] = {}
        for name in OUTPUTS[LOGITS:]:
            known = weight[:, pulse, OUTPUT[name]] > 0.0
            got, true = made[known, pulse, OUTPUT[name]], y[known, pulse, OUTPUT[name]]
            if name == "opening":
                got, true = (opening_of(a, spot=spot[known]) for a in (got, true))
            else:
                got, true = length_of(name, got), length_of(name, true)
            key, factor = (f"{name}_um", 1e6) if name != "warmth" else ("warmth_K", 1.0)
            part[key] = _two(factor * np.abs(got - true))
        for name in OUTPUTS[:LOGITS]:
            known = weight[:, pulse, OUTPUT[name]] > 0.0
            wrong = (made[known, pulse, OUTPUT[name]] > 0.0) != (y[known, pulse, OUTPUT[name]] > 0.5)
            part[f"{name}_wrong"] = round(float(wrong.mean()), 4)
        errors[f"after_pulse_{pulse + 1}"] = part
    errors["profiles_um"] = _profiles(shapes, x, found)
    return spread, errors


def _profiles(shapes: Network, x: Array, found: Array) -> dict[str, float]:
    profile = found[:, :, len(NUMBERS) :]
    known = np.isfinite(profile)
    made = np.maximum(np.exp(shapes.at(x).astype(float).reshape(profile.shape)) - OFFSET_M, 0.0)
    return _two(1e6 * np.abs(made - profile)[known])


def _two(values: Array) -> dict[str, float]:
    low, high = np.percentile(values, [50, 95])
    return {"median": round(float(low), 2), "p95": round(float(high), 1)}


def ranges_of(trains: Trains) -> dict[str, tuple[float, float]]:
    """Return the range of every input that is not a choice, and of the fluence.

    That of the drawn rows; for what was drawn evenly over a range, that range.
    """
    rows, _ = trains.unrolled()
    made = {
        name: (float(rows[:, number].min()), float(rows[:, number].max()))
        for name, number in COLUMN.items()
        if not name.startswith("death_")
    }
    fluence = fluence_of(rows)
    return {**made, **EVENLY, "fluence": (float(fluence.min()), float(fluence.max()))}
