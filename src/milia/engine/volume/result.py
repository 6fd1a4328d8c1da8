"""What a three-dimensional simulation gives back: an axisymmetric one's answers, for every spot and cyst."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from milia.base import InputError
from milia.engine.result import SCHEMA_VERSION, Simulation
from milia.engine.volume.measure import LesionWound, SpotWound, Wound
from milia.engine.volume.solver import VolumeRun

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure


def wound_numbers(run: VolumeRun) -> dict[str, float]:
    """The five reported numbers, each of the spot in which it is largest."""
    wound = run.wound
    return {
        "crater_depth_um": 1e6 * wound.depth,
        "crater_width_um": 1e6 * wound.width,
        "rtd_floor_um": 1e6 * wound.rtd_floor,
        "rtd_wall_um": 1e6 * wound.rtd_wall,
        "peak_temperature_degC": run.peak_degC,
    }


def _spot(wound: SpotWound) -> dict[str, float]:
    return {
        "x_um": 1e6 * wound.spot.x_m,
        "y_um": 1e6 * wound.spot.y_m,
        "crater_depth_um": 1e6 * wound.depth,
        "crater_width_um": 1e6 * wound.width,
        "crater_long_axis_um": 1e6 * wound.long,
        "crater_short_axis_um": 1e6 * wound.short,
        "rtd_floor_um": 1e6 * wound.rtd_floor,
        "rtd_wall_um": 1e6 * wound.rtd_wall,
        "harm_depth_um": 1e6 * wound.harm_depth,
    }


def _lesion(wound: LesionWound) -> dict[str, float]:
    return {
        "x_um": 1e6 * wound.lesion.x_m,
        "y_um": 1e6 * wound.lesion.y_m,
        "opening_um": 1e6 * wound.opening,
        "lateral_damage_um": 1e6 * wound.lateral_damage,
        "damage_below_um": 1e6 * wound.below,
    }


@dataclass(frozen=True, eq=False)
class VolumeSimulation(Simulation):
    """A three-dimensional exposure and its wound; with ``members``, the same for draws of the parameters."""

    run: VolumeRun  # type: ignore[assignment]  # whatever of it an axisymmetric run has otherwise is overridden

    @property
    def crater(self) -> Wound:  # type: ignore[override]
        """The wound at central parameters."""
        return self.run.wound

    @property
    def central(self) -> dict[str, float]:
        """The reported numbers at central parameters."""
        return wound_numbers(self.run)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of ``milia simulate``, with every spot, every cyst and the free edge."""
        intervals = self.intervals
        shown: dict[str, Any] = (
            {key: value.to_dict() for key, value in intervals.items()} if intervals else dict(self.central)
        )
        wound = self.run.wound
        made = {
            "schema_version": SCHEMA_VERSION,
            "geometry": "3d",
            **shown,
            "energy": self.run.state.energy().to_dict(),
            "status": self.status,
            "statistics": self.statistics,
            "pulses": [
                {
                    "pulses": number,
                    "spot": look.spot + 1,
                    "crater_depth_um": 1e6 * look.depth,
                    "crater_width_um": 1e6 * look.width,
                }
                for number, look in enumerate(self.run.looks, start=1)
            ],
            "spots": [_spot(spot) for spot in wound.spots],
            "lesions": [_lesion(lesion) for lesion in wound.lesions],
        }
        if wound.edge_clearance is not None:
            made["edge"] = {"living_tissue_left_um": 1e6 * wound.edge_clearance}
        return {**made, "warnings": list(self.warnings), "provenance": dict(self.provenance)}

    def to_xarray(self) -> xarray.Dataset:
        """The fields at the end over (x, y, z), the maps of crater and harm over (x, y), CF style."""
        from milia.engine.volume.fields import dataset

        return dataset(self)

    def history(self, points_um: Sequence[tuple[float, float]] = ()) -> xarray.Dataset:
        """The hottest temperature when each pulse begins, ends, and has cooled."""
        from milia.engine.volume.fields import history

        _no_points(points_um)
        return history(self)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        points_um: Sequence[tuple[float, float]] = (),
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Write fields and history as NetCDF (.nc) or Zarr (.zarr), whole or not at all."""
        from milia.engine.storage import check_fields_target, write_fields

        check_fields_target(path)
        write_fields(self.to_xarray().merge(self.history(points_um)), path)
        if progress:
            progress(1.0)

    def animate(
        self,
        path: str | os.PathLike[str],
        *,
        frames: int = 80,  # noqa: ARG002
        progress: Callable[[float], None] | None = None,  # noqa: ARG002
    ) -> None:
        """Refuse: only an axisymmetric exposure is drawn as a moving cross-section."""
        problem = "a three-dimensional exposure has no moving cross-section"
        accepted = "an exposure without geometry: 3d; this one has plot('map') and plot('section')"
        raise InputError(problem, key="animate", value=os.fspath(path), accepted=accepted)

    def plot(self, kind: str = "section") -> Figure:
        """Draw a ``section`` through the deepest spot, or the ``map`` of crater and harm seen from above."""
        from milia.engine.volume.plots import plot

        return plot(self, kind)


def _no_points(points_um: Sequence[tuple[float, float]]) -> None:
    if len(points_um):
        problem = "points are followed in axisymmetric exposures only"
        raise InputError(problem, key="points_um", value=str(list(points_um)), accepted="no points")
