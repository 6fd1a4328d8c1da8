"""The patient's days as a calendar file that common calendar programs import."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from milia.base import InputError, nearest
from milia.language import ENGLISH, Language, Sentence, date_range_text
from milia.report.leaflet.view import dialled

if TYPE_CHECKING:
    from milia.care import CarePack, Clinic, Phase, Visit

PRODUCT = "-//Milia//Patient calendar//EN"
VISIT_LENGTH = timedelta(minutes=30)
BEFORE_A_VISIT = (timedelta(days=-7), timedelta(days=-1), timedelta(hours=-2))
MORNING = timedelta(hours=9)
FIRST_DAY = date(2000, 1, 1)


def render_calendar(pack: CarePack, language: Language = ENGLISH) -> bytes:
    """Return the days of a pack as an iCalendar file (RFC 5545).

    Stretches of days are all-day events that leave the day free, with an alarm on their first morning. Visits
    are proposed at the clinic's hour on their first day, in its time zone, with alarms a week, a day and two
    hours before. Identifiers follow from the plan, so that a file that is imported again replaces the events.

    Parameters
    ----------
    pack
        What is handed out for one treatment.
    language
        Language of the events.

    Returns
    -------
    bytes
        The file; the same pack gives the same bytes.

    Raises
    ------
    InputError
        If the clinic's time zone is not known.
    MissingTranslation
        If a sentence is not translated.
    """
    from icalendar import Calendar, Timezone

    zone = time_zone(pack.clinic.time_zone, file=pack.clinic.file)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    name = _named(pack.clinic, language)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    if pack.clinic.visit_hour is not None:
        calendar.add("x-wr-timezone", zone.key)
    visits = list(_visits(pack, language, zone))
    ends = [visit.start for visit in visits if isinstance(visit.start, datetime)]
    if ends:
        calendar.add_component(
            Timezone.from_tzid(
                zone.key,
                first_date=date(min(ends).year - 1, 1, 1),
                last_date=date(max(ends).year + 1, 12, 31),
            )
        )
    for event in (*_phases(pack, language), *visits):
        calendar.add_component(event)
    data: bytes = calendar.to_ical(sorted=False)
    return data


def _known(clinic: Clinic) -> bool:
    """Tell a clinic from lines to fill in by hand: a calendar has nobody who fills them in."""
    return bool(dialled(clinic.phone))


def _named(clinic: Clinic, language: Language) -> str:
    if not _known(clinic):
        return Sentence("After your treatment").text(language)
    return Sentence("After your treatment: {clinic}", {"clinic": clinic.name}).text(language)


def time_zone(name: str, *, file: str | None = None) -> ZoneInfo:
    """Return an IANA time zone.

    Raises
    ------
    InputError
        If there is none of this name; the message names the nearest.
    """
    if name not in available_timezones():
        close = nearest(name, available_timezones())
        hint = f"; did you mean {close}?" if close else ""
        raise InputError(
            f"this time zone is not known{hint}",
            file=file,
            key="clinic.time_zone",
            value=name or "''",
            accepted="an IANA name such as Asia/Seoul or Europe/Berlin",
        )
    return ZoneInfo(name)


def existing(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """Return a local time that exists: one that a clock change skips is moved on by the hour skipped."""
    return datetime.combine(day, hour, zone).astimezone(UTC).astimezone(zone)


def _event(pack: CarePack, key: str, *, summary: str, description: str, language: Language) -> Any:
    from icalendar import Event

    event = Event()
    digest = hashlib.sha256(f"{pack.plan_hash}/{key}".encode()).hexdigest()
    event.add("uid", f"{digest[:32]}@milia")
    event.add("dtstamp", datetime.combine(pack.today, time(), UTC))
    # A later file of the same plan has to win: the number grows with the day on which it was made.
    event.add("sequence", (pack.today - FIRST_DAY).days)
    event.add("summary", summary, parameters={"LANGUAGE": language.tag})
    event.add("description", description, parameters={"LANGUAGE": language.tag})
    return event


def _alarm(text: str, trigger: timedelta) -> Any:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", trigger)
    return alarm


def _phases(pack: CarePack, language: Language) -> Iterator[Any]:
    for phase in pack.phases:
        title = Sentence("Care of the spot: {phase}", {"phase": phase.title}).text(language)
        event = _event(
            pack,
            f"phase/{phase.key}",
            summary=title,
            description=_told(phase, pack, language),
            language=language,
        )
        # An open end has no event of its own length: it is a note on the day it begins.
        last = phase.date_from if phase.date_to is None else phase.date_to
        event.add("dtstart", phase.date_from)
        event.add("dtend", last + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        event.add("categories", ["Milia"])
        event.add_component(_alarm(title, MORNING))
        yield event


def _told(phase: Phase, pack: CarePack, language: Language) -> str:
    lines = [
        *(f"✓ {item.sentence.text(language)}" for item in phase.do),
        *(f"✕ {item.sentence.text(language)}" for item in phase.avoid),
        *_phone(pack, language),
    ]
    return "\n".join(lines)


def _phone(pack: CarePack, language: Language) -> tuple[str, ...]:
    if not _known(pack.clinic):
        return ()
    words = {"clinic": pack.clinic.name, "phone": pack.clinic.phone}
    return (Sentence("Questions? {clinic}, telephone {phone}", words).text(language),)


def _visits(pack: CarePack, language: Language, zone: ZoneInfo) -> Iterator[Any]:
    for visit in pack.visits:
        title = visit.title.text(language)
        event = _event(
            pack,
            f"visit/{visit.key}",
            summary=f"{title} – {pack.clinic.name}" if _known(pack.clinic) else title,
            description=_asked(visit, pack, language),
            language=language,
        )
        for trigger in _timed(event, visit, pack.clinic, zone):
            day = pack.clinic.open_day(visit.date_from, visit.date_to)
            if day + min(trigger, timedelta()) >= pack.start:
                event.add_component(_alarm(title, trigger))
        # Tentative, because the day is proposed and not yet agreed.
        event.add("status", "TENTATIVE")
        if _known(pack.clinic):
            event.add("location", ", ".join(filter(None, (pack.clinic.name, pack.clinic.address))))
        event.add("categories", ["Milia"])
        yield event


def _timed(event: Any, visit: Visit, clinic: Clinic, zone: ZoneInfo) -> tuple[timedelta, ...]:
    """Give a visit its first open day, at the clinic's hour if it has one; return when its alarms ring."""
    day = clinic.open_day(visit.date_from, visit.date_to)
    if clinic.visit_hour is None:
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        return tuple(trigger + MORNING for trigger in BEFORE_A_VISIT if trigger.days <= -1)
    event.add("dtstart", existing(day, clinic.visit_hour, zone))
    # A length and no end: in the hour that comes twice an end could stand before its start.
    event.add("duration", VISIT_LENGTH)
    return BEFORE_A_VISIT


def _asked(visit: Visit, pack: CarePack, language: Language) -> str:
    days = date_range_text(visit.date_from, visit.date_to, language, style="weekday")
    lines = [
        visit.purpose.text(language),
        Sentence("Please agree the time with your clinic. Possible days: {days}", {"days": days}).text(
            language
        ),
        *(f"• {question.text(language)}" for question in visit.ask),
        *_phone(pack, language),
    ]
    return "\n".join(lines)
