"""What every page of the visit shows: the map, the words, the way of one lesion."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from milia.web.facemap import FaceMap, face_map
from milia.web.pages_ask import Asking
from milia.web.rooms.patients_chart import Chart, LesionView, age_years
from milia.web.rooms.patients_words import ACTIONS, SITES, STATE_KIND, STATES, STEPS

__all__ = ["document", "lesion_look", "look", "map_of"]


# A finished document brings its own style, fonts and pictures, and neither scripts nor links to files.
_DOCUMENT = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def document(content: str | bytes, kind: str = "text/html; charset=utf-8", name: str = "") -> Response:
    """Answer with a document that stands for itself: a report, a leaflet, a calendar."""
    headers = {"content-security-policy": _DOCUMENT}
    if name:
        headers["content-disposition"] = f'inline; filename="{name}"'
    return Response(content, media_type=kind, headers=headers)


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
