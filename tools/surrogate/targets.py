"""From what the engine found to what the network learns, with a weight of 0 where nothing can be learned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tools.surrogate.trains import NUMBERS

from milia.planning.live.inputs import COLUMN
from milia.planning.live.outputs import OFFSETS, OUTPUT, OUTPUTS, PULSES, THROUGH, opening_score

Array = NDArray[np.float64]
KEPT = {name: number for number, name in enumerate(NUMBERS)}


def targets(rows: Array, found: Array) -> tuple[Array, Array]:
    """Return targets and weights, both [n, PULSES, OUTPUTS].

    ``rows`` [n, inputs]; ``found`` [n, PULSES, SIZE]: NaN where no pulse was fired, +∞ where the train had
    ended because the next pulse could go through the bottom.
    """
    roof, diameter, spot = (rows[:, None, COLUMN[name]] for name in ("roof", "diameter", "spot"))
    aim = rows[:, None, COLUMN["aim"]]
    top = roof + 0.5 * diameter - np.sqrt(np.maximum(0.25 * diameter**2 - aim**2, 0.0))
    over = np.isinf(found[..., 0])
    fired = np.isfinite(found[..., 0])
    values = np.where(np.isfinite(found), found, 0.0)
    got = {name: values[..., number] for name, number in KEPT.items()}
    y = np.zeros((*over.shape, len(OUTPUTS)))
    weight = np.zeros_like(y)

    def put(name: str, value: Array, known: NDArray[np.bool_]) -> None:
        y[..., OUTPUT[name]] = value
        weight[..., OUTPUT[name]] = known

    def log(name: str, value: Array) -> Array:
        return np.asarray(np.log(value + OFFSETS[name]))

    through = got["harm_depth"] >= roof + THROUGH * diameter
    put("bottom", over, fired | over)
    put("through", through, fired)
    put("opening", opening_score(got["opening"], got["depth"], top=top, spot=spot), fired)
    put("depth", log("depth", got["depth"]), fired)
    put("width", log("width", got["width"]), fired)
    put("harm_above", log("harm_above", got["harm_depth"]), fired & ~through)
    put("harm_below", log("harm_below", got["harm_depth"]), fired & through)
    put("wound_width", log("wound_width", got["wound_width"]), fired)
    put("rtd_floor", log("rtd_floor", got["rtd_floor"]), fired & (got["rtd_floor"] > 0.0))
    put("rtd_wall", log("rtd_wall", got["rtd_wall"]), fired & (got["rtd_wall"] > 0.0))
    last = np.arange(PULSES)[None, :] == fired.sum(axis=1, keepdims=True) - 1
    warmth = np.maximum(got["warm_K"] - rows[:, None, COLUMN["temperature"]], 0.0)
    put("warmth", log("warmth", warmth), fired & ~last)
    return y, weight
