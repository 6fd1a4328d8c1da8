"""The gate and the choice: who gets which action, and that the neighbours of a rule do not."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.care import compose_plan
from milia.care.choice import laser_may_be_considered
from milia.care.facts import facts_of
from milia.planning import HISTORY

ACTIONS = {"laser", "extract", "electrosurgery", "observe", "refer", "assess_first"}


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ({}, "laser"),
        ({"confirmed": False}, "assess_first"),
        ({"confirmed": False, "condition": "basal cell carcinoma"}, "refer"),
        ({"condition": "basal cell carcinoma"}, "refer"),
        ({"condition": "adnexal carcinoma of some kind"}, "refer"),
        ({"condition": "syringoma"}, "refer"),
        ({"condition": "milia en plaque"}, "extract"),
        ({"age": "10 day"}, "observe"),
        ({"age": "28 day"}, "observe"),
        ({"age": "10 day", "confirmed": False}, "assess_first"),
        ({"age": "10 day", "condition": "melanoma"}, "refer"),
        ({"age": "300 day"}, "observe"),
        ({"age": "2 year"}, "extract"),
        ({"age": "12 year"}, "laser"),
        ({"site": "newborn_face"}, "observe"),
        ({"history": ["pregnancy"]}, "observe"),
        ({"history": ["breastfeeding"]}, "laser"),
        ({"site": "lid_margin", "diameter": "0.5 mm"}, "extract"),
        ({"site": "lower_eyelid", "skin_type": "IV"}, "laser"),
        ({"skin_type": "V"}, "extract"),
        ({"skin_type": "VI"}, "extract"),
        ({"skin_type": "V", "history": ["keloid"]}, "extract"),
        ({"history": ["keloid"]}, "extract"),
        ({"skin_type": "IV", "history": ["keloid"]}, "extract"),
        ({"history": ["hypertrophic_scar"]}, "extract"),
        ({"history": ["isotretinoin_now"]}, "extract"),
        ({"history": ["isotretinoin_6_months"]}, "extract"),
        ({"history": ["anticoagulant", "diabetes", "pacemaker", "recurrent_hsv"]}, "laser"),
        ({"history": ["immunosuppression", "vemurafenib"]}, "laser"),
        ({"history": ["blistering_disease"]}, "extract"),
        ({"failed": ["extract"]}, "laser"),
        ({"failed": ["laser"]}, "extract"),
        ({"failed": ["extract", "laser"]}, "electrosurgery"),
        ({"failed": ["extract", "laser", "electrosurgery"]}, "observe"),
        ({"failed": ["extract", "laser"], "history": ["pacemaker"]}, "observe"),
        ({"failed": ["extract"], "skin_type": "V"}, "observe"),
        ({"failed": ["extract"], "device": "generic-er-yag"}, "electrosurgery"),
        ({"failed": ["topical_retinoid"]}, "laser"),
        ({"prefer": ["extract", "laser"]}, "extract"),
        ({"prefer": ["observe"]}, "observe"),
        ({"prefer": ["laser"], "skin_type": "V"}, "extract"),
        ({"prefer": ["laser", "electrosurgery"], "history": ["pregnancy"]}, "observe"),
        ({"prefer": ["electrosurgery"], "history": ["pacemaker"]}, "laser"),
    ],
)
def test_action_with_a_window(
    make_case: Any, make_laser: Any, knowledge: Any, changes: Any, action: str
) -> None:
    case = make_case(**changes)
    considered = laser_may_be_considered(facts_of(case, knowledge=knowledge), knowledge=knowledge)
    plan = compose_plan(case, laser=make_laser() if considered else None)
    assert plan.action == action
    assert considered or action != "laser"
    if "prefer" not in changes:
        # Where a rule speaks against the laser no minute is spent on it.
        assert considered == (action == "laser")


def test_without_a_window_the_needle_is_chosen_and_the_plan_says_so(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(), laser=make_laser(window=False, p_open=0.61, p_harm=0.22))
    data = plan.to_dict()
    assert data["action"] == "extract"
    assert data["settings"] is data["predicted"] is data["p_open"] is data["p_harm"] is None
    assert "no window" in data["headline"]
    said = "No window: .* opens 156 and harms 56 of 256"
    assert any(re.match(said, reason) for reason in data["reasons"])
    laser = next(option for option in data["alternatives"] if option["action"] == "laser")
    assert any(re.match(said, reason) for reason in laser["against"])
    assert laser["suitable"] is False
    assert data["window"]["best_try"]["p_open"] == 0.61


def test_the_planners_own_reasons_are_shown(make_case: Any, make_laser: Any) -> None:
    without = dataclasses.replace(make_laser(window=False), reasons=("Goes past 308 µm in 56 of 256.",))
    assert compose_plan(make_case(), laser=without).reasons[:2] == (
        "No window for this cyst with this device.",
        "Goes past 308 µm in 56 of 256.",
    )
    chosen = dataclasses.replace(make_laser(), reasons=("Opens 400 µm in 238 of 256.",))
    assert compose_plan(make_case(), laser=chosen).reasons[0] == "Opens 400 µm in 238 of 256."
    silent = dataclasses.replace(make_laser(), reasons=())
    assert "93 % of 256" in compose_plan(make_case(), laser=silent).reasons[0]


def test_a_recommendation_without_a_window_is_not_believed(make_case: Any, make_laser: Any) -> None:
    contradictory = dataclasses.replace(make_laser(), window_exists=False)
    assert compose_plan(make_case(), laser=contradictory).action == "extract"


def test_laser_plan_names_the_needle_and_the_numbers(make_case: Any, make_laser: Any) -> None:
    data = compose_plan(make_case(count=3), laser=make_laser()).to_dict()
    assert "35 mJ" in data["headline"]
    assert "93 %" in data["headline"]
    assert any("Needle extraction is first line" in reason for reason in data["reasons"])
    assert data["alternatives"][0]["action"] == "extract"
    assert [option["rank"] for option in data["alternatives"]] == list(range(1, 9))


WISH, ROOF, SEVERAL = "only the clinic's wish", "thick roof", "several can be opened"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"count": 1, "roof": "60 um"}, {WISH}),
        ({"count": 1, "roof": "200 um"}, {ROOF}),
        ({"count": 2, "roof": "60 um"}, {SEVERAL}),
        ({"count": 4, "roof": "120 um"}, {SEVERAL, ROOF}),
    ],
)
def test_what_speaks_for_the_laser(make_case: Any, make_laser: Any, changes: Any, said: set[str]) -> None:
    reasons = compose_plan(make_case(**changes), laser=make_laser()).reasons
    found = {words for words in (WISH, ROOF, SEVERAL) if any(words in reason.lower() for reason in reasons)}
    assert found == {words.lower() for words in said}


def _suitable(plan: dict[str, Any]) -> dict[str, bool]:
    return {option["option"]: option["suitable"] for option in plan["alternatives"]}


def test_pacemaker_excludes_electrosurgery_alone(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(history=["pacemaker"]), laser=make_laser()).to_dict()
    suitable = _suitable(plan)
    assert suitable["extract"]
    assert suitable["observe"]
    assert not suitable["electrosurgery"]
    # A combination bears what its parts bear.
    assert not suitable["laser_and_electrosurgery"]
    assert suitable["laser_and_incision"]
    neighbour = _suitable(compose_plan(make_case(history=["diabetes"]), laser=make_laser()).to_dict())
    assert neighbour["electrosurgery"]
    assert neighbour["laser_and_electrosurgery"]


def test_an_option_that_another_goes_before_is_not_called_suitable(make_case: Any) -> None:
    plan = compose_plan(make_case(history=["keloid"]), laser=None).to_dict()
    suitable = _suitable(plan)
    assert suitable["observe"]
    for name in ("electrosurgery", "laser", "er_yag", "cryotherapy", "laser_and_incision"):
        assert not suitable[name], name


def test_malignant_leaves_nothing_but_referral(make_case: Any) -> None:
    plan = compose_plan(make_case(condition="sebaceous carcinoma"), laser=None).to_dict()
    assert plan["action"] == "refer"
    assert not any(option["suitable"] for option in plan["alternatives"])


CASES = st.fixed_dictionaries(
    {
        "age": st.sampled_from(
            ["3 day", "28 day", "29 day", "300 day", "2 year", "15 year", "40 year", "90 year"]
        ),
        "skin_type": st.sampled_from(["I", "II", "III", "IV", "V", "VI"]),
        "history": st.lists(st.sampled_from(HISTORY), unique=True, max_size=5),
        "site": st.sampled_from(
            ["cheek", "lower_eyelid", "lid_margin", "glabella", "perioral", "newborn_face"]
        ),
        "count": st.integers(1, 30),
        "diameter": st.sampled_from(["0.3 mm", "0.6 mm"]),
        "condition": st.sampled_from(["milium", "syringoma", "basal cell carcinoma", "milia en plaque"]),
        "confirmed": st.booleans(),
    }
)


@settings(deadline=None, max_examples=120)
@given(changes=CASES, window=st.booleans())
def test_order_of_the_rules(
    make_case: Any, make_laser: Any, knowledge: Any, changes: Any, window: bool
) -> None:
    case = make_case(**changes)
    facts = facts_of(case, knowledge=knowledge)
    considered = laser_may_be_considered(facts, knowledge=knowledge)
    # A laser plan is offered even where none would be computed: the choice itself must refuse it.
    plan = compose_plan(case, laser=make_laser(window=window))
    action = plan.action
    assert action in ACTIONS
    if action == "laser":
        assert considered
        assert window
    if not changes["confirmed"]:
        assert action in ("assess_first", "refer")
    if changes["condition"] == "basal cell carcinoma":
        assert action == "refer"
    if changes["confirmed"] and changes["condition"] == "milium" and changes["age"].endswith("day"):
        assert action == "observe"
    if changes["confirmed"] and changes["condition"] == "milium" and "pregnancy" in changes["history"]:
        assert action == "observe"
    if any(item.level == "stop" for item in plan.safety):
        assert action != "laser"
    if changes["site"] == "lid_margin":
        assert action != "laser"
    data = plan.to_dict()
    assert (data["settings"] is not None) == (action == "laser")
    suitable = [option["suitable"] for option in data["alternatives"]]
    assert suitable == sorted(suitable, reverse=True)
    assert action not in [option["action"] for option in data["alternatives"]]


def test_no_setting_is_computed_for_an_er_yag_laser(make_case: Any, knowledge: Any) -> None:
    facts = facts_of(make_case(device="generic-er-yag"), knowledge=knowledge)
    assert not laser_may_be_considered(facts, knowledge=knowledge)
    plan = compose_plan(make_case(device="generic-er-yag"), laser=None).to_dict()
    assert plan["action"] == "extract"
    assert plan["settings"] is None
    assert any("Er:YAG" in reason for reason in plan["reasons"])
