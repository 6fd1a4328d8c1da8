"""Scenarios with a name: read strictly, weighed, and told with their own chances."""

from __future__ import annotations

from typing import Any

import pytest
from scipy import stats

from milia.base import InputError
from milia.planning import Effort, Evaluator, LaserPlan, Shot, goals_for, make_scenarios, plan_laser
from milia.planning.inside import scenario_rows

from .conftest import SURE, CaseMaker, Drill

COUNT = 256
ROOF = stats.norm(90e-6, 20e-6)
SAG = 0.5e-3 - (0.5e-3**2 - 0.15e-3**2) ** 0.5
SHOT = Shot(0.5e-3, 45e-3, 0.45e-3, 0.3)  # 180 µm deep with the stand-in engine
THICK = {"name": "thick roof", "weight": 0.2, "roof": "170 um"}


def test_a_weighted_scenario_takes_its_share_of_the_chances(make_case: CaseMaker, drill: Drill) -> None:
    """180 µm open a roof of 90 ± 20 µm nearly always and one of 170 µm never."""
    case = make_case(scenarios=[THICK, {"name": "thin skin", "skin": "0.5 mm"}])
    goals = goals_for(case)
    drawn = make_scenarios(case, goals, count=COUNT, seed=0)
    found = Evaluator(case.device, drawn.items, goals, pulses=1, fire=drill, named=drawn.named)
    found.ensure([SHOT], COUNT)
    one = found.candidate(SHOT, 1)
    assert one.p_open == pytest.approx(0.8 * ROOF.cdf(180e-6 - SAG), abs=2 / COUNT)
    rows = scenario_rows(one, case.named, drawn, found)
    assert rows["drawn"]["weight"] == 0.8
    assert rows["drawn"]["p_open"] == pytest.approx(ROOF.cdf(180e-6 - SAG), abs=2 / COUNT)
    thick, thin = rows["named"]
    assert (thick["name"], thick["p_open"], thick["opening_um"]) == (
        "thick roof",
        0.0,
        pytest.approx(200, abs=8),
    )
    assert thick["set"] == {"roof": "170 µm"}
    # a skin of 500 µm may lose 165.5 µm; as it weighs nothing it harms nobody's chances
    assert (thin["p_harm"], thin["weight"]) == (1.0, 0.0)
    assert one.p_harm < 0.01


def test_what_a_scenario_does_not_say_stays_uncertain(make_case: CaseMaker) -> None:
    case = make_case(
        scenarios=[THICK, {"name": "off", "aim": "0.2 mm", "temperature": "25 degC", "delivered": 0.7}]
    )
    drawn = make_scenarios(case, goals_for(case), count=32, seed=0)
    thick = [skin for skin in drawn.named if skin.name == "thick roof"]
    assert len(thick) == 16
    assert {skin.cyst.roof_m for skin in thick} == {170e-6}
    assert [skin.total_m for skin in thick] == [skin.total_m for skin in drawn.items[:16]]
    assert sum(skin.weight for skin in drawn.named) == pytest.approx(0.2)
    off = [skin for skin in drawn.named if skin.name == "off"]
    assert {(skin.aim_m, skin.delivered, skin.initial_K) for skin in off} == {(0.2e-3, 0.7, 298.15)}


def planned(make_case: CaseMaker, drill: Drill, **changes: Any) -> LaserPlan:
    return plan_laser(make_case(**changes), fire=drill, effort=Effort(looked=False))


def test_a_plan_shows_its_scenarios_and_follows_their_weight(make_case: CaseMaker, drill: Drill) -> None:
    plain = planned(make_case, drill)
    shown = planned(make_case, drill, scenarios=[{**THICK, "weight": 0.0}])
    weighed = planned(make_case, drill, scenarios=[{**THICK, "weight": 0.3}])
    assert plain.recommended is not None
    assert shown.recommended == plain.recommended
    assert plain.to_dict()["scenarios"]["named"] == []
    (row,) = shown.to_dict()["scenarios"]["named"]
    assert (row["name"], row["scenarios"]) == ("thick roof", 16)
    # a third of the chances goes to roofs that only a deeper shot opens: the plan goes deeper
    assert weighed.recommended is not None
    assert weighed.recommended.settings.pulse_energy_J > plain.recommended.settings.pulse_energy_J
    assert weighed.to_dict()["scenarios"]["named"][0]["p_open"] == 1.0
    # and where no shot can open them, there is no window
    lost = planned(make_case, drill, scenarios=[{**THICK, "weight": 0.3, "roof": "250 um"}])
    assert lost.recommended is None
    # with looks the roofs that resist need not decide for all: small pulses, until each roof is open
    looked = plan_laser(make_case(scenarios=[{**THICK, "weight": 0.3}]), fire=drill)
    assert looked.recommended is not None
    assert looked.recommended.looked
    assert looked.recommended.settings.pulse_energy_J < plain.recommended.settings.pulse_energy_J
    assert any(one["name"] == "thick roof" for one in lost.to_dict()["worst_scenarios"])


def test_a_case_says_its_scenarios_back(make_case: CaseMaker) -> None:
    listed = [
        {"name": "thick roof", "weight": 0.1, "roof": "170 µm"},
        {"name": "cold", "weight": 0.0, "temperature": "25 °C", "delivered": 0.8},
    ]
    case = make_case(scenarios=listed)
    assert case.to_dict()["scenarios"] == listed
    assert make_case(scenarios=case.to_dict()["scenarios"]).named == case.named


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("thick", "scenarios: thick: this is not a list"),
        ([{"roof": "150 um"}], "scenarios[0].name"),
        ([{"name": "nothing"}], "scenarios[0]: nothing: nothing is different"),
        ([{"name": "a", "roof": "150"}], "scenarios[0].roof: 150: the unit is missing"),
        ([{"name": "a", "roof": "5 mm"}], "scenarios[0].roof: 5 mm: the value is out of range"),
        ([{"name": "a", "rof": "150 um"}], "scenarios[0].rof"),
        (
            [{"name": "a", "roof": "150 um"}, {"name": "a", "roof": "160 um"}],
            "scenarios[1].name: a: this name is",
        ),
        ([{"name": "a", "roof": "150 um", "weight": 0.7}], "scenarios[0].weight: 0.7"),
        (
            [{"name": n, "roof": "150 um", "weight": 0.3} for n in "ab"],
            "scenarios: 0.6: the weights of the scenarios add up to too much",
        ),
    ],
)
def test_bad_scenarios_are_named(make_case: CaseMaker, found: Any, said: str) -> None:
    with pytest.raises(InputError) as refused:
        make_case(scenarios=found)
    assert f"case.yaml: {said}" in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aim": "2 mm"}, "aim: 2 mm"),
        ({"goal": {"decide": "median"}}, "goal.decide: median"),
        ({"goal": {"p_open": 1.2}}, "goal.p_open: 1.2"),
        ({"device": []}, "device: []: no device is named"),
        ({"device": [SURE, SURE]}, "a device is named twice"),
        ({"device": [SURE, 7]}, "device[1]: 7: this is not a device"),
    ],
)
def test_bad_wishes_are_named(make_case: CaseMaker, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        make_case(**changes)
    assert said in str(refused.value)
