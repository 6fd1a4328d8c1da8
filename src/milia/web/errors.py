"""One shape for everything that goes wrong, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError

from milia.base import InputError, MiliaError, one_line
from milia.records import Conflict, Denied, NotFound, Unavailable
from milia.web.i18n import mark

__all__ = ["Problem", "ReasonNeeded", "SignInNeeded", "TooMany", "TurnedAway", "problem_of"]

_PAGE_GONE = mark("There is no such page.")


class Problem(BaseModel):
    """What went wrong, where, and what to do now (``application/problem+json``)."""

    type: str = Field(default="about:blank", description="Kind of problem.")
    title: str = Field(description="What went wrong, in a sentence.")
    status: int
    field: str | None = Field(default=None, description="The field or key that cannot be used.")
    file: str | None = Field(default=None, description="Which of several uploaded files is meant.")
    accepted: str | None = Field(default=None, description="What would have been accepted.")
    what_to_do: str = Field(description="The next step.")
    request_id: str = ""
    conflict: dict[str, Any] | None = Field(
        default=None, description="For 409: the version that is stored now, and the fields that both changed."
    )


class SignInNeeded(Exception):  # noqa: N818 - it is an answer, not a defect
    """Nobody is signed in."""


class TurnedAway(Exception):  # noqa: N818
    """A request that is refused unread: a form's token is wrong, or another site sent it."""

    def __init__(self, problem: str, *, status: int = 403, what_to_do: str = "", go: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status
        self.what_to_do = what_to_do
        self.go = go


class ReasonNeeded(Exception):  # noqa: N818
    """The role may do this once a reason is given."""


class TooMany(Exception):  # noqa: N818
    """More requests than a person makes."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many requests")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class _Kind:
    type: str
    status: int
    what_to_do: str


_KINDS: tuple[tuple[type[Exception], _Kind], ...] = (
    (
        Unavailable,
        _Kind("unavailable", 503, mark("Wait a moment and try again. What you typed is still in the form.")),
    ),
    (NotFound, _Kind("not_found", 404, mark("Go back, or start from the search."))),
    (Denied, _Kind("denied", 403, mark("Ask an administrator if your work needs this."))),
    (Conflict, _Kind("conflict", 409, mark("Look at both versions, then keep one or both."))),
    (InputError, _Kind("input", 422, mark("Correct the field and save again."))),
    (MiliaError, _Kind("problem", 400, mark("Correct what the sentence names and try again."))),
)


# What the checks of a field say, in sentences of the app, and which bound goes with each.
_SMALL, _LARGE = mark("This number is too small."), mark("This number is too large.")
_NO_NUMBER = mark("This is not a number.")
_SAID: Mapping[str, tuple[str, str]] = {
    "greater_than": (_SMALL, "gt"),
    "greater_than_equal": (_SMALL, "ge"),
    "less_than": (_LARGE, "lt"),
    "less_than_equal": (_LARGE, "le"),
    "string_too_short": (mark("This text is too short."), "min_length"),
    "string_too_long": (mark("This text is too long."), "max_length"),
    "string_pattern_mismatch": (mark("This does not have the form that is wanted."), ""),
    "missing": (mark("This field is empty."), ""),
    "float_parsing": (_NO_NUMBER, ""),
    "finite_number": (_NO_NUMBER, ""),
    "int_parsing": (mark("This is not a whole number."), ""),
    "literal_error": (mark("This is not one of the choices."), "expected"),
    "date_from_datetime_parsing": (mark("This is not a day."), ""),
    "date_parsing": (mark("This is not a day."), ""),
}
_SIGNS = {"gt": "> ", "ge": "≥ ", "lt": "< ", "le": "≤ ", "min_length": "≥ ", "max_length": "≤ "}


def problem_of(error: Exception) -> Problem:
    """Say in the one shape what an exception means."""
    if isinstance(error, SignInNeeded):
        return Problem(
            type="sign_in",
            title=mark("Please sign in."),
            status=401,
            what_to_do=mark("Sign in and try again."),
        )
    if isinstance(error, ReasonNeeded):
        return Problem(
            type="reason_needed",
            title=mark("Your role sees this only in an emergency."),
            status=403,
            what_to_do=mark("Give a reason; it is kept in the trail. Programs send it as X-Milia-Reason."),
        )
    if isinstance(error, TooMany):
        return Problem(
            type="too_many",
            title=mark("These were too many requests in a short time."),
            status=429,
            what_to_do=mark("Wait a minute and try again."),
        )
    if isinstance(error, TurnedAway):
        what = error.what_to_do or mark("Go back, load the page again and repeat the step.")
        return Problem(type="turned_away", title=error.problem, status=error.status, what_to_do=what)
    if isinstance(error, RequestValidationError | ValidationError):
        return _invalid(error)
    return _milia(error)


def _milia(error: Exception) -> Problem:
    said = next((said for kind, said in _KINDS if isinstance(error, kind)), None)
    if said is None:
        return Problem(
            type="defect",
            title=mark("Milia made a mistake. It was written to the log."),
            status=500,
            what_to_do=mark("Try again; if it happens again, tell your administrator the number below."),
        )
    problem = Problem(
        type=said.type,
        title=one_line(error.problem if isinstance(error, InputError) else str(error), 300),
        status=said.status,
        what_to_do=said.what_to_do,
    )
    if isinstance(error, InputError):
        problem.field, problem.accepted = error.key, error.accepted
        problem.file = error.file if error.key == "file" else None
    if isinstance(error, Conflict):
        problem.title = mark("Somebody else saved this in the meantime.")
        problem.conflict = {"version": error.theirs.version, "fields": list(error.fields)}
        problem.conflict["can_merge"] = error.merged is not None
    return problem


def _invalid(error: RequestValidationError | ValidationError) -> Problem:
    first: Mapping[str, Any] = error.errors()[0]
    where = [str(part) for part in first["loc"]]
    said, bound = _SAID.get(str(first["type"]), ("", ""))
    limit = first.get("ctx", {}).get(bound) if bound else None
    if where and where[0] in ("body", "query", "path", "header"):
        where = where[1:] or where
    return Problem(
        type="input",
        title=said or one_line(str(first["msg"]).removeprefix("Value error, "), 300),
        status=422,
        field=".".join(where) or None,
        accepted=None if limit is None else f"{_SIGNS.get(bound, '')}{limit}",
        what_to_do=mark("Correct the field and save again."),
    )
