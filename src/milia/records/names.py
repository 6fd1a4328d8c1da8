"""Finding a name that is stored encrypted: keyed tokens of the beginnings and parts of its words.

A token is a keyed hash cut to 64 bits. Whoever has the database but not the key learns how often a token
occurs, and neither the name nor the letters.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

__all__ = ["matches", "query_tokens", "stored_tokens", "words_of"]

_LONGEST_PREFIX = 12
_GRAM = 3
_MOST_WORDS = 8
_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
# Letters that Unicode does not take apart, and people type without their stroke.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h"}
)
_FIRST, _LAST, _PER_LEAD = 0xAC00, 0xD7A3, 588


def words_of(name: str) -> list[str]:
    """Give the words of a name as they are compared: no case, no accents, Hangul in its letters.

    Signs that are no letter, number or symbol separate words, so "O'Neil-Kim" is three words; emoji stay.
    """
    plain: list[str] = []
    for sign in unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFC", name).casefold().translate(_PLAIN)
    ):
        category = unicodedata.category(sign)
        if category.startswith(("L", "N", "S")):
            plain.append(sign)
        elif category.startswith("M") or category == "Cf":
            continue
        else:
            plain.append(" ")
    return "".join(plain).split()[:_MOST_WORDS]


def _syllable_starts(word: str) -> list[str]:
    # In 김민준 people look for 민준: a part may begin at every syllable, which begins with a leading letter.
    starts = [i for i, sign in enumerate(word) if "\u1100" <= sign <= "\u1112"]
    return [word[i:] for i in starts if i] if starts else []


def _leads(name: str) -> list[str]:
    found: list[str] = []
    for word in unicodedata.normalize("NFC", name).split():
        leads = "".join(
            _LEADS[(ord(sign) - _FIRST) // _PER_LEAD] for sign in word if _FIRST <= ord(sign) <= _LAST
        )
        found.extend(leads[i:] for i in range(len(leads)))
    return found[:_MOST_WORDS]


def _stored(name: str) -> set[str]:
    words = words_of(name)
    parts: set[str] = set()
    # The whole name without gaps too: 김 민준 and 김민준 are one name.
    joined = ["".join(words)] if len(words) > 1 else []
    for word in [*words, *joined]:
        for part in [word, *_syllable_starts(word)]:
            parts.update(f"p{part[:n]}" for n in range(1, min(len(part), _LONGEST_PREFIX) + 1))
        parts.update(f"g{word[i : i + _GRAM]}" for i in range(len(word) - _GRAM + 1))
    for leads in _leads(name):
        parts.update(f"l{leads[:n]}" for n in range(1, min(len(leads), _LONGEST_PREFIX) + 1))
    return parts


def _tokens(key: bytes, parts: Iterable[str]) -> list[int]:
    return [
        int.from_bytes(hmac.digest(key, part.encode(), hashlib.sha256)[:8], "big", signed=True)
        for part in sorted(parts)
    ]


def stored_tokens(key: bytes, name: str) -> list[int]:
    """Give the tokens to store for a name."""
    return sorted(set(_tokens(key, _stored(name))))


def query_tokens(key: bytes, asked: str) -> list[list[int]]:
    """Give, per way to read the query, the tokens a name must have: beginnings of words, else parts."""
    leads = [word for word in asked.split() if word and all(sign in _LEADS for sign in word)]
    if leads and len(leads) == len(asked.split()):
        return [_tokens(key, {f"l{word[:_LONGEST_PREFIX]}" for word in leads})]
    words = words_of(asked)
    if not words:
        return []
    ways = [_tokens(key, {f"p{word[:_LONGEST_PREFIX]}" for word in words})]
    if all(len(word) >= _GRAM for word in words):
        grams = {f"g{word[i : i + _GRAM]}" for word in words for i in range(len(word) - _GRAM + 1)}
        ways.append(_tokens(key, grams))
    return ways


def matches(asked: str, name: str) -> bool:
    """Say whether a name, once decrypted, really holds what was asked: tokens can only say that it may."""
    if asked.split() and all(sign in _LEADS for word in asked.split() for sign in word):
        return all(any(leads.startswith(word) for leads in _leads(name)) for word in asked.split())
    words = words_of(name)
    places = [*words, "".join(words)]
    return all(any(word in place for place in places) for word in words_of(asked))
