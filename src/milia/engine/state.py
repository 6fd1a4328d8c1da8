"""The state of a simulation: what the cells hold now, and the ledger of every joule since the start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError
from milia.engine.grid import Grid
from milia.engine.kernels import arrays as kernel
from milia.engine.parameters import Parameters
from milia.skin import Cyst, Material, Tissue, material

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ledger:
    """Where the light's energy went, J. ``steam`` left as vapour, ``removed`` with ablated matter."""

    incident: float
    reflected: float
    plume: float
    removed: float
    steam: float
    lost: float
    stored: float

    @property
    def imbalance(self) -> float:
        """Incident minus everything else, as a share of incident."""
        gone = self.reflected + self.plume + self.removed + self.steam + self.lost + self.stored
        return (self.incident - gone) / self.incident if self.incident > 0 else self.stored

    def to_dict(self) -> dict[str, float]:
        """The ledger in mJ; steam counts as removed, since what leaves takes its energy with it."""
        return {
            "incident_mJ": 1e3 * self.incident,
            "reflected_mJ": 1e3 * self.reflected,
            "plume_mJ": 1e3 * self.plume,
            "removed_mJ": 1e3 * (self.removed + self.steam),
            "stored_mJ": 1e3 * self.stored,
            "lost_mJ": 1e3 * self.lost,
        }


@dataclass(eq=False)
class State:
    """Everything that a later exposure needs to go on from here; arrays are [nr, nz] or [nr]."""

    grid: Grid
    matter: kernel.Matter
    living: Array
    fields: kernel.Fields
    ledger: Array
    active: NDArray[np.int64]
    initial_K: float

    @property
    def time_s(self) -> float:
        return float(self.ledger[kernel.TIME])

    @property
    def steps(self) -> int:
        return int(self.ledger[kernel.STEPS])

    def copy(self) -> State:
        """Return an independent copy, to branch from."""
        return State(
            grid=self.grid,
            matter=self.matter,
            living=self.living,
            fields=kernel.Fields(*(array.copy() for array in self.fields)),  # type: ignore[arg-type]
            ledger=self.ledger.copy(),
            active=self.active.copy(),
            initial_K=self.initial_K,
        )

    def volumes(self) -> Array:
        """What is left of each cell's volume, m³ [nr, nz]."""
        f = self.fields
        rows = np.arange(self.grid.shape[1])
        left = np.where(rows[None, :] < f.top[:, None], 0.0, 1.0)
        return np.pi * self.grid.ring[:, None] * self.grid.dz[None, :] * left

    def energy(self) -> Ledger:
        """Return the ledger with the enthalpy that is in the tissue now."""
        stored = float((self.volumes() * self.fields.e).sum())
        booked = self.ledger
        return Ledger(
            incident=float(booked[kernel.INCIDENT]),
            reflected=float(booked[kernel.REFLECTED]),
            plume=float(booked[kernel.PLUME]),
            removed=float(booked[kernel.REMOVED]),
            steam=float(booked[kernel.STEAM]),
            lost=float(booked[kernel.LOST]),
            stored=stored,
        )


def _shares_in_layers(tissue: Tissue, z_edges: Array) -> tuple[list[Material], Array]:
    """How much of each row lies in each layer, [layers, nz]; the last layer goes on for ever."""
    bounds = np.concatenate([[0.0], np.cumsum([layer.thickness_m for layer in tissue.layers])])
    bounds[-1] = max(bounds[-1], z_edges[-1])
    low = np.maximum(z_edges[:-1][None, :], bounds[:-1, None])
    high = np.minimum(z_edges[1:][None, :], bounds[1:, None])
    shares = np.clip(high - low, 0.0, None) / np.diff(z_edges)[None, :]
    return [material(layer.material) for layer in tissue.layers], shares


def _share_in_cyst(cyst: Cyst, grid: Grid, sub: int = 4) -> Array:
    """Volume share of each cell inside the sphere, by ``sub`` × ``sub`` points a cell."""
    offsets = (np.arange(sub) + 0.5) / sub
    radius = 0.5 * cyst.diameter_m
    r = grid.r[:-1, None] + grid.dr[:, None] * offsets
    z = grid.z[:-1, None] + grid.dz[:, None] * offsets - (cyst.roof_m + radius)
    inside = r[:, :, None, None] ** 2 + z[None, None, :, :] ** 2 < radius**2
    weights = r / r.sum(axis=1, keepdims=True)
    return np.asarray((inside * weights[:, :, None, None]).sum(axis=1).mean(axis=2))


def initial_state(
    tissue: Tissue, grid: Grid, *, initial_K: float, parameters: Parameters, water_scale: float = 1.0
) -> State:
    """Lay the tissue on the grid, at rest at ``initial_K``.

    Masses, heat capacities and dry absorption mix by volume in cells that a layer border or the
    cyst's wall cuts. ``water_scale`` multiplies every living layer's water mass fraction.
    """
    materials, in_layer = _shares_in_layers(tissue, grid.z)
    nr, nz = grid.shape
    in_cyst = _share_in_cyst(tissue.cyst, grid) if tissue.cyst else np.zeros((nr, nz))
    kinds = [(m, (1.0 - in_cyst) * share[None, :]) for m, share in zip(materials, in_layer, strict=True)]
    if tissue.cyst:
        kinds.append((material("keratin"), in_cyst))
    water, heat, cond, mu, living = (np.zeros((nr, nz)) for _ in range(5))
    for kind, part in kinds:
        wet = _water_fraction(kind, parameters, water_scale)
        density = kind.density_kg_m3.value
        dry = density * (1.0 - wet)
        water += part * density * wet
        heat += part * dry * parameters.dry_heat
        cond += part * dry * parameters.dry_conductivity * parameters.conductivity_scale
        mu += part * (parameters.dry_absorption if kind.living else parameters.keratin_absorption)
        living += part * kind.living
    zeros = np.zeros((nr, nz))
    phase = parameters.phase(initial_K)
    fields = kernel.Fields(
        e=zeros.copy(),
        water=water.copy(),
        rise=zeros.copy(),
        before=zeros.copy(),
        heat=heat + parameters.water_heat * water,
        up=heat + parameters.water_heat * water,
        limit=np.full((nr, nz), phase.boil_start),
        spent=zeros.copy(),
        resistance=1.0 / (cond + parameters.water_conductivity * parameters.conductivity_scale * water),
        rise_max=zeros.copy(),
        omega=zeros.copy(),
        omega_collagen=zeros.copy(),
        top=np.zeros(nr, dtype=np.int64),
        surface=np.zeros(nr),
        begun=np.zeros(nr),
    )
    return State(
        grid=grid,
        matter=kernel.Matter(water, heat, cond, mu, (living > 0.5).astype(float)),
        living=living,
        fields=fields,
        ledger=np.zeros(kernel.LEDGER_SIZE),
        active=np.array([min(4, nr), min(8, nz)], dtype=np.int64),
        initial_K=initial_K,
    )


def _water_fraction(kind: Material, parameters: Parameters, scale: float) -> float:
    if kind.name == "keratin":
        return parameters.keratin_water
    wet = kind.water_fraction.value * (scale if kind.living else 1.0)
    if not 0.0 < wet < 1.0:
        raise MiliaError(
            f"{kind.title} cannot have a water fraction of {wet:.3g} (water scaled by {scale:g})"
        )
    return wet
