"""Cached tables beside the code: what was simulated, sampled and predicted, as plain CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from numpy.typing import NDArray

from milia.base import write_atomically
from milia.calibration.design import COLUMNS, Design
from milia.calibration.predict import Predicted

if TYPE_CHECKING:
    from validation.ablation.stages import Fold

Array = NDArray[np.float64]
CACHE = Path(__file__).parent / "cache"
DESIGNS, FOLDS, PREDICTIONS, STAMP = "designs.csv", "folds.csv", "predictions.csv", "stamp.yaml"
DIAGNOSTICS = "diagnostics.yaml"
CUBE = "second_wave.csv"


def _write(name: str, rows: Iterable[Sequence[object]]) -> None:
    CACHE.mkdir(exist_ok=True)
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    write_atomically(CACHE / name, buffer.getvalue())


def _read(name: str) -> list[list[str]]:
    with (CACHE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def _digits(values: Iterable[float], count: int = 5) -> list[str]:
    return [f"{value:.{count}g}" for value in values]


def write_designs(designs: Sequence[Design]) -> None:
    """Keep what each bench's design gave; its points follow from the seed."""
    rows: list[Sequence[object]] = [("bench", *COLUMNS)]
    for design in designs:
        rows += [(design.bench.label, *_digits(values)) for values in design.results]
    _write(DESIGNS, rows)


def read_designs() -> dict[str, Array]:
    """Return results by bench, [points, 4]."""
    found: dict[str, list[list[float]]] = {}
    for label, *values in _read(DESIGNS)[1:]:
        found.setdefault(label, []).append([float(value) for value in values])
    return {label: np.array(values) for label, values in found.items()}


def write_cube(cube: Array) -> None:
    """Keep the parameters of the second wave, points of the unit cube."""
    _write(CUBE, [_digits(row, 9) for row in cube])


def read_cube() -> Array:
    """Return the parameters of the second wave."""
    return np.array([[float(value) for value in row] for row in _read(CUBE)])


def write_folds(folds: Mapping[str, Fold]) -> None:
    """Keep every fold's draws and diagnostics."""
    first = next(iter(folds.values())).members[0]
    rows: list[Sequence[object]] = [("left_out", *first)]
    for name, fold in folds.items():
        rows += [(name, *_digits(member.values(), 7)) for member in fold.members]
    _write(FOLDS, rows)
    told = {name: dict(fold.diagnostics) for name, fold in folds.items()}
    write_atomically(CACHE / DIAGNOSTICS, yaml.safe_dump(told, sort_keys=False))


def read_folds() -> dict[str, Fold]:
    """Return every fold by the study it left out."""
    from validation.ablation.stages import Fold

    head, *rows = _read(FOLDS)
    diagnostics = yaml.safe_load((CACHE / DIAGNOSTICS).read_text(encoding="utf-8"))
    members: dict[str, list[dict[str, float]]] = {}
    for name, *values in rows:
        members.setdefault(name, []).append(dict(zip(head[1:], map(float, values), strict=True)))
    return {name: Fold(name, tuple(own), diagnostics[name]) for name, own in members.items()}


def write_predictions(found: Mapping[tuple[str, str], Predicted]) -> None:
    """Keep predictive samples of every row, and the scatter in each."""
    rows: list[Sequence[object]] = [("from", "row", "samples", "scatter")]
    for (kind, label), predicted in found.items():
        values, scatter = _digits(predicted.values), _digits(predicted.scatter)
        rows.append((kind, label, " ".join(values), " ".join(scatter)))
    _write(PREDICTIONS, rows)


def read_predictions() -> dict[tuple[str, str], Predicted]:
    """Return predictive samples by what they come from and the row's label."""

    def numbers(text: str) -> Array:
        return np.array([float(value) for value in text.split()])

    return {
        (kind, label): Predicted(numbers(values), numbers(scatter))
        for kind, label, values, scatter in _read(PREDICTIONS)[1:]
    }


def write_stamp(stamp: Mapping[str, Any]) -> None:
    """Keep what the cache was made with."""
    write_atomically(CACHE / STAMP, yaml.safe_dump(dict(stamp), sort_keys=False, allow_unicode=True))


def read_stamp() -> dict[str, Any]:
    """Return what the cache was made with; empty where there is none."""
    path = CACHE / STAMP
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))) if path.exists() else {}
