"""In which order the lesions of a session are treated, with which pauses, and which of them not today."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from milia.knowledge import load_knowledge
from milia.planning.session import Group, Session, SessionLesion
from milia.planning.session_heat import Heat, added

LONGEST_WAIT_s = 600
SESSION_EVIDENCE = tuple(
    f"planning.session.{name}"
    for name in ("rise_most", "pace", "diameter_ratio", "gap_share", "members", "infiltrate")
)


@dataclass(frozen=True)
class Served:
    """What a group's plan means for the session; widths [m]; ``heat`` only where the laser is used."""

    group: Group
    action: str
    energy_J: float
    wound_m: float
    wound_most_m: float
    heat: Heat | None


@dataclass(frozen=True)
class Step:
    """One lesion of today: when its first pulse comes, how long is waited for it, and what heat it meets."""

    number: int
    lesion: SessionLesion
    group: str
    at_s: float
    wait_s: float
    rise_K: float
    bound_K: float
    nearest: str
    nearest_m: float


@dataclass(frozen=True)
class Later:
    """A lesion that is not treated today with the laser, and why.

    ``kind`` is ``action`` (another treatment is planned), ``close`` (``left_m`` of skin would stay between
    its wound and that of ``other``) or ``most`` (no more are treated today).
    """

    lesion: SessionLesion
    group: str
    why: str
    kind: str
    other: str = ""
    left_m: float = 0.0


@dataclass(frozen=True)
class Order:
    """Today's steps in order, and what is left."""

    steps: tuple[Step, ...]
    later: tuple[Later, ...]
    limit_K: float


def arrange(session: Session, served: Sequence[Served], *, most: int, why_most: str) -> Order:
    """Return the order of a session.

    Group by group, so that settings are dialled once, the group with the least pulse energy first; within a
    group the lesion that may be fired soonest, of equals the nearest, goes next. A lesion is fired once the
    closed-form bound of the rise that all earlier ones left is no more than the limit. Wounds that would lie
    closer than the stated share of their width are not made on one day.
    """
    known = load_knowledge()
    limit = known.quantity("planning.session.rise_most").si
    gap = known.quantity("planning.session.gap_share").si
    of = {name: one for one in served for name in one.group.lesions}
    lesions = {one.name: one for one in session.lesions}
    steps: list[Step] = []
    later: list[Later] = []
    for one in sorted(served, key=lambda s: (s.energy_J, s.group.name)):
        waiting = [lesions[name] for name in one.group.lesions]
        if one.heat is None:
            later.extend(
                Later(lesion, one.group.name, f"the plan is {one.action}, not laser", "action")
                for lesion in waiting
            )
            continue
        while waiting:
            close = [found for lesion in waiting if (found := _too_close(lesion, one, steps, of, gap))]
            for found in close:
                waiting.remove(found.lesion)
            later.extend(close)
            if not waiting:
                break
            if len(steps) >= most:
                later.extend(Later(lesion, one.group.name, why_most, "most") for lesion in waiting)
                break
            options = [_step(lesion, one, steps, of, session.pace_s, limit) for lesion in waiting]
            chosen = min(options, key=lambda s: (s.wait_s, _from_last(s.lesion, steps), s.lesion.name))
            steps.append(chosen)
            waiting.remove(chosen.lesion)
    return Order(tuple(steps), tuple(later), limit)


def _from_last(lesion: SessionLesion, steps: Sequence[Step]) -> float:
    return round(lesion.distance_m(steps[-1].lesion), 6) if steps else 0.0


def _too_close(
    lesion: SessionLesion, own: Served, steps: Sequence[Step], of: Mapping[str, Served], gap: float
) -> Later | None:
    for step in steps:
        mean = 0.5 * (own.wound_m + of[step.lesion.name].wound_m)
        between = lesion.distance_m(step.lesion) - mean
        if between < gap * mean:
            left = max(between, 0.0)
            why = (
                f"only {1e3 * left:.1f} mm of untouched skin would stay between its wound and "
                f"that of {step.lesion.name}"
            )
            return Later(lesion, own.group.name, why, "close", step.lesion.name, left)
    return None


def _step(
    lesion: SessionLesion,
    own: Served,
    steps: Sequence[Step],
    of: Mapping[str, Served],
    pace_s: float,
    limit_K: float,
) -> Step:
    soonest = steps[-1].at_s + pace_s if steps else 0.0
    wait = 0
    simulated = bound = 0.0
    while True:
        heats: list[tuple[Heat, float, float]] = []
        for step in steps:
            heat = of[step.lesion.name].heat
            assert heat is not None
            heats.append((heat, lesion.distance_m(step.lesion), soonest + wait - step.at_s))
        simulated, bound = added(heats)
        if bound <= limit_K or wait >= LONGEST_WAIT_s:
            break
        wait += 1
    near = min(steps, key=lambda s: lesion.distance_m(s.lesion), default=None)
    return Step(
        number=len(steps) + 1,
        lesion=lesion,
        group=own.group.name,
        at_s=soonest + wait,
        wait_s=float(wait),
        rise_K=simulated,
        bound_K=bound,
        nearest=near.lesion.name if near else "",
        nearest_m=lesion.distance_m(near.lesion) if near else math.nan,
    )


def session_dict(
    session: Session, served: Sequence[Served], order: Order, *, extra: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the session as JSON-ready data; ``extra`` holds limits, anaesthetic and the groups' plans."""
    of = {name: one for one in served for name in one.group.lesions}
    area = sum(math.pi / 4.0 * of[s.lesion.name].wound_m ** 2 for s in order.steps)
    most = sum(math.pi / 4.0 * of[s.lesion.name].wound_most_m ** 2 for s in order.steps)
    return {
        "schema_version": "1.0",
        "frame": session.frame,
        "pace_s": session.pace_s,
        "pace_basis": "session" if session.pace_stated else "default",
        "rise_limit_K": order.limit_K,
        "today": [_step_dict(step) for step in order.steps],
        "later": [
            {
                "lesion": one.lesion.name,
                "at_mm": _at(one.lesion),
                "group": one.group,
                "why": one.why,
                "because": one.kind,
                "close_to": one.other or None,
                "left_mm": round(1e3 * one.left_m, 2) if one.other else None,
            }
            for one in order.later
        ],
        "minutes": round((order.steps[-1].at_s + session.pace_s) / 60.0, 2) if order.steps else 0.0,
        "wound_area_mm2": {"p50": round(1e6 * area, 3), "p95": round(1e6 * most, 3)},
        "heat": [_heat_dict(one, order.limit_K) for one in served if one.heat is not None],
        **extra,
    }


def _at(lesion: SessionLesion) -> list[float]:
    return [round(1e3 * lesion.x_m, 4), round(1e3 * lesion.y_m, 4)]


def _step_dict(step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "lesion": step.lesion.name,
        "at_mm": _at(step.lesion),
        "group": step.group,
        "site": step.lesion.case.lesion.site.name,
        "at_s": round(step.at_s, 3),
        "wait_s": step.wait_s,
        "rise_K": round(step.rise_K, 4),
        "rise_bound_K": round(step.bound_K, 4),
        "nearest_treated": step.nearest or None,
        "nearest_mm": None if not step.nearest else round(1e3 * step.nearest_m, 3),
    }


def _heat_dict(one: Served, limit_K: float) -> dict[str, Any]:
    heat = one.heat
    assert heat is not None
    rows = []
    for distance in (1e-3, 2e-3, 3e-3, 5e-3):
        for after in (1.0, 4.0, 15.0):
            own = heat.simulated(distance, after)
            rows.append(
                {
                    "distance_mm": 1e3 * distance,
                    "after_s": after,
                    "engine_K": None if own is None else round(own, 4),
                    "bound_K": round(heat.bound(distance, after), 4),
                }
            )
    return {
        "group": one.group.name,
        "left_mJ": round(1e3 * heat.left_J, 3),
        "radius_mm": round(1e3 * heat.radius_m, 3),
        "never_above_limit_from_mm": round(1e3 * heat.free_distance(limit_K), 2),
        "rise": rows,
    }
