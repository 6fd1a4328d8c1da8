"""From one mapping of a data file to one entry, refusing everything that is incomplete or inconsistent."""

from __future__ import annotations

import difflib
import math
import types
from collections.abc import Iterable, Mapping
from typing import Any

from milia.knowledge.entries import FLAGS, HOW_READ, SPREAD_KINDS, Quantity, Source, Spread, Statement
from milia.knowledge.errors import KnowledgeError
from milia.knowledge.units import scale_and_offset

_QUANTITY_KEYS = ("id", "title", "value", "unit", "spread", "source", "flag", "note")
_QUANTITY_NEEDS = ("id", "value", "unit", "spread", "source", "flag")
_SOURCE_KEYS = ("id", "citation", "url", "how_read", "note")
_SOURCE_NEEDS = ("id", "citation", "how_read")
_STATEMENT_KEYS = ("id", "text", "source", "flag", "level")
_STATEMENT_NEEDS = ("id", "text", "source", "flag")
_SPREAD_NEEDS = {"sd": ("sd",), "range": ("low", "high"), "lognormal": ("factor",), "exact": ()}
_ID_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.-")


def parse_source(raw: object, *, file: str) -> Source:
    """Read one entry of a ``sources`` list."""
    entry, mapping = _opened(raw, kind="source", needs=_SOURCE_NEEDS, keys=_SOURCE_KEYS, file=file)
    how_read = _text(mapping, "how_read", entry=entry, file=file)
    _one_of(how_read, HOW_READ, "how_read", entry=entry, file=file)
    url = mapping.get("url")
    return Source(
        id=entry,
        citation=_text(mapping, "citation", entry=entry, file=file),
        url=None if url is None else _text(mapping, "url", entry=entry, file=file),
        how_read=how_read,
        note=_optional_text(mapping, "note", entry=entry, file=file),
    )


def parse_quantity(raw: object, *, file: str) -> Quantity:
    """Read one entry of a ``quantities`` list."""
    entry, mapping = _opened(raw, kind="quantity", needs=_QUANTITY_NEEDS, keys=_QUANTITY_KEYS, file=file)
    flag = _text(mapping, "flag", entry=entry, file=file)
    _one_of(flag, FLAGS, "flag", entry=entry, file=file)
    note = _optional_text(mapping, "note", entry=entry, file=file)
    if flag != "read" and not note:
        raise KnowledgeError(
            f"a quantity flagged {flag!r} needs a note that says why", file=file, entry=entry
        )
    unit = _text(mapping, "unit", entry=entry, file=file)
    try:
        scale_and_offset(unit)
    except KnowledgeError as error:
        raise KnowledgeError(error.problem, file=file, entry=entry) from error
    value = _number(mapping, "value", entry=entry, file=file)
    return Quantity(
        id=entry,
        title=_optional_text(mapping, "title", entry=entry, file=file) or entry,
        value=value,
        unit=unit,
        spread=_spread(mapping["spread"], value, entry=entry, file=file),
        source=_source_ids(mapping["source"], entry=entry, file=file),
        flag=flag,
        note=note,
    )


def parse_statement(raw: object, *, file: str) -> Statement:
    """Read one entry of a ``statements`` list; further keys are kept for the room that uses them."""
    entry, mapping = _opened(raw, kind="statement", needs=_STATEMENT_NEEDS, keys=None, file=file)
    flag = _text(mapping, "flag", entry=entry, file=file)
    _one_of(flag, FLAGS, "flag", entry=entry, file=file)
    level = mapping.get("level")
    if level is not None and (isinstance(level, bool) or level not in (1, 2, 3, 4, 5)):
        raise KnowledgeError(f"level is {level!r}; accepted: 1 to 5", file=file, entry=entry)
    return Statement(
        id=entry,
        text=_text(mapping, "text", entry=entry, file=file),
        source=_source_ids(mapping["source"], entry=entry, file=file),
        flag=flag,
        level=level,
        extra=types.MappingProxyType({k: v for k, v in mapping.items() if k not in _STATEMENT_KEYS}),
    )


def _opened(
    raw: object, *, kind: str, needs: Iterable[str], keys: tuple[str, ...] | None, file: str
) -> tuple[str, Mapping[str, Any]]:
    """Return id and mapping of an entry whose keys are all there and all known."""
    if not isinstance(raw, dict):
        raise KnowledgeError(f"a {kind} must be a mapping, not {raw!r}", file=file)
    entry = raw.get("id")
    if not isinstance(entry, str) or not entry:
        raise KnowledgeError(f"a {kind} without an id: {raw!r}", file=file)
    if not set(entry) <= _ID_SIGNS:
        raise KnowledgeError(
            "an id holds only small letters, digits, '_', '-' and dots", file=file, entry=entry
        )
    missing = [key for key in needs if raw.get(key) is None]
    if missing:
        raise KnowledgeError(f"{kind} without {', '.join(missing)}", file=file, entry=entry)
    for key in raw if keys is not None else ():
        if key not in (keys or ()):
            near = difflib.get_close_matches(str(key), keys or (), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise KnowledgeError(f"unknown key {key!r}{hint}", file=file, entry=entry)
    return entry, raw


def _spread(raw: object, value: float, *, entry: str, file: str) -> Spread:
    if not isinstance(raw, dict) or raw.get("kind") not in SPREAD_KINDS:
        raise KnowledgeError(
            f"spread is {raw!r}; accepted: a mapping with kind {', '.join(SPREAD_KINDS)}",
            file=file,
            entry=entry,
        )
    kind: str = raw["kind"]
    needs = _SPREAD_NEEDS[kind]
    if set(raw) != {"kind", *needs}:
        raise KnowledgeError(
            f"a spread of kind {kind} has the keys {sorted({'kind', *needs})}, not {sorted(map(str, raw))}",
            file=file,
            entry=entry,
        )
    numbers = {key: _number(raw, key, entry=entry, file=file) for key in needs}
    spread = Spread(kind=kind, **numbers)
    if not _contains(spread, value):
        raise KnowledgeError(
            f"the spread {raw!r} does not contain the value {value!r}", file=file, entry=entry
        )
    return spread


def _contains(spread: Spread, value: float) -> bool:
    if spread.sd is not None:
        return spread.sd > 0.0
    if spread.factor is not None:
        return spread.factor > 1.0 and value > 0.0
    if spread.low is not None and spread.high is not None:
        return spread.low <= value <= spread.high and spread.low < spread.high
    return True


def _number(mapping: Mapping[str, Any], key: str, *, entry: str, file: str) -> float:
    number = mapping[key]
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise KnowledgeError(f"{key} is {number!r}; accepted: a number", file=file, entry=entry)
    if not math.isfinite(number):
        raise KnowledgeError(f"{key} is {number!r}; accepted: a finite number", file=file, entry=entry)
    return float(number)


def _text(mapping: Mapping[str, Any], key: str, *, entry: str, file: str) -> str:
    text = mapping[key]
    if not isinstance(text, str) or not text.strip():
        raise KnowledgeError(f"{key} is {text!r}; accepted: text", file=file, entry=entry)
    return text.strip()


def _optional_text(mapping: Mapping[str, Any], key: str, *, entry: str, file: str) -> str:
    return "" if mapping.get(key) is None else _text(mapping, key, entry=entry, file=file)


def _source_ids(raw: object, *, entry: str, file: str) -> tuple[str, ...]:
    ids = [raw] if isinstance(raw, str) else raw
    if not isinstance(ids, list) or not ids or not all(isinstance(item, str) and item for item in ids):
        raise KnowledgeError(
            f"source is {raw!r}; accepted: a source id or a list of them", file=file, entry=entry
        )
    return tuple(ids)


def _one_of(text: str, accepted: tuple[str, ...], key: str, *, entry: str, file: str) -> None:
    if text not in accepted:
        raise KnowledgeError(f"{key} is {text!r}; accepted: {', '.join(accepted)}", file=file, entry=entry)
