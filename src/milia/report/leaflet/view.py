"""What the leaflet says, in one language: the same for the page and for the print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from milia.language import Language, Sentence, Style, date_range_text, date_text
from milia.report.leaflet.pictograms import Mood

if TYPE_CHECKING:
    from milia.care import CarePack, Clinic, Item, Phase, Sign
    from milia.care import Visit as PackVisit

Say = Callable[[Sentence], str]

# One tint for each stretch of days: the timeline and the card below it share it.
TINTS = {
    "day0": "#f9dfd0",
    "open": "#f8ebc8",
    "closing": "#e7efcf",
    "settled": "#d6ece4",
    "restart": "#d9e6f4",
    "sun": "#fbf0b0",
    "leave": "#e3eef0",
}
OTHER_TINT = "#eceff0"
WOUNDS = ("laser", "extract", "electrosurgery")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do (``do``) or to leave (``avoid``), with the topic of its drawing."""

    text: str
    topic: str
    mood: Mood
    essential: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One stretch of days: its number on the timeline, when it is, and what to do."""

    number: int
    title: str
    when: str
    tint: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SignLine:
    """A sign after which the patient calls, and what to do then."""

    sign: str
    action: str


@dataclass(frozen=True, slots=True)
class SignGroup:
    """All signs with the same haste."""

    urgency: str
    title: str
    signs: tuple[SignLine, ...]


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit: when, what for."""

    when: str
    title: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Call:
    """Who is called: the number as printed and as a telephone dials it."""

    label: str
    number: str
    dial: str


@dataclass(frozen=True, slots=True)
class Labels:
    """The leaflet's own words."""

    glance: str
    steps: str
    call: str
    visits: str
    clinic_note: str
    reference: str


@dataclass(frozen=True, slots=True)
class Leaflet:
    """The whole leaflet as text, in reading order; ``timed`` where a strip of days has something to show."""

    tag: str
    timed: bool
    title: str
    headline: str
    facts: tuple[str, ...]
    clinic: str
    address: str
    calls: tuple[Call, ...]
    cards: tuple[Card, ...]
    signs: tuple[SignGroup, ...]
    visits: tuple[VisitLine, ...]
    later_title: str
    later: tuple[str, ...]
    note: str
    disclaimer: str
    plan_id: str
    labels: Labels


def leaflet_view(pack: CarePack, language: Language) -> Leaflet:
    """Return the leaflet of a pack in a language.

    Raises
    ------
    MissingTranslation
        If one sentence is not translated: a leaflet in two languages is never made.
    """

    def say(sentence: Sentence) -> str:
        return sentence.text(language)

    return Leaflet(
        tag=language.tag,
        timed=len(pack.phases) > 1 or bool(pack.visits),
        title=say(_title(pack.action)),
        headline=say(pack.headline),
        facts=tuple(map(say, pack.facts)),
        clinic=pack.clinic.name,
        address=pack.clinic.address or "",
        calls=calls(pack.clinic, say),
        cards=tuple(_card(number, phase, language, say) for number, phase in enumerate(pack.phases, start=1)),
        signs=_signs(pack, language, say),
        visits=tuple(_visit(visit, language, say) for visit in pack.visits),
        later_title=say(pack.prevention.title),
        # Nobody is told how to avoid milia before it is known that these are some.
        later=tuple(say(habit.item.sentence) for habit in pack.prevention.routine)
        if pack.action in (*WOUNDS, "observe")
        else (),
        note=pack.note or "",
        disclaimer=say(pack.disclaimer),
        plan_id=pack.plan_id,
        labels=_labels(pack, say),
    )


def _title(action: str) -> Sentence:
    if action in WOUNDS:
        return Sentence("After your treatment")
    return Sentence("What happens next")


def _labels(pack: CarePack, say: Say) -> Labels:
    return Labels(
        glance=say(Sentence("Your days at a glance")),
        steps=say(Sentence("What to do")),
        call=say(Sentence("When to call us")),
        visits=say(Sentence("Your next visits")),
        clinic_note=say(Sentence("From your clinic")),
        reference=say(Sentence("Plan {id}", {"id": pack.plan_id})),
    )


def calls(clinic: Clinic, say: Say) -> tuple[Call, ...]:
    """Return the numbers to call, the clinic's usual one first."""
    found = [(Sentence("Call us"), clinic.phone)]
    if clinic.urgent_phone:
        found.append((Sentence("Urgent calls"), clinic.urgent_phone))
    return tuple(Call(say(label), number, dialled(number)) for label, number in found)


def dialled(number: str) -> str:
    """Return a telephone number as a link wants it; a line to fill in by hand has none."""
    digits = "".join(c for c in number if c in "0123456789")
    return f"+{digits}" if digits and number.strip().startswith("+") else digits


def _card(number: int, phase: Phase, language: Language, say: Say) -> Card:
    return Card(
        number=number,
        title=say(phase.title),
        when=when(phase.date_from, phase.date_to, language),
        tint=TINTS.get(phase.key, OTHER_TINT),
        lines=(
            *(_line(item, "do", say) for item in phase.do),
            *(_line(item, "avoid", say) for item in phase.avoid),
        ),
    )


def _line(item: Item, mood: Mood, say: Say) -> Line:
    return Line(text=say(item.sentence), topic=item.topic, mood=mood, essential=item.essential)


def when(first: date, last: date | None, language: Language) -> str:
    """Return a stretch of days as dates with their weekdays; an open end says so."""
    if last is None:
        return Sentence("From {date} on", {"date": date_text(first, language, style="weekday")}).text(
            language
        )
    # Two weekdays make a short stretch clear; over weeks they only crowd it.
    style: Style = "weekday" if (last - first).days < 7 else "short"
    return date_range_text(first, last, language, style=style)


URGENCY_TITLES = {
    "now": Sentence("At once"),
    "same_day": Sentence("The same day"),
    "within_2_days": Sentence("Within 2 days"),
    "within_2_weeks": Sentence("Within 2 weeks"),
}


def _signs(pack: CarePack, language: Language, say: Say) -> tuple[SignGroup, ...]:
    groups = []
    for urgency, title in URGENCY_TITLES.items():
        found = tuple(
            SignLine(_dated(sign, language, say), say(sign.action))
            for sign in pack.signs
            if sign.urgency == urgency
        )
        if found:
            groups.append(SignGroup(urgency, say(title), found))
    shown = sum(len(group.signs) for group in groups)
    if shown != len(pack.signs):
        raise ValueError(f"a sign has an urgency that is none of {', '.join(URGENCY_TITLES)}")
    return tuple(groups)


def _dated(sign: Sign, language: Language, say: Say) -> str:
    """Return the sign, with the date where it counts from a day: nobody counts days from a treatment."""
    if sign.date_from is None:
        return say(sign.sign)
    day = date_text(sign.date_from, language, style="short").replace(" ", "\u00a0")
    return say(Sentence("{sign} ({date})", {"sign": sign.sign, "date": day}))


def _visit(visit: PackVisit, language: Language, say: Say) -> VisitLine:
    return VisitLine(
        when=date_range_text(visit.date_from, visit.date_to, language, style="short"),
        title=say(visit.title),
        purpose=say(visit.purpose),
    )
