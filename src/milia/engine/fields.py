"""A simulation as labelled arrays with units, after the CF conventions.

Standard names are given where the CF table has one (depth); other quantities of heated tissue have none there
and carry a long name. Cells that have been removed are missing values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from milia.engine.kernels.arrays import SATURATED_OMEGA

if TYPE_CHECKING:
    import xarray

    from milia.engine.result import Simulation

Variable = tuple[tuple[str, ...], NDArray[np.float64], dict[str, str]]

ZERO_CELSIUS_K = 273.15
ON_SCALE = {"units": "degC", "units_metadata": "temperature: on_scale"}


def dataset(simulation: Simulation) -> xarray.Dataset:
    """Return the final fields on the (r, z) grid, the crater after each pulse, and the members' numbers."""
    import xarray as xr

    return xr.Dataset(
        {**_fields(simulation), **_craters(simulation), **_members(simulation), **_bounds(simulation)},
        coords=_coordinates(simulation),
        attrs=_attributes(simulation),
    )


def whole(simulation: Simulation, history: xarray.Dataset) -> xarray.Dataset:
    """Return fields and history in one dataset, as it is written to a file."""
    merged = dataset(simulation).merge(history)
    # arrays without a point make some readers stumble, and say nothing
    empty = [name for name, values in merged.variables.items() if "point" in values.dims and not values.size]
    return merged.drop_vars(empty)


def _fields(simulation: Simulation) -> dict[str, Variable]:
    state = simulation.run.state
    f, grid = state.fields, state.grid
    gone = np.arange(grid.shape[1])[None, :] < f.top[:, None]
    celsius = state.initial_K - ZERO_CELSIUS_K

    def field(values: NDArray[np.float64], name: str, **attributes: str) -> Variable:
        kept = np.asarray(np.where(gone, np.nan, values), dtype=float)
        return ("r", "z"), kept, {"long_name": name, **attributes}

    return {
        "temperature": field(f.rise + celsius, "temperature at the end", **ON_SCALE),
        "highest_temperature": field(
            f.rise_max + celsius,
            "highest temperature that was reached, where above 43 degC",
            **ON_SCALE,
        ),
        "water": field(f.water, "mass of water per volume of tissue", units="kg m-3"),
        "damage_cell_death": field(
            np.minimum(f.omega, SATURATED_OMEGA), "Arrhenius integral of cell death, at most 1e6", units="1"
        ),
        "damage_collagen": field(
            np.minimum(f.omega_collagen, SATURATED_OMEGA),
            "Arrhenius integral of collagen denaturation, at most 1e6",
            units="1",
        ),
        "living": (
            ("r", "z"),
            state.living.copy(),
            {"units": "1", "long_name": "share of the cell that was living tissue at first"},
        ),
        "surface": (
            ("r",),
            f.surface.copy(),
            {"units": "m", "long_name": "depth of the crater floor", "positive": "down"},
        ),
    }


def _craters(simulation: Simulation) -> dict[str, Variable]:
    craters = simulation.run.craters

    def each(values: list[float], name: str) -> Variable:
        return ("pulse",), np.array(values), {"units": "m", "long_name": f"{name} after each pulse"}

    return {
        "surface_after_pulse": (
            ("pulse", "r"),
            np.array([crater.surface for crater in craters]),
            {"units": "m", "long_name": "depth of the crater floor after each pulse", "positive": "down"},
        ),
        "crater_depth_after_pulse": each([crater.depth for crater in craters], "crater depth"),
        "crater_width_after_pulse": each([crater.width for crater in craters], "crater width at the surface"),
        "rtd_floor_after_pulse": each(
            [crater.rtd_floor for crater in craters], "thermal damage below the floor"
        ),
        "rtd_wall_after_pulse": each(
            [crater.rtd_wall for crater in craters], "thermal damage beside the wall"
        ),
    }


def _members(simulation: Simulation) -> dict[str, Variable]:
    if not simulation.members:
        return {}
    made: dict[str, Variable] = {}
    for key in simulation.members[0]:
        name, _, unit = key.rpartition("_")
        attributes = {"units": "um"} if unit == "um" else dict(ON_SCALE)
        values = np.array([member[key] for member in simulation.members])
        made[f"member_{name}"] = (
            ("member",),
            values,
            {**attributes, "long_name": f"{name.replace('_', ' ')} of each draw of the uncertain parameters"},
        )
    return made


def _coordinates(simulation: Simulation) -> dict[str, Any]:
    grid = simulation.run.state.grid
    pulses = np.arange(1, len(simulation.run.craters) + 1)
    depth = {"units": "m", "long_name": "depth", "standard_name": "depth", "positive": "down", "axis": "Z"}
    return {
        "r": (
            "r",
            grid.r_mid,
            {"units": "m", "long_name": "distance from the axis", "bounds": "r_bounds"},
        ),
        "z": ("z", grid.z_mid, {**depth, "bounds": "z_bounds"}),
        "pulse": ("pulse", pulses, {"units": "1", "long_name": "number of pulses so far"}),
    }


def _bounds(simulation: Simulation) -> dict[str, Any]:
    grid = simulation.run.state.grid
    return {
        "r_bounds": (("r", "edge"), np.stack([grid.r[:-1], grid.r[1:]], axis=1)),
        "z_bounds": (("z", "edge"), np.stack([grid.z[:-1], grid.z[1:]], axis=1)),
    }


def _attributes(simulation: Simulation) -> dict[str, Any]:
    version = simulation.provenance["version"]
    told = dict(simulation.statistics)
    return {
        "Conventions": "CF-1.11",
        "title": "Simulated laser exposure of skin",
        "source": f"milia {version}",
        "history": f"simulated by milia {version}",
        "comment": " ".join(simulation.warnings),
        "status": simulation.status,
        **told,
        **{key: float(value) for key, value in simulation.run.state.energy().to_dict().items()},
    }
