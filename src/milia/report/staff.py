"""The staff's documents as pages and prints: safety sheet and follow-up list, in English."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING

from milia.language import ENGLISH
from milia.report.leaflet.fonts import fonts_for
from milia.report.leaflet.setting import set_pdf, texts
from milia.report.staff_view import StaffDocument, followup_document, safety_document

if TYPE_CHECKING:
    from jinja2 import Template

    from milia.care import CarePack


def render_safety_html(pack: CarePack) -> str:
    """Return the safety sheet of one session as one HTML file; every text is escaped."""
    return _html(safety_document(pack))


def render_safety_pdf(pack: CarePack) -> bytes:
    """Return the safety sheet of one session as a PDF."""
    return _pdf(safety_document(pack))


def render_followup_html(pack: CarePack) -> str:
    """Return the follow-up list as one HTML file; every text is escaped."""
    return _html(followup_document(pack))


def render_followup_pdf(pack: CarePack) -> bytes:
    """Return the follow-up list as a PDF."""
    return _pdf(followup_document(pack))


def _html(view: StaffDocument) -> str:
    return _template().render(view=view)


def _pdf(view: StaffDocument) -> bytes:
    data = {"view": asdict(view)}
    fonts = fonts_for(texts(data), ENGLISH, key="clinic")
    return set_pdf("staff.typ", data, fonts=fonts, language=ENGLISH)


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("milia.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("staff.html.j2")
