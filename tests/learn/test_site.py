"""The pages as files: complete, linked, deterministic, quiet, and never over somebody else's folder."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin
from xml.etree import ElementTree

import pytest

from milia.base import InputError
from milia.care import Clinic
from milia.language import LANGUAGES
from milia.learn import BuildResult, Library, build_site, load_library
from milia.learn.site import output
from milia.learn.site.cards import card, font_path
from milia.learn.site.output import MANIFEST, write_site

ADDRESS = "https://clinic.example/columns"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
TAGS = [language.tag for language in LANGUAGES]
Built = tuple[Path, BuildResult]
Column = Callable[..., Path]


class Page(HTMLParser):
    """What a page links to, loads and names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a":
            self.links.append(str(found["href"]))
        if tag in ("script", "img", "iframe", "source") and found.get("src"):
            self.loads.append(str(found["src"]))
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.loads.append(str(found["href"]))

    def all(self, tag: str, **attrs: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.tags if name == tag and attrs.items() <= found.items()]


@pytest.fixture(scope="module")
def pages(built: Built) -> dict[str, Page]:
    return {path: Page(data.decode()) for path, data in built[1].files.items() if path.endswith(".html")}


def test_every_article_is_published_in_every_language(built: Built, library: Library) -> None:
    for article in library:
        assert f"{article.language.tag}/{article.slug}.html" in built[1].files
    for tag in TAGS:
        for name in ("index.html", "questions.html", "search.html", "feed.xml", "search-data.js"):
            assert f"{tag}/{name}" in built[1].files


def test_the_folder_is_what_was_built(built: Built) -> None:
    folder, made = built
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    assert found.pop(MANIFEST)
    assert found == dict(made.files)


def test_links_lead_somewhere(pages: dict[str, Page], built: Built) -> None:
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            if link.startswith(("https://", "http://", "tel:")):
                continue
            target, anchor = urldefrag(urljoin(f"/{path}", link))
            name = target.lstrip("/") or path
            assert name in built[1].files, (path, link)
            if anchor:
                assert anchor in pages[name].ids, (path, link)


def test_pages_load_nothing_from_outside(pages: dict[str, Page], built: Built) -> None:
    for path, page in pages.items():
        for load in page.loads:
            assert urljoin(f"/{path}", load).lstrip("/") in built[1].files, (path, load)
        (policy,) = [tag for tag in page.all("meta") if tag.get("http-equiv") == "Content-Security-Policy"]
        assert str(policy["content"]).startswith("default-src 'none'")
        assert not [
            found for _, found in page.tags if any(key.startswith("on") or key == "style" for key in found)
        ]
    assert not re.search(rb"url\(|@import", built[1].files["assets/style.css"])


def test_only_the_search_page_has_scripts(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        assert bool(page.all("script")) is path.endswith("/search.html"), path


def test_no_page_is_heavy(pages: dict[str, Page], built: Built) -> None:
    for path, page in pages.items():
        files = {path} | {urljoin(f"/{path}", load).lstrip("/") for load in page.loads}
        assert sum(len(built[1].files[name]) for name in files) < 150_000, path
    assert all(len(data) < 60_000 for name, data in built[1].files.items() if name.startswith("cards/"))


def test_a_page_says_who_wrote_and_reviewed_it(
    pages: dict[str, Page], built: Built, library: Library
) -> None:
    for article in library:
        path = f"{article.language.tag}/{article.slug}.html"
        text = built[1].files[path].decode()
        page = pages[path]
        assert page.all("html", lang=article.language.tag)
        assert page.all("time", datetime=article.date.isoformat())
        assert "The Milia authors" in text
        assert article.title in text
        assert len(page.all("h1")) == 1
        assert {"in-short", "contents", "sources", "related", "questions"} <= set(page.ids)
        assert {f"source-{n}" for n in range(1, len(article.references) + 1)} <= set(page.ids)
    assert "Not yet reviewed by a clinician" in built[1].files["en/prevention.html"].decode()


def test_languages_know_each_other(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        found = {
            str(tag["hreflang"]): str(tag["href"])
            for tag in page.all("link", rel="alternate")
            if "hreflang" in tag
        }
        assert set(found) - {"x-default"} == set(TAGS), path
        if path != "index.html":
            tag, name = path.split("/")
            assert found[tag] == f"{ADDRESS}/{tag}/{name}"
            assert [link["href"] for link in page.all("link", rel="canonical")] == [found[tag]]


def test_link_previews_have_title_text_and_picture(pages: dict[str, Page], built: Built) -> None:
    from PIL import Image

    for path, page in pages.items():
        if path == "index.html":
            continue
        found = {str(tag["property"]): str(tag["content"]) for tag in page.all("meta") if "property" in tag}
        assert {"og:title", "og:description", "og:type", "og:url", "og:image", "og:locale"} <= set(found)
        name = found["og:image"].removeprefix(f"{ADDRESS}/")
        with Image.open(io.BytesIO(built[1].files[name])) as picture:
            assert picture.size == (1200, 630)
            assert picture.format == "PNG"


def test_a_card_carries_its_title_where_a_font_has_it() -> None:
    for language, title in zip(LANGUAGES, ("What milia are", "비립종", "稗粒腫", "粟丘疹"), strict=True):
        written, has_words = card(title, "Milia", language)
        bare, has_none = card("\U0010fffd", "Milia", language)
        assert has_none is False
        assert has_words is (font_path(language) is not None)
        assert (written != bare) is has_words
        assert card(title, "Milia", language)[0] == written


@pytest.mark.parametrize("tag", TAGS)
def test_feeds_are_atom(built: Built, tag: str) -> None:
    root = ElementTree.fromstring(built[1].files[f"{tag}/feed.xml"])
    assert root.tag == f"{ATOM}feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == tag
    for name in ("id", "title", "updated"):
        assert root.findtext(f"{ATOM}{name}")
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 10
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", entry.findtext(f"{ATOM}updated") or "")
        assert entry.findtext(f"{ATOM}author/{ATOM}name") == "The Milia authors"
        (link,) = entry.findall(f"{ATOM}link")
        assert str(link.get("href")).removeprefix(f"{ADDRESS}/") in built[1].files


def test_the_site_map_lists_every_article_and_its_languages(built: Built, library: Library) -> None:
    root = ElementTree.fromstring(built[1].files["sitemap.xml"])
    found = {url.findtext(f"{MAP}loc"): len(list(url)) - 1 for url in root.findall(f"{MAP}url")}
    for article in library:
        assert found[f"{ADDRESS}/{article.language.tag}/{article.slug}.html"] == len(TAGS)
    assert b"Sitemap: https://clinic.example/columns/sitemap.xml" in built[1].files["robots.txt"]


def test_the_clinic_stands_on_every_page(pages: dict[str, Page], built: Built) -> None:
    for path, page in pages.items():
        assert "Example Skin Clinic" in built[1].files[path].decode()
        if path != "index.html":
            assert "tel:+8220000000" in page.links


def test_without_an_address_links_are_relative(library: Library) -> None:
    made = build_site(None, library=Library(library.in_all_languages("prevention")[:2]))
    assert "sitemap.xml" not in made.files
    page = Page(made.files["ko/prevention.html"].decode())
    assert not page.all("link", rel="canonical")
    assert {str(tag["href"]) for tag in page.all("link", rel="alternate") if "hreflang" in tag} == {
        "../en/prevention.html",
        "../ko/prevention.html",
    }
    root = ElementTree.fromstring(made.files["ko/feed.xml"])
    assert str(root.findtext(f"{ATOM}id")).startswith("urn:uuid:")
    assert any("No --base-url" in note for note in made.notes)


def test_a_column_in_one_language_leads_the_others_to_their_front_page(column: Column) -> None:
    shelf = load_library(column())
    kept = tuple(one for one in shelf if one.slug in ("spring", "prevention"))
    made = build_site(None, library=Library(kept))
    own = Page(made.files["en/spring.html"].decode())
    assert "../ko/index.html" in own.links
    assert not [tag for tag in own.all("link", rel="alternate") if tag.get("hreflang") == "ko"]
    text = made.files["en/spring.html"].decode()
    assert "Reviewed by Dr Example, dermatologist on 2 November 2026." in text
    assert 'href="https://clinic.example/practice"' in text
    index = made.files["en/index.html"].decode()
    assert index.index("From this clinic") < index.index("Spring and your skin") < index.index("Can milia be")
    assert ElementTree.fromstring(made.files["en/feed.xml"]).findall(f"{ATOM}entry")


def test_a_link_to_a_text_that_is_not_published_leads_to_the_front_page(library: Library) -> None:
    """As after --reviewed-only: prevention links to never-squeeze, which is not there."""
    made = build_site(None, library=Library(library.in_all_languages("prevention")[:1]))
    page = Page(made.files["en/prevention.html"].decode())
    assert not [link for link in page.links if "never-squeeze" in link]
    for link in page.links:
        if not link.startswith("http"):
            target, anchor = urldefrag(urljoin("/en/prevention.html", link))
            assert target.lstrip("/") in made.files, link
            assert not anchor or anchor in page.ids


def test_the_same_library_gives_the_same_bytes(library: Library, clinic: Clinic) -> None:
    shelf = Library(library.in_all_languages("prevention"))
    first, second = (build_site(None, library=shelf, clinic=clinic, base_url=ADDRESS).files for _ in range(2))
    assert first == second


def test_search_data_holds_every_passage(built: Built, library: Library) -> None:
    for language in LANGUAGES:
        text = built[1].files[f"{language.tag}/search-data.js"].decode()
        assert text.startswith("var miliaData=")
        data = json.loads(text.removeprefix("var miliaData=").rstrip(";\n"))
        wanted = sum(len(one.questions) + len(one.sections) for one in library.of(language))
        assert len(data["passages"]) == wanted
        assert "</" not in text


@pytest.mark.parametrize(
    "address", ["clinic.example", "ftp://x.example", "https://x.example/?a", "javascript:alert(1)"]
)
def test_a_wrong_address_is_refused(library: Library, address: str) -> None:
    with pytest.raises(InputError) as caught:
        build_site(None, library=library, base_url=address)
    assert caught.value.key == "--base-url"


def test_nothing_reviewed_is_nothing_to_publish(library: Library) -> None:
    with pytest.raises(InputError, match="no article left"):
        build_site(None, library=library.reviewed_only())


# the folder


def test_a_site_is_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write_site({"a/b.html": b"one", "c.html": b"two"}, folder)
    write_site({"a/d.html": b"three"}, folder)
    assert sorted(path.name for path in folder.rglob("*.html")) == ["d.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


@pytest.mark.parametrize("foreign", ["added", "changed", "other", "file", "link"])
def test_somebody_elses_files_are_left_alone(tmp_path: Path, foreign: str) -> None:
    folder = tmp_path / "site"
    if foreign == "file":
        folder.write_text("mine")
    elif foreign == "other":
        folder.mkdir()
        (folder / "thesis.txt").write_text("mine")
    else:
        write_site({"a.html": b"one"}, folder)
        if foreign == "added":
            (folder / "CNAME").write_text("mine")
        if foreign == "changed":
            (folder / "a.html").write_text("mine")
        if foreign == "link":
            (tmp_path / "mine.txt").write_text("mine")
            (folder / "a.html").unlink()
            (folder / "a.html").symlink_to(tmp_path / "mine.txt")
    before = sorted((path.name, path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file())
    with pytest.raises(InputError) as caught:
        write_site({"a.html": b"two"}, folder)
    assert caught.value.key == "--out"
    assert sorted((path.name, path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file()) == before


def test_an_interruption_leaves_the_old_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "site"
    write_site({"a.html": b"one"}, folder)
    rename = Path.rename

    def interrupted(path: Path, target: Path) -> Path:
        # The second step, when the old site has been moved away already.
        if path.suffix == ".part":
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(output.Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_site({"a.html": b"two"}, folder)
    monkeypatch.undo()
    assert (folder / "a.html").read_bytes() == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    write_site({"a.html": b"one"}, folder)
    assert (folder / "a.html").read_bytes() == b"one"
    with pytest.raises(InputError, match="folder above"):
        write_site({"a.html": b"one"}, tmp_path / "no" / "site")
