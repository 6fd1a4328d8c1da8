"""Read off a volume what each spot did, what it did to each cyst, and how near to the free edge it came.

A spot's own crater is made of the columns that lie nearer to it than to any other spot. Along +x, −x, +y
and −y from its middle, a half profile is measured like a half of an axisymmetric crater, by the same code.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.engine.grid import Grid
from milia.engine.measure import Crater, _deepest, _living_above, _lost, measure
from milia.engine.state import State
from milia.engine.volume.scene import PlacedCyst, Scene, Spot
from milia.engine.volume.state import VolumeState

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
SUBCELLS = 6  # points a cell and direction, for areas


@dataclass(frozen=True, slots=True)
class SpotWound:
    """The wound of one spot, lengths in m.

    ``width`` is the diameter of the circle that has the crater's area at the surface, ``long`` and
    ``short`` are the axes of the ellipse that has its moments. ``rtd_floor`` is measured below the middle,
    ``rtd_wall`` at the worst of four sides.
    """

    spot: Spot
    depth: float
    width: float
    long: float
    short: float
    rtd_floor: float
    rtd_wall: float
    harm_depth: float


@dataclass(frozen=True, slots=True)
class LesionWound:
    """What was done to one cyst, lengths in m.

    ``opening`` is the diameter of the circle with the area over which the floor has reached the cyst;
    ``lateral_damage`` how far sideways beyond its outline, seen from above, living tissue has been lost;
    ``below`` how far below its floor.
    """

    lesion: PlacedCyst
    opening: float
    lateral_damage: float
    below: float


@dataclass(frozen=True, eq=False)
class Wound:
    """The wound at the end; ``surface`` and ``harm`` [nx, ny] as in ``measure.Crater``, lengths in m.

    ``edge_clearance`` is the living tissue left between the lost one and the free edge; ``None`` without an
    edge.
    """

    surface: Array
    harm: Array
    spots: tuple[SpotWound, ...]
    lesions: tuple[LesionWound, ...]
    edge_clearance: float | None
    removed_volume: float

    @property
    def depth(self) -> float:
        return max(spot.depth for spot in self.spots)

    @property
    def width(self) -> float:
        return max(spot.width for spot in self.spots)

    @property
    def rtd_floor(self) -> float:
        return max(spot.rtd_floor for spot in self.spots)

    @property
    def rtd_wall(self) -> float:
        return max(spot.rtd_wall for spot in self.spots)

    @property
    def harm_depth(self) -> float:
        return float(self.harm.max())


def measure_volume(state: VolumeState, scene: Scene, *, living_omega: float) -> Wound:
    """Measure a state; tissue with Ω ≥ ``living_omega`` counts as thermally damaged."""
    grid, f = state.grid, state.fields
    harm, lost = _harm(state, living_omega)
    nearest = _nearest(state, [(spot.x_m, spot.y_m) for spot in scene.spots])
    spots = tuple(
        _spot(state, spot, nearest == number, harm, living_omega) for number, spot in enumerate(scene.spots)
    )
    lesions: tuple[LesionWound, ...] = ()
    if scene.lesions:
        near = _nearest(state, [(lesion.x_m, lesion.y_m) for lesion in scene.lesions])
        lesions = tuple(
            _lesion(state, lesion, near == number, harm, lost) for number, lesion in enumerate(scene.lesions)
        )
    clearance = None
    if scene.edge:
        edge = scene.edge
        x, y = np.meshgrid(grid.x_mid, grid.y_mid, indexing="ij")
        half = 0.5 * (grid.dx[:, None] if edge.along_x else grid.dy[None, :])
        inside = edge.distance_m - edge.outwards * (x if edge.along_x else y) - half
        clearance = float(
            np.where(lost, inside, edge.distance_m - edge.outwards * _far(state, edge.side)).min()
        )
        clearance = max(clearance, 0.0)
    return Wound(
        surface=f.surface.copy(),
        harm=harm,
        spots=spots,
        lesions=lesions,
        edge_clearance=clearance,
        removed_volume=float((grid.area * f.surface).sum()),
    )


def quick_look(state: VolumeState, scene: Scene, number: int) -> tuple[float, float]:
    """Depth and width of one spot's crater [m]."""
    own = _nearest(state, [(spot.x_m, spot.y_m) for spot in scene.spots]) == number
    surface = np.where(own, state.fields.surface, 0.0)
    return float(surface.max()), extent(state, _below_zero(state.fields.surface), own).diameter


def _far(state: VolumeState, side: str) -> float:
    """The end of the domain that lies opposite of a side [m]."""
    edges = state.grid.x if side.endswith("x") else state.grid.y
    return float(edges[0] if side.startswith("+") else edges[-1])


def _below_zero(surface: Array) -> Array:
    """The map of the floor, carried on below zero around the crater by the slope of its border columns.

    The border then lies where ``measure`` puts it in a ring: at the middle of a border column that has hardly
    sunk, as far as the middle of the next one where the slope says so, half-way where it says nothing.
    """
    padded = np.pad(surface, 2)
    nx, ny = surface.shape
    carried = np.full_like(surface, -float(surface.max()))
    for dx, dy in itertools.product((-1, 0, 1), repeat=2):
        border = padded[2 + dx : 2 + dx + nx, 2 + dy : 2 + dy + ny]
        inner = padded[2 + 2 * dx : 2 + 2 * dx + nx, 2 + 2 * dy : 2 + 2 * dy + ny]
        on = np.where(inner > border, np.minimum(2.0 * border - inner, 0.0), -border)
        carried = np.where(border > 0.0, np.maximum(carried, on), carried)
    return np.where(surface > 0.0, surface, carried)


@dataclass(frozen=True, slots=True)
class Extent:
    """Size of an area: diameter of the circle as large, axes of the ellipse with the same moments [m]."""

    diameter: float
    long: float
    short: float


def extent(state: VolumeState, height: Array, own: Mask) -> Extent:
    """Measure where ``height`` [nx, ny], interpolated between the columns' middles, is above zero."""
    above = own & (height > 0.0)
    if not above.any():
        return Extent(0.0, 0.0, 0.0)
    weights, sizes, points, picks = [], [], [], []
    for edges, middles, axis in ((state.grid.x, state.grid.x_mid, 1), (state.grid.y, state.grid.y_mid, 0)):
        found = np.flatnonzero(above.any(axis=axis))
        cells = np.arange(max(int(found[0]) - 1, 0), min(int(found[-1]) + 2, len(middles)))
        size = np.diff(edges)[cells]
        inner = edges[cells][:, None] + size[:, None] * (np.arange(SUBCELLS) + 0.5) / SUBCELLS
        points.append(inner.ravel())
        weights.append(
            np.stack([np.interp(points[-1], middles[cells], row) for row in np.eye(len(cells))], axis=1)
        )
        sizes.append(np.repeat(size / SUBCELLS, SUBCELLS))
        picks.append(cells)
    pick = np.ix_(*picks)
    mine = np.repeat(np.repeat(own[pick], SUBCELLS, axis=0), SUBCELLS, axis=1)
    inside = mine & (weights[0] @ height[pick] @ weights[1].T > 0.0)
    area = sizes[0][:, None] * sizes[1][None, :] * inside
    total = float(area.sum())
    if total == 0.0:
        return Extent(0.0, 0.0, 0.0)
    x, y = points[0][:, None], points[1][None, :]
    x0, y0 = float((area * x).sum()) / total, float((area * y).sum()) / total
    moments = [[float((area * a * b).sum()) / total for a in (x - x0, y - y0)] for b in (x - x0, y - y0)]
    short, long = (4.0 * math.sqrt(max(float(value), 0.0)) for value in np.linalg.eigvalsh(moments))
    return Extent(2.0 * math.sqrt(total / math.pi), long, short)


def _nearest(state: VolumeState, points: Sequence[tuple[float, float]]) -> NDArray[np.int64]:
    """Number of the nearest point for every column."""
    x, y = state.grid.x_mid[:, None], state.grid.y_mid[None, :]
    return np.asarray(np.argmin([np.hypot(x - px, y - py) for px, py in points], axis=0))


def _harm(state: VolumeState, living_omega: float) -> tuple[Array, Mask]:
    """Deepest lost living tissue of every column [m], and in which columns there is any."""
    f, columns = state.fields, state.grid.shape[:2]
    touched = (f.surface > 0.0) | (f.omega.max(axis=2) > 0.0)
    harm, lost = np.zeros(columns), np.zeros(columns, dtype=bool)
    if touched.any():
        part = _as_rings(state, touched)
        score = _lost(part, living_omega)
        floor = np.where(_living_above(part), part.fields.surface, 0.0)
        deepest = _deepest(score, part.grid, part.living, part.fields.top)
        harm[touched] = np.maximum(deepest, floor)
        lost[touched] = (score >= 0.0).any(axis=1)
    return harm, lost


def _as_rings(state: VolumeState, pick: Any, r: Array | None = None) -> State:
    """Some columns as an axisymmetric state, for what measures those: [n, nz] and [n]."""
    f = state.fields
    fields = f._replace(**{name: getattr(f, name)[pick] for name in ("omega", "top", "surface")})
    n = len(fields.top)
    return State(
        grid=Grid(np.arange(n + 1.0) if r is None else r, state.grid.z),
        matter=state.matter,
        living=state.living[pick],
        fields=fields,
        ledger=state.ledger,
        active=np.zeros(2, dtype=np.int64),
        initial_K=state.initial_K,
    )


def _half_profiles(state: VolumeState, spot: Spot, own: Mask, living_omega: float) -> list[Crater]:
    """The crater along +x, −x, +y and −y from a spot's middle, as far as its own columns go."""
    grid = state.grid
    i = min(max(int(np.searchsorted(grid.x, spot.x_m, side="right")) - 1, 0), grid.shape[0] - 1)
    j = min(max(int(np.searchsorted(grid.y, spot.y_m, side="right")) - 1, 0), grid.shape[1] - 1)
    found = []
    for edges, at, start, line in (
        (grid.x, spot.x_m, i, own[:, j]),
        (grid.y, spot.y_m, j, own[i, :]),
    ):
        for forward in (True, False):
            along = line[start:] if forward else line[start::-1]
            count = len(along) if along.all() else max(int(np.argmin(along)), 1)
            cells = np.arange(start, start + count) if forward else np.arange(start, start - count, -1)
            r = edges[cells + 1] - at if forward else at - edges[cells]
            r = np.concatenate([[0.0], np.maximum(r, 0.0)])
            pick = (cells, j) if edges is grid.x else (i, cells)
            found.append(measure(_as_rings(state, pick, r), living_omega=living_omega))
    return found


def _spot(state: VolumeState, spot: Spot, own: Mask, harm: Array, living_omega: float) -> SpotWound:
    surface = np.where(own, state.fields.surface, 0.0)
    profiles = _half_profiles(state, spot, own, living_omega)
    size = extent(state, _below_zero(state.fields.surface), own)
    return SpotWound(
        spot=spot,
        depth=float(surface.max()),
        width=size.diameter,
        long=size.long,
        short=size.short,
        rtd_floor=profiles[0].rtd_floor,
        rtd_wall=max(crater.rtd_wall for crater in profiles),
        harm_depth=float(np.where(own, harm, 0.0).max()),
    )


def _lesion(state: VolumeState, lesion: PlacedCyst, near: Mask, harm: Array, lost: Mask) -> LesionWound:
    grid, radius = state.grid, lesion.radius_m
    away = np.hypot(grid.x_mid[:, None] - lesion.x_m, grid.y_mid[None, :] - lesion.y_m)
    inside = away < radius
    half = np.sqrt(np.where(inside, radius**2 - away**2, 0.0))
    gap = np.where(inside, state.fields.surface - (lesion.depth_m - half), -lesion.depth_m)
    beyond = np.where(near & lost, away - radius, 0.0)
    below = np.where(inside, harm - (lesion.depth_m + half), 0.0)
    return LesionWound(
        lesion=lesion,
        opening=extent(state, gap, inside).diameter,
        lateral_damage=max(float(beyond.max()), 0.0),
        below=max(float(below.max()), 0.0),
    )
