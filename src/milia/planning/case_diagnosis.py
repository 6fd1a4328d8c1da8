"""The diagnosis in a case file: what it is, who stands behind it, and the findings it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from milia.base import (
    InputError,
    as_mapping,
    check_keys,
    nearest,
    parse_flag,
    read_yaml_mapping,
    require,
)

__all__ = ["Diagnosis", "read_diagnosis"]

_KEY = "lesion.diagnosis"
_LONGEST_WORDS = 80
_LONGEST_REASON = 2000


@dataclass(frozen=True)
class Diagnosis:
    """What the bump is, and whether a clinician has confirmed it.

    ``findings`` are what was seen, with the keys of ``milia assess``; ``reason`` is why the clinician keeps a
    diagnosis that these findings make unlikely or put under a red flag.
    """

    condition: str
    confirmed: bool
    findings: Mapping[str, Any] | None = None
    findings_file: str | None = None
    reason: str | None = None


def read_diagnosis(lesion: Mapping[str, Any], *, file: str, folder: Path | None) -> Diagnosis:
    """Read the section ``diagnosis`` of a lesion; InputError names what is missing or not accepted."""
    accepted = "a section {condition: milium, confirmed: true or false}"
    found = require(lesion, "diagnosis", key="lesion", file=file, accepted=accepted)
    inner = as_mapping(found, key=_KEY, file=file, accepted=accepted)
    check_keys(inner, ("condition", "confirmed", "findings", "reason"), key=_KEY, file=file)
    condition = _condition(inner, file)
    confirmed = require(inner, "confirmed", key=_KEY, file=file, accepted="true or false")
    findings, findings_file = _findings(inner, file, folder)
    return Diagnosis(
        condition=condition,
        confirmed=parse_flag(confirmed, key=f"{_KEY}.confirmed", file=file),
        findings=findings,
        findings_file=findings_file,
        reason=_reason(inner, file),
    )


def _condition(inner: Mapping[str, Any], file: str) -> str:
    key = f"{_KEY}.condition"
    condition = require(inner, "condition", key=_KEY, file=file, accepted="a diagnosis such as milium")
    if (
        not isinstance(condition, str)
        or not 1 <= len(condition.strip()) <= _LONGEST_WORDS
        or not condition.isprintable()
    ):
        words = f"the diagnosis in words, up to {_LONGEST_WORDS} characters, such as milium"
        raise InputError("this is not a diagnosis", file=file, key=key, value=condition, accepted=words)
    # A slip such as "millium" would quietly become another disease and another plan.
    name = condition.strip().lower()
    one_word = len(name.split()) == 1
    if name != "milium" and one_word and (name == "milia" or nearest(name, ["milium"])):
        raise InputError(
            "this is not one of the accepted words; did you mean milium?",
            file=file,
            key=key,
            value=condition,
            accepted="milium, or the name of another condition",
        )
    return name


def _findings(
    inner: Mapping[str, Any], file: str, folder: Path | None
) -> tuple[Mapping[str, Any] | None, str | None]:
    found = inner.get("findings")
    if found is None:
        return None, None
    key = f"{_KEY}.findings"
    accepted = "a section with the keys of `milia assess`, or the name of a findings file (.yaml)"
    if isinstance(found, str) and found.lower().endswith((".yaml", ".yml")):
        if folder is None:
            problem = "a findings file cannot be read from here; write its keys into the case"
            raise InputError(problem, file=file, key=key, value=found, accepted=accepted)
        return read_yaml_mapping(folder / found), found
    return as_mapping(found, key=key, file=file, accepted=accepted), None


def _reason(inner: Mapping[str, Any], file: str) -> str | None:
    reason = inner.get("reason")
    if reason is None:
        return None
    if not isinstance(reason, str) or not 1 <= len(reason.strip()) <= _LONGEST_REASON:
        raise InputError(
            "this is not a reason",
            file=file,
            key=f"{_KEY}.reason",
            value=reason,
            accepted=f"why the diagnosis is kept, in words, up to {_LONGEST_REASON} characters",
        )
    return " ".join(reason.split())
