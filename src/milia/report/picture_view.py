"""Turns the plan's numbers into what the pictures need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milia.base import InputError
from milia.language import say
from milia.report.numbers import dialled
from milia.report.reading import entries, number, numbers, probability, section, text
from milia.report.section_data import CrossSectionData, SkinLayer
from milia.report.window_data import ResponsePoint, WindowData

AXIS_NAMES = {
    "pulse_energy_mJ": "pulse energy",
    "pulse_duration_us": "pulse duration",
    "spot_diameter_um": "spot diameter",
    "pulses": "pulses",
}
FIXED_UNITS = (
    ("pulse_energy_mJ", "mJ"),
    ("pulse_duration_us", "µs"),
    ("spot_diameter_um", "µm"),
    ("pulses", ""),
)


def window_data(plan: Mapping[str, Any]) -> WindowData | None:
    """Return the response along one setting, or None where the plan holds no response."""
    window, goals = section(plan, "window"), section(plan, "goals")
    response = section(window, "response")
    p_open_min, p_harm_max = probability(goals, "p_open_min"), probability(goals, "p_harm_max")
    points = tuple(_point(entry) for entry in entries(response, "points"))
    if not points or p_open_min is None or p_harm_max is None:
        return None
    margin = section(window, "margin")
    axis, unit = text(response, "axis"), text(response, "unit")
    first = text(response, "strategy") in ("stepwise", "titrated")
    name = say(AXIS_NAMES.get(axis, axis.replace("_", " ")))
    return WindowData(
        axis_title=f"{say('first {setting}', setting=name) if first else name}{f', {unit}' if unit else ''}",
        unit=unit,
        points=tuple(sorted(points, key=lambda point: point.x)),
        p_open_min=p_open_min,
        p_harm_max=p_harm_max,
        exists=window.get("exists") is True,
        recommended=number(response, "recommended"),
        down_percent=number(margin, "down_percent"),
        up_percent=number(margin, "up_percent"),
        p_severe_max=probability(goals, "p_severe_max"),
    )


def fixed_settings(plan: Mapping[str, Any]) -> str:
    """Say what was held fixed along the response: '300 µm spot, 700 µs, 1 pulse'."""
    response = section(section(plan, "window"), "response")
    fixed, axis = section(response, "fixed"), text(response, "axis")
    said = []
    for key, unit in FIXED_UNITS:
        value = number(fixed, key)
        if value is None or key == axis:
            continue
        shown = dialled(value, unit)
        if key == "pulses":
            said.append(say("1 pulse") if value == 1 else say("{count} pulses", count=shown))
        elif key == "spot_diameter_um":
            said.append(say("{spot} spot", spot=shown))
        else:
            said.append(shown)
    return ", ".join(said)


def tried_settings(plan: Mapping[str, Any]) -> str:
    """Say how many settings of the device were tried, and how many of them lie inside the window."""
    points = entries(section(plan, "window"), "points")
    if len(points) < 2:
        return ""
    inside = sum(point.get("inside") is True for point in points)
    if inside == 0:
        return say("Of {count} settings in the plan, none lie inside the window.", count=str(len(points)))
    if inside == 1:
        return say("Of {count} settings in the plan, 1 lies inside the window.", count=str(len(points)))
    return say(
        "Of {count} settings in the plan, {inside} lie inside the window.",
        count=str(len(points)),
        inside=str(inside),
    )


def cross_section_data(plan: Mapping[str, Any]) -> CrossSectionData | None:
    """Return the section through the cyst, or None where the plan holds none.

    Raises
    ------
    InputError
        If the curves have different lengths: a shifted crater would be a wrong picture.
    """
    found = section(plan, "cross_section")
    r = numbers(found, "r_um")
    layers = tuple(_layer(entry) for entry in entries(found, "layers"))
    if not r and not layers:
        return None
    curves = {
        key: numbers(found, key) for key in ("crater_um", "crater_low_um", "crater_high_um", "damage_um")
    }
    for key, curve in curves.items():
        if curve and len(curve) != len(r):
            raise InputError(
                "has another length than r_um",
                file="plan",
                key=f"cross_section.{key}",
                value=len(curve),
                accepted=f"{len(r)} numbers",
            )
    cyst = section(found, "cyst")
    return CrossSectionData(
        r_um=r,
        crater_um=curves["crater_um"] or tuple(0.0 for _ in r),
        crater_low_um=curves["crater_low_um"],
        crater_high_um=curves["crater_high_um"],
        damage_um=curves["damage_um"],
        layers=layers,
        cyst_diameter_um=number(cyst, "diameter_um"),
        roof_um=number(cyst, "roof_um"),
        limit_um=number(found, "limit_um"),
        hard_stop=found.get("hard_stop") is True,
        beam_diameter_um=number(found, "beam_diameter_um"),
    )


def _point(entry: Mapping[str, Any]) -> ResponsePoint:
    x, p_open, p_harm = number(entry, "x"), probability(entry, "p_open"), probability(entry, "p_harm")
    if x is None or p_open is None or p_harm is None:
        raise InputError(
            "a point of the response lacks a number",
            file="plan",
            key="window.response.points",
            value=dict(entry),
            accepted="x, p_open and p_harm",
        )
    return ResponsePoint(
        x,
        p_open,
        p_harm,
        _pair(entry, "p_open_range"),
        _pair(entry, "p_harm_range"),
        probability(entry, "p_severe") or 0.0,
    )


def _pair(entry: Mapping[str, Any], key: str) -> tuple[float, float] | None:
    pair = numbers(entry, key)
    return (pair[0], pair[1]) if len(pair) == 2 else None


def _layer(entry: Mapping[str, Any]) -> SkinLayer:
    top, bottom = number(entry, "top_um"), number(entry, "bottom_um")
    if top is None or bottom is None or bottom <= top:
        raise InputError(
            "a layer needs a top above its bottom",
            file="plan",
            key="cross_section.layers",
            value=dict(entry),
            accepted="top_um < bottom_um",
        )
    return SkinLayer(text(entry, "name"), top, bottom)
