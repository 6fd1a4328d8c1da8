"""From one Markdown file with YAML front matter to one checked article."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from milia.base import InputError, as_list, as_mapping, check_keys, nearest, parse_choice, parse_yaml_mapping
from milia.knowledge import Knowledge, KnowledgeError
from milia.language import LANGUAGES, Language
from milia.learn.articles import TOPICS, Article, Question, Reference, Review
from milia.learn.text import cited, filled, split_sections

NEEDED = ("title", "summary", "author", "date", "reviewer", "language", "sources")
KEYS = (*NEEDED, "reviewed", "points", "related", "questions")
QUESTION_KEYS = ("id", "ask", "also", "answer", "topic")
SOURCE_KEYS = ("id", "citation", "url")
RESERVED = frozenset({"index", "questions", "search", "feed"})
NO_REVIEWER = "none"
LONGEST = {
    "title": 120,
    "summary": 500,
    "point": 240,
    "name": 120,
    "ask": 160,
    "answer": 700,
    "citation": 400,
}
MOST_BYTES = 256 << 10

_NAME = re.compile(r"(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)\.(?P<tag>[A-Za-z]{2}(?:-[A-Za-z]+)?)\.md")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SOURCE_ID = re.compile(r"[a-z0-9_]+")
_SCRIPT = re.compile(r"<\s*/?\s*script", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _File:
    """What every check needs: the file's name, its language and the knowledge base."""

    name: str
    language: Language
    knowledge: Knowledge


def article_from(data: bytes, *, name: str, shown: str, own: bool, knowledge: Knowledge) -> Article:
    """Read one article.

    Parameters
    ----------
    data
        The file.
    name
        Its name, ``slug.language.md``.
    shown
        How it is named in messages.
    own
        Whether it is a clinic's own.
    knowledge
        Where source ids and numbers are looked up.

    Raises
    ------
    InputError
        Naming file, key, value and what is accepted.
    """
    slug, tagged = _named(name, shown)
    text = _decoded(data, shown)
    _refuse_scripts(text, shown)
    head, body = _split(text, shown)
    # An empty line takes the place of the opening ---, so that line numbers in messages stay right.
    front = parse_yaml_mapping(f"\n{head}", file=shown)
    check_keys(front, KEYS, key=None, file=shown)
    for key in NEEDED:
        if front.get(key) is None:
            raise InputError("this is missing", file=shown, key=key, accepted=f"the keys {', '.join(NEEDED)}")
    language = _language(front["language"], tagged, shown)
    file = _File(shown, language, knowledge)
    references = tuple(_references(front["sources"], file))
    sections = split_sections(filled(body, knowledge, language, file=shown), file=shown)
    article = Article(
        slug=slug,
        language=language,
        title=_line(front["title"], "title", LONGEST["title"], file),
        summary=_line(front["summary"], "summary", LONGEST["summary"], file),
        points=_lines(front.get("points"), "points", LONGEST["point"], file),
        author=_line(front["author"], "author", LONGEST["name"], file),
        date=_date(front["date"], "date", shown),
        review=_review(front, file),
        references=references,
        related=_related(front.get("related"), slug, shown),
        questions=_questions(front.get("questions"), file),
        sections=sections,
        file=shown,
        own=own,
        checksum=hashlib.sha256(data).hexdigest()[:12],
    )
    _check_citations(article)
    return article


def _named(name: str, shown: str) -> tuple[str, Language]:
    found = _NAME.fullmatch(name)
    tag = found["tag"].lower() if found else ""
    language = next((known for known in LANGUAGES if known.tag.lower() == tag), None)
    if found is None or language is None or found["slug"] in RESERVED:
        tags = ", ".join(known.tag for known in LANGUAGES)
        raise InputError(
            "the file's name is not that of an article",
            file=shown,
            value=name,
            accepted=f"small-letter-words.LANGUAGE.md ({tags}); not {', '.join(sorted(RESERVED))}",
        )
    return found["slug"], language


def _decoded(data: bytes, shown: str) -> str:
    if len(data) > MOST_BYTES:
        raise InputError("the file is larger than 256 KiB", file=shown, accepted="a text of a few pages")
    try:
        return data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"line {line} is not UTF-8 text", file=shown, accepted="Markdown in UTF-8") from None


def _refuse_scripts(text: str, shown: str) -> None:
    found = _SCRIPT.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        where = "body" if text.count("\n---", 0, found.start()) else "front matter"
        raise InputError(
            f"line {line}: a script tag",
            file=shown,
            key=where,
            value=found[0],
            accepted="Markdown without it",
        )


def _split(text: str, shown: str) -> tuple[str, str]:
    lines = text.split("\n")
    ends = [index for index, line in enumerate(lines) if line.rstrip() == "---"]
    if len(ends) < 2 or ends[0] != 0:
        raise InputError(
            "the file has no front matter",
            file=shown,
            key="front matter",
            accepted="a line ---, the keys, a line ---, then the text",
        )
    body = "\n".join(lines[ends[1] + 1 :])
    if not body.strip():
        raise InputError(
            "there is no text", file=shown, key="body", accepted="Markdown below the front matter"
        )
    return "\n".join(lines[1 : ends[1]]), body


def _language(value: object, tagged: Language, shown: str) -> Language:
    if value != tagged.tag:
        close = nearest(value, [known.tag for known in LANGUAGES])
        hint = f"; did you mean {close}?" if close and close != value else ""
        raise InputError(
            f"this is not the language in the file's name{hint}",
            file=shown,
            key="language",
            value=value,
            accepted=tagged.tag,
        )
    return tagged


def _line(value: object, key: str, longest: int, file: _File) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text or len(text) > longest or not text.isprintable():
        raise InputError(
            "this is not a line of text",
            file=file.name,
            key=key,
            value=value,
            accepted=f"text of 1 to {longest} characters (in quotes if it holds a colon)",
        )
    return filled(text, file.knowledge, file.language, file=file.name, key=key)


def _lines(value: object, key: str, longest: int, file: _File, *, most: int = 12) -> tuple[str, ...]:
    if value is None:
        return ()
    items = as_list(value, key=key, file=file.name, accepted="a list of texts", longest=most)
    return tuple(_line(item, f"{key}[{index}]", longest, file) for index, item in enumerate(items))


def _date(value: object, key: str, shown: str) -> date:
    try:
        # strptime alone would take 2026-1-5, and sorting by text would then go wrong for readers of the file.
        if not isinstance(value, str) or len(value) != len("2026-12-01"):
            raise ValueError
        found = datetime.strptime(value, "%Y-%m-%d").date()
        if not 2000 <= found.year <= 2200:
            raise ValueError
    except ValueError:
        raise InputError(
            "this is not a day", file=shown, key=key, value=value, accepted="a date such as 2026-12-01"
        ) from None
    return found


def _review(front: Mapping[str, Any], file: _File) -> Review | None:
    reviewer = _line(front["reviewer"], "reviewer", LONGEST["name"], file)
    reviewed = front.get("reviewed")
    if reviewer.lower() == NO_REVIEWER:
        if reviewed is not None:
            raise InputError(
                "a day of review without a reviewer",
                file=file.name,
                key="reviewed",
                value=reviewed,
                accepted="a named reviewer, or no key 'reviewed'",
            )
        return None
    if reviewed is None:
        raise InputError(
            "a named reviewer needs the day of the review",
            file=file.name,
            key="reviewed",
            accepted="a date such as 2026-12-01",
        )
    return Review(reviewer, _date(reviewed, "reviewed", file.name))


def _references(value: object, file: _File) -> list[Reference]:
    accepted = "a list of source ids of the knowledge base, or of sections with id, citation and url"
    items = as_list(value, key="sources", file=file.name, accepted=accepted, longest=60)
    if not items:
        raise InputError("there is no source", file=file.name, key="sources", accepted=accepted)
    found = [_reference(item, f"sources[{index}]", file, accepted) for index, item in enumerate(items)]
    ids = [reference.id for reference in found]
    for id in ids:
        if ids.count(id) > 1:
            raise InputError(
                "this source is listed twice", file=file.name, key="sources", value=id, accepted="each once"
            )
    return found


def _reference(item: object, key: str, file: _File, accepted: str) -> Reference:
    if isinstance(item, str):
        try:
            source = file.knowledge.source(item)
        except KnowledgeError as error:
            raise InputError(error.problem, file=file.name, key=key, value=item, accepted=accepted) from None
        return Reference(source.id, source.citation, source.url, source.how_read)
    section = as_mapping(item, key=key, file=file.name, accepted=accepted)
    check_keys(section, SOURCE_KEYS, key=key, file=file.name)
    id = section.get("id")
    if not isinstance(id, str) or not _SOURCE_ID.fullmatch(id):
        raise InputError(
            "this is not an id", file=file.name, key=f"{key}.id", value=id or "null", accepted="small_letters"
        )
    url = section.get("url")
    if url is not None and not (isinstance(url, str) and re.fullmatch(r"https?://[^\s<>\"]{1,400}", url)):
        raise InputError(
            "this is not an address", file=file.name, key=f"{key}.url", value=url, accepted="https://…"
        )
    citation = _line(section.get("citation"), f"{key}.citation", LONGEST["citation"], file)
    return Reference(id, citation, url, "clinic")


def _related(value: object, slug: str, shown: str) -> tuple[str, ...]:
    if value is None:
        return ()
    items = as_list(value, key="related", file=shown, accepted="a list of article names", longest=12)
    for index, item in enumerate(items):
        if not isinstance(item, str) or not _ID.fullmatch(item) or item == slug:
            raise InputError(
                "this is not the name of another article",
                file=shown,
                key=f"related[{index}]",
                value=item,
                accepted="the part of a file's name before the language",
            )
    return tuple(items)


def _questions(value: object, file: _File) -> tuple[Question, ...]:
    if value is None:
        return ()
    accepted = f"a list of sections with {', '.join(QUESTION_KEYS)}"
    items = as_list(value, key="questions", file=file.name, accepted=accepted, longest=60)
    found = [_question(item, f"questions[{index}]", file, accepted) for index, item in enumerate(items)]
    ids = [question.id for question in found]
    for id in ids:
        if ids.count(id) > 1:
            raise InputError(
                "two questions have this id", file=file.name, key="questions", value=id, accepted="each once"
            )
    return tuple(found)


def _question(item: object, key: str, file: _File, accepted: str) -> Question:
    section = as_mapping(item, key=key, file=file.name, accepted=accepted)
    check_keys(section, QUESTION_KEYS, key=key, file=file.name)
    id = section.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise InputError(
            "this is not an id", file=file.name, key=f"{key}.id", value=id or "null", accepted="small-letters"
        )
    topic = section.get("topic")
    return Question(
        id=id,
        ask=_line(section.get("ask"), f"{key}.ask", LONGEST["ask"], file),
        also=_lines(section.get("also"), f"{key}.also", LONGEST["ask"], file, most=40),
        answer=_line(section.get("answer"), f"{key}.answer", LONGEST["answer"], file),
        topic=None if topic is None else parse_choice(topic, TOPICS, key=f"{key}.topic", file=file.name),
    )


def _check_citations(article: Article) -> None:
    known = {reference.id for reference in article.references}
    texts = [("summary", article.summary), *((f"points[{n}]", text) for n, text in enumerate(article.points))]
    texts += [(f"questions[{n}].answer", question.answer) for n, question in enumerate(article.questions)]
    texts += [(f"body, {section.title or 'first part'}", section.text) for section in article.sections]
    for key, text in texts:
        for id in cited(text):
            if id not in known:
                close = nearest(id, known)
                hint = f"; did you mean {close}?" if close else ""
                raise InputError(
                    f"a cited source is not in the list 'sources'{hint}",
                    file=article.file,
                    key=key,
                    value=id,
                    accepted="sources of this article",
                )
