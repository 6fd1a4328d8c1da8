"""What an assessment says: differential, referral, next questions, warnings, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from milia.base import Interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCHEMA_VERSION = "1.0"
DISCLAIMER = "Decision support and research tool, not a cleared medical device; the clinician decides."


@dataclass(frozen=True, slots=True)
class Reason:
    """A finding for or against a condition: weight [bits], and where the share comes from."""

    finding: str
    weight: float
    words: str
    source: str
    flag: str

    def to_dict(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "finding": self.finding,
            "weight": round(self.weight, 2),
            "words": self.words,
            "source": self.source,
            "flag": self.flag,
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """One group of the differential under the name of its most probable form."""

    condition: str
    group: str
    probability: float
    interval: Interval
    names: tuple[str, ...]
    icd10cm: str | None
    must_refer: bool
    forms: tuple[tuple[str, float], ...]
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give plain data with the keys of the stable interface."""
        return {
            "condition": self.condition,
            "group": self.group,
            "probability": round(self.probability, 4),
            "interval": _rounded(self.interval),
            "names": list(self.names),
            "icd10cm": self.icd10cm,
            "must_refer": self.must_refer,
            "forms": [{"condition": name, "probability": round(p, 4)} for name, p in self.forms],
            "for": [reason.to_dict() for reason in self.reasons_for],
            "against": [reason.to_dict() for reason in self.reasons_against],
        }


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """An open red flag with the sentence for the patient and what would clear it."""

    id: str
    text: str
    urgency: str
    patient: str
    clears: str
    source: tuple[str, ...]
    flag: str

    def to_dict(self) -> dict[str, Any]:
        """Give plain data."""
        return {
            "id": self.id,
            "text": self.text,
            "urgency": self.urgency,
            "patient": self.patient,
            "clears": self.clears,
            "source": list(self.source),
            "flag": self.flag,
        }


@dataclass(frozen=True, slots=True)
class Referral:
    """Whether the patient is sent on before any treatment, how soon, and why."""

    needed: bool
    urgency: str | None
    reasons: tuple[str, ...]
    flags: tuple[RaisedFlag, ...]
    probability: float
    interval: Interval
    tell_patient: tuple[str, ...]
    advice: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give plain data with the keys of the stable interface."""
        return {
            "needed": self.needed,
            "urgency": self.urgency,
            "reasons": list(self.reasons),
            "flags": [flag.to_dict() for flag in self.flags],
            "probability_must_refer": round(self.probability, 4),
            "interval": _rounded(self.interval),
            "tell_patient": list(self.tell_patient),
            "advice": list(self.advice),
        }


@dataclass(frozen=True, slots=True)
class NextFinding:
    """A finding worth checking next."""

    finding: str
    gain: float
    decision: float
    question: str
    key: str
    accepted: tuple[str, ...]
    term: str | None

    def to_dict(self) -> dict[str, Any]:
        """Give plain data: gain in bits; decision in needless referrals saved plus chance of a flag."""
        return {
            "finding": self.finding,
            "gain": round(self.gain, 4),
            "decision": round(self.decision, 4),
            "question": self.question,
        }


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer to "what is this bump?" with its reasons, its doubts and its red flags."""

    differential: tuple[Candidate, ...]
    refer: Referral
    conclusion: str
    ask_next: tuple[NextFinding, ...]
    warnings: tuple[str, ...]
    understood: Mapping[str, str]
    provenance: Mapping[str, Any]

    @property
    def top(self) -> Candidate:
        """The most probable group."""
        return self.differential[0]

    def find(self, condition: str) -> Candidate | None:
        """Give the entry that a condition, form, group or other name belongs to."""
        wanted = condition.casefold().strip()
        for candidate in self.differential:
            forms = [name for name, _ in candidate.forms]
            if wanted in (name.casefold() for name in (candidate.group, *forms, *candidate.names)):
                return candidate
        return None

    def to_dict(self) -> dict[str, Any]:
        """Give plain data with the keys of the stable interface."""
        return {
            "schema_version": SCHEMA_VERSION,
            "differential": [candidate.to_dict() for candidate in self.differential],
            "refer": self.refer.to_dict(),
            "conclusion": self.conclusion,
            "ask_next": [question.to_dict() for question in self.ask_next],
            "warnings": list(self.warnings),
            "understood": dict(self.understood),
            "provenance": dict(self.provenance),
        }

    def plot(self, *, count: int = 8) -> Figure:
        """Draw the differential with its intervals."""
        from milia.diagnosis.pictures import differential_figure

        return differential_figure(self, count=count)

    def _repr_html_(self) -> str:
        from milia.diagnosis.pictures import differential_html

        return differential_html(self)


def percent(share: float) -> str:
    """Write a probability for people: never 0 % or 100 %, which no list of findings can promise."""
    if share < 0.01:
        return "below 1 %"
    return "above 99 %" if share > 0.99 else f"{100 * share:.0f} %"


def _rounded(interval: Interval) -> dict[str, float]:
    return {name: round(value, 4) for name, value in interval.to_dict().items()}
