"""The words and colours of a plan on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milia.web.i18n import Words, mark

__all__ = ["SETTING_FIELDS", "kind_of_chance", "words_of"]

SETTING_FIELDS = (
    ("energy_mJ", mark("Pulse energy")),
    ("duration_us", mark("Pulse duration")),
    ("spot_um", mark("Spot diameter")),
    ("interval_ms", mark("Interval")),
    ("pulses", mark("Pulses")),
)


def kind_of_chance(share: float, limit: float, *, rising: bool) -> str:
    """Give the colour of a chance: good within its limit, warn near it, bad beyond."""
    inside = share >= limit if rising else share <= limit
    if inside:
        return "good"
    near = share >= limit - 0.15 if rising else share <= limit + 0.1
    return "warn" if near else "bad"


def words_of(t: Words, found: Mapping[str, Any]) -> str:
    """Say in one sentence what the setting does."""
    predicted = found["predicted"]
    opening, depth = predicted["opening_um"], predicted["crater_depth_um"]
    said = t("Inside the window.") if found["inside"] else t("Outside the window.")
    return f"{said} " + t(
        "Opening {low}–{high} µm, crater {shallow}–{deep} µm deep.",
        low=round(opening["p05"]),
        high=round(opening["p95"]),
        shallow=round(depth["p05"]),
        deep=round(depth["p95"]),
    )
