"""Shots off the cyst's centre, against openings known in closed form."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.engine import Crater
from milia.planning import Shot, Stop, fire_at, goals_for, make_scenarios
from milia.planning.aim import harm_off_centre, opening_off_centre
from milia.planning.outcomes import collateral, harmed
from milia.skin import Cyst

from .conftest import CaseMaker, Drill

CYST = Cyst(diameter_m=1e-3, roof_m=90e-6)


def bowl(depth: float, curvature: float) -> Crater:
    """A crater whose floor rises with the square of the radius."""
    flat = Drill().crater(depth, 1.8e-3)
    surface = np.clip(depth - curvature * flat.r**2, 0.0, None)
    return dataclasses.replace(flat, surface=surface, harm=surface)


@pytest.mark.parametrize("depth", [60e-6, 120e-6, 200e-6])
def test_a_hit_is_read_as_ever(depth: float) -> None:
    crater = bowl(depth, 400.0)
    assert opening_off_centre(crater, CYST, 0.0) == crater.opening(CYST)
    assert opening_off_centre(crater, CYST, 1e-12) == pytest.approx(crater.opening(CYST), abs=2e-9)


@given(st.floats(0.0, 150e-6))
def test_a_wide_flat_floor_opens_the_same_wherever_the_cyst_lies(offset: float) -> None:
    crater = Drill().crater(150e-6, 1.6e-3)
    assert opening_off_centre(crater, CYST, offset) == pytest.approx(crater.opening(CYST), abs=2e-6)


@pytest.mark.parametrize("offset", [20e-6, 60e-6, 120e-6])
def test_a_bowl_over_a_near_parabolic_top_opens_as_two_parabolas_cross(offset: float) -> None:
    """Floor D − a x² against a top r + (x − d)²/2R: the opening is that of one parabola, shifted."""
    depth, a, radius = 115e-6, 800.0, 0.5e-3
    crater = bowl(depth, a)
    b = 1.0 / (2.0 * radius)
    lost = offset**2 * a * b / (a + b)
    expected = 2.0 * np.sqrt((depth - CYST.roof_m - lost) / (a + b))
    assert opening_off_centre(crater, CYST, offset) == pytest.approx(expected, rel=0.03)
    assert opening_off_centre(crater, CYST, offset) < crater.opening(CYST)


def test_a_miss_opens_nothing_and_harms_as_deep_as_it_cuts() -> None:
    crater = dataclasses.replace(Drill().crater(400e-6, 0.4e-3), harm_depth=90e-6, rtd_wall=30e-6)
    crater = dataclasses.replace(crater, harm=np.where(crater.surface > 0.0, 90e-6, 0.0))
    assert opening_off_centre(crater, CYST, 0.0) == pytest.approx(0.4e-3, abs=2e-6)
    assert opening_off_centre(crater, CYST, 0.8e-3) == 0.0
    assert harm_off_centre(crater, CYST, 0.0) == 90e-6
    # over the cyst what lies above its top is lost; beside it the whole depth and the wall's damage
    top = 90e-6 + 0.5e-3 - (0.5e-3**2 - 0.25e-3**2) ** 0.5
    assert harm_off_centre(crater, CYST, 50e-6) == pytest.approx(top, abs=1e-6)
    assert harm_off_centre(crater, CYST, 0.8e-3) == pytest.approx(430e-6)


def test_a_hit_beside_the_centre_harms_what_the_engine_says_of_plain_skin(make_case: CaseMaker) -> None:
    """Beside the cyst the wound is that of plain skin, cut off where the cyst's keratin begins."""
    case = make_case(device="generic-superpulse-co2", aim="0.15 mm")
    shot = Shot(0.5e-3, 40e-3, 167e-6, 0.2, looked=True)
    apart = []
    for skin in make_scenarios(case, goals_for(case), count=16, seed=0).items:
        plain = dataclasses.replace(skin, tissue=dataclasses.replace(skin.tissue, cyst=None))
        with_cyst, without = (
            fire_at(shot, one, case.device, pulses=2, stop=Stop.NEVER).craters[-1] for one in (skin, plain)
        )
        cyst, radius = skin.cyst, 0.5 * skin.cyst.diameter_m
        if with_cyst.harm_depth > cyst.roof_m + cyst.diameter_m:
            continue
        half = np.sqrt(np.maximum(radius**2 - (without.r + skin.aim_m) ** 2, 0.0))
        kept = (half > 0.0) & (without.harm > cyst.roof_m + radius - half)
        beside = np.where(kept, cyst.roof_m + radius - half, without.harm).max()
        known = max(with_cyst.harm_depth, float(beside))
        apart.append(harm_off_centre(with_cyst, cyst, skin.aim_m) - known)
    assert len(apart) > 8
    assert np.median(np.abs(apart)) < 6e-6
    assert np.abs(apart).max() < 35e-6


def test_a_wound_off_centre_reaches_further_to_one_side(make_case: CaseMaker) -> None:
    case = make_case()
    skin = make_scenarios(case, goals_for(case), count=2, seed=0).central
    crater = dataclasses.replace(Drill().crater(100e-6, 0.5e-3), wound_width=1.15e-3)
    assert skin.lateral_limit_m == pytest.approx(1.2e-3)
    assert not harmed(crater, skin)
    assert not harmed(crater, dataclasses.replace(skin, aim_m=20e-6))
    assert harmed(crater, dataclasses.replace(skin, aim_m=30e-6))
    assert collateral(crater) == pytest.approx(0.325e-3)
    assert harmed(crater, dataclasses.replace(skin, collateral_limit_m=0.3e-3))


def test_misses_are_spread_as_two_normal_directions_are(make_case: CaseMaker) -> None:
    case = make_case(aim="0.1 mm")
    drawn = make_scenarios(case, goals_for(case), count=512, seed=0)
    aims = np.array([skin.aim_m for skin in drawn.items])
    # Rayleigh: mean σ√(π/2), median σ√(2 ln 2)
    assert aims.mean() == pytest.approx(0.1e-3 * np.sqrt(np.pi / 2), rel=0.02)
    assert np.median(aims) == pytest.approx(0.1e-3 * np.sqrt(2 * np.log(2)), rel=0.02)
    assert drawn.central.aim_m == 0.0
    assert drawn.spread_in_words("aim") == "100 µm along each direction measured"
    assert (
        "planning.aim.offset"
        in make_scenarios(make_case(aim=None), goals_for(case), count=2, seed=0).evidence
    )
