"""Checks that every file reader needs: keys, choices, whole numbers, yes or no."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from milia.base.errors import InputError, one_line

__all__ = [
    "as_list",
    "as_mapping",
    "check_keys",
    "nearest",
    "parse_choice",
    "parse_flag",
    "parse_whole",
    "require",
]


def nearest(word: object, known: Iterable[str]) -> str | None:
    """Give the known word closest to the one written, or ``None`` when nothing comes near."""
    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(str(word)[:80].lower().strip(), names, n=1, cutoff=0.6)
    return names[close[0]] if close else None


def check_keys(
    mapping: Mapping[str, Any], allowed: Iterable[str], *, key: str | None, file: str | None
) -> None:
    """Refuse a key that is not in ``allowed``, naming the nearest one that is.

    Parameters
    ----------
    mapping
        Section of a file.
    allowed
        Its accepted keys.
    key
        Dotted key of the section; ``None`` or ``""`` for the top of the file.
    file
        File, for the message.
    """
    names = list(allowed)
    for found in mapping:
        if found in names:
            continue
        close = nearest(found, names)
        hint = f"; did you mean {close}?" if close else ""
        raise InputError(
            f"this key is not known{hint}",
            file=file,
            key=f"{key}.{one_line(found)}" if key else one_line(found),
            value=_shown(mapping[found]),
            accepted="the keys " + ", ".join(names),
        )


def require(
    mapping: Mapping[str, Any], name: str, *, key: str | None, file: str | None, accepted: str
) -> Any:
    """Give ``mapping[name]``, or say that it is missing; an explicit null counts as missing."""
    value = mapping.get(name)
    if value is None:
        raise InputError("this is missing", file=file, key=_join(key, name), accepted=accepted)
    return value


def as_mapping(value: object, *, key: str, file: str | None, accepted: str) -> dict[str, Any]:
    """Give a section with text keys, or refuse what is no section."""
    if not isinstance(value, Mapping):
        raise InputError(
            "this is not a section with keys", file=file, key=key, value=_shown(value), accepted=accepted
        )
    for name in value:
        if not isinstance(name, str):
            raise InputError("a key is not text", file=file, key=key, value=name, accepted=accepted)
    return dict(value)


def as_list(value: object, *, key: str, file: str | None, accepted: str, longest: int = 1000) -> list[Any]:
    """Give a list of at most ``longest`` items, or refuse what is no list."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise InputError("this is not a list", file=file, key=key, value=_shown(value), accepted=accepted)
    if len(value) > longest:
        problem = f"the list has {len(value)} items, more than {longest}"
        raise InputError(problem, file=file, key=key, accepted=accepted)
    return list(value)


def parse_choice(value: object, allowed: Sequence[str], *, key: str, file: str | None = None) -> str:
    """Give the value if it is one of the allowed words; else name the nearest."""
    if isinstance(value, str) and value in allowed:
        return value
    close = nearest(value, allowed) if isinstance(value, str) else None
    hint = f"; did you mean {close}?" if close else ""
    raise InputError(
        f"this is not one of the accepted words{hint}",
        file=file,
        key=key,
        value=_shown(value),
        accepted=", ".join(allowed),
    )


def parse_whole(
    value: object, *, low: int, high: int, key: str, file: str | None = None, what: str = ""
) -> int:
    """Give a whole number within ``low`` to ``high``; a fraction, text or yes/no is refused."""
    accepted = f"a whole number{what and ' of ' + what} from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(
            "this is not a whole number", file=file, key=key, value=_shown(value), accepted=accepted
        )
    if not low <= value <= high:
        raise InputError("the value is out of range", file=file, key=key, value=value, accepted=accepted)
    return value


def parse_flag(value: object, *, key: str, file: str | None = None) -> bool:
    """Give a yes or no; text and numbers are refused."""
    if isinstance(value, bool):
        return value
    raise InputError(
        "this is neither true nor false", file=file, key=key, value=_shown(value), accepted="true or false"
    )


def _shown(value: object) -> object:
    return "null" if value is None else value


def _join(key: str | None, name: str) -> str:
    return f"{key}.{name}" if key else name
