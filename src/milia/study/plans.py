"""What each policy does with a group of patients: planned once, by what a clinic knows of the group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from milia.base import InputError
from milia.laser import Device
from milia.planning import (
    Candidate,
    Case,
    Evaluator,
    Fire,
    Goals,
    PolicyResult,
    Shot,
    Stop,
    count_policy,
    fire_at,
    goals_for,
    make_scenarios,
    order_of,
    plan_laser,
    shots_for,
    slacks_of,
    spots_for,
    spread_over,
    the_look,
)
from milia.planning import Effort as PlanEffort
from milia.planning import Policy as LookedShot
from milia.study.cohort import Group, case_of_group
from milia.study.policies import Fixed, Policy
from milia.study.spec import Study

REFINED_SHOTS = 2
DRIFT_SKINS = 2  # how far a plan may drift is not part of a study
SCREENED_ENERGIES = 9
KEPT = (6, 2, 1)  # shots left after each stage of a search with looks
MOST_NOMINAL_PULSES = 3


@dataclass(frozen=True)
class Plan:
    """A setting to fire: ``pulses`` at once, or with ``shot.looked`` at most so many, one look after each.

    ``inside`` says whether the planner found it inside the window; its own chances are ``None`` where it
    computes none.
    """

    shot: Shot
    pulses: int
    inside: bool
    p_open: float | None = None
    p_harm: float | None = None
    p_severe: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the plan as JSON can hold it, exactly."""
        return asdict(self)


def plan_from_dict(found: dict[str, Any]) -> Plan:
    """Read what :meth:`Plan.to_dict` gave."""
    shot = {**found["shot"], "ladder": tuple(tuple(pulse) for pulse in found["shot"].get("ladder", ()))}
    return Plan(**{**found, "shot": Shot(**shot)})


def plan_group(study: Study, group: Group, policy: Policy, *, fire: Fire | None = None) -> Plan:
    """Plan one group by one policy; the same study, group and policy give the same plan.

    Raises
    ------
    InputError
        Where the device can do nothing for such a case.
    """
    case = case_of_group(study, group)
    makers = {
        "planned": _planned,
        "robust": _robust,
        "stepwise": _stepwise,
        "single": _single,
        "nominal": _nominal,
    }
    return makers[policy.kind](study, case, policy, fire or fire_at)


def plan_fixed(fixed: Fixed) -> Plan:
    """Return a fixed setting as a plan; nobody has asked whether it lies inside anything."""
    shot = Shot(
        fixed.spot_diameter_m,
        fixed.pulse_energy_J,
        fixed.pulse_duration_s,
        fixed.interval_s,
        looked=fixed.look,
    )
    return Plan(shot, fixed.pulses, inside=True)


def most_looks(study: Study) -> int:
    """Return the most single pulses that any policy of the study looks after."""
    fixed = [p.fixed.pulses for p in study.simulated if p.fixed is not None]
    return max(the_look()[1], *fixed) if fixed else the_look()[1]


def _planned(study: Study, case: Case, policy: Policy, fire: Fire) -> Plan:
    """What ``milia plan`` recommends, whichever strategy that is, or what comes closest."""
    del policy
    spent = study.effort
    effort = PlanEffort(
        spent.screen,
        spent.refine,
        spent.final,
        REFINED_SHOTS,
        drift=DRIFT_SKINS,
        swift=spent.refine,
        look=spent.refine,
    )
    made = plan_laser(case, seed=study.seed, effort=effort, fire=None if fire is fire_at else fire)
    best = made.recommended or made.best_try
    assert best is not None
    return _as_plan(best)


def _robust(study: Study, case: Case, policy: Policy, fire: Fire) -> Plan:
    """The plan in one go of ``milia plan``, chosen the way the policy says, with the study's effort."""
    spent = study.effort
    effort = PlanEffort(spent.screen, spent.refine, spent.final, REFINED_SHOTS, swift=0, looked=False)
    made = plan_laser(case, seed=study.seed, effort=effort, fire=None if fire is fire_at else fire)
    best = made.recommended or made.best_try
    if best is None:
        raise InputError(
            "no setting of this device was counted", key="cohort.devices", value=case.device.name
        )
    if policy.decision == "chance":
        return _as_plan(best)
    row = next(row for row in made.decisions if row["decision"] == policy.decision)
    wanted = (row["spot_diameter_um"], row["pulse_energy_mJ"], row["pulse_duration_us"], row["pulses"])
    return _as_plan(next(c for c in made.points if _key(c) == wanted))


def _key(candidate: Candidate) -> tuple[float, ...]:
    row = candidate.to_dict()
    return (row["spot_diameter_um"], row["pulse_energy_mJ"], row["pulse_duration_us"], row["pulses"])


def _as_plan(candidate: Candidate) -> Plan:
    settings = candidate.settings
    return Plan(
        Shot(
            settings.spot_diameter_m,
            settings.pulse_energy_J,
            settings.pulse_duration_s,
            settings.interval_s,
            looked=candidate.looked,
            step=candidate.step,
            ladder=candidate.ladder,
        ),
        settings.pulses,
        inside=candidate.inside,
        p_open=candidate.p_open,
        p_harm=candidate.p_harm,
        p_severe=candidate.p_severe,
    )


def _stepwise(study: Study, case: Case, policy: Policy, fire: Fire) -> Plan:
    """The best shot fired one at a time, with a look after each."""
    del policy
    return _looked(study, case, the_look()[1], fire)


def _single(study: Study, case: Case, policy: Policy, fire: Fire) -> Plan:
    """The best single pulse; what it does not open comes back for another session."""
    del policy
    return _looked(study, case, 1, fire)


def _looked(study: Study, case: Case, most: int, fire: Fire) -> Plan:
    """Search single shots, looked at after each, by the rule that plans in one go are chosen by.

    Few skins do not tell yet what harms too often: up to the last stage the distance to the window decides.
    """
    goals, (look, _) = goals_for(case), the_look()
    effort = study.effort
    skins = make_scenarios(case, goals, count=effort.final, seed=study.seed)
    evaluator = Evaluator(case.device, skins.items, goals, most, fire=fire, stop=Stop.OPENED)
    kept: Sequence[Shot] = [
        replace(shot, looked=True)
        for spot in spots_for(case.device, goals, case.lesion.diameter.value)
        for shot in spread_over(shots_for(case.device, spot), SCREENED_ENERGIES)
    ]
    for count, keep in zip((effort.screen, effort.refine, effort.final), KEPT, strict=True):
        evaluator.ensure(kept, count)
        counted = [
            count_policy(LookedShot(shot, n), evaluator, goals, look)
            for shot in kept
            for n in range(1, most + 1)
        ]
        last = count == effort.final
        counted.sort(key=lambda found: _rank(found, goals) if last else _distance(found, goals))
        kept = list(dict.fromkeys(found.policy.shot for found in counted))[:keep]
    best = counted[0]
    return Plan(best.policy.shot, best.policy.most, best.inside, best.p_open, best.p_harm, best.p_severe)


def _rank(found: PolicyResult, goals: Goals) -> tuple[object, ...]:
    chances = order_of(found.p_open, found.p_harm, found.p_severe, goals)
    return (*chances, found.mean_pulses, found.policy.shot)


def _distance(found: PolicyResult, goals: Goals) -> tuple[object, ...]:
    deep = min(slacks_of(found.p_open, found.p_harm, found.p_severe, goals))
    return (-round(deep, 3), *_rank(found, goals))


def _nominal(study: Study, case: Case, policy: Policy, fire: Fire) -> Plan:
    """The middle of the window that the central skin has, as somebody plans who takes it for the patient's.

    Of all spots and numbers of pulses the one whose window is widest in the ratio of its ends is taken, of
    equals the one with fewer pulses. Where the central skin has none, the least energy that opens it.
    """
    del policy
    goals = goals_for(case)
    central = make_scenarios(case, goals, count=2, seed=study.seed).central
    pulses = min(MOST_NOMINAL_PULSES, case.device.pulses_max)
    evaluator = Evaluator(case.device, [central], goals, pulses, fire=fire, stop=Stop.DECIDED)
    lines = [
        shots_for(case.device, spot) for spot in spots_for(case.device, goals, case.lesion.diameter.value)
    ]
    evaluator.ensure((shot for line in lines for shot in line), 1)
    counted = [
        [evaluator.candidate(shot, n) for shot in line] for line in lines for n in range(1, pulses + 1)
    ]
    windows = [found for line in counted if (found := _sound(line))]
    if windows:
        widest = max(windows, key=lambda w: (round(_ratio(w), 6), -w[0].settings.pulses, -_spot(w)))
        return _centre(widest)
    return _as_plan(_least(counted, case.device, goals))


def _sound(line: Sequence[Candidate]) -> list[Candidate]:
    return [c for c in line if c.p_open == 1.0 and c.p_harm == 0.0 and c.p_severe == 0.0]


def _ratio(window: Sequence[Candidate]) -> float:
    return window[-1].settings.pulse_energy_J / window[0].settings.pulse_energy_J


def _spot(window: Sequence[Candidate]) -> float:
    return window[0].settings.spot_diameter_m


def _centre(window: Sequence[Candidate]) -> Plan:
    middle = math.sqrt(window[0].settings.pulse_energy_J * window[-1].settings.pulse_energy_J)
    nearest = min(window, key=lambda c: abs(math.log(c.settings.pulse_energy_J / middle)))
    plan = _as_plan(nearest)
    # a chance counted in one skin is none
    return Plan(plan.shot, plan.pulses, inside=True)


def _least(counted: Sequence[Sequence[Candidate]], device: Device, goals: Goals) -> Candidate:
    del goals
    opening = [c for line in counted for c in line if c.p_open == 1.0] or [
        c for line in counted for c in line
    ]
    if not opening:
        raise InputError("no setting of this device was counted", key="cohort.devices", value=device.name)
    return min(opening, key=lambda c: (-c.p_open, c.settings.pulse_energy_J * c.settings.pulses, _key(c)))
