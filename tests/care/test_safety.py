"""Every rule of the sheet fires on a case made for it, and not on its neighbour."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.base import InputError
from milia.care import compose_plan, lidocaine_maximum, plan_case
from milia.care.choice import RULE_KEYS, laser_may_be_considered
from milia.care.facts import facts_of
from milia.care.rules import rules
from milia.care.safety import SHEET_KEYS

# rule, case it fires on, neighbour it stays silent on
EYELID = {"site": "lower_eyelid"}
BASALIOMA = {
    "age_years": 70,
    "sites": ["lower_eyelid"],
    "lesion_count": "1",
    "colour": ["pink/red"],
    "surface": ["telangiectatic"],
    "triggers_history": ["bleeds", "loss of lashes"],
}
SYRINGOMA = {
    "age_years": 30,
    "sex": "F",
    "sites": ["lower_eyelid"],
    "lesion_count": "many",
    "colour": ["skin"],
    "shape": ["flat-topped"],
    "surface": ["smooth"],
}
MILIUM = {
    "age_years": 30,
    "sex": "F",
    "sites": ["cheek"],
    "lesion_count": "few",
    "size_mm": [1, 2],
    "colour": ["white"],
    "surface": ["smooth"],
    "consistency": ["firm"],
    "shape": ["dome"],
}
WHY = "keratin pearl expressed from the neighbouring lesion"
FIRES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("care.gate.malignant", {"condition": "melanoma"}, {"condition": "milium"}),
    ("care.gate.red_flag", {"findings": BASALIOMA}, {"findings": MILIUM}),
    ("care.gate.doubted", {"findings": SYRINGOMA}, {"findings": MILIUM}),
    ("care.gate.doubted", {"findings": SYRINGOMA}, {"findings": SYRINGOMA, "reason": WHY}),
    ("care.gate.unconfirmed", {"confirmed": False}, {"confirmed": True}),
    ("care.gate.other_condition", {"condition": "syringoma"}, {"condition": "milia en plaque"}),
    ("care.gate.newborn", {"age": "28 day"}, {"age": "29 day"}),
    ("care.gate.infant", {"age": "29 day"}, {"age": "1 year"}),
    ("care.gate.newborn_skin", {"site": "newborn_face"}, {"site": "cheek"}),
    ("care.gate.pregnancy", {"history": ["pregnancy"]}, {"history": ["breastfeeding"]}),
    ("care.modifier.lid_margin", {"site": "lid_margin", "diameter": "0.5 mm"}, {"site": "upper_eyelid"}),
    ("care.modifier.keloid", {"history": ["hypertrophic_scar"]}, {"history": ["diabetes"]}),
    (
        "care.modifier.isotretinoin_now",
        {"history": ["isotretinoin_now"]},
        {"history": ["isotretinoin_6_months"]},
    ),
    (
        "care.modifier.isotretinoin_6_months",
        {"history": ["isotretinoin_6_months"]},
        {"history": ["isotretinoin_now"]},
    ),
    ("care.modifier.skin_type_iv", {"skin_type": "IV"}, {"skin_type": "III"}),
    ("care.modifier.skin_type_v_vi", {"skin_type": "V"}, {"skin_type": "IV"}),
    (
        "care.modifier.pigment_history",
        {"history": ["post_inflammatory_hyperpigmentation"]},
        {"history": ["keloid"]},
    ),
    ("care.modifier.pacemaker", {"history": ["pacemaker"]}, {"history": []}),
    ("care.modifier.bleeding", {"history": ["bleeding_disorder"]}, {"history": []}),
    ("care.modifier.immunosuppression", {"history": ["immunosuppression"]}, {"history": []}),
    ("care.modifier.vemurafenib", {"history": ["vemurafenib"]}, {"history": []}),
    ("care.modifier.diabetes", {"history": ["diabetes"]}, {"history": []}),
    ("care.modifier.child", {"age": "11 year"}, {"age": "12 year"}),
    ("care.modifier.minor", {"age": "17 year"}, {"age": "18 year"}),
    ("care.modifier.plaque", {"condition": "milia en plaque"}, {"condition": "milium"}),
    (
        "care.modifier.continuous_wave",
        {"device": "generic-continuous-co2"},
        {"device": "generic-superpulse-co2"},
    ),
    (
        "care.modifier.er_yag",
        {"device": "generic-er-yag"},
        {"device": "generic-continuous-co2"},
    ),
    ("care.modifier.breastfeeding", {"history": ["breastfeeding"]}, {"history": []}),
    ("care.modifier.extraction_failed", {"failed": ["extract"]}, {"failed": ["laser"]}),
    ("care.modifier.laser_failed", {"failed": ["laser"]}, {"failed": ["extract"]}),
    ("care.modifier.electrosurgery_failed", {"failed": ["electrosurgery"]}, {}),
    ("care.modifier.cream_failed", {"failed": ["cryotherapy"]}, {"failed": ["extract"]}),
    ("care.modifier.slow_wound", {"healing": 16.0}, {"healing": 14.0}),
    ("care.modifier.blistering_disease", {"history": ["blistering_disease"]}, {}),
    ("care.modifier.cold_intolerance", {"history": ["cold_intolerance"]}, {}),
    ("care.modifier.atopic_dermatitis", {"history": ["atopic_dermatitis"]}, {}),
    ("care.modifier.eyelid_cream", EYELID, {"site": "chin"}),
    ("care.modifier.resurfacing", {"history": ["resurfacing"]}, {}),
    ("care.safety.fit_energy", {}, {"history": ["keloid"]}),
    ("care.safety.record", {}, {"confirmed": False}),
    ("care.safety.look_again", {}, {"confirmed": False}),
    ("care.safety.history_unknown", {"history": None}, {"history": []}),
    ("care.safety.photo_before_referral", {"confirmed": False}, {}),
    ("care.safety.eye_shield", EYELID, {"site": "chin"}),
    ("care.safety.eye_shield", EYELID, {**EYELID, "history": ["keloid"]}),
    ("care.safety.eye_drops", EYELID, {"site": "chin"}),
    ("care.safety.goggles", {"site": "chin"}, EYELID),
    ("care.safety.staff_goggles", EYELID, {"site": "chin"}),
    ("care.safety.periocular_harms", EYELID, {"site": "chin"}),
    ("care.safety.needle_eye", {**EYELID, "history": ["keloid"]}, EYELID),
    ("care.safety.fire", {}, {"history": ["keloid"]}),
    ("care.safety.smoke", {}, {"history": ["keloid"]}),
    ("care.safety.stop_at_keratin", {}, {"history": ["keloid"]}),
    ("care.safety.check_delivery", {}, {"history": ["keloid"]}),
    ("care.safety.test_lesion", {"skin_type": "IV"}, {"skin_type": "III"}),
    ("care.safety.test_lesion", EYELID, {"site": "cheek"}),
    ("care.safety.batch", {"count": 6}, {"count": 5}),
    ("care.safety.mark_first", {}, {"confirmed": False}),
    ("care.safety.hsv_prophylaxis", {"history": ["recurrent_hsv"]}, {"history": []}),
    ("care.safety.hsv_perioral", {"site": "perioral"}, {"site": "chin"}),
    ("care.safety.contact_lenses", {**EYELID, "history": ["contact_lenses"]}, EYELID),
    ("care.safety.no_tan", {}, {"history": ["keloid"]}),
    ("care.safety.pacemaker", {"history": ["pacemaker"]}, {}),
    ("care.safety.slow_healing", {"healing": 8.0}, {"healing": 6.0}),
    ("care.safety.home", {"confirmed": False}, {}),
    ("care.anaesthesia.often_none", {}, {"confirmed": False}),
    ("care.anaesthesia.maximum", {"age": "18 year"}, {"age": "17 year"}),
    ("care.anaesthesia.maximum", {}, {"history": ["lidocaine_allergy"]}),
    ("care.anaesthesia.child_maximum", {"age": "17 year"}, {"age": "18 year"}),
    ("care.anaesthesia.child_maximum", {"age": "9 year"}, {"age": "9 year", "history": ["heart_block"]}),
    ("care.anaesthesia.no_maximum", {"history": ["liver_disease"]}, {}),
    ("care.anaesthesia.maximum", {}, {"history": ["heart_block"]}),
    ("care.anaesthesia.allergy", {"history": ["lidocaine_allergy"]}, {}),
    ("care.anaesthesia.emla_eyes", EYELID, {"site": "chin"}),
    ("care.anaesthesia.emla_methaemoglobin", {"history": ["g6pd_deficiency"]}, {}),
    ("care.anaesthesia.emla_adult", {"site": "chin"}, EYELID),
    ("care.anaesthesia.emla_adult", {"site": "chin"}, {"site": "chin", "history": ["methaemoglobinaemia"]}),
    ("care.anaesthesia.cream_1_5", {"age": "3 year"}, {"age": "3 year", **EYELID}),
    ("care.anaesthesia.cream_1_5", {"age": "5.9 year"}, {"age": "6 year"}),
    ("care.anaesthesia.cream_6_11", {"age": "6 year"}, {"age": "12 year"}),
    ("care.anaesthesia.cream_12_17", {"age": "12 year"}, {"age": "18 year"}),
    ("care.anaesthesia.cream_atopic", {"history": ["atopic_dermatitis"]}, {}),
]


def _sheet(make_case: Any, make_laser: Any, knowledge: Any, changes: dict[str, Any]) -> dict[str, Any]:
    changes = dict(changes)
    healing = changes.pop("healing", 7.0)
    case = make_case(**changes)
    considered = laser_may_be_considered(facts_of(case, knowledge=knowledge), knowledge=knowledge)
    plan = compose_plan(case, laser=make_laser(healing=healing) if considered else None)
    return {item.id: item for item in plan.safety}


@pytest.mark.parametrize(("rule", "fires", "silent"), FIRES)
def test_rule_fires_on_its_case_only(
    make_case: Any, make_laser: Any, knowledge: Any, rule: str, fires: dict[str, Any], silent: dict[str, Any]
) -> None:
    assert rule in _sheet(make_case, make_laser, knowledge, fires)
    assert rule not in _sheet(make_case, make_laser, knowledge, silent)


def test_every_rule_of_the_sheet_is_tested(knowledge: Any) -> None:
    known = {
        rule.id
        for prefix, keys in (
            ("care.gate", RULE_KEYS),
            ("care.modifier", RULE_KEYS),
            ("care.safety", SHEET_KEYS),
            ("care.anaesthesia", SHEET_KEYS),
        )
        for rule in rules(prefix, knowledge=knowledge, keys=keys)
    }
    assert known == {rule for rule, _, _ in FIRES}


def test_metal_shield_wherever_the_laser_is_inside_the_orbital_rim(make_case: Any, make_laser: Any) -> None:
    sites = ("upper_eyelid", "lower_eyelid", "medial_canthus", "lateral_canthus")
    for site in sites:
        items = {item.id: item for item in compose_plan(make_case(site=site), laser=make_laser()).safety}
        assert "metal" in items["care.safety.eye_shield"].text.lower()
        assert "never plastic" in items["care.safety.eye_shield"].text
        assert "care.anaesthesia.emla_adult" not in items


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"history": ["pregnancy", "keloid"]}, "stop"),
        ({"site": "lid_margin", "diameter": "0.5 mm", "history": ["recurrent_hsv"]}, "stop"),
        ({"history": ["recurrent_hsv"]}, "warn"),
    ],
)
def test_what_stops_comes_first(make_case: Any, changes: Any, first: str) -> None:
    levels = [item.level for item in compose_plan(make_case(**changes), laser=None).safety]
    assert levels == sorted(levels, key=["stop", "warn", "do"].index)
    assert levels[0] == first
    assert levels[-1] == "do"


@pytest.mark.parametrize(
    ("weight_kg", "plain_mg", "adrenaline_mg", "plain_mL", "capped"),
    [
        (60.0, 270.0, 420.0, 27.0, (False, False)),
        (50.3, 226.0, 352.0, 22.6, (False, False)),
        (66.0, 297.0, 462.0, 29.7, (False, False)),
        (70.0, 300.0, 490.0, 30.0, (True, False)),
        (120.0, 300.0, 500.0, 30.0, (True, True)),
    ],
)
def test_lidocaine_by_weight(
    weight_kg: float, plain_mg: float, adrenaline_mg: float, plain_mL: float, capped: tuple[bool, bool]
) -> None:
    plain, adrenaline = lidocaine_maximum(weight_kg)
    assert (plain.maximum_mg, adrenaline.maximum_mg) == (plain_mg, adrenaline_mg)
    assert plain.maximum_mL == plain_mL
    assert (plain.capped, adrenaline.capped) == capped


@settings(deadline=None)
@given(weight_kg=st.floats(30.0, 300.0))
def test_lidocaine_never_exceeds_the_label(weight_kg: float) -> None:
    plain, adrenaline = lidocaine_maximum(weight_kg)
    assert plain.maximum_mg <= min(4.5 * weight_kg, 300.0) + 1e-5
    assert adrenaline.maximum_mg <= min(7.0 * weight_kg, 500.0) + 1e-5
    assert plain.maximum_mL * 10.0 <= plain.maximum_mg + 1e-9


@pytest.mark.parametrize("weight_kg", [0.0, -60.0, 29.9, 301.0, math.nan, math.inf])
def test_absurd_weight_is_refused(weight_kg: float) -> None:
    with pytest.raises(InputError, match=r"patient\.weight.*30 kg to 300 kg"):
        lidocaine_maximum(weight_kg)


def test_absurd_weight_is_refused_before_any_simulation(make_case: Any) -> None:
    called = []
    with pytest.raises(InputError, match=r"case\.yaml: patient\.weight"):
        plan_case(make_case(weight="6 kg"), progress=lambda share, text: called.append((share, text)))
    assert called == []


def test_without_weight_the_sheet_asks_for_it(make_case: Any, make_laser: Any) -> None:
    def item(**changes: Any) -> Any:
        plan = compose_plan(make_case(**changes), laser=make_laser())
        return next(item for item in plan.safety if item.id == "care.anaesthesia.maximum")

    assert "weight is needed" in item().text
    assert item().doses == ()
    assert "270 mg = 27 mL" in item(weight="60 kg").text
    assert "needed" not in item(weight="60 kg").text


@pytest.mark.parametrize(
    ("age", "weight", "plain_mg", "adrenaline_mg"),
    [("8 year", "25 kg", 37.0, 75.0), ("1 year", "10 kg", 15.0, 30.0), ("17 year", "140 kg", 210.0, 420.0)],
)
def test_a_childs_dose_stays_below_every_figure_that_was_read(
    make_case: Any, knowledge: Any, age: str, weight: str, plain_mg: float, adrenaline_mg: float
) -> None:
    plan = compose_plan(make_case(age=age, weight=weight, history=["keloid"]), laser=None).to_dict()
    item = next(item for item in plan["safety"] if item["id"] == "care.anaesthesia.child_maximum")
    assert [dose["maximum_mg"] for dose in item["doses"]] == [plain_mg, adrenaline_mg]
    assert f"{plain_mg:g} mg" in item["text"]
    assert not any(other["id"] == "care.anaesthesia.maximum" for other in plan["safety"])
    least_read = knowledge.quantity("care.anaesthesia.child_read_low").value
    assert plain_mg <= 0.5 * least_read * float(weight.split()[0]) + 1e-9


@settings(deadline=None)
@given(age_years=st.floats(1.0, 17.99), share=st.floats(0.0, 1.0))
def test_a_child_never_gets_an_adults_dose(age_years: float, share: float) -> None:
    low, high = 4.0 + age_years, 12.0 + 8.0 * age_years
    # A hair inside the ends, which are rounded to 0.1 kg.
    weight_kg = low + 0.06 + share * (high - low - 0.12)
    child = lidocaine_maximum(weight_kg, age_years * 365.25)
    assert child[0].maximum_mg <= 1.5 * weight_kg + 1e-5
    assert child[1].maximum_mg <= 3.0 * weight_kg + 1e-5
    if weight_kg >= 30.0:
        assert all(
            mine.maximum_mg < adult.maximum_mg
            for mine, adult in zip(child, lidocaine_maximum(weight_kg), strict=True)
        )


@pytest.mark.parametrize(("age", "weight"), [("2 year", "70 kg"), ("16 year", "8 kg"), ("1 year", "25 kg")])
def test_a_weight_that_is_no_childs_is_refused(make_case: Any, age: str, weight: str) -> None:
    with pytest.raises(InputError, match=r"patient\.weight.*weight of a child"):
        plan_case(make_case(age=age, weight=weight, history=["keloid"]))
