"""What a page weighs and when its first words are on the screen, in Chromium, at both widths."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.web.load import prepare
from benchmarks.web.stand import stand

REPEATS = 5
WIDTHS: dict[str, Any] = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length > 0"
_PAINT = """() => {
  const first = performance.getEntriesByName("first-contentful-paint")[0];
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {
    paint: first ? first.startTime : null,
    html: performance.getEntriesByType("navigation")[0].decodedBodySize,
    sent: all.reduce((sum, each) => sum + each.transferSize, 0),
    requests: all.length,
  };
}"""


def weight(database: str) -> dict[str, Any]:
    """Open each page in a fresh browser and again with its cache; kB and ms."""
    from playwright.sync_api import sync_playwright

    from milia.web.sessions import SESSION

    with stand(database, doctors=1, workers=0) as made, sync_playwright() as play:
        patients, lesions, _ = prepare(made, plans=1)
        made.start()
        paths = {
            "today": "/",
            "patients": "/patients",
            "chart": f"/patients/{patients[0]}",
            "findings": f"/lesions/{lesions[0]}/findings",
            "plan": f"/lesions/{lesions[0]}/plan",
            "devices": "/devices",
            "outcomes": "/outcomes",
            "learn": "/learn",
        }
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        session = next(iter(made.people.values()))
        found: dict[str, Any] = {}
        for width, viewport in WIDTHS.items():
            for name, path in paths.items():
                seen = []
                for _ in range(REPEATS):
                    context = browser.new_context(base_url=made.address, viewport=viewport)
                    context.add_cookies([{"name": SESSION, "value": session, "url": made.address}])
                    page = context.new_page()
                    page.goto(path, wait_until="load")
                    page.wait_for_function(_PAINTED)
                    first = page.evaluate(_PAINT)
                    page.goto(path, wait_until="load")
                    page.wait_for_function(_PAINTED)
                    seen.append((first, page.evaluate(_PAINT)))
                    context.close()
                found[f"{name} {width}"] = _row(seen)
        browser.close()
    return {"pages": found}


def _row(seen: list[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    first, again = seen[0]
    return {
        "first_kB": round(first["sent"] / 1000, 1),
        "again_kB": round(again["sent"] / 1000, 1),
        "html_kB": round(first["html"] / 1000, 1),
        "requests": first["requests"],
        "first_paint_ms": round(statistics.median(each["paint"] for each, _ in seen)),
        "again_paint_ms": round(statistics.median(each["paint"] for _, each in seen)),
    }
