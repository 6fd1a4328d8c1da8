"""Red flags: rules that send a patient on, whatever the probabilities say."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable

from milia.diagnosis.data import SITE_GROUPS, Advice, RedFlag
from milia.diagnosis.findings import Findings

URGENCIES = ("urgent", "soon", "routine")
"""Within days, within weeks, at the next ordinary appointment."""

_AGE = re.compile(r"age(>=|<)([0-9.]+)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {">=": lambda a, b: a >= b, "<": lambda a, b: a < b}


def facts_of(findings: Findings) -> frozenset[str]:
    """Give the tokens that hold: terms present and ``feature:value`` of the closed findings."""
    facts = {id for id, _ in findings.present}
    for feature, values in findings.closed().items():
        facts.update(f"{feature}:{value}" for value in values)
    for group, sites in SITE_GROUPS.items():
        if group in findings.site_groups or any(site in sites for site in findings.sites):
            facts.add(f"site:{group}")
    if "site:eyelid" in facts:
        facts.add("site:face")
    if "central_face" in facts or "site:centre" in facts:
        facts.update(("site:centre", "site:face"))
    if "plaque_word" in facts:
        facts.add("shape:plaque")
    return frozenset(facts)


def holds(token: str, facts: frozenset[str], age_years: float | None) -> bool:
    """Whether a token is known to hold; ``!token`` holds when it is not known to be present."""
    if token.startswith("!"):
        return not holds(token[1:], facts, age_years)
    if found := _age_rule(token):
        return age_years is not None and _COMPARE[found[0]](age_years, found[1])
    return token in facts


def raised(flags: Iterable[RedFlag], findings: Findings) -> tuple[RedFlag, ...]:
    """Give the flags that are raised and not cleared, most urgent first."""
    facts = facts_of(findings)

    def any_line(lines: tuple[tuple[str, ...], ...]) -> bool:
        return any(all(holds(token, facts, findings.age_years) for token in line) for line in lines)

    found = [flag for flag in flags if any_line(flag.when) and not any_line(flag.unless)]
    return tuple(sorted(found, key=lambda flag: URGENCIES.index(flag.urgency)))


def would_raise(flags: tuple[RedFlag, ...], findings: Findings, token: str) -> bool:
    """Whether one more finding would raise a flag that is not cleared."""
    facts = facts_of(findings) | {token}

    def met(line: tuple[str, ...]) -> bool:
        return all(holds(other, facts, findings.age_years) for other in line)

    lines = _with_token(flags).get(token, ())
    return any(met(line) and not any(met(clear) for clear in flag.unless) for flag, line in lines)


@functools.lru_cache(maxsize=4)
def _with_token(flags: tuple[RedFlag, ...]) -> dict[str, list[tuple[RedFlag, tuple[str, ...]]]]:
    made: dict[str, list[tuple[RedFlag, tuple[str, ...]]]] = {}
    for flag in flags:
        for line in flag.when:
            for token in line:
                made.setdefault(token, []).append((flag, line))
    return made


def advised(advice: Iterable[Advice], findings: Findings) -> tuple[str, ...]:
    """Give the notes that apply and are no referral."""
    facts = facts_of(findings)
    return tuple(
        note.text
        for note in advice
        if any(all(holds(token, facts, findings.age_years) for token in line) for line in note.when)
    )


@functools.lru_cache(maxsize=256)
def _age_rule(token: str) -> tuple[str, float] | None:
    found = _AGE.fullmatch(token)
    return (found[1], float(found[2])) if found else None
