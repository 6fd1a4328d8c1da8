"""An answer: what was asked, what is said, and on what it rests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.language import Language, Sentence
from milia.learn.articles import Article
from milia.learn.patient_plan import PlanLine
from milia.learn.search import Passage
from milia.learn.signs import Sign

SCHEMA_VERSION = "1.0"
KINDS = ("warning", "plan", "library", "clinic")
"""A warning sign; the patient's plan; the library alone; nothing covers it: ask your clinic."""

REASONS: Mapping[str, Sentence] = {
    "not_covered": Sentence("Ask your clinic: the library does not cover this question."),
    "not_reviewed": Sentence("Ask your clinic: no clinician has reviewed what the library says on this."),
    "language": Sentence("Ask your clinic: the library is not written in the language of this question."),
    "too_long": Sentence(
        "Ask your clinic, or ask again in one short sentence: this text is too long to match."
    ),
}
"""Why there is no answer."""

SAFETY_NET = Sentence(
    "Call your clinic today if it hurts more, spreads, bleeds or oozes, if you have a fever, "
    "or if something is wrong with your eye or your sight."
)
"""Said with every answer that is no warning: the rules do not know every way to put a warning sign."""


@dataclass(frozen=True)
class Answer:
    """An answer in one language.

    Attributes
    ----------
    kind
        One of `KINDS`.
    question, language
        As it was asked, and the language of the answer.
    signs
        The warning signs that the question names.
    lines
        What the patient's plan says.
    passage, sure
        The passage of the library, and how surely it is about the question (0 to 1).
    reason
        Why there is no answer: a key of `REASONS`.
    clinic
        Name and telephone of the clinic, where its file is given.
    plan_id
        Which plan was read.
    """

    kind: str
    question: str
    language: Language
    signs: tuple[Sign, ...] = ()
    lines: tuple[PlanLine, ...] = ()
    passage: Passage | None = None
    sure: float | None = None
    reason: str | None = None
    clinic: tuple[str, str] | None = None
    plan_id: str | None = None

    @property
    def text(self) -> tuple[str, ...]:
        """The answer as lines, in its language."""
        said = list(self.warnings)
        said += [f"{line.when.text(self.language)}: {line.what.text(self.language)}" for line in self.lines]
        if self.passage is not None:
            said.append(self.passage.text)
        if self.reason is not None:
            said.append(REASONS[self.reason].text(self.language))
        if self.kind != "warning":
            said.append(SAFETY_NET.text(self.language))
        if self.call is not None:
            said.append(self.call)
        return tuple(said)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Each warning sign that was named, with what to do about it."""
        return tuple(
            Sentence("This can be a warning sign: {sign}.", {"sign": sign.text(self.language)}).text(
                self.language
            )
            + f" {sign.action(self.language)}"
            for sign in self.signs
        )

    @property
    def call(self) -> str | None:
        """Whom to call, where the clinic is known and calling is the answer."""
        if self.clinic is None or self.kind not in ("warning", "clinic"):
            return None
        return "{}: {}".format(*self.clinic)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON-ready data, null for what it does not have."""
        from milia import __version__

        return {
            "schema_version": SCHEMA_VERSION,
            "question": self.question,
            "language": self.language.tag,
            "answer": self.kind,
            "text": list(self.text),
            "warning_signs": [
                {
                    "id": sign.id,
                    "urgency": sign.urgency,
                    "sign": sign.text(self.language),
                    "action": sign.action(self.language),
                    "basis": list(sign.basis),
                }
                for sign in self.signs
            ],
            "from_plan": [line.to_dict(self.language) for line in self.lines],
            "passage": None if self.passage is None else passage_dict(self.passage),
            "sure": None if self.sure is None else round(self.sure, 3),
            "reason": self.reason,
            "safety_net": None if self.kind == "warning" else SAFETY_NET.text(self.language),
            "clinic": None if self.clinic is None else dict(zip(("name", "phone"), self.clinic, strict=True)),
            "provenance": {"version": __version__, "plan_id": self.plan_id},
        }


FROM_PLAN = Sentence("From your plan")
FROM_LIBRARY = Sentence("From the library")
CLINICS_OWN = Sentence("This is your clinic's own rule.")
"""Headings and remarks of an answer that is shown to a person."""


def passage_dict(passage: Passage) -> dict[str, Any]:
    """Return a passage with its whereabouts, who answers for it, and its sources."""
    article = passage.article
    return {
        "article": article.slug,
        "title": article.title,
        "anchor": passage.anchor,
        "heading": passage.title,
        "text": passage.text,
        "language": article.language.tag,
        "author": article.author,
        "date": article.date.isoformat(),
        "reviewer": article.review.reviewer if article.review else None,
        "reviewed": article.review.reviewed.isoformat() if article.review else None,
        "checksum": article.checksum,
        "own_column": article.own,
        "sources": [
            {"id": source.id, "citation": source.citation, "url": source.url} for source in passage.references
        ],
    }


def standing(article: Article) -> Sentence:
    """Say who answers for an article's text."""
    if article.review is not None:
        return Sentence(
            "Reviewed by {reviewer} on {date}.",
            {"reviewer": article.review.reviewer, "date": article.review.reviewed},
        )
    return Sentence(
        "Not yet reviewed by a clinician. Checked against its sources by the authors on {date}.",
        {"date": article.date},
    )
