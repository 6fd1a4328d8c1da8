"""The pages in a real browser, opened from the folder: they fit, they are quiet, and search finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from milia.language import ENGLISH, LANGUAGES
from milia.learn import BuildResult, Library
from milia.learn.signs import signs_in
from milia.learn.words import normalised, tokens, vocabularies

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
QUESTIONS = Path(__file__).parent / "questions"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = (
    *("index.html", "en/index.html", "en/look-alikes.html", "ko/after-the-treatment.html"),
    *("ja/how-they-are-treated.html", "zh-Hans/questions.html", "ja/search.html?q=目が痛い"),
)
FOUND = {
    "en": ("mascara", "after-the-treatment.html#q-makeup"),
    "ko": ("화장", "after-the-treatment.html#q-makeup"),
    "ja": ("化粧", "after-the-treatment.html#q-makeup"),
    "zh-Hans": ("上妆", "after-the-treatment.html#q-makeup"),
}
Built = tuple[Path, BuildResult]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="LOUD: /usr/bin/chromium is missing, no page was looked at"
    ),
]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        profile = tmp_path_factory.mktemp("profile")
        opened = playwright.chromium.launch_persistent_context(
            str(profile), executable_path=str(CHROMIUM), args=FLAGS, headless=True, bypass_csp=False
        )
        yield opened
        opened.close()


@pytest.fixture
def page(context: Any) -> Iterator[Any]:
    """A page that fails the test if it complains or asks for anything outside the folder."""
    opened = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: requests.append(request.url))
    yield opened
    opened.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def address(built: Built, path: str) -> str:
    name, mark, query = path.partition("?")
    return (built[0] / name).as_uri() + mark + query


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits(page: Any, built: Built, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address(built, path))
    inner, outer = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert inner <= outer
    cut = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => !e.closest('.table') && !e.closest('svg')"
        " && getComputedStyle(e).clipPath === 'none'"
        " && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
        ".map(e => e.tagName + '.' + e.className)"
    )
    assert cut == []
    # Fingers need room: every link outside running text is at least 24 px high.
    low = page.evaluate(
        "[...document.querySelectorAll('nav a, .foot a, .cards a, button')]"
        ".map(e => [e.textContent, e.getBoundingClientRect().height]).filter(([, height]) => height < 24)"
    )
    assert low == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["en/look-alikes.html", "ko/questions.html", "zh-Hans/index.html", "en/search.html?q=pus"]
)
def test_a_page_is_accessible(context: Any, built: Built, path: str, scheme: str) -> None:
    opened = context.new_page()
    opened.emulate_media(color_scheme=scheme)
    opened.goto(address(built, path))
    opened.evaluate(AXE.read_text(encoding="utf-8"))
    found = opened.evaluate("axe.run(document, {resultTypes: ['violations']})")
    opened.close()
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert len(found["passes"]) > 20


@pytest.mark.parametrize("tag", list(FOUND))
def test_search_finds_in_every_language(page: Any, built: Built, tag: str) -> None:
    asked, wanted = FOUND[tag]
    page.goto(address(built, f"{tag}/index.html"))
    page.fill(".find input", asked)
    page.press(".find input", "Enter")
    page.wait_for_selector("#found li a")
    links = page.evaluate("[...document.querySelectorAll('#found a')].map(a => a.getAttribute('href'))")
    assert wanted in links[:2]
    page.click(f"#found a[href='{wanted}']")
    assert page.url.endswith(wanted)
    assert page.locator("#q-makeup").is_visible()


def test_search_says_when_nothing_fits_and_when_to_call(page: Any, built: Built) -> None:
    page.goto(address(built, "en/search.html"))
    page.fill("#q", "zzzz qqqq")
    assert page.locator("#count").inner_text() == "Nothing fits. Try other words, or ask your clinic."
    assert page.locator("#alarm").is_hidden()
    page.fill("#q", "my eye hurts")
    assert "See an eye doctor today" in page.locator("#alarm").inner_text()
    page.fill("#q", "<img src=x onerror=alert(1)> makeup")
    assert page.locator("#found img").count() == 0
    assert page.locator("#found li").count() > 0


def test_without_scripts_everything_but_search_is_there(context: Any, built: Built) -> None:
    opened = context.new_page()
    opened.route("**/*.js", lambda route: route.abort())
    opened.goto(address(built, "ko/questions.html"))
    assert opened.locator("details").count() >= 30
    opened.locator("summary").first.click()
    assert opened.locator("details[open] p").first.is_visible()
    opened.close()


def test_the_browser_reads_a_question_as_the_command_does(page: Any, built: Built, library: Library) -> None:
    """Terms and warning signs: one set of rules, two programs."""
    asked = [
        entry["ask"]
        for name in ("development", "held_out")
        for entry in yaml.safe_load((QUESTIONS / f"{name}.yaml").read_text(encoding="utf-8"))["questions"]
    ]
    asked += [article.title for article in library]
    for language in LANGUAGES:
        page.goto(address(built, f"{language.tag}/search.html"))
        read = page.evaluate("(asked) => asked.map(one => window.miliaTerms(one))", asked)
        for question, terms in zip(asked, read, strict=True):
            if language != ENGLISH:
                assert terms == tokens(question, language), question
            else:
                assert [_stemmed(term) for term in terms] == tokens(question, language), question
        alarms = page.evaluate("(asked) => asked.map(one => window.miliaAlarms(one).length > 0)", asked)
        rules = {language.tag, "en"}
        for question, alarm in zip(asked, alarms, strict=True):
            named = signs_in(question)
            if named and any(_found_by(question, tag) for tag in rules):
                assert alarm, question
            if alarm:
                assert any(_found_by(question, tag) for tag in rules), question


def _stemmed(term: str) -> str:
    found = tokens(term, ENGLISH)
    # A word that is replaced by another when it stands alone was not when it stood in its phrase.
    return found[0] if len(found) == 1 else json.dumps(term)


def _found_by(question: str, tag: str) -> bool:
    from milia.learn import signs

    return any(signs._holds(sign, tag, signs._reading(question, tag)) for sign in signs.signs())


def test_vocabularies_are_normalised() -> None:
    for vocabulary in vocabularies().values():
        assert all(word == normalised(word) for word in (*vocabulary.same, *vocabulary.drop))
