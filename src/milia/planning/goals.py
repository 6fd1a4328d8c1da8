"""What a plan aims at, what it may not do, and where each of these comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from milia.knowledge import Knowledge, Quantity, load_knowledge
from milia.planning.case import Case
from milia.planning.limits import Limit, Own, limits_for
from milia.skin import depth_limit

PREFIX = "planning."


@dataclass(frozen=True)
class Goals:
    """Goal and limits of one case, SI. ``lateral_limit_m`` is the largest full width of the wound.

    ``limits`` hold every limit at both levels; ``set_by`` says which numbers are not the default, and whose;
    ``refused`` names own levels that are not used because the site's hard stop is stricter.
    """

    opening_m: float
    p_open_min: float
    p_harm_max: float
    depth_limit_m: float
    severe_depth_m: float
    p_severe_max: float
    lateral_limit_m: float
    hard_stop: bool
    flags: dict[str, str]
    evidence: tuple[str, ...]
    limits: tuple[Limit, ...]
    set_by: dict[str, str]
    refused: tuple[str, ...] = ()

    def limit(self, name: str) -> Limit:
        """Return one limit by its name."""
        return next(limit for limit in self.limits if limit.name == name)

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
            "set_by": dict(self.set_by),
            "limits": [limit.to_dict() for limit in self.limits],
        }


def _tidy(value: float) -> float:
    return float(f"{value:.6g}")


def goals_for(case: Case) -> Goals:
    """Return the goals of a case: what it or its clinic states, the knowledge base for the rest."""
    known = load_knowledge()
    used: dict[str, Quantity] = {}
    refused: list[str] = []

    def take(name: str) -> Quantity:
        used[name] = known.quantity(PREFIX + name)
        return used[name]

    site, own = case.lesion.site, case.own
    diameter = case.lesion.diameter.value

    def share(name: str, default: Quantity, *, strictest: bool = False) -> Own:
        mine = own.get(name)
        if mine is None:
            return Own(default.si, "knowledge")
        if strictest and mine.value > default.si:
            refused.append(name)
            return Own(default.si, "knowledge")
        return mine

    if case.opening_m is not None:
        opening, opening_flag = Own(case.opening_m, "case"), "case"
    else:
        wanted = min(take("opening.share").si * diameter, take("opening.most").si)
        opening, opening_flag = Own(wanted, "knowledge"), used["opening.share"].flag
    p_open = share("p_open", take("p_open.least"))
    harm = take("p_harm.most_at_hard_stop" if site.hard_stop else "p_harm.most")
    p_harm = share("p_harm", harm, strictest=site.hard_stop)
    p_severe = share("p_severe", take("p_severe.most"), strictest=site.hard_stop)
    scar = known.quantity("limit.scar.depth")
    total = case.skin_total.value if case.skin_total else site.total_m.value
    rule = depth_limit(total)
    limits, ids = limits_for(
        own,
        opening=opening,
        opening_flag=opening_flag,
        depth_m=rule,
        depth_flag=_depth_flag(known),
        hard_stop=site.hard_stop,
    )
    by_name = {limit.name: limit for limit in limits}
    depth, lateral = by_name["depth"], by_name["lateral"]
    if site.hard_stop and "depth.stop" in own and depth.stop_set_by == "knowledge":
        refused.append("depth")
    return Goals(
        opening_m=opening.value,
        p_open_min=p_open.value,
        p_harm_max=p_harm.value,
        depth_limit_m=depth.stop,
        severe_depth_m=scar.si,
        p_severe_max=min(p_severe.value, p_harm.value),
        lateral_limit_m=diameter + 2.0 * lateral.stop,
        hard_stop=site.hard_stop,
        flags={
            "opening_um": opening_flag,
            "p_open_min": _flag(p_open, used["p_open.least"]),
            "p_harm_max": _flag(p_harm, harm),
            "depth_limit_um": depth.stop_flag,
            "lateral_limit_um": lateral.stop_flag,
            "severe_depth_um": scar.flag,
            "p_severe_max": _flag(p_severe, used["p_severe.most"]),
        },
        evidence=(
            *(q.id for q in used.values()),
            *ids,
            "limit.scar.depth",
            "limit.scar.share_of_skin",
            "limit.depth.rule",
        ),
        limits=limits,
        set_by={
            name: one.whose
            for name, one in (
                ("opening_um", opening),
                ("p_open_min", p_open),
                ("p_harm_max", p_harm),
                ("p_severe_max", p_severe),
                ("depth_limit_um", Own(depth.stop, depth.stop_set_by)),
                ("lateral_limit_um", Own(lateral.stop, lateral.stop_set_by)),
            )
            if one.whose != "knowledge"
        },
        refused=tuple(refused),
    )


def _flag(share: Own, default: Quantity) -> str:
    return default.flag if share.whose == "knowledge" else share.whose


def _depth_flag(known: Knowledge) -> str:
    return known.statement("limit.depth.rule").flag
