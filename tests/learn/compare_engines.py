"""Measures two full-text engines on the questions of the tests; run by hand.

Both get the same ready-made terms, so that only the engine differs. Printed: how often the right passage
comes first, how often it is among the first twenty, and the times for one index and one query.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from milia.language import Language
from milia.learn import load_library
from milia.learn.search import CANDIDATES, Index, Passage, index_of
from milia.learn.words import script_language, tokens

FOLDER = Path(__file__).parent / "questions"
Find = Callable[[str, int], list[int]]


def fields(passage: Passage, language: Language) -> tuple[str, str, str]:
    asks = passage.phrasings if passage.question is not None else ()
    return (
        " ".join(term for text in asks for term in tokens(text, language)),
        " ".join(tokens(passage.title, language)),
        " ".join(tokens(passage.text, language)),
    )


def fts5(index: Index) -> Find:
    base = sqlite3.connect(":memory:")
    base.execute("create virtual table p using fts5(ask, title, text, tokenize='unicode61')")
    for number, passage in enumerate(index.passages):
        base.execute(
            "insert into p(rowid, ask, title, text) values (?, ?, ?, ?)",
            (number, *fields(passage, index.language)),
        )

    def find(question: str, limit: int) -> list[int]:
        terms = " OR ".join(f'"{term}"' for term in dict.fromkeys(tokens(question, index.language)))
        if not terms:
            return []
        query = "select rowid from p where p match ? order by bm25(p, 3.0, 2.0, 1.0), rowid limit ?"
        return [row[0] for row in base.execute(query, (terms, limit))]

    return find


def tantivy(index: Index) -> Find:
    from tantivy import Occur, Query

    from milia.learn.search import BOOSTS, _built

    built = _built(index.passages, index.language)

    def find(question: str, limit: int) -> list[int]:
        parts = [
            (Occur.Should, Query.boost_query(Query.term_query(built.schema, field, term), boost))
            for term in dict.fromkeys(tokens(question, index.language))
            for field, boost in BOOSTS.items()
        ]
        if not parts:
            return []
        searcher = built.searcher()
        return [
            searcher.doc(at)["number"][0] for _, at in searcher.search(Query.boolean_query(parts), limit).hits
        ]

    return find


def main() -> None:
    library = load_library()
    asked = [
        (entry["ask"], script_language(entry["ask"]) or library.languages[0], entry["expect"])
        for name in ("development", "held_out")
        for entry in yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["questions"]
        if entry["lang"] and not isinstance(entry["expect"], dict) and "clinic" not in entry["expect"]
    ]
    print(f"{len(asked)} questions")
    for name, engine in (("tantivy", tantivy), ("SQLite FTS5", fts5)):
        started = time.perf_counter()
        finders = {one.tag: engine(index_of(library, one)) for one in library.languages}
        made = (time.perf_counter() - started) / len(finders)
        first = among = 0
        started = time.perf_counter()
        for question, language, expected in asked:
            right = [expected] if isinstance(expected, str) else expected
            found = [
                passage.question.id if (passage := index_of(library, language).passages[n]).question else ""
                for n in finders[language.tag](question, CANDIDATES)
            ]
            first += bool(found) and found[0] in right
            among += any(one in right for one in found)
        took = (time.perf_counter() - started) / len(asked)
        print(
            f"{name:12} first {first / len(asked):.0%}  in {CANDIDATES} {among / len(asked):.0%}  "
            f"index {1e3 * made:.0f} ms  query {1e3 * took:.2f} ms"
        )


if __name__ == "__main__":
    main()
