"""A three-dimensional simulation as labelled arrays with units, after the CF conventions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from milia.engine.fields import ON_SCALE, ZERO_CELSIUS_K
from milia.engine.kernels.arrays import SATURATED_OMEGA

if TYPE_CHECKING:
    import xarray

    from milia.engine.volume.result import VolumeSimulation

Variable = tuple[tuple[str, ...], NDArray[np.float64], dict[str, str]]


def dataset(simulation: VolumeSimulation) -> xarray.Dataset:
    """Return the final fields over (x, y, z) and the maps seen from above; what has left is missing."""
    import xarray as xr

    state, wound = simulation.run.state, simulation.run.wound
    f, gone = state.fields, ~state.present()
    celsius = state.initial_K - ZERO_CELSIUS_K

    def field(values: NDArray[np.float64], name: str, **attributes: str) -> Variable:
        kept = np.asarray(values, dtype=float).copy()
        kept[gone] = np.nan
        return ("x", "y", "z"), kept, {"long_name": name, **attributes}

    def seen(values: NDArray[np.float64], name: str) -> Variable:
        return ("x", "y"), values.copy(), {"units": "m", "long_name": name, "positive": "down"}

    return xr.Dataset(
        {
            "temperature": field(f.rise + celsius, "temperature at the end", **ON_SCALE),
            "highest_temperature": field(
                f.rise_max + celsius,
                "highest temperature that was reached, where above 43 degC",
                **ON_SCALE,
                cell_methods="time: maximum",
            ),
            "water": field(f.water, "mass of water per volume of tissue", units="kg m-3"),
            "damage_cell_death": field(
                np.minimum(f.omega, SATURATED_OMEGA),
                "Arrhenius integral of cell death, at most 1e6",
                units="1",
            ),
            "damage_collagen": field(
                np.minimum(f.omega_collagen, SATURATED_OMEGA),
                "Arrhenius integral of collagen denaturation, at most 1e6",
                units="1",
            ),
            "living": (
                ("x", "y", "z"),
                state.living.copy(),
                {"units": "1", "long_name": "share of the cell that was living tissue at first"},
            ),
            "surface": seen(wound.surface, "depth of the crater floor"),
            "harm": seen(wound.harm, "depth down to which living tissue is lost"),
        },
        coords=_coordinates(simulation),
        attrs={
            "Conventions": "CF-1.11",
            "title": "Simulated laser exposure of skin, three-dimensional",
            "source": f"milia {simulation.provenance['version']}",
            "comment": " ".join(simulation.warnings),
            "status": simulation.status,
            **simulation.statistics,
            **{key: float(value) for key, value in state.energy().to_dict().items()},
        },
    )


def history(simulation: VolumeSimulation) -> xarray.Dataset:
    """Return the hottest temperature at the start, and at the end of every pulse and of what followed it."""
    import xarray as xr

    run = simulation.run
    spans = np.arange(len(run.history.time_s))
    return xr.Dataset(
        {
            "hottest_temperature": (
                ("span",),
                np.array(run.history.hottest_degC),
                {**ON_SCALE, "long_name": "temperature of the hottest tissue"},
            ),
            "elapsed_time": (
                ("span",),
                np.array(run.history.time_s),
                {"units": "s", "long_name": "time since the first pulse began, without rests between passes"},
            ),
        },
        coords={"span": ("span", spans, {"units": "1", "long_name": "spans of light and dark so far"})},
    )


def _coordinates(simulation: VolumeSimulation) -> dict[str, Any]:
    grid = simulation.run.state.grid
    made: dict[str, Any] = {}
    for name, edges, middles in (
        ("x", grid.x, grid.x_mid),
        ("y", grid.y, grid.y_mid),
        ("z", grid.z, grid.z_mid),
    ):
        told = {"units": "m", "axis": name.upper(), "bounds": f"{name}_bounds"}
        if name == "z":
            told |= {"long_name": "depth", "standard_name": "depth", "positive": "down"}
        else:
            told["long_name"] = f"distance along {name}"
        made[name] = (name, middles, told)
        made[f"{name}_bounds"] = ((name, "edge"), np.stack([edges[:-1], edges[1:]], axis=1))
    return made
