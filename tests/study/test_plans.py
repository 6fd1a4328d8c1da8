"""Plans of groups, with an engine whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from milia.planning import Effort, Fire, plan_laser
from milia.study import Study, run_study
from milia.study.cohort import Group, case_of_group
from milia.study.plans import Plan, plan_from_dict, plan_group
from milia.study.policies import Policy

Maker = Callable[..., Study]
GROUP = Group("cheek", "sure", 100e-6, 1e-3)
EFFORT = {"screen": 4, "refine": 8, "final": 16}


def test_a_group_is_its_class_with_what_reading_leaves_open(make: Maker) -> None:
    study = make(operator={"roof_reading": "0 um ± 30 um"}, groups={"roof_step": "40 um"})
    roof = case_of_group(study, GROUP).lesion.roof
    assert roof is not None
    assert roof.value == 100e-6
    assert roof.sd == pytest.approx((30e-6**2 + 40e-6**2 / 12.0) ** 0.5, rel=0.02)


def test_nominal_is_the_middle_of_the_central_window(make: Maker, drill: Fire) -> None:
    # the central skin: opened from 100 µm and the cap on, harmed past its limit; depth is 4 µm for each mJ
    plan = plan_group(make(), GROUP, Policy("n", "nominal"), fire=drill)
    depth = 4.0 * 1e3 * plan.shot.pulse_energy_J * plan.pulses
    assert plan.inside
    assert plan.p_open is None
    assert 142.0 < depth < 560.0


def test_stepwise_fires_small_and_looks(make: Maker, drill: Fire) -> None:
    study = make(effort=EFFORT)
    looked = plan_group(study, GROUP, Policy("s", "stepwise"), fire=drill)
    once = plan_group(study, GROUP, Policy("o", "robust"), fire=drill)
    assert looked.shot.looked
    assert not once.shot.looked
    assert looked.inside
    assert looked.p_open is not None
    assert looked.p_open > 0.8
    single = plan_group(study, GROUP, Policy("1", "single"), fire=drill)
    assert (single.pulses, single.shot.looked) == (1, True)


def test_planned_is_what_the_planner_recommends(make: Maker, drill: Fire) -> None:
    study = make(effort=EFFORT)
    plan = plan_group(study, GROUP, Policy("p", "planned"), fire=drill)
    effort = Effort(4, 8, 16, 2, drift=2, swift=8, look=8)
    found = plan_laser(case_of_group(study, GROUP), seed=study.seed, effort=effort, fire=drill).recommended
    assert found is not None
    assert plan.inside
    assert (plan.shot.looked, plan.shot.step, plan.pulses) == (
        found.looked,
        found.step,
        found.settings.pulses,
    )
    assert (plan.p_open, plan.p_harm, plan.p_severe) == (found.p_open, found.p_harm, found.p_severe)


def test_a_plan_survives_its_file(make: Maker, drill: Fire) -> None:
    import json

    plan = plan_group(make(effort=EFFORT), GROUP, Policy("s", "stepwise"), fire=drill)
    ladder = replace(plan, shot=replace(plan.shot, step=1, ladder=((0.015, 1e-3), (0.025, 1e-3))))
    for one in (plan, ladder):
        assert plan_from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_without_a_window_the_laser_stays_off(
    make: Maker, drill: Fire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_inside(*words: object, **more: object) -> Plan:
        found = plan_group(*words, **more)  # type: ignore[arg-type]
        return Plan(found.shot, found.pulses, inside=False)

    monkeypatch.setattr("milia.study.run.plan_group", none_inside)
    policies = [{"name": "n", "kind": "nominal"}]
    off = run_study(make(policies=policies), tmp_path / "off", count=0, fire=drill)
    assert not any(off.column("treated").to_pylist())
    assert set(off.column("pulses").to_pylist()) == {0}
    on = run_study(make(policies=policies, without_window="best_try"), tmp_path / "on", count=0, fire=drill)
    assert all(on.column("treated").to_pylist())
