"""What the staff read: English and Korean from the web's own catalogues, dates and numbers by locale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from importlib import resources
from types import MappingProxyType
from zoneinfo import ZoneInfo

from milia.language import ENGLISH, LANGUAGES, Language, date_text, number_text, time_text

__all__ = ["ROLE_NAMES", "STAFF_LANGUAGES", "Gap", "Words", "best_language", "catalogue", "mark"]

Gap = str | int | float | date | time

STAFF_LANGUAGES: tuple[Language, ...] = tuple(known for known in LANGUAGES if known.tag in ("en", "ko"))
_GAP = re.compile(r"\{([a-z_0-9]+)\}")


def mark(template: str) -> str:
    """Give a sentence back as it is: it stands in a table here, and is translated where it is shown."""
    return template


ROLE_NAMES = {
    "doctor": mark("Doctor"),
    "nurse": mark("Nurse"),
    "front_desk": mark("Front desk"),
    "administrator": mark("Administrator"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is written for one person: sentences, dates and numbers."""

    language: Language = ENGLISH
    time_zone: str = "UTC"

    def __call__(self, template: str, /, **gaps: Gap) -> str:
        """Say a sentence; ``{name}`` is filled from the gaps, numbers and dates as the locale writes them."""
        said = template
        if self.language.catalogue is not None:
            said = catalogue(self.language.tag).get(template, template)
        return _GAP.sub(lambda gap: self._filled(gaps[gap[1]]), said) if gaps else said

    def _filled(self, value: Gap) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, time):
            return time_text(value, self.language)
        return self.number(value)

    def here(self, moment: datetime) -> datetime:
        """Give a moment in the clinic's time zone."""
        return moment.astimezone(ZoneInfo(self.time_zone))

    def day(self, day: date | str) -> str:
        """Write a date; text of the form ``2026-12-03`` is a date too."""
        return date_text(date.fromisoformat(day) if isinstance(day, str) else day, self.language)

    def moment(self, moment: datetime) -> str:
        """Write a date and time in the clinic's zone, on the 24-hour clock."""
        local = self.here(moment)
        return f"{date_text(local.date(), self.language)} {time_text(local.time(), self.language)}"

    def clock(self, moment: datetime) -> str:
        """Write the time of day in the clinic's zone."""
        return time_text(self.here(moment).time(), self.language)

    def number(self, value: float, digits: int | None = None) -> str:
        """Write a number with the locale's separators, rounded to so many decimals if wanted."""
        return number_text(value if digits is None else round(value, digits), self.language)

    def percent(self, share: float, digits: int = 0) -> str:
        """Write a share of one as a percentage."""
        return f"{self.number(100 * share, digits)}{'%' if self.language.tag == 'ko' else ' %'}"


@cache
def catalogue(tag: str) -> Mapping[str, str]:
    """Read every catalogue of a language: one folder, a file for each part of the app."""
    from babel.messages.pofile import read_po

    found: dict[str, str] = {}
    folder = resources.files("milia.web").joinpath("catalogues", tag)
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".po"):
            continue
        with file.open("rb") as stream:
            for message in read_po(stream, locale=tag):
                words = (message.id, message.string)
                if all(isinstance(each, str) and each for each in words) and not message.fuzzy:
                    found[str(message.id)] = str(message.string)
    return MappingProxyType(found)


def best_language(chosen: str | None, accepted: str) -> Language:
    """Give the language that was chosen, else the first of the browser's list that the staff pages have."""
    by_tag = {known.tag: known for known in STAFF_LANGUAGES}
    if chosen in by_tag:
        return by_tag[chosen]
    for part in accepted[:200].split(","):
        primary = part.split(";")[0].strip().split("-")[0].lower()
        if primary in by_tag:
            return by_tag[primary]
    return ENGLISH
