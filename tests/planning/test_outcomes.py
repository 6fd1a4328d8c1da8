"""What one shot does to one simulated skin: by the engine, and judged on made-up craters."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from milia.engine import FINE, Accuracy, Crater, nominal_parameters
from milia.laser import device
from milia.planning import Fire, Scenario, Shot, Stop, fire_at, goals_for, make_scenarios, outcome_of
from milia.planning.outcomes import decided, harmed, may_go_through, opened, scout_at
from milia.skin import Cyst, site, tissue_at

from .conftest import CaseMaker, Drill

SUPERPULSE = device("generic-superpulse-co2")
FINER = Accuracy()


def shot(energy_mJ: float, spot_um: float, duration_us: float, interval_s: float = 0.5) -> Shot:
    return Shot(1e-6 * spot_um, 1e-3 * energy_mJ, 1e-6 * duration_us, interval_s)


@pytest.fixture(scope="module")
def skin(make_case: CaseMaker) -> Scenario:
    """A central skin: 90 µm of roof over a 1 mm cyst, in 800 µm of skin."""
    case = make_case(device="generic-superpulse-co2")
    found = make_scenarios(case, goals_for(case), count=2, seed=0).central
    return dataclasses.replace(found, parameters=nominal_parameters(10.6e-6), focus_m=0.0, delivered=1.0)


def crater(
    skin: Scenario, *, depth: float, harm: float, spot: float = 0.5e-3, wound: float = 0.5e-3
) -> Crater:
    made = Drill().crater(depth, spot)
    assert skin.cyst.roof_m > 0.0
    return dataclasses.replace(made, harm_depth=harm, wound_width=wound)


def test_opening_and_harm_are_judged_against_this_skin(skin: Scenario) -> None:
    limit = skin.depth_limit_m
    radius = 0.5 * skin.cyst.diameter_m
    needed = skin.cyst.roof_m + radius - np.sqrt(radius**2 - (0.5 * skin.opening_goal_m) ** 2)
    assert opened(crater(skin, depth=needed + 1e-6, harm=0.0), skin)
    assert not opened(crater(skin, depth=needed - 1e-6, harm=0.0), skin)
    assert not opened(crater(skin, depth=2 * needed, harm=0.0, spot=0.9 * skin.opening_goal_m), skin)
    assert not harmed(crater(skin, depth=2 * limit, harm=limit), skin)
    assert harmed(crater(skin, depth=0.0, harm=1.001 * limit), skin)
    assert harmed(crater(skin, depth=0.0, harm=0.0, wound=1.001 * skin.lateral_limit_m), skin)


def test_trains_end_when_they_may(skin: Scenario) -> None:
    deep, shallow = crater(skin, depth=2e-4, harm=1e-3), crater(skin, depth=5e-5, harm=1e-3)
    kind = crater(skin, depth=2e-4, harm=1e-5)
    assert [stop for stop in Stop if decided(deep, skin, stop)] == [Stop.HARMED, Stop.DECIDED]
    assert [stop for stop in Stop if decided(shallow, skin, stop)] == [Stop.HARMED]
    assert not any(decided(kind, skin, stop) for stop in Stop)


def test_rows_not_fired_repeat_the_last_one(skin: Scenario) -> None:
    made = outcome_of([crater(skin, depth=1e-4, harm=1e-4), crater(skin, depth=2e-4, harm=2e-4)], skin, 3)
    np.testing.assert_allclose(made.depth, [1e-4, 2e-4, 2e-4])
    assert made.fired == 2
    assert not made.harmed.any()


def test_pulses_that_could_leave_the_tissue_count_as_harm(skin: Scenario) -> None:
    assert not may_go_through([0.0, 0.5e-3])
    assert not may_go_through([0.0, 0.5e-3, 1.0e-3])
    assert may_go_through([0.0, 1.3e-3])
    assert may_go_through([0.0, 1.1e-3, 2.0e-3])
    made = outcome_of([crater(skin, depth=1.3e-3, harm=1e-4)], skin, 3, through=True)
    assert made.harmed.tolist() == [False, True, True]


def test_a_crater_inside_the_keratin_harms_nothing_and_one_through_the_floor_does(skin: Scenario) -> None:
    """300 µm of cyst under 60 µm: two craters deeper than the depth limit, one of them past the floor."""
    cyst = Cyst(diameter_m=0.6e-3, roof_m=60e-6)
    small = dataclasses.replace(skin, cyst=cyst, tissue=dataclasses.replace(skin.tissue, cyst=cyst))
    inside = fire_at(shot(35, 400, 146), small, SUPERPULSE, pulses=1)
    limit = small.depth_limit_m
    assert limit < inside.depth[0] < 0.6e-3
    assert inside.harm_depth[0] < limit
    assert not inside.harmed[0]
    through = fire_at(shot(200, 400, 833), small, SUPERPULSE, pulses=2)
    assert through.depth[1] > 0.66e-3
    assert through.harm_depth[1] > through.depth[1]
    assert through.harmed[1]


def test_the_same_crater_without_a_cyst_is_harm(skin: Scenario) -> None:
    case_skin = dataclasses.replace(skin.tissue, cyst=None)
    bare = dataclasses.replace(skin, tissue=case_skin)
    made = fire_at(shot(100, 400, 417), bare, SUPERPULSE, pulses=1)
    assert made.harm_depth[0] > made.depth[0] > bare.depth_limit_m
    assert made.harmed[0]


def test_more_energy_and_more_pulses_go_deeper(skin: Scenario) -> None:
    weak, strong = (fire_at(shot(e, 500, d), skin, SUPERPULSE, pulses=3) for e, d in ((20, 83), (40, 167)))
    for made in (weak, strong):
        assert np.all(np.diff(made.depth) > 0.0)
        assert np.all(np.diff(made.opening) >= 0.0)
    assert np.all(strong.depth > weak.depth)
    assert np.all(strong.wound_width > weak.wound_width)


def test_a_train_that_stopped_early_agrees_as_far_as_it_went(skin: Scenario) -> None:
    strong = shot(60, 400, 250)
    whole = fire_at(strong, skin, SUPERPULSE, pulses=3, stop=Stop.NEVER)
    short = fire_at(strong, skin, SUPERPULSE, pulses=3, stop=Stop.DECIDED)
    assert short.fired < whole.fired == 3
    np.testing.assert_array_equal(short.depth[: short.fired], whole.depth[: short.fired])
    np.testing.assert_array_equal(short.harmed, whole.harmed)
    np.testing.assert_array_equal(short.opened, whole.opened)


def test_less_delivered_energy_is_a_weaker_shot(skin: Scenario) -> None:
    half = dataclasses.replace(skin, delivered=0.5)
    one = fire_at(shot(100, 500, 417), half, SUPERPULSE, pulses=1)
    other = fire_at(shot(50, 500, 417), skin, SUPERPULSE, pulses=1)
    np.testing.assert_allclose(one.depth, other.depth)


@pytest.mark.parametrize(("fire", "opening", "harm"), [(fire_at, 6e-6, 8e-6), (scout_at, 12e-6, 16e-6)])
def test_the_planning_grids_agree_with_the_fine_one(
    make_case: CaseMaker, fire: Fire, opening: float, harm: float
) -> None:
    """In the middle of the skins by lengths, in nearly every one by what opens and what is harmed."""
    case = make_case(device="generic-superpulse-co2")
    skins = make_scenarios(case, goals_for(case), count=8, seed=3).items
    setting = shot(100, 500, 417)
    coarse = [fire(setting, skin, SUPERPULSE, pulses=1, stop=Stop.NEVER) for skin in skins]
    fine = [fire_at(setting, skin, SUPERPULSE, pulses=1, rule=FINE, accuracy=FINER) for skin in skins]

    def apart(name: str) -> float:
        pairs = zip(coarse, fine, strict=True)
        return float(np.median([abs(getattr(a, name)[0] - getattr(b, name)[0]) for a, b in pairs]))

    assert apart("opening") < opening
    assert apart("harm_depth") < harm
    ratio = [a.depth[0] / b.depth[0] for a, b in zip(coarse, fine, strict=True)]
    assert np.median(ratio) == pytest.approx(1.0, abs=0.04)
    for name in ("opened", "harmed", "severe"):
        differ = sum(getattr(a, name)[0] != getattr(b, name)[0] for a, b in zip(coarse, fine, strict=True))
        assert differ <= 1


def test_thin_roofs_open_wider(skin: Scenario) -> None:
    def opening(roof_um: float) -> float:
        cyst = Cyst(diameter_m=1e-3, roof_m=1e-6 * roof_um)
        tissue = tissue_at(site("lower_eyelid"), total_m=800e-6, cyst=cyst)
        made = fire_at(
            shot(150, 500, 625), dataclasses.replace(skin, cyst=cyst, tissue=tissue), SUPERPULSE, pulses=1
        )
        return float(made.opening[0])

    thin, middle, thick = (opening(roof) for roof in (50, 90, 140))
    assert thin > middle > thick > 0.0
