"""The brick grid: fine around every spot, geometrically wider between and beyond them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.engine.grid import FINE, GridRule, make_grid
from milia.engine.volume.scene import Scene

Array = NDArray[np.float64]


@dataclass(frozen=True)
class VolumeRule:
    """How fine the grid is; lengths in m.

    Columns are ``1/cells_per_radius`` of the beam's radius wide out to ``fine_radii`` radii around each
    spot and widen by ``growth`` beyond; the outermost lie ``margin`` from the outermost spot. Rows follow
    ``depth``.
    """

    cells_per_radius: float = 12.0
    fine_radii: float = 1.2
    growth: float = 1.3
    margin: float = 2e-3
    depth: GridRule = FINE
    cells_max: int = 20_000_000

    def deep(self, depth: float) -> VolumeRule:
        """Return the same down to another depth [m]."""
        return replace(self, depth=replace(self.depth, depth=depth))


VOLUME = VolumeRule()
COARSE = VolumeRule(
    cells_per_radius=8.0,
    growth=1.4,
    depth=replace(FINE, fine_z=4e-6, coarse_z=7e-6, relative_z=0.02, growth=1.25),
)


@dataclass(frozen=True, eq=False)
class VolumeGrid:
    """Cell edges ``x`` [nx+1], ``y`` [ny+1] and ``z`` [nz+1] in m; outer faces are insulated."""

    x: Array
    y: Array
    z: Array

    @cached_property
    def dx(self) -> Array:
        return np.diff(self.x)

    @cached_property
    def dy(self) -> Array:
        return np.diff(self.y)

    @cached_property
    def dz(self) -> Array:
        return np.diff(self.z)

    @cached_property
    def x_mid(self) -> Array:
        return 0.5 * (self.x[1:] + self.x[:-1])

    @cached_property
    def y_mid(self) -> Array:
        return 0.5 * (self.y[1:] + self.y[:-1])

    @cached_property
    def z_mid(self) -> Array:
        return 0.5 * (self.z[1:] + self.z[:-1])

    @cached_property
    def area(self) -> Array:
        """Horizontal area of each column, m² [nx, ny]."""
        return np.asarray(self.dx[:, None] * self.dy[None, :])

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.x) - 1, len(self.y) - 1, len(self.z) - 1


def make_volume_grid(
    scene: Scene,
    beam_radius: float,
    front_depth: float,
    *,
    absorption_length: float,
    rule: VolumeRule = VOLUME,
) -> VolumeGrid:
    """Return the grid for spots of this 1/e² radius [m] whose fronts may come down to ``front_depth`` [m]."""
    rows = make_grid(beam_radius, front_depth, absorption_length=absorption_length, rule=rule.depth)
    x, y = column_edges(scene, beam_radius, rule)
    made = VolumeGrid(x, y, rows.z)
    if math.prod(made.shape) > rule.cells_max:
        raise MiliaError(
            f"these spots would need {math.prod(made.shape) / 1e6:.0f} million cells, more than "
            f"{rule.cells_max / 1e6:.0f} million; use fewer spots, or spots that share rows and columns"
        )
    return made


def column_edges(scene: Scene, beam_radius: float, rule: VolumeRule) -> tuple[Array, Array]:
    """Return the edges of the columns along x and y: fine around every spot, also where tilt draws it out."""
    fine = beam_radius / rule.cells_per_radius
    margin = max(rule.margin, 4.0 * beam_radius)
    stretch = [math.hypot(1.0, math.tan(scene.tilt_rad) * part) for part in _shares_of_tilt(scene)]
    x, y = (
        axis_edges(
            [getattr(spot, f"{name}_m") for spot in scene.spots],
            half=rule.fine_radii * beam_radius * wider,
            fine=fine,
            growth=rule.growth,
            margin=margin,
            ends=ends,
        )
        for name, wider, ends in zip("xy", stretch, scene.limits, strict=True)
    )
    return x, y


def _shares_of_tilt(scene: Scene) -> tuple[float, float]:
    return abs(math.cos(scene.azimuth_rad)), abs(math.sin(scene.azimuth_rad))


def axis_edges(
    centres: Sequence[float],
    *,
    half: float,
    fine: float,
    growth: float,
    margin: float,
    ends: tuple[float, float] = (-math.inf, math.inf),
) -> Array:
    """Return edges along one direction.

    Every centre lies in the middle of a cell ``fine`` wide, and such cells go on for ``half`` to both sides;
    where neighbouring fine stretches overlap they are joined, with a whole number of cells between centres.

    Parameters
    ----------
    centres
        Where spots are [m], in any order.
    half, fine, growth, margin
        See :class:`VolumeRule` [m, m, 1, m].
    ends
        Where the domain ends whatever the margin [m].
    """
    zones = _zones(sorted(set(centres)), half, fine)
    low = max(ends[0], zones[0][0] - margin)
    high = min(ends[1], zones[-1][-1] + margin)
    edges: list[float] = []
    for zone in zones:
        kept = [edge for edge in zone if low + 0.3 * fine < edge < high - 0.3 * fine]
        if not kept:
            continue
        start = edges[-1] if edges else low
        before = _fill(kept[0] - start, fine, growth, both=bool(edges))
        if not edges:
            edges = [low]
        edges.extend((start + np.cumsum(before))[:-1])
        edges.extend(kept)
    if not edges:
        raise MiliaError("every spot lies too far beyond the free edge to reach the skin")
    after = _fill(high - edges[-1], fine, growth, both=False)[::-1]
    edges.extend((edges[-1] + np.cumsum(after))[:-1])
    edges.append(high)
    return np.array(edges)


def _zones(centres: list[float], half: float, fine: float) -> list[list[float]]:
    """Group centres whose fine stretches meet, and lay edges of equal cells over each group."""
    groups: list[list[float]] = [[centres[0]]]
    for centre in centres[1:]:
        if centre - groups[-1][-1] < 0.5 * fine:
            continue  # as good as the same place
        if centre - groups[-1][-1] <= 2.0 * half + fine:
            groups[-1].append(centre)
        else:
            groups.append([centre])
    count = math.ceil(half / fine - 0.5)
    zones = []
    for group in groups:
        edges = [group[0] - (n + 0.5) * fine for n in range(count, -1, -1)]
        for here, there in itertools.pairwise(group):
            parts = max(1, round((there - here) / fine))
            width = (there - here) / parts
            edges.extend(here + (n + 0.5) * width for n in range(parts))
        edges.extend(group[-1] + (n + 0.5) * fine for n in range(count + 1))
        zones.append(edges)
    return zones


def _fill(length: float, fine: float, growth: float, *, both: bool) -> Array:
    """Return widths that fill ``length`` and widen from its far end, or from both ends to its middle."""
    if length <= 1.5 * fine:
        return np.array([length])
    goal = 0.5 * length if both else length
    widths = [fine * growth]
    while sum(widths) < goal:
        widths.append(widths[-1] * growth)
    made = np.array(widths) * (goal / sum(widths))
    return np.concatenate([made, made[::-1]]) if both else made[::-1]
