"""The library's Markdown: numbers from the knowledge base, citations, sections, HTML and plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from milia.base import InputError
from milia.knowledge import Knowledge, KnowledgeError, Quantity
from milia.language import Language, number_text
from milia.learn.articles import Section

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

NUMBER = re.compile(r"\{([a-z0-9_]+(?:\.[a-z0-9_]+)+)(:low|:high)?\}")
"""``{id}`` stands for a quantity's value in its own unit, ``{id:low}`` and ``{id:high}`` for its range."""
CITATION = re.compile(r"\[(@[a-z0-9_]+(?:;\s*@[a-z0-9_]+)*)\]")
_BEFORE_CITATION = re.compile(r"[ \t]+(?=\[@[a-z0-9_])")
_HEADING = re.compile(r"(?P<marks>#{1,6})\s+(?P<title>.*?)(?:\s+\{#(?P<id>[a-z0-9-]+)\})?\s*#*\s*")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_NOT_IN_ID = re.compile(r"[^\w]+")


def filled(text: str, knowledge: Knowledge, language: Language, *, file: str, key: str | None = None) -> str:
    """Return a text with every ``{quantity}`` in it written as a number of the knowledge base."""

    def number(gap: re.Match[str]) -> str:
        try:
            quantity = knowledge.quantity(gap[1])
        except KnowledgeError as error:
            raise InputError(
                error.problem, file=file, key=key or "body", value=gap[0], accepted="{id of a quantity}"
            ) from None
        return number_text(_end(quantity, gap[2], file=file, key=key, shown=gap[0]), language)

    return NUMBER.sub(number, text)


def _end(quantity: Quantity, end: str | None, *, file: str, key: str | None, shown: str) -> float:
    if end is None:
        return quantity.value
    found = quantity.spread.low if end == ":low" else quantity.spread.high
    if found is None:
        raise InputError(
            "this quantity has no range",
            file=file,
            key=key or "body",
            value=shown,
            accepted=f"{{{quantity.id}}}",
        )
    return found


def cited(text: str) -> tuple[str, ...]:
    """Return the source ids that a text cites, each once, in order."""
    ids = (one.strip().removeprefix("@") for group in CITATION.findall(text) for one in group.split(";"))
    return tuple(dict.fromkeys(ids))


def split_sections(body: str, *, file: str) -> tuple[Section, ...]:
    """Cut a text at its headings of the second level; a heading may name its anchor with ``{#anchor}``."""
    parts: list[tuple[str, str, list[str]]] = [("", "", [])]
    fenced = False
    for line in body.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else _HEADING.fullmatch(line)
        if heading is None or len(heading["marks"]) > 2:
            parts[-1][2].append(line)
            continue
        if len(heading["marks"]) == 1:
            raise InputError(
                "the title stands in the front matter; the text has no heading of the first level",
                file=file,
                key="body",
                value=line,
                accepted="## and ###",
            )
        parts.append((heading["id"] or _anchor(heading["title"]), heading["title"], []))
    found = [Section(id, title, "\n".join(lines).strip()) for id, title, lines in parts]
    sections = tuple(part for part in found if part.title or part.text)
    ids = [section.id for section in sections]
    for section in sections:
        if ids.count(section.id) > 1:
            raise InputError(
                "two headings have this anchor",
                file=file,
                key="body",
                value=section.id,
                accepted="## Title {#own-anchor}",
            )
    return sections


def _anchor(title: str) -> str:
    return "s-" + (_NOT_IN_ID.sub("-", title.lower()).strip("-") or "section")


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # HTML stays off: what looks like a tag is printed as text.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.inline.ruler.before("link", "citation", _citation_rule)
    parser.add_render_rule("citation", _citation_html)
    parser.add_render_rule("link_open", _link_html)
    parser.add_render_rule("table_open", _table_html)
    parser.add_render_rule("table_close", _table_end_html)
    return parser


def _citation_rule(state: StateInline, silent: bool) -> bool:
    found = CITATION.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.meta = {"ids": cited(found[0])}
    state.pos = found.end()
    return True


def _citation_html(_: Any, tokens: Sequence[Token], index: int, __: Any, env: Mapping[str, Any]) -> str:
    numbers: Mapping[str, int] = env["numbers"]
    label = escape(env["source_label"])
    links = (
        f'<a href="#source-{numbers[id]}" aria-label="{label} {numbers[id]}">{numbers[id]}</a>'
        for id in tokens[index].meta["ids"]
    )
    # The word joiner keeps the number on the line of its word where a script may break anywhere.
    return f'\u2060<sup class="cite">{" ".join(links)}</sup>'


def _link_html(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    resolve: Callable[[str], str] = env["link"]
    address = resolve(str(token.attrs["href"]))
    token.attrs["href"] = address
    if address.startswith(("http:", "https:")):
        token.attrs["rel"] = "noopener noreferrer"
    return str(renderer.renderToken(tokens, index, options, env))


def _table_html(*_: Any) -> str:
    # A wide table scrolls inside its own frame, which the keyboard can reach.
    return '<div class="table" tabindex="0" role="group"><table>\n'


def _table_end_html(*_: Any) -> str:
    return "</table></div>\n"


def to_html(text: str, env: Mapping[str, Any], *, inline: bool = False) -> str:
    """Return Markdown as HTML; ``env`` holds the sources' ``numbers`` and ``source_label``, and ``link``."""
    parser = _markdown()
    # The number stands at the word: a blank before it would let it fall onto the next line.
    said = _BEFORE_CITATION.sub("", text)
    return str(parser.renderInline(said, dict(env)) if inline else parser.render(said, dict(env)))


def links(text: str) -> tuple[str, ...]:
    """Return the addresses that a text links to."""
    found = []
    for token in _inline_tokens(text):
        if token.type == "link_open":
            found.append(str(token.attrs["href"]))
        if token.type == "image":
            found.append(str(token.attrs["src"]))
    return tuple(found)


def has_images(text: str) -> bool:
    """Say whether a text shows a picture."""
    return any(token.type == "image" for token in _inline_tokens(text))


def _inline_tokens(text: str) -> list[Token]:
    blocks = _markdown().parse(text)
    return [inner for block in blocks for inner in (block.children or [])]


def to_plain(text: str) -> str:
    """Return Markdown as plain text without citations; a line for each paragraph, item and table row."""
    lines: list[str] = []
    cells: list[str] = []
    in_row = False
    bullet = ""
    for token in _markdown().parse(text):
        if token.type == "list_item_open":
            bullet = "- "
        elif token.type == "tr_open":
            in_row, cells = True, []
        elif token.type == "tr_close":
            in_row = False
            lines.append(" · ".join(cells))
        elif token.type in ("inline", "code_block", "fence"):
            said = _plain_inline(token)
            if in_row:
                cells.append(said)
            else:
                lines.append(bullet + said)
                bullet = ""
    return "\n".join(line for line in lines if line.strip())


def _plain_inline(token: Token) -> str:
    if token.children is None:
        return token.content.strip()
    said: list[str] = []
    for child in token.children:
        if child.type in ("softbreak", "hardbreak"):
            said.append(" ")
        elif child.type == "citation":
            # The blank before a citation goes with it, or one would stand before the full stop.
            said = ["".join(said).rstrip()]
        elif child.type in ("text", "code_inline", "image", "text_special"):
            said.append(child.content)
    return "".join(said).strip()
