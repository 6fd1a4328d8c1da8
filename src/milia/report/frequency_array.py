"""A hundred marks, one for each of a hundred simulated skins: a probability that can be counted."""

from __future__ import annotations

from typing import Literal

from milia.language import say
from milia.report.numbers import hundred_span, of_hundred
from milia.report.svg import FAINT, HARM, OPENING, Point, element, path_of, picture

COLUMNS = 20
PITCH = 15.0
MARGIN = 2.0
RADIUS = 4.6
SHADE = {"sure": 1.0, "open": 0.38, "none": 0.0}

Kind = Literal["opening", "harm"]


def frequency_array(
    probability: float,
    *,
    low: float | None,
    high: float | None,
    kind: Kind,
    name: str,
    font_family: str | None = None,
) -> str:
    """Draw a probability as 100 marks.

    Marks up to the lower end of the interval are full, marks between its ends are pale, the rest are empty.
    Opening is a disc and harm a diamond, so that the two differ without their colours.

    Parameters
    ----------
    probability
        Share of simulated skins [1].
    low, high
        Ends of its interval [1], or None where it is not known.
    """
    middle = _marks(probability)
    sure = middle if low is None else min(middle, _marks(low))
    possible = middle if high is None else max(middle, _marks(high))
    colour = OPENING if kind == "opening" else HARM
    marks = []
    for index in range(100):
        state = "sure" if index < sure else "open" if index < possible else "none"
        x = MARGIN + PITCH * (index % COLUMNS + 0.5)
        y = MARGIN + PITCH * (index // COLUMNS + 0.5)
        marks.append(_mark(kind, x, y, state=state, colour=colour))
    event = say("the roof opens") if kind == "opening" else say("harm passes the limit")
    shown = {"count": str(middle), "event": event}
    if low is None or high is None:
        described = say("One hundred marks; {count} stand for skins in which {event}.", **shown)
    else:
        described = say(
            "One hundred marks; {count} stand for skins in which {event}, interval {interval}.",
            **shown,
            interval=hundred_span(low, high),
        )
    return picture(
        *marks,
        width=COLUMNS * PITCH + 2 * MARGIN,
        height=100 / COLUMNS * PITCH + 2 * MARGIN,
        name=name,
        title=say("In {skins} simulated skins {event}", skins=of_hundred(probability), event=event),
        description=described,
        font_family=font_family,
        class_="frequency",
        data_count=middle,
    )


def _marks(probability: float) -> int:
    """Return the count of marks; something that can happen never shows none, nor a doubt all."""
    count = round(100 * probability)
    if probability > 0.0:
        count = max(count, 1)
    if probability < 1.0:
        count = min(count, 99)
    return min(100, max(0, count))


def _mark(kind: Kind, x: float, y: float, *, state: str, colour: str) -> str:
    empty = state == "none"
    look = {
        "class_": f"mark {state}",
        "fill": "none" if empty else colour,
        "fill_opacity": None if empty else SHADE[state],
        "stroke": FAINT if empty else colour,
        "stroke_width": 0.9,
        "stroke_opacity": 0.65 if empty else None,
    }
    if kind == "opening":
        return element("circle", cx=x, cy=y, r=RADIUS, **look)
    if empty:
        return element("circle", cx=x, cy=y, r=RADIUS, **look)
    reach = RADIUS * 1.2
    corners: tuple[Point, ...] = ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
    return element("path", d=path_of(corners, closed=True), **look)
