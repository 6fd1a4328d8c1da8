"""What the commands share about writing: JSON, tables for people, targets checked early."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from milia import __version__
from milia.base import InputError, format_quantity

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA_VERSION = "1.0"
REPORT_SUFFIXES = (".html", ".pdf")
PLAIN_WIDTH = 100


def print_json(content: Mapping[str, Any]) -> None:
    """Write one JSON document: UTF-8 whatever the locale, keys in the order of the mapping, no NaN."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2)
    sys.stdout.flush()
    sys.stdout.buffer.write(f"{text}\n".encode())
    sys.stdout.buffer.flush()


def listing(**lists: Any) -> dict[str, Any]:
    """Wrap what a look-up command prints in the envelope that every JSON output has."""
    return {"schema_version": SCHEMA_VERSION, **lists, "provenance": {"version": __version__}}


def as_plain(value: Any) -> Any:
    """Turn dataclasses into mappings whose keys are the field names, units included."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: as_plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(inner) for inner in value]
    if isinstance(value, float):
        # 15 µm are 1.4999999999999999e-05 m once converted; no number here is known to twelve digits.
        return float(f"{value:.12g}")
    return value


def console() -> Console:
    """Give a console for people: the terminal's width, or a fixed one where the output is no terminal."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width)


def shown(value: float, unit: str) -> str:
    """Say a quantity to three significant digits: enough to read, too few to copy into a file."""
    return format_quantity(float(f"{value:.3g}"), unit)


def shown_range(low: float, high: float, unit: str) -> str:
    """Say a range to three significant digits."""
    return f"{shown(low, unit)} to {shown(high, unit)}"


def check_target(path: Path, *, suffixes: tuple[str, ...], option: str, source: Path | None = None) -> None:
    """Refuse a file that could not be written, before minutes are spent on its content."""
    if path.suffix.lower() not in suffixes:
        raise InputError(
            "this kind of file cannot be written",
            key=option,
            value=str(path),
            accepted=f"a name that ends in {' or '.join(suffixes)}",
        )
    folder = path.parent
    if not folder.is_dir():
        raise InputError(
            "the folder does not exist", key=option, value=str(path), accepted="an existing folder"
        )
    if path.is_dir():
        raise InputError("this is a folder", key=option, value=str(path), accepted="a file name")
    if source is not None and path.exists() and source.exists() and path.samefile(source):
        raise InputError("this would replace the input", key=option, value=str(path), accepted="another name")
    if not os.access(folder, os.W_OK) and not os.access(path, os.W_OK):
        raise InputError(
            "this user may not write there",
            key=option,
            value=str(path),
            accepted="a folder that can be written",
        )
