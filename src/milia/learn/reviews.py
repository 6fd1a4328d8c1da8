"""The reviews a clinic records: who has read which text, and when; a changed text is reviewed no more."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from milia.base import InputError, as_list, as_mapping, check_keys, parse_choice, read_yaml_mapping
from milia.learn.articles import Article, Review

REVIEWS_FILE = "reviews.yaml"
KEYS = ("article", "language", "reviewer", "reviewed", "text")
LONGEST_NAME = 120


def read_reviews(path: Path, articles: Iterable[Article]) -> tuple[Article, ...]:
    """Return the articles with the reviews of a file.

    Parameters
    ----------
    path
        ``reviews.yaml``: a list ``reviews`` of sections with article, language, reviewer, reviewed and text,
        the checksum that ``milia learn list`` prints.
    articles
        The articles that the reviews may be about.

    Raises
    ------
    InputError
        If a review names no article, or a text that has changed since.
    """
    file = os.fspath(path)
    content = read_yaml_mapping(path)
    check_keys(content, ("reviews",), key=None, file=file)
    accepted = f"a list of sections with {', '.join(KEYS)}"
    entries = as_list(content.get("reviews"), key="reviews", file=file, accepted=accepted)
    found = {(one.slug, one.language.tag): one for one in articles}
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(entries):
        key = f"reviews[{index}]"
        section = as_mapping(entry, key=key, file=file, accepted=accepted)
        check_keys(section, KEYS, key=key, file=file)
        slug = parse_choice(
            section.get("article"), sorted({s for s, _ in found}), key=f"{key}.article", file=file
        )
        tags = sorted(tag for known, tag in found if known == slug)
        tag = parse_choice(section.get("language"), tags, key=f"{key}.language", file=file)
        if (slug, tag) in seen:
            raise InputError(
                "this text is listed twice",
                file=file,
                key=key,
                value=f"{slug}.{tag}",
                accepted="each text once",
            )
        seen.add((slug, tag))
        found[slug, tag] = _reviewed(found[slug, tag], section, key, file)
    return tuple(found.values())


def _reviewed(article: Article, section: dict[str, Any], key: str, file: str) -> Article:
    text = section.get("text")
    if str(text) != article.checksum:
        raise InputError(
            "the text has changed since this review, or the checksum is missing: it has to be reviewed again",
            file=file,
            key=f"{key}.text",
            value=text if text is not None else "null",
            accepted=f"{article.checksum!r} in quotes, once the present text has been read",
        )
    reviewer = section.get("reviewer")
    if (
        not isinstance(reviewer, str)
        or not 1 <= len(reviewer.strip()) <= LONGEST_NAME
        or not reviewer.isprintable()
    ):
        raise InputError(
            "this is no name",
            file=file,
            key=f"{key}.reviewer",
            value=reviewer if reviewer is not None else "null",
            accepted=f"name and profession, up to {LONGEST_NAME} characters",
        )
    return replace(
        article, review=Review(reviewer.strip(), _day(section.get("reviewed"), f"{key}.reviewed", file))
    )


def _day(value: object, key: str, file: str) -> date:
    try:
        if not isinstance(value, str):
            raise ValueError
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise InputError(
            "this is not a day",
            file=file,
            key=key,
            value=value if value is not None else "null",
            accepted="a date such as 2026-12-01",
        ) from None
