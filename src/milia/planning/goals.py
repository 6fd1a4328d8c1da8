"""What a plan aims at, what it may not do, and where each of these comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from milia.knowledge import Knowledge, Quantity, load_knowledge
from milia.planning.case import Case
from milia.skin import depth_limit

PREFIX = "planning."


@dataclass(frozen=True)
class Goals:
    """Goal and limits of one case, SI. ``lateral_limit_m`` is the largest full width of the wound."""

    opening_m: float
    p_open_min: float
    p_harm_max: float
    depth_limit_m: float
    severe_depth_m: float
    p_severe_max: float
    lateral_allowance_m: float
    lateral_limit_m: float
    hard_stop: bool
    flags: dict[str, str]
    evidence: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "opening_um": _tidy(1e6 * self.opening_m),
            "p_open_min": self.p_open_min,
            "p_harm_max": self.p_harm_max,
            "depth_limit_um": _tidy(1e6 * self.depth_limit_m),
            "lateral_limit_um": _tidy(1e6 * self.lateral_limit_m),
            "severe_depth_um": _tidy(1e6 * self.severe_depth_m),
            "p_severe_max": self.p_severe_max,
            "hard_stop": self.hard_stop,
            "flags": dict(self.flags),
        }


def _tidy(value: float) -> float:
    return float(f"{value:.6g}")


def goals_for(case: Case) -> Goals:
    """Return the goals of a case: its own opening if it states one, the knowledge base for the rest."""
    known = load_knowledge()
    used: dict[str, Quantity] = {}

    def take(name: str) -> Quantity:
        used[name] = known.quantity(PREFIX + name)
        return used[name]

    diameter = case.lesion.diameter.value
    flags = {}
    if case.opening_m is not None:
        opening = case.opening_m
        flags["opening_um"] = "case"
    else:
        opening = min(take("opening.share").si * diameter, take("opening.most").si)
        flags["opening_um"] = used["opening.share"].flag
    site = case.lesion.site
    harm = take("p_harm.most_at_hard_stop" if site.hard_stop else "p_harm.most")
    severe = take("p_severe.most")
    scar = known.quantity("limit.scar.depth")
    allowance = take("lateral.allowance")
    total = case.skin_total.value if case.skin_total else site.total_m.value
    flags |= {
        "p_open_min": take("p_open.least").flag,
        "p_harm_max": harm.flag,
        "depth_limit_um": _depth_flag(known),
        "lateral_limit_um": allowance.flag,
        "severe_depth_um": scar.flag,
        "p_severe_max": severe.flag,
    }
    return Goals(
        opening_m=opening,
        p_open_min=used["p_open.least"].si,
        p_harm_max=harm.si,
        depth_limit_m=depth_limit(total),
        severe_depth_m=scar.si,
        p_severe_max=min(severe.si, harm.si),
        lateral_allowance_m=allowance.si,
        lateral_limit_m=diameter + 2.0 * allowance.si,
        hard_stop=site.hard_stop,
        flags=flags,
        evidence=(
            *(q.id for q in used.values()),
            "limit.scar.depth",
            "limit.scar.share_of_skin",
            "limit.depth.rule",
        ),
    )


def _depth_flag(known: Knowledge) -> str:
    return known.statement("limit.depth.rule").flag
