"""From a sheet of findings to an assessment."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from milia import __version__
from milia.base import Interval
from milia.diagnosis.assessment import (
    DISCLAIMER,
    SCHEMA_VERSION,
    Assessment,
    Candidate,
    NextFinding,
    RaisedFlag,
    Referral,
    percent,
)
from milia.diagnosis.contradictions import contradictions
from milia.diagnosis.data import RedFlag
from milia.diagnosis.explain import reasons
from milia.diagnosis.findings import Findings, read_findings
from milia.diagnosis.flags import URGENCIES, advised, raised
from milia.diagnosis.inference import Posterior, gather, infer, without_each
from milia.diagnosis.priors import Priors, log_prior
from milia.diagnosis.questions import rank_questions
from milia.diagnosis.tables import SAMPLES, Array, Tables, load_tables
from milia.knowledge import load_knowledge
from milia.language import Name, told

MILIA = "milia"
_EXPLAINED = 6


def assess(
    findings: Mapping[str, Any], *, priors: Priors | None = None, seed: int = 0, file: str | None = None
) -> Assessment:
    """Say what a lesion may be, whether to refer, and what to check next.

    Parameters
    ----------
    findings
        Sheet of findings with the keys of a published case record; what is left out is unknown, not absent.
    priors
        How often conditions are seen here; the default is a dermatology clinic.
    seed
        Seed of the draws of the tables.
    file
        File, for messages.

    Raises
    ------
    InputError
        If a key or a closed value is not known.
    """
    known = read_findings(findings, file=file)
    tables = load_tables(seed)
    used = priors or Priors()
    prior = _log_prior(seed) if priors is None else log_prior(tables, used)
    doubts = contradictions(known)
    weight = tables.field.numbers["dependence.contradicted"]
    items = gather(tables, known, doubted={key: weight for doubt in doubts for key in doubt.keys})
    posterior = infer(prior, items, misread=tables.misread)
    flags = raised(tables.field.red_flags, known)
    refer = _referral(tables, posterior, flags, known, anything=bool(items))
    differential = _differential(tables, posterior, np.exp(prior).mean(axis=-1))
    mean = posterior.probability.mean(axis=-1)
    milia = tables.groups.index(MILIA)
    asked = rank_questions(tables, mean, known, milia=milia, flagged=bool(flags))
    return Assessment(
        differential=differential,
        refer=refer,
        conclusion=_conclusion(tables, prior, posterior, differential, refer, doubted=bool(doubts)),
        ask_next=tuple(
            NextFinding(q.finding, q.gain, q.decision, q.question, q.key, q.accepted, q.term) for q in asked
        ),
        warnings=(*(doubt.text for doubt in doubts), *known.warnings),
        understood=_understood(tables, known),
        provenance=_provenance(differential, refer, used, seed=seed),
    )


@functools.lru_cache(maxsize=4)
def _log_prior(seed: int) -> Array:
    return log_prior(load_tables(seed), Priors())


def _differential(tables: Tables, posterior: Posterior, prior: Array) -> tuple[Candidate, ...]:
    by_group = tables.membership.T @ posterior.probability
    mean = by_group.mean(axis=-1)
    form = posterior.probability.mean(axis=-1)
    order = sorted(range(len(mean)), key=lambda g: (-round(float(mean[g]), 12), tables.groups[g]))
    made = []
    for rank, g in enumerate(order):
        members = sorted(np.flatnonzero(tables.group_of == g), key=lambda c: (-round(float(form[c]), 12), c))
        best = int(members[0])
        condition = tables.field.conditions[best]
        both = reasons(tables, posterior.items, prior, best) if rank < _EXPLAINED else ((), ())
        names = [n for c in members for n in tables.field.conditions[c].names]
        made.append(
            Candidate(
                condition=condition.name,
                group=condition.group,
                probability=float(mean[g]),
                interval=_interval(by_group[g]),
                names=tuple(dict.fromkeys(names)),
                icd10cm=condition.icd10cm,
                must_refer=condition.refer == "must",
                forms=tuple((tables.names[c], float(form[c])) for c in members),
                reasons_for=both[0],
                reasons_against=both[1],
            )
        )
    return tuple(made)


def _interval(draws: Array) -> Interval:
    """5, 50 and 95 % points of the draws, opened where needed so that the mean lies inside."""
    low, middle, high = (float(x) for x in np.quantile(draws, (0.05, 0.5, 0.95)))
    mean = float(draws.mean())
    return Interval(min(low, mean), middle, max(high, mean))


def _referral(
    tables: Tables, posterior: Posterior, flags: tuple[RedFlag, ...], findings: Findings, *, anything: bool
) -> Referral:
    draws = posterior.probability[tables.must].sum(axis=0)
    total = float(draws.mean())
    reasons_ = [flag.text for flag in flags]
    urgencies = [flag.urgency for flag in flags]
    likely = anything and total >= tables.field.numbers["refer.threshold"]
    tell = [flag.patient for flag in flags]
    if likely:
        mean = posterior.probability.mean(axis=-1) * tables.must
        leading = [tables.names[c] for c in np.argsort(-mean, kind="stable")[:2]]
        reasons_.append(
            told(
                "Conditions that must not be treated without a specialist add up to {share}, first {first}, "
                "then {second}.",
                share=percent(total),
                first=Name(leading[0]),
                second=Name(leading[1]),
            )
        )
        urgencies.append("soon" if total >= tables.field.numbers["refer.soon"] else "routine")
        if not tell:
            tell.append("The findings fit something that a specialist should see before any treatment.")
    return Referral(
        needed=bool(reasons_),
        urgency=min(urgencies, key=URGENCIES.index) if urgencies else None,
        reasons=tuple(reasons_),
        flags=tuple(
            RaisedFlag(f.id, f.text, f.urgency, f.patient, f.clears, f.source, f.flag) for f in flags
        ),
        probability=total,
        interval=_interval(draws),
        tell_patient=tuple(dict.fromkeys(tell)),
        advice=advised(tables.field.advice, findings),
    )


def _conclusion(
    tables: Tables,
    prior: Array,
    posterior: Posterior,
    differential: tuple[Candidate, ...],
    refer: Referral,
    *,
    doubted: bool,
) -> str:
    """One word for what follows: only ``milium_likely`` lets a milium be planned without a written reason."""
    numbers = tables.field.numbers
    top = differential[0]
    quiet = refer.probability < numbers["refer.quiet"]
    if refer.needed:
        return "refer"
    if top.group == MILIA and top.probability >= numbers["milium.likely"] and quiet and not doubted:
        return "milium_likely" if _stands_without_each(tables, prior, posterior) else "examine_further"
    if top.group != MILIA and top.probability >= numbers["milium.likely"] and quiet:
        return "other_benign_likely"
    return "examine_further"


def _stands_without_each(tables: Tables, prior: Array, posterior: Posterior) -> bool:
    """Whether a milium stays likely, and referral far, when any one finding turns out wrong."""
    numbers = tables.field.numbers
    milia = tables.groups.index(MILIA)
    for mean in without_each(prior, posterior.items, misread=tables.misread):
        group = mean @ tables.membership
        if group[milia] < numbers["milium.without_one"] or mean[tables.must].sum() >= numbers["refer.quiet"]:
            return False
    return True


def _understood(tables: Tables, findings: Findings) -> dict[str, str]:
    """How each phrase was read, so that a person can see a misreading."""
    made: dict[str, list[str]] = {}
    for found, word in ((findings.present, ""), (findings.absent, "no ")):
        for id, phrase in found:
            made.setdefault(f"{phrase.key}: {phrase.text}", []).append(word + tables.field.terms[id].title)
    return {phrase: "; ".join(titles) for phrase, titles in made.items()}


def _provenance(
    differential: tuple[Candidate, ...], refer: Referral, priors: Priors, *, seed: int
) -> dict[str, Any]:
    knowledge = load_knowledge()
    flags = dict.fromkeys(flag.id for flag in refer.flags)
    shown = [r for c in differential for r in (*c.reasons_for, *c.reasons_against)]
    ids = dict.fromkeys([s for f in refer.flags for s in f.source] + [r.source for r in shown])
    return {
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
        "seed": seed,
        "draws": SAMPLES,
        "setting": priors.setting,
        "own_priors": bool(priors.share or priors.multiply),
        "parameter_sets": ["diagnosis tables 1.0"],
        "evidence": list(flags),
        "sources": [
            {"id": s.id, "citation": s.citation, "url": s.url, "how_read": s.how_read}
            for s in knowledge.references(ids)
        ],
        "disclaimer": DISCLAIMER,
    }
