from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from milia.report import write_report

CHROMIUM = Path("/usr/bin/chromium")
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
NAMES = ("laser", "lid_margin", "newborn", "assess_first")
Load = Callable[[str], dict[str, Any]]

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
            str(profile), executable_path=str(CHROMIUM), args=FLAGS, headless=True
        )
        yield opened
        opened.close()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", NAMES)
def test_page_fits_and_asks_for_nothing(
    context: Any, load_plan: Load, tmp_path: Path, name: str, width: int
) -> None:
    path = tmp_path / f"{name}.html"
    write_report(load_plan(name), path)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    inner, outer = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    too_wide = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => !e.closest('svg')"
        " && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
        ".map(e => e.tagName + '.' + e.className)"
    )
    page.close()
    assert inner <= outer
    assert too_wide == []
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def test_phone_gets_the_narrow_window_and_desk_the_wide_one(
    context: Any, load_plan: Load, tmp_path: Path
) -> None:
    path = tmp_path / "laser.html"
    write_report(load_plan("laser"), path)
    page = context.new_page()
    seen = {}
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path.as_uri())
        seen[width] = [page.locator(f".only-{kind}").is_visible() for kind in ("narrow", "wide")]
    page.close()
    assert seen == {390: [True, False], 1440: [False, True]}


def test_smallest_letters_of_pictures_stay_legible_on_a_phone(
    context: Any, load_plan: Load, tmp_path: Path
) -> None:
    path = tmp_path / "laser.html"
    write_report(load_plan("laser"), path)
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(path.as_uri())
    heights = page.evaluate(
        "[...document.querySelectorAll('svg text')].filter(t => t.getBoundingClientRect().width > 0)"
        ".map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"
    )
    page.close()
    assert heights
    assert min(heights) >= 9.5


def test_print_fits_on_a_few_A4_pages(context: Any, load_plan: Load, tmp_path: Path) -> None:
    import io

    import pypdf

    path = tmp_path / "laser.html"
    write_report(load_plan("laser"), path)
    page = context.new_page()
    page.goto(path.as_uri())
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    page.close()
    assert 2 <= len(printed.pages) <= 5
    assert float(printed.pages[0].mediabox.width) == pytest.approx(595.3, abs=1.0)
