"""The map of a session: where the lesions lie, in which order they are treated, and which are left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milia.report.scale import LinearScale, ticks
from milia.report.svg import (
    FAINT,
    HAIRLINE,
    INK,
    MUTED,
    PAPER,
    element,
    halo_label,
    label,
    line,
    path_of,
    picture,
)

SIZE = 640.0
MARGIN = 46.0
COLOURS = ("#0a6584", "#7a4a9b", "#2f7d4f", "#9a5b00", "#a03050", "#44546a")
LEAST_mm = 12.0
DOT = 11.0
# a schematic face around the root of the nose, mm: half width, top, bottom, eyes
FACE = (72.0, 75.0, -118.0, 32.0)
NOSE = ((-4.0, 0.0), (-14.0, -42.0), (14.0, -42.0), (4.0, 0.0))


def render_session_map(session: Mapping[str, Any]) -> str:
    """Return a session's map as SVG; the same session gives the same bytes.

    Parameters
    ----------
    session
        What `milia session --json` prints. It is seen by who treats: the patient's left is on the right.
    """
    points = [*session["today"], *session["later"]]
    low_x, high_x, low_y, high_y = _window(points)
    x = LinearScale(low_x, high_x, MARGIN, SIZE - 12.0)
    y = LinearScale(low_y, high_y, SIZE - MARGIN, 12.0)
    parts = [element("rect", x=0.0, y=0.0, width=SIZE, height=SIZE + 60.0, fill=PAPER)]
    if session["frame"] == "face":
        parts.extend(_face(x, y))
    for tick in ticks(low_x, high_x, about=7):
        parts.append(line(x(tick), 12, x(tick), SIZE - MARGIN, stroke=HAIRLINE))
        parts.append(
            label(f"{tick:g}", x(tick), SIZE - MARGIN + 18, font_size=12, fill=MUTED, text_anchor="middle")
        )
    for tick in ticks(low_y, high_y, about=7):
        parts.append(line(MARGIN, y(tick), SIZE - 12, y(tick), stroke=HAIRLINE))
        parts.append(label(f"{tick:g}", MARGIN - 6, y(tick) + 4, font_size=12, fill=MUTED, text_anchor="end"))
    parts.append(label("mm, patient's left to the right", MARGIN, SIZE - 8, font_size=12, fill=MUTED))
    route = [(x(one["at_mm"][0]), y(one["at_mm"][1])) for one in session["today"]]
    if len(route) > 1:
        parts.append(
            element(
                "path", d=path_of(route), fill="none", stroke=FAINT, stroke_width=1.5, stroke_dasharray="5 4"
            )
        )
    for one in session["later"]:
        at = (x(one["at_mm"][0]), y(one["at_mm"][1]))
        parts.append(
            element(
                "circle",
                cx=at[0],
                cy=at[1],
                r=DOT,
                fill=PAPER,
                stroke=MUTED,
                stroke_width=1.5,
                stroke_dasharray="3 3",
            )
        )
        parts.append(
            halo_label(f"{one['lesion']}, later", at[0] + DOT + 4, at[1] + 4, font_size=12, fill=MUTED)
        )
    for one, at in zip(session["today"], route, strict=True):
        colour = _colour(one["group"])
        parts.append(element("circle", cx=at[0], cy=at[1], r=DOT, fill=colour))
        parts.append(
            label(
                str(one["number"]),
                at[0],
                at[1] + 4.5,
                font_size=13,
                fill=PAPER,
                text_anchor="middle",
                font_weight=600,
            )
        )
        wait = f", wait {one['wait_s']:g} s" if one["wait_s"] else ""
        parts.append(halo_label(f"{one['lesion']}{wait}", at[0] + DOT + 4, at[1] + 4, font_size=12, fill=INK))
    parts.extend(_legend(session))
    return picture(
        *parts,
        width=SIZE,
        height=SIZE + 60.0,
        name="session",
        title="Order of the session",
        description="Numbers: order of today; dashed: left for later. Colours: groups of one setting.",
        font_family="Noto Sans, system-ui, sans-serif",
    )


def _window(points: list[Mapping[str, Any]]) -> tuple[float, float, float, float]:
    xs = [one["at_mm"][0] for one in points]
    ys = [one["at_mm"][1] for one in points]
    extent = 1.5 * max(max(xs) - min(xs), max(ys) - min(ys), LEAST_mm)
    middle = (0.5 * (max(xs) + min(xs)), 0.5 * (max(ys) + min(ys)))
    return middle[0] - extent / 2, middle[0] + extent / 2, middle[1] - extent / 2, middle[1] + extent / 2


def _colour(group: str) -> str:
    return COLOURS[(ord(group[0]) - 65) % len(COLOURS)]


def _face(x: LinearScale, y: LinearScale) -> list[str]:
    """Draw a schematic face: an orientation, not an anatomy."""
    half, top, bottom, eye = FACE
    style: dict[str, object] = {"fill": "none", "stroke": HAIRLINE, "stroke_width": 2}
    shapes = [
        element(
            "ellipse", cx=x(0.0), cy=y(0.5 * (top + bottom)), rx=half * x.per_unit,
            ry=0.5 * (top - bottom) * -y.per_unit, **style,
        ),
        *(
            element("ellipse", cx=x(side * eye), cy=y(-4.0), rx=15 * x.per_unit, ry=6 * x.per_unit, **style)
            for side in (-1, 1)
        ),
        element("path", d=path_of([(x(a), y(b)) for a, b in NOSE]), **style),
        element("path", d=path_of([(x(-24.0), y(-72.0)), (x(0.0), y(-76.0)), (x(24.0), y(-72.0))]), **style),
    ]  # fmt: skip
    clip = element(
        "clipPath",
        element("rect", x=MARGIN, y=12.0, width=SIZE - 12.0 - MARGIN, height=SIZE - MARGIN - 12.0),
        id="session-clip",
    )
    return [element("defs", clip), element("g", *shapes, clip_path="url(#session-clip)")]


def _legend(session: Mapping[str, Any]) -> list[str]:
    parts = []
    for n, group in enumerate(session["groups"]):
        at = MARGIN + (SIZE - MARGIN) / 2 * (n % 2), SIZE + 14.0 + 20.0 * (n // 2)
        settings = group["settings"]
        words = (
            f"{group['name']}: {settings['pulses']} × {settings['pulse_energy_mJ']:g} mJ, "
            f"{settings['spot_diameter_um']:g} µm"
            if settings
            else f"{group['name']}: {group['action'].replace('_', ' ')}"
        )
        parts.append(element("circle", cx=at[0] + 6, cy=at[1] - 4, r=6.0, fill=_colour(group["name"])))
        parts.append(label(words, at[0] + 18, at[1], font_size=13, fill=INK))
    return parts
