"""The clinic's own file: who is called and when, and where its protocol differs from the default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from milia.base import (
    InputError,
    as_list,
    as_mapping,
    check_keys,
    parse_choice,
    parse_quantity,
    parse_whole,
    read_yaml_mapping,
    require,
)
from milia.knowledge import Knowledge, Quantity, load_knowledge
from milia.planning import PREFERABLE, Own, read_limits, read_shares

MAKE_UP = ("after_closure", "day_1")
SUNSCREEN = ("closed_skin_from_day_3", "day_1")
DRESSINGS = ("petrolatum", "hydrocolloid", "hydrogel")
TEST_SPOT = ("by_risk", "always")
DRUGS = ("lidocaine_plain", "lidocaine_adrenaline")

_LONGEST = {"name": 120, "phone": 40, "urgent_phone": 40, "address": 200, "note": 600}
_CLINIC_KEYS = ("name", "phone", "urgent_phone", "address", "time_zone", "visit_hour", "closed")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PROTOCOL_KEYS = (
    *("make_up", "sunscreen", "dressing", "wash_from", "lesions_per_session", "same_lesion_interval"),
    *("other_lesions_interval", "test_spot", "prefer", "anaesthesia", "note"),
    *("limits", "p_open", "p_harm", "p_severe"),
)
_DAY_s = 86400.0


@dataclass(frozen=True, slots=True)
class Anaesthesia:
    """The clinic's lower limits [mg/kg] by drug, and the dose it plans as a rule [mg]."""

    limits_mg_kg: Mapping[str, float]
    drug: str | None = None
    dose_mg: float | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """Where the clinic differs; ``None`` means the default. No setting lifts a contraindication."""

    make_up: str | None = None
    sunscreen: str | None = None
    dressing: str | None = None
    wash_from_days: int | None = None
    lesions_per_session: int | None = None
    same_lesion_weeks: float | None = None
    other_lesions_weeks: float | None = None
    test_spot: str | None = None
    prefer: tuple[str, ...] = ()
    anaesthesia: Anaesthesia | None = None
    note: str | None = None
    limits: Mapping[str, Own] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clinic:
    """Who treats: name, telephone, place, time zone (IANA) and the hour at which visits are proposed.

    ``visit_hour`` is None where no clinic file was given: then nobody knows an hour, nor a time zone.
    ``closed`` holds the days of the week without visits, 0 for Monday.
    """

    name: str
    phone: str
    time_zone: str
    visit_hour: time | None
    urgent_phone: str | None = None
    address: str | None = None
    protocol: Protocol = Protocol()
    file: str | None = None
    closed: frozenset[int] = frozenset()

    def open_day(self, first: date, last: date) -> date:
        """Return the first day on which the clinic is open, from ``first`` on; it may lie after ``last``.

        Where no day between the two is open, the next one after them is nearer to what was meant than none.
        """
        days = (first + timedelta(days=n) for n in range((last - first).days + len(WEEKDAYS) + 1))
        return next(day for day in days if day.weekday() not in self.closed)


UNNAMED = Clinic(name="_" * 24, phone="_" * 18, time_zone="UTC", visit_hour=None)
"""Lines to fill in by hand."""


def load_clinic(path: str | os.PathLike[str]) -> Clinic:
    """Read a clinic file.

    Parameters
    ----------
    path
        YAML file with the sections ``clinic`` and, if the clinic differs from the defaults, ``protocol``.

    Raises
    ------
    InputError
        Naming file, key, value and what would be accepted.
    """
    return clinic_from_mapping(read_yaml_mapping(path), file=os.fspath(path))


def clinic_from_mapping(mapping: Mapping[str, Any], *, file: str) -> Clinic:
    """Read a clinic from a mapping with the keys of a clinic file; InputError names what is not accepted."""
    top = as_mapping(mapping, key="clinic file", file=file, accepted="the sections clinic and protocol")
    check_keys(top, ("clinic", "protocol"), key=None, file=file)
    accepted = "a section with " + ", ".join(_CLINIC_KEYS)
    section = as_mapping(
        require(top, "clinic", key=None, file=file, accepted=accepted),
        key="clinic",
        file=file,
        accepted=accepted,
    )
    check_keys(section, _CLINIC_KEYS, key="clinic", file=file)
    name = _text(section, "name", "clinic", file)
    phone = _text(section, "phone", "clinic", file)
    if name is None or phone is None:
        missing = "name" if name is None else "phone"
        raise InputError("this is missing", file=file, key=f"clinic.{missing}", accepted="text")
    return Clinic(
        name=name,
        phone=phone,
        time_zone=_time_zone(section, file),
        visit_hour=_hour(section, file),
        urgent_phone=_text(section, "urgent_phone", "clinic", file),
        address=_text(section, "address", "clinic", file),
        protocol=_protocol(top, file),
        file=file,
        closed=_closed(section, file),
    )


def _text(section: Mapping[str, Any], name: str, owner: str, file: str) -> str | None:
    value = section.get(name)
    if value is None:
        return None
    longest = _LONGEST[name]
    said = " ".join(value.split()) if isinstance(value, str) else ""
    if not said or len(said) > longest or not said.isprintable():
        raise InputError(
            "this is not a line of text",
            file=file,
            key=f"{owner}.{name}",
            value=value,
            accepted=f"text of 1 to {longest} characters (a telephone number in quotes)",
        )
    return said


def _time_zone(section: Mapping[str, Any], file: str) -> str:
    from zoneinfo import available_timezones

    accepted = "an IANA name such as Asia/Seoul or Europe/Berlin"
    value = require(section, "time_zone", key="clinic", file=file, accepted=accepted)
    known = available_timezones()
    # "EST" and "Etc/GMT+5" are in the database too, and mean no place: their rules surprise everybody.
    places = sorted(zone for zone in known if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    if not isinstance(value, str) or value not in (*places, "UTC"):
        from milia.base import nearest

        close = nearest(value, places) if isinstance(value, str) else None
        hint = f"; did you mean {close}?" if close else ""
        raise InputError(
            f"this time zone is not known{hint}",
            file=file,
            key="clinic.time_zone",
            value=value,
            accepted=accepted,
        )
    return value


def _hour(section: Mapping[str, Any], file: str) -> time:
    accepted = "an hour from 00:00 to 23:59 in quotes, such as '10:00'"
    value = require(section, "visit_hour", key="clinic", file=file, accepted=accepted)
    hour, _, minute = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not (hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and len(hour) in (1, 2)):
        raise InputError(
            "this is not a time of day", file=file, key="clinic.visit_hour", value=value, accepted=accepted
        )
    if int(hour) > 23 or int(minute) > 59:
        raise InputError(
            "this is not a time of day", file=file, key="clinic.visit_hour", value=value, accepted=accepted
        )
    return time(int(hour), int(minute))


def _closed(section: Mapping[str, Any], file: str) -> frozenset[int]:
    if section.get("closed") is None:
        return frozenset()
    key, accepted = "clinic.closed", "a list of up to six of " + ", ".join(WEEKDAYS)
    listed = as_list(section["closed"], key=key, file=file, accepted=accepted)
    days = [parse_choice(day, WEEKDAYS, key=f"{key}[{n}]", file=file) for n, day in enumerate(listed)]
    if len(set(days)) == len(WEEKDAYS):
        raise InputError(
            "a clinic that never opens has no visits",
            file=file,
            key=key,
            value=section["closed"],
            accepted=accepted,
        )
    return frozenset(WEEKDAYS.index(day) for day in days)


def _protocol(top: Mapping[str, Any], file: str) -> Protocol:
    if top.get("protocol") is None:
        return Protocol()
    section = as_mapping(
        top["protocol"], key="protocol", file=file, accepted="a section with " + ", ".join(_PROTOCOL_KEYS)
    )
    check_keys(section, _PROTOCOL_KEYS, key="protocol", file=file)
    knowledge = load_knowledge()
    return Protocol(
        make_up=_choice(section, "make_up", MAKE_UP, file),
        sunscreen=_choice(section, "sunscreen", SUNSCREEN, file),
        dressing=_choice(section, "dressing", DRESSINGS, file),
        wash_from_days=_days(section, file, knowledge=knowledge),
        lesions_per_session=_batch(section, file, knowledge=knowledge),
        same_lesion_weeks=_weeks(section, "same_lesion_interval", file, knowledge=knowledge),
        other_lesions_weeks=_weeks(section, "other_lesions_interval", file, knowledge=knowledge),
        test_spot=_choice(section, "test_spot", TEST_SPOT, file),
        prefer=_prefer(section, file),
        anaesthesia=_anaesthesia(section, file, knowledge=knowledge),
        note=_text(section, "note", "protocol", file),
        limits={
            **read_limits(section.get("limits"), key="protocol.limits", file=file, whose="clinic"),
            **read_shares(section, key="protocol", file=file, whose="clinic"),
        },
    )


def _choice(section: Mapping[str, Any], name: str, allowed: tuple[str, ...], file: str) -> str | None:
    value = section.get(name)
    return None if value is None else parse_choice(value, allowed, key=f"protocol.{name}", file=file)


def _limits(quantity: Quantity) -> tuple[float, float]:
    low, high = quantity.bounds_si
    return low, high


def _days(section: Mapping[str, Any], file: str, *, knowledge: Knowledge) -> int | None:
    value = section.get("wash_from")
    if value is None:
        return None
    low, high = _limits(knowledge.quantity("care.protocol.wash_from"))
    found = parse_quantity(value, unit="s", low=low, high=high, key="protocol.wash_from", file=file)
    days = found / _DAY_s
    if abs(days - round(days)) > 1e-9:
        raise InputError(
            "the timetable counts whole days",
            file=file,
            key="protocol.wash_from",
            value=value,
            accepted="whole days, such as '1 day' or '48 hour'",
        )
    return round(days)


def _batch(section: Mapping[str, Any], file: str, *, knowledge: Knowledge) -> int | None:
    value = section.get("lesions_per_session")
    if value is None:
        return None
    low, high = _limits(knowledge.quantity("care.protocol.lesions_per_session"))
    return parse_whole(
        value,
        low=round(low),
        high=round(high),
        key="protocol.lesions_per_session",
        file=file,
        what="lesions",
    )


def _weeks(section: Mapping[str, Any], name: str, file: str, *, knowledge: Knowledge) -> float | None:
    value = section.get(name)
    if value is None:
        return None
    low, high = _limits(knowledge.quantity(f"care.protocol.{name}"))
    found = parse_quantity(value, unit="s", low=low, high=high, key=f"protocol.{name}", file=file)
    return round(found / (7.0 * _DAY_s), 6)


def _prefer(section: Mapping[str, Any], file: str) -> tuple[str, ...]:
    """Read an order of preference: each treatment at most once; what is not named follows as by default."""
    value = section.get("prefer")
    if value is None:
        return ()
    key = "protocol.prefer"
    accepted = "a list of " + ", ".join(PREFERABLE) + ", each at most once"
    words = [
        parse_choice(word, PREFERABLE, key=f"{key}[{index}]", file=file)
        for index, word in enumerate(as_list(value, key=key, file=file, accepted=accepted))
    ]
    if len(set(words)) != len(words):
        raise InputError("a treatment is written twice", file=file, key=key, value=value, accepted=accepted)
    return tuple(words)


def _anaesthesia(section: Mapping[str, Any], file: str, *, knowledge: Knowledge) -> Anaesthesia | None:
    key = "protocol.anaesthesia"
    if section.get("anaesthesia") is None:
        return None
    allowed = (*DRUGS, "drug", "dose")
    found = as_mapping(
        section["anaesthesia"], key=key, file=file, accepted="a section with " + ", ".join(allowed)
    )
    check_keys(found, allowed, key=key, file=file)
    limits = {}
    for form in DRUGS:
        if found.get(form) is None:
            continue
        # The label's limit is the highest a file may ask for: a clinic may be more careful, not less.
        most = knowledge.quantity(f"care.anaesthesia.{form}").value
        limits[form] = parse_quantity(
            found[form], unit="mg/kg", low=0.0, high=most, key=f"{key}.{form}", file=file
        )
    drug, dose = found.get("drug"), found.get("dose")
    if (drug is None) != (dose is None):
        missing = "dose" if dose is None else "drug"
        raise InputError(
            "drug and dose belong together", file=file, key=f"{key}.{missing}", accepted="both or neither"
        )
    if drug is None:
        return Anaesthesia(limits)
    named = parse_choice(drug, DRUGS, key=f"{key}.drug", file=file)
    most_mg = knowledge.quantity(f"care.anaesthesia.{named}_cap").value
    dose_mg = parse_quantity(dose, unit="mg", low=0.0, high=most_mg, key=f"{key}.dose", file=file)
    return Anaesthesia(limits, named, dose_mg)
