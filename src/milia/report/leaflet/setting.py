"""Typst for the patient's documents: data in, PDF out, with the package's fonts and no others unasked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from milia.base import MiliaError
from milia.language import Language
from milia.report.leaflet.fonts import FontSet, folder

TYPST_LANGUAGES = {
    "en": {"lang": "en", "region": "GB", "script": "latn"},
    "ko": {"lang": "ko", "region": "KR", "script": "kore"},
    "ja": {"lang": "ja", "region": "JP", "script": "jpan"},
    "zh-Hans": {"lang": "zh", "region": "CN", "script": "hans"},
}


class TooLong(MiliaError):  # noqa: N818 - it names what is wrong
    """The document does not fit on its page, even in the smallest letters that can still be read."""


def set_pdf(template: str, data: Mapping[str, Any], *, fonts: FontSet, language: Language) -> bytes:
    """Return the PDF of a template.

    Raises
    ------
    TooLong
        If the template says that the content does not fit.
    MiliaError
        If it cannot be set for another reason.
    """
    import typst

    inputs = {**data, "families": fonts.families, "lang": TYPST_LANGUAGES[language.tag]}
    files = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(folder()), *fonts.folders],
    )
    source = resources.files("milia.report").joinpath(f"templates/{template}").read_bytes()
    try:
        document: bytes = typst.compile(
            source,
            format="pdf",
            font_paths=files,
            sys_inputs={"data": json.dumps(inputs, ensure_ascii=False, sort_keys=True)},
            timestamp=0,
            pdf_standards="ua-1",
        )
    except typst.TypstError as error:
        if "does not fit" in error.message:
            raise TooLong(
                "the leaflet does not fit on one A4 page; shorten the clinic's note (protocol.note)"
            ) from error
        raise MiliaError(f"the PDF could not be set: {error.message}") from error
    return document


def texts(data: object) -> list[str]:
    """Return every text of nested data."""
    if isinstance(data, str):
        return [data]
    if isinstance(data, Mapping):
        return [text for value in data.values() for text in texts(value)]
    if isinstance(data, list | tuple):
        return [text for value in data for text in texts(value)]
    return []
