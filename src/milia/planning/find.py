"""Find the best setting in one go and the best series with looks, and say which of the two is better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from milia.planning.case import Case
from milia.planning.decision import MODES, Choose, Decision, Weights, chooser, figure_of
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.goals import Goals
from milia.planning.ladders import STEPS, Foreseen, ladders, ladders_around, nearness
from milia.planning.look import the_look
from milia.planning.outcomes import Fire, Shot, Stop, fire_at, scout_at
from milia.planning.scenarios import Scenarios
from milia.planning.search import (
    MOST_PULSES,
    best_of_each_spot,
    climb,
    line_around,
    rank,
    shots_for,
    slack,
    spots_for,
)
from milia.planning.types import Candidate

if TYPE_CHECKING:
    from milia.planning.live import Prepared, SwiftEvaluator

MOST_RECOUNTS = 2
# series with looks cost more to fire: the first that holds its full count is taken
MOST_LOOKED_RECOUNTS = 1
# a look after each pulse is more work: it is asked for only where it lies this much deeper inside the window
DEEPER = 0.05
Stages = Callable[[str, float, float], Callable[[float], None]]


@dataclass(frozen=True)
class Effort:
    """How many scenarios each stage of the search fires at, and how many spots it refines.

    ``drift`` skins tell how far duration, spot and interval may drift. ``look`` skins tell promising series
    with looks apart; with ``looked`` false there are none.

    Where ``swift`` is not 0, the trained surrogate says where to look, and draws the chart of settings in one
    go; of these the best is counted by the engine in so many skins, its neighbours in half as many. What is
    recommended in the end is counted by the engine in all ``final`` skins.
    """

    screen: int = 8
    refine: int = 64
    final: int = 256
    refined_shots: int = 3
    drift: int = 12
    swift: int = 64
    look: int = 32
    looked: bool = True


@dataclass(frozen=True, eq=False)
class Found:
    """The best of one kind: what is recommended of it, if anything, what comes closest, what was counted."""

    chosen: Candidate | None
    best: Candidate
    counted: tuple[Shot, ...]
    line: tuple[Shot, ...]
    evaluator: Evaluator
    scouting: int


@dataclass(frozen=True, eq=False)
class Task:
    """What every search of one device needs."""

    case: Case
    goals: Goals
    scenarios: Scenarios
    effort: Effort
    fire: Fire | None
    mode: Decision
    cost: Weights
    tell: Stages

    def choose(self, evaluator: Evaluator) -> Choose:
        return chooser(self.mode, evaluator, self.goals, self.cost)

    def spots(self) -> tuple[float, ...]:
        return spots_for(self.case.device, self.goals, self.case.lesion.diameter.value)


def task_for(
    case: Case,
    goals: Goals,
    scenarios: Scenarios,
    effort: Effort,
    fire: Fire | None,
    *,
    cost: Weights,
    tell: Stages,
) -> Task:
    """Collect what the searches share."""
    return Task(case, goals, scenarios, effort, fire, MODES[case.decide or "chance"], cost, tell)


def estimator(task: Task) -> SwiftEvaluator | None:
    """Return what estimates the settings of a case, or nothing where the surrogate may not be asked."""
    if task.fire is not None or not task.effort.swift:
        return None
    from milia.planning.live import swift_evaluator

    pulses = min(MOST_PULSES, task.case.device.pulses_max)
    return swift_evaluator(task.case, task.goals, task.scenarios, pulses, engine_skins=task.effort.swift)


def in_one_go(task: Task, estimating: SwiftEvaluator | None) -> Found:
    """Find the best setting whose pulses are fired without a look."""
    device, goals, effort, tell = task.case.device, task.goals, task.effort, task.tell
    pulses = min(MOST_PULSES, device.pulses_max)
    scout = Evaluator(
        device, task.scenarios.items, goals, pulses, fire=task.fire or scout_at, stop=Stop.HARMED
    )
    evaluator = estimating or Evaluator(
        device, task.scenarios.items, goals, pulses, fire=task.fire or fire_at, named=task.scenarios.named
    )
    shots = _screened(estimating, effort, tell) or _scouted(task, scout)
    counted = _refined(task, evaluator, shots)
    while True:
        chosen, best = _confirmed(task, evaluator, counted, (0.4, 0.5))
        line = line_around(device, shot_of(best))
        if set(line) <= set(counted):
            break
        # what the drawn line adds may lie deeper inside than the choice
        evaluator.ensure(line, effort.refine, tell("searching the window", 0.4, 0.5))
        counted = sorted({*counted, *line})
    if estimating and chosen:
        estimating.recount(_beside(line, best), effort.swift // 2)
        estimating.recount([shot_of(best)], effort.final, tell("confirming", 0.4, 0.5))
        best = estimating.candidate(shot_of(best), best.settings.pulses)
        chosen = best if best.inside else None
    return Found(chosen, best, tuple(counted), line, evaluator, scout.simulations)


def _beside(line: Sequence[Shot], best: Candidate) -> Sequence[Shot]:
    """Return the energies next to the best one."""
    at = list(line).index(shot_of(best))
    return [*line[max(0, at - 1) : at], *line[at + 1 : at + 2]]


def _screened(estimating: SwiftEvaluator | None, effort: Effort, tell: Stages) -> tuple[Shot, ...]:
    """Find the most promising shot of each spot among all of them, in all skins, by estimate."""
    if estimating is None or estimating.prepared is None:
        return ()
    from milia.planning.live import best_shots

    tell("screening settings", 0.0, 0.1)
    return best_shots(estimating.prepared, estimating.pulses, effort.refined_shots)


def _scouted(task: Task, scout: Evaluator) -> tuple[Shot, ...]:
    """Find the most promising shot of each spot on the coarse grid with few scenarios."""
    lines = (shots_for(task.case.device, spot) for spot in task.spots())
    climb(lines, scout, task.effort.screen, task.tell("screening settings", 0.0, 0.1))
    return best_of_each_spot(scout.candidates(sorted(scout.counts)), task.goals, task.effort.refined_shots)


def _refined(task: Task, evaluator: Evaluator, shots: Sequence[Shot]) -> list[Shot]:
    """Count the promising shots and all energies around the best of them with more scenarios."""
    evaluator.ensure(shots, task.effort.refine, task.tell("refining", 0.1, 0.2))
    best = max(evaluator.candidates(shots), key=lambda c: slack(c, task.goals))
    line = line_around(task.case.device, shot_of(best))
    evaluator.ensure(line, task.effort.refine, task.tell("searching the window", 0.2, 0.4))
    return sorted({*shots, *line})


def _confirmed(
    task: Task,
    evaluator: Evaluator,
    counted: Sequence[Shot],
    part: tuple[float, float],
    *,
    recounts: int = MOST_RECOUNTS,
) -> tuple[Candidate | None, Candidate]:
    """Count the choice again in all scenarios; what does not hold there is dropped and the next one tried.

    A choice is final when it leads after its full count, or leads so many ``recounts`` fully counted
    ones. "No window" is said only when every setting that looked inside has failed its full count.
    """
    choose, final = task.choose(evaluator), task.effort.final
    said = task.tell("confirming", *part)
    while (choice := choose(evaluator.candidates(counted), None)) is not None:
        found = evaluator.candidates(counted)
        full = [c for c in found if c.scenarios >= final]
        settled = choose(found, full)
        recounted = {shot_of(c) for c in full}
        if settled is not None and (choice == settled or len(recounted) >= recounts):
            return settled, settled
        evaluator.ensure([shot_of(choice)], final, said)
    closest = min(evaluator.candidates(counted), key=lambda c: rank(c, task.goals))
    evaluator.ensure([shot_of(closest)], final, said)
    shown = min(evaluator.candidates([shot_of(closest)]), key=lambda c: rank(c, task.goals))
    return (shown if shown.inside else None), shown


def looks_may_help(task: Task) -> bool:
    """Say whether any way of firing could lie inside the window.

    Where opening the roof as wide as wanted already goes deeper than a skin may lose, that skin is harmed or
    stays closed, whatever is fired.
    """
    lost = 0
    for skin in task.scenarios.items:
        radius, half = 0.5 * skin.cyst.diameter_m, 0.5 * skin.opening_goal_m
        reached = skin.cyst.roof_m + radius - (radius**2 - half**2) ** 0.5
        lost += reached > min(skin.depth_limit_m, skin.dermis_limit_m)
    share = (1.0 - sum(skin.weight for skin in task.scenarios.named)) * lost / len(task.scenarios)
    return share <= task.goals.p_harm_max + 1.0 - task.goals.p_open_min


def with_looks(task: Task, prepared: Prepared | None) -> Found:
    """Find the best series of single pulses that ends when whoever looks sees the roof open.

    The engine fires each skin's pulses only as far as the look in that skin lets them.
    """
    device, goals, effort = task.case.device, task.goals, task.effort
    _, most = the_look()
    evaluator = Evaluator(
        device,
        task.scenarios.items,
        goals,
        most,
        fire=task.fire or fire_at,
        stop=Stop.LOOKED,
        named=task.scenarios.named,
    )
    foreseen = Foreseen.of(prepared, the_look()[0], most) if prepared else None
    shots, scouting = _promising(task, foreseen, most)
    skins = min(effort.look, effort.final)
    evaluator.ensure(shots, skins, task.tell("comparing series with looks", 0.5, 0.6))
    counted = sorted(shots)
    kinds = [shot.step > 0 for shot in shots]
    while True:
        left = [c for c in evaluator.candidates(sorted(shots)) if (c.step > 0) in kinds]
        leader = max(left, key=lambda c: nearness(c, goals, foreseen))
        kinds = [kind for kind in kinds if kind != (leader.step > 0)]
        chosen, best, line, counted = _around(task, evaluator, shot_of(leader), counted, foreseen)
        # that there is no window on one kind's line says nothing of the other's
        if chosen or not kinds:
            break
    if chosen:
        # how far the window goes on either side is told by more skins than where to look
        more = min(effort.refine, effort.final)
        evaluator.ensure(_beside(line, best), more, task.tell("drawing the window", 0.9, 0.95))
    return Found(chosen, best, tuple(counted), line, evaluator, scouting)


def _around(
    task: Task, evaluator: Evaluator, leader: Shot, counted: Sequence[Shot], foreseen: Foreseen | None
) -> tuple[Candidate | None, Candidate, tuple[Shot, ...], list[Shot]]:
    """Search the line of series around a leader, and on around whichever turns out to be the best.

    Returns what is recommended, what comes closest, the line around that, and all that has been counted.
    """
    skins = min(task.effort.look, task.effort.final)
    device, most = task.case.device, evaluator.pulses
    full = sum(evaluator.counts[shot] >= task.effort.final for shot in counted)
    line = ladders_around(device, leader, most)
    while True:
        evaluator.ensure(line, skins, task.tell("searching the window", 0.6, 0.7))
        counted = sorted({*counted, *line})
        _count_nearest(task, evaluator, counted, foreseen, recounts=full + MOST_RECOUNTS)
        chosen, best = _confirmed(task, evaluator, counted, (0.7, 0.9), recounts=MOST_LOOKED_RECOUNTS)
        line = ladders_around(device, shot_of(best), most)
        if set(line) <= set(counted):
            return chosen, best, line, counted


def _count_nearest(
    task: Task,
    evaluator: Evaluator,
    counted: Sequence[Shot],
    foreseen: Foreseen | None,
    *,
    recounts: int,
) -> None:
    """Count in all skins what comes closest to the window: few skins cannot tell a rare harm from none."""
    said, final = task.tell("confirming", 0.7, 0.9), task.effort.final
    while True:
        found = evaluator.candidates(counted)
        full = [c for c in found if c.scenarios >= final]
        if any(c.inside for c in full) or len({shot_of(c) for c in full}) >= recounts:
            return
        leader = max(found, key=lambda c: (nearness(c, task.goals, foreseen), shot_of(c)))
        if leader.scenarios >= final:
            return
        # without an estimate a leader of few skins is often not one of more
        part = final if foreseen else min(task.effort.refine, final)
        evaluator.ensure([shot_of(leader)], final if leader.scenarios >= part else part, said)


def _promising(task: Task, foreseen: Foreseen | None, most: int) -> tuple[tuple[Shot, ...], int]:
    """Return the series worth counting, a stepwise and a titrated one among them, and what that took."""
    device, goals = task.case.device, task.goals
    if foreseen is not None:
        every = foreseen.promising(task.spots(), goals)
        if every:
            return _kept(every, task.effort.refined_shots), 0
    scout = Evaluator(device, task.scenarios.items, goals, most, fire=task.fire or scout_at, stop=Stop.LOOKED)
    lines = [ladders(device, spot, step, most) for spot in task.spots() for step in STEPS]
    said = task.tell("screening series with looks", 0.5, 0.5)
    climb((line for line in lines if line), scout, task.effort.screen, said, numbers=(most,))
    best: dict[tuple[float, int], tuple[float, Shot]] = {}
    for shot in sorted(scout.counts):
        nearest = max(slack(c, goals) for c in scout.candidates([shot]))
        key = (shot.spot_diameter_m, shot.step)
        best[key] = min(best.get(key, (2.0, shot)), (round(-nearest, 3), shot))
    every = tuple(shot for _, shot in sorted(best.values()))
    return _kept(every, task.effort.refined_shots), scout.simulations


def _kept(every: Sequence[Shot], count: int) -> tuple[Shot, ...]:
    """Return the first few, and the first of each kind."""
    kinds = [next((s for s in every if bool(s.step) is titrated), None) for titrated in (False, True)]
    return tuple(dict.fromkeys((*every[:count], *(shot for shot in kinds if shot is not None))))


def better_of(task: Task, one_go: Found, looked: Found | None) -> Found:
    """Return the better of two kinds of strategy.

    A window goes before none. Of two windows the setting deepest inside wins, or that with the least loss
    where the case decides by one; one go is kept unless a look gains more than a little. Without a window
    the least harm beyond what is accepted decides, then the opening.
    """
    if looked is None:
        return one_go
    if one_go.chosen is None and looked.chosen is None:
        return min((one_go, looked), key=lambda found: rank(found.best, task.goals)[:4])
    if one_go.chosen is None or looked.chosen is None:
        return looked if one_go.chosen is None else one_go
    if task.mode is Decision.CHANCE:
        gain = slack(looked.best, task.goals) - slack(one_go.best, task.goals)
        return looked if gain > DEEPER else one_go
    losses = [figure_of(task.mode, f.best, f.evaluator, task.cost) for f in (one_go, looked)]
    return looked if losses[1] < losses[0] - DEEPER else one_go
