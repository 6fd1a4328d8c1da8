"""The drawing itself: smooth outlines, regions and pins, ready for a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from milia.web.facemap.regions import HEIGHT, PANEL, REGIONS, WIDTH, Point, default_pin

__all__ = ["HEIGHT", "VIEWS", "WIDTH", "FaceMap", "Pin", "Shape", "face_map", "smooth"]

VIEWS = {"right": (0.0, PANEL), "front": (PANEL, PANEL), "left": (2 * PANEL, PANEL)}
# Corners that two pins must not share: closer than this [drawing units] they could not be tapped apart.
_APART = 13.0

_HEAD_FRONT: tuple[Point, ...] = (
    (150, 28), (196, 36), (228, 66), (240, 112), (241, 170), (236, 226), (224, 282), (200, 326), (172, 352),
    (150, 357), (128, 352), (100, 326), (76, 282), (64, 226), (59, 170), (60, 112), (72, 66), (104, 36),
)  # fmt: skip
_NECK_FRONT: tuple[Point, ...] = ((108, 320), (192, 320), (192, 380), (214, 418), (86, 418), (108, 380))
_HEAD_SIDE: tuple[Point, ...] = (
    (128, 26), (168, 34), (202, 62), (218, 104), (224, 148), (218, 176), (227, 198), (243, 224), (255, 241),
    (246, 252), (230, 257), (238, 271), (233, 285), (237, 297), (222, 310), (228, 330), (220, 348),
    (194, 357), (180, 370), (178, 394), (188, 419), (66, 419), (72, 380), (68, 336), (50, 282), (34, 220),
    (26, 158), (36, 96), (74, 44),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """A closed outline: the site it stands for, its view, and the ``d`` of an SVG path."""

    site: str
    view: str
    path: str


@dataclass(frozen=True, slots=True)
class Pin:
    """One lesion on the map; ``x`` and ``y`` in drawing units, ``state`` decides colour and mark."""

    id: str
    number: int
    site: str
    state: str
    x: float
    y: float
    view: str


@dataclass(frozen=True, slots=True)
class FaceMap:
    """Everything the template draws, from back to front."""

    heads: tuple[Shape, ...]
    regions: tuple[Shape, ...]
    pins: tuple[Pin, ...]
    width: float = WIDTH
    height: float = HEIGHT


def face_map(lesions: Sequence[tuple[str, int, str, str, float | None, float | None]]) -> FaceMap:
    """Draw the map with its lesions.

    Parameters
    ----------
    lesions
        Id, number, site, state and place (shares of width and height, or None where nobody placed it).
    """
    pins: list[Pin] = []
    unplaced: dict[str, int] = {}
    for id, number, site, state, *place in lesions:
        share_x, share_y = place
        if share_x is None or share_y is None:
            order = unplaced.get(site, 0)
            unplaced[site] = order + 1
            x, y = default_pin(site, order)
        else:
            x, y = share_x, share_y
        x, y = _apart(x * WIDTH, y * HEIGHT, pins)
        view = "right" if x < PANEL else "front" if x < 2 * PANEL else "left"
        pins.append(Pin(id, number, site, state, round(x, 1), round(y, 1), view))
    return FaceMap(heads=_HEADS, regions=_REGIONS, pins=tuple(pins))


def _apart(x: float, y: float, pins: Sequence[Pin]) -> tuple[float, float]:
    """Move a pin sideways until no earlier one hides it."""
    for _ in range(len(pins)):
        if all((pin.x - x) ** 2 + (pin.y - y) ** 2 >= _APART**2 for pin in pins):
            break
        x += _APART if x < WIDTH - 2 * _APART else -3 * _APART
    return x, y


def smooth(points: Sequence[Point]) -> str:
    """Return a closed cubic path through all points (Catmull–Rom)."""
    count = len(points)
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for i in range(count):
        p0, p1, p2, p3 = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        ax, ay = p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6
        bx, by = p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6
        parts.append(f"C{ax:.1f} {ay:.1f} {bx:.1f} {by:.1f} {p2[0]:g} {p2[1]:g}")
    return "".join(parts) + "Z"


def _moved(points: Sequence[Point], by: float, *, mirror: bool = False) -> tuple[Point, ...]:
    return tuple((WIDTH - x if mirror else x + by, y) for x, y in points)


_HEADS = (
    Shape("", "right", smooth(_HEAD_SIDE)),
    Shape("", "front", smooth(_moved(_NECK_FRONT, PANEL))),
    Shape("", "front", smooth(_moved(_HEAD_FRONT, PANEL))),
    Shape("", "left", smooth(_moved(_HEAD_SIDE, 0.0, mirror=True))),
)
_REGIONS = tuple(Shape(each.site, each.view, smooth(each.points)) for each in REGIONS)
