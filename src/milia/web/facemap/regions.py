"""Where the sites of the atlas lie on the drawing: polygons by hand, in the drawing's own units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin
from typing import get_args

from milia.records import Lesion

__all__ = ["HEIGHT", "PANEL", "REGIONS", "SITES", "WIDTH", "Point", "Region", "default_pin", "site_at"]

Point = tuple[float, float]

PANEL = 300.0
WIDTH, HEIGHT = 3 * PANEL, 420.0
SITES: tuple[str, ...] = get_args(Lesion.model_fields["site"].annotation)
# How far apart pins are put that nobody placed by hand, in the drawing's units.
_STEP = 9.0
_RING = 6


@dataclass(frozen=True, slots=True)
class Region:
    """One site in one view, as a closed polygon; later regions lie on top of earlier ones."""

    site: str
    view: str
    points: tuple[Point, ...]

    @property
    def centre(self) -> Point:
        """The middle of its corners."""
        count = len(self.points)
        return sum(x for x, _ in self.points) / count, sum(y for _, y in self.points) / count


# Half a face seen from the front (the patient's right half, which is on the left of the drawing), in a panel
# of 300 × 420 with the nose at x = 150. What crosses the middle is given whole.
_FRONT_MIDDLE: dict[str, tuple[Point, ...]] = {
    "forehead": ((84, 142), (82, 112), (96, 84), (124, 70), (150, 67), (176, 70), (204, 84), (218, 112),
                 (216, 142), (190, 150), (150, 152), (110, 150)),
    "neck": ((112, 352), (130, 362), (150, 366), (170, 362), (188, 352), (190, 384), (202, 414), (150, 418),
             (98, 414), (110, 384)),
    "chin": ((120, 318), (136, 313), (150, 312), (164, 313), (180, 318), (176, 338), (164, 351), (150, 354),
             (136, 351), (124, 338)),
    "perioral": ((112, 284), (122, 268), (136, 261), (150, 260), (164, 261), (178, 268), (188, 284),
                 (180, 304), (166, 313), (150, 315), (134, 313), (120, 304)),
    "nose": ((143, 182), (157, 182), (160, 210), (166, 228), (176, 242), (172, 256), (150, 261), (128, 256),
             (124, 242), (134, 228), (140, 210)),
    "glabella": ((135, 150), (150, 147), (165, 150), (163, 166), (158, 182), (142, 182), (137, 166)),
}  # fmt: skip
_FRONT_RIGHT: dict[str, tuple[Point, ...]] = {
    "temple": ((66, 196), (64, 168), (70, 140), (82, 122), (86, 144), (82, 166), (78, 184), (74, 200)),
    "cheek": ((66, 202), (84, 206), (108, 215), (130, 212), (136, 228), (124, 244), (128, 258), (112, 278),
              (110, 296), (122, 318), (122, 338), (104, 322), (84, 292), (70, 252)),
    "upper_eyelid": ((82, 178), (88, 165), (102, 158), (118, 159), (130, 167), (134, 180), (122, 178),
                     (107, 174), (94, 178)),
    "lower_eyelid": ((82, 192), (94, 195), (107, 198), (122, 196), (133, 191), (132, 203), (120, 210),
                     (104, 211), (90, 205)),
    "medial_canthus": ((128, 181), (135, 180), (139, 187), (135, 194), (128, 192)),
    "lateral_canthus": ((87, 181), (87, 192), (79, 195), (74, 187), (79, 179)),
    "lid_margin": ((86, 187), (95, 178), (107, 175), (119, 178), (129, 187), (119, 195), (107, 198),
                   (95, 195)),
}  # fmt: skip
# The patient's right side: the nose points to the right of the drawing, towards the front view.
_SIDE: dict[str, tuple[Point, ...]] = {
    "forehead": ((150, 132), (150, 100), (164, 74), (190, 70), (209, 88), (218, 118), (220, 146), (196, 146)),
    "temple": ((150, 134), (176, 140), (186, 160), (182, 184), (166, 200), (142, 196), (134, 166)),
    "neck": ((112, 320), (132, 338), (162, 356), (182, 362), (172, 384), (176, 414), (84, 414), (92, 370)),
    "cheek": ((140, 200), (166, 202), (184, 208), (206, 212), (212, 232), (208, 252), (200, 270), (196, 290),
              (198, 318), (190, 344), (158, 346), (132, 318), (124, 270), (130, 226)),
    "chin": ((198, 316), (212, 309), (222, 318), (226, 334), (218, 347), (196, 350), (188, 338)),
    "perioral": ((202, 268), (212, 258), (228, 258), (236, 270), (232, 286), (236, 298), (224, 308),
                 (208, 312), (198, 300), (196, 284)),
    "nose": ((214, 182), (226, 184), (238, 210), (252, 236), (246, 250), (228, 258), (212, 254), (208, 240),
             (216, 222), (216, 200)),
    "upper_eyelid": ((186, 182), (188, 166), (200, 158), (213, 161), (216, 176), (208, 180), (198, 182)),
    "lower_eyelid": ((186, 194), (198, 197), (210, 195), (214, 204), (204, 211), (190, 207)),
    "lateral_canthus": ((186, 181), (192, 188), (187, 195), (178, 194), (175, 187), (179, 181)),
}  # fmt: skip


def _shifted(points: Sequence[Point], by: float) -> tuple[Point, ...]:
    return tuple((x + by, y) for x, y in points)


def _mirrored(points: Sequence[Point], about: float) -> tuple[Point, ...]:
    return tuple((2 * about - x, y) for x, y in points)


def _all() -> tuple[Region, ...]:
    side = tuple(Region(site, "right", points) for site, points in _SIDE.items())
    front = [Region(site, "front", _shifted(points, PANEL)) for site, points in _FRONT_MIDDLE.items()]
    for site, points in _FRONT_RIGHT.items():
        here = _shifted(points, PANEL)
        front += [Region(site, "front", here), Region(site, "front", _mirrored(here, WIDTH / 2))]
    left = tuple(Region(each.site, "left", _mirrored(each.points, WIDTH / 2)) for each in side)
    return (*side, *front, *left)


REGIONS = _all()


def site_at(x: float, y: float) -> str | None:
    """Return the site under a point, given as shares of the whole drawing's width and height."""
    place = (x * WIDTH, y * HEIGHT)
    return next((region.site for region in reversed(REGIONS) if _inside(place, region.points)), None)


def _inside(point: Point, corners: Sequence[Point]) -> bool:
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
            inside = not inside
    return inside


@cache
def default_pin(site: str, order: int = 0) -> tuple[float, float]:
    """Return a place for a lesion of which only the site is known, as shares of width and height.

    Parameters
    ----------
    site
        A site of the atlas.
    order
        How many such lesions lie there already: each gets a place of its own around the middle.
    """
    region = next(each for each in REGIONS if each.view == "front" and each.site == site)
    x, y = region.centre if order or site != "lid_margin" else region.points[2]
    if order:
        ring, turn = 1 + (order - 1) // _RING, 2 * pi * ((order - 1) % _RING) / _RING
        x, y = x + ring * _STEP * cos(turn), y + ring * _STEP * sin(turn)
    return round(x / WIDTH, 4), round(y / HEIGHT, 4)
