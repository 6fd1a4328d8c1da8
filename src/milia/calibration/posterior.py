"""The calibrated parameter set: a file of joint posterior draws, checked when read, drawn from by copula."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.base import MiliaError, read_yaml_mapping, write_atomically
from milia.calibration.draws import Marginal

Array = NDArray[np.float64]

POSTERIOR_NAME = "co2-posterior-1"
FOLDER = Path(__file__).parent / "data"
# factors that carry what the engine misses from validation into every prediction
ENERGY_SCALE_NAME = "energy_scale"
DAMAGE_SCALE_NAME = "damage_scale"
DIGITS = 7
QUANTILES = 129


@dataclass(frozen=True, eq=False)
class Draws:
    """Joint posterior draws, one column for each name, SI; and what they come from."""

    name: str
    names: tuple[str, ...]
    values: Array
    provenance: Mapping[str, Any]

    def column(self, name: str) -> Array:
        """Return all draws of one name."""
        return np.asarray(self.values[:, self.names.index(name)])


def write_draws(draws: Draws, folder: Path = FOLDER) -> None:
    """Write draws and provenance; the provenance carries the checksum of the draws."""
    import yaml

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(draws.names)
    writer.writerows([f"{value:.{DIGITS}g}" for value in row] for row in draws.values)
    text = buffer.getvalue()
    told = {
        "name": draws.name,
        "draws": len(draws.values),
        "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
        **draws.provenance,
    }
    folder.mkdir(exist_ok=True)
    write_atomically(folder / f"{draws.name}.csv", text)
    head = (
        "# Written by `python -m validation.ablation --refit`; the checksum is that of the CSV beside it.\n"
    )
    write_atomically(
        folder / f"{draws.name}.yaml",
        head + yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=120),
    )


@lru_cache(maxsize=2)
def load_draws(name: str = POSTERIOR_NAME, folder: Path = FOLDER) -> Draws:
    """Read a parameter set; refuse one whose draws are not those its provenance was written for."""
    path = folder / f"{name}.csv"
    provenance = dict(read_yaml_mapping(folder / f"{name}.yaml"))
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != provenance["sha256"]:
        raise MiliaError(
            f"the parameter set {name} is damaged: {path.name} does not have the checksum of its provenance; "
            "install Milia again, or make it anew with python -m validation.ablation --refit"
        )
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
    values = np.array([[float(cell) for cell in row] for row in rows[1:]])
    return Draws(name, tuple(rows[0]), values, provenance)


@dataclass(frozen=True, eq=False)
class ParameterSet:
    """Uncertain parameters drawn together: marginals, and the correlation of their normal scores."""

    name: str
    marginals: tuple[Marginal, ...]
    correlation: Array
    calibrated: bool
    evidence: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What is drawn, in the order of the columns."""
        return tuple(m.name for m in self.marginals)

    def correlated(self, points: Array) -> Array:
        """Turn independent points of the unit cube [n, d] into ones with the set's correlations.

        A Gaussian copula: every column stays uniform, so that stratified points stay nearly so.
        """
        from scipy.special import ndtr, ndtri

        if np.array_equal(self.correlation, np.eye(len(self.marginals))):
            return points
        factor = np.linalg.cholesky(self.correlation)
        return np.asarray(np.clip(ndtr(ndtri(points) @ factor.T), 1e-9, 1.0 - 1e-9))


def copula_of(draws: Draws, names: Sequence[str]) -> tuple[tuple[Marginal, ...], Array]:
    """Return empirical marginals of the named columns and the correlation of their normal scores."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    columns = np.column_stack([draws.column(name) for name in names])
    count = len(columns)
    scores = ndtri((np.apply_along_axis(rankdata, 0, columns) - 0.5) / count)
    correlation = np.corrcoef(scores, rowvar=False)
    u = np.linspace(0.0, 1.0, QUANTILES)
    marginals = tuple(
        Marginal(name, "empirical", 0.0, table=tuple(np.quantile(column, u).tolist()), evidence=draws.name)
        for name, column in zip(names, columns.T, strict=True)
    )
    return marginals, np.asarray(correlation)
