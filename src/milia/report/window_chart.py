"""The therapeutic window: opening rises, harm rises, and what lies between their thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from milia.language import say
from milia.report.numbers import significant, span, with_unit
from milia.report.scale import LinearScale, ticks
from milia.report.svg import (
    FAINT,
    HAIRLINE,
    HARM,
    HARM_TINT,
    INK,
    MUTED,
    OPENING,
    OPENING_TINT,
    PAPER,
    element,
    halo_label,
    hatch,
    label,
    line,
    path_of,
    picture,
    spread_labels,
    text_width,
)
from milia.report.window_data import WindowData, describe_window

WIDE = 700.0
PRINTED = 600.0
NARROW = 352.0
SIZE = 13.0
SMALL = 12.0


@dataclass(frozen=True, slots=True)
class _Frame:
    x: LinearScale
    y: LinearScale
    left: float
    right: float
    top: float
    bottom: float
    width: float
    wide: bool


def window_chart(data: WindowData, *, width: float, name: str, font_family: str | None = None) -> str:
    """Draw the window at a given width [px]; its letters keep their size, so a phone gets a narrow drawing.

    Returns
    -------
    str
        One SVG element. The band between the thresholds has the class `window` or `no-window`; the
        thresholds have `opens-at` and `harms-at`.
    """
    frame = _frame(data, width)
    height = frame.bottom + 66.0
    parts = [
        element("defs", hatch(f"{name}-hatch", HARM, gap=8.0, width=1.0)),
        *_band(data, frame, name),
        *_axes(data, frame),
        *_thresholds(data, frame),
        *_curves(data, frame),
        *_header(data, frame),
        *_recommended(data, frame),
    ]
    return picture(
        *parts,
        width=width,
        height=height,
        name=name,
        title=say("Therapeutic window"),
        description=describe_window(data),
        font_family=font_family,
        class_="window-chart",
        font_size=SIZE,
        fill=INK,
        data_x_zero=frame.x(0.0),
        data_x_per_unit=repr(frame.x.per_unit),
    )


def _frame(data: WindowData, width: float) -> _Frame:
    wide = width >= 560.0
    left, right = (52.0, width - 122.0) if wide else (36.0, width - 10.0)
    top = 74.0 if wide else 108.0
    bottom = top + (236.0 if wide else 214.0)
    xs = [point.x for point in data.points]
    low, high = min(xs), max(xs)
    if data.recommended is not None:
        low, high = min(low, data.recommended), max(high, data.recommended)
    if high <= low:
        low, high = low - max(abs(low), 1.0) * 0.5, high + max(abs(high), 1.0) * 0.5
    pad = 0.02 * (high - low)
    x = LinearScale(low - pad, high + pad, left, right)
    return _Frame(x, LinearScale(0.0, 1.0, bottom, top), left, right, top, bottom, width, wide)


def _edges(data: WindowData, frame: _Frame) -> tuple[float, float] | None:
    """Return the band to mark: the window, or the gap where it should have been."""
    opens, harms = data.opens_at, data.harms_at
    start = frame.right if opens is None else frame.x(opens)
    end = frame.right if harms is None else frame.x(harms)
    if data.exists:
        return (start, end) if end > start else None
    return (end, start) if start > end else None


def _band(data: WindowData, frame: _Frame, name: str) -> list[str]:
    edges = _edges(data, frame)
    if edges is None:
        return []
    box = {"x": edges[0], "y": frame.top, "width": edges[1] - edges[0], "height": frame.bottom - frame.top}
    if data.exists:
        return [element("rect", **box, fill=OPENING_TINT, class_="window")]
    return [
        element("rect", **box, fill=HARM_TINT, fill_opacity=0.55, class_="no-window"),
        element("rect", **box, fill=f"url(#{name}-hatch)", opacity=0.28),
    ]


def _axes(data: WindowData, frame: _Frame) -> list[str]:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = frame.y(share)
        parts.append(
            line(frame.left, y, frame.right, y, stroke=INK if share == 0.0 else HAIRLINE, stroke_width=0.9)
        )
        parts.append(
            label(f"{100 * share:.0f}", frame.left - 8, y + 4, text_anchor="end", font_size=SMALL, fill=MUTED)
        )
    for tick in ticks(frame.x.low, frame.x.high, about=8 if frame.wide else 5):
        x = frame.x(tick)
        parts.append(line(x, frame.bottom, x, frame.bottom + 5, stroke=INK, stroke_width=0.9))
        parts.append(
            label(significant(tick), x, frame.bottom + 19, text_anchor="middle", font_size=SMALL, fill=MUTED)
        )
    parts.append(
        label(
            data.axis_title,
            (frame.left + frame.right) / 2,
            frame.bottom + 58,
            text_anchor="middle",
            font_size=SIZE,
            fill=INK,
        )
    )
    return parts


def _thresholds(data: WindowData, frame: _Frame) -> list[str]:
    parts = []
    for level, colour in ((data.p_open_min, OPENING), (data.p_harm_max, HARM)):
        y = frame.y(level)
        parts.append(
            line(frame.left, y, frame.right, y, stroke=colour, stroke_width=1.0, stroke_dasharray="1.5 4")
        )
    marks = (
        ("opens-at", data.opens_at, data.p_open_min, OPENING),
        ("harms-at", data.harms_at, data.harm_there, HARM),
    )
    for class_name, place, level, colour in marks:
        if place is None:
            continue
        x = frame.x(place)
        parts.append(line(x, frame.top, x, frame.bottom, stroke=colour, stroke_width=1.2, class_=class_name))
        parts.append(
            element("circle", cx=x, cy=frame.y(level), r=4.5, fill=PAPER, stroke=colour, stroke_width=2.0)
        )
    return parts


def _curves(data: WindowData, frame: _Frame) -> list[str]:
    points = sorted(data.points, key=lambda point: point.x)
    opening = [(frame.x(p.x), frame.y(p.p_open)) for p in points]
    harm = [(frame.x(p.x), frame.y(p.p_harm)) for p in points]
    parts = [
        _ribbon([(p.x, p.p_open_range) for p in points], frame, OPENING),
        _ribbon([(p.x, p.p_harm_range) for p in points], frame, HARM),
    ]
    stroke = {"fill": "none", "stroke_width": 2.6, "stroke_linejoin": "round", "stroke_linecap": "round"}
    parts.append(element("path", d=path_of(opening), stroke=OPENING, class_="curve-open", **stroke))
    parts.append(
        element("path", d=path_of(harm), stroke=HARM, stroke_dasharray="7 5", class_="curve-harm", **stroke)
    )
    goal = say("goal {share} of 100", share=f"{100 * data.p_open_min:.3g}")
    limit = say("limit {share} of 100", share=f"{100 * data.p_harm_max:.3g}")
    if frame.wide:
        parts += _end_labels(opening[-1][1], harm[-1][1], frame, goal, limit)
    else:
        parts += _key(frame, goal, limit)
    return [part for part in parts if part]


def _ribbon(ranges: Sequence[tuple[float, tuple[float, float] | None]], frame: _Frame, colour: str) -> str:
    known = [(x, pair) for x, pair in ranges if pair is not None]
    if len(known) < 2:
        return ""
    upper = [(frame.x(x), frame.y(pair[1])) for x, pair in known]
    lower = [(frame.x(x), frame.y(pair[0])) for x, pair in reversed(known)]
    return element("path", d=path_of([*upper, *lower], closed=True), fill=colour, fill_opacity=0.14)


def _end_labels(open_y: float, harm_y: float, frame: _Frame, goal: str, limit: str) -> list[str]:
    wanted = sorted(((open_y, say("roof opens"), goal, OPENING), (harm_y, say("harm"), limit, HARM)))
    places = spread_labels([row[0] for row in wanted], gap=40.0, low=frame.top, high=frame.bottom - 14)
    parts = []
    for (_, words, threshold, colour), y in zip(wanted, places, strict=True):
        x = frame.right + 12
        parts.append(label(words, x, y + 4, fill=colour, font_weight=600))
        parts.append(label(threshold, x, y + 20, fill=MUTED, font_size=SMALL))
    return parts


def _key(frame: _Frame, goal: str, limit: str) -> list[str]:
    parts = []
    rows = ((say("roof opens"), goal, OPENING, None), (say("harm"), limit, HARM, "7 5"))
    for row, (words, threshold, colour, dashes) in enumerate(rows):
        y = 14.0 + 19.0 * row
        parts.append(
            line(
                frame.left,
                y - 4,
                frame.left + 30,
                y - 4,
                stroke=colour,
                stroke_width=2.6,
                stroke_dasharray=dashes,
            )
        )
        parts.append(label(words, frame.left + 40, y, fill=colour, font_weight=600))
        parts.append(label(threshold, frame.right, y, fill=MUTED, font_size=SMALL, text_anchor="end"))
    return parts


def _header(data: WindowData, frame: _Frame) -> list[str]:
    """Write above the plot what the band is, with the margins on both sides of the recommended setting."""
    baseline = frame.top - 40
    edges = _edges(data, frame)
    if not data.exists:
        centre = (edges[0] + edges[1]) / 2 if edges else (frame.left + frame.right) / 2
        words = say("no setting inside the window") if data.thresholds_leave_room else say("no window")
        parts = [_clamped(words, centre, baseline + 8, frame, fill=HARM, font_weight=600, font_size=SIZE + 1)]
        if edges:
            parts.append(_bracket(edges[0], edges[1], frame.top - 16, HARM))
            parts += _edge_values(data, frame)
        return parts
    if edges is None:
        return []
    words = _window_words(data)
    parts = [
        _clamped(
            words,
            (edges[0] + edges[1]) / 2,
            baseline,
            frame,
            fill=OPENING,
            font_weight=600,
            font_size=SIZE + 1,
        ),
        _bracket(edges[0], edges[1], frame.top - 18, OPENING),
    ]
    if data.down_percent is not None:
        parts.append(_margin(f"−{data.down_percent:.0f} %", edges[0] - 6, frame, anchor="end"))
    if data.up_percent is not None:
        parts.append(_margin(f"+{data.up_percent:.0f} %", edges[1] + 6, frame, anchor="start"))
    return parts


def _window_words(data: WindowData) -> str:
    """Name the window by the edges that were seen; where the curves begin or end inside it, it goes on."""
    start, end = data.opens_at, data.harms_at
    open_below = start is not None and start <= data.points[0].x
    if open_below and end is None:
        return say("window over the whole range")
    if open_below:
        return say("window up to {place}", place=with_unit(end, data.unit))
    if end is None:
        return say("window from {place}", place=with_unit(start, data.unit))
    return say("window {range}", range=span(start, end, data.unit))


def _edge_values(data: WindowData, frame: _Frame) -> list[str]:
    parts = []
    for place, colour, anchor, shift in (
        (data.harms_at, HARM, "end", -6.0),
        (data.opens_at, OPENING, "start", 6.0),
    ):
        if place is not None:
            words = with_unit(place, data.unit)
            x = frame.x(place) + shift
            room = (
                x - text_width(words, SMALL)
                if anchor == "end"
                else frame.width - x - text_width(words, SMALL)
            )
            if room > 0:
                parts.append(
                    label(words, x, frame.top - 12, fill=colour, font_size=SMALL, text_anchor=anchor)
                )
    return parts


def _margin(words: str, x: float, frame: _Frame, *, anchor: str) -> str:
    return label(words, x, frame.top - 14, text_anchor=anchor, font_size=SMALL, fill=MUTED, class_="margin")


def _bracket(start: float, end: float, y: float, colour: str) -> str:
    shape = f"{path_of([(start, y + 5), (start, y - 5)])} {path_of([(start, y), (end, y)])} "
    shape += path_of([(end, y + 5), (end, y - 5)])
    return element("path", d=shape, stroke=colour, stroke_width=1.4, fill="none")


def _clamped(words: str, centre: float, y: float, frame: _Frame, **look: object) -> str:
    half = text_width(words, SIZE + 1) / 2
    middle = min(max(centre, half + 4), frame.width - half - 4)
    return label(words, middle, y, text_anchor="middle", **look)


def _recommended(data: WindowData, frame: _Frame) -> list[str]:
    if data.recommended is None:
        return []
    x = frame.x(data.recommended)
    words = with_unit(data.recommended, data.unit)
    half = text_width(words, SIZE) / 2 + 9
    centre = min(max(x, half + 2), frame.width - half - 2)
    top = frame.bottom + 8
    return [
        line(x, frame.top - 18, x, top, stroke=INK, stroke_width=1.8, class_="recommended"),
        element("circle", cx=x, cy=frame.top - 18, r=5.0, fill=INK),
        element(
            "rect",
            x=centre - half,
            y=top,
            width=2 * half,
            height=22.0,
            rx=11.0,
            fill=INK,
            stroke=PAPER,
            stroke_width=2.0,
        ),
        halo_label(
            words,
            centre,
            top + 15.5,
            text_anchor="middle",
            fill=PAPER,
            font_weight=600,
            stroke="none",
            stroke_width=0,
        ),
        element("circle", cx=x, cy=frame.bottom, r=2.2, fill=FAINT) if centre != x else "",
    ]
