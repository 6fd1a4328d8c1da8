"""The catalogues of translated sentences, read from their PO files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from milia.base import MiliaError, one_line
from milia.language.languages import Language


class MissingTranslation(MiliaError):  # noqa: N818 - it names what is missing
    """A sentence that has no translation: a half-translated page is never printed."""

    def __init__(self, template: str, language: Language) -> None:
        super().__init__(f"no {language.name} ({language.tag}) translation of: {one_line(template, 200)}")
        self.template = template
        self.language = language


def translated(template: str, language: Language) -> str:
    """Return the template in another language, its placeholders still in it.

    Raises
    ------
    MissingTranslation
        If the language's catalogue does not hold it, or holds it only as a guess (fuzzy).
    """
    if language.catalogue is None:
        return template
    found = catalogue(language).get(template)
    if not found:
        raise MissingTranslation(template, language)
    return found


def word_for(text: str, language: Language) -> str:
    """Return a text in another language where its catalogue holds it, else the text itself."""
    return text if language.catalogue is None else catalogue(language).get(text, text)


@lru_cache(maxsize=8)
def catalogue(language: Language) -> Mapping[str, str]:
    """Return every finished translation of a language by its English sentence.

    What the staff read stands in a file of its own, in the languages that staff pages have.
    """
    from babel.messages.pofile import read_po

    found: dict[str, str] = {}
    for kind in (".staff", ""):
        file = resources.files("milia.language").joinpath(f"catalogues/{language.catalogue}{kind}.po")
        if kind and not file.is_file():
            continue
        with file.open("rb") as stream:
            messages = read_po(stream, locale=language.locale)
        found |= {
            message.id: message.string
            for message in messages
            if isinstance(message.id, str)
            and isinstance(message.string, str)
            and message.id
            and message.string
            and not message.fuzzy
        }
    return MappingProxyType(found)
