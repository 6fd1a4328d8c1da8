"""The folder of a study: what belongs to it, what is done already, and whose results lie there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import milia
from milia.base import InputError, MiliaError, write_atomically
from milia.calibration import parameter_set
from milia.knowledge import DATA_FOLDER
from milia.study.plans import Plan, plan_from_dict
from milia.study.spec import Study

MARK = "study.json"
RESULTS, SUMMARY, TEXT, PICTURE, PAGE = (
    "results.parquet",
    "summary.json",
    "summary.txt",
    "study.png",
    "report.html",
)
SCHEMA_VERSION = "1.0"
# what decides a number of the results; other rooms do not
ROOMS = ("calibration", "engine", "laser", "planning", "skin", "study")


def identity(study: Study) -> Mapping[str, Any]:
    """Say what a study's results depend on: its file, every number it rests on, and the code."""
    return {
        "schema_version": SCHEMA_VERSION,
        "study": study.to_dict(),
        "devices": hashlib.sha256(repr(study.lasers).encode()).hexdigest()[:16],
        "parameter_sets": parameter_sets(study),
        "version": milia.__version__,
        "knowledge": _digest(DATA_FOLDER, "*.yaml", "*.csv"),
        "code": _digest(*(Path(milia.__file__).parent / room for room in ROOMS)),
    }


def parameter_sets(study: Study) -> list[str]:
    """Name what the uncertain parameters of the study's lasers are drawn from."""
    return sorted({parameter_set(laser.wavelength_m).name for laser in study.lasers})


def _digest(*folders: Path | str) -> str:
    patterns = [one for one in folders if isinstance(one, str)] or ["*.py", "*.csv"]
    whole = hashlib.sha256()
    for folder in (Path(one) for one in folders if not isinstance(one, str)):
        found = {path for pattern in patterns for path in folder.rglob(pattern)}
        for path in sorted(found, key=lambda one: one.relative_to(folder).as_posix()):
            whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]


def study_id(about: Mapping[str, Any]) -> str:
    """Return the id of a study: a digest of all that its results depend on."""
    text = json.dumps(about, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Folder:
    """Where a study keeps its plans, its chunks and its results."""

    path: Path
    id: str

    def plan_file(self, group: str, policy: str) -> Path:
        """Name the file of a group's plan by one policy."""
        digest = hashlib.sha256(policy.encode()).hexdigest()[:8]
        return self.path / "plans" / f"{group}.{digest}.json"

    def chunk_file(self, number: int) -> Path:
        """Name the file of a chunk of patients."""
        return self.path / "chunks" / f"{number:06d}.parquet"

    def plan(self, group: str, policy: str) -> Plan | None:
        """Read a plan that is done."""
        file = self.plan_file(group, policy)
        if not file.exists():
            return None
        return plan_from_dict(json.loads(file.read_text(encoding="utf-8")))

    def keep_plan(self, group: str, policy: str, plan: Plan) -> None:
        """Write a plan, whole or not at all."""
        write_atomically(self.plan_file(group, policy), json.dumps(plan.to_dict(), indent=1) + "\n")


def open_folder(path: Path, study: Study, *, resume: bool) -> Folder:
    """Make or enter the folder of a study.

    Raises
    ------
    InputError
        If it holds another study's results or other files, or this study's and ``resume`` is not given.
    """
    about = identity(study)
    made = Folder(path, study_id(about))
    mark = path / MARK
    if path.exists() and not path.is_dir():
        raise InputError("this is a file", key="--out", value=str(path), accepted="a folder, or a new name")
    if mark.exists():
        _check_mark(mark, about, made.id, path, resume=resume)
    elif path.exists() and any(path.iterdir()):
        raise InputError(
            "the folder holds files that belong to no study",
            key="--out",
            value=str(path),
            accepted="a new or empty folder, or one with this study's results",
        )
    try:
        for folder in (path, path / "plans", path / "chunks"):
            folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder cannot be made ({error.strerror})",
            key="--out",
            value=str(path),
            accepted="a folder inside an existing one that can be written",
        ) from None
    text = json.dumps({"id": made.id, **about}, ensure_ascii=False, indent=1)
    write_atomically(mark, f"{text}\n")
    return made


def _check_mark(mark: Path, about: Mapping[str, Any], id: str, path: Path, *, resume: bool) -> None:
    try:
        found = json.loads(mark.read_text(encoding="utf-8"))
        theirs = found.pop("id")
    except (ValueError, KeyError, AttributeError):
        raise MiliaError(f"{mark}: this is not the mark of a study; give another folder.") from None
    if theirs != id:
        other = [key for key in about if found.get(key) != about[key]]
        raise InputError(
            f"the folder holds another study's results (other {', '.join(other)}: id {theirs}, not {id})",
            key="--out",
            value=str(path),
            accepted="a new or empty folder, or one with this study's results",
        )
    if not resume:
        raise InputError(
            "the folder already holds this study",
            key="--out",
            value=str(path),
            accepted="--resume to go on with it, or a new folder",
        )
