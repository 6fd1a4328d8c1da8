"""The report's content in reading order, as plain texts: the same for HTML and PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.language import say
from milia.report import care_view
from milia.report.care_view import Alternative, Cite, Measure, SafetyGroup, Step, Visit, WarningSign
from milia.report.certainty_view import CertaintyView, certainty_view
from milia.report.diagnosis_view import DiagnosisView, diagnosis_view
from milia.report.numbers import lesions, of_hundred, significant, span, unbroken, with_unit
from milia.report.reading import checked_action, entries, number, probability, section, text, texts
from milia.report.settings_view import SettingsView, settings_view
from milia.report.strategy_view import StrategyView, strategy_view

ACTION_TITLES = {
    "laser": "Laser",
    "extract": "Extract",
    "electrosurgery": "Electrosurgery",
    "observe": "Observe",
    "refer": "Refer",
    "assess_first": "Assess first",
}
FALLBACK_HEADLINES = {
    "laser": "Open it with the laser.",
    "extract": "Extract it by hand.",
    "electrosurgery": "Open it by electrosurgery.",
    "observe": "Leave it and look again.",
    "refer": "Refer before anything is done.",
    "assess_first": "Settle the diagnosis first.",
}
DISCLAIMER = "Decision support and research tool, not a cleared medical device; the clinician decides."
ADULT_YEARS = 18.0
PERSONS = {
    ("female", False): "Woman",
    ("male", False): "Man",
    ("female", True): "Girl",
    ("male", True): "Boy",
}
HISTORY = {
    "recurrent_hsv": "recurrent herpes simplex",
    "g6pd_deficiency": "G6PD deficiency",
    "isotretinoin_6_months": "isotretinoin in the last 6 months",
}
LINKABLE = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Source:
    """One numbered source."""

    number: int
    citation: str
    url: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PulseRow:
    """What a train of so many pulses does."""

    pulses: str
    recommended: bool
    opens: str
    harms: str
    opening: str
    opening_range: str
    depth: str
    depth_range: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the numbers come from."""

    facts: tuple[tuple[str, str], ...]
    evidence: tuple[str, ...]
    disclaimer: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything that a report says."""

    action: str
    action_title: str
    headline: str
    reasons: tuple[str, ...]
    document_title: str
    subject: tuple[str, ...]
    stops: tuple[str, ...]
    diagnosis: DiagnosisView | None
    settings: SettingsView | None
    certainty: CertaintyView | None
    pulses: tuple[PulseRow, ...]
    strategy: StrategyView | None
    alternatives: tuple[Alternative, ...]
    measures: tuple[Measure, ...]
    gain_means: str
    safety: tuple[SafetyGroup, ...]
    aftercare: tuple[Step, ...]
    warning_signs: tuple[WarningSign, ...]
    visits: tuple[Visit, ...]
    warnings: tuple[str, ...]
    sources: tuple[Source, ...]
    provenance: Provenance


def report_view(plan: Mapping[str, Any]) -> ReportView:
    """Return the report's content; raises InputError where the mapping is not a plan."""
    action = checked_action(plan)
    cite = _citations(plan)
    safety = care_view.safety(plan, cite)
    site = text(section(plan, "case"), "site_title")
    return ReportView(
        action=action,
        action_title=say(ACTION_TITLES[action]),
        headline=unbroken(text(plan, "headline")) or say(FALLBACK_HEADLINES[action]),
        reasons=tuple(unbroken(reason) for reason in texts(plan, "reasons")),
        document_title=" · ".join(
            word for word in (say("Milia plan"), site, say(ACTION_TITLES[action].lower())) if word
        ),
        subject=_subject(section(plan, "case")),
        stops=tuple(item.title for group in safety if group.level == "stop" for item in group.items),
        diagnosis=diagnosis_view(plan),
        settings=settings_view(section(plan, "settings"), section(plan, "strategy")),
        certainty=certainty_view(plan),
        pulses=_pulses(plan),
        strategy=strategy_view(plan),
        alternatives=care_view.alternatives(plan, cite),
        measures=care_view.measures(plan),
        gain_means=next((text(row, "gain_unit") for row in entries(plan, "measure_next")), ""),
        safety=safety,
        aftercare=care_view.aftercare(plan, cite),
        warning_signs=care_view.warning_signs(plan, cite),
        visits=care_view.visits(plan, cite),
        warnings=texts(plan, "warnings"),
        sources=_sources(plan),
        provenance=_provenance(plan),
    )


def _subject(case: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in a few short phrases whose skin this is: patient, lesion, history, device."""
    patient = section(case, "patient")
    age, skin_type = text(patient, "age"), text(patient, "skin_type")
    person = (
        _person(text(patient, "sex"), age),
        _plural_unit(age),
        say("skin type {skin_type}", skin_type=skin_type) if skin_type else "",
    )
    history = ", ".join(say(HISTORY.get(item, item.replace("_", " "))) for item in texts(patient, "history"))
    device = text(case, "device_title") or text(case, "device")
    lines = (
        ", ".join(word for word in person if word),
        _lesion(case),
        say("History: {history}", history=history) if history else "",
        say("Device: {device}", device=device) if device else "",
    )
    return tuple(unbroken(line) for line in lines if line)


def _lesion(case: Mapping[str, Any]) -> str:
    lesion = section(case, "lesion")
    diagnosis = section(lesion, "diagnosis")
    condition = say(text(diagnosis, "condition").replace("_", " "))
    confirmed = say("confirmed") if diagnosis.get("confirmed") is True else say("not confirmed")
    count = number(lesion, "count")
    roof, total = text(lesion, "roof"), text(section(case, "skin"), "total")
    words = (
        f"{condition} ({confirmed})" if condition else "",
        lesions(int(count)) if count is not None else "",
        text(case, "site_title") or text(lesion, "site").replace("_", " "),
        _micro(text(lesion, "diameter")),
        say("roof {thickness}", thickness=_micro(roof)) if roof else "",
        say("skin {thickness}", thickness=_micro(total)) if total else "",
    )
    said = ", ".join(word for word in words if word)
    return said[:1].upper() + said[1:]


def _person(sex: str, age: str) -> str:
    """Return the word for a patient; a child is not a man or a woman."""
    value, _, unit = age.partition(" ")
    try:
        years = float(value)
    except ValueError:
        years = ADULT_YEARS
    child = unit.rstrip("s") in {"month", "week", "day"} or years < ADULT_YEARS
    return say(PERSONS.get((sex, child), ""))


def _plural_unit(age: str) -> str:
    value, _, unit = age.partition(" ")
    if unit not in {"year", "month", "week", "day"}:
        return age
    several = "" if value in {"1", "1.0"} else "s"
    return say(f"{{number}} {unit}{several}", number=value)


def _micro(quantity: str) -> str:
    return " ".join("µm" if word == "um" else word for word in quantity.split(" "))


def _pulses(plan: Mapping[str, Any]) -> tuple[PulseRow, ...]:
    looked = number(section(plan, "strategy"), "most_pulses")
    chosen = number(section(plan, "settings"), "pulses") if looked is None else looked
    rows = []
    for entry in entries(plan, "pulses"):
        count = number(entry, "pulses")
        if count is None:
            continue
        opening, depth = section(entry, "opening_um"), section(entry, "crater_depth_um")
        rows.append(
            PulseRow(
                pulses=significant(count),
                recommended=count == chosen,
                opens=of_hundred(probability(entry, "p_open")),
                harms=of_hundred(probability(entry, "p_harm")),
                opening=with_unit(number(opening, "p50"), "µm"),
                opening_range=_range(opening),
                depth=with_unit(number(depth, "p50"), "µm"),
                depth_range=_range(depth),
            )
        )
    return tuple(rows)


def _range(interval: Mapping[str, Any]) -> str:
    low, high = number(interval, "p05"), number(interval, "p95")
    return "" if low is None or high is None else span(low, high)


def _citations(plan: Mapping[str, Any]) -> Cite:
    """Return a function from an entry's evidence to the numbers of the sources behind it."""
    places: dict[str, set[int]] = {}
    for index, entry in enumerate(entries(section(plan, "provenance"), "sources"), start=1):
        for key in (text(entry, "id"), *texts(entry, "evidence")):
            places.setdefault(key, set()).add(index)

    def cite(entry: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(sorted({index for key in texts(entry, "evidence") for index in places.get(key, ())}))

    return cite


def _sources(plan: Mapping[str, Any]) -> tuple[Source, ...]:
    rows = []
    for index, entry in enumerate(entries(section(plan, "provenance"), "sources"), start=1):
        url = text(entry, "url")
        linkable = url.lower().startswith(LINKABLE)
        rows.append(
            Source(
                index,
                text(entry, "citation") or text(entry, "id"),
                url if linkable else "",
                texts(entry, "flags"),
            )
        )
    return tuple(rows)


def _provenance(plan: Mapping[str, Any]) -> Provenance:
    found = section(plan, "provenance")
    seed, scenarios = number(found, "seed"), number(found, "scenarios")
    facts = (
        ("Milia", text(found, "version")),
        (say("plan schema"), text(found, "schema_version") or text(plan, "schema_version")),
        (say("seed"), "" if seed is None else f"{seed:.0f}"),
        (say("scenarios"), "" if scenarios is None else f"{scenarios:.0f}"),
        (say("parameter sets"), ", ".join(texts(found, "parameter_sets"))),
    )
    return Provenance(
        facts=tuple((name, value) for name, value in facts if value),
        evidence=texts(found, "evidence"),
        disclaimer=say(text(found, "disclaimer") or DISCLAIMER),
    )
