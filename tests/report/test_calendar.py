"""The calendar file: read back by two parsers, in time zones, over clock changes, with awkward text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject

from milia.base import InputError
from milia.care import CarePack, Protocol
from milia.language import LANGUAGES, Language, language
from milia.report import render_calendar
from milia.report.calendar import existing, time_zone

PackMaker = Callable[..., CarePack]
AWKWARD = 'Klinik; Ärzte, "Haut" \\ Haar'


def events(data: bytes) -> dict[str, Any]:
    """Events by summary."""
    read = icalendar.Calendar.from_ical(data)
    return {str(event["SUMMARY"]): event for event in read.walk("VEVENT")}


def visits(data: bytes) -> list[Any]:
    return [event for event in events(data).values() if event.get("STATUS") == "TENTATIVE"]


@pytest.mark.parametrize("known", LANGUAGES, ids=lambda known: known.tag)
def test_both_parsers_read_every_phase_and_visit(make_pack: PackMaker, known: Language) -> None:
    pack = make_pack("laser")
    data = render_calendar(pack, known)
    ours, theirs = events(data), vobject.readOne(data.decode("utf-8"))
    summaries = {event.summary.value for event in theirs.vevent_list}
    assert summaries == set(ours)
    assert len(ours) == len(pack.phases) + len(pack.visits)
    for phase in pack.phases:
        event = next(e for s, e in ours.items() if phase.title.text(known) in s and "TRANSP" in e)
        last = phase.date_from if phase.date_to is None else phase.date_to
        assert (event.start, event.end) == (phase.date_from, last + timedelta(days=1))
        assert all(item.sentence.text(known) in event["DESCRIPTION"] for item in (*phase.do, *phase.avoid))
    for visit in pack.visits:
        event = ours[f"{visit.title.text(known)} – {pack.clinic.name}"]
        assert event.start == datetime.combine(visit.date_from, time(10), ZoneInfo("Asia/Seoul"))
        assert event["DURATION"].dt == timedelta(minutes=30)
        assert all(question.text(known) in event["DESCRIPTION"] for question in visit.ask)
        assert event["SUMMARY"].params["LANGUAGE"] == known.tag
    read = {event.summary.value: event.dtstart.value for event in theirs.vevent_list}
    for summary, event in ours.items():
        assert read[summary] == event.start
    assert theirs.vtimezone.tzid.value == "Asia/Seoul"


def test_alarms_come_before_visits_and_never_before_the_treatment(make_pack: PackMaker) -> None:
    pack = make_pack("laser")
    found = {str(event["SUMMARY"]): event for event in visits(render_calendar(pack))}
    rung = {
        summary: [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")] for summary, event in found.items()
    }
    week, day, hours = timedelta(days=-7), timedelta(days=-1), timedelta(hours=-2)
    assert rung["Photo check – Example Skin Clinic"] == [day, hours]
    assert rung["Last look – Example Skin Clinic"] == [week, day, hours]
    for event in events(render_calendar(pack)).values():
        assert event.walk("VALARM")
        assert all(alarm["ACTION"] == "DISPLAY" and alarm["DESCRIPTION"] for alarm in event.walk("VALARM"))


def test_form_of_the_file(make_pack: PackMaker) -> None:
    data = render_calendar(make_pack("laser"), language("ja"))
    lines = data.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert all(line.decode("utf-8") is not None for line in lines), "a letter was cut in two by folding"
    text = data.replace(b"\r\n ", b"").decode("utf-8")
    assert re.findall(r"^UID:(\S+)@milia\r?$", text, re.MULTILINE)
    assert set(re.findall(r"^DTSTAMP:(\S+)", text, re.MULTILINE)) == {"20261203T000000Z"}
    assert "VERSION:2.0" in text
    assert "DTSTART;TZID=Asia/Seoul:20261210T100000" in text
    assert "DTSTART;VALUE=DATE:20261203" in text


def test_same_pack_same_bytes_and_moved_days_keep_their_identifiers(make_pack: PackMaker) -> None:
    first, again = make_pack("laser"), make_pack("laser")
    assert render_calendar(first) == render_calendar(again)
    moved = events(render_calendar(make_pack("laser", start=date(2027, 1, 12))))
    before = events(render_calendar(first))
    assert {s: e["UID"] for s, e in moved.items()} == {s: e["UID"] for s, e in before.items()}
    assert min(e["SEQUENCE"] for e in moved.values()) > max(e["SEQUENCE"] for e in before.values())
    uids = [str(event["UID"]) for event in before.values()]
    assert len(set(uids)) == len(uids)
    other = events(render_calendar(make_pack("laser", patient={"age": "35 year"})))
    assert not {str(e["UID"]) for e in other.values()} & set(uids)


def test_awkward_text_survives(make_pack: PackMaker) -> None:
    pack = make_pack("laser", name=AWKWARD, address="Straße 1,\nSeoul", protocol=Protocol(note="x"))
    data = render_calendar(pack)
    event = events(data)[f"Last look – {AWKWARD}"]
    assert event["LOCATION"] == f"{AWKWARD}, Straße 1,\nSeoul"
    assert AWKWARD in event["DESCRIPTION"]
    theirs = next(e for e in vobject.readOne(data.decode()).vevent_list if "Last look" in e.summary.value)
    assert theirs.summary.value == f"Last look – {AWKWARD}"


def test_visits_keep_their_hour_over_a_clock_change(make_pack: PackMaker) -> None:
    """Berlin changes on 28 March 2027: ten o'clock is nine UTC before it and eight after."""
    pack = make_pack("laser", start=date(2027, 3, 20), time_zone="Europe/Berlin")
    data = render_calendar(pack)
    utc = {event.start.date(): event.start.astimezone(UTC).hour for event in visits(data)}
    assert {utc[day] for day in utc if day < date(2027, 3, 28)} == {9}
    assert {utc[day] for day in utc if day >= date(2027, 3, 28)} == {8}
    theirs = vobject.readOne(data.decode())
    read = {e.dtstart.value.astimezone(UTC) for e in theirs.vevent_list if hasattr(e, "status")}
    assert read == {event.start.astimezone(UTC) for event in visits(data)}
    zone = icalendar.Calendar.from_ical(data).walk("VTIMEZONE")[0]
    assert {part.name for part in zone.subcomponents} == {"STANDARD", "DAYLIGHT"}


def test_an_hour_that_a_clock_change_skips_moves_on(make_pack: PackMaker) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert existing(date(2027, 3, 28), time(2, 30), berlin).time() == time(3, 30)
    assert existing(date(2027, 3, 27), time(2, 30), berlin).time() == time(2, 30)
    pack = make_pack("extract", start=date(2027, 3, 21), time_zone="Europe/Berlin", visit_hour=time(2, 30))
    assert any(visit.date_from == date(2027, 3, 28) for visit in pack.visits)
    on_the_day = [e for e in visits(render_calendar(pack)) if e.start.date() == date(2027, 3, 28)]
    assert [(e.start.hour, e.start.minute) for e in on_the_day] == [(3, 30)]


def test_an_appointment_over_the_hour_that_comes_twice_lasts_half_an_hour(make_pack: PackMaker) -> None:
    pack = make_pack("extract", start=date(2027, 10, 24), time_zone="Europe/Berlin", visit_hour=time(2, 45))
    night = next(e for e in visits(render_calendar(pack)) if e.start.date() == date(2027, 10, 31))
    assert (night.start.hour, night.start.minute) == (2, 45)
    assert night["DURATION"].dt == timedelta(minutes=30)
    assert "DTEND" not in night


@pytest.mark.parametrize("hour", [time(10), None], ids=["with an hour", "whole days"])
def test_no_visit_is_proposed_on_a_closed_day(make_pack: PackMaker, hour: time | None) -> None:
    weekend = frozenset({5, 6})
    moved = 0
    for start in (date(2026, 12, 1) + timedelta(days=n) for n in range(7)):
        pack = make_pack("laser", start=start, visit_hour=hour, closed=weekend)
        found = {str(event["SUMMARY"]): event.start for event in visits(render_calendar(pack))}
        for visit in pack.visits:
            day = found[f"{visit.title.text()} – {pack.clinic.name}"]
            day = day.date() if isinstance(day, datetime) else day
            assert day.weekday() not in weekend
            assert visit.date_from <= day <= max(visit.date_to, visit.date_from + timedelta(days=2))
            moved += day != visit.date_from
    assert moved


def test_without_an_hour_visits_are_whole_days(make_pack: PackMaker) -> None:
    pack = make_pack("laser", visit_hour=None, time_zone="UTC")
    data = render_calendar(pack)
    found = visits(data)
    assert [event.start for event in found] == [visit.date_from for visit in pack.visits]
    assert b"VTIMEZONE" not in data
    # Nine in the morning of the day before.
    assert found[0].walk("VALARM")[0]["TRIGGER"].dt == timedelta(hours=-15)


def test_lines_to_fill_in_by_hand_stay_on_paper(make_pack: PackMaker) -> None:
    pack = make_pack("laser", name="____", phone="____", address=None, visit_hour=None, time_zone="UTC")
    data = render_calendar(pack)
    assert b"____" not in data
    assert b"LOCATION" not in data
    assert b"X-WR-TIMEZONE" not in data
    assert len(events(data)) == len(pack.phases) + len(pack.visits)


@pytest.mark.parametrize(
    ("zone", "near"), [("Asia/Soul", "Asia/Seoul"), ("asia/seoul", "Asia/Seoul"), ("Mars/Olympus", None)]
)
def test_unknown_time_zone(make_pack: PackMaker, zone: str, near: str | None) -> None:
    with pytest.raises(InputError) as caught:
        render_calendar(make_pack("laser", time_zone=zone))
    assert caught.value.key == "clinic.time_zone"
    if near:
        assert f"did you mean {near}?" in str(caught.value)
    assert time_zone("Asia/Seoul").key == "Asia/Seoul"


@pytest.mark.parametrize("action", ["observe", "newborn", "refer", "assess_first"])
def test_actions_without_a_wound(make_pack: PackMaker, action: str) -> None:
    pack = make_pack(action)
    data = render_calendar(pack)
    assert len(events(data)) == len(pack.phases) + len(pack.visits)
    assert len(vobject.readOne(data.decode()).vevent_list) == len(pack.phases) + len(pack.visits)
