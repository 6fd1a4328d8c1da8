"""A plan in another language: its sentences said anew from what they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milia.language import ENGLISH, Language, heard, word_for

PARTS = (
    "headline",
    "reasons",
    "strategy",
    "goals",
    "measure_next",
    "worst_scenarios",
    "strategies",
    "limits",
    "scenarios",
    "drift",
    "explanation",
    "devices",
    "certainty",
    "choice",
    "alternatives",
    "safety",
    "warnings",
    "aftercare",
    "followup",
)
"""Where a plan holds sentences; its numbers, curves and keys are never looked at."""
PROSE = frozenset(
    {
        *("against", "apart", "ask", "avoid", "basis", "default", "do", "explanation", "for", "gain_unit"),
        *("headline", "how", "in_words", "input", "now", "other", "patient", "reasons"),
        *("purpose", "rests_on", "sign", "spread", "text", "title", "topic", "warnings", "words"),
    }
)
"""The keys under which a plan says something to people."""
SOMETIMES = frozenset({"action", "name"})
"""Keys that hold a sentence in one place and an identifier in another: only what was told is said anew."""
TITLES = ("site_title", "device_title")


def spoken_plan(plan: Mapping[str, Any], language: Language) -> tuple[dict[str, Any], bool]:
    """Return a plan with its sentences in a language, and whether it knew what they were made of.

    Parameters
    ----------
    plan
        As `Plan.to_dict` gives it or a file holds it. One from before plans kept their sentences is said as
        far as the catalogue holds its texts word for word; the rest stays English.
    language
        The language of whoever reads.
    """
    if language == ENGLISH:
        return dict(plan), True
    known = heard(plan.get("said"), language)
    found = dict(plan)
    for part in PARTS:
        if part in found:
            found[part] = _said(found[part], part in PROSE, known, language)
    case = found.get("case")
    if isinstance(case, Mapping):
        titles = {key: word_for(case[key], language) for key in TITLES if isinstance(case.get(key), str)}
        found["case"] = {**case, **titles}
    return found, isinstance(plan.get("said"), list)


def _said(content: Any, prose: bool, known: Mapping[str, str], language: Language) -> Any:
    if isinstance(content, str):
        return known.get(content) or word_for(content, language) if prose else content
    if isinstance(content, Mapping):
        return {
            key: known.get(value, value)
            if key in SOMETIMES and isinstance(value, str)
            else _said(value, key in PROSE, known, language)
            for key, value in content.items()
        }
    if isinstance(content, list | tuple):
        return [_said(value, prose, known, language) for value in content]
    return content
