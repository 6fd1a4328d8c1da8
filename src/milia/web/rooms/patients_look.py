"""What every page of the visit shows: the map, the words, the way of one lesion."""

from __future__ import annotations

from typing import Any

from milia.web.facemap import FaceMap, face_map
from milia.web.pages_ask import Asking
from milia.web.rooms.patients_chart import Chart, LesionView, age_years
from milia.web.rooms.patients_words import ACTIONS, SITES, STATE_KIND, STATES, STEPS

__all__ = ["lesion_look", "look", "map_of"]


def look() -> dict[str, Any]:
    """Give the tables of words that the templates translate."""
    return {
        "site_titles": SITES,
        "state_titles": STATES,
        "state_kind": STATE_KIND,
        "steps": STEPS,
        "actions": ACTIONS,
    }


def map_of(chart: Chart) -> FaceMap:
    """Draw the face map of a chart."""
    return face_map(
        [
            (view.id, view.number, view.content.site, view.state, view.content.pin_x, view.content.pin_y)
            for view in chart.lesions
        ]
    )


def lesion_look(ask: Asking, chart: Chart, view: LesionView, step: str) -> dict[str, Any]:
    """Give what every page of one lesion needs: whose it is, where it stands, the way through it."""
    visit = chart.open_visit(ask.today)
    back = f"/visits/{visit.id}" if visit else f"/patients/{chart.patient.id}"
    return {
        "chart": chart,
        "view": view,
        "step": step,
        "visit": visit,
        "back": back,
        "age": age_years(chart.patient.content, ask.today),
        **look(),
    }
