"""English texts that remember the sentence they were made of, so that stored ones can be said otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from milia.language.catalogue import MissingTranslation, word_for
from milia.language.languages import Language
from milia.language.sentence import Name, Sentence, Value

__all__ = ["Told", "heard", "joined", "retold", "sentences_in", "told"]

DEEPEST = 40
"""Sentences inside sentences; what a file nests deeper is not one of ours."""


class Told(str):
    """A finished English text, and the sentence behind it.

    It is the text wherever a text is wanted: compared, printed, stored. Cut or put together with other
    texts it is an ordinary text again; `joined` keeps the sentences.
    """

    __slots__ = ("sentence",)
    sentence: Sentence

    def __new__(cls, sentence: Sentence) -> Told:
        made = super().__new__(cls, sentence.text())
        made.sentence = sentence
        return made

    def __getnewargs__(self) -> tuple[Sentence]:  # type: ignore[override]
        return (self.sentence,)


def told(template: str, /, **values: Value) -> Told:
    """Return an English text that remembers its sentence; a gap may be filled with such a text, too."""
    return Told(Sentence(template, {name: _sentence(value) for name, value in values.items()}))


def joined(between: str, parts: Iterable[str]) -> Told:
    """Return several texts as one.

    Parameters
    ----------
    between
        How two are put together: ``"{one}; {other}"``.
    parts
        At least one text; one that remembers no sentence stays as it is in every language.
    """
    first, *rest = [part if isinstance(part, Told) else told("{text}", text=part) for part in parts]
    whole = first
    for part in rest:
        whole = told(between, one=whole, other=part)
    return whole


def sentences_in(content: Any) -> list[dict[str, Any]]:
    """Return the sentence of every text in nested data that remembers one, each once, ready for JSON."""
    found: dict[str, dict[str, Any]] = {}
    for text in _told_in(content):
        found.setdefault(str(text), _to_dict(text.sentence))
    return list(found.values())


def heard(stored: Any, language: Language) -> dict[str, str]:
    """Return stored sentences in a language by their English texts; what cannot be said in it is left out."""
    found = {}
    for entry in stored if isinstance(stored, list) else ():
        try:
            sentence = _from_dict(entry, DEEPEST)
            found[sentence.text()] = sentence.text(language)
        except (MissingTranslation, ValueError):
            continue
    return found


def retold(text: str, language: Language) -> str:
    """Return a text in a language where it remembers its sentence or stands in the catalogue, else itself."""
    if isinstance(text, Told):
        try:
            return text.sentence.text(language)
        except MissingTranslation:
            return str(text)
    return word_for(text, language)


def _sentence(value: Value) -> Value:
    return value.sentence if isinstance(value, Told) else value


def _told_in(content: Any) -> Iterator[Told]:
    if isinstance(content, Told):
        yield content
    elif isinstance(content, Mapping):
        for part in content.values():
            yield from _told_in(part)
    elif isinstance(content, list | tuple):
        for part in content:
            yield from _told_in(part)


def _to_dict(sentence: Sentence) -> dict[str, Any]:
    if not sentence.values:
        return {"message": sentence.template}
    return {
        "message": sentence.template,
        "values": {name: _stored(value) for name, value in sentence.values.items()},
    }


def _stored(value: Value) -> Any:
    if isinstance(value, Sentence):
        return _to_dict(value)
    if isinstance(value, Name):
        return {"name": value.text}
    if isinstance(value, str | float | int):
        return value
    raise TypeError(f"a sentence that is stored holds texts, numbers, names and sentences, not {value!r}")


def _from_dict(entry: Any, deeper: int) -> Sentence:
    message = entry.get("message") if isinstance(entry, Mapping) else None
    if not isinstance(message, str) or not deeper:
        raise ValueError("this is no sentence")
    values = entry.get("values", {})
    if not isinstance(values, Mapping):
        raise ValueError("these are no values")
    return Sentence(message, {str(name): _read(value, deeper - 1) for name, value in values.items()})


def _read(value: Any, deeper: int) -> Value:
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("name"), str):
        return Name(value["name"])
    return _from_dict(value, deeper)
