"""Reads a plan's mapping: what is absent is absent, what has the wrong shape is refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from milia.base import InputError
from milia.report.numbers import finite

ACTIONS = ("laser", "extract", "electrosurgery", "observe", "refer", "assess_first")
SCHEMA_MAJOR = "1"


def section(owner: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a sub-mapping, empty where it is absent or null."""
    value = owner.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError("not a mapping", file="plan", key=key, value=value, accepted="a mapping or null")
    return value


def entries(owner: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], ...]:
    """Return a list of mappings, empty where it is absent or null."""
    found = _list(owner, key)
    for item in found:
        if not isinstance(item, Mapping):
            raise InputError("not a list of mappings", file="plan", key=key, value=item, accepted="mappings")
    return tuple(found)


def texts(owner: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of sentences, empty where it is absent or null; empty sentences are left out."""
    found = _list(owner, key)
    for item in found:
        if not isinstance(item, str):
            raise InputError("not a list of texts", file="plan", key=key, value=item, accepted="texts")
    return tuple(item.strip() for item in found if item.strip())


def numbers(owner: Mapping[str, Any], key: str) -> tuple[float, ...]:
    """Return a list of numbers; a hole in it is refused, because it would shift a curve."""
    found = [finite(item) for item in _list(owner, key)]
    if any(item is None for item in found):
        raise InputError("a number is missing or not finite", file="plan", key=key, accepted="finite numbers")
    return tuple(item for item in found if item is not None)


def number(owner: Mapping[str, Any], key: str) -> float | None:
    """Return a finite number, or None where it is absent, null or not finite."""
    return finite(owner.get(key))


def probability(owner: Mapping[str, Any], key: str) -> float | None:
    """Return a probability, or None where it is absent; one outside 0 to 1 is refused."""
    value = number(owner, key)
    if value is not None and not 0.0 <= value <= 1.0:
        raise InputError("not a probability", file="plan", key=key, value=value, accepted="0 to 1")
    return value


def text(owner: Mapping[str, Any], key: str) -> str:
    """Return a text; a number is written out; absent or null gives an empty text."""
    value = owner.get(key)
    if value is None:
        return ""
    if isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
        raise InputError("not a text", file="plan", key=key, value=value, accepted="a text or null")
    return str(value).strip()


def checked_action(plan: Mapping[str, Any]) -> str:
    """Return the plan's action after making sure that this is a plan of a version that can be drawn."""
    if not isinstance(plan, Mapping):
        raise InputError(
            "not a plan", file="plan", value=plan, accepted="a mapping, as a saved plan holds it"
        )
    version = text(plan, "schema_version")
    if version and version.split(".")[0] != SCHEMA_MAJOR:
        raise InputError(
            "this plan has another schema version",
            file="plan",
            key="schema_version",
            value=version,
            accepted=f"{SCHEMA_MAJOR}.x",
        )
    action = plan.get("action")
    if action not in ACTIONS:
        raise InputError("not a plan", file="plan", key="action", value=action, accepted=", ".join(ACTIONS))
    return str(action)


def _list(owner: Mapping[str, Any], key: str) -> list[Any]:
    value = owner.get(key)
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InputError("not a list", file="plan", key=key, value=value, accepted="a list or null")
    return list(value)
