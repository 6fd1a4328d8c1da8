"""Reads a findings file: YAML, JSON, or one line of JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from milia.base import InputError, parse_yaml_mapping, read_yaml_mapping

_MAX_BYTES = 1 << 20
_ACCEPTED = (
    "one mapping of findings in YAML (.yaml), JSON (.json) or a single line of JSON (.jsonl), at most 1 MiB"
)


def load_findings(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a sheet of findings; an empty file is an empty sheet.

    Raises
    ------
    InputError
        If the file cannot be read or holds anything but one mapping.
    """
    name = os.fspath(path)
    if Path(name).suffix.lower() in (".json", ".jsonl"):
        return _json(name)
    try:
        head = Path(name).read_bytes()[: _MAX_BYTES + 1]
    except OSError:
        return read_yaml_mapping(name)
    if _blank(head):
        return {}
    return read_yaml_mapping(name)


def findings_from_text(text: str, *, file: str) -> dict[str, Any]:
    """Read a sheet of findings from YAML text."""
    return {} if _blank(text.encode()) else parse_yaml_mapping(text, file=file)


def _blank(data: bytes) -> bool:
    return all(not line.strip() or line.lstrip().startswith(b"#") for line in data.splitlines())


def _json(name: str) -> dict[str, Any]:
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        raise InputError(
            f"the file cannot be read: {error.strerror}", file=name, accepted=_ACCEPTED
        ) from None
    if len(data) > _MAX_BYTES:
        raise InputError("the file is too large", file=name, accepted=_ACCEPTED)
    if not data.strip():
        return {}
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_not_finite)
    except (ValueError, RecursionError) as error:
        problem = str(error).splitlines()[0] if str(error) else "nested too deeply"
        raise InputError(
            f"this is no single JSON document: {problem}", file=name, accepted=_ACCEPTED
        ) from None
    if not isinstance(found, dict):
        raise InputError("the file holds no mapping", file=name, accepted=_ACCEPTED)
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!r} is given twice")
    return made


def _not_finite(text: str) -> float:
    raise ValueError(f"{text} is no number")
