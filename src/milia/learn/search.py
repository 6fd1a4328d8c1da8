"""Full-text search over the library: tantivy finds passages, their likeness to the question says how sure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from milia.language import ENGLISH, Language
from milia.learn.articles import Article, Question, Reference, Section
from milia.learn.library import Library
from milia.learn.text import cited, to_plain
from milia.learn.words import english_words, rules, says_little, tokens, vocabularies

CANDIDATES = 20
BEGINNING = re.compile(r"[a-z]+\*")
LEAST_ALIKE = 0.15
SECTION = 0.8
"""A section is broader than a question's short answer, and has to fit better to be taken."""
LITTLE = 0.3
UNKNOWN = 0.75
"""Weight of a term that no passage holds, as a share of the rarest one's: people tell more than they ask."""
"""Weight of a term that is an ending more often than a word."""
BOOSTS = {"ask": 3.0, "title": 2.0, "text": 1.0}


@dataclass(frozen=True, slots=True)
class Passage:
    """One answerable piece: a question with its short answer, or a section of an article."""

    article: Article
    question: Question | None
    section: Section | None

    @property
    def anchor(self) -> str:
        """Its anchor on the article's page."""
        if self.question is not None:
            return f"q-{self.question.id}"
        assert self.section is not None
        return self.section.id

    @property
    def title(self) -> str:
        """The question, or the section's heading."""
        if self.question is not None:
            return self.question.ask
        assert self.section is not None
        return self.section.title or self.article.title

    @property
    def text(self) -> str:
        """The answer or the section as plain text."""
        return to_plain(self.question.answer if self.question is not None else self._section_text())

    @property
    def phrasings(self) -> tuple[str, ...]:
        """The ways in which somebody would ask for it."""
        if self.question is not None:
            return (self.question.ask, *self.question.also)
        return (self.title, f"{self.article.title} {self.title}")

    @property
    def references(self) -> tuple[Reference, ...]:
        """The sources that its text cites, in the article's order."""
        text = self.question.answer if self.question is not None else self._section_text()
        ids = cited(text)
        return tuple(reference for reference in self.article.references if reference.id in ids)

    def _section_text(self) -> str:
        assert self.section is not None
        return self.section.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage and how surely it is about the question: 0 to 1."""

    passage: Passage
    sure: float


class Index:
    """The passages of one language, searchable."""

    def __init__(self, library: Library, language: Language) -> None:
        """Read the passages of a language and build the index in memory."""
        self.language = language
        self.passages = passages(library, language)
        self._phrasings = [[Counter(tokens(p, language)) for p in one.phrasings] for one in self.passages]
        self._terms = [_terms(one, language) for one in self.passages]
        uncovered = rules("not_covered.yaml")["not_covered"][language.tag]
        self._foreign = [Counter(tokens(phrase, language)) for phrase in uncovered]
        examples = rules("warning_examples.yaml")["examples"][language.tag]
        self._examples = [
            (sign, Counter(tokens(said, language))) for sign, group in examples.items() for said in group
        ]
        counts = Counter(term for terms in self._terms for term in terms)
        total = len(self.passages)
        self._weights = {
            term: math.log(1.0 + (total - n + 0.5) / (n + 0.5)) for term, n in sorted(counts.items())
        }
        self._rare = math.log(1.0 + (total + 0.5) / 0.5)
        self._index = _built(self.passages, language) if self.passages else None

    def weight(self, term: str) -> float:
        """Return how much a term says: much for a rare one, most for one that no passage holds."""
        return self._weights.get(term, UNKNOWN * self._rare) * (LITTLE if says_little(term) else 1.0)

    def knows(self, term: str) -> bool:
        """Say whether any passage holds a term."""
        return term in self._weights

    def search(self, question: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """Return the passages nearest to a question, surest first."""
        asked = Counter(tokens(question, self.language))
        if self._index is None or not any(self.knows(term) for term in asked):
            return ()
        hits = [Hit(self.passages[n], self._sure(asked, n)) for n in self._candidates(asked)]
        # The order of the library breaks ties, so that the same question has the same answer.
        return tuple(sorted(hits, key=lambda hit: -hit.sure)[:limit])

    def foreign(self, question: str) -> float:
        """Return how like the nearest question the library does not cover this one is: 0 to 1."""
        asked = Counter(tokens(question, self.language))
        return self._alike(asked, self._foreign) if asked else 0.0

    def alarm(self, question: str) -> tuple[str, float]:
        """Return the warning sign whose example is most like a question, and how like: 0 to 1."""
        asked = Counter(tokens(question, self.language))
        found = [(self._alike(asked, [said]), sign) for sign, said in self._examples] if asked else []
        alike, sign = max(found, default=(0.0, ""), key=lambda pair: pair[0])
        return sign, alike

    def nearest(self, question: str) -> float:
        """Return how like the nearest phrasing of any passage a question is: 0 to 1."""
        asked = Counter(tokens(question, self.language))
        return max((self._alike(asked, one) for one in self._phrasings), default=0.0) if asked else 0.0

    def _candidates(self, asked: Mapping[str, int]) -> list[int]:
        from tantivy import Occur, Query

        assert self._index is not None
        schema = self._index.schema
        parts = [
            (Occur.Should, Query.boost_query(Query.term_query(schema, field, term), boost))
            for term in sorted(asked)
            for field, boost in BOOSTS.items()
        ]
        searcher = self._index.searcher()
        found = searcher.search(Query.boolean_query(parts), CANDIDATES).hits
        return sorted(searcher.doc(address)["number"][0] for _, address in found)

    def _sure(self, asked: Mapping[str, int], number: int) -> float:
        """Return the mean of the question's share in the passage and its likeness to a phrasing."""
        total = sum(self.weight(term) for term in asked)
        held = sum(self.weight(term) for term in asked if term in self._terms[number])
        alike = self._alike(asked, self._phrasings[number])
        # A text that only happens to hold the words, and that nobody would ask for like this, is no answer.
        whole = 1.0 if self.passages[number].question is not None else SECTION
        return whole * 0.5 * (held / total + alike) if alike >= LEAST_ALIKE else 0.0

    def _alike(self, asked: Mapping[str, int], phrasings: Iterable[Mapping[str, int]]) -> float:
        """Return the likeness to the nearest phrasing: half its share in the question, half in both."""
        total = sum(self.weight(term) for term in asked)
        nearest = 0.0
        for phrasing in phrasings:
            both = sum(self.weight(term) for term in asked if term in phrasing)
            whole = total + sum(self.weight(term) for term in phrasing)
            nearest = max(nearest, 0.5 * both / total + both / whole if whole else 0.0)
        return nearest


def passages(library: Library, language: Language) -> tuple[Passage, ...]:
    """Return every passage of a language: an article's questions, then its sections."""
    found: list[Passage] = []
    for article in library.of(language):
        found += [Passage(article, question, None) for question in article.questions]
        found += [Passage(article, None, section) for section in article.sections]
    return tuple(found)


def _terms(passage: Passage, language: Language) -> frozenset[str]:
    texts = (*passage.phrasings, passage.text)
    return frozenset(term for text in texts for term in tokens(text, language))


def _built(found: Iterable[Passage], language: Language) -> Any:
    import tantivy

    schema = tantivy.SchemaBuilder().add_integer_field("number", stored=True)
    for field in BOOSTS:
        # Terms come ready made, one rule for index and question: the index only splits at blanks.
        schema = schema.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    index = tantivy.Index(schema.build())
    writer = index.writer(15_000_000, 1)
    for number, passage in enumerate(found):
        document = tantivy.Document()
        document.add_integer("number", number)
        asks = passage.phrasings if passage.question is not None else ()
        document.add_text("ask", " ".join(term for text in asks for term in tokens(text, language)))
        document.add_text("title", " ".join(tokens(passage.title, language)))
        document.add_text("text", " ".join(tokens(passage.text, language)))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


@lru_cache(maxsize=16)
def index_of(library: Library, language: Language) -> Index:
    """Return the index of a library's language, built once."""
    return Index(library, language)


class Spelling:
    """Corrects a slip in an English word that the library does not know, where one known word is near."""

    def __init__(self, library: Library) -> None:
        """Collect the words of the library's English texts."""
        known: Counter[str] = Counter()
        for passage in passages(library, ENGLISH):
            for text in (*passage.phrasings, passage.text):
                known.update(english_words(text))
        vocabulary = vocabularies()["en"]
        for word in (*vocabulary.drop, *vocabulary.same, *vocabulary.same.values()):
            known.update(english_words(word))
        for entry in rules("signs.yaml")["signs"]:
            for line in entry["en"]["any"]:
                # Whole words only: the beginning of one is no spelling to correct to.
                known.update(english_words(BEGINNING.sub(" ", line)))
        self.known = known

    def corrected(self, text: str) -> str:
        """Return the text with its slips corrected."""
        return " ".join(word if word in self.known else self._near(word) for word in english_words(text))

    def share_known(self, text: str) -> float:
        """Return the share of a text's words that are known."""
        words = english_words(text)
        return sum(word in self.known for word in words) / len(words) if words else 0.0

    def _near(self, word: str) -> str:
        if len(word) < 5:
            return word
        near = [known for known in self.known if known[:1] == word[:1] and one_slip(word, known)]
        return min(near, key=lambda known: (-self.known[known], known)) if near else word


def one_slip(written: str, meant: str) -> bool:
    """Say whether one missing, added, wrong or swapped letter makes one word of the other."""
    if abs(len(written) - len(meant)) > 1 or written == meant:
        return False
    short, long = sorted((written, meant), key=len)
    start = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) != len(long):
        return short[start:] == long[start + 1 :]
    rest = slice(start + 1, None)
    swapped = (
        short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    )
    return short[rest] == long[rest] or swapped


@lru_cache(maxsize=4)
def spelling_of(library: Library) -> Spelling:
    """Return the spelling of a library's English, made once."""
    return Spelling(library)
