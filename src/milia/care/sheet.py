"""The safety sheet of one session, for the staff, in the order of the work; each line has its source."""

from __future__ import annotations

from milia.care.consent import of_hundred
from milia.care.facts import Facts
from milia.care.pack import SheetItem, SheetSection
from milia.care.protocol import CLINIC_SOURCE
from milia.care.safety import SafetyItem, safety_sheet
from milia.care.saved import Saved
from milia.care.wording import plural, settings_phrase, short
from milia.knowledge import Knowledge
from milia.language import Sentence

SECTIONS = {
    "patient": Sentence("This patient"),
    "before": Sentence("Before anything is destroyed"),
    "setting": Sentence("Setting"),
    "eyes": Sentence("Eyes"),
    "air": Sentence("Air and fire"),
    "anaesthesia": Sentence("Anaesthesia"),
    "work": Sentence("The work"),
    "after": Sentence("Afterwards"),
}


def sheet_for(
    facts: Facts, saved: Saved, usual_dose: SafetyItem | None, *, knowledge: Knowledge
) -> tuple[SheetSection, ...]:
    """Return the sheet of a planned action; ``usual_dose`` is the clinic's own, already checked."""
    items = [*safety_sheet(facts, knowledge=knowledge), *([usual_dose] if usual_dose else [])]
    lines = {
        key: [_line(item, knowledge=knowledge) for item in items if item.section == key] for key in SECTIONS
    }
    lines["setting"] = [*_setting(saved), *lines["setting"]]
    return tuple(SheetSection(key, title, tuple(lines[key])) for key, title in SECTIONS.items() if lines[key])


def subject_of(saved: Saved) -> tuple[Sentence, ...]:
    """Return who is treated and what, in short lines for the staff."""
    case = saved.numbers.case
    patient, lesion = case["patient"], case["lesion"]
    history = patient.get("history")
    words = ", ".join(history).replace("_", " ") if history else ("none" if history == [] else "not asked")
    lines = (
        f"{patient['sex']}, {patient['age']}, skin type {patient['skin_type']}",
        f"weight {patient['weight']}" if patient.get("weight") else "weight not known",
        f"history: {words}",
        f"{plural(saved.facts.count, 'lesion', 'lesions')} of {lesion['diameter']}, {saved.facts.site_title}",
        f"roof {lesion['roof']}" if lesion.get("roof") else "roof not measured",
        f"diagnosis: {saved.facts.condition.replace('_', ' ')}"
        + (", confirmed" if saved.facts.confirmed else ", not confirmed"),
    )
    return tuple(Sentence(line) for line in lines)


def _line(item: SafetyItem, *, knowledge: Knowledge) -> SheetItem:
    sources = knowledge.references(item.evidence)
    return SheetItem(
        level=item.level,
        title=Sentence(item.title),
        sentence=Sentence(item.text, evidence=item.evidence),
        statement=item.id,
        sources=tuple(source.citation for source in sources),
        flag=knowledge.entry(item.id).flag,
        doses=item.doses,
        clinics_own=any(source.id == CLINIC_SOURCE for source in sources),
    )


def _setting(saved: Saved) -> list[SheetItem]:
    numbers = saved.numbers
    if numbers.settings is None:
        return []
    healing = saved.healing_days
    lines = [
        (
            "Dial this",
            Sentence(settings_phrase(numbers.settings.model_dump(), numbers.strategy)),
        ),
        (
            "What it should do",
            Sentence(
                "Opens in {opens} and harms in {harms} of 100 simulated skins; closes in {low} to "
                "{high} days.",
                {
                    "opens": of_hundred(numbers.p_open or 0.0),
                    "harms": of_hundred(numbers.p_harm or 0.0),
                    "low": short(healing.p05) if healing else "?",
                    "high": short(healing.p95) if healing else "?",
                },
            ),
        ),
    ]
    return [
        SheetItem(
            level="do",
            title=Sentence(title),
            sentence=sentence,
            statement="plan",
            sources=(f"plan {saved.plan_id}",),
            flag="derived",
        )
        for title, sentence in lines
    ]
