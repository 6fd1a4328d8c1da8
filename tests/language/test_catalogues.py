"""The catalogues are whole: every sentence a patient may read is translated, and nothing else is in them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from milia.language import LANGUAGES, Language

ROOT = Path(__file__).resolve().parents[2]
OTHERS = LANGUAGES[1:]
KOREAN, JAPANESE, CHINESE = OTHERS
WANTED = {"Wash {n} times.": ("a",), "Rest.": ("b",)}


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("language_tool", ROOT / "tools/language.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = _tool()


@pytest.fixture(scope="module")
def wanted() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = tool.sentences()
    return found


def catalogue(entries: dict[str, str], *, fuzzy: str | None = None) -> Catalog:
    made = Catalog()
    for text, translation in entries.items():
        made.add(text, translation, flags=["fuzzy"] if text == fuzzy else [])
    return made


@pytest.mark.parametrize("known", OTHERS, ids=lambda known: known.tag)
def test_every_sentence_is_translated(known: Language, wanted: dict[str, tuple[str, ...]]) -> None:
    found = tool.read(tool.catalogue_file(known), known)
    assert list(tool.faults(found, wanted, known)) == []


def test_writing_keeps_translations_drops_what_is_gone_and_changes_nothing_twice(tmp_path: Path) -> None:
    old = catalogue({"Rest.": "쉬세요.", "Gone.": "없음."})
    file = tmp_path / "ko.po"
    file.write_text(tool.written(old, WANTED, KOREAN), encoding="utf-8")
    read = tool.read(file, KOREAN)
    assert {message.id: message.string for message in read if message.id} == {
        "Wash {n} times.": "",
        "Rest.": "쉬세요.",
    }
    assert tool.written(read, WANTED, KOREAN) == file.read_text(encoding="utf-8")


def test_a_whole_catalogue_has_no_fault() -> None:
    good = catalogue({"Wash {n} times.": "{n}번 씻으세요.", "Rest.": "쉬세요."})
    assert list(tool.faults(good, WANTED, KOREAN)) == []


@pytest.mark.parametrize(
    ("entries", "fuzzy", "fault"),
    [
        ({"Rest.": "쉬세요."}, None, "missing"),
        ({"Wash {n} times.": "", "Rest.": "쉬세요."}, None, "missing"),
        ({"Wash {n} times.": "{n}번 씻으세요.", "Rest.": "쉬세요.", "Gone.": "없음."}, None, "stale"),
        ({"Wash {n} times.": "{n}번 씻으세요.", "Rest.": "쉬세요."}, "Rest.", "fuzzy"),
        ({"Wash {n} times.": "{m}번 씻으세요.", "Rest.": "쉬세요."}, None, "gaps"),
        ({"Wash {n} times.": "씻으세요.", "Rest.": "쉬세요."}, None, "gaps"),
        ({"Wash {n} times.": "{n}번 씻으세요.", "Rest.": "Rest."}, None, "English left"),
        ({"Wash {n} times.": "{n}번 wash.", "Rest.": "쉬세요."}, None, "English left"),
        ({"Wash {n} times.": "{n}번 씻으세요. ", "Rest.": "쉬세요."}, None, "white space"),
        ({"Wash {n} times.": "{n}!", "Rest.": "쉬세요."}, None, "no 한국어"),
    ],
)
def test_each_fault_is_found(entries: dict[str, str], fuzzy: str | None, fault: str) -> None:
    found = list(tool.faults(catalogue(entries, fuzzy=fuzzy), WANTED, KOREAN))
    assert len(found) >= 1
    assert any(fault in line for line in found)


@pytest.mark.parametrize(
    ("known", "translation", "right"),
    [
        (CHINESE, "请休息。", True),
        (CHINESE, "請休息。", False),  # traditional
        (CHINESE, "请体むでください。", False),
        (JAPANESE, "お休みください。", True),
        (JAPANESE, "请休息。", False),  # simplified
        (KOREAN, "쉬세요.", True),
        (KOREAN, "お休みください。", False),
    ],
)
def test_a_neighbours_letters_are_found(known: Language, translation: str, right: bool) -> None:
    assert (list(tool.wrong("Rest.", translation, known, frozenset())) == []) is right


def test_all_kinds_of_source_are_searched(wanted: dict[str, tuple[str, ...]]) -> None:
    places = {place for found in wanted.values() for place in found}
    assert "care.aftercare.cool.text" in places
    assert "care.sign.eye.sign" in places
    assert "report/leaflet/view.py" in places
    assert not any(place.startswith(("care.safety.", "care.pathway.", "care/sheet")) for place in places)


def test_templates_are_searched(tmp_path: Path) -> None:
    package = tmp_path / "src/milia"
    package.mkdir(parents=True)
    (package / "page.html.j2").write_text("<p>{{ _('From a template.') }}</p>", encoding="utf-8")
    (package / "code.py").write_text("said = Sentence('From ' 'code.')\n_(name)\n", encoding="utf-8")
    found = tool.sentences(tmp_path, tool.settings())
    assert found == {"From code.": ("code.py",), "From a template.": ("page.html.j2",)}


def test_the_files_name_no_machine_and_no_date() -> None:
    for known in OTHERS:
        text = tool.catalogue_file(known).read_text(encoding="utf-8")
        head = text.split("\n\n")[0]
        assert "Date" not in head
        assert "@" not in head
        assert "Generated-By" not in head
