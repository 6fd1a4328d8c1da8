"""One patient by a ladder of energies: every pulse of it arrives as the session's laser delivers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from milia.planning import Look, Shot, fire_at
from milia.study import Study
from milia.study.cohort import person, truth
from milia.study.plans import Plan
from milia.study.treat import treat

Maker = Callable[..., Study]
SURE_LOOK = Look(misses_open=0.0, misses_closed=0.0)
LADDER = ((10e-3, 1e-3), (15e-3, 1e-3), (25e-3, 1e-3))


def ladder_of(share: float) -> Plan:
    pulses = tuple((share * energy, duration) for energy, duration in LADDER)
    shot = Shot(0.5e-3, pulses[0][0], 1e-3, 0.2, looked=True, step=1, ladder=pulses)
    return Plan(shot, len(pulses), inside=True)


def test_every_pulse_of_a_ladder_has_the_error_of_the_dial(make: Maker) -> None:
    study = make()
    known = truth(study, person(study, 0), looks=3)
    known = replace(known, scenario=replace(known.scenario, opening_goal_m=0.45e-3))
    weak = replace(known, hands=tuple(replace(hand, energy=0.8 * hand.energy) for hand in known.hands))
    by_dial = treat(weak, ladder_of(1.0), SURE_LOOK, sessions=1)
    by_plan = treat(known, ladder_of(0.8), SURE_LOOK, sessions=1)
    full = treat(known, ladder_of(1.0), SURE_LOOK, sessions=1)
    assert by_dial.pulses > 1
    assert by_dial.pulses == by_plan.pulses
    assert by_dial.crater_depth_m == pytest.approx(by_plan.crater_depth_m, rel=1e-9)
    assert by_dial.crater_depth_m != pytest.approx(full.crater_depth_m, rel=0.02)


def test_a_ladder_climbs(make: Maker) -> None:
    study = make()
    known = truth(study, person(study, 0), looks=3)
    known = replace(known, scenario=replace(known.scenario, opening_goal_m=1.0e-3))
    climbed = treat(known, ladder_of(1.0), SURE_LOOK, sessions=1)
    level = replace(ladder_of(1.0), shot=replace(ladder_of(1.0).shot, step=0, ladder=()))
    same = treat(known, level, SURE_LOOK, sessions=1)
    assert climbed.pulses == same.pulses == 3
    assert climbed.crater_depth_m > 1.2 * same.crater_depth_m


def test_the_engine_is_the_default(make: Maker) -> None:
    study = make()
    known = truth(study, person(study, 1), looks=3)
    plan = ladder_of(1.0)
    assert treat(known, plan, SURE_LOOK, sessions=1) == treat(
        known, plan, SURE_LOOK, sessions=1, fire=fire_at
    )
