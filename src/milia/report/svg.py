"""A few SVG elements as strings: escaped, rounded, in a fixed order, so that a picture keeps its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

INK = "#1c2a31"
MUTED = "#56666e"
FAINT = "#8b989e"
HAIRLINE = "#d5dcde"
PAPER = "#ffffff"
OPENING = "#0a6584"
OPENING_TINT = "#d9ebf1"
HARM = "#b4430e"
HARM_TINT = "#f8e3d7"

Point = tuple[float, float]


def coordinate(value: float) -> str:
    """Return a picture coordinate with at most three decimals."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def element(name: str, *children: str, **attributes: object) -> str:
    """Return one element; `stroke_width=1` becomes `stroke-width="1"`, `class_` becomes `class`."""
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        shown = coordinate(value) if isinstance(value, float) else str(value)
        parts.append(f"{key.rstrip('_').replace('_', '-')}={quoteattr(shown)}")
    inside = "".join(children)
    head = " ".join(parts)
    return f"<{head}>{inside}</{name}>" if inside else f"<{head}/>"


def label(text: str, x: float, y: float, **attributes: object) -> str:
    """Return a text element with its baseline at (x, y)."""
    return element("text", escape(text), x=float(x), y=float(y), **attributes)


def halo_label(text: str, x: float, y: float, **attributes: object) -> str:
    """Return a text element with a paper-coloured rim, legible on top of lines and tints."""
    rim = {"stroke": PAPER, "stroke_width": 3.5, "stroke_linejoin": "round", "paint_order": "stroke"}
    return label(text, x, y, **{**rim, **attributes})


def line(x1: float, y1: float, x2: float, y2: float, **attributes: object) -> str:
    """Return a straight line."""
    return element("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), **attributes)


def path_of(points: Iterable[Point], *, closed: bool = False) -> str:
    """Return path data through the points."""
    steps = " L".join(f"{coordinate(x)},{coordinate(y)}" for x, y in points)
    if not steps:
        return ""
    return f"M{steps}{' Z' if closed else ''}"


def text_width(text: str, size: float) -> float:
    """Return a generous estimate of a label's width, enough to keep labels apart."""
    return size * sum(0.95 if "가" <= letter <= "힣" else 0.54 for letter in text)


def picture(
    *children: str,
    width: float,
    height: float,
    name: str,
    title: str,
    description: str,
    font_family: str | None,
    **attributes: object,
) -> str:
    """Return a complete picture with an accessible name; `name` prefixes its ids within the page."""
    return element(
        "svg",
        element("title", escape(title), id=f"{name}-title"),
        element("desc", escape(description), id=f"{name}-desc"),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
        width=float(width),
        height=float(height),
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        font_family=font_family,
        **attributes,
    )


def hatch(name: str, colour: str, *, gap: float = 6.0, width: float = 1.4) -> str:
    """Return a pattern of diagonal strokes with the id `name`."""
    half, full = gap / 2, gap
    strokes = (
        f"M{coordinate(-half / 2)},{coordinate(half / 2)} L{coordinate(half / 2)},{coordinate(-half / 2)} "
        f"M0,{coordinate(full)} L{coordinate(full)},0 "
        f"M{coordinate(full - half / 2)},{coordinate(full + half / 2)} "
        f"L{coordinate(full + half / 2)},{coordinate(full - half / 2)}"
    )
    return element(
        "pattern",
        element("path", d=strokes, stroke=colour, stroke_width=width, fill="none"),
        id=name,
        width=gap,
        height=gap,
        patternUnits="userSpaceOnUse",
    )


def spread_labels(wanted: list[float], *, gap: float, low: float, high: float) -> list[float]:
    """Move label positions (ascending) apart by `gap` at least, inside [low, high] if they fit."""
    placed: list[float] = []
    for position in wanted:
        floor = placed[-1] + gap if placed else low
        placed.append(max(position, floor))
    ceiling = high
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed
