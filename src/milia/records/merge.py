"""Two people changed the same entry: which fields, and can both be kept?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["three_way"]


def three_way(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Merge two edits of one content, field by field.

    Parameters
    ----------
    base, mine, theirs
        The content both started from and the two results; the same fields in each.

    Returns
    -------
    tuple
        Both edits together, and the names of the fields that both changed to different values (which keep
        `theirs` in the merge).
    """
    merged, clashes = dict(theirs), []
    for name, value in mine.items():
        if value == base[name] or value == theirs[name]:
            continue
        if theirs[name] == base[name]:
            merged[name] = value
        else:
            clashes.append(name)
    return merged, tuple(clashes)
