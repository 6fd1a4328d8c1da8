"""Ways to choose among counted settings: by chance, mean loss, worst case, tail or regret."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.knowledge import load_knowledge
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.goals import Goals
from milia.planning.outcomes import Outcome
from milia.planning.scenarios import Scenario
from milia.planning.search import deepest_inside, rank
from milia.planning.types import Candidate

Array = NDArray[np.float64]


class Decision(StrEnum):
    """How one setting is chosen from many."""

    CHANCE = "chance"  # deepest inside the window: opens often enough, harms seldom enough
    EXPECTED = "expected"  # least mean loss
    WORST = "worst_case"  # least loss in the worst simulated skin
    TAIL = "cvar"  # least mean loss over the worst share of the skins
    REGRET = "minimax_regret"  # least loss beyond what the best setting for each skin would have cost


MODES: Mapping[str, Decision] = {
    "chance": Decision.CHANCE,
    "expected": Decision.EXPECTED,
    "worst": Decision.WORST,
    "cvar": Decision.TAIL,
    "regret": Decision.REGRET,
}
Choose = Callable[[Sequence[Candidate], Sequence[Candidate] | None], Candidate | None]


@dataclass(frozen=True)
class Weights:
    """What each kind of failure costs, relative to a cyst that stays closed (1)."""

    harm: float
    severe: float
    wound: float
    tail: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """What one way of choosing chose, with the figure that it made least."""

    decision: Decision
    candidate: Candidate
    value: float

    def to_dict(self) -> dict[str, Any]:
        return {"decision": self.decision.value, "value": round(self.value, 4), **self.candidate.to_dict()}


def weights() -> Weights:
    """Return the costs and the tail's share from the knowledge base."""
    known = load_knowledge()
    ids = [f"planning.loss.{name}" for name in ("harm", "severe", "wound", "tail")]
    harm, severe, wound, tail = (known.quantity(id).si for id in ids)
    return Weights(harm, severe, wound, tail, evidence=tuple(ids))


def loss(row: Outcome, number: int, scenario: Scenario, cost: Weights) -> float:
    """Return the loss of one simulated skin after ``number`` pulses, counted from 1.

    1 for a roof that is closed altogether, in proportion for one opened less than wanted; ``harm`` for
    living tissue lost to twice its limit in depth or width, in proportion from the limit on; ``severe``
    where scars were measured; and ``wound`` for a wound as wide as the limit, in proportion, so that of
    two settings that both open the one with the smaller wound wins.
    """
    n = number - 1
    short = max(0.0, 1.0 - row.opening[n] / scenario.opening_goal_m)
    deep = max(0.0, row.harm_depth[n] / scenario.depth_limit_m - 1.0)
    wide = row.wound_width[n] / scenario.lateral_limit_m
    beyond = max(deep, wide - 1.0, 0.0)
    return float(
        short + cost.harm * min(beyond, 1.0) + cost.severe * bool(row.severe[n]) + cost.wound * min(wide, 1.0)
    )


def loss_table(candidates: Sequence[Candidate], evaluator: Evaluator, cost: Weights) -> tuple[Array, Array]:
    """Return losses [setting, skin] in the skins that all settings share, and the skins' probabilities."""
    shared = min(evaluator.counts[shot_of(c)] for c in candidates)
    rows = {shot_of(c): evaluator.weighted(shot_of(c), shared) for c in candidates}
    table = np.array(
        [[loss(row, c.settings.pulses, skin, cost) for row, skin, _ in rows[shot_of(c)]] for c in candidates]
    )
    return table, np.array([share for _, _, share in rows[shot_of(candidates[0])]])


def figures(table: Array, share: Array, cost: Weights) -> Mapping[Decision, Array]:
    """Return for each way of choosing the figure of every setting that it makes least, [settings]."""
    return {
        Decision.EXPECTED: table @ share,
        Decision.WORST: table.max(axis=1),
        Decision.TAIL: np.array([tail_mean(row, share, cost.tail) for row in table]),
        Decision.REGRET: (table - table.min(axis=0)).max(axis=1),
    }


def tail_mean(values: Array, share: Array, tail: float) -> float:
    """Return the mean over the worst ``tail`` of the probability (conditional value at risk).

    The value that straddles the tail's edge counts with the part that lies inside
    (Rockafellar & Uryasev 2002, J Bank Finance 26:1443).
    """
    order = np.argsort(-values, kind="stable")
    inside = np.clip(tail - (np.cumsum(share[order]) - share[order]), 0.0, share[order])
    return float(values[order] @ inside / tail)


def choices(
    candidates: Sequence[Candidate], evaluator: Evaluator, goals: Goals, *, cost: Weights | None = None
) -> tuple[Choice, ...]:
    """Return what every way of choosing picks among the same counted settings."""
    cost = cost or weights()
    table, share = loss_table(candidates, evaluator, cost)
    by_chance = deepest_inside(candidates, goals) or min(candidates, key=lambda c: rank(c, goals))
    made = [Choice(Decision.CHANCE, by_chance, by_chance.p_open)]
    for decision, values in figures(table, share, cost).items():
        best = min(
            range(len(candidates)), key=lambda i: (round(float(values[i]), 9), rank(candidates[i], goals))
        )
        made.append(Choice(decision, candidates[best], float(values[best])))
    return tuple(made)


def chooser(decision: Decision, evaluator: Evaluator, goals: Goals, cost: Weights) -> Choose:
    """Return what picks one of the settings inside the window, or None where there are none.

    Every way of choosing keeps to the window: the limits hold in all of them. The second argument restricts
    the choice; the figures are those among all settings inside.
    """

    def choose(candidates: Sequence[Candidate], among: Sequence[Candidate] | None) -> Candidate | None:
        if decision is Decision.CHANCE:
            return deepest_inside(candidates, goals, among=among)
        inside = [one for one in candidates if one.inside]
        open_to = inside if among is None else [one for one in inside if one in among]
        if not open_to:
            return None
        table, share = loss_table(inside, evaluator, cost)
        values = figures(table, share, cost)[decision]
        return min(
            open_to,
            key=lambda one: (round(float(values[inside.index(one)]), 9), rank(one, goals)),
        )

    return choose


def figure_of(decision: Decision, best: Candidate, evaluator: Evaluator, cost: Weights) -> float:
    """Return the loss by which one way of choosing compares a setting with those of other devices.

    Regret, which needs all settings side by side, and chance are compared by the mean loss.
    """
    table, share = loss_table([best], evaluator, cost)
    by = decision if decision in (Decision.WORST, Decision.TAIL) else Decision.EXPECTED
    return float(figures(table, share, cost)[by][0])


def pareto(
    candidates: Sequence[Candidate], evaluator: Evaluator, goals: Goals
) -> tuple[tuple[Candidate, float], ...]:
    """Return the settings that no other beats in both opening and wound width, with that width [m].

    Only settings whose harm is accepted take part, unless there are none.
    """
    sparing = [c for c in candidates if c.p_harm <= goals.p_harm_max and c.p_severe <= goals.p_severe_max]
    listed = [(c, _wound(c, evaluator)) for c in sparing or candidates]
    listed.sort(key=lambda pair: (round(pair[1], 7), -pair[0].p_open, rank(pair[0], goals)))
    front: list[tuple[Candidate, float]] = []
    for candidate, width in listed:
        if not front or candidate.p_open > front[-1][0].p_open:
            front.append((candidate, width))
    return tuple(front)


def _wound(candidate: Candidate, evaluator: Evaluator) -> float:
    rows = evaluator.outcomes(shot_of(candidate))
    return float(np.median([row.wound_width[candidate.settings.pulses - 1] for row in rows]))
