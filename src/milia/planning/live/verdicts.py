"""From the network's outputs to what opens and what harms, skin by skin, with the network's own error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.planning.live.inputs import COLUMN
from milia.planning.live.outputs import OFFSETS, OUTPUT, OUTPUTS, length_of, opening_of
from milia.planning.live.surrogate import Surrogate
from milia.planning.scenarios import Scenario

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Limits:
    """What each skin asks for and may lose, SI [skins]; +∞ where there is no such limit."""

    opening: Array
    depth: Array
    width: Array
    severe: Array
    collateral: Array
    warming: Array
    weight: Array

    @classmethod
    def of(cls, scenarios: Sequence[Scenario], weights: Sequence[float]) -> Limits:
        """Collect the limits of scenarios, each with its probability."""
        return cls(
            opening=np.array([s.opening_goal_m for s in scenarios]),
            depth=np.array([min(s.depth_limit_m, s.dermis_limit_m) for s in scenarios]),
            width=np.array([s.lateral_limit_m - 2.0 * s.aim_m for s in scenarios]),
            severe=np.array([s.severe_depth_m for s in scenarios]),
            collateral=np.array([s.collateral_limit_m for s in scenarios]),
            warming=np.array([s.heat_limit_K - s.initial_K for s in scenarios]),
            weight=np.array(weights),
        )


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Chances of each row after each pulse, [rows, pulses]."""

    opened: Array
    harmed: Array
    severe: Array


def raw_outputs(surrogate: Surrogate, coordinates: Array, pulses: int) -> Array:
    """Return the network's outputs after each of the first pulses, [rows, pulses, OUTPUTS]."""
    made = surrogate.verdicts.at(coordinates, columns=pulses * len(OUTPUTS))
    return np.asarray(made.reshape(len(coordinates), pulses, len(OUTPUTS)), dtype=float)


def verdicts_of(outputs: Array, rows: Array, limits: Limits, surrogate: Surrogate) -> Verdicts:
    """Return each row's chances: its outputs beyond the limit by how many of the surrogate's standard errors.

    ``rows`` are the inputs [n, inputs]; ``limits`` belong to the same rows. What has opened stays open and
    what is harmed stays harmed.
    """
    from scipy.special import expit, ndtr

    error = surrogate.spread[: outputs.shape[1]]

    def out(name: str) -> Array:
        return np.asarray(outputs[..., OUTPUT[name]])

    def past(name: str, limit: Array) -> Array:
        with np.errstate(divide="ignore"):
            wanted = np.log(np.maximum(limit, 0.0) + OFFSETS[name])
        return np.asarray(ndtr((out(name) - wanted[:, None]) / error[:, OUTPUT[name]]))

    spot = rows[:, COLUMN["spot"]]
    score = np.maximum.accumulate(out("opening"), axis=1)
    goal = (limits.opening / spot) ** 2
    opened = ndtr((score - goal[:, None]) / error[:, OUTPUT["opening"]])
    through, ended = expit(out("through")), expit(out("bottom"))

    def deeper(limit: Array) -> Array:
        return np.asarray(through * past("harm_below", limit) + (1.0 - through) * past("harm_above", limit))

    unharmed = (1.0 - deeper(limits.depth)) * (1.0 - past("wound_width", limits.width)) * (1.0 - ended)
    if np.isfinite(limits.collateral).any():
        unharmed = unharmed * (1.0 - _collateral(out, error, limits.collateral))
    hot = past("warmth", limits.warming)
    unharmed[:, 1:] *= 1.0 - hot[:, :-1]
    harmed = 1.0 - unharmed
    severe = 1.0 - (1.0 - deeper(limits.severe)) * (1.0 - ended)
    return Verdicts(
        opened,
        np.maximum.accumulate(harmed, axis=1),
        np.maximum.accumulate(severe, axis=1),
    )


def _collateral(out: Callable[[str], Array], error: Array, limit: Array) -> Array:
    from scipy.special import ndtr

    wound, crater = out("wound_width"), out("width")
    beside = 0.5 * (length_of("wound_width", wound) - length_of("width", crater))
    doubt = 0.5 * np.hypot(
        length_of("wound_width", wound) * error[:, OUTPUT["wound_width"]],
        length_of("width", crater) * error[:, OUTPUT["width"]],
    )
    return np.asarray(ndtr((beside - limit[:, None]) / np.maximum(doubt, 1e-6)))


def shares(verdicts: Verdicts, weight: Array) -> Array:
    """Return p_open, p_harm and p_severe after each pulse, [pulses, 3]; weights sum to one."""
    return np.stack([weight @ verdicts.opened, weight @ verdicts.harmed, weight @ verdicts.severe], axis=1)


def lengths_of(outputs: Array, rows: Array, pulse: int) -> dict[str, Array]:
    """Return what is predicted of each row's wound after one pulse (counted from 1), µm [rows]."""
    last = outputs[:, pulse - 1]

    def of(name: str) -> Array:
        return np.asarray(1e6 * length_of(name, last[:, OUTPUT[name]]))

    depth, roof, diameter = of("depth"), rows[:, COLUMN["roof"]], rows[:, COLUMN["diameter"]]
    score = np.max(outputs[:, :pulse, OUTPUT["opening"]], axis=1)
    through = last[:, OUTPUT["through"]] > 0.0
    # where the floor lies in the cyst's keratin nothing below it can be harmed
    in_keratin = (depth > 1e6 * roof) & (depth < 1e6 * (roof + diameter)) & ~through
    return {
        "opening_um": 1e6 * opening_of(score, spot=rows[:, COLUMN["spot"]]),
        "crater_depth_um": depth,
        "rtd_floor_um": np.where(in_keratin, 0.0, of("rtd_floor")),
        "rtd_wall_um": np.where(depth > 0.0, of("rtd_wall"), 0.0),
        "harm_depth_um": np.where(through, of("harm_below"), of("harm_above")),
        "wound_width_um": of("wound_width"),
    }
