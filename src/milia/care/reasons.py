"""Why this action: short sentences with the numbers of the case and of the laser plan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from milia.base import format_quantity
from milia.care.choice import Choice
from milia.care.facts import Facts
from milia.care.wording import laser_argument, no_window
from milia.knowledge import Knowledge
from milia.language import Name, Told, joined, told

if TYPE_CHECKING:
    from milia.planning import Case, LaserPlan

NEEDLE_FIRST = "care.reason.needle_first"


def because(choice: Choice, *, laser: LaserPlan | None) -> str:
    """Return in half a sentence what decided: a rule, the missing window, or nothing in particular."""
    if choice.gate is not None:
        return choice.gate.because
    if choice.action == "laser":
        return ""
    blocking = [rule for rule, effect in choice.standings["laser"].rules if effect != "caution"]
    if blocking:
        why = joined("{one} and {other}", dict.fromkeys(rule.because for rule in blocking))
        return told("no laser, because of {why}", why=why)
    if laser is not None and laser.recommended is None:
        return told("no window, because no laser setting is both effective and safe enough here")
    return ""


def reasons(
    case: Case,
    facts: Facts,
    choice: Choice,
    *,
    laser: LaserPlan | None,
    test_lesion: bool,
    knowledge: Knowledge,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the reasons for the chosen action and the ids they rest on.

    Parameters
    ----------
    case, facts, choice
        What was asked, and what was chosen.
    laser
        The laser plan, if one was computed.
    test_lesion
        Whether one lesion is treated before the others.
    knowledge
        Where the limits are.

    Returns
    -------
    tuple
        Sentences, each once, and evidence ids.
    """
    if choice.gate is not None:
        return (choice.gate.text, *_standing_reasons(choice, skip=choice.gate.id)), choice.gate.evidence
    if choice.action == "laser" and laser is not None:
        found = _for_laser(facts, choice, laser=laser, test_lesion=test_lesion, knowledge=knowledge)
        ids = ["care.choice.count_several", "care.choice.roof_thick", NEEDLE_FIRST]
    else:
        found = _against_laser(case, facts, choice, laser=laser)
        ids = []
    return tuple(dict.fromkeys((*found, *_preferred(facts, choice)))), tuple(ids)


def _preferred(facts: Facts, choice: Choice) -> Iterable[str]:
    """Say where a failed treatment or the clinic's preference decided: neither is evidence."""
    if choice.chosen.promoted:
        rules = (rule for rule, _ in choice.standings["extract"].rules if choice.action in rule.promotes)
        yield from (told("Put forward because of {why}.", why=rule.because) for rule in rules)
    if facts.prefer:
        named = [told("{name}", name=Name(name.replace("_", " "))) for name in facts.prefer]
        yield told(
            "The clinic's order of preference was used: {options}. No contraindication was set aside.",
            options=joined("{one}, {other}", named),
        )


def _for_laser(
    facts: Facts, choice: Choice, *, laser: LaserPlan, test_lesion: bool, knowledge: Knowledge
) -> Iterable[str]:
    yield from laser.reasons or (laser_argument(laser),)
    yield from _indication(facts, test_lesion=test_lesion, knowledge=knowledge)
    yield from _standing_reasons(choice)
    yield told(knowledge.statement(NEEDLE_FIRST).text)


def _against_laser(case: Case, facts: Facts, choice: Choice, *, laser: LaserPlan | None) -> Iterable[str]:
    if laser is not None and laser.recommended is None:
        yield from (
            (told("No window for this cyst with this device."), *laser.reasons)
            if laser.reasons
            else (no_window(laser),)
        )
    elif facts.hard_stop:
        yield told(
            "Skin of about {skin} in all, of which at most {depth} may be lost: no laser is planned here.",
            skin=_length(case.lesion.site.total_m.value),
            depth=_length(case.lesion.site.depth_limit_m),
        )
    yield from _standing_reasons(choice)
    yield from choice.chosen.reasons_for


def _indication(facts: Facts, *, test_lesion: bool, knowledge: Knowledge) -> Iterable[str]:
    several = knowledge.quantity("care.choice.count_several").value
    thick = knowledge.quantity("care.choice.roof_thick").si
    found = False
    if facts.count >= several:
        found = True
        yield _several(facts.count, test_lesion=test_lesion)
    if facts.roof_m >= thick:
        found = True
        roof, ends = _length(facts.roof_m), _length(thick)
        if facts.roof_measured:
            yield told(
                "A thick roof ({roof}, measured; thick from {ends}) resists a needle.", roof=roof, ends=ends
            )
        else:
            yield told(
                "A thick roof ({roof}, atlas value; thick from {ends}) resists a needle.",
                roof=roof,
                ends=ends,
            )
    if not found:
        yield told(
            "A single lesion under a thin roof: only the clinic's wish, shown by the device it named, "
            "speaks for the laser here."
        )


def _several(count: int, *, test_lesion: bool) -> Told:
    if test_lesion and count == 1:
        return told("1 lesion: once the test lesion has left no mark, several can be opened in one session.")
    if count == 1:
        return told("1 lesion: several can be opened in one session.")
    if test_lesion:
        return told(
            "{count} lesions: once the test lesion has left no mark, several can be opened in one session.",
            count=str(count),
        )
    return told("{count} lesions: several can be opened in one session.", count=str(count))


def _standing_reasons(choice: Choice, *, skip: str = "") -> Iterable[str]:
    """Say for every rule that touches the laser how far it goes; the strongest first."""
    order = {"excluded": 0, "discouraged": 1, "caution": 2}
    touching = sorted(choice.standings["laser"].rules, key=lambda found: order[found[1]])
    return tuple(_standing(effect, rule.because) for rule, effect in touching if rule.id != skip)


def _standing(effect: str, because: str) -> Told:
    if effect == "excluded":
        return told("No laser: {because}.", because=because)
    if effect == "discouraged":
        return told("The laser is discouraged: {because}.", because=because)
    return told("The laser only with caution: {because}.", because=because)


def _length(metres: float) -> str:
    return format_quantity(float(f"{metres:.3g}"), "m")
