"""Findings that cannot both be true: pointed out, and carried with less weight."""

from __future__ import annotations

from dataclasses import dataclass

from milia.diagnosis.findings import Findings

_PAIRS = (
    ("surface", "smooth", "rough/verrucous"),
    ("consistency", "soft", "hard"),
    ("symptoms", "none", "itch"),
    ("symptoms", "none", "pain"),
    ("symptoms", "none", "inflamed"),
    ("shape", "dome", "flat-topped"),
)
_SINGLE_LESION_TERMS = ("grouped", "scattered", "widespread", "symmetrical", "bilateral", "linear")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A sentence for the person, and the keys of the findings it puts in doubt."""

    text: str
    keys: tuple[str, ...]


def contradictions(findings: Findings) -> tuple[Contradiction, ...]:
    """Name every pair of findings that cannot both be true."""
    found = []
    closed = findings.closed()
    for feature, one, other in _PAIRS:
        if one in closed.get(feature, ()) and other in closed[feature]:
            found.append(
                _made(f"{feature} is both {one} and {other}", f"{feature}:{one}", f"{feature}:{other}")
            )
    return (*found, *_against_time(findings), *_against_number(findings))


def _against_time(findings: Findings) -> list[Contradiction]:
    found = []
    age, months = findings.age_years, findings.duration_months
    # A twelfth of a year of slack: ages are often given in whole years.
    if age is not None and months is not None and months / 12 > max(age * 1.1, age + 1 / 12):
        text = f"present for {months:g} months, longer than the patient's age of {age:g} years"
        found.append(_made(text, f"duration:{findings.duration}", f"age:{findings.age_band}"))
    elif age is not None and age < 1 and findings.duration == "years":
        found.append(
            _made("present for years at an age below one year", "duration:years", f"age:{findings.age_band}")
        )
    if (
        findings.onset == "congenital"
        and age is not None
        and age >= 2
        and findings.duration in ("weeks", "months")
    ):
        found.append(
            _made(
                f"congenital, yet present for {findings.duration} only",
                "onset:congenital",
                f"duration:{findings.duration}",
            )
        )
    if findings.growth == "stable" and findings.onset == "sudden" and findings.duration == "weeks":
        found.append(_made("sudden within weeks, yet called stable", "growth:stable", "onset:sudden"))
    return found


def _against_number(findings: Findings) -> list[Contradiction]:
    if findings.lesion_count != "1":
        if findings.lesion_count == "many" and any(id == "solitary_word" for id, _ in findings.present):
            return [_made("number many, yet called single", "count:many", "term:solitary_word")]
        return []
    clashing = [id for id, _ in findings.present if id in _SINGLE_LESION_TERMS]
    made = [_made(f"a single lesion, yet called {id}", "count:1", f"term:{id}") for id in clashing]
    if findings.growth in ("number", "size+number"):
        made.append(_made("a single lesion, yet growing in number", "count:1", f"growth:{findings.growth}"))
    return made


def _made(text: str, *keys: str) -> Contradiction:
    return Contradiction(f"{text}: both are kept with less weight; please check", keys)
