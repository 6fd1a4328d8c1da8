"""The state of a three-dimensional simulation, and its ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from milia.engine.kernels import arrays as kernel
from milia.engine.parameters import Parameters
from milia.engine.state import Ledger, _shares_in_layers, _water_fraction
from milia.engine.volume.grid import VolumeGrid
from milia.engine.volume.kernels.bricks import Bricks
from milia.engine.volume.scene import PlacedCyst
from milia.skin import Tissue, material

Array = NDArray[np.float64]
MISSED = (
    kernel.LEDGER_SIZE
)  # a slot of the ledger behind those of the axisymmetric engine: light that met no skin, J
BOX = 5  # i0, i1, j0, j1 and rows of the part that is warm


@dataclass(frozen=True, eq=False)
class VolumeLedger(Ledger):
    """Where the light's energy went, J; ``missed`` passed a free edge without meeting skin."""

    missed: float = 0.0

    @property
    def imbalance(self) -> float:
        """Incident minus everything else, as a share of incident."""
        gone = self.missed + self.reflected + self.plume + self.removed + self.steam + self.lost + self.stored
        return (self.incident - gone) / self.incident if self.incident > 0 else self.stored

    def to_dict(self) -> dict[str, float]:
        """The ledger in mJ, with what missed."""
        return {**super().to_dict(), "missed_mJ": 1e3 * self.missed}


@dataclass(eq=False)
class VolumeState:
    """Everything that a later exposure needs to go on from here; arrays are [nx, ny, nz] or [nx, ny]."""

    grid: VolumeGrid
    matter: kernel.Matter
    living: Array
    fields: kernel.Fields
    ledger: Array
    box: NDArray[np.int64]
    initial_K: float

    @property
    def time_s(self) -> float:
        return float(self.ledger[kernel.TIME])

    @property
    def steps(self) -> int:
        return int(self.ledger[kernel.STEPS])

    @property
    def bricks(self) -> Bricks:
        grid = self.grid
        return Bricks(grid.x, grid.y, grid.z, grid.dx, grid.dy, grid.dz, grid.area / np.pi)

    def copy(self) -> VolumeState:
        """Return an independent copy, to branch from."""
        return replace(
            self,
            fields=kernel.Fields(*(array.copy() for array in self.fields)),  # type: ignore[arg-type]
            ledger=self.ledger.copy(),
            box=self.box.copy(),
        )

    def present(self) -> NDArray[np.bool_]:
        """Which cells have not left, [nx, ny, nz]."""
        return np.asarray(np.arange(self.grid.shape[2]) >= self.fields.top[:, :, None])

    def energy(self) -> VolumeLedger:
        """Return the ledger with the enthalpy that is in the tissue now."""
        # column by column, so that no second array of the whole volume is needed; what has left holds nothing
        stored = float((np.einsum("ijk,k->ij", self.fields.e, self.grid.dz) * self.grid.area).sum())
        booked = self.ledger
        return VolumeLedger(
            incident=float(booked[kernel.INCIDENT]),
            reflected=float(booked[kernel.REFLECTED]),
            plume=float(booked[kernel.PLUME]),
            removed=float(booked[kernel.REMOVED]),
            steam=float(booked[kernel.STEAM]),
            lost=float(booked[kernel.LOST]),
            stored=stored,
            missed=float(booked[MISSED]),
        )


def share_in_cyst(placed: PlacedCyst, grid: VolumeGrid, sub: int = 4) -> Array:
    """Volume share of each cell inside the sphere, by ``sub``³ points a cell."""
    offsets = (np.arange(sub) + 0.5) / sub
    x = (grid.x[:-1, None] + grid.dx[:, None] * offsets - placed.x_m).ravel()
    y = (grid.y[:-1, None] + grid.dy[:, None] * offsets - placed.y_m).ravel()
    z = (grid.z[:-1, None] + grid.dz[:, None] * offsets - placed.depth_m).ravel()
    share = np.zeros(grid.shape)
    near = [np.flatnonzero(np.abs(a) < placed.radius_m) // sub for a in (x, y, z)]
    if any(len(found) == 0 for found in near):
        return share
    (i0, i1), (j0, j1), (k0, k1) = ((int(found[0]), int(found[-1]) + 1) for found in near)
    flat = y[j0 * sub : j1 * sub, None] ** 2 + z[None, k0 * sub : k1 * sub] ** 2
    for i in range(i0, i1):
        inside = np.zeros((j1 - j0, k1 - k0))
        for value in x[i * sub : (i + 1) * sub]:
            hit = flat < placed.radius_m**2 - value**2
            inside += hit.reshape(j1 - j0, sub, k1 - k0, sub).sum(axis=(1, 3))
        share[i, j0:j1, k0:k1] = inside / sub**3
    return share


def initial_volume(
    tissue: Tissue,
    grid: VolumeGrid,
    *,
    initial_K: float,
    parameters: Parameters,
    lesions: tuple[PlacedCyst, ...] = (),
    water_scale: float = 1.0,
) -> VolumeState:
    """Lay tissue and cysts on the grid, at rest at ``initial_K``; see ``engine.state.initial_state``."""
    materials, in_layer = _shares_in_layers(tissue, grid.z)
    in_cyst = np.zeros(grid.shape)
    for placed in lesions:
        in_cyst += share_in_cyst(placed, grid)
    kinds = [(kind, share) for kind, share in zip(materials, in_layer, strict=True) if share.any()]
    water, heat, cond, mu, living = (np.zeros(grid.shape) for _ in range(5))
    outside = 1.0 - in_cyst
    for kind, share in (*kinds, (material("keratin"), None)):
        part = in_cyst if share is None else outside * share
        wet = _water_fraction(kind, parameters, water_scale)
        density = kind.density_kg_m3.value
        dry = density * (1.0 - wet)
        water += part * (density * wet)
        heat += part * (dry * parameters.dry_heat)
        cond += part * (dry * parameters.dry_conductivity * parameters.conductivity_scale)
        mu += part * (parameters.dry_absorption if kind.living else parameters.keratin_absorption)
        living += part * float(kind.living)
    phase = parameters.phase(initial_K)
    held = heat + parameters.water_heat * water
    conduction = cond + parameters.water_conductivity * parameters.conductivity_scale * water
    columns = grid.shape[:2]
    fields = kernel.Fields(
        e=np.zeros(grid.shape),
        water=water.copy(),
        rise=np.zeros(grid.shape),
        before=np.zeros(grid.shape),
        heat=held,
        up=held.copy(),
        limit=np.full(grid.shape, phase.boil_start),
        spent=np.zeros(grid.shape),
        resistance=1.0 / conduction,
        rise_max=np.zeros(grid.shape),
        omega=np.zeros(grid.shape),
        omega_collagen=np.zeros(grid.shape),
        top=np.zeros(columns, dtype=np.int64),
        surface=np.zeros(columns),
        begun=np.zeros(columns),
    )
    return VolumeState(
        grid=grid,
        matter=kernel.Matter(water, heat, cond, mu, (living > 0.5).astype(float)),
        living=living,
        fields=fields,
        ledger=np.zeros(kernel.LEDGER_SIZE + 1),
        box=np.zeros(BOX, dtype=np.int64),
        initial_K=initial_K,
    )
