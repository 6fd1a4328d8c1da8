"""The simulated skins of a case."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from milia.base import Measured
from milia.calibration import CELL_DEATH_SETS
from milia.engine import damage_set
from milia.knowledge import load_knowledge
from milia.planning import Scenarios, case_from_mapping, goals_for, make_scenarios
from milia.skin import depth_limit, sites

from .conftest import CASE, CaseMaker


def scenarios_of(make_case: CaseMaker, *, count: int = 256, seed: int = 0, **changes: Any) -> Scenarios:
    case = make_case(**changes)
    return make_scenarios(case, goals_for(case), count=count, seed=seed)


def test_measured_inputs_are_honoured(make_case: CaseMaker) -> None:
    found = scenarios_of(make_case, diameter="1.0 mm ± 0.1 mm")
    for name, mean, sd in (("roof", 90e-6, 20e-6), ("total", 800e-6, 80e-6), ("diameter", 1e-3, 0.1e-3)):
        drawn = found.inputs[name]
        assert drawn.mean() == pytest.approx(mean, rel=0.01)
        assert drawn.std() == pytest.approx(sd, rel=0.05)
    np.testing.assert_array_equal([skin.cyst.roof_m for skin in found.items], found.inputs["roof"])
    np.testing.assert_array_equal([skin.cyst.diameter_m for skin in found.items], found.inputs["diameter"])
    totals = [
        sum(layer.thickness_m for layer in s.tissue.layers if layer.material != "fat") for s in found.items
    ]
    np.testing.assert_allclose(totals, found.inputs["total"])


def test_a_measurement_is_cut_to_what_can_be(make_case: CaseMaker) -> None:
    roof = scenarios_of(make_case, roof="30 um ± 30 um").inputs["roof"]
    assert roof.min() >= 10e-6
    expected = stats.truncnorm((10 - 30) / 30, (500 - 30) / 30, loc=30e-6, scale=30e-6).mean()
    assert roof.mean() == pytest.approx(expected, rel=0.02)


def test_missing_inputs_come_from_the_atlas(make_case: CaseMaker) -> None:
    found = scenarios_of(make_case, roof=None, total=None)
    known = load_knowledge()
    for name, id in (("roof", "lesion.roof.thickness"), ("total", "site.lower_eyelid.total.thickness")):
        spread = known.quantity(id).spread
        assert spread.low is not None
        assert spread.high is not None
        drawn = found.inputs[name] * 1e6
        assert spread.low <= drawn.min() < spread.low + 0.01 * (spread.high - spread.low)
        assert spread.high >= drawn.max() > spread.high - 0.01 * (spread.high - spread.low)
    assert {"lesion.roof.thickness", "site.lower_eyelid.total.thickness"} <= set(found.evidence)


def test_what_is_exact_is_not_called_uncertain(make_case: CaseMaker) -> None:
    found = scenarios_of(make_case, count=8)
    assert {"diameter", "delivered", "pulse_spread", "focus"}.isdisjoint(found.uncertain)
    assert {"roof", "total", "decomposition_heat"} <= set(found.uncertain)
    assert "healing" not in found.uncertain
    assert all(skin.delivered == 1.0 for skin in found.items)


def test_evidence_names_every_damage_set_drawn(make_case: CaseMaker) -> None:
    found = scenarios_of(make_case, count=8)
    assert {skin.parameters.cell_death for skin in found.items} == set(CELL_DEATH_SETS)
    assert {id for name in CELL_DEATH_SETS for id in damage_set(name).evidence} <= set(found.evidence)


def test_each_skin_has_its_own_limits(make_case: CaseMaker) -> None:
    found = scenarios_of(make_case, count=16)
    for skin, total in zip(found.items, found.inputs["total"], strict=True):
        assert skin.depth_limit_m == depth_limit(total)
        assert skin.lateral_limit_m == pytest.approx(skin.cyst.diameter_m + 0.2e-3)
    assert len({skin.depth_limit_m for skin in found.items}) > 8


def test_same_seed_same_skins(make_case: CaseMaker) -> None:
    one, again, other = (scenarios_of(make_case, count=8, seed=seed) for seed in (1, 1, 2))
    assert one.items == again.items
    assert one.items != other.items


def test_more_skins_begin_with_the_fewer(make_case: CaseMaker) -> None:
    few, many = (scenarios_of(make_case, count=count) for count in (8, 64))
    assert few.items == many.items[:8]


NAMES = [site.name for site in sites() if site.laser_allowed]


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    diameter=st.floats(0.2, 3.0),
    device=st.sampled_from(["generic-superpulse-co2", "generic-er-yag"]),
    seed=st.integers(0, 1000),
)
def test_layers_nest_at_every_site(name: str, diameter: float, device: str, seed: int) -> None:
    lesion = {**CASE["lesion"], "site": name, "diameter": f"{diameter:.4g} mm"}
    del lesion["roof"]
    parts = {"patient": CASE["patient"], "lesion": lesion, "device": device}
    case = case_from_mapping(parts, file="case.yaml")
    goals = goals_for(case)
    for skin in make_scenarios(case, goals, count=32, seed=seed).items:
        thicknesses = {layer.material: layer.thickness_m for layer in skin.tissue.layers}
        assert min(thicknesses.values()) > 0.0
        assert {"stratum_corneum", "epidermis", "papillary_dermis", "dermis"} <= set(thicknesses)
        assert skin.tissue.depth_m == pytest.approx(3e-3)
        assert skin.cyst.roof_m > 0.0
        assert 0.0 < skin.opening_goal_m < skin.cyst.diameter_m
        assert 0.0 < skin.depth_limit_m < 0.6e-3
        assert skin.delivered > 0.0


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({}, "roof", "90 µm ± 20 µm measured"),
        ({"roof": None}, "roof", "50 µm to 150 µm assumed"),
        ({"device": "generic-superpulse-co2"}, "delivered", "75 to 110 % assumed"),
        ({"device": "generic-superpulse-co2"}, "focus", "0 ± 600 µm assumed"),
    ],
)
def test_spread_in_words(make_case: CaseMaker, changes: dict[str, Any], name: str, words: str) -> None:
    assert scenarios_of(make_case, count=2, **changes).spread_in_words(name) == words


def test_the_opening_goal_never_exceeds_the_drawn_cyst(make_case: CaseMaker) -> None:
    found = scenarios_of(make_case, count=64, diameter="0.4 mm ± 0.1 mm", opening="0.4 mm")
    assert case_diameter(make_case) == Measured(1e-3, None)
    small = [skin for skin in found.items if skin.cyst.diameter_m < 0.4e-3]
    assert small
    assert all(skin.opening_goal_m == 0.95 * skin.cyst.diameter_m for skin in small)


def case_diameter(make_case: CaseMaker) -> Measured:
    return make_case().lesion.diameter
