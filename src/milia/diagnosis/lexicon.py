"""Turns short phrases in the clinician's words into terms: present, absent or not understood."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from milia.diagnosis.data import Field, load_field

NEAREST_CUTOFF = 0.86
"""Lowest likeness at which a misspelt word is read as a known one."""

_STOP_WORDS = """
the a an of on in at to and with her his their is was were are be as from for by over under into this that
some any also very slightly mildly left right own since about
"""
_STOP = frozenset(_STOP_WORDS.split())
_NO = "no non not without deny denies denied never absent neither nor none excluded negative normal"
_NO_AFTER = "absent negative denied denies none normal excluded unaffected"
_KOREAN_NO = ("없음", "없다", "없는", "없고", "없이", "음성", "아님", "아니", "부인", "정상")
_BREAK = re.compile(
    r";|\.\s|\bbut\b|\bexcept\b|\bapart from\b|\balthough\b|\bhowever\b|\bdespite\b", re.IGNORECASE
)
_TOKEN = re.compile(r"[a-z0-9]+|[가-힣]+")
_SCOPED = ("content", "dermoscopy")
_TERMS, _SITES = "term", "site"
_READ_IN = {"dermoscopy": ("dermoscopy", "sign"), "extractable_content": ("content",)}
"""Inputs whose terms alone are looked for in a field; elsewhere every term may be named."""


@dataclass(frozen=True, slots=True)
class Match:
    """One term found in a phrase."""

    term: str
    present: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase was taken to mean."""

    matches: tuple[Match, ...]
    understood: bool
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Word:
    term: str
    kind: str
    stems: tuple[str, ...]
    scope: str | None
    text: str


def plain(text: str) -> str:
    """Fold case, accents and typography, so that spelling variants meet."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Hangul must stay composed: NFD would take its syllables apart.
    latin = "".join(
        c
        if "가" <= c <= "힣"
        else "".join(p for p in unicodedata.normalize("NFD", c) if not unicodedata.combining(p))
        for c in folded
    )
    return latin.replace("'s", "").replace("’s", "")


@functools.lru_cache(maxsize=8192)
def stem(token: str) -> str:
    """Strip endings and British spellings alike from phrase and dictionary."""
    if not token.isascii() or len(token) < 4:
        return token
    word = (
        token.replace("ae", "e")
        .replace("oe", "e")
        .replace("our", "or")
        .replace("z", "s")
        .replace("aev", "ev")
    )
    for ending, put in (
        ("ical", "ic"),
        ("ies", "y"),
        ("ously", "ous"),
        ("idly", "id"),
        ("lowly", "low"),
        ("ally", "al"),
        ("ing", ""),
        ("ed", ""),
        ("es", "e"),
        ("s", ""),
    ):
        if (
            word.endswith(ending)
            and len(word) - len(ending) >= 3
            and not (ending == "s" and word[-2] in "siu")
        ):
            word = word[: -len(ending)] + put
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 4 else word


def tokens_of(text: str) -> list[str]:
    """Cut plain text into stems, stop words left out."""
    return [stem(t) for t in _TOKEN.findall(plain(text)) if t not in _STOP]


_NEGATORS = frozenset(stem(word) for word in _NO.split())
_AFTER = frozenset(stem(word) for word in _NO_AFTER.split())


class Lexicon:
    """All words of the terms, indexed by their first stem."""

    def __init__(self, field: Field) -> None:
        """Index the words of terms and the words of sites."""
        self._input = {term.id: term.input for term in field.terms.values()}
        self._latin: dict[str, list[_Word]] = {}
        self._korean: list[_Word] = []
        self._texts: list[tuple[str, int]] = []
        self._with_gram: dict[str, list[int]] = {}
        for id, words in _entries(field):
            for text in words:
                self._add(id, text)
        self._vocabulary = sorted(
            {s for ws in self._latin.values() for w in ws for s in w.stems if len(s) >= 5}
        )
        self._known = {s for ws in self._latin.values() for w in ws for s in w.stems}

    def _add(self, id: str, text: str) -> None:
        scope, _, rest = text.partition(":")
        if scope not in _SCOPED:
            scope, rest = "", text
        rest = rest.strip()
        kind = _SITES if id.startswith("site:") else _TERMS
        if any("가" <= c <= "힣" for c in rest):
            self._korean.append(_Word(id, kind, (plain(rest).replace(" ", ""),), scope or None, rest))
        else:
            stems = tuple(tokens_of(rest))
            if stems:
                self._latin.setdefault(stems[0], []).append(_Word(id, kind, stems, scope or None, rest))
        if kind == _TERMS:
            grams = _trigrams(rest)
            for gram in grams:
                self._with_gram.setdefault(gram, []).append(len(self._texts))
            self._texts.append((rest, len(grams)))

    @functools.lru_cache(maxsize=4096)  # noqa: B019 - one lexicon lives as long as the process
    def read(self, phrase: str, key: str) -> Reading:
        """Return what a phrase says.

        Parameters
        ----------
        phrase
            Words of the clinician, English or Korean.
        key
            Input that holds the phrase; some words mean something only in one input.
        """
        scope = "content" if key == "extractable_content" else "dermoscopy" if key == "dermoscopy" else None
        inputs = _READ_IN.get(key)
        found: dict[str, bool | None] = {}
        for clause in _BREAK.split(phrase.replace("_", " ")):
            for words in (_TERMS, _SITES) if key == "sites_other" else (_TERMS,):
                for term, state in (
                    *self._latin_matches(clause, scope, words),
                    *self._korean_matches(clause, scope, words),
                ):
                    if inputs and self._input[term] not in inputs:
                        continue
                    found[term] = found.get(term) or state
        matches = tuple(Match(term, state) for term, state in found.items() if state is not None)
        return Reading(matches, bool(found), () if found else self.nearest(phrase))

    def nearest(self, phrase: str, count: int = 3) -> tuple[str, ...]:
        """Return the known words most like the phrase."""
        # A single word that comes near counts too: long phrases share little with any short entry.
        best: dict[int, float] = {}
        for part in (phrase, *(t for t in _TOKEN.findall(plain(phrase)) if len(t) > 3)):
            grams = _trigrams(part)
            shared = Counter(i for gram in grams for i in self._with_gram.get(gram, ()))
            for i, both in shared.items():
                likeness = both / (len(grams) + self._texts[i][1] - both)
                best[i] = max(best.get(i, 0.0), likeness)
        scored = sorted((-likeness, self._texts[i][0]) for i, likeness in best.items())
        return tuple(dict.fromkeys(text for _, text in scored[:count]))

    def _latin_matches(self, clause: str, scope: str | None, kind: str) -> Iterator[tuple[str, bool | None]]:
        segments = clause.split(",")
        words = set(" ".join(segments[1:]).lower().split())
        listed = bool(words & {"or", "nor"}) or (
            segments[0].strip().lower().startswith("normal") and "and" in words
        )
        negated = False
        for segment in segments:
            tokens = [self._repaired(t) for t in tokens_of(segment)]
            negated = negated and listed
            yield from self._segment_matches(tokens, scope, kind, carried=negated)
            negated = negated or bool(tokens and tokens[0] in _NEGATORS)

    def _segment_matches(
        self, tokens: list[str], scope: str | None, kind: str, *, carried: bool
    ) -> Iterator[tuple[str, bool | None]]:
        candidates = []
        for start, token in enumerate(tokens):
            for word in self._latin.get(token, ()):
                if (word.scope and word.scope != scope) or word.kind != kind:
                    continue
                places = _places(tokens, start, word.stems)
                if places:
                    gaps = places[-1] - places[0] + 1 - len(places)
                    # A word of the input's own scope beats an equally long general one.
                    candidates.append((-len(places), gaps, word.scope is None, start, places, word.term))
        taken: set[int] = set()
        kept = []
        for *_, places, term in sorted(candidates):
            if not taken.intersection(places):
                taken.update(places)
                kept.append((places, term))
        for places, term in sorted(kept):
            yield term, _state(tokens, places, taken, carried=carried)

    def _korean_matches(self, clause: str, scope: str | None, kind: str) -> Iterator[tuple[str, bool | None]]:
        text = plain(clause).replace(" ", "")
        if not any("가" <= c <= "힣" for c in text):
            return
        for word in sorted(self._korean, key=lambda w: (-len(w.stems[0]), w.term)):
            if (word.scope and word.scope != scope) or word.kind != kind:
                continue
            at = text.find(word.stems[0])
            if at >= 0:
                after = text[at + len(word.stems[0]) :]
                text = text[:at] + "·" + after
                yield word.term, not any(no in after[:8] for no in _KOREAN_NO)

    def _repaired(self, token: str) -> str:
        if token in self._known or token in _NEGATORS or len(token) < 5 or not token.isalpha():
            return token
        return _closest(token, tuple(self._vocabulary)) or token


@functools.lru_cache(maxsize=4096)
def _closest(token: str, vocabulary: tuple[str, ...]) -> str | None:
    near = [
        w
        for w in vocabulary
        if abs(len(w) - len(token)) <= 2 and w[0] == token[0] and not _opposite(w, token)
    ]
    close = difflib.get_close_matches(token, near, n=1, cutoff=NEAREST_CUTOFF)
    return close[0] if close else None


def _opposite(one: str, other: str) -> bool:
    """Hyper- and hypo- are two letters apart and mean the opposite."""
    return one.startswith("hyper") != other.startswith("hyper") and one.startswith(
        "hypo"
    ) != other.startswith("hypo")


def _entries(field: Field) -> Iterator[tuple[str, tuple[str, ...]]]:
    for term in field.terms.values():
        yield term.id, (*term.words, term.title) if len(tokens_of(term.title)) <= 4 else term.words
    for (feature, value), words in field.words.items():
        if feature.startswith("sites"):
            yield f"site:{value}", (value.replace("_", " "), *words)


def _places(tokens: list[str], start: int, stems: tuple[str, ...]) -> tuple[int, ...] | None:
    """Find the stems in order from ``start``, with room for two other words in between."""
    places = [start]
    at = start
    for wanted in stems[1:]:
        window = range(at + 1, min(len(tokens), at + 4))
        at = next((i for i in window if tokens[i] == wanted), -1)
        if at < 0 or any(tokens[i] in _NEGATORS for i in range(places[-1] + 1, at)):
            return None
        places.append(at)
    return tuple(places) if places[-1] - start + 1 - len(stems) <= 2 else None


def _state(tokens: list[str], places: tuple[int, ...], taken: set[int], *, carried: bool) -> bool | None:
    """Present, absent, or ``None`` where only another one is denied ("no other trauma")."""
    before = [i for i in range(places[0]) if tokens[i] in _NEGATORS and i not in taken]
    if before:
        return None if "other" in tokens[before[-1] : places[0]] else False
    after = [i for i in range(places[-1] + 1, len(tokens)) if i not in taken]
    if any(tokens[i] in _AFTER for i in after[:3]):
        return False
    return not carried


def _trigrams(text: str) -> frozenset[str]:
    padded = f"  {plain(text)} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


@functools.lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Build the lexicon once per process."""
    return Lexicon(load_field())
