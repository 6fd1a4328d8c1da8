"""Prior weights: a setting's classes, and a clinic's own counts over them."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from milia.base import InputError, as_mapping, check_keys, nearest, parse_choice, read_yaml_mapping
from milia.diagnosis.tables import Array, Tables, prior_classes

SETTINGS = ("dermatology", "primary_care", "referral_centre")
_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Priors:
    """How often conditions are seen where the question is asked.

    ``share`` fixes the prior probability of a condition or group; ``multiply`` scales the setting's weight.
    """

    setting: str = "dermatology"
    share: Mapping[str, float] = field(default_factory=dict)
    multiply: Mapping[str, float] = field(default_factory=dict)


def load_priors(path: str | os.PathLike[str]) -> Priors:
    """Read a clinic's priors from YAML with the keys setting, share and multiply."""
    return priors_from_mapping(read_yaml_mapping(path), file=os.fspath(path))


def priors_from_mapping(raw: Mapping[str, Any], *, file: str | None = None) -> Priors:
    """Check a clinic's priors.

    Raises
    ------
    InputError
        If a key is unknown, a share is not between 0 and 1, shares sum to one or more, or a factor is not
        positive.
    """
    mapping = as_mapping(raw, key="priors", file=file, accepted="setting, share, multiply")
    check_keys(mapping, ("setting", "share", "multiply"), key=None, file=file)
    setting = parse_choice(mapping.get("setting", "dermatology"), SETTINGS, key="setting", file=file)
    share = _numbers(mapping.get("share"), "share", low=1e-6, high=0.999, file=file)
    multiply = _numbers(mapping.get("multiply"), "multiply", low=1e-4, high=1e4, file=file)
    if sum(share.values()) >= 1:
        raise InputError(
            "the shares sum to one or more",
            file=file,
            key="share",
            value=sum(share.values()),
            accepted="a sum below 1",
        )
    return Priors(setting=setting, share=share, multiply=multiply)


def _numbers(raw: object, key: str, *, low: float, high: float, file: str | None) -> dict[str, float]:
    made = {}
    mapping = as_mapping(raw or {}, key=key, file=file, accepted="numbers by condition or group")
    for name, value in mapping.items():
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or not low <= value <= high:
            raise InputError(
                "this is no usable number",
                file=file,
                key=f"{key}.{name}",
                value=value,
                accepted=f"{low} to {high}",
            )
        made[name] = float(value)
    return made


def log_prior(tables: Tables, priors: Priors) -> Array:
    """Log prior probability [conditions, draws]; each draw sums to one."""
    classes = prior_classes(priors.setting)
    weights = np.array([classes[c.frequency][0] for c in tables.field.conditions])
    spread = np.array([math.log(classes[c.frequency][1]) / _Z90 for c in tables.field.conditions])
    drawn = weights[:, None] * np.exp(spread[:, None] * tables.normal)
    for name, factor in priors.multiply.items():
        drawn[_rows(tables, name, "multiply")] *= factor
    drawn /= drawn.sum(axis=0)
    fixed = np.zeros(len(weights), dtype=bool)
    for name, share in priors.share.items():
        rows = _rows(tables, name, "share")
        if fixed[rows].any():
            raise InputError(
                "a condition's share is given twice", key=f"share.{name}", accepted="one share each"
            )
        drawn[rows] *= share / drawn[rows].sum(axis=0)
        fixed |= rows
    if priors.share and not fixed.all():
        drawn[~fixed] *= (1 - sum(priors.share.values())) / drawn[~fixed].sum(axis=0)
    result: Array = np.log(drawn / drawn.sum(axis=0))
    return result


def _rows(tables: Tables, name: str, key: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    rows = np.array([name in (c.name, c.group) for c in tables.field.conditions])
    if not rows.any():
        near = nearest(name, (*tables.groups, *tables.names))
        hint = f"; did you mean {near}?" if near else ""
        raise InputError(
            f"this condition is not known{hint}",
            key=f"{key}.{name}",
            accepted="a condition or group of the differential",
        )
    return rows
