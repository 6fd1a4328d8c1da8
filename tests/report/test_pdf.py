from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pypdf
import pytest

from milia.base import MiliaError
from milia.report import render_pdf
from milia.report.pdf import missing_characters

A4_POINTS = (595.28, 841.89)
Load = Callable[[str], dict[str, Any]]


def read(plan: dict[str, Any]) -> tuple[pypdf.PdfReader, str]:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(plan)))
    text = " ".join(page.extract_text() for page in reader.pages)
    return reader, re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text))


def test_settings_and_verdict_can_be_read_from_the_document(laser: dict[str, Any]) -> None:
    reader, text = read(laser)
    assert 2 <= len(reader.pages) <= 3
    for words in (
        "Open it with two pulses of 35 mJ",
        "35 mJ",
        "0.035 J",
        "17.8 J/cm2",
        "35.7 J/cm2",
        "25.5 kW/cm2",
        "50 W",
        "5 Hz",
        "94 of 100",
        "Metal eye shield",
        "Pus, spreading redness or fever",
        "A made-up atlas of eyelid skin",
    ):
        assert unicodedata.normalize("NFKC", words) in text, words


@pytest.mark.parametrize("name", ["laser", "lid_margin", "newborn", "assess_first"])
def test_pages_are_A4_and_the_disclaimer_stands_once(load_plan: Load, name: str) -> None:
    reader, text = read(load_plan(name))
    for page in reader.pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(A4_POINTS, abs=0.1)
    assert text.count("not a cleared medical device") == 1
    assert not re.search(r"\bnan\b|\bNone\b", text)


@pytest.mark.parametrize("name", ["laser", "newborn"])
def test_same_plan_same_bytes(load_plan: Load, name: str) -> None:
    first = render_pdf(load_plan(name))
    assert first == render_pdf(load_plan(name))
    assert b"CreationDate" not in first


@pytest.mark.parametrize("action", ["laser", "extract", "electrosurgery", "observe", "refer", "assess_first"])
def test_the_barest_plan_of_every_action_renders(action: str) -> None:
    reader, text = read({"schema_version": "1.0", "action": action})
    assert len(reader.pages) == 1
    assert "This plan gives no laser settings." in text


def test_typesetting_code_in_a_plan_stays_text(laser: dict[str, Any]) -> None:
    laser["headline"] = '#panic("x") *bold* $x$ ] [ @ref \\ <label> //'
    _, text = read(laser)
    assert '#panic("x") *bold* $x$ ] [ @ref \\ <label> //' in text


def test_a_character_without_a_glyph_fails_by_name(laser: dict[str, Any]) -> None:
    laser["reasons"] = ["약한 roof"]
    with pytest.raises(MiliaError, match=r"U\+C57D.*\.html"):
        render_pdf(laser)


def test_glyph_check_knows_what_the_fonts_hold() -> None:
    assert missing_characters("µ²³·–≤≥°±×−₂✓✕\u202f\u00a0\u2009’é") == ()
    assert missing_characters("a字b한🙂") == ("字", "한", "🙂")
