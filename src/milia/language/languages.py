"""The four languages and how they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

from milia.base import InputError


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its tag in HTML and on the command line, its own name, and Babel's locale."""

    tag: str
    name: str
    locale: str

    @property
    def catalogue(self) -> str | None:
        """Stem of the file with its translations; None for English, the language the sentences are in."""
        return None if self.tag == "en" else self.tag.replace("-", "_")


# British English: day before month, and no month that could be read as a day.
ENGLISH = Language(tag="en", name="English", locale="en_GB")
LANGUAGES: tuple[Language, ...] = (
    ENGLISH,
    Language(tag="ko", name="한국어", locale="ko"),
    Language(tag="ja", name="日本語", locale="ja"),
    Language(tag="zh-Hans", name="简体中文", locale="zh_Hans"),
)
STAFF_LANGUAGES: tuple[Language, ...] = LANGUAGES[:2]
_OTHER_TAGS = {"zh": "zh-hans", "zh-cn": "zh-hans"}


def language(tag: str, *, key: str = "--lang") -> Language:
    """Return the language of a tag; capitals do not count.

    Parameters
    ----------
    tag
        ``en``, ``ko``, ``ja``, ``zh-Hans``; ``zh`` and ``zh-CN`` mean simplified Chinese too.
    key
        Where the tag was written, for the message.

    Raises
    ------
    InputError
        If it is another language; traditional Chinese is one.
    """
    asked = tag.strip().replace("_", "-").lower()
    asked = _OTHER_TAGS.get(asked, asked)
    for known in LANGUAGES:
        if known.tag.lower() == asked:
            return known
    raise InputError(
        "the patient's documents are not written in this language",
        key=key,
        value=tag or "''",
        accepted=", ".join(f"{known.tag} ({known.name})" for known in LANGUAGES),
    )


def staff_language(tag: str, *, key: str = "--lang") -> Language:
    """Return the language of a tag if the staff's pages and reports are written in it.

    Raises
    ------
    InputError
        If it is another language.
    """
    for known in STAFF_LANGUAGES:
        if known.tag == tag.strip().lower():
            return known
    raise InputError(
        "what the staff read is not written in this language",
        key=key,
        value=tag or "''",
        accepted=", ".join(f"{known.tag} ({known.name})" for known in STAFF_LANGUAGES),
    )
