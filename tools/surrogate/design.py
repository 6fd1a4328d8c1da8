"""The design: which simulated skins and shots the engine is asked about, drawn quasi-randomly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from milia.calibration import (
    DAMAGE_SCALE_NAME,
    UNCERTAIN,
    draw,
    parameter_set,
    parameters_from,
    prior_set,
    sobol,
)
from milia.planning.live.inputs import COLUMN, INPUTS

Array = NDArray[np.float64]

# what the surrogate shall answer for, SI; what arrives may be far from what is displayed
SPOT = (0.1e-3, 1.15e-3)
FLUENCE = (4e3, 2e4, 1.2e6, 6e6)  # ends of a low, a usual and a high part
FLUENCE_PARTS = (0.1, 0.85)
ENERGY = (2e-4, 1.0)
POWER_W = (2.0, 2000.0)
DURATION = (2.5e-5, 3.2e-3)
INTERVAL = (10e-3, 1.1)
FOCUS = 2.0e-3
M2 = (1.0, 2.0)
DIAMETER = (0.28e-3, 2.2e-3)
ROOF = (14e-6, 400e-6)
TOTAL = (0.18e-3, 3.0e-3)
EPIDERMIS = (18e-6, 130e-6)
CORNEUM = (3e-6, 35e-6)
PAPILLARY = (0.04, 0.32)
WATER = (0.91, 1.09)
TEMPERATURE = (302.0, 310.2)
EVENLY = {"spot": SPOT, "duration": DURATION, "interval": INTERVAL, "m2": M2, "aim": (0.0, 0.5e-3)}
WIDER = 4  # for every so many skins with calibrated physics one with the prior's
AIM = EVENLY["aim"][1]
HITS = 0.12  # share of shots that hit the centre
MISSES = 3  # each train is read off for so many of them, with as many factors on damage
DAMAGE_LOG_SD = 0.35
PULSES = 5
OFTEN = 3  # what most trains end after
OWN = 17


def design(count: int, *, seed: int) -> tuple[Array, NDArray[np.int64]]:
    """Return rows of inputs [n, inputs] and the pulses of each; most have calibrated physics."""
    parts = [_part(count, seed=seed, wide=False), _part(count // WIDER, seed=seed + 100, wide=True)]
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([pulses for _, pulses in parts])


def _part(count: int, *, seed: int, wide: bool) -> tuple[Array, NDArray[np.int64]]:
    physics = prior_set() if wide else parameter_set()
    points = sobol(count, OWN + len(physics.marginals), seed=seed)
    points[:, OWN:] = physics.correlated(points[:, OWN:])
    drawn = draw(physics.marginals, points[:, OWN:])
    u = points.T
    rows = np.zeros((count, len(INPUTS)))

    def put(name: str, values: Array) -> None:
        rows[:, COLUMN[name]] = values

    spot = _log(u[0], SPOT)
    energy = _in_parts(u[1], FLUENCE, FLUENCE_PARTS) * 0.25 * np.pi * spot**2
    put("spot", spot)
    put("energy", energy)
    put("duration", _log(u[2], DURATION))
    put("interval", _log(u[3], INTERVAL))
    put("focus", FOCUS * _mostly_near(u[4]))
    put("m2", _log(u[5], M2))
    put("diameter", _log(u[6], DIAMETER))
    put("roof", _log(u[7], ROOF))
    total = _log(u[8], TOTAL)
    epidermis = np.minimum(_log(u[9], EPIDERMIS), 0.6 * total)
    put("total", total)
    put("epidermis", epidermis)
    put("corneum", np.minimum(_log(u[10], CORNEUM), 0.8 * epidermis))
    put("papillary", _even(u[11], PAPILLARY))
    put("water_scale", _even(u[12], WATER))
    put("temperature", _even(u[13], TEMPERATURE))
    for number, values in enumerate(drawn):
        made = parameters_from(values, 10.6e-6)
        for name in UNCERTAIN:
            rows[number, COLUMN[name]] = getattr(made, name)
        rows[number, COLUMN[f"death_{made.cell_death}"]] = 1.0
    # twice as wide as the scatter of one skin: the second factor of a train is drawn apart
    put("damage_scale", np.array([values[DAMAGE_SCALE_NAME] for values in drawn]))
    pulses = np.where(u[14] < 0.35, PULSES, OFTEN).astype(np.int64)
    return rows, pulses


def misses_of(rows: Array, *, seed: int) -> Array:
    """Return factors on thermal damage and distances from the cyst's centre [m], [n, MISSES, 2]."""
    rng = np.random.default_rng(seed + 1)
    count = len(rows)
    own = rows[:, COLUMN["damage_scale"]]
    others = [np.exp(rng.normal(0.0, DAMAGE_LOG_SD, count)) for _ in range(MISSES - 1)]
    damage = np.stack([own, *others], axis=1)
    aim = AIM * rng.random((count, MISSES)) ** 1.7
    aim[rng.random((count, MISSES)) < HITS] = 0.0
    return np.stack([damage, aim], axis=2)


def kept(rows: Array) -> NDArray[np.bool_]:
    """Say which rows are shots that a laser of the range could fire."""
    energy, duration = rows[:, COLUMN["energy"]], rows[:, COLUMN["duration"]]
    power = energy / duration
    return np.asarray(
        (energy >= ENERGY[0]) & (energy <= ENERGY[1]) & (power >= POWER_W[0]) & (power <= POWER_W[1])
    )


def _log(u: Array, ends: tuple[float, float]) -> Array:
    low, high = np.log(ends)
    return np.asarray(np.exp(low + (high - low) * u))


def _in_parts(u: Array, ends: tuple[float, ...], shares: tuple[float, ...]) -> Array:
    """Return values whose logarithm is spread evenly in each part."""
    return np.asarray(np.exp(np.interp(u, (0.0, *shares, 1.0), np.log(ends))))


def _even(u: Array, ends: tuple[float, float]) -> Array:
    return ends[0] + (ends[1] - ends[0]) * u


def _mostly_near(u: Array) -> Array:
    """Return values between −1 and 1, twice as dense about 0 as at the ends."""
    v = 2.0 * u - 1.0
    return np.asarray(np.sign(v) * np.abs(v) ** 1.5)
