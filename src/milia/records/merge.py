"""Two people changed the same entry: which fields, and can both be kept?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["three_way"]


_ABSENT = object()


def three_way(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    *,
    inside: tuple[str, ...] = (),
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Merge two edits of one content, field by field.

    Parameters
    ----------
    base, mine, theirs
        The content both started from and the two results; a field may be missing in some.
    inside
        Names of fields that hold fields of their own, which are merged one by one.

    Returns
    -------
    tuple
        Both edits together, and the names of the fields that both changed to different values (which keep
        `theirs` in the merge).
    """
    merged, clashes = dict(theirs), []
    for name in [*mine, *(each for each in base if each not in mine)]:
        value, before, other = (each.get(name, _ABSENT) for each in (mine, base, theirs))
        if value in (before, other):
            continue
        if name in inside and all(isinstance(each, Mapping) for each in (value, before, other)):
            merged[name], within = three_way(before, value, other)
            clashes += [f"{name}.{each}" for each in within]
        elif other != before:
            clashes.append(name)
        elif value is _ABSENT:
            del merged[name]
        else:
            merged[name] = value
    return merged, tuple(clashes)
