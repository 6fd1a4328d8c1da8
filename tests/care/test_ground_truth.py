"""The clinical ground truth, sentence by sentence: each has its place in what is printed.

The sentences are those that the project set out with. Where the evidence disagrees with one, the test asks
that the disagreement is shown and that the clinic's own protocol can follow the sentence.
"""

from __future__ import annotations

from typing import Any

import pytest

from milia.care import CarePack, compose_plan

EYELID = {"site": "lower_eyelid"}


def _consent(pack: CarePack) -> str:
    assert pack.consent is not None
    return " ".join(line.text() for part in pack.consent.sections for line in part.paragraphs)


def _leaflet(pack: CarePack, phase: str, side: str) -> str:
    found = next(entry for entry in pack.phases if entry.key == phase)
    return " ".join(item.sentence.text() for item in getattr(found, side))


def _sheet(pack: CarePack, statement: str) -> str:
    return next(
        item.sentence.text() for part in pack.sheet for item in part.items if item.statement == statement
    )


def _options(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {option["option"]: option for option in (plan["choice"], *plan["alternatives"])}


# -- what it is ---------------------------------------------------------------------------------------------


def test_about_1_mm_firm_white_or_yellow(make_pack: Any) -> None:
    assert "small, firm, white or yellow bump of about 1 mm" in _consent(make_pack())


def test_around_the_eyes_between_the_brows_cheeks_eyelids(make_pack: Any) -> None:
    said = _consent(make_pack())
    for place in ("around the eyes", "eyelids", "between the eyebrows", "cheeks"):
        assert place in said


@pytest.mark.parametrize("site", ["upper_eyelid", "lower_eyelid", "glabella", "cheek", "medial_canthus"])
def test_each_of_these_places_can_be_planned_and_is_named_to_the_patient(make_pack: Any, site: str) -> None:
    assert make_pack(site=site, diameter="0.5 mm").facts[0].text().startswith("Place: ")


def test_they_look_like_others_and_the_naked_eye_does_not_settle_it(make_case: Any, make_pack: Any) -> None:
    (reason, *_) = compose_plan(make_case(confirmed=False), laser=None).reasons
    assert "the naked eye does not settle it" in reason
    for other in ("Acne", "seborrhoeic keratosis", "flat warts", "oil cysts", "syringoma"):
        assert other in reason
    assert "Pimples, warts and other bumps can look the same" in _consent(make_pack())


@pytest.mark.parametrize("changes", [{"confirmed": False}, {"condition": "  x", "confirmed": False}])
def test_assess_first_no_plan_without_a_confirmed_diagnosis(
    make_case: Any, make_laser: Any, changes: dict[str, Any]
) -> None:
    plan = compose_plan(make_case(**changes), laser=make_laser()).to_dict()
    assert plan["action"] in ("assess_first", "refer")
    assert plan["settings"] is None


# -- whether and how to treat -------------------------------------------------------------------------------


def test_small_ones_may_go_by_themselves(make_pack: Any) -> None:
    assert "Some go away by themselves" in _consent(make_pack())
    assert make_pack(prefer=["observe"]).headline.text() == "We leave the milia alone and watch them."


def test_in_newborns_they_do(make_case: Any, make_pack: Any) -> None:
    plan = compose_plan(make_case(age="10 day"), laser=None)
    assert plan.action == "observe"
    assert "go by themselves within weeks to months" in plan.reasons[0]
    outlook = " ".join(line.text() for line in make_pack(age="10 day").prevention.outlook)
    assert "In babies most are gone within a month" in outlook


def test_most_adults_need_a_procedure(make_pack: Any) -> None:
    assert "most in adults stay" in _consent(make_pack())


def test_co2_laser_opens_the_roof_so_that_keratin_comes_out(make_pack: Any) -> None:
    pack = make_pack()
    assert "A laser opens the thin skin over it. Then the white core is pressed out." in _consent(pack)
    assert "Stop when keratin shows, express it" in _sheet(pack, "care.safety.stop_at_keratin")


def test_electrosurgery_or_a_micro_incision_with_expression_are_the_alternatives(
    make_case: Any, make_laser: Any
) -> None:
    options = _options(compose_plan(make_case(), laser=make_laser()).to_dict())
    assert "expression" in options["laser"]["title"]
    for name in ("electrosurgery", "extract", "laser_and_incision", "laser_and_electrosurgery", "observe"):
        assert options[name]["suitable"], name
    for name in ("er_yag", "topical_retinoid", "cryotherapy"):
        assert options[name]["for"], name
        assert options[name]["against"], name
        assert options[name]["level"] == 4


def test_electrosurgery_is_chosen_when_the_needle_has_failed_and_no_laser_serves(
    make_case: Any, make_laser: Any
) -> None:
    plan = compose_plan(make_case(failed=["extract"]), laser=make_laser(window=False))
    assert plan.action == "electrosurgery"
    assert any("an extraction that has failed" in reason for reason in plan.reasons)


def test_local_anaesthesia_if_needed(make_pack: Any) -> None:
    pack = make_pack(weight="60 kg")
    assert "often opened without any anaesthetic" in _sheet(pack, "care.anaesthesia.often_none")
    assert "270 mg = 27 mL" in _sheet(pack, "care.anaesthesia.maximum")
    assert "Often no numbing is needed" in _consent(pack)


# -- the heart ----------------------------------------------------------------------------------------------


def test_depth_strength_and_interval_decide_and_the_energy_is_made_to_fit(make_pack: Any) -> None:
    said = _sheet(make_pack(), "care.safety.fit_energy")
    assert "Depth, strength and interval decide." in said
    assert "Too little does nothing, too much scars or marks" in said
    assert "thin skin and the eye region need a finer setting" in said
    assert "fitted to the roof and the skin" in said


def test_depth_strength_and_interval_stand_on_the_sheet(make_pack: Any) -> None:
    found = next(part for part in make_pack(roof="90 um ± 20 um").sheet if part.key == "setting")
    assert "35 mJ in 900 µs through a 0.3 mm spot" in found.items[0].sentence.text()
    subject = [line.text() for line in make_pack(roof="90 um ± 20 um").subject]
    assert "roof 90 µm ± 20 µm" in subject
    assert "roof not measured" in [line.text() for line in make_pack().subject]


def test_too_little_and_too_much_are_both_said_to_the_patient(make_pack: Any) -> None:
    said = _consent(make_pack())
    assert "opens the milium wide enough in about 93" in said
    assert "goes deeper or wider than we want" in said


def test_the_eye_region_is_protected(make_pack: Any) -> None:
    pack = make_pack(**EYELID)
    assert "never plastic" in _sheet(pack, "care.safety.eye_shield")
    assert "corneal abrasion" in _sheet(pack, "care.safety.eye_drops")
    assert "A metal shield lies on your eye" in _consent(pack)
    assert pack.sessions is not None
    assert pack.sessions.test_spot


# -- sessions and aftercare ---------------------------------------------------------------------------------


def test_one_session_usually_two_or_three_for_many_or_recurring_ones(make_pack: Any) -> None:
    pack = make_pack(count=12)
    assert pack.sessions is not None
    notes = " ".join(note.sentence.text() for note in pack.sessions.notes)
    assert "One session is usual." in notes
    assert "Many milia, or milia that come back, may need two or three." in notes
    assert len([step for step in pack.sessions.course if step.lesions]) == 3


def test_hydrocolloid_dressing(make_pack: Any) -> None:
    own = make_pack(protocol={"dressing": "hydrocolloid"})
    assert "hydrocolloid patch" in _leaflet(own, "day0", "do")
    # The default is petrolatum, which trials support; the disagreement is shown.
    assert "petroleum jelly" in _leaflet(make_pack(), "day0", "do")
    differ = {found.statement: found for found in make_pack().disagreements}
    assert "hydrocolloid" in differ["care.conflict.hydrocolloid"].other.text()


def test_light_washing_from_the_next_day(make_pack: Any) -> None:
    opened = next(phase for phase in make_pack().phases if phase.key == "open")
    assert opened.day_from == 1
    assert "Wash gently" in _leaflet(make_pack(), "open", "do")


def test_make_up_from_the_next_day(make_pack: Any) -> None:
    own = make_pack(protocol={"make_up": "day_1"})
    assert "light make-up from the next day" in _leaflet(own, "open", "do")
    # The default waits for closure; both are shown, and whose choice it is.
    assert "closed, dry and pink, you may use light make-up" in _leaflet(make_pack(), "closing", "do")
    differ = {found.statement: found for found in make_pack().disagreements}
    assert "day 1" in differ["care.conflict.makeup"].other.text()


def test_leave_scabs_alone(make_pack: Any) -> None:
    assert "Do not pick or scratch the scab." in _leaflet(make_pack(), "open", "avoid")
    assert "Let the scab fall off by itself." in _leaflet(make_pack(), "closing", "do")


def test_sunscreen(make_pack: Any) -> None:
    assert "SPF 50 mineral sunscreen on closed skin" in _leaflet(make_pack(), "sun", "do")
    assert "tinted" in _leaflet(make_pack(skin_type="IV"), "sun", "do")
    differ = {found.statement: found for found in make_pack().disagreements}
    assert "day 1" in differ["care.conflict.sunscreen"].other.text()
    assert "day 3" in differ["care.conflict.sunscreen"].taken.text()


@pytest.mark.parametrize(
    ("changes", "phase"), [({}, "open"), ({"age": "10 day"}, "leave"), ({"confirmed": False}, "leave")]
)
def test_never_squeeze_or_needle_it_at_home(make_pack: Any, changes: dict[str, Any], phase: str) -> None:
    said = _leaflet(make_pack(**changes), phase, "avoid")
    assert "squeeze" in said
    assert "needle at home" in said


# -- prevention ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rhythm", "habit"),
    [
        ("Twice a day", "Wash your face gently."),
        ("Every evening", "Take off all make-up before you sleep."),
        ("Once or twice a week", "Use a gentle peel or scrub, but not close to the eyes."),
        ("Every day", "Use a light moisturiser."),
    ],
)
def test_prevention(make_pack: Any, rhythm: str, habit: str) -> None:
    found = {entry.item.sentence.text(): entry for entry in make_pack().prevention.routine}
    assert found[habit].rhythm.text() == rhythm
    assert found[habit].quality.text() == "Expert advice only"


# -- where the evidence disagrees ---------------------------------------------------------------------------


def test_the_laser_is_second_line_and_says_so(make_case: Any, make_laser: Any, make_pack: Any) -> None:
    plan = compose_plan(make_case(), laser=make_laser())
    assert any("Needle extraction is first line" in reason for reason in plan.reasons)
    assert "The needle is the usual first choice" in _consent(make_pack())
    assert "care.conflict.second_line" in {found.statement for found in make_pack().disagreements}


def test_the_clinics_own_protocol_is_a_setting_shown_as_its_own(make_pack: Any) -> None:
    own = make_pack(protocol={"make_up": "day_1", "sunscreen": "day_1", "dressing": "hydrocolloid"})
    chosen = {found.statement for found in own.disagreements if found.clinics_own}
    assert chosen == {"care.conflict.makeup", "care.conflict.sunscreen", "care.conflict.hydrocolloid"}
