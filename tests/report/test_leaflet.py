"""The patient's leaflet and consent sheet: whole, readable, on one page, in every language."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pypdf
import pytest

from milia.base import InputError
from milia.care import TOPICS, CarePack, Protocol
from milia.language import ENGLISH, LANGUAGES, Language, MissingTranslation, Sentence, language
from milia.report import render_consent_html, render_consent_pdf, render_leaflet_html, render_leaflet_pdf
from milia.report.leaflet import fonts
from milia.report.leaflet.pictograms import pictogram, topics
from milia.report.leaflet.setting import TooLong, texts
from milia.report.leaflet.view import Leaflet, dialled, leaflet_view

PackMaker = Callable[..., CarePack]
ACTIONS = ("laser", "extract", "electrosurgery", "observe", "newborn", "refer", "assess_first")
EVIL = '<script>alert("x")</script> & {{ 1 }} #set text(red) $x$ *b*'
each_language = pytest.mark.parametrize("known", LANGUAGES, ids=lambda known: known.tag)


def bare(text: str) -> str:
    """Text without the spaces and line ends that setting adds or moves."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def always_said(view: Leaflet) -> list[str]:
    """What no leaflet may lack, however little room there is."""
    cards = [text for card in view.cards for text in (card.title, card.when)]
    lines = [line.text for card in view.cards for line in card.lines if line.essential]
    signs = [text for group in view.signs for sign in group.signs for text in (sign.sign, sign.action)]
    visits = [text for visit in view.visits for text in (visit.when, visit.title)]
    numbers = [call.number for call in view.calls]
    rest = [view.title, view.headline, view.clinic, view.disclaimer, view.note, view.plan_id, *view.facts]
    return [*cards, *lines, *signs, *visits, *numbers, *rest]


def font_names(document: pypdf.PdfReader) -> dict[str, bool]:
    """The fonts of all pages, and whether each is inside the file."""
    found = {}
    for page in document.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = inner["/FontDescriptor"]
            name = str(inner["/BaseFont"]).split("+")[-1].removesuffix("-Identity-H")
            found[name] = any(key in descriptor for key in ("/FontFile2", "/FontFile3"))
    return found


class Page(HTMLParser):
    """The tags, headings, links and readable text of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._skipping = 0
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._skipping += tag in ("style", "title", "desc")

    def handle_endtag(self, tag: str) -> None:
        self._skipping -= tag in ("style", "title", "desc")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.text += data


@each_language
@pytest.mark.parametrize("action", ACTIONS)
def test_pdf_is_one_a4_page_that_says_everything(make_pack: PackMaker, action: str, known: Language) -> None:
    pack = make_pack(action)
    document = pypdf.PdfReader(io.BytesIO(render_leaflet_pdf(pack, known)))
    assert len(document.pages) == 1
    assert [round(float(side)) for side in document.pages[0].mediabox[2:]] == [595, 842]
    said = bare(document.pages[0].extract_text())
    assert [text for text in always_said(leaflet_view(pack, known)) if bare(text) not in said] == []
    family = fonts.family(known).replace(" ", "")
    assert font_names(document) == {f"{family}-Regular": True, f"{family}-Bold": True}
    assert document.trailer["/Root"]["/Lang"].startswith(known.tag.split("-")[0])


@each_language
def test_every_letter_of_every_sentence_is_in_its_font(known: Language) -> None:
    from milia.language.catalogue import catalogue

    said = "".join(catalogue(known).values()) if known != ENGLISH else ""
    script = fonts.SCRIPTS[known.tag]
    assert {c for c in said if c not in fonts.covered(script)} == set()
    regular, bold = (set(fonts._open(script, weight).getBestCmap()) for weight in fonts.WEIGHTS)
    assert regular == bold


def test_everything_stays_where_there_is_room_and_the_rest_is_left_out_in_order(make_pack: PackMaker) -> None:
    pack = make_pack("observe")
    said = bare(pypdf.PdfReader(io.BytesIO(render_leaflet_pdf(pack, ENGLISH))).pages[0].extract_text())
    view = leaflet_view(pack, ENGLISH)
    assert view.later
    assert all(bare(text) in said for text in view.later)
    crowded = make_pack("laser", protocol=Protocol(note="Please bring your own hat and water. " * 16))
    view = leaflet_view(crowded, ENGLISH)
    said = bare(pypdf.PdfReader(io.BytesIO(render_leaflet_pdf(crowded, ENGLISH))).pages[0].extract_text())
    assert all(bare(text) in said for text in always_said(view))
    assert not any(bare(text) in said for text in view.later)


def test_what_cannot_fit_is_an_error(make_pack: PackMaker) -> None:
    pack = make_pack("laser", protocol=Protocol(note="Please bring your own hat and water. " * 120))
    with pytest.raises(TooLong, match=r"protocol\.note"):
        render_leaflet_pdf(pack, ENGLISH)


@pytest.mark.parametrize("render", [render_leaflet_pdf, render_leaflet_html, render_consent_pdf])
def test_same_pack_same_bytes(make_pack: PackMaker, render: Callable[..., Any]) -> None:
    fonts._face.cache_clear()
    first = render(make_pack("laser"), language("ko"))
    fonts._face.cache_clear()
    assert render(make_pack("laser"), language("ko")) == first


@each_language
def test_html_is_one_self_contained_accessible_page(make_pack: PackMaker, known: Language) -> None:
    pack = make_pack("laser")
    source = render_leaflet_html(pack, known)
    page, view = Page(source), leaflet_view(pack, known)
    said = bare(page.text)
    everything = [*always_said(view), *view.later, *(line.text for card in view.cards for line in card.lines)]
    assert [text for text in everything if bare(text) not in said] == []
    assert ("lang", known.tag) in page.attributes
    headings = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings.count(1) == 1
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
    assert "script" not in page.tags
    links = [value for name, value in page.attributes if name in ("src", "href")]
    assert links == ["tel:+82200000000"[:15], "tel:+8220000001"] or all(
        v.startswith("tel:+822") for v in links
    )
    assert set(re.findall(r"url\(\"?(\w+):", source)) == {"data"}
    assert fonts.family(known) in source


@pytest.mark.parametrize("action", ["observe", "refer"])
def test_html_of_other_actions_is_whole(make_pack: PackMaker, action: str) -> None:
    pack = make_pack(action)
    said = bare(Page(render_leaflet_html(pack, ENGLISH)).text)
    assert [text for text in always_said(leaflet_view(pack, ENGLISH)) if bare(text) not in said] == []


def test_a_strip_of_days_is_drawn_where_there_are_days_to_show(make_pack: PackMaker) -> None:
    assert "timeline-wide" in render_leaflet_html(make_pack("observe"), ENGLISH)
    assert "timeline-wide" not in render_leaflet_html(make_pack("refer"), ENGLISH)


def test_prevention_is_for_those_who_have_milia(make_pack: PackMaker) -> None:
    assert leaflet_view(make_pack("laser"), ENGLISH).later
    assert not leaflet_view(make_pack("refer"), ENGLISH).later
    assert not leaflet_view(make_pack("assess_first"), ENGLISH).later


def test_the_fonts_are_renamed_small_and_carry_their_licence() -> None:
    files = sorted(fonts.folder().glob("*.otf"))
    assert len(files) == 6
    assert sum(file.stat().st_size for file in files) < 7e6
    licence = (fonts.folder() / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Noto Sans CJK" in licence
    for script in fonts.ALL_SCRIPTS:
        for weight in fonts.WEIGHTS:
            names = fonts._open(script, weight)["name"]
            assert names.getDebugName(1) == f"Milia Sans {script}"
            assert "Open Font License" in names.getDebugName(13)
            assert "Adobe" in names.getDebugName(0)


def test_the_clinics_words_are_text_and_never_markup(make_pack: PackMaker) -> None:
    pack = make_pack("laser", name=EVIL, protocol=Protocol(note=EVIL), urgent_phone=None, address=None)
    page = Page(render_leaflet_html(pack, ENGLISH))
    assert "script" not in page.tags
    assert page.text.count(EVIL) == 2
    printed = pypdf.PdfReader(io.BytesIO(render_leaflet_pdf(pack, ENGLISH))).pages[0].extract_text()
    assert bare(printed).count(bare(EVIL)) == 2


def test_a_name_in_another_script_gets_that_scripts_font(make_pack: PackMaker) -> None:
    pack = make_pack("observe", name="東京ひふ科クリニック / Zürich / Łódź / Αθήνα")
    document = pypdf.PdfReader(io.BytesIO(render_leaflet_pdf(pack, language("ko"))))
    assert bare(pack.clinic.name) in bare(document.pages[0].extract_text())
    names = font_names(document)
    assert {"MiliaSansKR-Regular", "MiliaSansJP-Regular"} <= set(names)
    assert all(names.values())


def test_a_letter_without_a_font_is_an_error_that_names_it(
    make_pack: PackMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "system_font", lambda: None)
    pack = make_pack("observe", name="Clinic 𠮷", file="clinic.yaml")
    with pytest.raises(InputError) as caught:
        render_leaflet_pdf(pack, language("ja"))
    assert "𠮷 (U+20BB7)" in str(caught.value)
    assert "fonts-noto-cjk" in str(caught.value)
    assert (caught.value.file, caught.value.key) == ("clinic.yaml", "clinic")


def test_a_missing_sentence_stops_the_whole_document(make_pack: PackMaker) -> None:
    pack = replace(make_pack("laser"), headline=Sentence("Nobody has translated this one."))
    for render in (render_leaflet_html, render_leaflet_pdf, render_consent_html, render_consent_pdf):
        with pytest.raises(MissingTranslation, match="Nobody has translated"):
            render(pack, language("ja"))


def test_a_sign_of_unknown_haste_is_not_lost(make_pack: PackMaker) -> None:
    pack = make_pack("laser")
    odd = replace(pack, signs=(*pack.signs, replace(pack.signs[0], urgency="some_day")))
    with pytest.raises(ValueError, match="urgency"):
        leaflet_view(odd, ENGLISH)


def test_every_topic_has_a_drawing() -> None:
    assert set(TOPICS) <= set(topics())
    drawn = {pictogram(topic) for topic in topics()}
    assert len(drawn) == len(topics())
    assert all(pictogram(topic, mood="avoid") != pictogram(topic, mood="do") for topic in topics())


def test_a_line_to_fill_in_by_hand_is_no_link(make_pack: PackMaker) -> None:
    pack = make_pack("laser", name="____", phone="________", urgent_phone=None)
    source = render_leaflet_html(pack, ENGLISH)
    assert "tel:" not in source
    assert "________" in source
    document = pypdf.PdfReader(io.BytesIO(render_leaflet_pdf(pack, ENGLISH)))
    assert "________" in document.pages[0].extract_text()
    assert "/Annots" not in document.pages[0]


@pytest.mark.parametrize(
    ("number", "dial"), [("+82 2 000-0000", "+8220000000"), ("(02) 000 0000", "020000000"), ("119", "119")]
)
def test_dialled(number: str, dial: str) -> None:
    assert dialled(number) == dial


@each_language
def test_consent_says_everything_on_page_and_print(make_pack: PackMaker, known: Language) -> None:
    pack = make_pack("laser")
    assert pack.consent is not None
    sections = [text for part in pack.consent.sections for text in (part.title, *part.paragraphs)]
    sentences = [pack.consent.title, *sections, *pack.consent.checklist, *pack.consent.signatures]
    wanted = [sentence.text(known) for sentence in sentences]
    source = render_consent_html(pack, known)
    document = pypdf.PdfReader(io.BytesIO(render_consent_pdf(pack, known)))
    printed = bare("".join(page.extract_text() for page in document.pages))
    said = bare(Page(source).text)
    assert [text for text in wanted if bare(text) not in said] == []
    assert [text for text in wanted if bare(text) not in printed] == []
    assert len(document.pages) <= 2
    assert all(font_names(document).values())


def test_there_is_no_consent_where_nothing_is_done(make_pack: PackMaker) -> None:
    with pytest.raises(ValueError, match="observe"):
        render_consent_html(make_pack("observe"), ENGLISH)


def syllables(word: str) -> int:
    """Vowel groups, less a silent final e: a rough count that errs by little over a page."""
    groups = re.findall(r"[aeiouy]+", word)
    silent = word.endswith("e") and not word.endswith("le") and len(groups) > 1
    return max(len(groups) - silent, 1)


def school_grade(sentences: list[str]) -> float:
    """Flesch-Kincaid grade: 0.39 words per sentence + 11.8 syllables per word - 15.59."""
    split = [part for text in sentences for part in re.split(r"[.!?:;]\s|[.!?:]$", text) if part.strip()]
    words = [word for part in split for word in re.findall(r"[a-z]+", part.lower().replace("-", ""))]
    return 0.39 * len(words) / len(split) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_measure_of_readability_tells_plain_from_learned() -> None:
    assert school_grade(["The cat sat on the mat.", "It was glad."]) < 1.0
    learned = "Postoperative re-epithelialisation necessitates continuous occlusion of the ablated epidermis."
    assert school_grade([learned]) > 15.0


@pytest.mark.parametrize("action", ACTIONS)
def test_english_can_be_read_at_twelve(make_pack: PackMaker, action: str) -> None:
    view = leaflet_view(make_pack(action), ENGLISH)
    lines = [line.text for card in view.cards for line in card.lines]
    signs = [f"{sign.sign}." for group in view.signs for sign in group.signs]
    actions = [sign.action for group in view.signs for sign in group.signs]
    visits = [visit.purpose for visit in view.visits]
    said = [view.headline, *lines, *signs, *actions, *visits, *view.later, view.disclaimer]
    assert school_grade(said) <= 7.0
    assert len(texts(said)) > 5


def test_english_consent_can_be_read_at_thirteen(make_pack: PackMaker) -> None:
    consent = make_pack("laser").consent
    assert consent is not None
    said = [text.text() for part in consent.sections for text in part.paragraphs]
    assert school_grade(said) <= 8.0
