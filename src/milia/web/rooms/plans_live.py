"""The plan under the hand: one setting of the device, answered fast enough to be dragged."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from milia.planning import Shot, case_from_mapping
from milia.report import draw_section

if TYPE_CHECKING:
    from milia.laser import Device

__all__ = ["live_answer", "start_of", "steps_of", "with_looks"]

_KEPT = 12
_prepared: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()
"""Cases made ready, newest last: the first answer of a case draws its skins, the next ones reuse them."""


def steps_of(device: Device, most_pulses: int = 5) -> dict[str, Any]:
    """Give what the device can be set to, in the units of its display."""
    pairs = sorted(
        {(_tidy(1e3 * energy), _tidy(1e6 * duration)) for energy, duration in device.deliverable()}
    )
    return {
        "energy_mJ": sorted({energy for energy, _ in pairs}),
        "pairs": pairs,
        "duration_us": sorted({duration for _, duration in pairs}),
        "spot_um": [_tidy(1e6 * spot) for spot in device.spot_diameters_m],
        "interval_ms": [_tidy(1e3 * step) for step in device.interval_s],
        "pulses": list(range(1, min(most_pulses, device.pulses_max) + 1)),
    }


def start_of(plan: Mapping[str, Any], steps: Mapping[str, Any]) -> dict[str, int]:
    """Give where the dials stand at first: at the recommended setting, or the closest one that was tried."""
    found = plan.get("settings") or plan["window"].get("best_try") or {}
    keys = {
        "energy_mJ": "pulse_energy_mJ",
        "spot_um": "spot_diameter_um",
        "interval_ms": "interval_ms",
        "pulses": "pulses",
    }
    # Of a series with looks the dials know the whole train: all its pulses, with no look between.
    most = _series(plan).get("most_pulses") or found.get("pulses")
    found = {**found, "pulses": most} if most else found
    made = {
        name: _closest(steps[name], found.get(key, steps[name][len(steps[name]) // 2]))
        for name, key in keys.items()
    }
    energy = steps["energy_mJ"][made["energy_mJ"]]
    durations = [duration for each, duration in steps["pairs"] if each == energy]
    made["duration_us"] = _closest(durations, found.get("pulse_duration_us", durations[0]))
    return made


def with_looks(plan: Mapping[str, Any]) -> bool:
    """Say whether the plan fires one pulse at a time and looks after each."""
    series = _series(plan)
    return str(series.get("name") or series.get("strategy") or "one_go") != "one_go"


def _series(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    return plan.get("strategy") or plan["window"].get("best_try") or {}


def _closest(values: Sequence[float], wanted: float) -> int:
    return min(range(len(values)), key=lambda index: abs(values[index] - wanted))


def live_answer(case: Mapping[str, Any], wanted: Mapping[str, float], *, seed: int) -> dict[str, Any]:
    """Say what a setting does to a case, with the picture of the wound.

    Parameters
    ----------
    case
        The case of a plan, with the keys of a case file.
    wanted
        ``energy_mJ``, ``duration_us``, ``spot_um``, ``interval_ms`` and ``pulses``.
    seed
        The plan's seed, so that the same skins are asked.
    """
    from milia.planning import answer

    prepared = _ready(case, seed)
    device = prepared.case.device
    pulses = int(wanted["pulses"])
    settings = device.settings(
        pulse_energy_J=1e-3 * wanted["energy_mJ"],
        pulse_duration_s=1e-6 * wanted["duration_us"],
        spot_diameter_m=1e-6 * wanted["spot_um"],
        interval_s=1e-3 * wanted["interval_ms"],
        pulses=pulses,
    )
    shot = Shot(
        settings.spot_diameter_m,
        settings.pulse_energy_J,
        settings.pulse_duration_s,
        settings.interval_s,
    )
    found: dict[str, Any] = answer(prepared, shot, pulses).to_dict()
    svg, caption = draw_section({**found, "settings": found["settings"]})
    goals = prepared.goals
    return {
        **found,
        "goals": {"p_open_min": goals.p_open_min, "p_harm_max": goals.p_harm_max},
        "picture": svg,
        "caption": caption,
    }


def _ready(case: Mapping[str, Any], seed: int) -> Any:
    from milia.planning import prepare

    key = json.dumps([case, seed], sort_keys=True, default=str)
    with _lock:
        if key in _prepared:
            _prepared.move_to_end(key)
            return _prepared[key]
    plain = {
        name: value for name, value in case.items() if name in ("patient", "lesion", "skin", "device", "goal")
    }
    made = prepare(case_from_mapping(plain, file="plan"), seed=seed)
    with _lock:
        _prepared[key] = made
        while len(_prepared) > _KEPT:
            _prepared.popitem(last=False)
    return made


def _tidy(value: float) -> float:
    return float(f"{value:.6g}")
