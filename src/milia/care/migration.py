"""Brings a saved plan to today's schema, or says why it cannot."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from milia.base import InputError
from milia.care.provenance import SCHEMA_VERSION

ACCEPTED = f"1.0 to {SCHEMA_VERSION}"


def migrated(plan: Mapping[str, Any], *, file: str) -> dict[str, Any]:
    """Return a plan of the current schema.

    Parameters
    ----------
    plan
        A plan of this schema or of an older one.
    file
        Name for messages.

    Raises
    ------
    InputError
        If the schema is newer or unknown, or an older plan lacks what today's care needs.
    """
    version = plan.get("schema_version")
    if version is None:
        raise InputError("this is missing", file=file, key="schema_version", accepted=ACCEPTED)
    steps = {"1.0": _to_1_1, "1.1": _to_1_2}
    found = copy.deepcopy(dict(plan))
    while found["schema_version"] != SCHEMA_VERSION:
        step: Callable[..., None] | None = (
            steps.get(found["schema_version"]) if isinstance(found["schema_version"], str) else None
        )
        if step is None:
            raise InputError(
                "the plan is of a schema that this version does not read",
                file=file,
                key="schema_version",
                value=version,
                accepted=ACCEPTED,
            )
        step(found, file=file)
    return found


def _to_1_1(plan: dict[str, Any], *, file: str) -> None:
    """1.1 says what kind of laser stands behind the plan; the library knows it for its own devices."""
    case = plan.get("case")
    if not isinstance(case, dict):
        raise InputError("this is no section", file=file, key="case", value=case, accepted="the planned case")
    if "device_kind" not in case:
        case["device_kind"] = _kind_of(case.get("device"), action=plan.get("action"), file=file)
    plan["schema_version"] = "1.1"


def _to_1_2(plan: dict[str, Any], *, file: str) -> None:
    """1.2 says more about a laser plan; an older one says nothing of it, which is what is filled in."""
    for key in ("strategies", "limits", "drift", "devices"):
        plan.setdefault(key, [])
    plan.setdefault("scenarios", None)
    plan.setdefault("decision", None)
    plan.setdefault("strategy", None)
    plan.setdefault("explanation", "")
    if not isinstance(plan.get("case"), dict):
        raise InputError("this is no section", file=file, key="case", accepted="the planned case")
    plan["schema_version"] = "1.2"


def _kind_of(device: object, *, action: object, file: str) -> str:
    from milia.laser import devices

    known = {found.name: str(found.kind) for found in devices()}
    if isinstance(device, str) and device in known:
        return known[device]
    if action != "laser":
        return "unknown"
    raise InputError(
        "a plan of schema 1.0 does not say what kind of laser this is, and the library does not know it",
        file=file,
        key="case.device",
        value=device,
        accepted="a device of the library, or the case planned again with this version",
    )
