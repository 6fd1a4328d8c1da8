"""The search page's data: a language's passages and the warning signs, as one script file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from milia.language import LANGUAGES, Language
from milia.learn.library import Library
from milia.learn.search import passages
from milia.learn.signs import signs, sources_of
from milia.learn.site.pages import Site
from milia.learn.words import rules, vocabularies


def search_data(library: Library, site: Site, language: Language) -> str:
    """Return the data of a language's search page.

    It is a script and not a JSON file, because a page opened from a folder may load no JSON.
    """
    vocabulary = vocabularies()[language.tag]
    found = {
        "passages": [
            {
                "n": number,
                "title": passage.title,
                "ask": " ".join(passage.phrasings),
                "text": passage.text,
                "article": passage.article.title,
                "address": f"{passage.article.slug}.html#{passage.anchor}",
            }
            for number, passage in enumerate(passages(library, language))
        ],
        "drop": _longest_first(vocabulary.drop),
        "same": [[word, vocabulary.same[word]] for word in _longest_first(vocabulary.same)],
        "signs": [_sign(sign.id, language) for sign in signs()],
        "simplified": _simplified(),
        "tag": language.tag,
        "phone": site.phone or "",
    }
    written = json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    # "</" would end a script element, should somebody paste this file into a page.
    safe = written.replace("</", "<\\u002f").replace("\u2028", "").replace("\u2029", "")
    return "var miliaData=" + safe + ";\n"


def _longest_first(said: Iterable[str]) -> list[str]:
    return sorted(said, key=lambda word: (-len(word), word))


def _sign(id: str, language: Language) -> dict[str, Any]:
    sign = next(one for one in signs() if one.id == id)
    tags = dict.fromkeys((language.tag, "en"))
    return {
        "sign": sign.text(language),
        "action": sign.action(language),
        "rules": [{"tag": tag, **sources_of(id, tag)} for tag in tags if tag in {k.tag for k in LANGUAGES}],
    }


def _simplified() -> dict[str, str]:
    return {pair[0]: pair[1] for pair in rules("words.yaml")["simplified"].split() if pair[0] != pair[1]}
