"""What can go wrong with a record, as types that a page or a command can tell apart."""

from __future__ import annotations

from typing import Any

from milia.base import MiliaError

__all__ = ["Conflict", "Denied", "NotFound", "Unavailable"]


class NotFound(MiliaError):  # noqa: N818
    """There is no such record in this clinic, or its content was erased on request."""


class Denied(MiliaError):  # noqa: N818
    """The person may not do this; the attempt is in the audit trail."""

    def __init__(self, message: str, *, action: str = "", kind: str = "", row_id: str = "") -> None:
        super().__init__(message)
        self.action = action
        self.kind = kind
        self.row_id = row_id


class Unavailable(MiliaError):  # noqa: N818
    """The database or the disk does not answer or is full; nothing of the unit of work was saved."""


class Conflict(MiliaError):  # noqa: N818
    """Somebody else saved first.

    Attributes
    ----------
    mine, theirs
        The content that was to be saved, and the entry as it stands now (with its version).
    fields
        Names of the fields that both changed, to different values.
    merged
        Both edits in one content where no field was changed twice; ``None`` otherwise. To keep it, save it
        with the version of ``theirs``.
    """

    def __init__(self, *, mine: Any, theirs: Any, fields: tuple[str, ...], merged: Any | None) -> None:
        what = f"both changed {', '.join(fields)}" if fields else "the edits touch different fields"
        super().__init__(f"Somebody else saved this {theirs.kind} in the meantime: {what}.")
        self.mine = mine
        self.theirs = theirs
        self.fields = fields
        self.merged = merged
