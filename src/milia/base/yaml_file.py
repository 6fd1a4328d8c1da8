"""YAML read as data only: bounded in size and depth, no aliases, no tags, surprises named with their line."""

from __future__ import annotations

import math
import os
import re
from typing import Any

import yaml

from milia.base.errors import InputError, one_line

__all__ = ["parse_yaml_mapping", "read_yaml_mapping"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 20
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ACCEPTED = "a YAML text file (UTF-8) of at most 1 MiB with keys and values"

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_FLAGS = {
    word: truth
    for plain, truth in (
        ("true", True),
        ("yes", True),
        ("on", True),
        ("false", False),
        ("no", False),
        ("off", False),
    )
    for word in (plain, plain.capitalize(), plain.upper())
}
# Decimal only: YAML 1.1 reads 010 as 8 and 10:30 as 630, which no clinician means.
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST_NUMBER = 40


def read_yaml_mapping(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a YAML file whose top level has keys.

    Parameters
    ----------
    path
        File of at most 1 MiB, UTF-8.

    Returns
    -------
    dict
        Text keys; values are mappings, lists, text, int, float, bool or None, nothing else.

    Raises
    ------
    InputError
        If the file is missing, unreadable, a folder, empty, too large, binary, not UTF-8, no valid YAML,
        nested deeper than 20, or holds an alias, a tag, a duplicate key, a key that is no text, or a number
        that is not finite.
    """
    name = os.fspath(path)
    return parse_yaml_mapping(_read_bounded(name), file=name)


def parse_yaml_mapping(data: bytes | str, *, file: str) -> dict[str, Any]:
    """Read YAML text whose top level has keys; see `read_yaml_mapping`. ``file`` names it in messages."""
    text = data if isinstance(data, str) else _decode(data, file)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise InputError("the file is empty", file=file, accepted=_ACCEPTED)
    try:
        _check_events(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, file) from None
    if not isinstance(node, yaml.MappingNode):
        shown = None if node is None else text.strip()
        raise InputError("the file has no keys at its top level", file=file, value=shown, accepted=_ACCEPTED)
    made = _build(node, "", file)
    assert isinstance(made, dict)
    return made


def _read_bounded(name: str) -> bytes:
    try:
        with open(name, "rb") as stream:  # noqa: PTH123
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reasons: dict[type[Exception], str] = {
            FileNotFoundError: "there is no such file",
            IsADirectoryError: "this is a folder, not a file",
            PermissionError: "the file may not be read by this user",
        }
        reason = reasons.get(type(error)) or f"the file cannot be read ({one_line(error)})"
        raise InputError(reason, file=name, accepted=_ACCEPTED) from None
    if len(data) > MAX_BYTES:
        raise InputError("the file is larger than 1 MiB", file=name, accepted=_ACCEPTED)
    return data


def _decode(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        raise InputError("the text is larger than 1 MiB", file=file, accepted=_ACCEPTED)
    if b"\0" in data:
        raise InputError("this is a binary file, not text", file=file, accepted=_ACCEPTED)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"line {line}: byte 0x{data[error.start]:02x} is not UTF-8 text"
        raise InputError(problem, file=file, accepted=_ACCEPTED) from None


def _check_events(text: str, file: str) -> None:
    # Before any node is composed: composing recurses, and an alias expands, so both are stopped here.
    depth = documents = 0
    events: Any = yaml.parse(text, Loader=_LOADER)
    for event in events:
        where = f"line {event.start_mark.line + 1}"
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise InputError(
                    f"{where}: a second document starts", file=file, accepted="one YAML document"
                )
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            problem = f"{where}: anchors and aliases (& and *) are not accepted"
            raise InputError(problem, file=file, value=event.anchor, accepted="values written out in full")
        if getattr(event, "tag", None) is not None:
            problem = f"{where}: tags (!) are not accepted"
            raise InputError(problem, file=file, value=event.tag, accepted="plain values")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            problem = f"{where}: sections are nested deeper than {MAX_DEPTH}"
            raise InputError(problem, file=file, accepted=f"at most {MAX_DEPTH} levels")


def _syntax_error(error: yaml.YAMLError, text: str, file: str) -> InputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    if mark is None:
        return InputError(f"this is not valid YAML: {problem}", file=file, accepted=_ACCEPTED)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    hint = "; a tab stands in the indentation, use spaces" if "\t" in line[: mark.column + 1] else ""
    where = f"line {mark.line + 1}, column {mark.column + 1}"
    problem = f"{where}: this is not valid YAML ({problem}{hint})"
    return InputError(problem, file=file, value=line.strip() or None, accepted=_ACCEPTED)


def _build(node: yaml.Node, key: str, file: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, key, file)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, f"{key}[{index}]", file) for index, item in enumerate(node.value)]
    return _scalar(node, key, file)


def _mapping(node: yaml.MappingNode, key: str, file: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name_node, value_node in node.value:
        where = f"line {name_node.start_mark.line + 1}"
        name = _scalar(name_node, key, file) if isinstance(name_node, yaml.ScalarNode) else None
        if not isinstance(name, str):
            shown = name_node.value if isinstance(name_node, yaml.ScalarNode) else "a list or section"
            problem = f"{where}: a key is not text"
            raise InputError(problem, file=file, key=key or None, value=shown, accepted="keys that are words")
        inner = f"{key}.{one_line(name)}" if key else one_line(name)
        if name == "<<":
            raise InputError(
                f"{where}: merge keys are not accepted", file=file, key=inner, accepted="plain keys"
            )
        if name in made:
            raise InputError(
                f"{where}: this key is written twice", file=file, key=inner, accepted="each key once"
            )
        made[name] = _build(value_node, inner, file)
    return made


def _scalar(node: Any, key: str, file: str) -> Any:
    text = node.value
    if node.style:
        return text
    if text in _NULL:
        return None
    if text in _FLAGS:
        return _FLAGS[text]
    whole, real = _INT.fullmatch(text), _FLOAT.fullmatch(text)
    if (whole or real) and len(text) > _LONGEST_NUMBER:
        problem = f"line {node.start_mark.line + 1}: the number is too long"
        raise InputError(problem, file=file, key=key or None, value=text, accepted="at most 40 characters")
    if whole:
        return int(text)
    number = float(text) if real else None
    if _NOT_FINITE.fullmatch(text) or (number is not None and not math.isfinite(number)):
        problem = f"line {node.start_mark.line + 1}: the number is not finite"
        raise InputError(problem, file=file, key=key or None, value=text, accepted="finite numbers")
    return text if number is None else number
