"""Goals and limits at two levels: whose they are, and how often a setting passes them, in closed form."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy import stats

from milia.base import InputError
from milia.knowledge import load_knowledge
from milia.planning import Evaluator, Shot, goals_for, make_scenarios, outcome_of
from milia.planning.cautions import warnings_for
from milia.planning.inside import limit_rows
from milia.planning.limits import WRITTEN, read_limits

from .conftest import CaseMaker, Drill

COUNT = 256
ROOF = stats.norm(90e-6, 20e-6)
LIMIT = stats.norm(0.331 * 800e-6, 0.331 * 80e-6)
RADIUS = 0.5e-3


def rows_of(make_case: CaseMaker, drill: Drill, energy_mJ: float, **changes: Any) -> dict[str, Any]:
    case = make_case(**changes)
    goals = goals_for(case)
    skins = make_scenarios(case, goals, count=COUNT, seed=0).items
    found = Evaluator(case.device, skins, goals, pulses=1, fire=drill)
    shot = Shot(0.5e-3, 1e-3 * energy_mJ, 1e-5 * energy_mJ, 0.3)
    found.ensure([shot], COUNT)
    return {row["name"]: row for row in limit_rows(found.candidate(shot, 1), found, goals)}


@pytest.mark.parametrize("energy_mJ", [35.0, 45.0, 55.0, 60.0])
def test_both_levels_are_passed_as_often_as_the_closed_form_says(
    make_case: CaseMaker, drill: Drill, energy_mJ: float
) -> None:
    rows, depth = rows_of(make_case, drill, energy_mJ), drill.depth(1e-3 * energy_mJ, 1)
    assert rows["depth"]["p_stop"] == pytest.approx(LIMIT.cdf(depth), abs=2 / COUNT)
    assert rows["depth"]["p_warn"] == pytest.approx(LIMIT.cdf(depth / 0.8), abs=2 / COUNT)
    for level, wanted in (("p_stop", 300e-6), ("p_warn", 360e-6)):
        sag = RADIUS - (RADIUS**2 - (0.5 * wanted) ** 2) ** 0.5
        assert rows["opening"][level] == pytest.approx(1.0 - ROOF.cdf(depth - sag), abs=2 / COUNT)
    assert rows["lateral"]["p50"] == pytest.approx(-250.0)
    assert (rows["lateral"]["p_warn"], rows["lateral"]["state"]) == (0.0, "ok")


def test_a_state_is_the_first_level_passed_too_often(make_case: CaseMaker, drill: Drill) -> None:
    assert [rows_of(make_case, drill, energy)["depth"]["state"] for energy in (35, 50, 60)] == [
        "ok",
        "warn",
        "stop",
    ]


def test_what_is_left_of_the_dermis(make_case: CaseMaker, drill: Drill) -> None:
    row = rows_of(make_case, drill, 45.0)["dermis"]
    case = make_case()
    skins = make_scenarios(case, goals_for(case), count=COUNT, seed=0).items
    left = [(skin.total_m - 180e-6) / (skin.total_m - skin.epidermis_m) for skin in skins]
    assert row["p50"] == pytest.approx(np.median(left), rel=1e-3)
    assert row["p_warn"] == pytest.approx(np.mean(np.array(left) < 0.67), abs=1e-4)


def test_the_dermis_never_stops_before_the_depth_limit_does(make_case: CaseMaker) -> None:
    case = make_case()
    for skin in make_scenarios(case, goals_for(case), count=64, seed=0).items:
        assert skin.dermis_limit_m > skin.depth_limit_m


def test_hot_tissue_stops_a_train(make_case: CaseMaker) -> None:
    case = make_case()
    skin = make_scenarios(case, goals_for(case), count=2, seed=0).central
    craters = [Drill().crater(30e-6 * n, 0.5e-3) for n in (1, 2, 3)]
    cool = outcome_of(craters, skin, 3, met_K=[306.0, 330.0, 320.0])
    assert cool.heat_K.tolist() == [306.0, 330.0, 330.0]
    assert not cool.harmed.any()
    hot = outcome_of(craters, skin, 3, met_K=[306.0, 330.0, 374.0])
    assert hot.harmed.tolist() == [False, False, True]


def test_the_levels_stand_in_one_place_with_flags(make_case: CaseMaker) -> None:
    known = load_knowledge()
    goals = goals_for(make_case())
    assert [limit.name for limit in goals.limits] == list(WRITTEN)
    for limit in goals.limits:
        for level in ("warn", "stop"):
            assert known.quantity(f"planning.limit.{limit.name}.{level}").flag == "default"
    assert goals.limit("depth").stop_flag == "derived"
    assert not goals.limit("collateral").applies
    lid = goals_for(
        make_case(site="lid_margin", total="300 um", diameter="0.5 mm", roof=None, opening="0.2 mm")
    )
    assert lid.limit("collateral").applies


def test_a_cases_own_levels_count_and_are_said(make_case: CaseMaker, drill: Drill) -> None:
    goal = {
        "opening": "0.3 mm",
        "p_harm": 0.05,
        "limits": {"depth": {"stop": "200 um"}, "heat": {"warn": "45 degC"}},
    }
    case = make_case(goal=goal)
    goals = goals_for(case)
    assert goals.depth_limit_m == pytest.approx(200e-6)
    assert goals.limit("depth").warn == pytest.approx(160e-6)
    assert goals.p_harm_max == 0.05
    assert goals.set_by["depth_limit_um"] == goals.flags["depth_limit_um"] == "case"
    assert all(s.depth_limit_m == 200e-6 for s in make_scenarios(case, goals, count=4, seed=0).items)
    # every skin may lose 200 µm now: 180 µm harm none, 220 µm all
    assert rows_of(make_case, drill, 45.0, goal=goal)["depth"]["p_stop"] == 0.0
    assert rows_of(make_case, drill, 55.0, goal=goal)["depth"]["p_stop"] == 1.0
    said = " ".join(warnings_for(case, goals, make_scenarios(case, goals, count=2, seed=0)))
    assert "living tissue lost, depth, stop at 200 µm" in said
    assert "hottest tissue before the next pulse, warn at 45 °C; harm in at most 5 %" in said
    assert "Set by" not in " ".join(
        warnings_for(make_case(), goals_for(make_case()), make_scenarios(case, goals, count=2, seed=0))
    )


def test_nobody_loosens_a_hard_stop(make_case: CaseMaker) -> None:
    lid = {"site": "lid_margin", "total": "300 um", "diameter": "0.5 mm", "roof": None}
    goal = {"p_harm": 0.2, "limits": {"depth": {"stop": "250 um"}}}
    case = make_case(goal=goal, **lid)
    goals = goals_for(case)
    assert goals.depth_limit_m == pytest.approx(0.331 * 300e-6)
    assert goals.p_harm_max == 0.01
    assert goals.refused == ("p_harm", "depth")
    said = warnings_for(case, goals, make_scenarios(case, goals, count=2, seed=0))
    assert "Own values for p harm, depth are looser than this site's hard stop and are not used." in said
    stricter = goals_for(make_case(goal={"limits": {"depth": {"stop": "60 um"}}}, **lid))
    assert (stricter.depth_limit_m, stricter.refused) == (60e-6, ())


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"width": {"stop": "1 mm"}}, "limits.width"),
        ({"depth": {"stop": "2 mm"}}, "limits.depth.stop"),
        ({"depth": {"stop": 200}}, "limits.depth.stop: 200: the unit is missing"),
        ({"depth": {"most": "200 um"}}, "limits.depth.most"),
        (
            {"depth": {"warn": "220 um", "stop": "200 um"}},
            "limits.depth.warn: 220 um: the warning would come after",
        ),
        ({"dermis": {"warn": 0.4, "stop": 0.5}}, "limits.dermis.warn"),
        ({"opening": {"stop": "0.2 mm"}}, "limits.opening.stop"),
        ({"heat": {"stop": "140 degC"}}, "limits.heat.stop"),
        ("deep", "limits: deep"),
    ],
)
def test_bad_levels_are_named(section: Any, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_limits(section, key="limits", file="case.yaml", whose="case")
    assert said in str(refused.value)
    assert "case.yaml" in str(refused.value)


def test_a_case_says_its_goals_back(make_case: CaseMaker) -> None:
    goal = {
        "opening": "300 µm",
        "p_open": 0.7,
        "limits": {"dermis": {"warn": 0.7}, "depth": {"warn": "150 µm", "stop": "200 µm"}},
        "decide": "cvar",
    }
    case = make_case(goal=goal, aim="80 um")
    assert case.to_dict()["goal"] == goal
    assert case.to_dict()["aim"] == "80 µm"
    assert dataclasses.replace(case, own={}).to_dict()["goal"] == {"opening": "300 µm", "decide": "cvar"}
