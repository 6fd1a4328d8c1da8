"""The parameter set of one device: that of its wavelength, moved by what the clinic's own shots said."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError
from milia.calibration.draws import Z_90, Marginal
from milia.calibration.posterior import ENERGY_SCALE_NAME, ParameterSet
from milia.calibration.sets import parameter_set
from milia.laser import Calibrated, Device

Array = NDArray[np.float64]
ROUNDING = 0.01
LEAST_EIGENVALUE = 1e-6


def device_set(device: Device) -> ParameterSet:
    """Return what the uncertain parameters of a device's simulations are drawn from.

    The parameter set of its wavelength; for a calibrated device with the parameters as its shots left them,
    with how these hang together with the energy, and with the scatter that they left in place of that between
    published studies.

    Raises
    ------
    InputError
        If the profile was made with another parameter set, or names a parameter that there is not.
    """
    known = parameter_set(device.wavelength_m)
    told = device.calibrated
    if told is None:
        return known
    if told.parameter_set != known.name:
        raise InputError(
            f"the calibration of {device.title} began with another parameter set; calibrate it again",
            key="device.calibrated.parameter_set",
            value=told.parameter_set,
            accepted=known.name,
        )
    tables = dict(told.parameters)
    for name in tables:
        if name not in known.names or name == ENERGY_SCALE_NAME:
            raise InputError(
                "this parameter is not calibrated by a clinic",
                key=f"device.calibrated.parameters.{name}",
                accepted=", ".join(n for n in known.names if n != ENERGY_SCALE_NAME),
            )
    spread = math.hypot(told.energy_spread, told.simulation_scatter)
    marginals = tuple(_with(m, tables, spread) for m in known.marginals)
    name = f"{known.name}+{device.name}"
    return replace(known, name=name, marginals=marginals, correlation=_joined(known, told, spread))


def _joined(known: ParameterSet, told: Calibrated, spread: float) -> Array:
    """Return the set's correlation with the calibrated block in it; the blocks do not hang together.

    The energy's column is weakened by the scatter that is added to it, which hangs on nothing.
    """
    names = [*(name for name, _ in told.parameters), ENERGY_SCALE_NAME]
    at = np.array([known.names.index(name) for name in names])
    block = np.eye(len(names))
    for row, values in enumerate(told.correlation, start=1):
        block[row, :row] = block[:row, row] = values
    weaker = told.energy_spread / spread if spread > 0.0 else 0.0
    block[-1, :-1] *= weaker
    block[:-1, -1] *= weaker
    made = known.correlation.copy()
    made[at, :] = made[:, at] = 0.0
    made[np.ix_(at, at)] = block
    least = float(np.linalg.eigvalsh(made).min())
    if least < LEAST_EIGENVALUE:
        # rounded numbers may leave the cone by a hair; more than that is not a correlation
        if least < -ROUNDING:
            raise InputError(
                "these numbers are not a correlation", key="device.calibrated.correlation",
                accepted="as `milia calibrate` wrote them",
            )  # fmt: skip
        made = (made + ROUNDING * np.eye(len(made))) / (1.0 + ROUNDING)
    return np.asarray(made)


def _with(marginal: Marginal, tables: Mapping[str, tuple[float, ...]], spread: float) -> Marginal:
    if marginal.name == ENERGY_SCALE_NAME:
        if spread <= 0.0:
            return replace(marginal, kind="fixed", a=1.0, table=())
        return replace(marginal, kind="lognormal", a=1.0, b=math.exp(Z_90 * spread), table=())
    if marginal.name in tables:
        return replace(marginal, kind="empirical", a=0.0, b=0.0, table=tables[marginal.name])
    return marginal
