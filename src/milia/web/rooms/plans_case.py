"""From the chart to a case: what the record knows, and what the form adds, with the keys of a case file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from milia.base import InputError
from milia.laser import DEVICE_KEYS, devices
from milia.records import Acting, Device, Entry
from milia.web.i18n import mark
from milia.web.pages_ask import Form
from milia.web.rooms.findings_sheet import known_first
from milia.web.rooms.patients_chart import Chart, LesionView, age_years
from milia.web.rooms.patients_words import ASKED_NONE

__all__ = ["case_of", "clinic_devices", "device_choices", "lacking", "own_device"]


def clinic_devices(acting: Acting) -> list[Entry[Device]]:
    """Give the clinic's own devices that are in use."""
    return acting.entries(Device, state="in_use")


def device_choices(own: list[Entry[Device]]) -> list[tuple[str, str]]:
    """Give what the form offers: the clinic's devices first, then the library."""
    return [
        *((f"own:{each.id}", each.content.name) for each in own),
        *((each.name, each.title) for each in devices()),
    ]


def own_device(chosen: str) -> str | None:
    """Give the id of the clinic's own device that was chosen; ``None`` for one of the library."""
    return chosen.removeprefix("own:") if chosen.startswith("own:") else None


def lacking(chart: Chart, today: date) -> list[str]:
    """Name what a plan needs and the record does not say."""
    patient = chart.patient.content
    found = {
        mark("date of birth"): age_years(patient, today) is None,
        mark("sex"): patient.sex is None,
        mark("skin type"): patient.skin_type is None,
    }
    return [name for name, missing in found.items() if missing]


def case_of(
    chart: Chart, view: LesionView, form: Form, own: list[Entry[Device]], *, today: date
) -> dict[str, Any]:
    """Give the case to plan; what the record lacks is a problem that names it."""
    patient, diagnosis = chart.patient.content, view.diagnosis
    if missing := lacking(chart, today):
        raise InputError(mark("A plan needs the patient's date of birth, sex and skin type."), key=missing[0])
    if diagnosis is None:
        raise InputError(mark("Confirm and sign the diagnosis first."), key="diagnosis")
    years = age_years(patient, today) or 0.0
    person: dict[str, Any] = {
        "age": f"{years:g} year" if years >= 1 else f"{round(years * 365.25)} day",
        "sex": {"F": "female", "M": "male"}[patient.sex or "F"],
        "skin_type": patient.skin_type,
    }
    if patient.history:
        person["history"] = [word for word in patient.history if word != ASKED_NONE]
    made: dict[str, Any] = {
        "patient": person,
        "lesion": _lesion(chart, view, form, today),
        "device": _device(form.text("device"), own),
    }
    if total := form.number("skin_um"):
        made["skin"] = {"total": f"{total:g} um"}
    if opening := form.number("opening_um"):
        made["goal"] = {"opening": f"{opening:g} um"}
    return made


def _lesion(chart: Chart, view: LesionView, form: Form, today: date) -> dict[str, Any]:
    diameter = form.number("diameter_mm") or view.content.diameter_mm
    if diameter is None:
        raise InputError(
            mark("The plan needs the lesion's diameter."), key="diameter_mm", accepted="0.1–5 mm"
        )
    diagnosis, sheet = view.diagnosis, view.sheet
    stated: dict[str, Any] = {
        "condition": diagnosis.content.condition if diagnosis else "",
        "confirmed": True,
    }
    if sheet is not None:
        stated["findings"] = {**known_first(chart.patient.content, view, today), **sheet.content.findings}
    if diagnosis and diagnosis.content.basis:
        stated["reason"] = diagnosis.content.basis
    made: dict[str, Any] = {
        "site": view.content.site,
        "diameter": f"{diameter:g} mm",
        "count": form.whole("count", 1),
        "diagnosis": stated,
    }
    if roof := form.number("roof_um"):
        spread = form.number("roof_spread_um")
        made["roof"] = f"{roof:g} um ± {spread:g} um" if spread else f"{roof:g} um"
    return made


def _device(chosen: str, own: list[Entry[Device]]) -> str | Mapping[str, Any]:
    if not chosen.startswith("own:"):
        return chosen
    found = next((each for each in own if f"own:{each.id}" == chosen), None)
    if found is None:
        raise InputError(mark("This device is not in use."), key="device", value=chosen)
    definition = found.content.definition
    library = definition.get("library")
    # Beside the device itself a definition keeps its calibration's report.
    return (
        str(library) if library else {key: value for key, value in definition.items() if key in DEVICE_KEYS}
    )
