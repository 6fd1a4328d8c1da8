"""The leaflet as one HTML file: its own fonts inside, no script, no request to anywhere."""

from __future__ import annotations

import math
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from milia.report.leaflet.fonts import embedded_faces, family
from milia.report.leaflet.pictograms import pictogram
from milia.report.leaflet.setting import texts
from milia.report.leaflet.timeline import NARROW, WIDE, timeline
from milia.report.leaflet.view import Leaflet, leaflet_view

if TYPE_CHECKING:
    from jinja2 import Template

    from milia.care import CarePack
    from milia.language import Language

# A sheet takes 3900 letters of 10.3 px with some room; the area of a letter goes with its square.
SHEET_LETTERS, SHEET_PX = 3900.0, 10.3
LEAST_PX, MOST_PX = 8.6, 13.0
# After the page's own letters: what the device has, for a name in another script.
FALLBACK = (
    'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Apple SD Gothic Neo", "Malgun Gothic", '
    '"Hiragino Sans", "Yu Gothic", "PingFang SC", "Microsoft YaHei", sans-serif'
)


def render_leaflet_html(pack: CarePack, language: Language) -> str:
    """Return the patient's leaflet as a page; printed, it is one sheet of A4.

    Parameters
    ----------
    pack
        What is handed out for one treatment.
    language
        Language of the page.

    Raises
    ------
    MissingTranslation
        If a sentence is not translated.
    """
    from markupsafe import Markup

    pictures = {
        name: Markup(timeline(pack, language, width=width, name=f"timeline-{name}", font_family=None))
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    }
    view = leaflet_view(pack, language)
    return page("leaflet.html.j2", language, view=view, print_px=_print_size(view), **pictures)


def _print_size(view: Leaflet) -> float:
    """Return the size of the printed letters [px] at which the page stays one sheet.

    A style sheet cannot try sizes until one fits, so the size follows from how much is said: the area of the
    letters, wide ones double, against what one sheet took in each language.
    """
    said = " ".join(texts({**asdict(view), "later": ()}))
    letters = sum(2.0 if east_asian_width(c) in "WF" else 1.0 for c in said)
    return round(min(max(SHEET_PX * math.sqrt(SHEET_LETTERS / letters), LEAST_PX), MOST_PX), 1)


def page(template: str, language: Language, **values: Any) -> str:
    """Return a page of a template with the fonts for the characters that are in it."""
    from markupsafe import Markup

    sans = Markup(f'"{family(language)}", {FALLBACK}')
    bare = _template(template).render(faces="", sans=sans, pictogram=_drawn, **values)
    faces = Markup(embedded_faces(bare, language))
    return _template(template).render(faces=faces, sans=sans, pictogram=_drawn, **values)


def _drawn(topic: str, mood: str) -> Any:
    from markupsafe import Markup

    if mood not in ("do", "avoid", "plain", "harm"):
        raise ValueError(f"a drawing has no mood {mood!r}")
    return Markup(pictogram(topic, mood=mood))  # type: ignore[arg-type]


@lru_cache(maxsize=4)
def _template(name: str) -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("milia.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)
