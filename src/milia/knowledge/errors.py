"""The one error of this room."""

from __future__ import annotations

from milia.base import MiliaError


class KnowledgeError(MiliaError):
    """An entry of the knowledge base breaks a rule, or an asked-for entry does not exist."""

    def __init__(self, problem: str, *, file: str | None = None, entry: str | None = None) -> None:
        """Put the place in front of the problem, so that the entry can be found at once."""
        self.problem = problem
        self.file = file
        self.entry = entry
        super().__init__(": ".join(part for part in (file, entry, problem) if part))
