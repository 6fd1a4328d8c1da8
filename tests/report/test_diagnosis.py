"""The report says what stood behind the diagnosis, and ends the window at the first limit on harm."""

from __future__ import annotations

from typing import Any

import pytest

from milia.report.diagnosis_view import diagnosis_view
from milia.report.html import render_html
from milia.report.pdf import render_pdf
from milia.report.view import report_view
from milia.report.window_data import ResponsePoint, WindowData, describe_window

FLAG = {
    "text": "Lashes are missing.",
    "urgency": "urgent",
    "patient": "That needs a sample.",
    "clears": "A biopsy.",
}


@pytest.fixture
def doubted(laser: dict[str, Any]) -> dict[str, Any]:
    laser["diagnosis"] = {
        "assessment": {
            "differential": [
                {
                    "condition": "basal cell carcinoma",
                    "probability": 0.61,
                    "interval": {"p05": 0.4, "p95": 0.8},
                },
                {"condition": "benign <b>milia</b>", "probability": 0.2, "interval": {}},
            ],
            "refer": {"flags": [FLAG]},
            "ask_next": [{"question": "Feel: firm?"}],
        },
        "gate": {
            "doubts": ["open red flag: Lashes are missing.", "milia below 1 %"],
            "reason": "biopsy seen",
        },
    }
    return laser


def test_flags_look_alikes_doubts_and_reason_are_on_the_page(doubted: dict[str, Any]) -> None:
    html = render_html(doubted)
    for words in (
        "Lashes are missing.",
        "A biopsy.",
        "That needs a sample.",
        "basal cell carcinoma",
        "61 of 100",
        "40 to 80 of 100",
        "milia below 1 %",
        "biopsy seen",
        "Feel: firm?",
    ):
        assert words in html
    assert "<b>milia</b>" not in html
    assert html.index('id="diagnosis"') < html.index('id="settings"')


def test_a_flag_is_not_said_again_as_a_doubt(doubted: dict[str, Any]) -> None:
    view = diagnosis_view(doubted)
    assert view is not None
    assert view.doubts == ("milia below 1 %",)


def test_no_findings_leave_no_section(laser: dict[str, Any]) -> None:
    assert diagnosis_view(laser | {"diagnosis": None}) is None
    assert 'id="diagnosis"' not in render_html(laser)


def test_the_pdf_is_set_too(doubted: dict[str, Any]) -> None:
    assert render_pdf(doubted).startswith(b"%PDF")


def _window(severe: tuple[float, ...], most: float | None) -> WindowData:
    points = tuple(
        ResponsePoint(10.0 * i, 0.3 * i, 0.05 * i, p_severe=share) for i, share in enumerate(severe)
    )
    return WindowData("pulse energy, mJ", "mJ", points, 0.8, 0.1, exists=True, p_severe_max=most)


def test_the_earlier_limit_ends_the_window() -> None:
    severe = _window((0.0, 0.0, 0.04, 0.08), 0.02)
    assert severe.passes_at == pytest.approx(20.0)
    assert severe.harms_at == severe.severe_at == pytest.approx(15.0)
    assert severe.harm_there == pytest.approx(0.075)
    assert "2 of 100 lose tissue deeper than scars were measured" in describe_window(severe)
    site = _window((0.0, 0.0, 0.01, 0.03), 0.02)
    assert site.severe_at == pytest.approx(25.0)
    assert site.harms_at == pytest.approx(20.0)
    assert site.harm_there == pytest.approx(0.1)
    assert _window((0.0, 0.5, 0.5, 0.5), None).harms_at == pytest.approx(20.0)


def test_the_share_past_the_scar_depth_is_counted(laser: dict[str, Any]) -> None:
    laser["p_severe"] = 0.0117
    laser["goals"] |= {"severe_depth_um": 560.0, "p_severe_max": 0.02}
    certainty = report_view(laser).certainty
    assert certainty is not None
    assert (
        "where scars were measured: 1 of 100 simulated skins; at most 2 of 100 is accepted"
        in certainty.goals.replace("\u202f", " ")
    )


def test_a_floor_in_keratin_is_said_in_words(laser: dict[str, Any]) -> None:
    laser["predicted"]["rtd_floor_um"] = {"p05": 0.0, "p50": 0.0, "p95": 0.0}
    certainty = report_view(laser).certainty
    assert certainty is not None
    (row,) = [row for row in certainty.predicted if row.name == "thermal damage left at the floor"]
    assert (row.middle, row.interval) == ("none", "the floor lies in keratin")
