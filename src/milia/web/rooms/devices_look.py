"""How a device and its calibration look: facts with units, and the two pictures of a calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from milia.laser import Device as Laser
from milia.web.i18n import Words, mark

__all__ = ["DEVICE_KINDS", "check_chart", "delivered", "facts_of", "share_chart"]

DEVICE_KINDS = {
    "superpulse": mark("superpulsed"),
    "continuous": mark("continuous"),
    "scanned": mark("scanned"),
    "er_yag": mark("Er:YAG"),
}
_MOST_SHOWN = 60
Z_90 = 1.6448536269514722


def delivered(laser: Laser) -> tuple[float, float, float]:
    """Give the delivered share of the display: 5 %, middle, 95 %; of a calibrated laser, lognormal."""
    known = laser.delivered_fraction
    if laser.calibrated is None:
        return known.low, known.value, known.high
    spread = laser.calibrated.energy_spread
    middle = known.value * math.exp(-0.5 * spread**2)
    return middle * math.exp(-Z_90 * spread), middle, middle * math.exp(Z_90 * spread)


def facts_of(laser: Laser, t: Words) -> list[tuple[str, str]]:
    """Give what the device offers, as (name, text)."""
    energies = sorted({energy for energy, _ in laser.deliverable()})
    durations = sorted({duration for _, duration in laser.deliverable()})
    low, middle, high = delivered(laser)
    found = [
        (t("Wavelength"), f"{t.number(1e6 * laser.wavelength_m, 2)} µm"),
        (t("Spots"), _steps([1e6 * each for each in laser.spot_diameters_m], "µm", t)),
        (t("Pulse energies"), _steps([1e3 * each for each in energies], "mJ", t)),
        (t("Pulse durations"), _steps([1e6 * each for each in durations], "µs", t)),
        (t("Intervals"), _steps([1e3 * each for each in laser.interval_s], "ms", t)),
        (
            t("Most pulses"),
            t("{pulses} in a train, {passes} passes", pulses=laser.pulses_max, passes=laser.passes_max),
        ),
    ]
    if laser.average_power_max_W is not None:
        found.append((t("Average power"), t("at most {power} W", power=round(laser.average_power_max_W, 2))))
    found.append(
        (
            t("Delivered"),
            t(
                "{low} to {high} of the display, {middle} most likely",
                low=t.percent(low),
                high=t.percent(high),
                middle=t.percent(middle),
            ),
        )
    )
    return found


def _steps(values: Sequence[float], unit: str, t: Words) -> str:
    if len(values) == 1:
        return f"{t.number(float(f'{values[0]:.4g}'))} {unit}"
    low, high = (t.number(float(f"{end:.4g}")) for end in (values[0], values[-1]))
    return t("{low} to {high} {unit}, {n} steps", low=low, high=high, unit=unit, n=len(values))


def check_chart(result: Mapping[str, Any], t: Words) -> dict[str, Any]:
    """Give the picture of every measured number beside what the calibrated laser makes in the simulation."""
    shots = result["predictive_check"][:_MOST_SHOWN]
    names = [each["label"] for each in shots]
    bands = [
        {
            "type": "line",
            "data": [[name, each["p05_um"]], [name, each["p95_um"]]],
            "symbol": "none",
            "silent": True,
            "lineStyle": {"width": 6, "opacity": 0.3},
            "color": "--brand",
            "name": t("simulated, 90 %"),
        }
        for name, each in zip(names, shots, strict=True)
    ]
    measured = {
        "type": "scatter",
        "data": [[name, each["measured_um"]] for name, each in zip(names, shots, strict=True)],
        "symbolSize": 11,
        "color": "--warn",
        "name": t("measured"),
    }
    middle = {
        "type": "scatter",
        "data": [[name, each["p50_um"]] for name, each in zip(names, shots, strict=True)],
        "symbol": "rect",
        "symbolSize": [14, 3],
        "color": "--brand",
        "name": t("simulated, middle"),
    }
    return {
        "grid": {"left": 56, "right": 16, "top": 40, "bottom": 48},
        "legend": {"top": 0, "data": [t("measured"), t("simulated, middle")]},
        "tooltip": {"trigger": "item"},
        "xAxis": {"type": "category", "data": names},
        "yAxis": {"type": "value", "name": "µm"},
        "series": [*bands, middle, measured],
    }


def share_chart(result: Mapping[str, Any], t: Words) -> dict[str, Any]:
    """Give the picture of the effective share of the display, before and after, with its 90 %."""
    learnt = result.get("outcomes") or {}
    rows = [
        (t("before"), result["effective_share"]["before"]),
        *((t("shots alone"), band) for band in (learnt.get("shots_alone"),) if band),
        *((t("outcomes alone"), band) for band in (learnt.get("effective_share"),) if band),
        (t("after"), result["effective_share"]["after"]),
        (t("the laser's own"), result["lasers_own_share"]),
    ]
    names = [name for name, _ in rows][::-1]
    return {
        "grid": {"left": 120, "right": 24, "top": 12, "bottom": 44},
        "tooltip": {"trigger": "item"},
        "xAxis": {"type": "value", "min": 0, "name": "", "axisLabel": {"formatter": "{value}"}},
        "yAxis": {"type": "category", "data": names},
        "series": [
            *(
                {
                    "type": "line",
                    "data": [[band["p05"], name], [band["p95"], name]],
                    "symbol": "none",
                    "silent": True,
                    "lineStyle": {"width": 8, "opacity": 0.35},
                    "color": "--brand",
                }
                for name, band in rows
            ),
            {
                "type": "scatter",
                "data": [[band["p50"], name] for name, band in rows],
                "symbolSize": 12,
                "color": "--brand",
            },
        ],
    }
