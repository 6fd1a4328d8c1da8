"""Rectangles of columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milia.engine.volume.grid import VolumeGrid


@dataclass(frozen=True)
class Box:
    """Columns [i0, i1) × [j0, j1)."""

    i0: int
    i1: int
    j0: int
    j1: int

    def around(self, other: Box) -> Box:
        """Smallest box that holds both."""
        return Box(
            min(self.i0, other.i0), max(self.i1, other.i1), min(self.j0, other.j0), max(self.j1, other.j1)
        )

    def without(self, inner: Box) -> tuple[Box, ...]:
        """What of this box lies outside ``inner``, in up to four boxes."""
        parts = (
            Box(self.i0, inner.i0, self.j0, self.j1),
            Box(inner.i1, self.i1, self.j0, self.j1),
            Box(inner.i0, inner.i1, self.j0, inner.j0),
            Box(inner.i0, inner.i1, inner.j1, self.j1),
        )
        return tuple(part for part in parts if part.i0 < part.i1 and part.j0 < part.j1)

    def wider(self, sides: tuple[int, int, int, int], grid: VolumeGrid) -> Box:
        """This box, so many columns wider at −x, +x, −y and +y, but no wider than the grid."""
        nx, ny, _ = grid.shape
        return Box(
            max(self.i0 - sides[0], 0),
            min(self.i1 + sides[1], nx),
            max(self.j0 - sides[2], 0),
            min(self.j1 + sides[3], ny),
        )

    def stretched(self, sides: tuple[bool, ...], reach_m: float, grid: VolumeGrid) -> Box:
        """This box, wider by at least ``reach_m`` and three columns at the sides named (−x, +x, −y, +y)."""
        ends: list[int] = []
        for edges, low, high, sooner, later in (
            (grid.x, self.i0, self.i1, sides[0], sides[1]),
            (grid.y, self.j0, self.j1, sides[2], sides[3]),
        ):
            before = int(np.searchsorted(edges, edges[low] - reach_m, side="right")) - 1
            after = int(np.searchsorted(edges, edges[high] + reach_m))
            ends.append(max(min(before, low - 3), 0) if sooner else low)
            ends.append(min(max(after, high + 3), len(edges) - 1) if later else high)
        return Box(*ends)


def columns_within(grid: VolumeGrid, x_m: float, y_m: float, reach_m: float) -> Box:
    """Columns whose middles lie within ``reach_m`` of a point along x and along y; at least one."""
    ends: list[int] = []
    for middles, at in ((grid.x_mid, x_m), (grid.y_mid, y_m)):
        low = int(np.searchsorted(middles, at - reach_m))
        high = int(np.searchsorted(middles, at + reach_m, side="right"))
        low = min(low, len(middles) - 1)
        ends.extend((low, max(high, low + 1)))
    return Box(*ends)
