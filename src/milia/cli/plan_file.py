"""Plans that were saved with `milia plan --json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from milia.base import InputError

MAX_BYTES = 32 << 20
ACCEPTED = "a plan saved by `milia plan CASE.yaml --json`"


def read_plan(path: Path) -> dict[str, Any]:
    """Read a saved plan.

    Raises
    ------
    InputError
        If the file is missing, too large, no JSON, or no plan of this schema.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        _refuse(path, f"the file cannot be read ({(error.strerror or 'unknown reason').lower()})")
    if len(data) > MAX_BYTES:
        _refuse(path, "the file is larger than 32 MiB")
    try:
        plan = json.loads(
            data.decode("utf-8"), parse_constant=lambda word: _refuse(path, f"{word} is no number")
        )
    except (ValueError, RecursionError) as error:
        _refuse(path, "this is not JSON", error)
    if not isinstance(plan, dict) or "action" not in plan or not isinstance(plan.get("provenance"), dict):
        _refuse(path, "this is not a plan")
    version = plan.get("schema_version")
    if not isinstance(version, str) or version.split(".")[0] != "1":
        raise InputError(
            "the plan is of another schema",
            file=str(path),
            key="schema_version",
            value=version,
            accepted="1.x",
        )
    return plan


def _refuse(path: Path, problem: str, cause: BaseException | None = None) -> NoReturn:
    raise InputError(problem, file=str(path), accepted=ACCEPTED) from cause
