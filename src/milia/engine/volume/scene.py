"""What lies and what is fired where: spots, tilt, cysts, a free edge. Lengths in m, angles in rad."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from milia.skin import Cyst

SIDES = ("+x", "-x", "+y", "-y")
ORDERS = ("sequential", "interleaved")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the beam's axis meets the undisturbed surface."""

    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class PlacedCyst:
    """A cyst, and where its centre lies seen from above."""

    cyst: Cyst
    x_m: float = 0.0
    y_m: float = 0.0

    @property
    def radius_m(self) -> float:
        return 0.5 * self.cyst.diameter_m

    @property
    def depth_m(self) -> float:
        """Depth of its centre [m]."""
        return self.cyst.roof_m + self.radius_m


@dataclass(frozen=True, slots=True)
class Edge:
    """A free edge: the skin ends ``distance_m`` from the origin on one side; beyond it there is air."""

    distance_m: float
    side: str

    @property
    def along_x(self) -> bool:
        return self.side.endswith("x")

    @property
    def outwards(self) -> float:
        """Sign of the direction that leads out of the skin."""
        return 1.0 if self.side.startswith("+") else -1.0

    def inside(self, x_m: float, y_m: float) -> float:
        """How far inside the skin a point lies [m]; negative beyond the edge."""
        return self.distance_m - self.outwards * (x_m if self.along_x else y_m)


@dataclass(frozen=True, slots=True)
class Scene:
    """One three-dimensional exposure beside its tissue, beam and train.

    Parameters
    ----------
    spots
        In the order in which they are fired.
    tilt_rad, azimuth_rad
        Angle between the beam and the normal of the skin, and the direction along the skin in which the light
        travels, from +x towards +y.
    lesions
        Cysts; they do not touch each other.
    edge
        Where the skin ends, if it does.
    """

    spots: tuple[Spot, ...] = (Spot(0.0, 0.0),)
    tilt_rad: float = 0.0
    azimuth_rad: float = 0.0
    lesions: tuple[PlacedCyst, ...] = ()
    edge: Edge | None = None

    @property
    def direction(self) -> tuple[float, float, float]:
        """Unit vector in which the light travels; z points down."""
        across = math.sin(self.tilt_rad)
        return (
            across * math.cos(self.azimuth_rad),
            across * math.sin(self.azimuth_rad),
            math.cos(self.tilt_rad),
        )

    @property
    def limits(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Where the skin ends along x and along y [m]; infinite where it does not."""
        ends = [[-math.inf, math.inf], [-math.inf, math.inf]]
        if self.edge:
            ends[0 if self.edge.along_x else 1][1 if self.edge.outwards > 0 else 0] = (
                self.edge.outwards * self.edge.distance_m
            )
        return (ends[0][0], ends[0][1]), (ends[1][0], ends[1][1])


def grid_of_spots(
    columns: int, rows: int, pitch_m: float, *, order: str = "sequential", x_m: float = 0.0, y_m: float = 0.0
) -> tuple[Spot, ...]:
    """Return a regular pattern centred on a point, row by row from −y, each row from −x.

    ``interleaved`` fires every other spot first, like one colour of a chessboard, so that successive spots
    lie further apart, and the rest afterwards.
    """
    cells = [(column, row) for row in range(rows) for column in range(columns)]
    if order == "interleaved":
        cells.sort(key=lambda cell: sum(cell) % 2)
    return tuple(
        Spot(
            x_m + (column - 0.5 * (columns - 1)) * pitch_m,
            y_m + (row - 0.5 * (rows - 1)) * pitch_m,
        )
        for column, row in cells
    )


def distance(a: PlacedCyst, b: PlacedCyst) -> float:
    """Gap between the walls of two cysts [m]; negative where they overlap."""
    centres = math.dist((a.x_m, a.y_m, a.depth_m), (b.x_m, b.y_m, b.depth_m))
    return centres - a.radius_m - b.radius_m


def nearest(spots: Sequence[Spot], x_m: float, y_m: float) -> int:
    """Number of the spot nearest to a point; the first one of those equally near."""
    return min(range(len(spots)), key=lambda n: (math.hypot(spots[n].x_m - x_m, spots[n].y_m - y_m), n))
