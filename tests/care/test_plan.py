"""The plan as a whole: promised keys, provenance, notebook, figure, wording."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.care import compose_plan, plan_case
from milia.care.wording import certainty_sentence, certainty_word, percent, settings_phrase

PROMISED = {
    "schema_version",
    "case",
    "action",
    "headline",
    "reasons",
    "settings",
    "predicted",
    "p_open",
    "p_harm",
    "certainty",
    "goals",
    "window",
    "pulses",
    "cross_section",
    "alternatives",
    "measure_next",
    "safety",
    "warnings",
    "aftercare",
    "followup",
    "provenance",
}
WITHOUT_LASER = [
    {"confirmed": False},
    {"condition": "melanoma"},
    {"age": "5 day"},
    {"history": ["pregnancy"]},
    {"history": ["keloid"]},
    {"site": "lid_margin", "diameter": "0.5 mm"},
]


@pytest.mark.parametrize("changes", WITHOUT_LASER)
def test_every_key_is_there_without_a_laser(make_case: Any, changes: dict[str, Any]) -> None:
    # The real entry point: none of these cases may start a simulation.
    data = plan_case(make_case(**changes), progress=lambda *_: None).to_dict()
    assert set(data) >= PROMISED
    assert (
        data["settings"] is data["predicted"] is data["p_open"] is data["p_harm"] is data["certainty"] is None
    )
    assert data["window"] == {
        "exists": False,
        "computed": False,
        "points": [],
        "response": None,
        "margin": None,
        "best_try": None,
    }
    assert data["goals"]["depth_limit_um"] > 0.0
    json.dumps(data, allow_nan=False)


def test_every_key_is_there_with_a_laser(make_case: Any, make_laser: Any) -> None:
    data = compose_plan(make_case(), laser=make_laser()).to_dict()
    assert set(data) >= PROMISED
    settings = data["settings"]
    assert settings["power_W"] == pytest.approx(35e-3 / 9e-4)
    assert settings["repetition_Hz"] == pytest.approx(10.0)
    # A Gaussian beam has twice its mean fluence on the axis.
    assert settings["peak_fluence_J_cm2"] == pytest.approx(2.0 * settings["fluence_J_cm2"])
    assert data["certainty"]["p_open"] == {"low": pytest.approx(0.89), "high": pytest.approx(0.97)}
    assert data["certainty"]["rests_on"] == ["roof thickness"]
    assert data["case"]["site_title"] == "cheek"
    json.dumps(data, allow_nan=False)


def test_same_input_same_bytes(make_case: Any, make_laser: Any) -> None:
    history = ["diabetes", "recurrent_hsv", "immunosuppression"]
    first, second = (
        json.dumps(compose_plan(make_case(history=history), laser=make_laser()).to_dict()) for _ in range(2)
    )
    assert first == second


def test_provenance_lists_the_sources_with_flags(make_case: Any, make_laser: Any, knowledge: Any) -> None:
    origin = compose_plan(make_case(site="lower_eyelid"), laser=make_laser(), seed=3).to_dict()["provenance"]
    assert len(origin["evidence"]) == len(set(origin["evidence"]))
    for id in origin["evidence"]:
        knowledge.entry(id)
    sources = {source["id"]: source for source in origin["sources"]}
    assert sources["ries_1996"]["flags"] == ["read"]
    assert all(source["flags"] for source in sources.values())
    assert "not a cleared medical device" in origin["disclaimer"]
    assert origin["parameter_sets"] == ["hand_made"]


def test_evidence_of_every_part_is_in_the_provenance(make_case: Any, make_laser: Any) -> None:
    data = compose_plan(make_case(site="perioral", skin_type="IV", count=9), laser=make_laser()).to_dict()
    used = set(data["provenance"]["evidence"])
    parts = [*data["safety"], *data["alternatives"], data["choice"], *data["followup"]]
    parts += [
        *data["aftercare"]["steps"],
        *data["aftercare"]["warning_signs"],
        *data["aftercare"]["conflicts"],
    ]
    for part in parts:
        assert set(part["evidence"]) <= used


def test_notebook_summary_is_escaped(make_case: Any, make_laser: Any) -> None:
    plan = compose_plan(make_case(), laser=make_laser())
    evil = '<script>alert(1)</script> & "x"'
    html = dataclasses.replace(plan, headline=evil, reasons=(evil,))._repr_html_()
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 2
    assert "&amp; &quot;x&quot;" in html
    assert "93 %" in html


def test_notebook_summary_without_a_laser_has_no_numbers(make_case: Any) -> None:
    html = compose_plan(make_case(confirmed=False), laser=None)._repr_html_()
    assert "Assess first" in html
    assert "<table>" not in html


def test_figure_shows_section_and_window(make_case: Any, make_laser: Any) -> None:
    figure = compose_plan(make_case(), laser=make_laser()).plot()
    assert len(figure.axes) == 2
    section, window = figure.axes
    assert section.yaxis_inverted()
    assert window.lines[0].get_ydata().tolist() == pytest.approx([40.0, 93.0])
    figure.canvas.draw()


def test_figure_without_a_laser_says_what_to_do(make_case: Any) -> None:
    figure = compose_plan(make_case(confirmed=False), laser=None).plot()
    assert not figure.axes
    assert "diagnosis" in figure.texts[0].get_text()
    figure.canvas.draw()


def test_test_lesion_is_in_the_headline(make_case: Any, make_laser: Any) -> None:
    assert "one of the 3 milia" in compose_plan(make_case(skin_type="IV"), laser=make_laser()).headline
    assert "one of" not in compose_plan(make_case(skin_type="II"), laser=make_laser()).headline
    assert "as a test" not in compose_plan(make_case(skin_type="IV", count=1), laser=make_laser()).headline


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (1.0, "virtually certain"),
        (0.90, "very likely"),
        (0.899, "likely"),
        (0.5, "about as likely as not"),
        (0.2, "unlikely"),
        (0.05, "very unlikely"),
        (0.0, "exceptionally unlikely"),
    ],
)
def test_certainty_words(knowledge: Any, probability: float, word: str) -> None:
    assert certainty_word(probability, knowledge=knowledge)[0] == word


def test_words_take_the_end_that_flatters_less(make_laser: Any, knowledge: Any) -> None:
    # 0.92 reaches down to 0.88, which is not "very likely"; 0.09 reaches up to 0.11, not "very unlikely".
    chosen = make_laser(p_open=0.92, p_harm=0.09).recommended
    sentence, ids = certainty_sentence(chosen, knowledge=knowledge)
    assert "is likely that" in sentence
    assert "and unlikely that" in sentence
    assert ids == ("care.certainty.likely", "care.certainty.unlikely")


@settings(deadline=None)
@given(probability=st.floats(0.0, 1.0))
def test_percent_never_claims_certainty(probability: float) -> None:
    shown = percent(probability)
    assert shown not in ("0 %", "100 %")
    if "under" not in shown and "over" not in shown:
        assert abs(float(shown.split()[0]) - 100.0 * probability) <= 0.5


def test_settings_phrase_names_what_is_dialled() -> None:
    phrase = settings_phrase(
        {
            "pulse_energy_mJ": 12.5,
            "pulse_duration_us": 1500.0,
            "spot_diameter_um": 120.0,
            "pulses": 3,
            "interval_ms": 50.0,
            "passes": 2,
            "fluence_J_cm2": 110.5243,
        }
    )
    assert (
        phrase
        == "3 pulses of 12.5 mJ in 1.5 ms through a 0.12 mm spot, one every 50 ms, 2 passes (111 J/cm²)"
    )


def test_unstated_history_is_a_warning(make_case: Any, make_laser: Any) -> None:
    assert any(
        "history" in text for text in compose_plan(make_case(history=None), laser=make_laser()).warnings
    )
    assert not any("history" in text for text in compose_plan(make_case(), laser=make_laser()).warnings)
