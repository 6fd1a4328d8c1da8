"""Predict what a study would have measured, with the full engine, from draws of parameters and scatter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.calibration.beliefs import parameters_from
from milia.calibration.draws import draw, sobol
from milia.calibration.experiments import Seen, exposure, fire, observed
from milia.calibration.likelihood import SCATTER
from milia.calibration.measurements import Measurement, study
from milia.engine import run_all

Array = NDArray[np.float64]
Member = Mapping[str, float]  # parameters by name, and the three scatters


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predictive samples of one row, SI, and the scatter that is in each: a logarithm of energy or damage."""

    values: Array
    scatter: Array


def predict_study(
    name: str,
    rows: Sequence[Measurement],
    members: Sequence[Member],
    *,
    seed: int,
    threads: int | None = None,
) -> dict[str, Predicted]:
    """Return predictive samples of each row's measured number, by label [members].

    A member fires every row of the study with its parameters, with one draw of the study's unknown
    conditions, one factor on the study's energy and one on its damage, and for each setting one more
    factor on the energy. Measurement error is added to what the crater shows.
    """
    about = study(name)
    shots = list(dict.fromkeys(shot for row in rows for shot in row.shots))
    conditions = len(about.conditions)
    points = sobol(len(members), conditions + 2 + len(shots) + len(rows), seed=seed)
    drawn = draw(about.conditions, points[:, :conditions])
    from scipy.special import ndtri

    normal = ndtri(points[:, conditions:])

    def missed(number: int, shot: int) -> float:
        member, z = members[number], normal[number]
        return float(member[SCATTER[0]] * z[0] + member[SCATTER[1]] * z[2 + shot])

    def known(number: int, shot: int) -> dict[str, float]:
        energy = drawn[number]["delivered"] * math.exp(missed(number, shot))
        return {**drawn[number], "energy": energy}

    def work(task: tuple[int, int]) -> Seen:
        number, shot = task
        made = exposure(about, shots[shot], known(number, shot))
        return fire(made, parameters_from(members[number], about.wavelength_m))

    tasks = [(number, shot) for number in range(len(members)) for shot in range(len(shots))]
    craters = dict(zip(tasks, run_all(work, tasks, threads=threads), strict=True))
    found: dict[str, Predicted] = {}
    for index, row in enumerate(rows):
        values, scatter = [], []
        for number, member in enumerate(members):
            stretched = member[SCATTER[2]] * float(normal[number, 1])
            parts = [
                observed(
                    row,
                    craters[number, shots.index(shot)],
                    {**known(number, shots.index(shot)), **dict(shot)},
                    damage=math.exp(stretched),
                )
                for shot in row.shots
            ]
            value = parts[0] if len(parts) == 1 else parts[0] / max(parts[1], 1e-9)
            error = float(normal[number, 2 + len(shots) + index])
            values.append(value * math.exp(row.log_sd * error))
            scatter.append(stretched if row.thermal else missed(number, shots.index(row.settings)))
        found[row.label] = Predicted(np.array(values), np.array(scatter))
    return found
