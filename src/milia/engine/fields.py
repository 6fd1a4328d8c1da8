"""Labelled fields of a simulation, NetCDF and the cross-section picture."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from milia.base import InputError, write_atomically
from milia.engine.kernels.arrays import SATURATED_OMEGA

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

    from milia.engine.result import Simulation


def dataset(simulation: Simulation) -> xarray.Dataset:
    """Return final fields on the (r, z) grid; cells that have been removed are NaN."""
    import xarray as xr

    state = simulation.run.state
    f, grid = state.fields, state.grid
    gone = np.arange(grid.shape[1])[None, :] < f.top[:, None]

    def kept(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.where(gone, np.nan, values))

    def field(
        values: np.ndarray, units: str, name: str
    ) -> tuple[tuple[str, str], np.ndarray, dict[str, str]]:
        return ("r", "z"), values, {"units": units, "long_name": name}

    celsius = state.initial_K - 273.15
    with np.errstate(divide="ignore"):
        omega = np.minimum(f.omega, SATURATED_OMEGA)
        collagen = np.minimum(f.omega_collagen, SATURATED_OMEGA)
    return xr.Dataset(
        {
            "temperature": field(kept(f.rise + celsius), "degC", "temperature at the end"),
            "highest_temperature": field(
                kept(f.rise_max + celsius), "degC", "highest temperature reached above 43 degC"
            ),
            "water": field(kept(f.water), "kg m-3", "water left"),
            "damage_cell_death": field(kept(omega), "1", "Arrhenius integral, cell death (saturates at 1e6)"),
            "damage_collagen": field(kept(collagen), "1", "Arrhenius integral, collagen (saturates at 1e6)"),
            "living": field(state.living, "1", "share of the cell that was living tissue"),
            "surface": (("r",), f.surface, {"units": "m", "long_name": "depth of the crater floor"}),
        },
        coords={
            "r": ("r", grid.r_mid, {"units": "m", "long_name": "distance from the axis", "axis": "X"}),
            "z": (
                "z",
                grid.z_mid,
                {
                    "units": "m",
                    "long_name": "depth",
                    "positive": "down",
                    "axis": "Z",
                    "standard_name": "depth",
                },
            ),
        },
        attrs={
            "Conventions": "CF-1.11",
            "title": "Simulated laser exposure of skin",
            "source": f"milia {simulation.provenance['version']}",
            "simulated_time_s": state.time_s,
            **{key: float(value) for key, value in state.energy().to_dict().items()},
        },
    )


def write_netcdf(simulation: Simulation, path: str) -> None:
    """Write the fields to ``path`` (.nc), whole or not at all."""
    if Path(path).suffix != ".nc":
        raise InputError(
            "the name of a fields file must end in .nc", key="--save", value=path, accepted="NAME.nc"
        )
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "fields.nc"
        dataset(simulation).to_netcdf(made, engine="netcdf4")
        write_atomically(path, made.read_bytes())


def figure(simulation: Simulation) -> Figure:
    """Draw highest temperature with damage contours, the crater floor and the cyst's outline."""
    from matplotlib.figure import Figure

    data = dataset(simulation)
    crater = simulation.crater
    fig = Figure(figsize=(6.4, 4.8), layout="constrained")
    axes = fig.subplots()
    wide = 1e6 * max(crater.wound_width, crater.width, 2e-4) * 0.8
    deep = 1e6 * max(crater.depth, crater.harm_depth, 1e-4) * 1.4
    r, z = 1e6 * data.r.values, 1e6 * data.z.values
    values = np.concatenate([data.highest_temperature.values[::-1], data.highest_temperature.values])
    image = axes.pcolormesh(np.concatenate([-r[::-1], r]), z, values.T, shading="nearest", cmap="inferno")
    fig.colorbar(image, label="highest temperature [°C]")
    omega = np.concatenate([data.damage_cell_death.values[::-1], data.damage_cell_death.values])
    axes.contour(
        np.concatenate([-r[::-1], r]), z, np.nan_to_num(omega.T, nan=0.0), levels=[1.0], colors="white"
    )
    cyst = simulation.exposure.tissue.cyst
    if cyst:
        angle = np.linspace(0, 2 * np.pi, 200)
        radius = 0.5e6 * cyst.diameter_m
        axes.plot(radius * np.sin(angle), 1e6 * cyst.roof_m + radius - radius * np.cos(angle), "c--", lw=1)
    axes.set(xlim=(-wide, wide), ylim=(deep, 0), xlabel="r [µm]", ylabel="depth [µm]", aspect="equal")
    axes.set_title("damage Ω = 1 in white; removed tissue blank")
    return fig
