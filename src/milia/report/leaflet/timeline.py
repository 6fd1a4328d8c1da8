"""The days from treatment to the last visit as one strip: stretches of days, and the visits above them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from milia.language import Language, Sentence, date_text
from milia.report.leaflet.view import OTHER_TINT, TINTS
from milia.report.svg import INK, MUTED, OPENING, PAPER, element, label, line, path_of, picture, text_width

if TYPE_CHECKING:
    from milia.care import CarePack, Phase, Visit

WIDE, NARROW = 720.0, 346.0
TEXT = 11.0
LANE = 19.0
GAP = 3.0
RIM = 4.0
MARK = 7.0
TICK = 12.0
# A wide letter, for scripts whose letters are as wide as high.
FULL_WIDTH = 1.0


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days to the right; the first ones get more room, because more happens in them."""

    last_day: int
    width: float

    def x(self, day: float) -> float:
        room = self.width - 2 * RIM
        return RIM + room * math.sqrt(min(max(day, 0.0), self.last_day) / self.last_day)


def timeline(pack: CarePack, language: Language, *, width: float, name: str, font_family: str | None) -> str:
    """Draw the strip.

    The stretches carry the numbers of the cards; days are spread by their square root, so that the first days
    stay readable beside the last weeks.

    Parameters
    ----------
    width
        Width of the picture; about 11 units are one letter.
    name
        Prefix of the picture's ids within the page.
    font_family
        Family of the letters; None to take the page's.

    Returns
    -------
    str
        One SVG element; a stretch is a ``rect`` with ``data-phase``, a visit a ``g`` with ``data-visit``.
    """
    scale = _Scale(last_day=last_day(pack), width=width)
    lanes = _lanes(pack.phases, scale.last_day)
    rows = 1 + max(lanes, default=0)
    visit_labels = _labels(
        [(_centre(visit, scale), visit.date_from) for visit in pack.visits],
        language,
        width,
    )
    above = (MARK * 2 + 6.0 + (TEXT + 4.0 if visit_labels else 0.0)) if pack.visits else 2.0
    parts = [
        *_visits(pack, scale, visit_labels, above),
        *(
            part
            for number, (phase, lane) in enumerate(zip(pack.phases, lanes, strict=True), start=1)
            for part in _phase(number, phase, scale, above + lane * (LANE + GAP))
        ),
        *_ticks(pack, scale, language, above + rows * (LANE + GAP)),
    ]
    title = Sentence("Your days at a glance").text(language)
    return picture(
        *parts,
        width=width,
        height=above + rows * (LANE + GAP) + TICK + TEXT + 2.0,
        name=name,
        title=title,
        description=described(pack, language),
        font_family=font_family,
        class_="timeline",
    )


def last_day(pack: CarePack) -> int:
    """Return the day at which the strip ends: after the last stretch and the last visit."""
    ends = [phase.day_to for phase in pack.phases if phase.day_to is not None]
    ends += [visit.day_to for visit in pack.visits]
    ends += [phase.day_from for phase in pack.phases]
    return max(ends, default=0) + 1


def _lanes(phases: tuple[Phase, ...], end: int) -> list[int]:
    """Put every stretch into the first lane in which it meets no other."""
    taken: list[int] = []
    lanes = []
    for phase in phases:
        stop = end if phase.day_to is None else phase.day_to + 1
        lane = next((index for index, until in enumerate(taken) if until <= phase.day_from), len(taken))
        if lane == len(taken):
            taken.append(stop)
        taken[lane] = stop
        lanes.append(lane)
    return lanes


def _phase(number: int, phase: Phase, scale: _Scale, top: float) -> list[str]:
    left = scale.x(phase.day_from) + 1.0
    open_ended = phase.day_to is None
    right = scale.x(scale.last_day if phase.day_to is None else phase.day_to + 1) - 1.0
    middle, centre = top + LANE / 2, (left + right) / 2
    tint = TINTS.get(phase.key, OTHER_TINT)
    parts = [
        element(
            "rect",
            x=left,
            y=top,
            width=max(right - left, 2.0),
            height=LANE,
            rx=3.0,
            fill=tint,
            stroke=INK,
            stroke_opacity=0.25,
            data_phase=phase.key,
        ),
        element("circle", cx=centre, cy=middle, r=8.0, fill=INK),
        label(
            str(number),
            centre,
            middle + 0.36 * TEXT,
            font_size=TEXT,
            font_weight=700,
            fill=PAPER,
            text_anchor="middle",
        ),
    ]
    if open_ended:
        tip = ((right - 9.0, middle - 5.0), (right - 3.0, middle), (right - 9.0, middle + 5.0))
        parts.append(element("path", d=path_of(tip), fill="none", stroke=INK, stroke_width=1.8))
    return parts


def _visits(pack: CarePack, scale: _Scale, labels: list[tuple[float, str]], above: float) -> list[str]:
    parts = []
    for visit in pack.visits:
        first, last = scale.x(visit.day_from) + 2.0, scale.x(visit.day_to + 1) - 2.0
        centre, base = _centre(visit, scale), above - 4.0
        top = base - 2 * MARK
        parts.append(
            element(
                "g",
                line(first, base, last, base, stroke=OPENING, stroke_width=3.0, stroke_linecap="round"),
                element(
                    "rect",
                    x=centre - MARK,
                    y=top - 2.0,
                    width=2 * MARK,
                    height=2 * MARK - 2.0,
                    rx=2.0,
                    fill=PAPER,
                    stroke=OPENING,
                    stroke_width=1.6,
                ),
                line(centre - MARK, top + 2.5, centre + MARK, top + 2.5, stroke=OPENING, stroke_width=1.6),
                data_visit=visit.key,
            )
        )
    parts += [
        label(text, x, TEXT, font_size=TEXT, fill=OPENING, font_weight=700, text_anchor="middle")
        for x, text in labels
    ]
    return parts


def _centre(visit: Visit, scale: _Scale) -> float:
    """The mark stands on the first day, because its date does; near the edge it moves inwards."""
    return min(max(scale.x(visit.day_from + 0.5), MARK + 1.0), scale.width - MARK - 1.0)


def _labels(wanted: list[tuple[float, date]], language: Language, width: float) -> list[tuple[float, str]]:
    """Keep the dates that have room: the first, then every one that does not touch the one before it."""
    kept: list[tuple[float, str]] = []
    edge = 0.0
    for x, day in wanted:
        text = date_text(day, language, style="short")
        half = _width(text) / 2
        place = min(max(x, half + 1.0), width - half - 1.0)
        if place - half >= edge:
            kept.append((place, text))
            edge = place + half + 6.0
    return kept


def _width(text: str) -> float:
    return sum(text_width(c, TEXT) if ord(c) < 0x1100 else FULL_WIDTH * TEXT for c in text)


def _ticks(pack: CarePack, scale: _Scale, language: Language, top: float) -> list[str]:
    days = sorted({phase.day_from for phase in pack.phases} | {scale.last_day - 1})
    starts = [(scale.x(day), pack.start + timedelta(days=day)) for day in days]
    parts = [line(x, top - GAP, x, top + 3.0, stroke=MUTED) for x, _ in starts]
    for x, text in _labels(starts, language, scale.width):
        parts.append(label(text, x, top + TICK + 1.0, font_size=TEXT, fill=MUTED, text_anchor="middle"))
    return parts


def described(pack: CarePack, language: Language) -> str:
    """Return the strip in words: every stretch and every visit with its first day."""
    said = [
        f"{number}. {phase.title.text(language)}: {date_text(phase.date_from, language, style='short')}"
        for number, phase in enumerate(pack.phases, start=1)
    ]
    said += [
        f"{visit.title.text(language)}: {date_text(visit.date_from, language, style='short')}"
        for visit in pack.visits
    ]
    return "; ".join(said)
