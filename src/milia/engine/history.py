"""What happened during an exposure, step by step: temperatures at points, the hottest cell, the crater."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError, MiliaError
from milia.engine.exposure import Exposure
from milia.engine.grid import Grid
from milia.engine.kernels import arrays
from milia.engine.solver import Run, march
from milia.engine.state import State, initial_state

if TYPE_CHECKING:
    import xarray

    from milia.engine.result import Simulation

ZERO_CELSIUS_K = 273.15
Told = Callable[[float], None]


@dataclass(frozen=True)
class Shot:
    """One pulse on the run's clock, s: light goes on, goes off, and the next pulse or the end comes."""

    number: int
    on_s: float
    off_s: float
    end_s: float


def shots(run: Run) -> tuple[Shot, ...]:
    """Return when each pulse of a run shone; between passes the clock stands while the tissue rests."""
    times = run.history.time_s
    return tuple(
        Shot(number + 1, times[2 * number], times[2 * number + 1], times[2 * number + 2])
        for number in range(len(run.craters))
    )


def replay(simulation: Simulation, observe: Callable[[State], None], *, progress: Told | None = None) -> None:
    """Fire a simulation's exposure again at central parameters, and show ``observe`` every time step.

    The same input gives the same bits, so that what is seen is what the simulation's numbers came from.

    Raises
    ------
    MiliaError
        If it does not: then the simulation comes from another version, or was made with other settings.
    """
    spec, done = simulation.exposure, simulation.run
    exposure = Exposure(spec.tissue, spec.beam, spec.train, spec.initial_temperature_K)
    state = initial_state(
        exposure.tissue,
        done.state.grid,
        initial_K=exposure.initial_K,
        water_scale=exposure.water_scale,
        parameters=simulation.parameters,
    )

    def seen(now: State) -> None:
        observe(now)
        if progress:
            progress(min(now.time_s / done.state.time_s, 1.0))

    observe(state)
    march(state, spec.beam, spec.train, simulation.parameters, observe=seen)
    if not np.array_equal(state.ledger, done.state.ledger):
        raise MiliaError("the exposure, fired again, went another way: it was simulated with other settings")


def history(
    simulation: Simulation, points_um: Sequence[tuple[float, float]] = (), *, progress: Told | None = None
) -> xarray.Dataset:
    """Return temperatures and crater depth after every time step as labelled arrays with units.

    Parameters
    ----------
    simulation
        What was simulated; it is fired again, which takes as long as it took.
    points_um
        Points to follow: distance from the axis and depth [µm].
    progress
        Called with the share done.

    Returns
    -------
    xarray.Dataset
        Over ``elapsed_time`` [s]: ``hottest_temperature`` of all tissue, ``floor_temperature`` of surface or
        floor on the axis, ``crater_depth``, and ``point_temperature``, NaN once the point has been removed.
    """
    import xarray as xr

    probes = [_Probe.at(simulation.run.state.grid, point) for point in points_um]
    times: list[float] = []
    rows: list[list[float]] = []
    followed: list[list[float]] = []
    celsius = simulation.run.state.initial_K - ZERO_CELSIUS_K

    def note(state: State) -> None:
        f = state.fields
        times.append(state.time_s)
        hottest = float(state.ledger[arrays.HOTTEST])
        rows.append([hottest, float(f.rise[0, f.top[0]]), float(f.surface.max())])
        followed.append([probe.rise(state) for probe in probes])

    replay(simulation, note, progress=progress)
    table = np.array(rows)
    return xr.Dataset(
        {
            "hottest_temperature": _temperature(table[:, 0] + celsius, "temperature of the hottest tissue"),
            "floor_temperature": _temperature(
                table[:, 1] + celsius, "temperature of the surface or floor on the axis"
            ),
            "crater_depth": (
                ("elapsed_time",),
                table[:, 2],
                {"units": "m", "long_name": "deepest point of the crater floor"},
            ),
            "point_temperature": (
                ("elapsed_time", "point"),
                np.array(followed).reshape(len(times), len(probes)) + celsius,
                {
                    "units": "degC",
                    "units_metadata": "temperature: on_scale",
                    "long_name": "temperature at a point, missing once it has been removed",
                },
            ),
        },
        coords={
            "elapsed_time": (
                "elapsed_time",
                np.array(times),
                {"units": "s", "long_name": "time since the first pulse began, without rests between passes"},
            ),
            "point_r": (
                "point",
                1e-6 * np.array([point[0] for point in points_um], dtype=float),
                {"units": "m", "long_name": "distance of the point from the axis"},
            ),
            "point_z": (
                "point",
                1e-6 * np.array([point[1] for point in points_um], dtype=float),
                {"units": "m", "long_name": "depth of the point", "positive": "down"},
            ),
        },
    )


def _temperature(
    values: NDArray[np.float64], name: str
) -> tuple[tuple[str], NDArray[np.float64], dict[str, str]]:
    attributes = {"units": "degC", "units_metadata": "temperature: on_scale", "long_name": name}
    return ("elapsed_time",), values, attributes


@dataclass(frozen=True)
class _Probe:
    """A point between the centres of up to four cells, with their weights, and the cell that it lies in."""

    cells: tuple[tuple[int, int, float], ...]
    own: tuple[int, int]
    depth: float

    @classmethod
    def at(cls, grid: Grid, point_um: tuple[float, float]) -> _Probe:
        r, z = (1e-6 * float(value) for value in point_um)
        if not (math.isfinite(r) and math.isfinite(z) and 0.0 <= r < grid.r[-1] and 0.0 <= z < grid.z[-1]):
            raise InputError(
                "this point is not in the tissue",
                key="points_um",
                value=f"({point_um[0]:g}, {point_um[1]:g})",
                accepted=f"up to {1e6 * grid.r[-1]:.0f} µm off the axis and {1e6 * grid.z[-1]:.0f} µm deep",
            )
        beside = _between(grid.r_mid, r)
        below = _between(grid.z_mid, z)
        cells = tuple((i, k, a * b) for i, a in beside for k, b in below if a * b > 0.0)
        own = (
            int(np.searchsorted(grid.r, r, side="right")) - 1,
            int(np.searchsorted(grid.z, z, side="right")) - 1,
        )
        return cls(cells, own, z)

    def rise(self, state: State) -> float:
        """Return the rise [K]: interpolated, beside a removed cell its own cell's, NaN where it has gone."""
        f = state.fields
        i, k = self.own
        if k < f.top[i] or self.depth < f.surface[i]:
            return math.nan
        if any(row < f.top[column] for column, row, _ in self.cells):
            return float(f.rise[i, k])
        return float(sum(weight * f.rise[column, row] for column, row, weight in self.cells))


def _between(centres: NDArray[np.float64], at: float) -> tuple[tuple[int, float], ...]:
    """Return the two neighbouring centres with linear weights; beyond the first or last, that one alone."""
    high = int(np.searchsorted(centres, at))
    if high == 0 or high == len(centres):
        return ((min(high, len(centres) - 1), 1.0),)
    share = (at - centres[high - 1]) / (centres[high] - centres[high - 1])
    return (high - 1, 1.0 - share), (high, float(share))
