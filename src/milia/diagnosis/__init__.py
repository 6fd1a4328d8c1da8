"""Findings in, differential out: with reasons, doubts, red flags and the next best question."""

from milia.diagnosis.assess import assess
from milia.diagnosis.assessment import (
    Assessment,
    Candidate,
    NextFinding,
    RaisedFlag,
    Reason,
    Referral,
    percent,
)
from milia.diagnosis.data import Condition, RedFlag, load_field
from milia.diagnosis.findings import FINDING_KEYS, Findings, read_findings
from milia.diagnosis.gate import GateResult, gate
from milia.diagnosis.interview import interview
from milia.diagnosis.priors import SETTINGS, Priors, load_priors, priors_from_mapping
from milia.diagnosis.sheet import findings_from_text, load_findings
from milia.diagnosis.values import VOCABULARY

__all__ = [
    "FINDING_KEYS",
    "SETTINGS",
    "VOCABULARY",
    "Assessment",
    "Candidate",
    "Condition",
    "Findings",
    "GateResult",
    "NextFinding",
    "Priors",
    "RaisedFlag",
    "Reason",
    "RedFlag",
    "Referral",
    "assess",
    "findings_from_text",
    "gate",
    "interview",
    "load_field",
    "load_findings",
    "load_priors",
    "percent",
    "priors_from_mapping",
    "read_findings",
]
