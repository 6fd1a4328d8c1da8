"""Whether the surrogate still belongs to the engine, the tissue and the parameters that it was trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from milia.calibration import engine_digest, parameter_set
from milia.engine import nominal_parameters, run_all
from milia.language import told
from milia.laser import Device
from milia.planning import aim
from milia.planning.live.inputs import WAVELENGTH_M, coordinates, skins_of, under
from milia.planning.live.surrogate import Surrogate
from milia.planning.live.verdicts import Limits, raw_outputs, shares, verdicts_of
from milia.planning.outcomes import BRISK, COUNTING, Shot, Stop, fire_at
from milia.planning.scenarios import Scenario, Scenarios
from milia.skin import damage_sets, materials

PROBES = 48  # skins of the case at hand, each under every probing shot
PROBE_FLUENCE = (8.0e4, 3.0e5)  # J/m²
PROBE_SPOT_M = 0.4e-3
PROBE_DURATION_S = 0.4e-3
PROBE_INTERVAL_S = 0.2
# further off than the surrogate's own error, and what so few skins add to it, and this is another engine
BEYOND_ERROR = 0.04


@lru_cache(maxsize=1)
def made_with() -> dict[str, str]:
    """Return digests of what decides about an outcome: the engine's code, its numbers, the parameters."""
    numbers = (
        {name: value for name, value in vars(nominal_parameters(WAVELENGTH_M)).items() if name != "evidence"},
        [(m.name, m.density_kg_m3.value, m.water_fraction.value, m.living) for m in materials()],
        [(d.name, d.branches) for d in damage_sets()],
        COUNTING,
        BRISK,
        Path(aim.__file__).read_bytes(),
    )
    drawn = parameter_set(WAVELENGTH_M)
    marginals = [(m.name, m.kind, m.a, m.b, m.low, m.high, m.table) for m in drawn.marginals]
    return {
        "engine": engine_digest(),
        "numbers": _digest(numbers),
        "parameters": _digest((drawn.name, marginals, drawn.correlation.round(9).tolist())),
    }


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8")).hexdigest()[:16]


def changed(surrogate: Surrogate, parameters: str) -> tuple[str, ...]:
    """Return what has changed since the surrogate was trained: any of engine, numbers, parameters.

    ``parameters`` is the name of the set that the skins at hand were drawn from.
    """
    then, now = surrogate.provenance["made_with"], made_with()
    differs = [name for name, digest in now.items() if then.get(name) != digest]
    if parameters != surrogate.provenance["parameter_set"] and "parameters" not in differs:
        differs.append("parameters")
    return tuple(differs)


def stale(surrogate: Surrogate, scenarios: Scenarios, device: Device) -> str:
    """Return why the surrogate may not be used for these skins, or nothing where it may.

    Where something has changed since it was trained, a few of the skins are fired with the engine, and the
    verdicts decide: an engine that gives the same ones is the same engine.
    """
    differs = changed(surrogate, scenarios.parameter_set)
    if not differs:
        return ""
    away = probed(surrogate, scenarios.items[:PROBES], device)
    bound = float(max(surrogate.errors[name] for name in ("p_open", "p_harm"))) + BEYOND_ERROR
    if away <= bound:
        return ""
    return told(
        "the fast estimate was trained with another state of {parts} and is off by {away} in a probability "
        "(at most {bound} is accepted); the full engine answers instead. {command} makes it anew.",
        parts=", ".join(differs),
        away=f"{away:.2f}",
        bound=f"{bound:.2f}",
        command="python -m tools.surrogate",
    )


def probed(surrogate: Surrogate, scenarios: Sequence[Scenario], device: Device) -> float:
    """Return how far estimated shares are from those the engine counts in a few skins, at most."""
    shots = [
        Shot(PROBE_SPOT_M, fluence * 0.25 * np.pi * PROBE_SPOT_M**2, PROBE_DURATION_S, PROBE_INTERVAL_S)
        for fluence in PROBE_FLUENCE
    ]
    pairs = [(shot, skin) for shot in shots for skin in scenarios]
    fired = run_all(lambda pair: fire_at(*pair, device, pulses=2, stop=Stop.NEVER), pairs)
    limits = Limits.of(scenarios, [1.0 / len(scenarios)] * len(scenarios))
    away = 0.0
    for number, shot in enumerate(shots):
        rows = under(skins_of(scenarios), shot, device)
        found = shares(
            verdicts_of(raw_outputs(surrogate, coordinates(rows), 2), rows, limits, surrogate), limits.weight
        )
        own = fired[number * len(scenarios) : (number + 1) * len(scenarios)]
        counted = np.array(
            [
                [np.mean([getattr(o, name)[n] for o in own]) for name in ("opened", "harmed", "severe")]
                for n in range(2)
            ]
        )
        away = max(away, float(np.abs(found - counted).max()))
    return away
