"""The sentences of a plan: its own numbers, and warnings where inputs do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from milia.calibration import in_words
from milia.planning import Candidate, goals_for, make_scenarios
from milia.planning.cautions import NOT_SIMULATED, UNCALIBRATED, warnings_for
from milia.planning.explain import limits_in_words, reasons_for
from milia.planning.picture import margin_of

from .conftest import SURE, CaseMaker
from .test_search import GOALS, candidate


def warnings(make_case: CaseMaker, **changes: Any) -> tuple[str, ...]:
    case = make_case(**changes)
    goals = goals_for(case)
    return warnings_for(case, goals, make_scenarios(case, goals, count=2, seed=0))


def line(*rows: tuple[float, float, float]) -> list[Candidate]:
    return [candidate(o, h, energy_mJ=e) for e, o, h in rows]


LINE = line((30, 0.5, 0.0), (40, 0.9375, 0.015625), (50, 1.0, 0.0625), (60, 1.0, 0.25))


def test_reasons_name_setting_counts_and_limits() -> None:
    chosen = LINE[1]
    lines = reasons_for(chosen, LINE, GOALS, margin_of(LINE, chosen))
    assert lines == (
        "One pulse of 40 mJ in a 500 µm spot opens at least 300 µm in 60 of 64 simulated skins.",
        "Living tissue is lost past the limit of 265 µm in 1 of 64; at most 10 % is accepted. "
        "Deeper than 560 µm, where scars were measured: 0 of 64; at most 2 %.",
        "The window goes from 40 to 50 mJ. "
        "Below it, 30 mJ opens only 32 of 64. Above it, 60 mJ harms 16 of 64.",
    )


def test_a_window_of_one_step_is_pointed_out() -> None:
    rows = line((30, 0.5, 0.0), (40, 0.9375, 0.015625), (50, 1.0, 0.25))
    *_, last = reasons_for(rows[1], rows, GOALS, margin_of(rows, rows[1]))
    assert last.startswith("The window is one energy step wide: only 40 mJ lies inside.")


def test_a_window_that_ends_with_the_device_is_not_said_to_end_by_harm() -> None:
    rows = LINE[:3]
    *_, last = reasons_for(rows[1], rows, GOALS, margin_of(rows, rows[1]))
    assert last.endswith("Above it no energy was tried that this device delivers at this spot.")
    assert "harms" not in last


def test_other_spots_and_pulses_do_not_enter_the_line() -> None:
    others = [candidate(0.0, 1.0, energy_mJ=55, pulses=2), candidate(0.0, 1.0, energy_mJ=55, spot=6e-4)]
    margin = margin_of(LINE, LINE[1])
    assert reasons_for(LINE[1], [*others, *LINE], GOALS, margin) == reasons_for(LINE[1], LINE, GOALS, margin)


def test_no_window_names_the_gentlest_and_the_strongest() -> None:
    rows = line((30, 0.5, 0.03125), (40, 0.75, 0.0625), (50, 0.875, 0.125), (60, 1.0, 0.5))
    lines = reasons_for(None, rows, GOALS, None)
    assert lines[0].startswith("No deliverable setting")
    assert "one pulse of 50 mJ in a 500 µm spot) goes past the limit of 265 µm in 8 of 64" in lines[1]
    assert "one pulse of 40 mJ in a 500 µm spot) opens 48 of 64; at least 80 %" in lines[2]


def test_margin_counts_only_steps_joined_to_the_choice() -> None:
    rows = line((20, 0.9, 0.0), (30, 0.5, 0.0), (40, 0.9, 0.0), (50, 0.9, 0.05), (60, 0.7, 0.2))
    assert margin_of(rows, rows[2]) == {
        "down_percent": 0.0,
        "up_percent": 25.0,
        "lowest_mJ": 40.0,
        "highest_mJ": 50.0,
    }


def test_a_hard_stop_is_called_one(make_case: CaseMaker) -> None:
    case = make_case(site="lid_margin", total="320 um", diameter="0.5 mm", roof=None)
    assert "a hard stop" in limits_in_words(goals_for(case), case)
    assert "a hard stop" not in limits_in_words(goals_for(make_case()), make_case())


def test_what_every_plan_says(make_case: CaseMaker) -> None:
    said = warnings(make_case)
    assert in_words(10.6e-6) in said
    assert UNCALIBRATED in warnings(make_case, device="generic-er-yag")
    assert NOT_SIMULATED in said
    assert said[-1] == "Taken as exact, because the case gives no ± spread: cyst diameter."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"roof": None}, "Roof thickness was not measured; a wide default of 50 µm to 150 µm is used."),
        ({"total": None}, "Skin thickness at the lower eyelid comes from the atlas"),
        ({"opening": None}, "The wanted opening of 400 µm is a default."),
        ({"device": "generic-superpulse-co2"}, "The steps and limits of the generic superpulsed CO2 laser"),
        (
            {"device": {key: value for key, value in SURE.items() if key != "m2"}},
            "The device's file leaves out m2",
        ),
        ({"roof": "90 um", "total": "800 um"}, "cyst diameter, roof thickness, skin thickness."),
    ],
)
def test_what_a_case_leaves_open_is_said(make_case: CaseMaker, changes: dict[str, Any], words: str) -> None:
    assert any(words in line for line in warnings(make_case, **changes))
    assert not any(words in line for line in warnings(make_case))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"roof": "300 um ± 10 um"}, "The roof (300 µm) is thicker than what this skin may lose (265 µm)"),
        ({"roof": "300 um ± 10 um"}, "The measured roof (300 µm) lies outside the range assumed"),
        ({"total": "1.4 mm ± 0.1 mm"}, "The measured skin (1.4 mm) lies outside the atlas's range"),
        (
            {"diameter": "2.2 mm", "roof": "180 um ± 10 um"},
            "A cyst of 2.2 mm under a roof of 180 µm does not fit into skin of 800 µm, even with",
        ),
    ],
)
def test_measurements_that_do_not_fit_are_named(
    make_case: CaseMaker, changes: dict[str, Any], words: str
) -> None:
    assert any(words in line for line in warnings(make_case, **changes))
    assert not any(words in line for line in warnings(make_case))


def test_a_setting_at_which_no_crater_was_measured_is_said(make_case: CaseMaker) -> None:
    case = make_case()
    scenarios = make_scenarios(case, GOALS, count=4, seed=0)
    told = warnings_for(case, GOALS, scenarios, best=LINE[1])
    (said,) = [words for words in told if "No crater" in words]
    assert "20.4 J/cm² over 500 µm" in said
    assert not [words for words in warnings_for(case, GOALS, scenarios) if "No crater" in words]
