"""How far estimated probabilities are from counted ones, in random cases under random settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.engine import run_all
from milia.planning import Case, case_from_mapping, goals_for, make_scenarios
from milia.planning.live.answers import NAMES
from milia.planning.live.inputs import coordinates
from milia.planning.live.prepared import Prepared, prepare
from milia.planning.live.surrogate import OutsideRangeError, Surrogate
from milia.planning.live.verdicts import raw_outputs, shares, verdicts_of
from milia.planning.outcomes import Shot, Stop, fire_at
from milia.planning.search import shots_for, spots_for
from milia.skin import sites

Array = NDArray[np.float64]

DEVICES = ("generic-superpulse-co2", "generic-superpulse-co2", "generic-scanned-co2")
CASES = 100
SKINS = 128
PULSES = 3


def random_case(rng: np.random.Generator) -> Case:
    """Return a case that could be planned."""
    names = [site.name for site in sites()]
    diameter = float(np.exp(rng.uniform(np.log(0.5), np.log(1.8))))
    lesion: dict[str, Any] = {
        "site": names[rng.integers(len(names))],
        "diameter": f"{diameter:.2f} mm",
        "count": 1,
        "diagnosis": {"condition": "milium", "confirmed": True},
    }
    if rng.random() < 0.6:
        lesion["roof"] = f"{rng.uniform(50, 180):.0f} um ± {rng.uniform(8, 30):.0f} um"
    return case_from_mapping(
        {
            "patient": {"age": "34 year", "sex": "female", "skin_type": "II", "history": []},
            "lesion": lesion,
            "device": DEVICES[rng.integers(len(DEVICES))],
        },
        file="case.yaml",
    )


def random_shot(case: Case, prepared: Prepared, rng: np.random.Generator) -> Shot:
    """Return a setting that the plan's search could fire, now and then with another interval."""
    spots = spots_for(case.device, prepared.goals, case.lesion.diameter.value)
    line = shots_for(case.device, spots[rng.integers(len(spots))])
    shot = line[rng.integers(len(line))]
    if rng.random() < 0.3:
        steps = case.device.intervals_for(shot.pulse_energy_J, shot.pulse_duration_s)
        shot = replace(shot, interval_s=steps[rng.integers(len(steps))])
    return shot


def compare(
    surrogate: Surrogate, *, seed: int, tell: Callable[[str], None], cases: int = CASES
) -> dict[str, Any]:
    """Return the errors of probabilities: typical, 95th percentile, largest; and how many were refused."""
    rng = np.random.default_rng(seed)
    away: list[Array] = []
    refused = 0
    for number in range(cases):
        case = random_case(rng)
        goals = goals_for(case)
        scenarios = make_scenarios(case, goals, count=SKINS, seed=number)
        prepared = prepare(case, goals=goals, scenarios=scenarios, surrogate=surrogate)
        try:
            shot = random_shot(case, prepared, rng)
            away.append(one(prepared, shot))
        except OutsideRangeError:
            refused += 1
        if number % 10 == 9:
            tell(f"{number + 1} of {cases} cases against the engine")
    # after every pulse of every case
    found = np.abs(np.concatenate(away))
    told: dict[str, Any] = {"cases": len(away), "refused": refused, "skins": SKINS}
    for column, name in enumerate(NAMES):
        told[name] = round(float(np.percentile(found[:, column], 95)), 4)
    told["p_typical"] = round(float(np.median(found)), 4)
    told["p_mean"] = round(float(found.mean()), 4)
    told["p_largest"] = round(float(found.max()), 4)
    told["p_bias"] = [round(float(v), 4) for v in np.concatenate(away).mean(axis=0)]
    return told


def one(prepared: Prepared, shot: Shot) -> Array:
    """Return estimated minus counted probabilities after each pulse, [PULSES, 3]."""
    if prepared.skins.shape[0] == 0:
        raise OutsideRangeError("the surrogate refuses this case")
    rows, _ = prepared.rows(shot)
    limits, surrogate = prepared.limits, prepared.surrogate
    found = shares(
        verdicts_of(raw_outputs(surrogate, coordinates(rows), PULSES), rows, limits, surrogate), limits.weight
    )
    skins = prepared.scenarios.items
    fired = run_all(
        lambda skin: fire_at(shot, skin, prepared.case.device, pulses=PULSES, stop=Stop.NEVER), skins
    )
    counted = [
        [np.mean([getattr(row, name)[n] for row in fired]) for name in ("opened", "harmed", "severe")]
        for n in range(PULSES)
    ]
    return np.asarray(found - np.array(counted))
