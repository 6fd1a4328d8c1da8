"""Published Arrhenius sets of thermal damage, held as data."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, Literal, cast

from milia.knowledge import Knowledge, KnowledgeError, Statement, load_knowledge

GAS_CONSTANT_J_MOL_K = 8.314462618

Endpoint = Literal["cell_death", "collagen"]
Branch = tuple[float, float, float, float]
"""Lowest and highest temperature [K], frequency factor A [1/s], activation energy Ea [J/mol]."""


@dataclass(frozen=True, slots=True)
class DamageSet:
    """One published set: the damage rate is A exp(-Ea / (R T)) in a branch and zero outside all of them."""

    name: str
    title: str
    endpoint: Endpoint
    branches: tuple[Branch, ...]
    evidence: tuple[str, ...]


@functools.lru_cache(maxsize=1)
def damage_sets() -> tuple[DamageSet, ...]:
    """Return every Arrhenius set, in the order of the data file."""
    knowledge = load_knowledge()
    return tuple(
        _damage_set(statement, knowledge)
        for statement in knowledge.statements("damage")
        if "branches" in statement.extra
    )


def _damage_set(statement: Statement, knowledge: Knowledge) -> DamageSet:
    extra = statement.extra
    if set(extra) != {"title", "endpoint", "branches"} or extra["endpoint"] not in ("cell_death", "collagen"):
        raise KnowledgeError(
            "a damage set has the keys title, endpoint (cell_death or collagen) and branches",
            entry=statement.id,
        )
    branches = tuple(_branch(raw, knowledge) for raw in extra["branches"])
    used = dict.fromkeys(id for raw in extra["branches"] for id in raw.values() if id is not None)
    return DamageSet(
        name=statement.id.removeprefix("damage."),
        title=extra["title"],
        endpoint=cast(Endpoint, extra["endpoint"]),
        branches=branches,
        evidence=(statement.id, *used),
    )


def _branch(raw: dict[str, Any], knowledge: Knowledge) -> Branch:
    low = 0.0 if raw["low"] is None else knowledge.quantity(raw["low"]).si
    high = math.inf if raw["high"] is None else knowledge.quantity(raw["high"]).si
    energy = knowledge.quantity(raw["ea"])
    # Some sources print the activation temperature Ea/R instead of the energy.
    scale = GAS_CONSTANT_J_MOL_K if energy.unit == "K" else 1.0
    return low, high, knowledge.quantity(raw["a"]).si, energy.si * scale
