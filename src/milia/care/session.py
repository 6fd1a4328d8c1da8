"""How many lesions today, what comes later, and how many sessions are likely."""

from __future__ import annotations

from datetime import date, timedelta

from milia.care.facts import Facts
from milia.care.pack import CourseStep, Item, Sessions
from milia.care.protocol import clinics_own
from milia.care.rules import PROCEDURES, days, holding
from milia.knowledge import Knowledge
from milia.language import Sentence

COURSE_KEYS = frozenset({"topic"})
SHOWN = 6
"""Sessions listed one by one; hundreds of milia would fill pages with dates that nobody keeps."""


def sessions_for(facts: Facts, *, start: date, knowledge: Knowledge) -> Sessions | None:
    """Return the course for a planned action; nothing where nothing is done to the skin."""
    if facts.action not in PROCEDURES:
        return None
    batch = round(knowledge.quantity("care.session.batch").value)
    test = facts.test_spot and facts.count > 1
    first = min(facts.count, round(knowledge.quantity("care.session.test").value) if test else batch)
    series = ("one_session", "two_sessions", "three_sessions") if facts.action == "laser" else ()
    return Sessions(
        today=first,
        in_all=facts.count,
        test_spot=facts.test_spot,
        same_lesion_weeks=knowledge.quantity("care.course.same_weeks").value,
        other_lesion_weeks=knowledge.quantity("care.course.other_weeks").value,
        likely=tuple(
            (number, knowledge.quantity(f"care.series.{name}").value)
            for number, name in enumerate(series, start=1)
        ),
        course=_course(facts, start, today=first, batch=batch, test=test, knowledge=knowledge),
        notes=tuple(
            Item(
                sentence=rule.sentence(knowledge=knowledge),
                topic=rule.text_of("topic"),
                statement=rule.id,
                clinics_own=clinics_own(rule, facts, knowledge=knowledge),
            )
            for rule in holding("care.course", facts, knowledge=knowledge, keys=COURSE_KEYS)
        ),
    )


def _course(
    facts: Facts, start: date, *, today: int, batch: int, test: bool, knowledge: Knowledge
) -> tuple[CourseStep, ...]:
    def day(id: str) -> int:
        return days(knowledge.quantity(f"care.followup.{id}"))

    title = Sentence("Test spot") if test else Sentence("First session")
    steps = [_step("first", title, 0, 0, today, start)]
    left = facts.count - today
    first_day, last_day = 0, 0
    while left > 0 and len(steps) < SHOWN:
        # After a test spot the others wait for the colour check; after a full session only for the skin.
        wait = (
            (day("pigment_to"), max(day("second_session_from"), day("pigment_to")))
            if test and len(steps) == 1
            else (day("other_lesions_from"), day("other_lesions_to"))
        )
        first_day, last_day = first_day + wait[0], last_day + wait[1]
        number = min(left, batch)
        left -= number
        title = Sentence("Session {number}", {"number": len(steps) + 1})
        steps.append(_step(f"session_{len(steps) + 1}", title, first_day, last_day, number, start))
    if left > 0:
        title = Sentence("And so on: {left} more spots", {"left": left})
        steps.append(_step("rest", title, first_day, last_day, left, start))
    again = (day("second_session_from"), day("second_session_to"))
    steps.append(_step("again", Sentence("The same spot again, if needed"), *again, 0, start))
    return tuple(steps)


def _step(key: str, title: Sentence, day_from: int, day_to: int, lesions: int, start: date) -> CourseStep:
    return CourseStep(
        key=key,
        day_from=day_from,
        day_to=day_to,
        date_from=start + timedelta(days=day_from),
        date_to=start + timedelta(days=day_to),
        title=title,
        lesions=lesions,
    )
