"""Whether a calibration still belongs to the engine, the knowledge and the rows that it was made with."""

from __future__ import annotations

import ast
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import milia.engine
from milia.calibration.beliefs import CELL_DEATH_SETS, prior
from milia.calibration.experiments import SKINS, exposure, fire
from milia.calibration.likelihood import scatter_scales
from milia.calibration.measurements import TABLE, read_measurements, read_studies, study
from milia.engine import nominal_parameters
from milia.knowledge import load_knowledge
from milia.skin import damage_sets, materials

# what decides about a crater; pictures, files and other geometries do not
ENGINE_FILES = (
    *("grid.py", "reach.py", "solver.py", "state.py", "measure.py", "parameters.py"),
    *("kernels/aim.py", "kernels/arrays.py", "kernels/change.py", "kernels/front.py"),
    *("kernels/heat.py", "kernels/light.py", "kernels/point.py", "kernels/sources.py", "kernels/step.py"),
)
PROBES = (1, 8, 24, 30, 35, 38)  # rows of the table, fired at central parameters and conditions
SAME_CRATER = 0.05  # and 2 µm: about the error of the grid that ensembles are fired on
SAME_UM = 2.0
# CPython 3.11 fails now and then where two threads build syntax trees at once.
_PARSING = threading.Lock()


def engine_digest() -> str:
    """Return a digest of the engine's code; comments, layout and docstrings do not count."""
    folder = Path(milia.engine.__file__).parent
    whole = hashlib.sha256()
    for name in ENGINE_FILES:
        with _PARSING:
            tree = ast.parse((folder / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and _is_text(body[0]):
                node.body = body[1:]  # type: ignore[attr-defined]
        whole.update(name.encode() + ast.dump(tree).encode())
    return whole.hexdigest()[:16]


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def knowledge_digest() -> str:
    """Return a digest of every number that a simulated experiment rests on: priors, conditions, tissue."""
    known = load_knowledge()
    skins = [
        (skin, part, f"{known.quantity(f'experiment.{skin}.{part}').si:.9g}")
        for skin in SKINS
        for part in ("stratum_corneum", "epidermis")
        if any(q.id == f"experiment.{skin}.{part}" for q in known.quantities(f"experiment.{skin}"))
    ]
    conditions = [(s.name, s.skin, s.wavelength_m, s.conditions) for s in read_studies().values()]
    parts = (
        {name: value for name, value in asdict(nominal_parameters()).items() if name != "evidence"},
        prior(),
        CELL_DEATH_SETS,
        conditions,
        skins,
        [(m.name, m.density_kg_m3, m.water_fraction, m.living) for m in materials()],
        [(d.name, d.branches) for d in damage_sets()],
        scatter_scales(),
    )
    return hashlib.sha256(repr(parts).encode("utf-8")).hexdigest()[:16]


def rows_digest() -> str:
    """Return a digest of the measured rows."""
    return hashlib.sha256(TABLE.read_bytes()).hexdigest()[:16]


def probes() -> dict[str, float]:
    """Fire a few rows at central parameters and conditions; return their depths and damage in µm."""
    found = {}
    rows = {row.row: row for row in reversed(read_measurements())}
    for number in PROBES:
        about = study(rows[number].study)
        known = {m.name: m.centre for m in about.conditions}
        made = exposure(about, rows[number].settings, {**known, "energy": known["delivered"]})
        what = fire(made, nominal_parameters(about.wavelength_m))
        found[f"{number}.depth"] = round(1e6 * what.depth, 3)
        found[f"{number}.rtd_floor"] = round(1e6 * what.rtd_floor, 3)
    return found


def stamp() -> dict[str, object]:
    """Return what a calibration made now would be made with."""
    return {
        "engine": engine_digest(),
        "knowledge": knowledge_digest(),
        "rows": rows_digest(),
        "probes": probes(),
    }


def stale(made_with: Mapping[str, object]) -> tuple[str, ...]:
    """Return why a calibration no longer belongs to what is installed; nothing where it does.

    Where the engine's code has changed, the probes decide: a crater that differs by no more than 5 % (or
    2 µm) is the same crater.
    """
    if not made_with:
        return ("nothing has been calibrated yet",)
    found = []
    if made_with["knowledge"] != knowledge_digest():
        found.append("a number that the simulations rest on has changed")
    if made_with["rows"] != rows_digest():
        found.append("the measured rows have changed")
    if made_with["engine"] != engine_digest():
        now, then = probes(), made_with["probes"]
        assert isinstance(then, Mapping)
        for name, value in now.items():
            if abs(value - float(then[name])) > max(SAME_CRATER * abs(float(then[name])), SAME_UM):
                found.append(f"the engine has changed: probe {name} is {value:g} µm, was {then[name]:g} µm")
    return tuple(found)
