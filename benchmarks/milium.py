"""A whole exposure of a milium, one to five pulses cooled to 45 °C: time, and error against a finer grid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from benchmarks.machine import best
from milia.calibration.sets import CO2_M, central_parameters
from milia.engine import (
    FINE,
    PLANNING,
    QUICK,
    Accuracy,
    Crater,
    Exposure,
    GridRule,
    Run,
    march,
    start,
)
from milia.laser import Beam, PulseTrain
from milia.skin import Cyst, Tissue, site, tissue_at

CYST = Cyst(diameter_m=1e-3, roof_m=90e-6)
PULSES = 5
MODES: dict[str, tuple[GridRule, Accuracy]] = {"planning": (PLANNING, QUICK), "fine": (FINE, Accuracy())}


@dataclass(frozen=True)
class Case:
    """What is fired: 0.2 mm wide, 10 mJ of 1 ms every 100 ms, into a cheek with or without a milium."""

    cyst: bool = True
    pulses: int = PULSES

    def tissue(self) -> Tissue:
        return tissue_at(site("cheek"), cyst=CYST if self.cyst else None)

    def fire(self, rule: GridRule, accuracy: Accuracy) -> Run:
        beam = Beam(spot_diameter_m=200e-6)
        train = PulseTrain(pulse_energy_J=10e-3, pulse_duration_s=1e-3, pulses=self.pulses, interval_s=0.1)
        parameters = central_parameters(CO2_M)
        state = start(Exposure(self.tissue(), beam, train, 306.15), parameters, rule=rule)
        return march(state, beam, train, parameters, accuracy=accuracy)


def refined(factor: float) -> tuple[GridRule, Accuracy]:
    """Return a grid with cells and steps ``factor`` times smaller than the fine ones."""
    rule = replace(
        FINE,
        cells_per_radius=round(FINE.cells_per_radius * factor),
        fine_z=FINE.fine_z / factor,
        coarse_z=FINE.coarse_z / factor,
        growth=FINE.growth ** (1.0 / factor),
    )
    return rule, Accuracy().finer(factor)


def numbers(crater: Crater) -> dict[str, float]:
    """Return what is compared, µm."""
    return {
        "depth_um": 1e6 * crater.depth,
        "width_um": 1e6 * crater.width,
        "harm_depth_um": 1e6 * crater.harm_depth,
        "rtd_floor_um": 1e6 * crater.rtd_floor,
        "rtd_wall_um": 1e6 * crater.rtd_wall,
    }


def errors(found: Run, reference: Run) -> dict[str, float]:
    """Return the largest error after any of the pulses: depths in %, damaged layers in µm."""
    pairs = [(numbers(a), numbers(b)) for a, b in zip(found.craters, reference.craters, strict=True)]
    made = {
        f"{key.removesuffix('_um')}_percent": max(100.0 * abs(a[key] / b[key] - 1.0) for a, b in pairs)
        for key in ("depth_um", "width_um", "harm_depth_um")
    }
    for key in ("harm_depth_um", "rtd_floor_um", "rtd_wall_um"):
        made[key] = max(abs(a[key] - b[key]) for a, b in pairs)
    return made


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Return processor times for one to five pulses, each on one thread, and the errors of each mode."""
    made: dict[str, Any] = {"pulses": {}, "errors": {}}
    for count in range(1, PULSES + 1):
        case = Case(pulses=count)
        made["pulses"][str(count)] = {
            name: {
                "processor_s": best(partial(case.fire, *mode), 3),
                **_size(case.fire(*mode)),
            }
            for name, mode in MODES.items()
        }
    factors = (1.5, 2.0) if quick else (2.0, 3.0)
    for name, cyst in (("milium", True), ("plain skin", False)):
        case = Case(cyst=cyst)
        nearly, reference = (case.fire(*refined(factor)) for factor in factors)
        made["errors"][name] = {
            "reference": {"times_finer": factors[1], **numbers(reference.craters[-1])},
            f"{factors[0]:g} times finer": errors(nearly, reference),
            **{mode: errors(case.fire(*MODES[mode]), reference) for mode in MODES},
        }
    return made


def _size(run: Run) -> dict[str, float]:
    nr, nz = run.state.grid.shape
    return {"steps": run.steps, "cells": nr * nz, "depth_um": 1e6 * run.craters[-1].depth}
