"""The cyst, the crater and the limit in one section through the skin, to scale in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from milia.language import say
from milia.report.numbers import significant, with_unit
from milia.report.scale import LinearScale, nice_step, ticks
from milia.report.section_data import CrossSectionData, View, describe_section
from milia.report.section_labels import depth_limit, layer_labels, site_markers
from milia.report.svg import (
    HARM,
    INK,
    MUTED,
    OPENING,
    PAPER,
    Point,
    element,
    halo_label,
    hatch,
    label,
    line,
    path_of,
    picture,
)

WIDTH = 380.0
LEFT = 44.0
LABELS = 114.0
ABOVE = 64.0
BELOW = 44.0
SIZE = 12.0

LAYER_FILLS = {
    "stratum corneum": "#dcc9a4",
    "epidermis": "#ecc6ac",
    "viable epidermis": "#ecc6ac",
    "papillary dermis": "#f3dacb",
    "dermis": "#f8e8df",
    "reticular dermis": "#f8e8df",
    "fat": "#faf0c9",
}
OTHER_FILL = "#f3eae4"
KERATIN = "#fffdf6"
LAMELLA = "#d9cdae"


@dataclass(frozen=True, slots=True)
class _Frame:
    x: LinearScale
    y: LinearScale
    left: float
    right: float
    top: float
    bottom: float


def cross_section(
    data: CrossSectionData, view: View, *, name: str, title: str, font_family: str | None = None
) -> str:
    """Draw the section through the cyst's centre with one scale for width and depth.

    The crater is the median surface; the pale band holds 5–95 % of the simulated craters; the hatched rim
    is damaged tissue. The root carries `data-units-per-um` and the surface's `data-surface-y`, `data-axis-x`.

    Returns
    -------
    str
        One SVG element with the classes `crater`, `crater-band`, `damage`, `cyst`, `beam`, and `limit` or
        `hard-stop`.
    """
    frame = _frame(view)
    clip = f"{name}-clip"
    inside = [
        *_layers(data, frame, view),
        *_cyst(data, frame),
        *_crater(data, frame),
        *_damage(data, frame, name),
        *_surface(data, frame),
        *depth_limit(data.limit_um, frame.y, frame.left, frame.right, hard_stop=data.hard_stop, name=name),
    ]
    parts = [
        element(
            "defs",
            element(
                "clipPath",
                element(
                    "rect",
                    x=frame.left,
                    y=frame.top,
                    width=frame.right - frame.left,
                    height=frame.bottom - frame.top,
                ),
                id=clip,
            ),
            hatch(f"{name}-heat", HARM, gap=5.0, width=1.0),
            hatch(f"{name}-stop", HARM, gap=7.0, width=1.6),
        ),
        element("g", *inside, clip_path=f"url(#{clip})"),
        *_beam(data, frame),
        *_axes(frame, view),
        *layer_labels(
            [(layer.name, layer.top_um, layer.bottom_um) for layer in data.layers],
            frame.y,
            right=frame.right,
            top=frame.top,
            bottom=frame.bottom,
        ),
        *site_markers(data.limit_um, frame.y, frame.left, bottom=frame.bottom, hard_stop=data.hard_stop),
    ]
    return picture(
        *parts,
        width=WIDTH,
        height=frame.bottom + BELOW,
        name=name,
        title=title,
        description=describe_section(data),
        font_family=font_family,
        class_="cross-section",
        font_size=SIZE,
        fill=INK,
        data_units_per_um=repr(frame.y.per_unit),
        data_surface_y=frame.top,
        data_axis_x=frame.x(0.0),
    )


def _frame(view: View) -> _Frame:
    left, right = LEFT, WIDTH - LABELS
    per_um = (right - left) / (view.right_um - view.left_um)
    top = ABOVE
    bottom = top + per_um * view.depth_um
    x = LinearScale(view.left_um, view.right_um, left, right)
    return _Frame(x, LinearScale(0.0, view.depth_um, top, bottom), left, right, top, bottom)


def _layers(data: CrossSectionData, frame: _Frame, view: View) -> list[str]:
    parts = []
    for layer in data.layers:
        if layer.top_um >= view.depth_um:
            continue
        top, bottom = frame.y(layer.top_um), frame.y(min(layer.bottom_um, view.depth_um))
        parts.append(
            element(
                "rect",
                x=frame.left,
                y=top,
                width=frame.right - frame.left,
                height=bottom - top,
                fill=LAYER_FILLS.get(layer.name.replace("_", " "), OTHER_FILL),
                class_="layer",
            )
        )
    return parts


def _cyst(data: CrossSectionData, frame: _Frame) -> list[str]:
    if data.cyst_diameter_um is None or data.roof_um is None:
        return []
    radius = frame.y.per_unit * data.cyst_diameter_um / 2
    centre = frame.y(data.roof_um + data.cyst_diameter_um / 2)
    middle = frame.x(0.0)
    shells = [
        element(
            "circle", cx=middle, cy=centre, r=radius * share, fill="none", stroke=LAMELLA, stroke_width=0.7
        )
        for share in (0.86, 0.72, 0.58, 0.44, 0.3, 0.16)
    ]
    wall = element(
        "circle",
        cx=middle,
        cy=centre,
        r=radius,
        fill=KERATIN,
        stroke="#9c8a5c",
        stroke_width=1.6,
        class_="cyst",
    )
    parts = [wall, *shells]
    if frame.top < centre < frame.bottom - 24:
        parts.append(
            halo_label(
                say("cyst, keratin"), middle, centre + 4, text_anchor="middle", stroke=KERATIN, fill="#6d5d31"
            )
        )
        size = with_unit(data.cyst_diameter_um, "µm")
        parts.append(
            halo_label(
                size,
                middle,
                centre + 20,
                text_anchor="middle",
                stroke=KERATIN,
                fill="#6d5d31",
                font_weight=600,
            )
        )
    return parts


def mirrored(r: Sequence[float], depth: Sequence[float]) -> list[Point]:
    """Return the profile from the left rim over the axis to the right rim, in [µm]."""
    right = list(zip(r, depth, strict=True))
    left = [(-x, y) for x, y in reversed(right) if x > 0.0]
    return [*left, *right]


def _drawn(points: Sequence[Point], frame: _Frame) -> list[Point]:
    return [(frame.x(x), frame.y(y)) for x, y in points]


def _damage(data: CrossSectionData, frame: _Frame, name: str) -> list[str]:
    """Shade what heat damages: between the surface that is left and the deepest damaged depth."""
    if not data.damage_um:
        return []
    strips = []
    for (r0, top0, low0), (r1, top1, low1) in pairwise(
        zip(data.r_um, data.crater_um, data.damage_um, strict=True)
    ):
        if low0 <= top0 and low1 <= top1:
            continue
        strips.append([(r0, top0), (r0, max(low0, top0)), (r1, max(low1, top1)), (r1, top1)])
    both = [*strips, *([(-x, y) for x, y in strip] for strip in strips)]
    shape = " ".join(path_of(_drawn(strip, frame), closed=True) for strip in both)
    if not shape:
        return []
    return [
        element("path", d=shape, fill=HARM, fill_opacity=0.2, class_="damage"),
        element("path", d=shape, fill=f"url(#{name}-heat)", opacity=0.75),
    ]


def _crater(data: CrossSectionData, frame: _Frame) -> list[str]:
    if not data.crater_um:
        return []
    median = _drawn(mirrored(data.r_um, data.crater_um), frame)
    parts = [element("path", d=path_of(median, closed=True), fill=PAPER)]
    if data.crater_low_um and data.crater_high_um:
        low = _drawn(mirrored(data.r_um, data.crater_low_um), frame)
        high = _drawn(mirrored(data.r_um, data.crater_high_um), frame)
        band = path_of([*high, *reversed(low)], closed=True)
        parts.append(element("path", d=band, fill=OPENING, fill_opacity=0.17, class_="crater-band"))
        parts += [
            element(
                "path", d=path_of(edge), fill="none", stroke=OPENING, stroke_width=0.7, stroke_dasharray="2 2"
            )
            for edge in (low, high)
        ]
    return parts


def _surface(data: CrossSectionData, frame: _Frame) -> list[str]:
    if not data.crater_um:
        return []
    median = _drawn(mirrored(data.r_um, data.crater_um), frame)
    return [
        element("path", d=path_of(median), fill="none", stroke=OPENING, stroke_width=2.0, class_="crater")
    ]


def _beam(data: CrossSectionData, frame: _Frame) -> list[str]:
    middle = frame.x(0.0)
    surface = line(frame.left, frame.top, frame.right, frame.top, stroke=INK, stroke_width=1.2)
    if data.beam_diameter_um is None:
        return [surface]
    half = frame.y.per_unit * data.beam_diameter_um / 2
    head, tip = 24.0, min(4.0, half / 2)
    start, end = max(middle - half, frame.left), middle + half
    whole = start > frame.left
    width = with_unit(data.beam_diameter_um, "µm")
    words = say("beam {width}", width=width) if whole else say("beam {width} wide", width=width)
    edge = {"stroke": INK, "stroke_width": 1.0, "stroke_dasharray": "3 3"}
    arrow = [
        path_of([(start, head), (end, head)]),
        path_of([(end - tip, head - tip), (end, head), (end - tip, head + tip)]),
    ]
    if whole:
        arrow.append(path_of([(start + tip, head - tip), (start, head), (start + tip, head + tip)]))
        edge_left = line(start, head, start, frame.top, **edge)
    else:
        edge_left = line(
            middle, head - 6, middle, frame.bottom, stroke=MUTED, stroke_width=0.8, stroke_dasharray="9 3 2 3"
        )
    return [
        element(
            "rect",
            x=start,
            y=head,
            width=end - start,
            height=frame.top - head,
            fill=INK,
            fill_opacity=0.06,
            class_="beam",
        ),
        edge_left,
        line(end, head, end, frame.top, **edge),
        element("path", d=" ".join(arrow), stroke=INK, stroke_width=1.2, fill="none"),
        halo_label(words, (start + end) / 2, head - 9, text_anchor="middle", font_weight=600),
        surface,
    ]


def _axes(frame: _Frame, view: View) -> list[str]:
    parts = [
        element(
            "rect",
            x=frame.left,
            y=frame.top,
            width=frame.right - frame.left,
            height=frame.bottom - frame.top,
            fill="none",
            stroke=MUTED,
            stroke_width=0.8,
        )
    ]
    step = nice_step(view.depth_um, about=6)
    depth = 0.0
    while depth <= view.depth_um:
        y = frame.y(depth)
        parts.append(line(frame.left - 4, y, frame.left, y, stroke=MUTED, stroke_width=0.9))
        parts.append(
            label(significant(depth), frame.left - 7, y + 4, text_anchor="end", fill=MUTED, font_size=11.0)
        )
        depth += step
    for tick in ticks(view.left_um, view.right_um, about=4):
        x = frame.x(tick)
        parts.append(line(x, frame.bottom, x, frame.bottom + 4, stroke=MUTED, stroke_width=0.9))
        parts.append(
            label(
                significant(abs(tick)), x, frame.bottom + 16, text_anchor="middle", fill=MUTED, font_size=11.0
            )
        )
    middle = (frame.left + frame.right) / 2
    parts.append(label(say("depth, µm"), 0.0, frame.top - 10, fill=MUTED, font_size=11.0))
    parts.append(
        label(
            say("from the centre, µm"),
            middle,
            frame.bottom + 34,
            text_anchor="middle",
            fill=MUTED,
            font_size=11.0,
        )
    )
    return parts
