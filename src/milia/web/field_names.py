"""The names of fields as people read them, where a sentence or a table is about a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milia.web.i18n import mark

__all__ = ["FIELD_NAMES", "differing"]

FIELD_NAMES: Mapping[str, str] = {
    "file": mark("File"),
    "name": mark("Name"),
    "born_on": mark("Date of birth"),
    "sex": mark("Sex"),
    "skin_type": mark("Skin type (Fitzpatrick)"),
    "phone": mark("Telephone"),
    "email": mark("E-mail"),
    "address": mark("Address"),
    "language": mark("Language for leaflets"),
    "history": mark("History"),
    "notes": mark("Notes"),
    "note": mark("Note"),
    "reason": mark("Reason"),
    "site": mark("Site"),
    "diameter_mm": mark("Diameter"),
    "state": mark("State"),
    "pin_x": mark("Place on the map, across"),
    "pin_y": mark("Place on the map, down"),
    "findings": mark("Findings"),
    "lesion_count": mark("How many"),
    "size_mm": mark("Size"),
    "colour": mark("Colour"),
    "surface": mark("Surface"),
    "consistency": mark("Feel"),
    "shape": mark("Shape"),
    "symptoms": mark("Symptoms"),
    "duration_band": mark("There for"),
    "onset": mark("Onset"),
    "growth": mark("Growth"),
    "extractable": mark("White content comes out"),
    "dermoscopy": mark("Dermoscopy"),
    "triggers_history": mark("Story and triggers"),
    "action": mark("What was done"),
    "treated_on": mark("Treated on"),
    "seen_on": mark("Seen on"),
    "pulse_energy_mJ": mark("Pulse energy"),
    "pulse_duration_us": mark("Pulse duration"),
    "spot_diameter_um": mark("Spot diameter"),
    "pulses_fired": mark("Pulses"),
    "interval_ms": mark("Interval"),
    "opened": mark("Roof opened"),
    "opened_in_pulses": mark("Opened after pulses"),
    "emptied": mark("Content came out"),
    "healed_day": mark("Closed on day"),
    "open_on_day": mark("Still open on day"),
    "infection": mark("Infection"),
    "eye_trouble": mark("Eye"),
    "mark_week_6": mark("Left after 6 weeks"),
    "mark_week_12": mark("Left after 12 weeks"),
    "pain": mark("Worst pain, 0 to 10"),
    "satisfaction": mark("Satisfaction, 0 to 10"),
    "starts_at": mark("Begins"),
    "ends_at": mark("Ends"),
    "serial": mark("Serial number"),
    "definition": mark("Device"),
    "shot_on": mark("Day of the shots"),
    "rows": mark("Shots"),
}
_NOTHING = "–"


def differing(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Give what two versions of a record say otherwise: field, one value, the other."""
    found: list[tuple[str, str, str]] = []
    for name in mine:
        here, there = mine[name], theirs.get(name)
        if here == there:
            continue
        if isinstance(here, Mapping) and isinstance(there, Mapping):
            both = {**dict.fromkeys(there), **here}
            found += differing(both, there)
        else:
            found.append((name, _said(here), _said(there)))
    return found


def _said(value: Any) -> str:
    if value is None or value in ("", (), []):
        return _NOTHING
    if isinstance(value, list | tuple):
        return ", ".join(_said(each) for each in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_said(each)}" for name, each in value.items())
    return str(value)
