"""What a simulation gives back: numbers with intervals, labelled arrays, pictures, a notebook view."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from milia.base import Interval
from milia.engine.exposure_file import ExposureSpec
from milia.engine.measure import Crater
from milia.engine.parameters import Parameters
from milia.engine.solver import Run

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

SCHEMA_VERSION = "1.0"
REPORTED = ("crater_depth_um", "crater_width_um", "rtd_floor_um", "rtd_wall_um", "peak_temperature_degC")


def crater_numbers(run: Run) -> dict[str, float]:
    """The five reported numbers of one run, under their JSON keys."""
    crater = run.craters[-1]
    return {
        "crater_depth_um": 1e6 * crater.depth,
        "crater_width_um": 1e6 * crater.width,
        "rtd_floor_um": 1e6 * crater.rtd_floor,
        "rtd_wall_um": 1e6 * crater.rtd_wall,
        "peak_temperature_degC": run.peak_degC,
    }


@dataclass(frozen=True, eq=False)
class Simulation:
    """One exposure and its crater; with ``members``, the same for draws of the uncertain parameters."""

    exposure: ExposureSpec
    parameters: Parameters
    run: Run
    members: tuple[Mapping[str, float], ...]
    warnings: tuple[str, ...]
    provenance: Mapping[str, Any]

    @property
    def crater(self) -> Crater:
        """The final crater at central parameters."""
        return self.run.craters[-1]

    @property
    def central(self) -> dict[str, float]:
        """The reported numbers at central parameters."""
        return crater_numbers(self.run)

    @property
    def intervals(self) -> dict[str, Interval] | None:
        """90 % intervals over the members, or nothing when no uncertainty was asked for."""
        if not self.members:
            return None
        return {key: Interval.of([member[key] for member in self.members]) for key in REPORTED}

    @property
    def status(self) -> str:
        """How the run ended; one that could not go on raises instead."""
        return self.run.status

    @property
    def statistics(self) -> dict[str, float | int]:
        """What the computation took, and how well its energy ledger closes.

        No step is ever rejected: the method is L-stable, and what a step changed sets the next one's length.
        """
        state = self.run.state
        return {
            "steps": self.run.steps,
            "rejected_steps": 0,
            "cells": int(np.prod(state.grid.shape)),
            "simulated_time_s": state.time_s,
            "ledger_imbalance": state.energy().imbalance,
            "members": len(self.members),
        }

    def to_dict(self) -> dict[str, Any]:
        """The JSON of ``milia simulate``."""
        intervals = self.intervals
        shown: dict[str, Any] = (
            {key: value.to_dict() for key, value in intervals.items()} if intervals else dict(self.central)
        )
        return {
            "schema_version": SCHEMA_VERSION,
            **shown,
            "energy": self.run.state.energy().to_dict(),
            "status": self.status,
            "statistics": self.statistics,
            "pulses": [
                {
                    "pulses": number,
                    "crater_depth_um": 1e6 * crater.depth,
                    "crater_width_um": 1e6 * crater.width,
                }
                for number, crater in enumerate(self.run.craters, start=1)
            ],
            "warnings": list(self.warnings),
            "provenance": dict(self.provenance),
        }

    def to_xarray(self) -> xarray.Dataset:
        """The fields at the end as labelled arrays with units, CF style, and the crater after each pulse."""
        from milia.engine.fields import dataset

        return dataset(self)

    def history(self, points_um: Sequence[tuple[float, float]] = ()) -> xarray.Dataset:
        """Temperatures, also at ``points_um`` (r, z), and crater depth after every time step."""
        from milia.engine.history import history

        return history(self, points_um)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        points_um: Sequence[tuple[float, float]] = (),
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Write fields and history as NetCDF (.nc) or Zarr (.zarr), whole or not at all."""
        from milia.engine.fields import whole
        from milia.engine.history import history
        from milia.engine.storage import check_fields_target, write_fields

        check_fields_target(path)
        write_fields(whole(self, history(self, points_um, progress=progress)), path)

    def animate(
        self,
        path: str | os.PathLike[str],
        *,
        frames: int = 80,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Write the cross-section through heating and cooling as .gif, .html or .mp4, whole or not at all."""
        from milia.engine.animate import animate

        animate(self, path, frames=frames, progress=progress)

    def plot(self, kind: str = "section") -> Figure:
        """Draw the ``section``, the ``history`` of temperatures, or the ``damage``."""
        from milia.engine.plots import plot

        return plot(self, kind)

    def _repr_html_(self) -> str:
        rows = []
        for key, value in self.to_dict().items():
            if key in REPORTED:
                text = (
                    f"{value['p50']:.4g} ({value['p05']:.4g} to {value['p95']:.4g})"
                    if isinstance(value, dict)
                    else f"{value:.4g}"
                )
                rows.append(f"<tr><th>{html.escape(key)}</th><td>{text}</td></tr>")
        return f"<table><caption>milia simulation</caption>{''.join(rows)}</table>"
