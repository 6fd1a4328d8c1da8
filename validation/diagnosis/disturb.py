"""Takes away or falsifies one finding at a time: may a flagged lesion then look like a milium to treat?"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from validation.diagnosis.measure import ANSWER_KEYS

from milia.diagnosis import VOCABULARY, assess

LISTS = ("sites", "colour", "surface", "consistency", "shape", "symptoms")
PHRASES = ("triggers_history", "dermoscopy", "sites_other")
WRONG_PHRASES = ("no trauma", "otherwise healthy", "round white homogeneous structure", "called a milium")


@dataclass(frozen=True)
class Disturbed:
    """One sheet with one finding changed."""

    case: str
    change: str
    sheet: dict[str, Any]


def disturbances(case: dict[str, Any]) -> Iterator[Disturbed]:
    """Every sheet that lacks one finding, and every sheet with one finding replaced by another answer."""
    base = {key: value for key, value in case.items() if key not in ANSWER_KEYS}
    for key in ("age_years", "sex", "lesion_count", "size_mm", "extractable_content"):
        if base.get(key) not in (None, [], ""):
            yield _with(case, base, f"{key} removed", key, None)
    for age in (0.01, 8, 30):
        if base.get("age_years") is not None:
            yield _with(case, base, f"age_years replaced by {age}", "age_years", age)
    for count in VOCABULARY["lesion_count"]:
        if base.get("lesion_count") not in (None, count):
            yield _with(case, base, f"lesion_count replaced by {count}", "lesion_count", count)
    for key in (*LISTS, *PHRASES):
        listed = base.get(key) or []
        for i, old in enumerate(listed):
            rest = [*listed[:i], *listed[i + 1 :]]
            yield _with(case, base, f"{key}: {old} removed", key, rest)
            others = VOCABULARY[key] if key in LISTS else WRONG_PHRASES
            for other in others:
                if other not in listed:
                    yield _with(case, base, f"{key}: {old} replaced by {other}", key, [*rest, other])
    yield from _course(case, base)


def _course(case: dict[str, Any], base: dict[str, Any]) -> Iterator[Disturbed]:
    course = base.get("course") or {}
    for key, old in course.items():
        if old in (None, [], ""):
            continue
        others: list[Any] = [None]
        if key in ("onset", "growth", "duration_band"):
            others += [word for word in VOCABULARY[key] if word != old]
        for other in others:
            changed = copy.deepcopy(base)
            changed["course"][key] = other
            yield Disturbed(case["id"], f"course.{key}: {old} to {other}", changed)


def _with(case: dict[str, Any], base: dict[str, Any], change: str, key: str, value: Any) -> Disturbed:
    return Disturbed(case["id"], change, {**base, key: value})


def robustness(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Count the disturbed sheets of flagged cases, and name those that end as a milium to treat."""
    tried = unflagged = 0
    to_laser = []
    for case in cases:
        sheet = {key: value for key, value in case.items() if key not in ANSWER_KEYS}
        if not (case["must_refer"] and assess(sheet).refer.needed):
            continue
        for disturbed in disturbances(case):
            found = assess(disturbed.sheet)
            tried += 1
            unflagged += not found.refer.needed
            if found.conclusion == "milium_likely":
                to_laser.append(
                    {"case": disturbed.case, "group": case["diagnosis_group"], "change": disturbed.change}
                )
    return {"disturbed_sheets": tried, "no_longer_referred": unflagged, "became_milium_to_treat": to_laser}
