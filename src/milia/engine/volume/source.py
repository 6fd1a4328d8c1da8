"""The light of one pulse on one spot, as the march asks for it."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.engine.kernels.light import (
    GAUSSIAN,
    TOP_HAT,
    BeamSpec,
    beam_radius,
    plume_loss,
    triangle_share,
)
from milia.engine.kernels.point import Physics
from milia.engine.parameters import Parameters
from milia.engine.volume.boxes import columns_within
from milia.engine.volume.kernels import footprint, opening, rays
from milia.engine.volume.scene import Scene
from milia.engine.volume.state import VolumeState

Array = NDArray[np.float64]
DEEPER_M = 0.2e-3  # how much deeper the floor may come during a shot, for the width of the beam there,
DEEPEST_M = 0.6e-3  # and for how far a slanted beam shifts


@dataclass(frozen=True)
class Pulse:
    """When the light shines and with what power [s, W]."""

    power: float
    start: float
    duration: float
    triangular: bool = False

    @property
    def off(self) -> float:
        return self.start + self.duration

    def shines(self, now: float) -> bool:
        return self.power > 0.0 and self.start - 1e-15 <= now < self.off - 1e-15

    def energy(self, now: float, step: float) -> float:
        """Energy [J] from ``now`` on for ``step`` [s]."""
        if not self.triangular:
            return self.power * step
        begun, ended = (now - self.start) / self.duration, (now + step - self.start) / self.duration
        return float(self.power * self.duration * (triangle_share(ended) - triangle_share(begun)))


@dataclass(frozen=True)
class Booked:
    """What became of the light of one step before any was absorbed [J], and how many rows rays went down."""

    incident: float
    missed: float
    plume: float
    reflected: float
    lowest: int = 0


def fresnel(cosine: float, index: float, extinction: float) -> float:
    r"""Return the reflectance of a flat absorbing surface for unpolarised light.

    Parameters
    ----------
    cosine
        Cosine of the angle of incidence.
    index, extinction
        Refractive index n and extinction coefficient k.

    Returns
    -------
    float
        Reflected share of the power.

    Notes
    -----
    With :math:`\tilde n = n - ik` and :math:`g = \sqrt{\tilde n^2 - \sin^2\theta}`,
    :math:`r_s = (\cos\theta - g)/(\cos\theta + g)`,
    :math:`r_p = (\tilde n^2\cos\theta - g)/(\tilde n^2\cos\theta + g)`, and R is the mean of their squares.

    References
    ----------
    .. [1] Born and Wolf, Principles of Optics (Fresnel equations for absorbing media).
    """
    squared = complex(index, -extinction) ** 2
    g = cmath.sqrt(squared - (1.0 - cosine * cosine))
    s = (cosine - g) / (cosine + g)
    p = (squared * cosine - g) / (squared * cosine + g)
    return 0.5 * (abs(s) ** 2 + abs(p) ** 2)


def aim(scene: Scene, number: int, order: float, parameters: Parameters) -> footprint.Aimed:
    """Return where one spot's light goes: straight in air, by Snell's law in tissue."""
    spot, (dx, dy, dz) = scene.spots[number], scene.direction
    n, k = parameters.refractive_index, parameters.extinction
    if n < math.hypot(dx, dy):
        raise MiliaError(f"light does not enter matter of refractive index {n:g} at this tilt")
    tissue = (dx / n, dy / n, math.sqrt(1.0 - (dx * dx + dy * dy) / (n * n)))
    side, side_reflectance = tissue, 0.0
    if scene.edge:
        along, across = (dx, dy) if scene.edge.along_x else (dy, dx)
        inwards = -scene.edge.outwards * math.sqrt(max(1.0 - (across * across + dz * dz) / (n * n), 0.0))
        side = (inwards, dy / n, dz / n) if scene.edge.along_x else (dx / n, inwards, dz / n)
        side_reflectance = fresnel(abs(along), n, k)
    return footprint.Aimed(
        spot.x_m, spot.y_m, order, dx, dy, dz, *tissue, *side, fresnel(dz, n, k), side_reflectance
    )


class Light:
    """One pulse on one spot; ``prepare`` looks at the crater before each step."""

    def __init__(
        self,
        scene: Scene,
        number: int,
        pulse: Pulse,
        beam: BeamSpec,
        order: float,
        state: VolumeState,
        parameters: Parameters,
    ) -> None:
        self.pulse, self.beam = pulse, beam
        self.aimed = aim(scene, number, order, parameters)
        self.slanted = scene.tilt_rad > 0.0
        grid, spot = state.grid, scene.spots[number]
        self.reach = self._reach(state, order) / self.aimed.dz
        self.box = columns_within(grid, spot.x_m, spot.y_m, self.reach)
        self.start = self.box
        if self.slanted:
            down = (float(state.fields.surface.max()) + DEEPEST_M) / self.aimed.dz
            there = (spot.x_m + down * self.aimed.dx, spot.y_m + down * self.aimed.dy)
            self.box = self.box.around(columns_within(grid, *there, self.reach))
        box = self.box
        self.cells = np.array([box.i0, box.i1, box.j0, box.j1], dtype=np.int64)
        self.shares = np.zeros(grid.shape[:2])
        self.missing, self.brightest, self.plume = 0.0, 0.0, 0.0
        # columns in which cells may absorb: those that are lit, or any that a slanted ray may pass
        self.taking = np.zeros(grid.shape[:2]) if self.slanted else self.shares
        self.taking[box.i0 : box.i1, box.j0 : box.j1] = 1.0
        # the spot's own crater: the columns that lie nearest to it
        x, y = grid.x_mid[box.i0 : box.i1, None], grid.y_mid[None, box.j0 : box.j1]
        here = np.hypot(x - spot.x_m, y - spot.y_m)
        others = [np.hypot(x - s.x_m, y - s.y_m) for s in scene.spots if s != spot]
        self.own = np.zeros(grid.shape[:2])
        nearest = np.logical_and.reduce([here <= other for other in others]) if others else here >= 0.0
        self.own[box.i0 : box.i1, box.j0 : box.j1] = nearest
        self.height = np.zeros(grid.shape[:2])
        self.beyond = self._beyond(scene, state)
        self.rays = np.concatenate([self._columns(state), self.beyond]) if self.slanted else np.zeros((0, 4))
        self.met, self.at = np.zeros((len(self.rays), 5)), np.zeros((len(self.rays), 3), dtype=np.int64)

    def _reach(self, state: VolumeState, order: float) -> float:
        """How far from the axis light falls that is not too dim to count [m]."""
        radii = 1.0
        if self.beam.profile != TOP_HAT:
            exponent = 2.0 if self.beam.profile == GAUSSIAN else order
            radii = (-0.5 * math.log(footprint.DIMMEST)) ** (1.0 / exponent)
        floor = float(state.fields.surface.max()) + DEEPER_M
        return 1.02 * radii * max(beam_radius(0.0, self.beam), beam_radius(floor, self.beam))

    def _columns(self, state: VolumeState) -> Array:
        grid, box = state.grid, self.start
        x, y = np.meshgrid(grid.x_mid[box.i0 : box.i1], grid.y_mid[box.j0 : box.j1], indexing="ij")
        wide, long = np.meshgrid(grid.dx[box.i0 : box.i1], grid.dy[box.j0 : box.j1], indexing="ij")
        return np.stack([a.ravel() for a in (x, y, wide, long)], axis=1)

    def _beyond(self, scene: Scene, state: VolumeState) -> Array:
        """Cells of the plane beyond the free edge on which light may fall; none if it is too far away."""
        edge, grid, box = scene.edge, state.grid, self.start
        inside = math.inf if edge is None else edge.inside(self.aimed.x, self.aimed.y)
        if edge is None or inside >= self.reach:
            return np.zeros((0, 4))
        centres, sizes = (
            (grid.y_mid[box.j0 : box.j1], grid.dy[box.j0 : box.j1])
            if edge.along_x
            else (grid.x_mid[box.i0 : box.i1], grid.dx[box.i0 : box.i1])
        )
        fine = float(sizes.min())
        count = math.ceil((self.reach - inside) / fine)
        out = edge.outwards * (edge.distance_m + (np.arange(count) + 0.5) * fine)
        a, b = np.meshgrid(out, centres, indexing="ij")
        size_a, size_b = np.meshgrid(np.full(count, fine), sizes, indexing="ij")
        order = (a, b, size_a, size_b) if edge.along_x else (b, a, size_b, size_a)
        return np.stack([values.ravel() for values in order], axis=1)

    def prepare(self, state: VolumeState, physics: Physics) -> None:
        """Look at the crater as it is: where light falls now, and what plume and walls take of it."""
        grid, box, f = state.grid, self.box, state.fields
        if self.slanted:
            self.brightest = rays.meet(
                self.rays,
                self.beam,
                self.aimed,
                self.cells,
                grid.x,
                grid.y,
                grid.z,
                f.top,
                self.met,
                self.at,
                self.shares,
            )
        else:
            self.missing, self.brightest = footprint.straight_shares(
                box.i0,
                box.i1,
                box.j0,
                box.j1,
                grid.x,
                grid.y,
                f.surface,
                self.beyond,
                self.beam,
                self.aimed,
                self.shares,
            )
        self.plume = float(plume_loss(self._aspect(state), physics))

    def _aspect(self, state: VolumeState) -> float:
        """Depth of the spot's own crater over the diameter of the circle as large as its opening."""
        grid, box, surface = state.grid, self.box, state.fields.surface
        ends = (box.i0, box.i1, box.j0, box.j1)
        area = float(opening.open_area(*ends, grid.x_mid, grid.y_mid, surface, self.own, self.height))
        if area <= 0.0:
            return 0.0
        deepest = float((self.own * surface)[box.i0 : box.i1, box.j0 : box.j1].max())
        return deepest / (2.0 * math.sqrt(area / math.pi))

    def straight_power(self, now: float, step: float) -> float:
        """Power [W] that comes down the columns by ``shares``; none for a slanted beam."""
        return 0.0 if self.slanted else self.pulse.energy(now, step) / step * (1.0 - self.plume)

    def book(
        self,
        state: VolumeState,
        into: tuple[Array, Array, NDArray[np.int64]],
        now: float,
        step: float,
        physics: Physics,
    ) -> Booked:
        """Say where a step's light went; a slanted beam is absorbed here.

        ``into`` are light [W/m² per cell], the water half-way through the step, and the rows that are fed.
        """
        energy, plume, grid = self.pulse.energy(now, step), self.plume, state.grid
        if not self.slanted:
            missed = energy * self.missing
            arrived = energy - missed
            return Booked(
                incident=energy,
                missed=missed,
                plume=arrived * plume,
                reflected=arrived * (1.0 - plume) * physics.reflectance,
            )
        missed, hidden, reflected, lowest = rays.absorb(
            energy / step, plume, self.aimed, self.met, self.at, self.cells, grid.x, grid.y, grid.z,
            state.matter, state.fields, *into, physics,
        )  # fmt: skip
        return Booked(energy, missed * step, hidden * step, reflected * step, lowest)
