"""Reads the package's data files into one checked knowledge base."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from milia.knowledge.entries import Quantity, Source, Statement
from milia.knowledge.errors import KnowledgeError
from milia.knowledge.parse import parse_quantity, parse_source, parse_statement

_Entry = TypeVar("_Entry")

DATA_FOLDER = Path(__file__).parent / "data"

LISTS = ("sources", "quantities", "statements")

ROOM_FOLDERS = ("devices", "care", "diagnosis")
"""Folders whose files may hold further top-level keys, read and checked by the room that owns the folder."""


class Knowledge:
    """Every source, quantity and statement, by id; order is that of the files."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        quantities: Mapping[str, Quantity],
        statements: Mapping[str, Statement],
    ) -> None:
        """Keep what the loader has checked."""
        self._sources = dict(sources)
        self._quantities = dict(quantities)
        self._statements = dict(statements)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources."""
        return tuple(self._sources.values())

    def source(self, id: str) -> Source:
        """Return one source; KnowledgeError if there is none."""
        return _found(self._sources, id, "source")

    def quantity(self, id: str) -> Quantity:
        """Return one quantity; KnowledgeError if there is none."""
        return _found(self._quantities, id, "quantity")

    def quantities(self, prefix: str = "") -> tuple[Quantity, ...]:
        """Return the quantities at or below a dotted prefix; all of them for an empty one."""
        return tuple(q for id, q in self._quantities.items() if _under(id, prefix))

    def statement(self, id: str) -> Statement:
        """Return one statement; KnowledgeError if there is none."""
        return _found(self._statements, id, "statement")

    def statements(self, prefix: str = "") -> tuple[Statement, ...]:
        """Return the statements at or below a dotted prefix; all of them for an empty one."""
        return tuple(s for id, s in self._statements.items() if _under(id, prefix))

    def entry(self, id: str) -> Quantity | Statement:
        """Return the quantity or statement of that id; KnowledgeError if there is none."""
        entries: dict[str, Quantity | Statement] = {**self._quantities, **self._statements}
        return _found(entries, id, "entry")

    def references(self, evidence_ids: Iterable[str]) -> tuple[Source, ...]:
        """Return the sources behind entries (or source ids), each once, in order of first use."""
        ids: dict[str, None] = {}
        for evidence_id in evidence_ids:
            if evidence_id in self._sources:
                ids[evidence_id] = None
            else:
                ids.update(dict.fromkeys(self.entry(evidence_id).source))
        return tuple(self._sources[id] for id in ids)


@functools.lru_cache(maxsize=1)
def load_knowledge() -> Knowledge:
    """Return the package's own knowledge base, read once per process."""
    return load_folder(DATA_FOLDER)


def load_folder(folder: Path, *, room_folders: tuple[str, ...] = ROOM_FOLDERS) -> Knowledge:
    """Read every ``*.yaml`` under a folder, in order of path.

    Parameters
    ----------
    folder
        Where to look, with all folders below it.
    room_folders
        First-level folders whose files may hold further top-level keys.

    Raises
    ------
    KnowledgeError
        If any entry breaks a rule; the message names file and entry.
    """
    sources: dict[str, Source] = {}
    quantities: dict[str, Quantity] = {}
    statements: dict[str, Statement] = {}
    origin: dict[str, str] = {}
    for path in sorted(folder.rglob("*.yaml"), key=lambda path: path.relative_to(folder).as_posix()):
        file = path.relative_to(folder).as_posix()
        content = read_data_file(path, file=file)
        _check_top_level(content, file=file, free=file.split("/")[0] in room_folders)
        for raw in _entries(content, "sources", file=file):
            _keep(sources, parse_source(raw, file=file), origin, file=file, space="source ")
        for raw in _entries(content, "quantities", file=file):
            _keep(quantities, parse_quantity(raw, file=file), origin, file=file)
        for raw in _entries(content, "statements", file=file):
            _keep(statements, parse_statement(raw, file=file), origin, file=file)
    entries: list[Quantity | Statement] = [*quantities.values(), *statements.values()]
    for entry in entries:
        _check_sources(entry, sources, file=origin[entry.id])
    return Knowledge(sources, quantities, statements)


def read_data_file(path: Path, *, file: str) -> dict[str, Any]:
    """Read one data file as plain YAML: no duplicate keys, numbers such as 3.1e98 are numbers.

    Raises
    ------
    KnowledgeError
        If the file is not YAML, is no mapping, or holds a key twice.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_DataLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"cannot be read as YAML: {error}", file=file) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise KnowledgeError("the top level must be a mapping", file=file)
    return content


class _DataLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML that refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice!r} is given twice", node.start_mark
            )
        return dict(super().construct_mapping(node, deep=deep))


# YAML 1.1 takes "3.1e98" for text because the exponent has no sign.
_DataLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def _check_top_level(content: Mapping[str, Any], *, file: str, free: bool) -> None:
    for key in content:
        if key in LISTS:
            continue
        near = difflib.get_close_matches(str(key), LISTS, n=1, cutoff=0.75)
        if near or not free:
            hint = f"; did you mean {near[0]!r}?" if near else f"; accepted: {', '.join(LISTS)}"
            raise KnowledgeError(f"unknown top-level key {key!r}{hint}", file=file)


def _entries(content: Mapping[str, Any], key: str, *, file: str) -> list[Any]:
    entries = content.get(key)
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise KnowledgeError(f"{key} must be a list", file=file)
    return entries


def _keep(kept: dict[str, Any], entry: Any, origin: dict[str, str], *, file: str, space: str = "") -> None:
    name = space + entry.id
    if name in origin:
        raise KnowledgeError(f"this id is already used in {origin[name]}", file=file, entry=entry.id)
    kept[entry.id] = entry
    origin[name] = file


def _check_sources(entry: Quantity | Statement, sources: Mapping[str, Source], *, file: str) -> None:
    for id in entry.source:
        if id not in sources:
            near = difflib.get_close_matches(id, sources, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise KnowledgeError(f"unknown source {id!r}{hint}", file=file, entry=entry.id)
        if entry.flag == "read" and sources[id].how_read == "none":
            raise KnowledgeError(
                f"flagged 'read', but the source {id!r} was not read", file=file, entry=entry.id
            )


def _under(id: str, prefix: str) -> bool:
    return not prefix or id == prefix or id.startswith(prefix.rstrip(".") + ".")


def _found(entries: Mapping[str, _Entry], id: str, kind: str) -> _Entry:
    if id in entries:
        return entries[id]
    near = difflib.get_close_matches(id, entries, n=3)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    raise KnowledgeError(f"there is no {kind} {id!r}{hint}")
