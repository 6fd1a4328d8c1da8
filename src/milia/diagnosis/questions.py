"""Which finding to check next: expected information and expected change of decision, cheap ones first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from milia.diagnosis.data import BASE_SITES, CLOSED, Field
from milia.diagnosis.findings import Findings
from milia.diagnosis.flags import would_raise
from milia.diagnosis.tables import Array, Tables

COST = {
    "look": 1.0,
    "touch": 1.0,
    "history": 1.0,
    "arrangement": 1.0,
    "sign": 1.1,
    "dermoscopy": 1.6,
    "content": 2.5,
}
"""Effort of an answer relative to a look: dermoscopy needs the instrument, content needs a nick."""

SMALLEST_GAIN = 0.01
"""Questions worth less are not listed."""

_ASK: dict[str, tuple[str, str, str]] = {
    "age": ("age_years", "history", "How old is the patient?"),
    "sex": ("sex", "history", "Is the patient female or male?"),
    "site": ("sites", "look", "Where are the lesions?"),
    "count": ("lesion_count", "look", "One, a few (2 to 4) or many?"),
    "colour": ("colour", "look", "Which colour is it under good light?"),
    "surface": (
        "surface",
        "look",
        "Look from the side: smooth, rough, umbilicated, with vessels, with a punctum?",
    ),
    "consistency": ("consistency", "touch", "Touch it: firm, soft or rock-hard?"),
    "shape": ("shape", "look", "Dome, flat-topped, plaque or cystic?"),
    "symptoms": ("symptoms", "history", "Itch, pain, inflammation, or none?"),
    "onset": ("course.onset", "history", "Did it come gradually, suddenly, or was it there at birth?"),
    "growth": ("course.growth", "history", "Does it grow in size, in number, fast, or is it stable?"),
    "duration": ("course.duration_band", "history", "Weeks, months or years?"),
}
_HOW = {
    "dermoscopy": "Dermoscopy, also while stretching the skin",
    "content": "Nick and express",
    "history": "Ask",
    "sign": "Look and feel",
    "arrangement": "Look",
}
_OPEN_KEY = {
    "dermoscopy": "dermoscopy",
    "content": "extractable_content",
    "history": "triggers_history",
    "sign": "triggers_history",
    "arrangement": "course.arrangement",
}
_NEVER_ASKED = ("healthy", "lay")


@dataclass(frozen=True, slots=True)
class Question:
    """A finding worth checking: expected information [bits], worth for the decision, and effort."""

    finding: str
    question: str
    key: str
    gain: float
    decision: float
    cost: float
    accepted: tuple[str, ...]
    term: str | None


def rank_questions(
    tables: Tables, probability: Array, findings: Findings, *, milia: int, flagged: bool, limit: int = 8
) -> tuple[Question, ...]:
    """Rank the unasked findings by (information + worth for the decision) per effort.

    Parameters
    ----------
    tables
        Sampled tables; their means are used here.
    probability
        Present probability of each condition [conditions].
    findings
        What is known already and therefore not asked.
    milia
        Index of the milia group.
    flagged
        Whether a red flag is open: then no answer changes the decision to refer.
    limit
        Longest list.
    """
    known = findings.closed()
    asked = {id for id, _ in (*findings.present, *findings.absent)}
    decide = _Decision(tables, probability, findings, milia=milia, flagged=flagged)
    questions = [
        _closed_question(tables, feature, decide)
        for feature in CLOSED
        if feature not in known and not (feature == "site" and findings.site_groups)
    ]
    field = tables.field
    terms = [t for t in field.terms if t not in asked and field.terms[t].family not in _NEVER_ASKED]
    if terms:
        questions += _term_questions(tables, terms, decide)
    ranked = sorted(questions, key=lambda q: (-round((q.gain + q.decision) / q.cost, 9), q.finding))
    return tuple(q for q in ranked if q.gain + q.decision >= SMALLEST_GAIN)[:limit]


class _Decision:
    """What an answer is worth: information, and what it saves when one must treat, refer or wait."""

    def __init__(
        self, tables: Tables, probability: Array, findings: Findings, *, milia: int, flagged: bool
    ) -> None:
        self.probability = probability
        self.membership = tables.membership
        self._loss = _losses(tables, milia=milia)
        self._flagged = flagged
        self._findings = findings
        self._red_flags = tables.field.red_flags
        self._now = float((self._loss @ probability).min())

    def gain(self, share: Array, tokens: Iterable[str]) -> tuple[float, float]:
        """Information on the group [bits] and worth for the decision, for P(answer | c) [answers, c].

        The worth is the expected saving of loss, in needless referrals, plus the chance of an answer that
        raises a red flag; ``tokens`` names the answers for that.
        """
        joint = share * self.probability
        answer = joint.sum(axis=1)
        by_group = joint @ self.membership
        group = by_group.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = by_group * np.log2(by_group / (answer[:, None] * group[None, :]))
        information = max(float(np.nansum(terms)), 0.0)
        if self._flagged:
            return information, 0.0
        saved = self._now - float((joint @ self._loss.T).min(axis=1).sum())
        raises = [would_raise(self._red_flags, self._findings, token) for token in tokens]
        return information, max(saved, 0.0) + float(answer[raises].sum())


def _losses(tables: Tables, *, milia: int) -> Array:
    """Loss of treating, referring and waiting [3, conditions]; a needless referral counts one."""
    missed = tables.field.numbers["loss.missed"]
    wrong = tables.field.numbers["loss.wrong_treatment"]
    untreated = tables.field.numbers["loss.untreated"]
    own = tables.group_of == milia
    treat = np.where(tables.must, missed, np.where(own, 0.0, wrong))
    refer = np.where(tables.must, 0.0, 1.0)
    wait = np.where(tables.must, missed, np.where(own, untreated, 0.0))
    return np.stack([treat, refer, wait])


def _closed_question(tables: Tables, feature: str, decide: _Decision) -> Question:
    tokens = [f"{feature}:{answer}" for answer in CLOSED[feature]]
    gain, decision = decide.gain(tables.closed_mean[feature], tokens)
    key, kind, text = _ASK[feature]
    accepted = BASE_SITES if feature == "site" else CLOSED[feature]
    return Question(key, text, key, gain, decision, COST[kind], accepted, None)


def _term_questions(tables: Tables, terms: list[str], decide: _Decision) -> list[Question]:
    made = []
    field: Field = tables.field
    share = tables.term_mean[[tables.term_index[t] for t in terms]]
    # A quick bound first: terms that the leading conditions do not differ in cannot be worth asking.
    mean = share @ decide.probability
    spread = ((share - mean[:, None]) ** 2) @ decide.probability / np.maximum(mean * (1 - mean), 1e-9)
    for i in np.argsort(-spread, kind="stable")[:24]:
        term = field.terms[terms[i]]
        gain, decision = decide.gain(np.stack([share[i], 1 - share[i]]), (term.id, ""))
        text = f"{_HOW[term.input]}: {term.title}?"
        made.append(
            Question(
                f"{_OPEN_KEY[term.input]}: {term.title}",
                text,
                _OPEN_KEY[term.input],
                gain,
                decision,
                COST[term.input],
                ("yes", "no"),
                term.id,
            )
        )
    return made
