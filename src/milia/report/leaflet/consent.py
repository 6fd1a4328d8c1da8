"""The consent sheet: read before the procedure and signed, as a page and as a print."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from milia.language import Language, Sentence
from milia.report.leaflet.fonts import fonts_for
from milia.report.leaflet.html import page
from milia.report.leaflet.setting import set_pdf, texts
from milia.report.leaflet.view import Call, calls

if TYPE_CHECKING:
    from milia.care import CarePack


@dataclass(frozen=True, slots=True)
class ConsentPart:
    """One titled part."""

    title: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentSheet:
    """The whole sheet as text, in reading order."""

    tag: str
    title: str
    headline: str
    facts: tuple[str, ...]
    clinic: str
    address: str
    calls: tuple[Call, ...]
    sections: tuple[ConsentPart, ...]
    checklist: tuple[str, ...]
    signatures: tuple[str, ...]
    disclaimer: str
    reference: str


def consent_view(pack: CarePack, language: Language) -> ConsentSheet:
    """Return the consent sheet of a pack in a language.

    Raises
    ------
    ValueError
        If the pack has none: nothing is done to the skin.
    MissingTranslation
        If a sentence is not translated.
    """
    if pack.consent is None:
        raise ValueError(f"nothing is done to the skin ({pack.action}), so there is nothing to consent to")

    def say(sentence: Sentence) -> str:
        return sentence.text(language)

    return ConsentSheet(
        tag=language.tag,
        title=say(pack.consent.title),
        headline=say(pack.headline),
        facts=tuple(map(say, pack.facts)),
        clinic=pack.clinic.name,
        address=pack.clinic.address or "",
        calls=calls(pack.clinic, say),
        sections=tuple(
            ConsentPart(say(part.title), tuple(map(say, part.paragraphs)))
            for part in pack.consent.sections
            if part.paragraphs
        ),
        checklist=tuple(map(say, pack.consent.checklist)),
        signatures=tuple(map(say, pack.consent.signatures)),
        disclaimer=say(pack.disclaimer),
        reference=say(Sentence("Plan {id}", {"id": pack.plan_id})),
    )


def render_consent_html(pack: CarePack, language: Language) -> str:
    """Return the consent sheet as a page; ValueError where nothing is done to the skin."""
    return page("consent.html.j2", language, view=consent_view(pack, language))


def render_consent_pdf(pack: CarePack, language: Language) -> bytes:
    """Return the consent sheet as a PDF; the same pack gives the same bytes.

    Raises
    ------
    ValueError
        If nothing is done to the skin.
    MissingTranslation
        If a sentence is not translated.
    InputError
        If a character of the clinic's name or address is in no font here.
    """
    data = {"view": asdict(consent_view(pack, language))}
    fonts = fonts_for(texts(data), language, key="clinic", file=pack.clinic.file)
    return set_pdf("consent.typ", data, fonts=fonts, language=language)
