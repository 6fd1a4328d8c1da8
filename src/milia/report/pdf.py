"""The report as a printed document of a few A4 pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from milia.base import MiliaError
from milia.language import ENGLISH, Language, say, speaking
from milia.report.leaflet.fonts import family, folder, fonts_for
from milia.report.pictures import draw
from milia.report.view import report_view
from milia.report.window_chart import PRINTED

# Only fonts that come inside typst: any machine sets the same document, byte for byte.
FONTS = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")
PICTURE_FONT = FONTS[0]
SIGNS_OF_THE_TEMPLATE = "µ²³·–≤≥°±×−✓✕+?"
NO_SUCH_CHARACTER = 0x10FFFD
SHOWN_CHARACTERS = 12
WORDS = re.compile(r'say\("([^"]+)"\)')
"""The template's own words."""


def render_pdf(plan: Mapping[str, Any], language: Language = ENGLISH) -> bytes:
    """Return a plan as a PDF with the same content and pictures as the page.

    Parameters
    ----------
    plan
        The plan as `Plan.to_dict()` or a saved plan file gives it.
    language
        Of whoever reads it: English, or a language of the staff's pages.

    Returns
    -------
    bytes
        The document; the same plan gives the same bytes, because it carries no date.

    Raises
    ------
    InputError
        If the mapping is not a plan, or its numbers contradict each other.
    MiliaError
        If the plan holds a character that the document's fonts cannot show; it would be left out silently.
    """
    from milia.care import spoken_plan

    said, told = spoken_plan(plan, language)
    template = resources.files("milia.report").joinpath("templates/report.typ").read_text(encoding="utf-8")
    with speaking(language):
        font = PICTURE_FONT if language == ENGLISH else family(language)
        view = report_view(said)
        pictures = draw(said, view.certainty, wide=PRINTED, font_family=font)
        words = {text: say(text) for text in WORDS.findall(template)}
    data = {"view": asdict(view), "pictures": asdict(pictures), "words": words}
    families, folders = _families(data, language)
    document: bytes = _compile(
        template.encode(),
        inputs={
            "data": json.dumps(
                {**data, "families": families, "lang": language.tag, "told": told},
                ensure_ascii=False,
                sort_keys=True,
            )
        },
        kind="pdf",
        folders=folders,
    )
    return document


def _families(data: Mapping[str, Any], language: Language) -> tuple[Sequence[str], Sequence[str]]:
    """Return the fonts of a document, and the folders that hold those which are not inside typst."""
    if language == ENGLISH:
        _require_glyphs(_characters(data))
        return FONTS, ()
    found = fonts_for(sorted(_characters(data)), language, key="plan")
    return found.families, (str(folder()), *found.folders)


def missing_characters(characters: Iterable[str]) -> tuple[str, ...]:
    """Return the characters that none of the document's fonts can show.

    typst sets a missing character as the font's empty box without a word. So every character is set alone,
    and those that come out as the same shape as a character that no font has are missing.
    """
    wanted = sorted({c for c in characters if not c.isspace()})
    return tuple(c for c in wanted if c not in _covered("".join(wanted)))


@lru_cache(maxsize=32)
def _covered(characters: str) -> frozenset[str]:
    if not characters:
        return frozenset()
    fonts = ", ".join(f'"{font}"' for font in FONTS)
    boxes = "\n".join(
        f"#page(width: 40pt, height: 40pt)[#str.from-unicode({ord(c)})]"
        for c in (chr(NO_SUCH_CHARACTER), *characters)
    )
    source = f"#set text(font: ({fonts}), fallback: false)\n{boxes}\n"
    pages = _compile(source.encode(), inputs={}, kind="svg")
    shapes = [re.findall(r'<use xlink:href="#([^"]+)"', page.decode()) for page in pages]
    absent = shapes[0]
    return frozenset(c for c, shape in zip(characters, shapes[1:], strict=True) if shape and shape != absent)


def _require_glyphs(characters: frozenset[str]) -> None:
    missing = missing_characters(characters)
    if missing:
        shown = " ".join(f"{c} (U+{ord(c):04X})" for c in missing[:SHOWN_CHARACTERS])
        more = "" if len(missing) <= SHOWN_CHARACTERS else f" and {len(missing) - SHOWN_CHARACTERS} more"
        raise MiliaError(
            f"the PDF's fonts cannot show these characters of the plan: {shown}{more}. "
            "Write the report as .html instead"
        )


def _characters(data: object) -> frozenset[str]:
    """Return every character of every text in nested data; pictures count with their labels."""
    if isinstance(data, str):
        return frozenset(data) | frozenset(SIGNS_OF_THE_TEMPLATE)
    if isinstance(data, Mapping):
        return frozenset().union(*(_characters(value) for value in data.values()))
    if isinstance(data, list | tuple):
        return frozenset().union(*(_characters(value) for value in data))
    return frozenset()


def _compile(
    source: bytes, *, inputs: dict[str, str], kind: Literal["pdf", "svg"], folders: Sequence[str] = ()
) -> Any:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=list(folders))
    try:
        return typst.compile(source, format=kind, font_paths=fonts, sys_inputs=inputs, timestamp=0)
    except typst.TypstError as error:
        raise MiliaError(f"the PDF could not be set: {error.message}") from error
