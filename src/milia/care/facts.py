"""What the rules may look at: one flat record of the case, and of the plan once there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from milia.care.clinic import DRESSINGS, MAKE_UP, SUNSCREEN
from milia.knowledge import Knowledge

if TYPE_CHECKING:
    from milia.base import Interval
    from milia.care.diagnosed import Diagnosed
    from milia.planning import Case, Lesion, Patient

DAYS_PER_YEAR = 365.25

CONDITION_GROUPS = ("milium", "plaque", "malignant", "other", "unnamed")


@dataclass(frozen=True, slots=True)
class Facts:
    """The case in the words of the rules; lengths in metres, ages and healing in days."""

    age_days: float
    sex: str
    skin_type: str
    history: frozenset[str]
    history_stated: bool
    habits: frozenset[str]
    site: str
    site_title: str
    hard_stop: bool
    orbital: bool
    eyelid: bool
    laser_allowed: bool
    count: int
    roof_m: float
    roof_measured: bool
    failed: frozenset[str]
    confirmed: bool
    condition: str
    condition_groups: frozenset[str]
    device_kind: str
    red_flag_open: bool = False
    diagnosis_doubted: bool = False
    weight_kg: float | None = None
    laser_wound_days: float | None = None
    action: str | None = None
    healing_days: Interval | None = None
    test_spot: bool = False
    test_always: bool = False
    prefer: tuple[str, ...] = ()
    dose_limits: tuple[tuple[str, float], ...] = ()
    make_up: str = MAKE_UP[0]
    sunscreen: str = SUNSCREEN[0]
    dressing: str = DRESSINGS[0]

    def planned(self, action: str, *, healing_days: Interval | None) -> Facts:
        """Return the same facts with the action that was chosen and how long its wound is open."""
        return replace(self, action=action, healing_days=healing_days)


def facts_of(case: Case, *, knowledge: Knowledge, behind: Diagnosed | None = None) -> Facts:
    """Return what the rules need of a case and of the assessment ``behind`` its diagnosis."""
    return facts_from(
        case.patient,
        case.lesion,
        device_kind=str(case.device.kind),
        prefer=case.prefer,
        behind=behind,
        knowledge=knowledge,
    )


def facts_from(
    patient: Patient,
    lesion: Lesion,
    *,
    device_kind: str,
    prefer: tuple[str, ...],
    behind: Diagnosed | None,
    knowledge: Knowledge,
) -> Facts:
    """Return what the rules need, put together from its parts.

    The roof is the measured one, else the atlas value.
    """
    site = lesion.site
    condition = normalised(lesion.diagnosis.condition)
    return Facts(
        # Rounded, because 28 days must stay 28 days after their trip through years.
        age_days=round(patient.age_years * DAYS_PER_YEAR, 6),
        sex=patient.sex,
        skin_type=patient.skin_type,
        history=frozenset(patient.history),
        history_stated=patient.history_stated,
        habits=frozenset(patient.habits),
        site=site.name,
        site_title=site.title,
        hard_stop=site.hard_stop,
        orbital=site.orbital,
        eyelid=site.eyelid,
        laser_allowed=site.laser_allowed,
        count=lesion.count,
        roof_m=lesion.roof.value if lesion.roof is not None else site.roof_m.value,
        roof_measured=lesion.roof is not None,
        failed=frozenset(lesion.failed),
        confirmed=lesion.diagnosis.confirmed,
        condition=condition,
        condition_groups=condition_groups(condition, knowledge=knowledge),
        device_kind=device_kind,
        red_flag_open=behind is not None and behind.red_flag_open,
        diagnosis_doubted=behind is not None and not behind.gate.accepted,
        weight_kg=patient.weight_kg,
        prefer=prefer,
    )


def normalised(condition: str) -> str:
    """Return a condition as the rules spell it: small letters, words joined by underscores."""
    return re.sub(r"[^a-z0-9]+", "_", condition.lower()).strip("_")


def condition_groups(condition: str, *, knowledge: Knowledge) -> frozenset[str]:
    """Return the groups of a condition; a name that no list knows is ``other``, none at all ``unnamed``."""
    if not condition:
        return frozenset({"unnamed"})
    groups = {
        group
        for group in ("milium", "plaque", "malignant")
        if condition in knowledge.statement(f"care.condition.{group}").extra["names"]
    }
    if "milium" not in groups and any(word in MALIGNANT_WORDS for word in condition.split("_")):
        groups.add("malignant")
    return frozenset(groups or {"other"})


MALIGNANT_WORDS = frozenset(
    {"carcinoma", "melanoma", "malignant", "malignancy", "lymphoma", "sarcoma", "bcc", "scc"}
)
"""A name with one of these words is malignant even if no list holds it: to refer is the safe error."""
