"""The axisymmetric grid: fine where light and the front will be, geometrically wider beyond."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GridRule:
    """How fine the grid is; lengths in m.

    Columns are ``1/cells_per_radius`` of the beam radius out to 1.15 radii. Rows start at ``fine_z``,
    are at most ``coarse_z`` or the share ``relative_z`` of their depth as far down as the front may come,
    and widen by ``growth`` beyond.
    """

    cells_per_radius: int = 20
    fine_z: float = 3e-6
    coarse_z: float = 5e-6
    relative_z: float = 0.007
    growth: float = 1.18
    fine_depth: float = 60e-6
    depth: float = 3e-3
    margin: float = 1e-3  # least depth of tissue below the front
    radius: float = 3e-3


FINE = GridRule()
PLANNING = GridRule(cells_per_radius=16, fine_z=4e-6, coarse_z=7e-6, relative_z=0.01, growth=1.25)


@dataclass(frozen=True, eq=False)
class Grid:
    """Cell edges of the axisymmetric domain, ``r`` [nr+1] and ``z`` [nz+1] in m."""

    r: Array
    z: Array

    @cached_property
    def dr(self) -> Array:
        return np.diff(self.r)

    @cached_property
    def dz(self) -> Array:
        return np.diff(self.z)

    @cached_property
    def ring(self) -> Array:
        """r_outer² − r_inner² of each column, m²; times π its area."""
        return np.diff(self.r**2)

    @cached_property
    def r_mid(self) -> Array:
        return 0.5 * (self.r[1:] + self.r[:-1])

    @cached_property
    def z_mid(self) -> Array:
        return 0.5 * (self.z[1:] + self.z[:-1])

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.r) - 1, len(self.z) - 1


def graded_edges(
    first: float, fine_to: float, growth: float, end: float, *, cap: float, share: float, cap_to: float
) -> Array:
    """Return edges from 0 to at least ``end``.

    Cells of ``first`` widen by ``growth`` beyond ``fine_to``, but before ``cap_to`` not above ``cap`` or,
    where that is more, ``share`` of their distance from 0.
    """
    edges = [0.0]
    width = first
    while edges[-1] < end * (1 - 1e-12):
        if edges[-1] >= fine_to:
            width *= growth
            if edges[-1] < cap_to:
                width = min(width, max(cap, share * edges[-1]))
        edges.append(edges[-1] + width)
    return np.array(edges)


def make_grid(
    beam_radius: float, front_depth: float, *, absorption_length: float, rule: GridRule = FINE
) -> Grid:
    """Return the grid for a beam of this 1/e² radius whose front may come down to ``front_depth`` [m].

    Rows are never coarser than the light needs: half an ``absorption_length`` at the surface, but not
    below 1 µm, where the energy balance of the front no longer depends on how light is spread in it.
    """
    needed = max(0.5 * absorption_length, 1e-6)
    fine_z, coarse_z = min(rule.fine_z, needed), min(rule.coarse_z, 2.0 * needed)
    r = graded_edges(
        beam_radius / rule.cells_per_radius,
        1.15 * beam_radius,
        rule.growth,
        max(rule.radius, 4.0 * beam_radius),
        cap=0.0,
        share=0.0,
        cap_to=0.0,
    )
    z = graded_edges(
        fine_z,
        rule.fine_depth,
        rule.growth,
        max(rule.depth, front_depth + rule.margin),
        cap=coarse_z,
        share=rule.relative_z,
        cap_to=front_depth,
    )
    return Grid(r=r, z=z)
