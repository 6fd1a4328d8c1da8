"""Plan the laser for one case: search, recommend inside the window or say that there is none, and explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from milia.planning.case import Case
from milia.planning.cautions import warnings_for
from milia.planning.decision import choices, figure_of, pareto, weights
from milia.planning.drift import drift
from milia.planning.evaluate import shot_of
from milia.planning.explain import limits_in_words, reasons_for
from milia.planning.find import (
    Effort,
    Found,
    Stages,
    better_of,
    estimator,
    in_one_go,
    looks_may_help,
    task_for,
    with_looks,
)
from milia.planning.goals import Goals, goals_for
from milia.planning.inside import limit_rows, scenario_rows
from milia.planning.look import LOOK_EVIDENCE
from milia.planning.outcomes import Fire
from milia.planning.paragraph import paragraph
from milia.planning.picture import cross_section, pulse_rows, response
from milia.planning.predict import influence, measure_next, predicted
from milia.planning.scenarios import LABELS, Scenarios, make_scenarios
from milia.planning.search import rank
from milia.planning.strategies import strategies, strategy_of
from milia.planning.types import Candidate, LaserPlan
from milia.planning.value import line_of
from milia.planning.worst import worst_scenarios

__all__ = ["Effort", "best_of_devices", "plan_laser"]

Progress = Callable[[float, str], None]


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
    tell, cost = _stages(progress), weights()
    task = task_for(case, goals, scenarios, effort, fire, cost=cost, tell=tell)
    estimating = estimator(task)
    one_go = in_one_go(task, estimating)
    tried = effort.looked and looks_may_help(task)
    looked = with_looks(task, estimating.prepared if estimating else None) if tried else None
    winner = better_of(task, one_go, looked)
    chosen, best, line, evaluator = winner.chosen, winner.best, winner.line, winner.evaluator
    told = tell("drawing the window", 0.95, 1.0)
    # what is printed of the best setting pulse by pulse needs every pulse fired
    evaluator.ensure([shot_of(best)], effort.final, told, complete=True)
    points = tuple(p for found in (one_go, looked) if found for p in _points(found))
    own = tuple(_points(winner))
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
    ways = tuple(strategies(one_go, looked, winner, goals))
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
            "simulations": sum(f.evaluator.simulations for f in (one_go, looked) if f) + spent,
            "settings": sum(len(f.evaluator.counts) for f in (one_go, looked) if f),
            "scouting": sum(f.scouting for f in (one_go, looked) if f),
        },
        decisions=tuple(one.to_dict() for one in choices(own, evaluator, goals, cost=cost)),
        pareto=tuple(
            {**one.to_dict(), "wound_width_um": round(1e6 * width, 1)}
            for one, width in pareto(own, evaluator, goals)
        ),
        worst=worst_scenarios(best, scenarios, evaluator, cost),
        strategies=ways,
        strategy=strategy_of(best, evaluator) if chosen else None,
        limits=limits,
        scenario_table=scenario_rows(best, case.named, scenarios, evaluator),
        drift=drifts,
        decision={
            "mode": case.decide or "chance",
            "set_by": "case" if case.decide else "default",
            "value": round(figure_of(task.mode, best, evaluator, cost), 4),
        },
        explanation=paragraph(
            best,
            points,
            drifts,
            limits,
            ways,
            mode=case.decide or "chance",
            device=case.device.title,
            recommended=chosen is not None,
        ),
        device=case.device.name,
    )


def _points(found: Found) -> list[Candidate]:
    return found.evaluator.candidates(found.counted)


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


def _evidence(case: Case, goals: Goals, scenarios: Scenarios) -> tuple[str, ...]:
    ids = (*case.lesion.site.evidence, *case.device.evidence, *goals.evidence, *scenarios.evidence)
    return tuple(dict.fromkeys(id for id in ids if id))
