"""Treat one virtual patient by one plan, session by session, with the full engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.planning import Fire, Look, Outcome, Stop, fire_at
from milia.study.cohort import Truth, in_session
from milia.study.plans import Plan

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """How one patient fared with one policy; lengths [m], of the largest wound of all sessions.

    ``opened_first`` is whether the first session opened the roof; ``opening_m`` is the last session's.
    """

    treated: bool
    opened: bool
    opened_first: bool
    harmed: bool
    severe: bool
    sessions: int
    pulses: int
    opening_m: float
    wound_width_m: float
    harm_depth_m: float
    crater_depth_m: float


UNTREATED = Course(False, False, False, False, False, 0, 0, 0.0, 0.0, 0.0, 0.0)


def treat(known: Truth, plan: Plan, look: Look, *, sessions: int, fire: Fire = fire_at) -> Course:
    """Treat a patient until the roof is open or the sessions are used up.

    Between sessions the skin heals as it was, and a new hand holds the handpiece. Whether the roof is open
    shows when the content is pressed out at the end of a session; during it only the look tells.
    """
    rows: list[tuple[Outcome, int]] = []
    for session in range(sessions):
        rows.append(_session(known, plan, look, session, fire))
        outcome, last = rows[-1]
        if outcome.opened[last]:
            break
    outcome, last = rows[-1]
    return Course(
        treated=True,
        opened=bool(outcome.opened[last]),
        opened_first=bool(rows[0][0].opened[rows[0][1]]),
        harmed=any(bool(row.harmed[n]) for row, n in rows),
        severe=any(bool(row.severe[n]) for row, n in rows),
        sessions=len(rows),
        pulses=sum(n + 1 for _, n in rows),
        opening_m=float(outcome.opening[last]),
        wound_width_m=max(float(row.wound_width[n]) for row, n in rows),
        harm_depth_m=max(float(row.harm_depth[n]) for row, n in rows),
        crater_depth_m=max(float(row.depth[n]) for row, n in rows),
    )


def _session(known: Truth, plan: Plan, look: Look, session: int, fire: Fire) -> tuple[Outcome, int]:
    """Fire one session; return what each pulse did and the number of the last one fired, from 0."""
    skin = in_session(known, session)
    if not plan.shot.looked:
        outcome = fire(plan.shot, skin, known.device, pulses=plan.pulses, stop=Stop.NEVER)
        return outcome, plan.pulses - 1
    luck = known.looks[session]
    outcome = fire(plan.shot, skin, known.device, pulses=plan.pulses, stop=Stop.OPENED)
    last = last_pulse(outcome, luck, look)
    if last >= outcome.fired:
        # two looks in a row missed an open roof: what the pulses after that do was not simulated
        outcome = fire(plan.shot, skin, known.device, pulses=plan.pulses, stop=Stop.NEVER)
        last = last_pulse(outcome, luck, look)
    return outcome, last


def last_pulse(outcome: Outcome, luck: Array, look: Look) -> int:
    """Return the pulse after which the operator stops, from 0.

    An open roof is taken for open unless the look fails (``misses_open``), a closed one is taken for closed
    unless it fails (``misses_closed``); ``luck`` holds a uniform number for every look.
    """
    for n, opened in enumerate(outcome.opened):
        seen = luck[n] >= look.misses_open if opened else luck[n] < look.misses_closed
        if seen:
            return n
    return len(outcome.opened) - 1
