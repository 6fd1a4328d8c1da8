"""What the staff's documents of one treatment say: the safety sheet and the follow-up list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from milia.language import date_range_text, date_text

if TYPE_CHECKING:
    from milia.care import CarePack, SheetItem, Visit

LEVELS = {"stop": "Stop", "warn": "Take care", "do": ""}
FLAGS = {
    "read": "Read in",
    "derived": "Derived from",
    "default": "Our own careful default",
    "memory": "",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: level (``stop``, ``warn``, ``do``), a mark in words, title, text, points, small print."""

    level: str
    mark: str
    title: str
    text: str
    points: tuple[str, ...]
    small: str


@dataclass(frozen=True, slots=True)
class Part:
    """A titled group of rows."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class StaffDocument:
    """A document of the staff as text, in reading order."""

    title: str
    clinic: str
    when: str
    headline: str
    subject: tuple[str, ...]
    parts: tuple[Part, ...]
    disclaimer: str
    reference: str


def safety_document(pack: CarePack) -> StaffDocument:
    """Return the safety sheet of one session."""
    parts = [Part(section.title.text(), tuple(map(_line, section.items))) for section in pack.sheet]
    if pack.sessions is not None:
        parts.append(Part("Sessions", _sessions(pack)))
    if pack.disagreements:
        parts.append(Part("Where sources differ", _disagreements(pack)))
    return _document(pack, "Safety sheet", tuple(parts))


def followup_document(pack: CarePack) -> StaffDocument:
    """Return the visits with their questions, and what to do when something is not as it should be."""
    parts = [Part("Visits", tuple(map(_visit, pack.visits)))]
    rows = tuple(
        Row("warn", "", way.title.text(), way.sentence.text(), (), _small(way.sources, f"field {way.field}"))
        for way in pack.pathways
    )
    if rows:
        parts.append(Part("If something is not as it should be", rows))
    parts.append(Part("Prevention and outlook", _prevention(pack)))
    return _document(pack, "Follow-up list", tuple(part for part in parts if part.rows))


def _document(pack: CarePack, title: str, parts: tuple[Part, ...]) -> StaffDocument:
    return StaffDocument(
        title=title,
        clinic=" · ".join(filter(None, (pack.clinic.name, pack.clinic.address, pack.clinic.phone))),
        when=date_text(pack.start, style="full"),
        headline=pack.headline.text(),
        subject=tuple(line.text() for line in pack.subject),
        parts=parts,
        disclaimer="Decision support and research tool, not a cleared medical device; the clinician decides.",
        reference=f"Plan {pack.plan_id}",
    )


def _line(item: SheetItem) -> Row:
    own = "the clinic's own protocol" if item.clinics_own else ""
    return Row(
        level=item.level,
        mark=LEVELS[item.level],
        title=item.title.text(),
        text=item.sentence.text(),
        points=tuple(
            f"{dose.drug}: at most {dose.maximum_mg:g} mg = {dose.maximum_mL:g} mL of 1 %"
            + (" (limit in all)" if dose.capped else "")
            for dose in item.doses
        ),
        small=_small(item.sources, FLAGS[item.flag], own),
    )


def _small(sources: tuple[str, ...], *words: str) -> str:
    return ". ".join(part.rstrip(".") for part in (*words, *sources) if part)


def _sessions(pack: CarePack) -> tuple[Row, ...]:
    found = pack.sessions
    assert found is not None
    course = tuple(
        f"{_dates(step.date_from, step.date_to)}: {step.title.text()}"
        + (f", {step.lesions} of {found.in_all}" if step.lesions else "")
        for step in found.course
    )
    likely = ", ".join(f"{share:g} % needed {number}" for number, share in found.likely)
    rows = [Row("do", "", f"Today {found.today} of {found.in_all}", "", course, "")]
    rows += [
        Row("do", "", "", note.sentence.text(), (), "the clinic's own protocol" if note.clinics_own else "")
        for note in found.notes
    ]
    if likely:
        small = "Köse 2019: 684 facial naevi, not milia"
        rows.append(Row("do", "", "Likely number of sessions", f"{likely}.", (), small))
    return tuple(rows)


def _disagreements(pack: CarePack) -> tuple[Row, ...]:
    return tuple(
        Row(
            level="do",
            mark="",
            title=found.topic.text(),
            text=f"Here: {found.taken.text()}. Others: {found.other.text()}. {found.why.text()}",
            points=(),
            small="the clinic's own protocol" if found.clinics_own else "",
        )
        for found in pack.disagreements
    )


def _visit(visit: Visit) -> Row:
    from milia.care import outcome_choices

    fields = tuple(
        f"{name}: {' / '.join(outcome_choices(name)) or 'number'}"
        for name in visit.record
        if name != "photograph"
    )
    return Row(
        level="do",
        mark=_dates(visit.date_from, visit.date_to),
        title=visit.title.text(),
        text=visit.staff.text(),
        points=tuple(question.text() for question in visit.ask),
        small="record " + "; ".join(fields) if fields else "",
    )


def _prevention(pack: CarePack) -> tuple[Row, ...]:
    rows = [
        Row("do", "", habit.rhythm.text(), habit.item.sentence.text(), (), habit.quality.text())
        for habit in pack.prevention.routine
    ]
    rows += [
        Row("do", "", "", sentence.text(), (), "")
        for sentence in (*pack.prevention.quality, *pack.prevention.outlook)
    ]
    return tuple(rows)


def _dates(first: date, last: date) -> str:
    return date_range_text(first, last)
