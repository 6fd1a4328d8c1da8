"""The leaflet in a real browser: on a phone, on a desk, and printed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from milia.care import CarePack, Protocol
from milia.language import ENGLISH, LANGUAGES, Language, language
from milia.report import render_consent_html, render_leaflet_html

PackMaker = Callable[..., CarePack]
CHROMIUM = Path("/usr/bin/chromium")
CONTRAST = """
() => {
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = numbers(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const worst = [];
  for (const node of document.querySelectorAll('main *')) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.closest('svg') || !node.getClientRects().length) continue;
    const a = light(numbers(getComputedStyle(node).color).slice(0, 3)), b = light(ground(node));
    worst.push((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return Math.min(...worst);
}
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="LOUD: /usr/bin/chromium is missing, no page was looked at"
    ),
]


@pytest.fixture(scope="module")
def context() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"], headless=True
        )
        opened = browser.new_context(java_script_enabled=True)
        yield opened
        browser.close()


@pytest.mark.parametrize("known", LANGUAGES, ids=lambda known: known.tag)
def test_page_fits_phone_and_desk_asks_for_nothing_and_prints_on_one_sheet(
    context: Any, make_pack: PackMaker, tmp_path: Path, known: Language
) -> None:
    path = tmp_path / "leaflet.html"
    path.write_text(render_leaflet_html(make_pack("laser"), known), encoding="utf-8")
    page = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path.as_uri())
        inner, outer = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert inner <= outer
        assert page.evaluate(CONTRAST) >= 4.5
        smallest = page.evaluate(
            "Math.min(...[...document.querySelectorAll('svg text')].filter(t => t.getClientRects().length)"
            ".map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a))"
        )
        assert smallest >= 9.5
    own = page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family)")
    assert len(own) == 2
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    page.close()
    assert len(printed.pages) == 1
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def test_a_long_note_still_prints_on_one_sheet(context: Any, make_pack: PackMaker) -> None:
    page = context.new_page()
    pack = make_pack("laser", protocol=Protocol(note="Please bring your own hat and water. " * 16))
    page.set_content(render_leaflet_html(pack, ENGLISH))
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    assert len(printed.pages) == 1


def test_consent_fits_a_phone_and_prints_on_two_sheets(context: Any, make_pack: PackMaker) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 900})
    page.set_content(render_consent_html(make_pack("laser"), language("ja")))
    inner, outer = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    contrast = page.evaluate(CONTRAST)
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    assert inner <= outer
    assert contrast >= 4.5
    assert len(printed.pages) <= 2
