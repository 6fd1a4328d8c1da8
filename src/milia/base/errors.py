"""Errors meant for people: one line that says where, what, and what would be accepted."""

from __future__ import annotations

__all__ = ["InputError", "MiliaError", "one_line"]

_SHOWN = 60


def one_line(value: object, limit: int | None = _SHOWN) -> str:
    """Show any value on one line: control and invisible characters escaped, long text cut.

    Parameters
    ----------
    value
        What to show; text is shown as it is, anything else as Python writes it.
    limit
        Longest text [characters]; ``None`` for no limit.

    Returns
    -------
    str
        Printable text without line breaks; ``''`` for empty text.
    """
    if value is None:
        text = "null"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = value[: 4 * limit] if limit else value
    else:
        text = _bounded_repr(value)
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    return text or "''"


def _bounded_repr(value: object) -> str:
    # reprlib stops early: a nested list of a megabyte must not be written out to show sixty characters.
    import reprlib

    short = reprlib.Repr()
    short.maxdict = short.maxlist = short.maxtuple = 6
    short.maxstring = short.maxother = short.maxlong = _SHOWN
    return short.repr(value)


class MiliaError(Exception):
    """Any failure that is explained to the person at the screen instead of with a traceback."""


class InputError(MiliaError):
    """A value that Milia was given and cannot use; the command line ends with status 2.

    Parameters
    ----------
    problem
        What is wrong, as a sentence without its full stop.
    file
        File that holds the value.
    key
        Dotted key of the value in the file, such as ``lesion.diameter``.
    value
        The value as found; ``None`` when there is none to show (write ``"null"`` for a YAML null).
    accepted
        What would have been accepted, with the range.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        key: str | None = None,
        value: object = None,
        accepted: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.file = file
        self.key = key
        self.value = value
        self.accepted = accepted

    def __str__(self) -> str:
        where = [one_line(part, 200) for part in (self.file, self.key) if part]
        if self.value is not None:
            where.append(one_line(self.value))
        text = ": ".join([*where, one_line(self.problem, None).rstrip(".")])
        if not text.endswith("?"):
            text += "."
        if self.accepted:
            text += f" Accepted: {one_line(self.accepted, None).rstrip('.')}."
        return text
