"""The leaflet as a PDF of exactly one A4 page, with its fonts inside."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from milia.report.leaflet.fonts import family, fonts_for
from milia.report.leaflet.pictograms import pictogram
from milia.report.leaflet.setting import set_pdf, texts
from milia.report.leaflet.timeline import WIDE, described, timeline
from milia.report.leaflet.view import Leaflet, leaflet_view

if TYPE_CHECKING:
    from milia.care import CarePack
    from milia.language import Language

EVERYTHING, ALL_CARE, ESSENTIAL, BARE = 2, 1, 0, -1
# Size of the letters [pt] and how much stays: everything; all but the prevention; what is essential alone;
# the same without what each visit is for. The first that fits on the page is taken. Warning signs and the
# dates of the visits always stay, and nothing is set below 7.6 pt: it could not be read.
TRIES = (
    *((size, EVERYTHING) for size in (12.0, 11.0, 10.0, 9.5, 9.0)),
    *((size, ALL_CARE) for size in (9.5, 9.0)),
    *((size, ESSENTIAL) for size in (10.0, 9.5, 9.2, 8.9, 8.6, 8.3)),
    *((size, BARE) for size in (8.6, 8.3, 8.0, 7.8, 7.6)),
)


def render_leaflet_pdf(pack: CarePack, language: Language) -> bytes:
    """Return the patient's leaflet as one A4 page; the same pack gives the same bytes.

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
    InputError
        If a character of the clinic's name, address or note is in no font here.
    TooLong
        If it does not fit on the page in letters that can be read.
    """
    view = leaflet_view(pack, language)
    data = {
        "view": asdict(view),
        "timeline": timeline(pack, language, width=WIDE, name="timeline", font_family=family(language)),
        "timeline_text": described(pack, language),
        "pictograms": _pictograms(view),
        "tries": TRIES,
    }
    fonts = fonts_for(texts(data["view"]), language, key="clinic", file=pack.clinic.file)
    return set_pdf("leaflet.typ", data, fonts=fonts, language=language)


def _pictograms(view: Leaflet) -> dict[str, str]:
    wanted = {(line.topic, line.mood) for card in view.cards for line in card.lines}
    wanted |= {("call", "do"), ("warning", "harm"), ("calendar", "do")}
    return {f"{topic}-{mood}": pictogram(topic, mood=mood) for topic, mood in sorted(wanted)}
