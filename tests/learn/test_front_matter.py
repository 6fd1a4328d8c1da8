"""A clinic's column: what is taken, and what is refused with file and key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from milia.base import InputError
from milia.language import ENGLISH
from milia.learn import Library, build_site, load_library

Column = Callable[..., Path]


def test_a_file_adds_a_column(column: Column, library: Library) -> None:
    found = load_library(column())
    assert len(found.articles) == len(library.articles) + 1
    own = found.article("spring", ENGLISH)
    assert own is not None
    assert own.own
    assert own.review is not None
    assert (own.review.reviewer, own.review.reviewed.isoformat()) == (
        "Dr Example, dermatologist",
        "2026-11-02",
    )
    assert [reference.id for reference in own.references] == ["smack_1996", "our_practice"]
    assert [section.id for section in own.sections] == ["", "s-pollen"]
    assert found.of(ENGLISH)[0] is own


def test_a_file_of_the_same_name_takes_the_place_of_a_built_in_one(column: Column, library: Library) -> None:
    found = load_library(
        column(("related: [prevention]", "related: []"), name="prevention.en.md", text=_lone())
    )
    assert len(found.articles) == len(library.articles)
    replaced = found.article("prevention", ENGLISH)
    assert replaced is not None
    assert replaced.title == "Spring and your skin"


def _lone() -> str:
    source = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    text = source.split('COLUMN = """')[1].split('"""')[0]
    return text.replace(" See [prevention](prevention#habits).", "")


REFUSED = [
    ("title: Spring and your skin\n", "", "title"),
    ("summary: What changes in spring, in two sentences.\n", "", "summary"),
    ("author: Example Skin Clinic\n", "", "author"),
    ("sources: [smack_1996, ", "sources: [smack_1969, ", "sources[0]"),
    ("date: 2026-11-01", "date: 2026-13-01", "date"),
    ("date: 2026-11-01", "date: 1 November 2026", "date"),
    ("date: 2026-11-01", "date: 2026-1-5", "date"),
    ("reviewed: 2026-11-02\n", "", "reviewed"),
    ("reviewer: Dr Example, dermatologist", "reviewer: none", "reviewed"),
    ("language: en", "language: fr", "language"),
    ("language: en", "language: ko", "language"),
    ("related: [prevention]", "related: [preventoin]", "related[0]"),
    ("related: [prevention]", "related: [spring]", "related[0]"),
    ("title: Spring", "tilte: Spring", "tilte"),
    ("answer: ", "anwser: ", "questions[0].anwser"),
    ("{id: pollen, ", "{id: pollen, topic: makeup, ", "questions[0].topic"),
    ("{id: pollen, ", "{", "questions[0].id"),
    ("[@our_practice]. See", "[@nobody]. See", "body, Pollen"),
    ("(prevention#habits)", "(prevention#habit)", "body"),
    ("(prevention#habits)", "(preventoin)", "body"),
    ("## Pollen", "# Pollen", "body"),
    ("Spring is mild.", "Spring is mild. {care.healing.reveiw}", "body"),
    ("Spring is mild.", "Spring is mild. {care.healing.review:low}", "body"),
    ("Spring is mild.", "![A picture](flower.jpg)", "body"),
    ("Spring is mild.", "Spring <script>alert(1)</script> is mild.", "body"),
    ("What changes in spring", "<SCRIPT src=x> What changes", "front matter"),
    ("{id: our_practice, citation:", "{id: our_practice, cite:", "sources[1].cite"),
    ("https://clinic.example/practice", "javascript:alert(1)", "sources[1].url"),
    ("sources: [smack_1996,", "sources: [smack_1996, smack_1996,", "sources"),
    ("---\ntitle", "title", "front matter"),
]


@pytest.mark.parametrize(
    ("old", "new", "key"), REFUSED, ids=[f"{n}-{key}" for n, (_, _, key) in enumerate(REFUSED)]
)
def test_refused_with_file_and_key(column: Column, old: str, new: str, key: str) -> None:
    folder = column((old, new))
    with pytest.raises(InputError) as caught:
        load_library(folder)
    assert caught.value.file == str(folder / "spring.en.md")
    assert caught.value.key == key
    assert caught.value.accepted


@pytest.mark.parametrize("name", ["spring.md", "spring.fr.md", "Spring!.en.md", "search.en.md", "a b.en.md"])
def test_a_name_that_is_no_article_is_refused(column: Column, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        load_library(column(name=name))


def test_a_binary_or_huge_file_is_refused(column: Column) -> None:
    folder = column()
    (folder / "spring.en.md").write_bytes(b"---\n\xff\xfe\n---\ntext")
    with pytest.raises(InputError, match="line 2 is not UTF-8"):
        load_library(folder)
    (folder / "spring.en.md").write_bytes(b"x" * (300 << 10))
    with pytest.raises(InputError, match="larger than 256 KiB"):
        load_library(folder)


def test_a_missing_or_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        load_library(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no article"):
        load_library(tmp_path)


def test_markup_is_printed_as_text(column: Column) -> None:
    """HTML in a column is shown, not obeyed; a dangerous link is no link."""
    folder = column(
        (
            "Spring is mild.",
            'Spring <b onclick="x()">is</b> <img src=x onerror=y> mild. [bad](javascript:alert(1))',
        ),
        ("title: Spring and your skin", 'title: "Spring <i>and</i> your skin"'),
    )
    page = build_site(None, library=load_library(folder)).files["en/spring.html"].decode()
    assert "&lt;b onclick=&quot;x()&quot;&gt;" in page
    assert "&lt;img src=x" in page
    assert "<b onclick" not in page
    assert 'href="javascript' not in page
    assert "Spring &lt;i&gt;and&lt;/i&gt; your skin" in page


def test_windows_line_ends_and_a_byte_order_mark_are_fine(column: Column) -> None:
    folder = column()
    path = folder / "spring.en.md"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    own = load_library(folder).article("spring", ENGLISH)
    assert own is not None
    assert own.sections[1].title == "Pollen"


def test_a_hash_in_a_code_block_is_no_heading(column: Column) -> None:
    own = load_library(column(("Spring is mild.", "```\n## not a heading\n```"))).article("spring", ENGLISH)
    assert own is not None
    assert [section.title for section in own.sections] == ["", "Pollen"]
