"""From a chart to a session: which lesions may be planned together, where they lie, and with which wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from math import hypot
from typing import Any

from starlette.datastructures import FormData

from milia.base import InputError
from milia.knowledge import load_knowledge
from milia.planning import PREFERABLE, session_from_mapping
from milia.records import Device, Entry
from milia.web.facemap import HEIGHT, WIDTH
from milia.web.i18n import mark
from milia.web.pages_ask import Form
from milia.web.rooms.patients_chart import Chart, LesionView, age_years
from milia.web.rooms.patients_look import map_of
from milia.web.rooms.plans_case import case_of

__all__ = ["Choice", "apart", "choices_of", "session_of"]

WHY_NOT = {
    "assess": mark("No diagnosis is confirmed yet."),
    "refer": mark("A red flag is open and no diagnosis is confirmed."),
    "decided": mark("Its plan is decided already."),
    "healing": mark("It was treated and is healing."),
    "healed": mark("It was treated and has healed."),
    "closed": mark("It is closed."),
}
_GROWN_years = 12.0
# From the top of the head to the chin, and the height of the eyes, in the drawing's units.
_HEAD, _EYES, _PANEL = 329.0, 187.0, 300.0
# Where the skin of the middle of the face lies in each of the three views.
_MIDDLE = (245.0, 450.0, 655.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """A lesion of the chart; `why` says why it cannot be planned today, and is empty where it can."""

    view: LesionView
    why: str

    @property
    def may(self) -> bool:
        return not self.why


def choices_of(chart: Chart) -> list[Choice]:
    """Give every lesion, with the reason where it cannot be part of a session."""
    return [Choice(view, WHY_NOT.get(view.state, "")) for view in chart.lesions]


def session_of(
    chart: Chart, form: Form, own: list[Entry[Device]], *, today: date
) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the session with the keys of a session file, and the lesions' ids by their names in it."""
    views = _picked(chart, form)
    cases = [_case(chart, view, form, own, count=len(views), today=today) for view in views]
    places = _places(chart, views, today)
    made: dict[str, Any] = {
        **{name: cases[0][name] for name in ("patient", "device", "skin", "goal") if name in cases[0]},
        "frame": "face",
        "lesions": [
            {
                "name": str(view.number),
                "at": [f"{1e3 * x:.2f} mm", f"{1e3 * y:.2f} mm"],
                **{name: value for name, value in case["lesion"].items() if name != "count"},
            }
            for view, case, (x, y) in zip(views, cases, places, strict=True)
        ],
    }
    if weight := form.number("weight_kg"):
        made["patient"]["weight"] = f"{weight:g} kg"
    if pace := form.number("pace_s"):
        made["pace"] = f"{pace:g} s"
    if prefer := [name for name in PREFERABLE if name in form.all("prefer")]:
        made["prefer"] = prefer
    _check_apart(views, places, cases)
    session_from_mapping(made, file="session")
    return made, {str(view.number): view.id for view in views}


def _picked(chart: Chart, form: Form) -> list[LesionView]:
    asked = dict.fromkeys(form.all("lesion"))
    choices = {each.view.id: each for each in choices_of(chart)}
    if not asked:
        raise InputError(
            mark("No lesion is chosen."), key="lesion", accepted=mark("at least one lesion with a diagnosis")
        )
    for each in asked:
        found = choices.get(each)
        if found is None or not found.may:
            raise InputError(
                found.why if found else mark("This patient has no such lesion."),
                key="lesion",
                value=str(found.view.number) if found else each,
            )
    return [each.view for each in choices.values() if each.view.id in asked]


def _case(
    chart: Chart, view: LesionView, form: Form, own: list[Entry[Device]], *, count: int, today: date
) -> dict[str, Any]:
    shared = ("roof_um", "roof_spread_um", "skin_um", "opening_um")
    fields = {name: form.maybe(name) for name in shared}
    fields |= {
        "device": form.text("device"),
        "diameter_mm": form.maybe(f"diameter_{view.id}"),
        "count": str(count),
    }
    try:
        return case_of(chart, view, Form(FormData(fields)), own, today=today)
    except InputError as error:
        if error.key != "diameter_mm":
            raise
        # The form has one such field for each lesion.
        raise InputError(
            error.problem, key=f"diameter_{view.id}", value=error.value, accepted=error.accepted
        ) from None


def _places(chart: Chart, views: Sequence[LesionView], today: date) -> list[tuple[float, float]]:
    """Give where lesions lie [m], x to the patient's left and y up from the eyes, by the drawing."""
    years = age_years(chart.patient.content, today) or 0.0
    kind = "adult" if years >= _GROWN_years else "child"
    # The small end: lesions count as closer than they mostly are, so that pauses are rather too long.
    scale = load_knowledge().quantity(f"planning.session.head_height.{kind}").bounds_si[0] / _HEAD
    drawn = {pin.id: (pin.x, pin.y) for pin in map_of(chart).pins}
    found = []
    for view in views:
        pin_x, pin_y = view.content.pin_x, view.content.pin_y
        x, y = drawn[view.id] if pin_x is None or pin_y is None else (pin_x * WIDTH, pin_y * HEIGHT)
        panel = min(int(x // _PANEL), 2)
        found.append(((x - _MIDDLE[panel]) * scale, (_EYES - y) * scale))
    return found


def apart(chart: Chart, views: Sequence[LesionView]) -> tuple[list[int], list[int]]:
    """Give the numbers of lesions that nobody pinned, and of those pinned in a view from the side."""
    unpinned = [view.number for view in views if view.content.pin_x is None]
    panels = {pin.id: pin.view for pin in map_of(chart).pins}
    sideways = [view.number for view in views if panels[view.id] != "front"]
    return unpinned, sideways if len(sideways) < len(views) else []


def _check_apart(
    views: Sequence[LesionView], places: Sequence[tuple[float, float]], cases: Sequence[dict[str, Any]]
) -> None:
    from milia.base import parse_measured

    sizes = [
        parse_measured(
            case["lesion"]["diameter"], unit="m", low=0.0, high=1.0, key="diameter", file="session"
        )
        for case in cases
    ]
    for (one, at, size), (other, there, second) in combinations(zip(views, places, sizes, strict=True), 2):
        least = 0.5 * (size.value + second.value)
        if hypot(at[0] - there[0], at[1] - there[1]) < least:
            raise InputError(
                mark("Two of these lesions are pinned on one place; plan them apart, or pin them anew."),
                key="lesion",
                accepted=f"{one.number} ↔ {other.number}: ≥ {1e3 * least:.2g} mm",
            )
