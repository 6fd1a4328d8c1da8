"""The staff's documents: complete, escaped, in order; and a folder that is written whole or not at all."""

from __future__ import annotations

import io
import json
import os
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypdf
import pytest

from milia.base import InputError, MiliaError
from milia.care import CarePack, care_pack, clinic_from_mapping, plan_case
from milia.language import ENGLISH
from milia.planning import case_from_mapping
from milia.report import (
    care_documents,
    render_followup_html,
    render_followup_pdf,
    render_safety_html,
    render_safety_pdf,
    write_folder,
)

EVIL = '<script>alert("x")</script> & {{ 1 }} #set text(red) $x$'
CLINIC = {
    "clinic": {
        "name": EVIL[:100],
        "phone": "+82 2 000 0000",
        "time_zone": "Asia/Seoul",
        "visit_hour": "10:00",
    },
    "protocol": {
        "note": EVIL,
        "make_up": "day_1",
        "anaesthesia": {"drug": "lidocaine_plain", "dose": "20 mg"},
    },
}


def pack_of(**patient: Any) -> CarePack:
    case = {
        "patient": {
            "age": "44 year",
            "sex": "female",
            "skin_type": "II",
            "history": ["keloid"],
            "weight": "60 kg",
            **patient,
        },
        "lesion": {
            "site": "lower_eyelid",
            "diameter": "1 mm",
            "count": 7,
            "diagnosis": {"condition": "milium", "confirmed": True, "reason": EVIL},
        },
        "device": "generic-superpulse-co2",
    }
    plan = json.loads(json.dumps(plan_case(case_from_mapping(case, file="case.yaml")).to_dict()))
    clinic = clinic_from_mapping(CLINIC, file="clinic.yaml")
    return care_pack(plan, start=date(2026, 12, 1), clinic=clinic, today=date(2026, 11, 20))


@pytest.fixture(scope="module")
def pack() -> CarePack:
    """A needle extraction on a lower eyelid, planned without a simulation."""
    return pack_of()


class Text(HTMLParser):
    """The visible text, and every tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002 - the parser's own signature
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def said(self) -> str:
        return " ".join(" ".join(self.words).split())


def _pdf_text(data: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_page_and_print_say_the_same(pack: CarePack) -> None:
    for page, printed in (
        (render_safety_html(pack), render_safety_pdf(pack)),
        (render_followup_html(pack), render_followup_pdf(pack)),
    ):
        on_paper = _pdf_text(printed).replace("- ", "").replace(" ", "")
        for part in pack.sheet if "Safety sheet" in page else ():
            for item in part.items:
                assert item.sentence.text().replace(" ", "") in on_paper
                assert item.sentence.text() in Text(page).said
        assert pack.plan_id in on_paper
        assert "notaclearedmedicaldevice" in on_paper


def test_the_sheet_has_the_dose_the_eye_and_the_sources(pack: CarePack) -> None:
    said = Text(render_safety_html(pack)).said
    assert "lidocaine without adrenaline: at most 270 mg = 27 mL of 1 %" in said
    assert "The clinic's usual dose: 20 mg" in said
    assert "No lidocaine-prilocaine cream near the eyes" in said
    assert "Steady the lid" in said
    assert "Photograph and recorded diagnosis" in said
    assert "Today 5 of 7" in said
    assert "Read in. EMLA" in said
    assert "the clinic's own protocol" in said


def test_the_follow_up_list_names_dates_questions_and_fields(pack: CarePack) -> None:
    said = Text(render_followup_html(pack)).said
    assert "8–11 December 2026 Has it closed?" in said or "8–11 Dec 2026 Has it closed?" in said
    assert "Has the skin closed? On which day?" in said
    assert "mark_week_12: none / red / dark / pale / raised / sunken / not_seen" in said
    for day in (10, 14, 21):
        assert f"Open on day {day}" in said
    assert "A second destruction needs a biopsy first" in said
    assert "Nobody has counted how often milia come back." in said


@pytest.mark.parametrize("render", [render_safety_html, render_followup_html])
def test_free_text_is_escaped(pack: CarePack, render: Any) -> None:
    page = Text(render(pack))
    assert "script" not in page.tags
    assert '<script>alert("x")</script>' in page.said


def test_the_same_pack_gives_the_same_bytes(pack: CarePack) -> None:
    assert care_documents(pack, ENGLISH) == care_documents(pack, ENGLISH)


def test_the_documents_of_a_procedure_and_of_none(pack: CarePack) -> None:
    names = set(care_documents(pack, ENGLISH))
    assert names == {
        *("safety.html", "safety.pdf", "follow-up.html", "follow-up.pdf", "outcomes.csv"),
        *("leaflet-en.html", "leaflet-en.pdf", "consent-en.html", "consent-en.pdf", "calendar-en.ics"),
    }
    waiting = set(care_documents(pack_of(history=["pregnancy"]), ENGLISH))
    assert names - waiting == {"consent-en.html", "consent-en.pdf"}


DOCUMENTS = {"a.txt": b"new a", "b.txt": b"new b", "c.txt": b"new c"}


def test_a_new_folder_appears_whole(tmp_path: Path) -> None:
    written = write_folder(DOCUMENTS, tmp_path / "out")
    assert [path.read_bytes() for path in written] == list(DOCUMENTS.values())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_files_that_are_there_are_kept_without_force(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "b.txt").write_bytes(b"old b")
    (out / "mine.txt").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"b\.txt.*--force"):
        write_folder(DOCUMENTS, out)
    assert {path.name for path in out.iterdir()} == {"b.txt", "mine.txt"}
    assert (out / "b.txt").read_bytes() == b"old b"
    write_folder(DOCUMENTS, out, force=True)
    assert (out / "b.txt").read_bytes() == b"new b"
    assert (out / "mine.txt").read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
@pytest.mark.parametrize("interrupt", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_half_way_puts_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int, interrupt: BaseException
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "b.txt").write_bytes(b"old b")
    moves, real = 0, os.replace

    def sometimes(source: Any, target: Any) -> None:
        nonlocal moves
        moves += 1
        if moves == failing:
            raise interrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", sometimes)
    with pytest.raises(MiliaError if isinstance(interrupt, OSError) else KeyboardInterrupt):
        write_folder(DOCUMENTS, out, force=True)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {"b.txt": b"old b"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_impossible_folders(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="no folder"):
        write_folder(DOCUMENTS, tmp_path / "file")
    with pytest.raises(InputError, match="does not exist"):
        write_folder(DOCUMENTS, tmp_path / "a" / "b")
    (tmp_path / "out" / "a.txt").mkdir(parents=True)
    with pytest.raises(InputError):
        write_folder(DOCUMENTS, tmp_path / "out", force=True)
