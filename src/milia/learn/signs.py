"""Warning signs in a question: rules as data, looked for before anything else is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from milia.language import LANGUAGES, Language
from milia.learn.words import compact, has_kana, normalised, rules, simplified

URGENCIES = ("now", "same_day", "within_2_days", "within_2_weeks")
"""How fast, fastest first."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a rule: expressions that must all be found."""

    parts: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """One warning sign: what it is and what to do, by language tag, and the patterns that find it."""

    id: str
    urgency: str
    basis: tuple[str, ...]
    said: Mapping[str, str]
    do: Mapping[str, str]
    patterns: Mapping[str, tuple[Pattern, ...]]
    exceptions: Mapping[str, tuple[re.Pattern[str], ...]]

    def text(self, language: Language) -> str:
        """Return the sign in a language."""
        return self.said[language.tag]

    def action(self, language: Language) -> str:
        """Return what to do about it, in a language."""
        return self.do[language.tag]


def signs_in(question: str, *, also: str = "") -> tuple[Sign, ...]:
    """Return the warning signs that a question names, fastest first.

    Every language's rules are tried on every question, so that a wrong guess at its language hides nothing;
    only a text with kana is surely not Chinese.

    Parameters
    ----------
    question
        As it was asked.
    also
        The same question with its spelling corrected, looked through as well.
    """
    found = []
    for sign in signs():
        for known in LANGUAGES:
            if known.tag == "zh-Hans" and has_kana(question):
                continue
            readings = {_reading(text, known.tag) for text in (question, also) if text}
            if any(_holds(sign, known.tag, reading) for reading in readings):
                found.append(sign)
                break
    return tuple(sorted(found, key=lambda sign: URGENCIES.index(sign.urgency)))


def _reading(text: str, tag: str) -> str:
    plain = normalised(text)
    if tag == "en":
        return f" {plain} "
    return compact(simplified(plain) if tag == "zh-Hans" else plain)


def _holds(sign: Sign, tag: str, reading: str) -> bool:
    for phrase in sign.exceptions[tag]:
        reading = phrase.sub(" ", reading)
    return any(all(part.search(reading) for part in pattern.parts) for pattern in sign.patterns[tag])


@lru_cache(maxsize=1)
def signs() -> tuple[Sign, ...]:
    """Return every sign of the rules."""
    content = rules("signs.yaml")
    return tuple(_sign(entry, content["urgencies"]) for entry in content["signs"])


def _sign(entry: Mapping[str, Any], urgencies: Mapping[str, Mapping[str, str]]) -> Sign:
    tags = [known.tag for known in LANGUAGES]
    return Sign(
        id=entry["id"],
        urgency=entry["urgency"],
        basis=tuple(entry["basis"]),
        said=entry["sign"],
        do=entry.get("do") or urgencies[entry["urgency"]],
        patterns={tag: tuple(_pattern(line, tag) for line in entry[tag]["any"]) for tag in tags},
        exceptions={tag: tuple(_part(line, tag) for line in entry[tag].get("except", ())) for tag in tags},
    )


def _pattern(line: str, tag: str) -> Pattern:
    return Pattern(tuple(_part(part, tag) for part in line.split("&")))


def _part(part: str, tag: str) -> re.Pattern[str]:
    return re.compile(expression(part, tag))


def expression(part: str, tag: str) -> str:
    """Return one part of a rule as a regular expression that Python and JavaScript read alike."""
    written = part.strip().lower()
    if tag == "en":
        # Words stand between blanks; the one behind is only looked at, because it may open the next word.
        words = written.replace("-", " ").replace("*", "[a-z0-9]*")
        return f" {words}(?= )" if words.startswith("(") else f" (?:{words})(?= )"
    return written.replace(" ", "")


def sources_of(id: str, tag: str) -> dict[str, Any]:
    """Return a sign's expressions in one language as text, for the search page."""
    entry = next(one for one in rules("signs.yaml")["signs"] if one["id"] == id)[tag]
    return {
        "any": [[expression(part, tag) for part in line.split("&")] for line in entry["any"]],
        "except": [expression(line, tag) for line in entry.get("except", ())],
    }
