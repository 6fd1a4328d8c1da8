"""A plan that fires the engine where its answer lies, beside one that fires it everywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from milia.engine import run_all
from milia.planning import Case, Effort, Evaluator, Shot, Stop, fire_at, plan_laser
from milia.planning.live import Prepared, SwiftEvaluator, best_shots, prepared, swift_evaluator
from milia.planning.search import shots_for

SKINS = 24


@pytest.fixture
def swift(ready: Prepared) -> SwiftEvaluator:
    made = swift_evaluator(ready.case, ready.goals, ready.scenarios, 2, engine_skins=SKINS)
    assert made is not None
    return made


def test_below_the_full_count_nothing_is_fired(swift: SwiftEvaluator, shot: Shot) -> None:
    swift.ensure([shot], 128)
    made = swift.candidate(shot, 2)
    assert swift.simulations == 0
    assert made.scenarios == len(swift.outcomes(shot)) == 128
    assert made.p_open == pytest.approx(swift.chances[shot][:128, 1, 0].mean())


def test_a_full_count_moves_the_estimate_by_what_the_engine_finds(swift: SwiftEvaluator, shot: Shot) -> None:
    swift.ensure([shot], len(swift.scenarios))
    assert swift.simulations == SKINS
    fired = [fire_at(shot, skin, swift.device, pulses=2, stop=Stop.NEVER) for skin in swift.scenarios[:SKINS]]
    for name, column, found in (("opened", 0, "p_open"), ("harmed", 1, "p_harm"), ("severe", 2, "p_severe")):
        counted = np.array([getattr(row, name)[1] for row in fired])
        chances = swift.chances[shot][:, 1, column]
        wanted = chances.mean() + (counted - chances[:SKINS]).mean()
        assert getattr(swift.candidate(shot, 2), found) == pytest.approx(wanted, abs=1e-12)
    # the first rows are the engine's own
    for mine, own in zip(swift.outcomes(shot), fired, strict=False):
        np.testing.assert_array_equal(mine.depth, own.depth)


def test_where_all_skins_are_fired_it_is_a_count(ready: Prepared, shot: Shot) -> None:
    few = replace(ready.scenarios, items=ready.scenarios.items[:SKINS])
    made = swift_evaluator(ready.case, ready.goals, few, 2, engine_skins=SKINS)
    assert made is not None
    own = Evaluator(ready.case.device, few.items, ready.goals, 2)
    for one in (made, own):
        one.ensure([shot], SKINS, complete=True)
    for pulses in (1, 2):
        mine, counted = made.candidate(shot, pulses), own.candidate(shot, pulses)
        assert mine.p_open == pytest.approx(counted.p_open, abs=1e-12)
        assert mine.p_harm == pytest.approx(counted.p_harm, abs=1e-12)


def test_a_surrogate_that_is_wrong_does_not_move_what_is_counted(swift: SwiftEvaluator, shot: Shot) -> None:
    swift.ensure([shot], len(swift.scenarios))
    before = swift.candidate(shot, 2)
    # one that takes every skin for likelier opened and harmed than it is
    swift.chances[shot] = np.clip(swift.chances[shot] + 0.3, 0.0, None)
    after = swift.candidate(shot, 2)
    assert after.p_open == pytest.approx(before.p_open, abs=1e-9)
    assert after.p_harm == pytest.approx(before.p_harm, abs=1e-9)


def test_estimated_outcomes_look_like_the_engine_s(swift: SwiftEvaluator, shot: Shot) -> None:
    swift.ensure([shot], 64)
    rows = swift.outcomes(shot)
    fired = run_all(
        lambda skin: fire_at(shot, skin, swift.device, pulses=2, stop=Stop.NEVER), swift.scenarios[:64]
    )
    for name, most in (("depth", 0.1), ("wound_width", 0.05), ("opening", 0.15)):
        mine, own = (np.array([getattr(row, name)[1] for row in part]) for part in (rows, fired))
        assert np.median(np.abs(mine - own)) < most * np.median(own)
    for mine, own in zip(rows, fired, strict=True):
        assert len(mine.craters) == 2
        assert mine.craters[1].depth == mine.depth[1]
        assert mine.craters[1].surface[-1] == 0.0
        assert mine.heat_K[0] == own.heat_K[0]


def test_the_best_shots_are_looked_for_among_all(ready: Prepared) -> None:
    made = best_shots(ready, 2, 3)
    assert len({shot.spot_diameter_m for shot in made}) == 3
    for shot in made:
        assert shot in shots_for(ready.case.device, shot.spot_diameter_m)


def test_a_swift_plan_is_whole_says_what_was_fired_and_is_the_same_twice(eyelid: Case) -> None:
    effort = Effort(refine=32, final=64, swift=16, looked=False)
    made = plan_laser(eyelid, effort=effort)
    assert made.to_dict() == plan_laser(eyelid, effort=effort).to_dict()
    assert made.scenarios == 64
    assert made.statistics["scouting"] == 0
    # the best setting, and those beside it
    assert 16 <= made.statistics["simulations"] <= 3 * 16 + 2 * 8
    assert made.predicted is not None
    assert made.cross_section["crater_um"][0] > 0.0


def test_where_the_surrogate_refuses_a_plan_fires_the_engine(
    eyelid: Case, ready: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = replace(ready.surrogate, ranges={**ready.surrogate.ranges, "m2": (5.0, 6.0)})
    monkeypatch.setattr(prepared, "load_surrogate", lambda: wide)
    assert swift_evaluator(eyelid, ready.goals, ready.scenarios, 2) is None
    small = Effort(screen=2, refine=10, final=12, refined_shots=1, swift=8)
    assert plan_laser(eyelid, effort=small).statistics["scouting"] > 0
