"""How a question is read: normalised text, its language, and the terms that are searched for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from milia.language import ENGLISH, LANGUAGES, Language

_NOT_WORD = re.compile(r"[\W_]+")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN = re.compile(r"[a-z]+")
_RUNS = {
    "han": r"[\u3400-\u4dbf\u4e00-\u9fff\u3005]+",
    "hangul": r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]+",
    "katakana": r"[\u30a1-\u30ff]+",
    "hiragana": r"[\u3041-\u309f]+",
    "other": r"[^\W_\u1100-\u11ff\u3005\u3041-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]+",
}
_RUN = re.compile("|".join(f"(?P<{name}>{signs})" for name, signs in _RUNS.items()))
_HIRAGANA_ONLY = re.compile(_RUNS["hiragana"])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language's words that count as one, and those that say nothing."""

    same: Mapping[str, str]
    drop: frozenset[str]


def normalised(text: str) -> str:
    """Return a text in one case and one width, every run of other signs as one blank, none at the ends."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Invisible signs would cut a word in two.
    visible = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return _NOT_WORD.sub(" ", visible).strip()


def compact(text: str) -> str:
    """Return a normalised text without its blanks: where they stand differs from writer to writer."""
    return text.replace(" ", "")


def simplified(text: str) -> str:
    """Return Chinese text with the traditional signs of the rules' table as simplified ones."""
    return text.translate(_simplified())


def script_language(text: str) -> Language | None:
    """Return the language that a text's script tells: Korean, Japanese, Chinese; None for any other."""
    plain = normalised(text)
    if _HANGUL.search(plain):
        return _known("ko")
    if _KANA.search(plain):
        return _known("ja")
    if _HAN.search(plain):
        return _known("ja") if set(plain) & _japanese_only() else _known("zh-Hans")
    return None


def has_kana(text: str) -> bool:
    """Say whether a text has Japanese syllable signs."""
    return _KANA.search(normalised(text)) is not None


def is_latin(text: str) -> bool:
    """Say whether a text has Latin letters and no other ones."""
    letters = [sign for sign in normalised(text) if sign.isalpha()]
    return bool(letters) and all(sign < "\u0250" for sign in letters)


def tokens(text: str, language: Language) -> list[str]:
    """Return the terms of a text, in order: stems in English, elsewhere pairs of signs of one script.

    Words that the rules count as one are replaced by the first of them; those that say nothing are dropped.
    """
    plain = normalised(text)
    if language == ENGLISH:
        return _english(plain)
    vocabulary = vocabularies()[language.tag]
    if language.tag == "zh-Hans":
        plain = simplified(plain)
    plain = _replaced(plain, vocabulary)
    found: list[str] = []
    for run in _RUN.finditer(plain):
        if run.lastgroup == "hiragana" and len(run[0]) == 1:
            continue  # a particle
        found += [run[0]] if run.lastgroup == "other" else _pairs(run[0])
    return found


def says_little(term: str) -> bool:
    """Say whether a term is of hiragana alone: endings and particles more often than a word."""
    return _HIRAGANA_ONLY.fullmatch(term) is not None


def _replaced(plain: str, vocabulary: Vocabulary) -> str:
    pattern = _alternation(vocabulary.same)
    said = pattern.sub(lambda word: f" {vocabulary.same[word[0]]} ", plain)
    return _alternation(vocabulary.drop).sub(" ", said)


def _english(plain: str) -> list[str]:
    vocabulary = vocabularies()["en"]
    said = f" {plain} "
    for phrase in sorted((p for p in vocabulary.same if " " in p), key=lambda p: (-len(p), p)):
        said = said.replace(f" {phrase} ", f" {vocabulary.same[phrase]} ")
    words = [vocabulary.same.get(word, word) for word in said.split()]
    kept = [part for word in words for part in word.split() if part not in vocabulary.drop]
    return [term for term in _stemmer().analyze(" ".join(kept)) if term]


def english_words(text: str) -> list[str]:
    """Return the Latin words of a text as they are written."""
    return _LATIN.findall(normalised(text))


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[index : index + 2] for index in range(len(run) - 1)]


@lru_cache(maxsize=1)
def vocabularies() -> Mapping[str, Vocabulary]:
    """Return the words of every language."""
    found = {}
    for tag, section in rules("words.yaml")["words"].items():
        same = {}
        for line in section["same"]:
            for word in line:
                same[normalised(str(word))] = normalised(str(line[0]))
        drop = frozenset(normalised(_word(word)) for word in section["drop"])
        found[tag] = Vocabulary(same, drop)
    return found


@lru_cache(maxsize=8)
def rules(name: str) -> dict[str, Any]:
    """Return one of the package's rule files."""
    text = resources.files("milia.learn").joinpath(f"rules/{name}").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return found


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    return (
        builder.filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    pairs = rules("words.yaml")["simplified"].split()
    return {ord(pair[0]): pair[1] for pair in pairs}


@lru_cache(maxsize=1)
def _japanese_only() -> frozenset[str]:
    return frozenset(rules("words.yaml")["japanese_only"])


_PATTERNS: dict[frozenset[str], re.Pattern[str]] = {}


def _alternation(words: Iterable[str]) -> re.Pattern[str]:
    key = frozenset(words)
    if key not in _PATTERNS:
        longest_first = sorted(key, key=lambda word: (-len(word), word))
        _PATTERNS[key] = re.compile("|".join(re.escape(word) for word in longest_first))
    return _PATTERNS[key]


def _known(tag: str) -> Language:
    return next(known for known in LANGUAGES if known.tag == tag)


def _word(word: object) -> str:
    # YAML reads the words no, on and yes as truth values.
    return {True: "yes", False: "no"}.get(word, str(word)) if isinstance(word, bool) else str(word)
