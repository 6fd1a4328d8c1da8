"""Whether a saved plan is what this installation computes from the same case and seed, and if not, why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from milia.base import InputError
from milia.knowledge import DATA_FOLDER

ROOMS = (
    "base",
    "knowledge",
    "language",
    "skin",
    "laser",
    "engine",
    "calibration",
    "planning",
    "diagnosis",
    "care",
)
MOST_SHOWN = 20
ADDED_TO_CASE = ("device_kind", "device_title", "site_title")


@dataclass(frozen=True)
class Difference:
    """One value that differs: its dotted key, as saved and as computed now."""

    key: str
    saved: Any
    now: Any


@dataclass(frozen=True)
class Verdict:
    """What a verification found; ``why`` names the causes, most likely first."""

    same: bool
    plan_hash: str
    hash_now: str
    why: tuple[str, ...]
    differences: tuple[Difference, ...]
    more: int

    @property
    def plan_id(self) -> str:
        return self.plan_hash[:12]

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema_version": "1.0",
            "same": self.same,
            "plan_id": self.plan_id,
            "plan_hash": self.plan_hash,
            "hash_now": self.hash_now,
            "why": list(self.why),
            "differences": [asdict(one) for one in self.differences],
            "more_differences": self.more,
        }


def content_hash(plan: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a plan's canonical JSON; its first twelve characters are the plan's id.

    The content names inputs, seed, version and, in ``provenance.made_with``, knowledge and code, so that the
    id is a hash of all of them and of what came out.
    """
    try:
        text = json.dumps(plan, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"this is no JSON data ({error})", accepted="a plan as it was saved") from None
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@lru_cache(maxsize=1)
def made_with() -> Mapping[str, str]:
    """Return digests of the knowledge base and of the code that plans rest on, as installed."""
    package = Path(str(import_module("milia").__file__)).parent
    code = [path for room in ROOMS for path in sorted((package / room).rglob("*.py"))]
    posterior = sorted((package / "calibration" / "data").glob("*"))
    data = [path for path in sorted(DATA_FOLDER.rglob("*")) if path.suffix in (".yaml", ".csv")]
    return {"code": _digest(code, package), "knowledge": _digest([*data, *posterior], package)}


def _digest(paths: Sequence[Path], root: Path) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:16]


def case_of(plan: Mapping[str, Any], *, file: str) -> dict[str, Any]:
    """Return the case mapping of a saved plan; what the plan added to it is taken off."""
    found = plan.get("case")
    if not isinstance(found, Mapping):
        raise InputError("this is missing", file=file, key="case", accepted="the case of the plan")
    return {key: value for key, value in found.items() if key not in ADDED_TO_CASE and value is not None}


def differences(saved: Any, now: Any, key: str = "") -> list[Difference]:
    """Return every leaf that differs, in the order of the saved plan, then what is new."""
    if isinstance(saved, Mapping) and isinstance(now, Mapping):
        found = []
        for name in (*saved, *(name for name in now if name not in saved)):
            found.extend(differences(saved.get(name), now.get(name), f"{key}.{name}" if key else str(name)))
        return found
    if isinstance(saved, list) and isinstance(now, list):
        if len(saved) != len(now):
            return [Difference(f"{key} (entries)", len(saved), len(now))]
        return [
            one
            for number, (a, b) in enumerate(zip(saved, now, strict=True))
            for one in differences(a, b, f"{key}[{number}]")
        ]
    return [] if saved == now and type(saved) is type(now) else [Difference(key, saved, now)]


def verify_plan(plan: Mapping[str, Any], now: Mapping[str, Any]) -> Verdict:
    """Compare a saved plan with the one computed now.

    Parameters
    ----------
    plan
        As saved.
    now
        What this installation computes from the plan's case and seed.

    Returns
    -------
    Verdict
        Causes are told apart by what the plan says it was made with: another version, other knowledge, other
        code; where all of these agree, the file was edited, or the plan came from another kind of machine.
    """
    old, new = content_hash(plan), content_hash(now)
    found = differences(plan, now)
    return Verdict(
        same=old == new,
        plan_hash=old,
        hash_now=new,
        why=_why(plan, now, found) if old != new else (),
        differences=tuple(found[:MOST_SHOWN]),
        more=max(0, len(found) - MOST_SHOWN),
    )


def _why(plan: Mapping[str, Any], now: Mapping[str, Any], found: Sequence[Difference]) -> tuple[str, ...]:
    then, today = plan.get("provenance") or {}, now.get("provenance") or {}
    made, installed = then.get("made_with"), today.get("made_with") or dict(made_with())
    why = []
    if then.get("version") != today.get("version"):
        why.append(f"it was made by version {then.get('version')}, this is {today.get('version')}")
    if plan.get("schema_version") != now.get("schema_version"):
        why.append(
            f"its schema is {plan.get('schema_version')}, that of this version {now.get('schema_version')}"
        )
    if not isinstance(made, Mapping):
        why.append("it does not say with which knowledge and code it was made: these may have changed")
    else:
        if made.get("knowledge") != installed.get("knowledge"):
            why.append("the knowledge base has changed since")
        if made.get("code") != installed.get("code"):
            why.append("the code has changed since")
    # what sentences were made of follows from them; a plan from before has none
    numbers = [one for one in found if not one.key.startswith(("provenance", "said"))]
    if why and not numbers:
        why.append("no number, reason or instruction differs")
    if not why:
        keys = ", ".join(one.key for one in numbers[:3]) or "its provenance"
        why.append(
            f"version, knowledge and code are the same: the file was edited ({keys}), "
            "or it was made on another kind of processor"
        )
    return tuple(why)
