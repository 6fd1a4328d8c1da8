"""What is handed out for one treatment: aftercare, signs, visits, consent, sessions, prevention, sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from milia.care.clinic import Clinic

if TYPE_CHECKING:
    from milia.care.anaesthesia import Dose
    from milia.language import Sentence

URGENCIES = ("now", "same_day", "within_2_days", "within_2_weeks")
"""How fast to call, fastest first."""

TOPICS = (
    *(
        "wash",
        "dressing",
        "ointment",
        "cool",
        "pain",
        "make_up",
        "sun",
        "hat",
        "water",
        "scab",
        "rub",
        "lenses",
    ),
    *(
        "sport",
        "skincare",
        "leave",
        "needle",
        "eye",
        "call",
        "photo",
        "calendar",
        "infant",
        "sunbed",
        "normal",
    ),
)
"""Every topic an item may have; each has its pictogram."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do, to leave or to know.

    ``essential`` items stay on a page that has no room for all; ``clinics_own`` ones come from the clinic's
    protocol and not from the default.
    """

    sentence: Sentence
    topic: str
    statement: str
    essential: bool = True
    clinics_own: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of days after the treatment, both ends included; open-ended where ``day_to`` is None."""

    key: str
    day_from: int
    day_to: int | None
    date_from: date
    date_to: date | None
    title: Sentence
    do: tuple[Item, ...]
    avoid: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign after which the patient calls, how fast (one of `URGENCIES`), and what happens then."""

    key: str
    sign: Sentence
    action: Sentence
    urgency: str
    from_day: int | None
    date_from: date | None
    topic: str
    statement: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One contact between two days, both included: what it is for and what is asked.

    ``staff`` is its purpose in the staff's words; ``record`` names the fields of the outcome record it fills.
    """

    key: str
    day_from: int
    day_to: int
    date_from: date
    date_to: date
    title: Sentence
    purpose: Sentence
    ask: tuple[Sentence, ...]
    statement: str
    staff: Sentence
    record: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pathway:
    """What the staff do when something is not as it should be, and the field of the outcome that shows it."""

    title: Sentence
    sentence: Sentence
    field: str
    statement: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of paragraphs."""

    key: str
    title: Sentence
    paragraphs: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Consent:
    """What the patient reads and signs before the procedure."""

    title: Sentence
    sections: tuple[Section, ...]
    checklist: tuple[Sentence, ...]
    signatures: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class CourseStep:
    """One session or look in the whole course, both dates included."""

    key: str
    day_from: int
    day_to: int
    date_from: date
    date_to: date
    title: Sentence
    lesions: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """How many lesions today, what is left for later, and how many sessions are likely.

    ``likely`` holds pairs of a number of sessions and the share of lesions in percent that needed it, in the
    series named by the notes' evidence; it is empty where none was found.
    """

    today: int
    in_all: int
    test_spot: bool
    same_lesion_weeks: float
    other_lesion_weeks: float
    likely: tuple[tuple[int, float], ...]
    course: tuple[CourseStep, ...]
    notes: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Routine:
    """One habit of the prevention routine: how often, what, and how well it is known to help."""

    key: str
    rhythm: Sentence
    item: Item
    quality: Sentence


@dataclass(frozen=True, slots=True)
class Prevention:
    """A personal routine, what is known about it, and what is known about milia coming back."""

    title: Sentence
    routine: tuple[Routine, ...]
    quality: tuple[Sentence, ...]
    outlook: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One line of the safety sheet: level ``stop``, ``warn`` or ``do``, with its sources as citations."""

    level: str
    title: Sentence
    sentence: Sentence
    statement: str
    sources: tuple[str, ...]
    flag: str
    doses: tuple[Dose, ...] = ()
    clinics_own: bool = False


@dataclass(frozen=True, slots=True)
class SheetSection:
    """A titled group of lines of the safety sheet, in the order of the work."""

    key: str
    title: Sentence
    items: tuple[SheetItem, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A point on which sources differ: what is done here, what others do, and why."""

    topic: Sentence
    taken: Sentence
    other: Sentence
    why: Sentence
    clinics_own: bool
    statement: str


@dataclass(frozen=True, slots=True)
class CarePack:
    """Everything that goes out of the door with one treatment.

    Attributes
    ----------
    action
        One of the plan's closed vocabulary (``laser``, ``extract``, …).
    start, today
        Day of treatment, and the day the pack was made.
    clinic
        Who is called, where and when.
    headline, facts
        What is done, for the patient: one sentence, then short labelled lines.
    phases, signs, visits
        The leaflet and the calendar.
    consent, sessions
        None where nothing is done to the skin.
    prevention
        The routine for later.
    subject
        Who and what, for the staff's documents.
    sheet
        The staff's safety sheet of the session.
    pathways
        Late healing, recurrence, scar and pigment: what the staff do then.
    disagreements
        Where sources differ, and whose choice was taken.
    setting
        The planned setting under the outcome record's names; None without a laser.
    note
        The clinic's own words for its patients, in its own language, or None.
    plan_id, plan_hash
        Which plan this belongs to: the first twelve characters of the hash, and the SHA-256 of the plan.
    disclaimer
        Said once on every document.
    """

    action: str
    start: date
    today: date
    clinic: Clinic
    headline: Sentence
    facts: tuple[Sentence, ...]
    phases: tuple[Phase, ...]
    signs: tuple[Sign, ...]
    visits: tuple[Visit, ...]
    consent: Consent | None
    sessions: Sessions | None
    prevention: Prevention
    subject: tuple[Sentence, ...]
    sheet: tuple[SheetSection, ...]
    pathways: tuple[Pathway, ...]
    disagreements: tuple[Disagreement, ...]
    setting: Mapping[str, float] | None
    note: str | None
    plan_id: str
    plan_hash: str
    disclaimer: Sentence
