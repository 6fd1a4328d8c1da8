"""What a patient's own plan says on a topic, with its dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any

from milia.base import InputError
from milia.language import Language, Sentence

if TYPE_CHECKING:
    from milia.care import CarePack, Clinic, Phase

# A question's topic, and the topics of the care pack's items that answer it.
ITEMS = {
    "make_up": ("make_up",),
    "wash": ("wash",),
    "sun": ("sun", "hat"),
    "dressing": ("dressing", "ointment"),
    "scab": ("scab",),
    "water": ("water", "sport"),
    "skincare": ("skincare",),
    "lenses": ("lenses",),
    "pain": ("pain", "cool"),
    "normal": ("normal",),
}
# What is allowed from a day on stays allowed, however long the phase lasts that says so first.
ALLOWED_FROM = frozenset({"make_up", "skincare"})
# Days are counted from here where the plan has no date; no date made with it is shown.
NO_DATE = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One thing the plan says: when, what and whence; ``do`` is None where it is no advice."""

    when: Sentence
    what: Sentence
    do: bool | None
    day_from: int
    day_to: int | None
    date_from: date | None
    date_to: date | None
    statement: str
    clinics_own: bool = False

    def to_dict(self, language: Language) -> dict[str, Any]:
        """Return the line in a language."""
        return {
            "when": self.when.text(language),
            "what": self.what.text(language),
            "do": self.do,
            "day_from": self.day_from,
            "day_to": self.day_to,
            "date_from": None if self.date_from is None else self.date_from.isoformat(),
            "date_to": None if self.date_to is None else self.date_to.isoformat(),
            "statement": self.statement,
            "clinics_own": self.clinics_own,
        }


@dataclass(frozen=True)
class PatientPlan:
    """A plan as its patient asks about it; ``dated`` is False where no day of treatment is known."""

    pack: CarePack
    dated: bool

    def lines(self, topic: str | None) -> tuple[PlanLine, ...]:
        """Return what the plan says on a topic, in order of day; nothing where it is silent."""
        if topic is None:
            return ()
        if topic in ITEMS:
            return tuple(self._items(ITEMS[topic]))
        readers = {
            "healing": self._healing,
            "visit": self._visits,
            "sessions": self._course,
            "signs": self._signs,
        }
        return tuple(readers[topic]()) if topic in readers else ()

    def _items(self, topics: tuple[str, ...]) -> Iterator[PlanLine]:
        # What may be done comes first: that is what was asked.
        for do in (True, False):
            for phase in self.pack.phases:
                for item in phase.do if do else phase.avoid:
                    if item.topic in topics:
                        window = _opened(phase) if do and item.topic in ALLOWED_FROM else phase
                        yield self._line(
                            item.sentence, window, do=do, statement=item.statement, own=item.clinics_own
                        )

    def _healing(self) -> Iterator[PlanLine]:
        for phase in self.pack.phases:
            if phase.key == "closing":
                what = Sentence("The spot should close in these days.")
                yield self._line(what, phase, do=None, statement="care.healing")

    def _visits(self) -> Iterator[PlanLine]:
        for visit in self.pack.visits:
            words = {"title": visit.title, "purpose": visit.purpose}
            if visit.title.template.endswith("?"):
                what = Sentence("{title} {purpose}", words)
            else:
                what = Sentence("{title}: {purpose}", words)
            yield self._line(what, visit, do=None, statement=visit.statement)

    def _course(self) -> Iterator[PlanLine]:
        for step in self.pack.sessions.course if self.pack.sessions else ():
            yield self._line(step.title, step, do=None, statement="care.course")

    def _signs(self) -> Iterator[PlanLine]:
        for sign in self.pack.signs:
            what = Sentence("{sign}: {action}", {"sign": sign.sign, "action": sign.action})
            day = sign.from_day or 0
            window = _Window(day, None, sign.date_from or self.pack.start, None)
            yield self._line(what, window, do=None, statement=sign.statement)

    def _line(
        self, what: Sentence, window: Any, *, do: bool | None, statement: str, own: bool = False
    ) -> PlanLine:
        dated = (window.date_from, window.date_to) if self.dated else (None, None)
        return PlanLine(
            when=_when(window, dated=self.dated),
            what=what,
            do=do,
            day_from=window.day_from,
            day_to=window.day_to,
            date_from=dated[0],
            date_to=dated[1],
            statement=statement,
            clinics_own=own,
        )


@dataclass(frozen=True, slots=True)
class _Window:
    day_from: int
    day_to: int | None
    date_from: date
    date_to: date | None


def _opened(phase: Phase) -> _Window:
    return _Window(phase.day_from, None, phase.date_from, None)


def patient_plan(
    plan: Mapping[str, Any], *, start: date | None = None, clinic: Clinic | None = None, file: str = "plan"
) -> PatientPlan:
    """Read a saved plan for its patient's questions.

    Parameters
    ----------
    plan
        What ``milia plan --json`` wrote.
    start
        Day of treatment; the plan's own one by default.
    clinic
        Whose protocol holds.
    file
        Name of the plan, for messages.

    Raises
    ------
    InputError
        If the plan cannot be used.
    """
    from milia.care import Clinic, care_pack

    first = start or _start_of(plan, file)
    whose = clinic or Clinic(name="", phone="", time_zone="UTC", visit_hour=time(10))
    day = first or NO_DATE
    # "Today" is the day of treatment, so that the same plan gives the same answer on every day.
    pack = care_pack(plan, start=day, clinic=whose, today=day, allow_past=True, file=file)
    return PatientPlan(pack, dated=first is not None)


def _start_of(plan: Mapping[str, Any], file: str) -> date | None:
    section = plan.get("aftercare")
    written = section.get("start") if isinstance(section, Mapping) else None
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except (TypeError, ValueError):
        raise InputError(
            "this is not a day",
            file=file,
            key="aftercare.start",
            value=written,
            accepted="a date such as 2026-12-01",
        ) from None


def _when(window: Any, *, dated: bool) -> Sentence:
    first, last = window.day_from, window.day_to
    if dated:
        if last is None:
            return Sentence("from {date}", {"date": window.date_from})
        if last == first:
            return Sentence("{date}", {"date": window.date_from})
        return Sentence("{dates}", {"dates": (window.date_from, window.date_to)})
    if last is None:
        return Sentence("from day {day} after the treatment", {"day": first})
    if last == first == 0:
        return Sentence("on the day of treatment")
    if last == first:
        return Sentence("on day {day} after the treatment", {"day": first})
    return Sentence("day {days} after the treatment", {"days": (first, last)})
