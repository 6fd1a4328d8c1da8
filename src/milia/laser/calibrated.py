"""What a clinic's own shots and outcomes said about a device, as `milia calibrate` writes it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from milia.base import (
    InputError,
    as_list,
    as_mapping,
    check_keys,
    one_line,
    parse_quantity,
    parse_whole,
    require,
)

KEYS = (
    *("parameter_set", "shots", "lesions", "energy_spread", "simulation_scatter"),
    *("parameters", "correlation"),
)
MOST_QUANTILES = 200


@dataclass(frozen=True)
class Calibrated:
    """The result of a calibration beyond the delivered fraction.

    Parameters
    ----------
    parameter_set
        Name of the engine's parameter set that it began with; with another one it is worth nothing.
    shots, lesions
        How many test shots and treated lesions it rests on [-].
    energy_spread
        Standard deviation of the natural logarithm of the delivered fraction [-].
    simulation_scatter
        What is left between simulated and real craters, as a natural logarithm of the energy [-].
    parameters
        Evenly spaced quantiles of the engine's parameters after it, by name, SI.
    correlation
        Of normal scores, rows below the diagonal: the parameters in their order, the delivered fraction last.
    """

    parameter_set: str
    shots: int
    lesions: int
    energy_spread: float
    simulation_scatter: float
    parameters: tuple[tuple[str, tuple[float, ...]], ...]
    correlation: tuple[tuple[float, ...], ...]


def read_calibrated(found: object, *, key: str, file: str | None) -> Calibrated | None:
    """Read the section ``calibrated`` of a device; nothing where there is none."""
    if found is None:
        return None
    accepted = "a section as `milia calibrate` writes it"
    section = as_mapping(found, key=key, file=file, accepted=accepted)
    check_keys(section, KEYS, key=key, file=file)
    for name in KEYS:
        require(section, name, key=key, file=file, accepted=accepted)
    name = section["parameter_set"]
    if not isinstance(name, str) or not name:
        raise InputError(
            "this is not a name", key=f"{key}.parameter_set", file=file, value=name, accepted=accepted
        )
    tables = as_mapping(section["parameters"], key=f"{key}.parameters", file=file, accepted=accepted)
    parameters = tuple(
        (str(one), _quantiles(tables[one], key=f"{key}.parameters.{one_line(one)}", file=file))
        for one in tables
    )

    def share(word: str, most: float) -> float:
        return parse_quantity(section[word], unit="1", low=0.0, high=most, key=f"{key}.{word}", file=file)

    return Calibrated(
        parameter_set=name,
        shots=parse_whole(section["shots"], low=1, high=100_000, key=f"{key}.shots", file=file),
        lesions=parse_whole(section["lesions"], low=0, high=100_000, key=f"{key}.lesions", file=file),
        energy_spread=share("energy_spread", 2.0),
        simulation_scatter=share("simulation_scatter", 2.0),
        parameters=parameters,
        correlation=_triangle(
            section["correlation"], len(parameters) + 1, key=f"{key}.correlation", file=file
        ),
    )


def _triangle(found: Any, size: int, *, key: str, file: str | None) -> tuple[tuple[float, ...], ...]:
    accepted = f"{size - 1} rows of 1 to {size - 1} numbers from -1 to 1, as `milia calibrate` writes them"
    rows = as_list(found, key=key, file=file, accepted=accepted, longest=MOST_QUANTILES)
    made = []
    for number, row in enumerate(rows, start=1):
        values = as_list(row, key=key, file=file, accepted=accepted, longest=MOST_QUANTILES)
        whole = all(
            isinstance(v, int | float) and not isinstance(v, bool) and -1.0 <= v <= 1.0 for v in values
        )
        if len(values) != number or not whole:
            raise InputError("this is not a correlation", key=key, file=file, value=row, accepted=accepted)
        made.append(tuple(float(v) for v in values))
    if len(made) != size - 1:
        raise InputError("this is not a correlation", key=key, file=file, value=len(made), accepted=accepted)
    return tuple(made)


def _quantiles(found: Any, *, key: str, file: str | None) -> tuple[float, ...]:
    accepted = "a list of 2 to 200 ascending numbers"
    values = as_list(found, key=key, file=file, accepted=accepted, longest=MOST_QUANTILES)
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError("this is no number", key=key, file=file, value=value, accepted=accepted)
    made = tuple(float(value) for value in values)
    if len(made) < 2 or any(after < before for before, after in pairwise(made)):
        raise InputError("these do not ascend", key=key, file=file, value=found, accepted=accepted)
    return made
