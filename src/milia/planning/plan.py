"""Plan the laser for one case: search, recommend inside the window or say that there is none, and explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from milia.planning.case import Case
from milia.planning.decision import MODES, Choose, choices, chooser, figure_of, pareto, weights
from milia.planning.drift import drift
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.explain import limits_in_words, reasons_for, warnings_for
from milia.planning.goals import Goals, goals_for
from milia.planning.inside import limit_rows, scenario_rows
from milia.planning.outcomes import Fire, Shot, Stop, fire_at, scout_at
from milia.planning.paragraph import paragraph
from milia.planning.picture import cross_section, pulse_rows, response
from milia.planning.predict import influence, measure_next, predicted
from milia.planning.scenarios import LABELS, Scenarios, make_scenarios
from milia.planning.search import (
    MOST_PULSES,
    best_of_each_spot,
    climb,
    line_around,
    rank,
    shots_for,
    spots_for,
)
from milia.planning.strategies import LOOK_EVIDENCE, strategies
from milia.planning.types import Candidate, LaserPlan
from milia.planning.value import line_of
from milia.planning.worst import worst_scenarios

if TYPE_CHECKING:
    from milia.planning.live import SwiftEvaluator

Progress = Callable[[float, str], None]
MOST_RECOUNTS = 2
Stages = Callable[[str, float, float], Callable[[float], None]]


@dataclass(frozen=True)
class Effort:
    """How many scenarios each stage of the search fires at, and how many spots it refines.

    ``drift`` skins tell how far duration, spot and interval may drift.

    Where ``swift`` is not 0, the trained surrogate screens the settings and draws the chart. What is
    recommended is then counted by the engine in so many skins, its neighbours in half as many, and the
    surrogate tells what the other skins add.
    """

    screen: int = 8
    refine: int = 64
    final: int = 256
    refined_shots: int = 3
    drift: int = 12
    swift: int = 0


def plan_laser(
    case: Case,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    effort: Effort | None = None,
    fire: Fire | None = None,
) -> LaserPlan:
    """Plan the laser for a case.

    Parameters
    ----------
    case
        Who, what, where, with which device.
    seed
        Of the scenarios; the same case and seed give the same plan.
    progress
        Called with the share done and a word for the stage.
    effort
        Scenarios for each stage.
    fire
        What simulates a shot; the full engine, unless a stand-in with known answers is given.

    Returns
    -------
    LaserPlan
        The window, the recommended setting or none, and what they rest on. Every probability in it is
        counted from simulations with the full engine; a coarser grid decides where to look, and no more.
    """
    effort = effort or Effort()
    if not case.devices:
        return _planned(case, seed, progress, effort, fire)
    plans = []
    for number, device in enumerate(case.devices):
        begin, part = number / len(case.devices), 1.0 / len(case.devices)
        told = None if progress is None else _within(progress, begin, part, device.title)
        plans.append(_planned(replace(case, device=device, devices=()), seed, told, effort, fire))
    return best_of_devices(plans, case)


def _within(progress: Progress, begin: float, part: float, title: str) -> Progress:
    return lambda share, word: progress(begin + part * share, f"{word} ({title})")


def best_of_devices(plans: Sequence[LaserPlan], case: Case) -> LaserPlan:
    """Return the plan of the device that has a window and chooses best in it, with all of them listed.

    By ``chance`` the setting deepest inside its window wins, else the least loss.
    """
    goals = goals_for(case)

    def order(plan: LaserPlan) -> tuple[object, ...]:
        shown = plan.recommended or plan.best_try
        assert shown is not None
        loss = 0.0 if plan.decision["mode"] == "chance" else plan.decision["value"]
        return plan.recommended is None, loss, rank(shown, goals)

    winner = min(plans, key=order)
    rows = []
    for plan, device in zip(plans, case.devices, strict=True):
        shown = plan.recommended or plan.best_try
        assert shown is not None
        rows.append(
            {
                "device": device.name,
                "title": device.title,
                "window": plan.window_exists,
                "chosen": plan is winner,
                **shown.to_dict(),
                "wound_width_um": plan.predicted["wound_width_um"].p50 if plan.predicted else None,
                "value": plan.decision["value"],
            }
        )
    return replace(winner, devices=tuple(rows))


def _planned(
    case: Case, seed: int, progress: Progress | None, effort: Effort, fire: Fire | None
) -> LaserPlan:
    """Plan one device."""
    goals = goals_for(case)
    scenarios = make_scenarios(case, goals, count=effort.final, seed=seed)
    pulses = min(MOST_PULSES, case.device.pulses_max)
    scout = Evaluator(case.device, scenarios.items, goals, pulses, fire=fire or scout_at, stop=Stop.HARMED)
    estimating = _swift(case, goals, scenarios, pulses, effort) if fire is None and effort.swift else None
    evaluator = estimating or Evaluator(
        case.device, scenarios.items, goals, pulses, fire=fire or fire_at, named=scenarios.named
    )
    mode, cost = case.decide or "chance", weights()
    choose = chooser(MODES[mode], evaluator, goals, cost)
    tell = _stages(progress)
    promising = _screened(estimating, effort, tell) or _scout(case, goals, scout, effort, tell)
    counted = _refine(case, goals, evaluator, promising, effort, tell)
    while True:
        chosen, best = _confirm(counted, evaluator, goals, effort, tell, choose)
        line = line_around(case.device, shot_of(best))
        if set(line) <= set(counted):
            break
        # what the drawn line adds may lie deeper inside than the choice
        evaluator.ensure(line, effort.refine, tell("drawing the window", 0.85, 0.95))
        counted = sorted({*counted, *line})
    if estimating:
        estimating.recount(_beside(line, best), effort.swift // 2, tell("confirming", 0.85, 0.95))
    # what is printed of the best setting pulse by pulse needs every pulse fired
    told = tell("drawing the window", 0.95, 1.0)
    evaluator.ensure([shot_of(best)], effort.final, told, complete=True)
    points = tuple(evaluator.candidates(counted))
    curve, margin = response(best, line, evaluator, recommended=chosen is not None)
    order = influence(best, scenarios, evaluator)
    along = [evaluator.candidate(shot, best.settings.pulses) for shot in line]
    drifts, spent = (
        drift(best, along, margin, evaluator, goals, skins=min(effort.drift, effort.refine))
        if margin
        else ((), 0)
    )
    told(1.0)
    limits = limit_rows(best, evaluator, goals)
    ways = strategies(best, counted, evaluator, goals)
    return LaserPlan(
        recommended=chosen,
        best_try=None if chosen else best,
        predicted=predicted(best, case, scenarios, evaluator),
        points=points,
        window_exists=chosen is not None,
        reasons=reasons_for(chosen, points, goals, margin),
        warnings=warnings_for(case, goals, scenarios, best=best),
        goals=goals.to_dict() | {"in_words": limits_in_words(goals, case)},
        response=curve,
        margin=margin,
        pulses=pulse_rows(best, evaluator),
        cross_section=cross_section(best, case, scenarios, evaluator),
        measure_next=measure_next(
            order, scenarios, line=line_of(line, best.settings.pulses, evaluator), goals=goals
        ),
        parameter_sets=(scenarios.parameter_set,),
        evidence=tuple(dict.fromkeys((*_evidence(case, goals, scenarios), *cost.evidence, *LOOK_EVIDENCE))),
        seed=seed,
        scenarios=best.scenarios,
        rests_on=tuple(LABELS[name] for name in order),
        statistics={
            "simulations": evaluator.simulations + spent,
            "settings": len(evaluator.counts),
            "scouting": scout.simulations,
        },
        decisions=tuple(one.to_dict() for one in choices(points, evaluator, goals, cost=cost)),
        pareto=tuple(
            {**one.to_dict(), "wound_width_um": round(1e6 * width, 1)}
            for one, width in pareto(points, evaluator, goals)
        ),
        worst=worst_scenarios(best, scenarios, evaluator, cost),
        strategies=ways,
        limits=limits,
        scenario_table=scenario_rows(best, case.named, scenarios, evaluator),
        drift=drifts,
        decision={
            "mode": mode,
            "set_by": "case" if case.decide else "default",
            "value": round(figure_of(MODES[mode], best, evaluator, cost), 4),
        },
        explanation=paragraph(
            best,
            points,
            drifts,
            limits,
            ways,
            mode=mode,
            device=case.device.title,
            recommended=chosen is not None,
        ),
        device=case.device.name,
    )


def _stages(progress: Progress | None) -> Stages:
    """Return a maker of progress reports for stages of the whole; what is reported never goes back."""
    furthest = 0.0

    def stage(word: str, begin: float, end: float) -> Callable[[float], None]:
        def tell(share: float) -> None:
            nonlocal furthest
            furthest = max(furthest, begin + share * (end - begin))
            if progress:
                progress(furthest, word)

        # a stage with nothing left to simulate is still a stage
        tell(0.0)
        return tell

    return stage


def _swift(
    case: Case, goals: Goals, scenarios: Scenarios, pulses: int, effort: Effort
) -> SwiftEvaluator | None:
    from milia.planning.live import swift_evaluator

    return swift_evaluator(case, goals, scenarios, pulses, engine_skins=effort.swift)


def _screened(estimating: SwiftEvaluator | None, effort: Effort, tell: Stages) -> tuple[Shot, ...]:
    """Find the most promising shot of each spot among all of them, in all skins, by estimate."""
    if estimating is None or estimating.prepared is None:
        return ()
    from milia.planning.live import best_shots

    tell("screening settings", 0.0, 0.15)
    return best_shots(estimating.prepared, estimating.pulses, effort.refined_shots)


def _beside(line: Sequence[Shot], best: Candidate) -> Sequence[Shot]:
    """Return the energies next to the best one."""
    at = list(line).index(shot_of(best))
    return [*line[max(0, at - 1) : at], *line[at + 1 : at + 2]]


def _scout(case: Case, goals: Goals, scout: Evaluator, effort: Effort, tell: Stages) -> tuple[Shot, ...]:
    """Find the most promising shot of each spot on the coarse grid with few scenarios."""
    spots = spots_for(case.device, goals, case.lesion.diameter.value)
    climb(
        (shots_for(case.device, spot) for spot in spots),
        scout,
        effort.screen,
        tell("screening settings", 0.0, 0.15),
    )
    return best_of_each_spot(scout.candidates(sorted(scout.counts)), goals, effort.refined_shots)


def _refine(
    case: Case,
    goals: Goals,
    evaluator: Evaluator,
    promising: Sequence[Shot],
    effort: Effort,
    tell: Stages,
) -> list[Shot]:
    """Count the promising shots and all energies around the best of them with more scenarios."""
    evaluator.ensure(promising, effort.refine, tell("refining", 0.15, 0.35))
    best = min(evaluator.candidates(promising), key=lambda c: rank(c, goals))
    line = line_around(case.device, shot_of(best))
    evaluator.ensure(line, effort.refine, tell("searching the window", 0.35, 0.65))
    return sorted({*promising, *line})


def _confirm(
    counted: Sequence[Shot],
    evaluator: Evaluator,
    goals: Goals,
    effort: Effort,
    tell: Stages,
    choose: Choose,
) -> tuple[Candidate | None, Candidate]:
    """Count the choice again in all scenarios; what does not hold there is dropped and the next one tried.

    A choice is final when it leads after its full count, or leads ``MOST_RECOUNTS`` fully counted
    ones. "No window" is said only when every setting that looked inside has failed its full count.
    """
    said = tell("confirming", 0.65, 0.85)
    while (choice := choose(evaluator.candidates(counted), None)) is not None:
        found = evaluator.candidates(counted)
        full = [c for c in found if c.scenarios >= effort.final]
        settled = choose(found, full)
        recounted = {shot_of(c) for c in full}
        if settled is not None and (choice == settled or len(recounted) >= MOST_RECOUNTS):
            return settled, settled
        evaluator.ensure([shot_of(choice)], effort.final, said)
    closest = min(evaluator.candidates(counted), key=lambda c: rank(c, goals))
    evaluator.ensure([shot_of(closest)], effort.final, said)
    final = evaluator.candidate(shot_of(closest), closest.settings.pulses)
    return (final if final.inside else None), final


def _evidence(case: Case, goals: Goals, scenarios: Scenarios) -> tuple[str, ...]:
    ids = (*case.lesion.site.evidence, *case.device.evidence, *goals.evidence, *scenarios.evidence)
    return tuple(dict.fromkeys(id for id in ids if id))
