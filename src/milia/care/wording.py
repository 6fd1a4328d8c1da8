"""Numbers in sentences: certainty words, percentages, settings, headline and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from milia.care.facts import Facts
from milia.knowledge import Knowledge

if TYPE_CHECKING:
    from milia.planning import Candidate, LaserPlan


def percent(probability: float) -> str:
    """Return a probability in percent; a share of finitely many skins is never written as 0 % or 100 %."""
    if probability < 0.01:
        return "under 1 %"
    if probability > 0.99:
        return "over 99 %"
    return f"{100.0 * probability:.0f} %"


def short(number: float) -> str:
    """Return a number with at most three significant digits and no exponent."""
    return f"{float(f'{number:.3g}'):.12g}"


def plural(count: int, one: str, many: str) -> str:
    """Return a count with its noun."""
    return f"{count} {one if count == 1 else many}"


def certainty_word(probability: float, *, knowledge: Knowledge) -> tuple[str, str]:
    """Return the word for a probability and the id of the threshold it stands on."""
    scale = sorted(knowledge.quantities("care.certainty"), key=lambda quantity: -quantity.value)
    found = next(quantity for quantity in scale if probability >= quantity.value)
    return found.title, found.id


def certainty_sentence(candidate: Candidate, *, knowledge: Knowledge) -> tuple[str, tuple[str, ...]]:
    """Return both probabilities in words, each judged at the end of its interval that flatters less."""
    opens, opens_id = certainty_word(candidate.p_open_range[0], knowledge=knowledge)
    harms, harms_id = certainty_word(candidate.p_harm_range[1], knowledge=knowledge)
    sentence = (
        f"It is {opens} that the roof opens wide enough ({percent(candidate.p_open)} of the simulated skins) "
        f"and {harms} that harm goes past the limit ({percent(candidate.p_harm)}). The words are taken from "
        "the less favourable end of each interval."
    )
    return sentence, tuple(dict.fromkeys((opens_id, harms_id)))


def settings_phrase(settings: Mapping[str, Any], strategy: Mapping[str, Any] | None = None) -> str:
    """Return a setting as it is said aloud: pulses, energy, duration, spot, fluence.

    With a ``strategy`` that looks after each pulse it is the first pulse, and how the series goes on.
    """
    if strategy is not None and strategy["name"] != "one_go":
        return _series_phrase(settings, strategy)
    duration = float(settings["pulse_duration_us"])
    spoken = f"{short(duration / 1000.0)} ms" if duration >= 1000.0 else f"{short(duration)} µs"
    pulses = int(settings["pulses"])
    phrase = (
        f"{plural(pulses, 'pulse', 'pulses')} of {short(settings['pulse_energy_mJ'])} mJ in {spoken} "
        f"through a {short(settings['spot_diameter_um'] / 1000.0)} mm spot"
    )
    if pulses > 1:
        phrase += f", one every {short(settings['interval_ms'])} ms"
    if int(settings["passes"]) > 1:
        phrase += f", {int(settings['passes'])} passes"
    return f"{phrase} ({short(settings['fluence_J_cm2'])} J/cm²)"


def _series_phrase(settings: Mapping[str, Any], strategy: Mapping[str, Any]) -> str:
    first = settings_phrase({**settings, "pulses": 1, "passes": 1})
    if strategy["most_pulses"] == 1:
        return f"{first} and a look"
    energies = [float(pulse["pulse_energy_mJ"]) for pulse in strategy["pulses"]]
    climbs = f", each a step higher up to {short(energies[-1])} mJ" if energies[-1] > energies[0] else ""
    return (
        f"single pulses, a look after each, beginning with {first}{climbs}, "
        f"at most {strategy['most_pulses']} until the roof is open"
    )


def laser_argument(laser: LaserPlan) -> str:
    """Return what the window says for the laser."""
    chosen = laser.recommended
    assert chosen is not None
    return (
        f"A therapeutic window exists: {settings_phrase(chosen.dialled.to_dict(), laser.strategy)} "
        f"{'open' if chosen.looked else 'opens'} the roof in {percent(chosen.p_open)} of "
        f"{chosen.scenarios} simulated skins and "
        f"{'harm' if chosen.looked else 'harms'} {percent(chosen.p_harm)}."
    )


def no_window(laser: LaserPlan) -> str:
    """Say plainly that no setting of the device serves, with the closest one's numbers."""
    goals, tried = laser.goals, laser.best_try
    aims = closest = ""
    if goals.get("p_open_min") is not None and goals.get("p_harm_max") is not None:
        aims = (
            f" (wanted: opening in at least {percent(goals['p_open_min'])}, "
            f"harm in at most {percent(goals['p_harm_max'])})"
        )
    if tried is not None:
        # Counts, because 26 of 256 would round to the 10 % that it is above.
        opened, harmed = (round(share * tried.scenarios) for share in (tried.p_open, tried.p_harm))
        closest = (
            f" The closest of {plural(len(laser.points), 'setting', 'settings')} opens {opened} and harms "
            f"{harmed} of {tried.scenarios} simulated skins."
        )
    return f"No window: no setting of this device both opens this cyst and spares this skin{aims}.{closest}"


def headline(
    action: str, facts: Facts, *, laser: LaserPlan | None, because: str, test_lesion: bool, diameter_m: float
) -> str:
    """Return the plan in one sentence.

    Parameters
    ----------
    action
        What was chosen.
    facts
        The case.
    laser
        The laser plan, if one was computed.
    because
        Why, in half a sentence, where a rule or the missing window decided.
    test_lesion
        Whether one lesion is to be treated before the others.
    diameter_m
        Diameter of the cyst [m].
    """
    size = f"{short(1000.0 * diameter_m)} mm"
    what = f"the {size} milium" if facts.count == 1 else f"the {facts.count} milia of about {size}"
    # The atlas explains some sites in brackets; a headline only names them.
    where = f"({facts.site_title.split(' (')[0]})"
    if action == "laser":
        assert laser is not None
        assert laser.recommended is not None
        chosen = laser.recommended
        target = f"one of {what} {where} as a test" if test_lesion and facts.count > 1 else f"{what} {where}"
        each = " each" if facts.count > 1 and not test_lesion else ""
        return (
            f"Open {target} with {settings_phrase(chosen.dialled.to_dict(), laser.strategy)}{each}: opens in "
            f"{percent(chosen.p_open)} and harms in {percent(chosen.p_harm)} of {chosen.scenarios} simulated "
            "skins."
        )
    leads = {
        "extract": f"Nick and express {what} {where} with a needle",
        "electrosurgery": f"Open {what} {where} by electrosurgery",
        "observe": f"Leave {what} {where} and watch",
        "refer": f"Refer this lesion {where}",
        "assess_first": f"Settle the diagnosis of this lesion {where} first",
    }
    return f"{leads[action]}: {because}." if because else f"{leads[action]}."
