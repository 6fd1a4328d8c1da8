"""The library: Milia's own articles, a clinic's columns laid over them, and its recorded reviews."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from milia.base import InputError, nearest
from milia.knowledge import Knowledge, load_knowledge
from milia.language import LANGUAGES, Language
from milia.learn.articles import Article
from milia.learn.front_matter import article_from
from milia.learn.reviews import REVIEWS_FILE, read_reviews
from milia.learn.text import has_images, links

LIBRARY_FOLDER = Path(__file__).parent / "library"
ORDER = (
    *("what-milia-are", "why-they-come", "look-alikes", "how-they-are-treated", "eyes-and-thin-skin"),
    *("never-squeeze", "choosing-a-clinic", "after-the-treatment", "prevention", "newborns-and-children"),
)
"""The order in which the package's own articles are shown."""

MOST_FILES = 2000


@dataclass(frozen=True)
class Library:
    """Every article by name and language."""

    articles: tuple[Article, ...]

    def __iter__(self) -> Iterator[Article]:
        return iter(self.articles)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages that have at least one article, in Milia's order."""
        tags = {article.language.tag for article in self.articles}
        return tuple(known for known in LANGUAGES if known.tag in tags)

    def of(self, language: Language) -> tuple[Article, ...]:
        """Return a language's articles: a clinic's own, newest first, then the package's in their order."""
        own = [one for one in self.articles if one.language == language and one.slug not in ORDER]
        rest = [one for one in self.articles if one.language == language and one.slug in ORDER]
        own.sort(key=lambda one: one.slug)
        own.sort(key=lambda one: one.date, reverse=True)
        return (*own, *sorted(rest, key=lambda one: ORDER.index(one.slug)))

    def article(self, slug: str, language: Language) -> Article | None:
        """Return one article, or None."""
        return next((one for one in self.articles if one.slug == slug and one.language == language), None)

    def in_all_languages(self, slug: str) -> tuple[Article, ...]:
        """Return an article in each of its languages, in Milia's order."""
        return tuple(one for known in LANGUAGES if (one := self.article(slug, known)) is not None)

    def reviewed_only(self) -> Library:
        """Return the articles that a named person has reviewed; links to the others are gone."""
        kept = [one for one in self.articles if one.review is not None]
        names = {(one.slug, one.language.tag) for one in kept}
        return Library(
            tuple(
                replace(one, related=tuple(slug for slug in one.related if (slug, one.language.tag) in names))
                for one in kept
            )
        )


def load_library(content: str | os.PathLike[str] | None = None) -> Library:
    """Read the library.

    Parameters
    ----------
    content
        A folder with a clinic's own columns (``slug.language.md``), of which one with the name of a built-in
        article takes its place, and, if there is one, ``reviews.yaml``. None for the package's own articles.

    Raises
    ------
    InputError
        Naming the file and the key that cannot be used.
    """
    built_in = _built_in()
    if content is None:
        return built_in
    folder = Path(content)
    knowledge = load_knowledge()
    found = {(one.slug, one.language.tag): one for one in built_in.articles}
    for path in _files(folder):
        article = _read(path, shown=os.fspath(path), own=True, knowledge=knowledge)
        found[article.slug, article.language.tag] = article
    library = Library(tuple(found[key] for key in sorted(found)))
    reviews = folder / REVIEWS_FILE
    if reviews.exists():
        library = Library(read_reviews(reviews, library.articles))
    _check(library.articles)
    return library


@lru_cache(maxsize=1)
def _built_in() -> Library:
    knowledge = load_knowledge()
    files = sorted(LIBRARY_FOLDER.glob("*.md"))
    articles = tuple(_read(path, shown=path.name, own=False, knowledge=knowledge) for path in files)
    _check(articles)
    return Library(tuple(sorted(articles, key=lambda one: (one.slug, one.language.tag))))


def _files(folder: Path) -> list[Path]:
    accepted = "a folder with Markdown files"
    if not folder.is_dir():
        raise InputError("there is no such folder", key="--content", value=str(folder), accepted=accepted)
    found = sorted(path for path in folder.iterdir() if path.name.endswith(".md"))
    if len(found) > MOST_FILES:
        raise InputError(
            f"the folder holds {len(found)} Markdown files",
            key="--content",
            value=str(folder),
            accepted=f"at most {MOST_FILES}",
        )
    if not found and not (folder / REVIEWS_FILE).exists():
        raise InputError("the folder holds no article", key="--content", value=str(folder), accepted=accepted)
    return found


def _read(path: Path, *, shown: str, own: bool, knowledge: Knowledge) -> Article:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise InputError(f"the file cannot be read ({reason})", file=shown) from None
    return article_from(data, name=path.name, shown=shown, own=own, knowledge=knowledge)


def _check(articles: Iterable[Article]) -> None:
    """Refuse links to nowhere: within its language an article's related names and links have to exist."""
    everything = tuple(articles)
    names = {(one.slug, one.language.tag): one for one in everything}
    for article in everything:
        tag = article.language.tag
        known = [slug for slug, found in names if found == tag]
        for index, slug in enumerate(article.related):
            if slug not in known:
                _refuse(article, f"related[{index}]", slug, known)
        texts = [section.text for section in article.sections]
        texts += [question.answer for question in article.questions]
        for text in (*texts, article.summary, *article.points):
            if has_images(text):
                raise InputError(
                    "pictures are not taken over",
                    file=article.file,
                    key="body",
                    accepted="Markdown without pictures",
                )
            for address in links(text):
                _check_link(article, address, names)


def _check_link(article: Article, address: str, names: dict[tuple[str, str], Article]) -> None:
    if address.startswith(("https://", "http://", "mailto:", "tel:")):
        return
    slug, _, anchor = address.partition("#")
    target = article if not slug else names.get((slug, article.language.tag))
    if target is None:
        _refuse(article, "body", address, [known for known, tag in names if tag == article.language.tag])
    elif anchor and anchor not in {section.id for section in target.sections}:
        _refuse(article, "body", address, [f"{slug}#{section.id}" for section in target.sections])


def _refuse(article: Article, key: str, value: str, known: list[str]) -> None:
    close = nearest(value, known)
    hint = f"; did you mean {close}?" if close else ""
    raise InputError(
        f"there is no such article in this language{hint}",
        file=article.file,
        key=key,
        value=value,
        accepted="the name of an article, or https://…",
    )
