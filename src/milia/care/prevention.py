"""A routine for later from the patient's own risk factors, with how little is known said plainly."""

from __future__ import annotations

from milia.care.facts import Facts
from milia.care.pack import Item, Prevention, Routine
from milia.care.rules import holding
from milia.knowledge import Knowledge
from milia.language import Sentence

PREVENTION_KEYS = frozenset({"rhythm", "topic"})
QUALITIES = {
    3: Sentence("Counted in patients"),
    4: Sentence("Single cases"),
    5: Sentence("Expert advice only"),
}


def prevention_for(facts: Facts, *, knowledge: Knowledge) -> Prevention:
    """Return the routine and what is known about milia coming back."""
    routine = tuple(
        Routine(
            key=rule.id.rsplit(".", 1)[1],
            rhythm=rule.sentence("rhythm", knowledge=knowledge),
            item=Item(
                sentence=rule.sentence(knowledge=knowledge),
                topic=rule.text_of("topic"),
                statement=rule.id,
            ),
            quality=QUALITIES[rule.statement.level or 5],
        )
        for rule in holding("care.prevention", facts, knowledge=knowledge, keys=PREVENTION_KEYS)
    )
    return Prevention(
        title=Sentence("So that fewer milia come"),
        routine=routine,
        quality=_sentences("care.quality", facts, knowledge=knowledge),
        outlook=_sentences("care.outlook", facts, knowledge=knowledge),
    )


def _sentences(prefix: str, facts: Facts, *, knowledge: Knowledge) -> tuple[Sentence, ...]:
    return tuple(
        rule.sentence(knowledge=knowledge)
        for rule in holding(prefix, facts, knowledge=knowledge, keys=frozenset())
    )
