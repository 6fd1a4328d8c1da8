"""What a simulation gives back: numbers with intervals, labelled fields, pictures, a notebook view."""

from __future__ import annotations

import html
from collections.abc import Mapping
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

    def to_dict(self) -> dict[str, Any]:
        """The JSON of ``milia simulate``."""
        intervals = self.intervals
        shown: dict[str, Any] = (
            {key: value.to_dict() for key, value in intervals.items()} if intervals else dict(self.central)
        )
        ledger = self.run.state.energy()
        return {
            "schema_version": SCHEMA_VERSION,
            **shown,
            "energy": ledger.to_dict(),
            "status": self.run.status,
            "statistics": {
                "steps": self.run.steps,
                "cells": int(np.prod(self.run.state.grid.shape)),
                "simulated_time_s": self.run.state.time_s,
                "ledger_imbalance": ledger.imbalance,
                "members": len(self.members),
            },
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
        """The fields as labelled arrays with units, CF style: temperature, water, damage, presence."""
        from milia.engine.fields import dataset

        return dataset(self)

    def save(self, path: str) -> None:
        """Write the fields as NetCDF, whole or not at all."""
        from milia.engine.fields import write_netcdf

        write_netcdf(self, path)

    def plot(self) -> Figure:
        """Draw the cross-section: highest temperature, damage contour, crater and cyst."""
        from milia.engine.fields import figure

        return figure(self)

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
