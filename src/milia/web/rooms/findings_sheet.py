"""The sheet of findings between the form and the diagnosis room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from milia.base import InputError
from milia.diagnosis import VOCABULARY, Assessment, assess, gate
from milia.records import Acting, Conflict, Diagnosis, Entry, FindingSheet, Patient
from milia.records import Assessment as AssessmentEntry
from milia.web.i18n import mark
from milia.web.pages_ask import Form
from milia.web.rooms.patients_chart import LesionView, age_years

__all__ = ["CLOSED", "confirmed", "known_first", "saved", "sheet_of", "taken_back"]

# Site of the map → word of the findings' vocabulary, where the two differ.
_SITES = {"lid_margin": "periorbital", "medial_canthus": "canthus", "lateral_canthus": "canthus"}
_LISTS = ("colour", "surface", "consistency", "shape", "symptoms")
_COURSE = ("duration_band", "onset", "growth")
_PHRASES = ("dermoscopy", "triggers_history", "extractable_content")

CLOSED: dict[str, tuple[str, dict[str, str]]] = {
    "lesion_count": (
        mark("How many"),
        {"1": mark("one"), "few": mark("a few (2–4)"), "many": mark("many")},
    ),
    "colour": (
        mark("Colour"),
        {
            "white": mark("white"),
            "yellow": mark("yellow"),
            "skin": mark("skin"),
            "pink/red": mark("pink or red"),
            "brown": mark("brown"),
            "blue/translucent": mark("blue, translucent"),
            "black": mark("black"),
        },
    ),
    "surface": (
        mark("Surface"),
        {
            "smooth": mark("smooth"),
            "rough/verrucous": mark("rough, warty"),
            "umbilicated": mark("dimple in the middle"),
            "telangiectatic": mark("fine vessels"),
            "punctum": mark("dark pore"),
        },
    ),
    "consistency": (mark("Feel"), {"firm": mark("firm"), "soft": mark("soft"), "hard": mark("hard")}),
    "shape": (
        mark("Shape"),
        {
            "dome": mark("dome"),
            "flat-topped": mark("flat top"),
            "plaque": mark("plaque"),
            "cystic": mark("cystic"),
        },
    ),
    "symptoms": (
        mark("Symptoms"),
        {"none": mark("none"), "itch": mark("itch"), "pain": mark("pain"), "inflamed": mark("inflamed")},
    ),
    "duration_band": (
        mark("There for"),
        {"weeks": mark("weeks"), "months": mark("months"), "years": mark("years")},
    ),
    "onset": (
        mark("Onset"),
        {"gradual": mark("gradual"), "sudden": mark("sudden"), "congenital": mark("from birth")},
    ),
    "growth": (
        mark("Growth"),
        {
            "stable": mark("stable"),
            "size": mark("larger"),
            "number": mark("more of them"),
            "size+number": mark("larger and more"),
            "rapid": mark("fast"),
        },
    ),
}
"""The closed findings in the order of the form: title, and the word of each choice."""

assert all(set(words) == set(VOCABULARY[key]) for key, (_, words) in CLOSED.items())


def known_first(patient: Patient, view: LesionView, today: date) -> dict[str, Any]:
    """Give what the record knows before anybody looks: age, sex, skin type, site, size."""
    made: dict[str, Any] = {"sites": [_SITES.get(view.content.site, view.content.site)]}
    if (age := age_years(patient, today)) is not None:
        made["age_years"] = round(age, 3)
    if patient.sex:
        made["sex"] = patient.sex
    if patient.skin_type:
        made["skin_type"] = patient.skin_type
    if view.content.diameter_mm:
        made["size_mm"] = [view.content.diameter_mm, view.content.diameter_mm]
    return made


def sheet_of(form: Form) -> dict[str, Any]:
    """Read what was seen from the form, with the keys of `milia assess`; nothing typed is unknown."""
    made: dict[str, Any] = {key: ticked for key in _LISTS if (ticked := form.all(key))}
    if count := form.maybe("lesion_count"):
        made["lesion_count"] = count
    low, high = form.number("size_low"), form.number("size_high")
    if low is not None or high is not None:
        made["size_mm"] = [low if low is not None else high, high if high is not None else low]
    course = {key: said for key in _COURSE if (said := form.maybe(key))}
    if course:
        made["course"] = course
    for key in _PHRASES:
        if phrases := [line.strip() for line in form.maybe(key).splitlines() if line.strip()]:
            made[key] = phrases
    if answer := form.maybe("extractable"):
        made["extractable"] = answer == "yes"
    return made


def saved(
    acting: Acting,
    view: LesionView,
    sheet: Mapping[str, Any],
    known: Mapping[str, Any],
    *,
    visit_id: str | None,
    version: int | None = None,
    merge: bool = False,
) -> tuple[Entry[FindingSheet], Entry[AssessmentEntry], Assessment]:
    """Keep findings with the assessment that they give; a signed sheet is amended, the same one kept.

    Parameters
    ----------
    acting, view, sheet, known, visit_id
        Who saves, of which lesion, what was seen, what was known before, and at which visit.
    version
        The version that was read, 0 for none; ``None`` takes the one that is stored now.
    merge
        Whether to keep both edits where somebody else saved other findings in the meantime.
    """
    old = view.sheet
    result = assess({**known, **sheet})
    content: dict[str, Any] = {"findings": dict(sheet), "state": "saved"}
    known_one = view.assessment
    same = old is not None and old.content.findings == dict(sheet)
    if old is not None and same and known_one is not None and known_one.content.finding_sheet_id == old.id:
        return old, known_one, result
    if old is None:
        links = {"patient_id": view.content.patient_id, "lesion_id": view.id, "visit_id": visit_id}
        entry = acting.add(FindingSheet.model_validate({**links, **content}))
    elif old.signed:
        entry = acting.amend(FindingSheet, old.id, **content)
    else:
        if version == 0:
            # Both began with an empty sheet, and the other one was faster.
            mine = old.content.model_copy(update=content)
            raise Conflict(mine=mine, theirs=old, fields=("findings",), merged=None)
        read = old.version if version is None else version
        entry = acting.change(FindingSheet, old.id, version=read, merge=merge, **content)
        result = assess({**known, **entry.content.findings})
    assessment = acting.add(
        AssessmentEntry(
            patient_id=view.content.patient_id,
            lesion_id=view.id,
            finding_sheet_id=entry.id,
            result=result.to_dict(),
        )
    )
    return entry, assessment, result


def taken_back(acting: Acting, view: LesionView, *, version: int) -> None:
    """Take the last save of unsigned findings back, with the assessment that it gave."""
    sheet, assessment = view.sheet, view.assessment
    if sheet is None:
        raise InputError(mark("There are no findings to take back."), key="findings")
    if assessment and not assessment.signed and assessment.content.finding_sheet_id == sheet.id:
        acting.undo(AssessmentEntry, assessment.id, version=assessment.version)
    acting.undo(FindingSheet, sheet.id, version=version)


def confirmed(
    acting: Acting,
    view: LesionView,
    found: tuple[Entry[FindingSheet], Entry[AssessmentEntry], Assessment],
    *,
    condition: str,
    reason: str,
) -> Entry[Diagnosis]:
    """Sign what the bump is, with the findings and the assessment behind it.

    Raises
    ------
    InputError
        If doubts stand against it and no reason is written.
    """
    sheet, assessment, result = found
    answer = gate(result, condition, confirmed=True, reason=reason or None)
    if not answer.accepted:
        raise InputError(
            mark("The findings speak against this diagnosis. Write why it is right all the same."),
            key="reason",
            accepted="; ".join(answer.doubts),
        )
    if not sheet.signed:
        acting.sign(FindingSheet, sheet.id, version=sheet.version)
    if not assessment.signed:
        acting.sign(AssessmentEntry, assessment.id, version=assessment.version)
    fields = {"condition": condition, "basis": answer.reason or "", "assessment_id": assessment.id}
    old = view.diagnosis
    if old is None:
        links = {"patient_id": view.content.patient_id, "lesion_id": view.id}
        entry = acting.add(Diagnosis.model_validate({**links, **fields}))
    else:
        entry = acting.amend(Diagnosis, old.id, **fields)
    return acting.sign(Diagnosis, entry.id, version=entry.version)
