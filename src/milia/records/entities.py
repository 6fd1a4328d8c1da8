"""What a clinic keeps, as types: checked when they are made, never changed afterwards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

__all__ = [
    "KINDS",
    "Appointment",
    "Assessment",
    "Consent",
    "Content",
    "Decision",
    "Device",
    "Diagnosis",
    "FindingSheet",
    "Lesion",
    "Outcome",
    "Patient",
    "Photograph",
    "Plan",
    "TestShots",
    "Treatment",
    "Visit",
]

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Line = Annotated[str, Field(max_length=200)]
Note = Annotated[str, Field(max_length=10_000)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Site = Literal[
    "upper_eyelid",
    "lower_eyelid",
    "lid_margin",
    "medial_canthus",
    "lateral_canthus",
    "glabella",
    "forehead",
    "temple",
    "cheek",
    "nose",
    "perioral",
    "chin",
    "neck",
]


class Content(BaseModel):
    """What a person enters; `kind` names the table, `clear` the fields that stay readable for looking up."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)

    kind: ClassVar[str]
    clear: ClassVar[tuple[str, ...]] = ()
    links: ClassVar[dict[str, str]] = {"patient_id": "patient"}
    immutable: ClassVar[bool] = False
    signable: ClassVar[bool] = False
    # Fields that hold fields of their own: two edits of them are merged one by one.
    inside: ClassVar[tuple[str, ...]] = ()


class Patient(Content):
    kind: ClassVar[str] = "patient"
    clear: ClassVar[tuple[str, ...]] = ("state",)
    links: ClassVar[dict[str, str]] = {}

    name: Annotated[str, Field(min_length=1, max_length=200)]
    born_on: date | None = None
    sex: Literal["F", "M"] | None = None
    skin_type: Literal["I", "II", "III", "IV", "V", "VI"] | None = None
    phone: Line = ""
    email: Line = ""
    address: Note = ""
    language: Annotated[str, Field(max_length=20)] = ""
    history: tuple[Line, ...] = ()
    notes: Note = ""
    state: Literal["active", "inactive", "erased"] = "active"


class Consent(Content):
    kind: ClassVar[str] = "consent"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "subject", "given")
    signable: ClassVar[bool] = True

    patient_id: Id
    subject: Literal["treatment", "photograph", "research", "contact"]
    given: bool
    given_on: date
    wording: Note = ""
    notes: Note = ""


class Lesion(Content):
    """One bump; it belongs to the patient, so every visit sees it again at the same pin."""

    kind: ClassVar[str] = "lesion"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "site", "state")

    patient_id: Id
    site: Site
    pin_x: Share | None = None
    pin_y: Share | None = None
    diameter_mm: Annotated[float, Field(gt=0, le=50)] | None = None
    state: Literal["open", "treated", "closed"] = "open"
    notes: Note = ""


class Visit(Content):
    kind: ClassVar[str] = "visit"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "on", "state")
    signable: ClassVar[bool] = True

    patient_id: Id
    on: Day
    state: Literal["planned", "open", "closed"] = "open"
    reason: Note = ""
    notes: Note = ""


class FindingSheet(Content):
    kind: ClassVar[str] = "finding_sheet"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "visit_id", "lesion_id", "state")
    links: ClassVar[dict[str, str]] = {"patient_id": "patient", "visit_id": "visit", "lesion_id": "lesion"}
    signable: ClassVar[bool] = True
    inside: ClassVar[tuple[str, ...]] = ("findings",)

    patient_id: Id
    lesion_id: Id
    visit_id: Id | None = None
    state: Literal["draft", "saved"] = "draft"
    findings: dict[str, Any] = {}


class Assessment(Content):
    kind: ClassVar[str] = "assessment"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "lesion_id", "finding_sheet_id")
    links: ClassVar[dict[str, str]] = {
        "patient_id": "patient",
        "lesion_id": "lesion",
        "finding_sheet_id": "finding_sheet",
    }
    signable: ClassVar[bool] = True

    patient_id: Id
    lesion_id: Id
    finding_sheet_id: Id | None = None
    result: dict[str, Any]


class Diagnosis(Content):
    """What a clinician confirmed; no plan goes without one."""

    kind: ClassVar[str] = "diagnosis"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "lesion_id", "assessment_id")
    links: ClassVar[dict[str, str]] = {
        "patient_id": "patient",
        "lesion_id": "lesion",
        "assessment_id": "assessment",
    }
    signable: ClassVar[bool] = True

    patient_id: Id
    lesion_id: Id
    assessment_id: Id | None = None
    condition: Annotated[str, Field(min_length=1, max_length=80)]
    basis: Note = ""


class Plan(Content):
    kind: ClassVar[str] = "plan"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "lesion_id", "visit_id", "plan_id")
    links: ClassVar[dict[str, str]] = {"patient_id": "patient", "visit_id": "visit", "lesion_id": "lesion"}
    immutable: ClassVar[bool] = True

    patient_id: Id
    lesion_id: Id
    visit_id: Id | None = None
    plan_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z._:-]{1,64}$")]
    plan: dict[str, Any]


class Decision(Content):
    """Who approved a plan or decided otherwise; who and when are the entry's own."""

    kind: ClassVar[str] = "decision"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "plan_row_id")
    links: ClassVar[dict[str, str]] = {"patient_id": "patient", "plan_row_id": "plan"}
    immutable: ClassVar[bool] = True

    patient_id: Id
    plan_row_id: Id
    choice: Literal["approve", "override"]
    reason: Annotated[str, Field(min_length=1, max_length=10_000)]
    instead: dict[str, Any] | None = None


class Treatment(Content):
    """What was really fired."""

    kind: ClassVar[str] = "treatment"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "lesion_id", "visit_id", "plan_row_id", "treated_on")
    links: ClassVar[dict[str, str]] = {
        "patient_id": "patient",
        "lesion_id": "lesion",
        "visit_id": "visit",
        "plan_row_id": "plan",
    }
    signable: ClassVar[bool] = True

    patient_id: Id
    lesion_id: Id
    visit_id: Id | None = None
    plan_row_id: Id | None = None
    treated_on: Day
    action: Literal["laser", "extract", "electrosurgery", "observe"]
    pulse_energy_mJ: Annotated[float, Field(gt=0)] | None = None
    pulse_duration_us: Annotated[float, Field(gt=0)] | None = None
    spot_diameter_um: Annotated[float, Field(gt=0)] | None = None
    pulses_fired: Annotated[int, Field(ge=0)] | None = None
    notes: Note = ""


class Outcome(Content):
    kind: ClassVar[str] = "outcome"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "lesion_id", "treatment_id", "seen_on")
    links: ClassVar[dict[str, str]] = {
        "patient_id": "patient",
        "lesion_id": "lesion",
        "treatment_id": "treatment",
    }
    signable: ClassVar[bool] = True

    patient_id: Id
    lesion_id: Id
    treatment_id: Id | None = None
    seen_on: Day
    record: dict[str, Any]


class Photograph(Content):
    """A picture; its bytes lie encrypted beside the database, under `file`."""

    kind: ClassVar[str] = "photograph"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "visit_id", "lesion_id", "file", "size")
    links: ClassVar[dict[str, str]] = {"patient_id": "patient", "visit_id": "visit", "lesion_id": "lesion"}
    signable: ClassVar[bool] = True

    patient_id: Id
    visit_id: Id | None = None
    lesion_id: Id | None = None
    file: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    media_type: Annotated[str, Field(max_length=80)] = "application/octet-stream"
    name: Line = ""
    caption: Note = ""
    taken_on: date | None = None


class Device(Content):
    kind: ClassVar[str] = "device"
    clear: ClassVar[tuple[str, ...]] = ("state",)
    links: ClassVar[dict[str, str]] = {}

    name: Annotated[str, Field(min_length=1, max_length=120)]
    serial: Line = ""
    definition: dict[str, Any] = {}
    state: Literal["in_use", "retired"] = "in_use"


class TestShots(Content):
    kind: ClassVar[str] = "test_shots"
    clear: ClassVar[tuple[str, ...]] = ("device_id",)
    links: ClassVar[dict[str, str]] = {"device_id": "device"}
    signable: ClassVar[bool] = True
    __test__: ClassVar[bool] = False

    device_id: Id
    shot_on: Day
    rows: tuple[dict[str, Any], ...]
    notes: Note = ""


class Appointment(Content):
    kind: ClassVar[str] = "appointment"
    clear: ClassVar[tuple[str, ...]] = ("patient_id", "starts_at", "ends_at", "state")

    patient_id: Id
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    state: Literal["booked", "arrived", "done", "missed", "cancelled"] = "booked"
    reason: Note = ""

    def model_post_init(self, context: Any, /) -> None:
        del context
        if _moment(self.ends_at) <= _moment(self.starts_at):
            raise ValueError("the appointment ends before it starts")


def _moment(value: datetime) -> float:
    return value.timestamp()


KINDS: dict[str, type[Content]] = {
    each.kind: each
    for each in (
        *(Patient, Consent, Lesion, Visit, FindingSheet, Assessment, Diagnosis, Plan, Decision, Treatment),
        *(Outcome, Photograph, Device, TestShots, Appointment),
    )
}
