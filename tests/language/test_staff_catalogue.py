"""Every sentence a plan can hold is there in Korean, with the same gaps; nothing else is in the catalogue."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from milia.language import ENGLISH, STAFF_LANGUAGES, Language, language, placeholders, word_for
from milia.laser import devices
from milia.planning import plan
from milia.skin import materials, sites

ROOT = Path(__file__).resolve().parents[2]
KOREAN = language("ko")


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("staff_language_tool", ROOT / "tools/language.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = _tool()


@pytest.fixture(scope="module")
def wanted() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = tool.staff_sentences()
    return found


@pytest.mark.parametrize("known", STAFF_LANGUAGES[1:], ids=lambda known: known.tag)
def test_every_sentence_of_a_plan_is_translated(known: Language, wanted: dict[str, tuple[str, ...]]) -> None:
    found = tool.read(tool.catalogue_file(known, kind=".staff"), known)
    assert list(tool.faults(found, wanted, known)) == []


def test_the_sentences_come_from_all_who_speak_in_a_plan(wanted: dict[str, tuple[str, ...]]) -> None:
    places = {place for found in wanted.values() for place in found}
    for place in (
        "planning/explain.py",
        "planning/cautions.py",
        "planning/paragraph.py",
        "planning/strategies.py",
        "planning/scenarios.py",
        "planning/live/answers.py",
        "calibration/sets.py",
        "engine/coverage.py",
        "care/wording.py",
        "report/window_data.py",
        "report/templates/report.html.j2",
        "report/templates/report.typ",
        "care.safety.fire.text",
        "care.option.laser.title",
    ):
        assert place in places, place
    assert not any(place.startswith(("cli/", "web/")) for place in places)


def test_a_missing_one_and_other_gaps_are_found(wanted: dict[str, tuple[str, ...]]) -> None:
    found = tool.read(tool.catalogue_file(KOREAN, kind=".staff"), KOREAN)
    template = "The wanted opening of {opening} is a default."
    assert template in wanted
    found.delete(template)
    assert any(
        "missing" in fault and "wanted opening" in fault for fault in tool.faults(found, wanted, KOREAN)
    )
    found.add(template, "목표 구멍 크기는 기본값입니다.")
    assert any("gaps differ" in fault for fault in tool.faults(found, wanted, KOREAN))


def test_names_that_stand_in_sentences_have_a_word() -> None:
    names = [
        *(device.title for device in devices()),
        *(site.title for site in sites()),
        *(site.title.split(" (")[0] for site in sites()),
        *(each.name.replace("_", " ") for each in materials() if each.name != "porcine_skin"),
        *plan.LABELS.values(),
    ]
    assert [name for name in names if word_for(name, KOREAN) == name] == []
    assert all(word_for(name, ENGLISH) == name for name in names)
    assert not any(placeholders(name) for name in names)
