"""Runs the assessment over cases with a known answer and counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from milia.diagnosis import assess

DATA = Path(__file__).parent / "data"
ANSWER_KEYS = ("diagnosis", "diagnosis_group", "acceptable_alternatives", "must_refer", "must_refer_reason")
RESAMPLES = 2000
SEED = 20


@dataclass(frozen=True)
class Outcome:
    """What one case should have given and what it gave."""

    id: str
    diagnosis: str
    group: str
    must_refer: bool
    rank: int
    first: str
    first_probability: float
    own_probability: float
    brier: float
    refer: bool
    refer_probability: float
    flags: tuple[str, ...]
    conclusion: str


def read_cases(name: str) -> list[dict[str, Any]]:
    """Read one file of cases."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def run_case(case: dict[str, Any]) -> Outcome:
    """Assess one case from its findings alone; the answer is taken out first."""
    sheet = {key: value for key, value in case.items() if key not in ANSWER_KEYS}
    found = assess(sheet)
    groups = [candidate.group for candidate in found.differential]
    group = case["diagnosis_group"]
    own = sum(c.probability for c in found.differential if c.group == group)
    brier = sum((c.probability - (c.group == group)) ** 2 for c in found.differential)
    return Outcome(
        id=case["id"],
        diagnosis=case.get("diagnosis", group),
        group=group,
        must_refer=bool(case["must_refer"]),
        rank=groups.index(group) + 1 if group in groups else len(groups) + 1,
        first=found.top.group,
        first_probability=found.top.probability,
        own_probability=own,
        brier=brier + (1.0 if group not in groups else 0.0),
        refer=found.refer.needed,
        refer_probability=found.refer.probability,
        flags=tuple(flag.id.rsplit(".", 1)[1] for flag in found.refer.flags),
        conclusion=found.conclusion,
    )


@dataclass(frozen=True)
class Figure:
    """A share or mean with its 90 % interval from resampled cases and the number of cases behind it."""

    value: float
    low: float
    high: float
    cases: int

    def to_dict(self) -> dict[str, float]:
        """Give plain rounded data."""
        return {
            "value": round(self.value, 3),
            "low": round(self.low, 3),
            "high": round(self.high, 3),
            "cases": self.cases,
        }


def mean_of(outcomes: Sequence[Outcome], of: Callable[[Outcome], float]) -> Figure | None:
    """Mean over cases, with the 5 and 95 % points of resampled means."""
    if not outcomes:
        return None
    values = np.array([float(of(o)) for o in outcomes])
    rng = np.random.default_rng(SEED)
    drawn = values[rng.integers(0, len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(drawn, (0.05, 0.95))
    return Figure(float(values.mean()), float(low), float(high), len(values))


def summary(outcomes: Sequence[Outcome]) -> dict[str, Figure | None]:
    """The figures that the goals speak of."""
    must = [o for o in outcomes if o.must_refer]
    benign = [o for o in outcomes if not o.must_refer]
    milia = [o for o in outcomes if o.group == "milia"]
    return {
        "top 1": mean_of(outcomes, lambda o: o.rank == 1),
        "top 3": mean_of(outcomes, lambda o: o.rank <= 3),
        "milia top 1": mean_of(milia, lambda o: o.rank == 1),
        "milia top 3": mean_of(milia, lambda o: o.rank <= 3),
        "must refer, flagged": mean_of(must, lambda o: o.refer),
        "benign, sent on without need": mean_of(benign, lambda o: o.refer),
        "Brier score (0 to 2)": mean_of(outcomes, lambda o: o.brier),
        "probability of the right group": mean_of(outcomes, lambda o: o.own_probability),
    }


def by_group(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    """Top 1, top 3 and referral per group."""
    made = {}
    for group in sorted({o.group for o in outcomes}):
        own = [o for o in outcomes if o.group == group]
        made[group] = {
            "cases": len(own),
            "top1": sum(o.rank == 1 for o in own),
            "top3": sum(o.rank <= 3 for o in own),
            "must_refer": sum(o.must_refer for o in own),
            "missed": sum(o.must_refer and not o.refer for o in own),
            "sent_on_without_need": sum(o.refer and not o.must_refer for o in own),
        }
    return made


def reliability(outcomes: Iterable[Outcome]) -> list[dict[str, float]]:
    """How often the first group was right, by the probability it was given."""
    edges = (0.0, 0.4, 0.6, 0.8, 0.9, 1.0001)
    kept = list(outcomes)
    made = []
    for low, high in pairwise(edges):
        inside = [o for o in kept if low <= o.first_probability < high]
        if inside:
            made.append(
                {
                    "low": low,
                    "high": min(high, 1.0),
                    "cases": len(inside),
                    "stated": float(np.mean([o.first_probability for o in inside])),
                    "right": float(np.mean([o.rank == 1 for o in inside])),
                }
            )
    return made
