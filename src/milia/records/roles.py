"""Who may do what: a table read from data, and no for everything it does not list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from milia.base import read_yaml_mapping

__all__ = ["ROLES", "Matrix", "allowed", "role_matrix"]

ROLES = ("doctor", "nurse", "front_desk", "administrator")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Roles that may do an action as they are, and those that may once they say why."""

    allow: dict[str, frozenset[str]]
    with_reason: dict[str, frozenset[str]]


@cache
def role_matrix() -> Matrix:
    """Read the table once."""
    path = Path(__file__).with_name("roles.yaml")
    content = read_yaml_mapping(path)
    allow, with_reason = {}, {}
    for action, doors in content["actions"].items():
        allow[str(action)] = frozenset(doors.get("allow", ()))
        with_reason[str(action)] = frozenset(doors.get("with_reason", ()))
    return Matrix(allow=allow, with_reason=with_reason)


def allowed(role: str, action: str, reason: str | None = None) -> bool:
    """Say whether a role may do an action; an unknown role or action gives no.

    A reason opens what the table keeps for emergencies, and nothing else.
    """
    matrix = role_matrix()
    if role in matrix.allow.get(action, frozenset()):
        return True
    return bool(reason and reason.strip()) and role in matrix.with_reason.get(action, frozenset())
