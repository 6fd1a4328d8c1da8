"""Numbers in sentences: certainty words, percentages, settings, headline and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from milia.care.facts import Facts
from milia.knowledge import Knowledge
from milia.language import Name, Told, told

if TYPE_CHECKING:
    from milia.planning import Candidate, LaserPlan


def percent(probability: float) -> Told:
    """Return a probability in percent; a share of finitely many skins is never written as 0 % or 100 %."""
    if probability < 0.01:
        return told("under 1 %")
    if probability > 0.99:
        return told("over 99 %")
    return told("{share} %", share=f"{100.0 * probability:.0f}")


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
    sentence = told(
        "It is {opens} that the roof opens wide enough ({open_share} of the simulated skins) and {harms} "
        "that harm goes past the limit ({harm_share}). The words are taken from the less favourable end of "
        "each interval.",
        opens=Name(opens),
        open_share=percent(candidate.p_open),
        harms=Name(harms),
        harm_share=percent(candidate.p_harm),
    )
    return sentence, tuple(dict.fromkeys((opens_id, harms_id)))


def settings_phrase(settings: Mapping[str, Any], strategy: Mapping[str, Any] | None = None) -> Told:
    """Return a setting as it is said aloud: pulses, energy, duration, spot, fluence.

    With a ``strategy`` that looks after each pulse it is the first pulse, and how the series goes on.
    """
    if strategy is not None and strategy["name"] != "one_go":
        return _series_phrase(settings, strategy)
    duration = float(settings["pulse_duration_us"])
    pulses, passes = int(settings["pulses"]), int(settings["passes"])
    known: dict[str, Any] = {
        "pulses": told("1 pulse") if pulses == 1 else told("{count} pulses", count=str(pulses)),
        "energy": short(settings["pulse_energy_mJ"]),
        "duration": f"{short(duration / 1000.0)} ms" if duration >= 1000.0 else f"{short(duration)} µs",
        "spot": short(settings["spot_diameter_um"] / 1000.0),
        "fluence": short(settings["fluence_J_cm2"]),
    }
    if pulses > 1:
        known["interval"] = short(settings["interval_ms"])
    if passes > 1:
        known["passes"] = str(passes)
    if pulses > 1 and passes > 1:
        return told(
            "{pulses} of {energy} mJ in {duration} through a {spot} mm spot, one every {interval} ms, "
            "{passes} passes ({fluence} J/cm²)",
            **known,
        )
    if pulses > 1:
        return told(
            "{pulses} of {energy} mJ in {duration} through a {spot} mm spot, one every {interval} ms "
            "({fluence} J/cm²)",
            **known,
        )
    if passes > 1:
        return told(
            "{pulses} of {energy} mJ in {duration} through a {spot} mm spot, {passes} passes "
            "({fluence} J/cm²)",
            **known,
        )
    return told("{pulses} of {energy} mJ in {duration} through a {spot} mm spot ({fluence} J/cm²)", **known)


def _series_phrase(settings: Mapping[str, Any], strategy: Mapping[str, Any]) -> Told:
    first = settings_phrase({**settings, "pulses": 1, "passes": 1})
    most = str(strategy["most_pulses"])
    if strategy["most_pulses"] == 1:
        return told("{pulse} and a look", pulse=first)
    energies = [float(pulse["pulse_energy_mJ"]) for pulse in strategy["pulses"]]
    if energies[-1] > energies[0]:
        return told(
            "single pulses, a look after each, beginning with {pulse}, each a step higher up to {energy} mJ, "
            "at most {most} until the roof is open",
            pulse=first,
            energy=short(energies[-1]),
            most=most,
        )
    return told(
        "single pulses, a look after each, beginning with {pulse}, at most {most} until the roof is open",
        pulse=first,
        most=most,
    )


def laser_argument(laser: LaserPlan) -> Told:
    """Return what the window says for the laser."""
    chosen = laser.recommended
    assert chosen is not None
    known = {
        "setting": settings_phrase(chosen.dialled.to_dict(), laser.strategy),
        "opens": percent(chosen.p_open),
        "skins": str(chosen.scenarios),
        "harms": percent(chosen.p_harm),
    }
    if chosen.looked:
        return told(
            "A therapeutic window exists: {setting} open the roof in {opens} of {skins} simulated skins and "
            "harm {harms}.",
            **known,
        )
    return told(
        "A therapeutic window exists: {setting} opens the roof in {opens} of {skins} simulated skins and "
        "harms {harms}.",
        **known,
    )


def no_window(laser: LaserPlan) -> Told:
    """Say plainly that no setting of the device serves, with the closest one's numbers."""
    goals, tried = laser.goals, laser.best_try
    if goals.get("p_open_min") is not None and goals.get("p_harm_max") is not None:
        said = told(
            "No window: no setting of this device both opens this cyst and spares this skin (wanted: opening "
            "in at least {open_share}, harm in at most {harm_share}).",
            open_share=percent(goals["p_open_min"]),
            harm_share=percent(goals["p_harm_max"]),
        )
    else:
        said = told("No window: no setting of this device both opens this cyst and spares this skin.")
    if tried is None:
        return said
    # Counts, because 26 of 256 would round to the 10 % that it is above.
    opened, harmed = (str(round(share * tried.scenarios)) for share in (tried.p_open, tried.p_harm))
    count = len(laser.points)
    closest = told(
        "The closest of {settings} opens {opened} and harms {harmed} of {skins} simulated skins.",
        settings=told("1 setting") if count == 1 else told("{count} settings", count=str(count)),
        opened=opened,
        harmed=harmed,
        skins=str(tried.scenarios),
    )
    return told("{one} {other}", one=said, other=closest)


def headline(
    action: str, facts: Facts, *, laser: LaserPlan | None, because: str, test_lesion: bool, diameter_m: float
) -> Told:
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
    # The atlas explains some sites in brackets; a headline only names them.
    site = Name(facts.site_title.split(" (")[0])
    target = _target(facts, diameter_m, site)
    if action == "laser":
        assert laser is not None
        assert laser.recommended is not None
        chosen = laser.recommended
        known: dict[str, Any] = {
            "target": target,
            "setting": settings_phrase(chosen.dialled.to_dict(), laser.strategy),
            "opens": percent(chosen.p_open),
            "harms": percent(chosen.p_harm),
            "skins": str(chosen.scenarios),
        }
        if facts.count > 1 and test_lesion:
            known["target"] = _target(facts, diameter_m, site, test=True)
        if facts.count > 1 and not test_lesion:
            return told(
                "Open {target} with {setting} each: opens in {opens} and harms in {harms} of {skins} "
                "simulated skins.",
                **known,
            )
        return told(
            "Open {target} with {setting}: opens in {opens} and harms in {harms} of {skins} simulated skins.",
            **known,
        )
    lead = _lead(action, target, site)
    if because:
        return told("{what}: {why}.", what=lead, why=because)
    return told("{what}.", what=lead)


def _target(facts: Facts, diameter_m: float, site: Name, *, test: bool = False) -> Told:
    size = short(1000.0 * diameter_m)
    if facts.count == 1:
        return told("the {size} mm milium ({site})", size=size, site=site)
    known: dict[str, Any] = {"count": str(facts.count), "size": size, "site": site}
    if test:
        return told("one of the {count} milia of about {size} mm ({site}) as a test", **known)
    return told("the {count} milia of about {size} mm ({site})", **known)


def _lead(action: str, target: Told, site: Name) -> Told:
    if action == "extract":
        return told("Nick and express {target} with a needle", target=target)
    if action == "electrosurgery":
        return told("Open {target} by electrosurgery", target=target)
    if action == "observe":
        return told("Leave {target} and watch", target=target)
    if action == "refer":
        return told("Refer this lesion ({site})", site=site)
    return told("Settle the diagnosis of this lesion ({site}) first", site=site)
