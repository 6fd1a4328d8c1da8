"""A plan that comes back from a file: checked key by key, brought to today's schema, read into facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from milia.base import InputError, Interval
from milia.care.diagnosed import looked_back
from milia.care.facts import Facts, facts_from
from milia.care.migration import migrated
from milia.knowledge import Knowledge

if TYPE_CHECKING:
    from milia.care.plan import Plan
    from milia.care.saved_schema import SavedPlan


@dataclass(frozen=True)
class Saved:
    """A plan as the care of it needs it: what is done, for whom, with which numbers, and its hash."""

    action: str
    facts: Facts
    healing_days: Interval | None
    healing_basis: str | None
    numbers: SavedPlan
    diameter_m: float
    plan_hash: str

    @property
    def plan_id(self) -> str:
        """The first twelve characters of the hash: what is said on the telephone."""
        return self.plan_hash[:12]


def read_saved(plan: Plan | Mapping[str, Any], *, knowledge: Knowledge, file: str = "plan") -> Saved:
    """Read a plan, or the mapping of a saved one.

    Parameters
    ----------
    plan
        A `Plan`, or what its `to_dict` gave.
    knowledge
        Where the rules are.
    file
        Name for messages.

    Raises
    ------
    InputError
        Naming the key that is missing, of the wrong type or out of range, or that contradicts another.
    """
    content = plan if isinstance(plan, Mapping) else plan.to_dict()
    digest = plan_hash(content, file=file)
    found = migrated(content, file=file)
    # pydantic costs a tenth of a second that only this path pays.
    from milia.care.saved_schema import checked

    numbers = checked(found, file=file)
    from milia.planning import patient_and_lesion

    case = {key: numbers.case.get(key) for key in ("patient", "lesion", "skin")}
    patient, lesion = patient_and_lesion(case, file=f"{file}: case")
    behind = looked_back(lesion.diagnosis, file=f"{file}: case")
    facts = facts_from(
        patient,
        lesion,
        device_kind=str(numbers.case["device_kind"]),
        prefer=(),
        behind=behind,
        knowledge=knowledge,
    )
    healing = numbers.aftercare.healing_days
    wound = (numbers.predicted or {}).get("healing_days")
    saved = Saved(
        action=numbers.action,
        facts=replace(facts, laser_wound_days=wound.p95 if wound else None),
        healing_days=Interval(healing.p05, healing.p50, healing.p95) if healing else None,
        healing_basis=numbers.aftercare.healing_basis,
        numbers=numbers,
        diameter_m=lesion.diameter.value,
        plan_hash=digest,
    )
    _agrees_with_its_case(saved, knowledge=knowledge, file=file)
    return saved


def plan_hash(plan: Mapping[str, Any], *, file: str = "plan") -> str:
    """Return the SHA-256 of a plan's canonical JSON: sorted keys, no blanks, UTF-8."""
    try:
        text = json.dumps(
            plan, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"the plan is no JSON data ({error})", file=file, accepted="what `milia plan --json` prints"
        ) from None
    return hashlib.sha256(text).hexdigest()


def _agrees_with_its_case(saved: Saved, *, knowledge: Knowledge, file: str) -> None:
    """Refuse an action that the plan's own case forbids: somebody changed one of the two."""
    from milia.care.choice import forbidden

    why = forbidden(saved.action, saved.facts, knowledge=knowledge)
    if why:
        raise InputError(
            f"the action contradicts the plan's own case: {why}",
            file=file,
            key="action",
            value=saved.action,
            accepted="a plan as `milia plan --json` wrote it; plan again",
        )
