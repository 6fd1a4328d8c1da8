"""The rules as data: complete, well-formed, resting on known evidence, in our own terms."""

from __future__ import annotations

from typing import Any

import pytest

from milia.care import aftercare, choice, consent, followup, prevention, safety, session
from milia.care.facts import condition_groups, normalised
from milia.care.rules import filled, rules
from milia.knowledge import Knowledge, KnowledgeError, Statement
from milia.planning import HISTORY
from milia.skin import sites

PREFIXES = {
    "care.gate": choice.RULE_KEYS,
    "care.modifier": choice.RULE_KEYS,
    "care.option": choice.OPTION_KEYS,
    "care.argument": choice.ARGUMENT_KEYS,
    "care.reason": frozenset(),
    "care.safety": safety.SHEET_KEYS,
    "care.anaesthesia": safety.SHEET_KEYS,
    "care.aftercare": aftercare.STEP_KEYS,
    "care.sign": aftercare.SIGN_KEYS,
    "care.conflict": aftercare.CONFLICT_KEYS,
    "care.followup": followup.VISIT_KEYS,
    "care.pathway": followup.PATHWAY_KEYS,
    "care.consent": consent.CONSENT_KEYS,
    "care.course": session.COURSE_KEYS,
    "care.prevention": prevention.PREVENTION_KEYS,
    "care.quality": frozenset(),
    "care.outlook": frozenset(),
    "care.place": frozenset(),
}


def _all(knowledge: Knowledge) -> list[Any]:
    return [
        rule for prefix, keys in PREFIXES.items() for rule in rules(prefix, knowledge=knowledge, keys=keys)
    ]


def test_every_statement_of_the_room_is_a_rule(knowledge: Knowledge) -> None:
    ids = {rule.id for rule in _all(knowledge)}
    lists = {statement.id for statement in knowledge.statements("care.condition")}
    assert {statement.id for statement in knowledge.statements("care")} == ids | lists


def test_all_evidence_exists(knowledge: Knowledge) -> None:
    for rule in _all(knowledge):
        assert rule.evidence
        for id in rule.evidence:
            knowledge.entry(id)


def test_words_in_conditions_exist(knowledge: Knowledge) -> None:
    known = {
        "history_any": set(HISTORY),
        "history_none": set(HISTORY),
        "site_any": {site.name for site in sites()},
    }
    for rule in _all(knowledge):
        for condition in rule.when:
            for name, words in condition:
                if name in known:
                    assert set(words) <= known[name], rule.id


def test_every_word_of_the_history_changes_something(knowledge: Knowledge) -> None:
    used = {
        word
        for rule in _all(knowledge)
        for condition in rule.when
        for name, words in condition
        if name == "history_any"
        for word in words
    }
    assert used == set(HISTORY)


def test_levels_titles_and_phases(knowledge: Knowledge) -> None:
    for rule in _all(knowledge):
        assert rule.statement.level in (1, 2, 3, 4, 5, None)
        prefix = rule.id.rsplit(".", 1)[0]
        if prefix in ("care.gate", "care.modifier", "care.safety", "care.anaesthesia"):
            assert rule.title, rule.id
            assert rule.severity, rule.id
        if prefix in ("care.gate", "care.modifier"):
            assert rule.because, rule.id
        if prefix == "care.aftercare":
            assert rule.text_of("phase") in aftercare.PHASES, rule.id
            assert rule.text_of("side") in ("do", "avoid"), rule.id
        assert "{" not in rule.text


def test_numbers_in_texts_come_from_the_quantities(knowledge: Knowledge) -> None:
    text, ids = filled("up to {care.session.batch} lesions", knowledge=knowledge)
    assert text == "up to 5 lesions"
    assert ids == ("care.session.batch",)
    with pytest.raises(KnowledgeError, match=r"care\.session\.none"):
        filled("{care.session.none}", knowledge=knowledge)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"when": {"aeg_below": "care.age.infant"}}, "unknown condition"),
        ({"when": {"orbital": "yes"}}, "orbital"),
        ({"when": {}}, "must be a mapping"),
        ({"when": {"history_any": []}}, "history_any"),
        ({"when": {"action_any": ["lazer"]}}, "lazer"),
        ({"when": {"skin_type_any": ["VII"]}}, "VII"),
        ({"when": {"condition_group": "cyst"}}, "cyst"),
        ({"severity": "halt"}, "halt"),
        ({"severity": "stop"}, "must exclude the laser"),
        ({"severity": "stop", "effects": {"laser": "caution"}}, "must exclude the laser"),
        ({"effects": {"laser": "forbidden"}}, "forbidden"),
        ({"effects": {"cryo": "excluded"}}, "cryo"),
        ({"effects": {"laser": "caution"}, "when": {"action_any": ["laser"]}}, "on its result"),
        ({"urgency": "now"}, "urgency"),
    ],
)
def test_a_broken_rule_is_refused(knowledge: Knowledge, extra: dict[str, Any], message: str) -> None:
    statement = Statement(
        id="care.modifier.broken", text="x", source=("milia_default",), flag="default", level=5, extra=extra
    )
    broken = Knowledge({}, {q.id: q for q in knowledge.quantities()}, {statement.id: statement})
    with pytest.raises(KnowledgeError, match=message):
        rules("care.modifier", knowledge=broken, keys=choice.RULE_KEYS)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("milium", "milium"),
        ("Milia en plaque", "plaque"),
        ("basal cell carcinoma", "malignant"),
        ("Merkel-cell carcinoma of the lid", "malignant"),
        ("colloid milium", "other"),
        ("syringoma", "other"),
        ("  ", "unnamed"),
    ],
)
def test_condition_groups(knowledge: Knowledge, name: str, group: str) -> None:
    assert group in condition_groups(normalised(name), knowledge=knowledge)


def test_read_statements_rest_on_sources_that_were_read(knowledge: Knowledge) -> None:
    for statement in knowledge.statements("care"):
        read = [knowledge.source(id).how_read != "none" for id in statement.source]
        if statement.flag == "read":
            assert all(read), statement.id
        if not any(read):
            assert statement.flag in ("memory", "default"), statement.id


def test_no_weak_page_stands_behind_a_number(knowledge: Knowledge) -> None:
    for quantity in knowledge.quantities("care"):
        for id in quantity.source:
            assert "droracle" not in (knowledge.source(id).url or ""), quantity.id
