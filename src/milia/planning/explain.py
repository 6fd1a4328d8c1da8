"""Say in words what the numbers of a laser plan say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from milia.language import Name, Told, joined, told
from milia.planning.case import Case
from milia.planning.goals import Goals
from milia.planning.strategies import instruction
from milia.planning.types import Candidate


def _um(value: float) -> str:
    return f"{1e6 * value:.0f} µm"


def _of(share: float, count: int) -> Told:
    return told("{hits} of {count}", hits=str(round(share * count)), count=str(count))


def _mJ(candidate: Candidate) -> str:
    return f"{1e3 * candidate.settings.pulse_energy_J:g} mJ"


def limits_in_words(goals: Goals, case: Case) -> Told:
    """Say what counts as open and as harm."""
    return told(
        "Open: the roof is gone over at least {opening}. Harm: ablation plus thermal damage of living tissue "
        "deeper than {depth} ({stop}, {site}; each simulated skin has its own) or wider than {width}. "
        "Severe: deeper than {severe}, where scars were measured, accepted in at most {share} %.",
        opening=_um(goals.opening_m),
        depth=_um(goals.depth_limit_m),
        stop=told("a hard stop") if goals.hard_stop else told("the site's limit"),
        site=Name(case.lesion.site.title),
        width=_um(goals.lateral_limit_m),
        severe=_um(goals.severe_depth_m),
        share=f"{100 * goals.p_severe_max:g}",
    )


def _setting(candidate: Candidate) -> Told:
    settings = candidate.settings
    count, energy, spot = str(settings.pulses), _mJ(candidate), _um(settings.spot_diameter_m)
    if candidate.looked:
        if candidate.step and settings.pulses > 1:
            return told(
                "at most {count} single pulses from {energy} on, each a step higher, in a {spot} spot and "
                "with a look after each",
                count=count, energy=energy, spot=spot,
            )  # fmt: skip
        return told(
            "at most {count} single pulses from {energy} on in a {spot} spot and with a look after each",
            count=count, energy=energy, spot=spot,
        )  # fmt: skip
    if settings.pulses == 1:
        return told("one pulse of {energy} in a {spot} spot", energy=energy, spot=spot)
    return told("{count} pulses of {energy} in a {spot} spot", count=count, energy=energy, spot=spot)


def reasons_for(
    chosen: Candidate | None,
    candidates: Sequence[Candidate],
    goals: Goals,
    margin: Mapping[str, float] | None,
) -> tuple[str, ...]:
    """Explain the recommendation, or why there is none, with its numbers."""
    if chosen is None:
        return _no_window(candidates, goals)
    lines = [*_why_look(chosen, candidates, goals)]
    lines += [
        _opens(chosen, goals),
        told(
            "Living tissue is lost past the limit of {depth} in {harm}; at most {most} % is accepted. "
            "Deeper than {severe_depth}, where scars were measured: {severe}; at most {most_severe} %.",
            depth=_um(goals.depth_limit_m),
            harm=_of(chosen.p_harm, chosen.scenarios),
            most=f"{100 * goals.p_harm_max:g}",
            severe_depth=_um(goals.severe_depth_m),
            severe=_of(chosen.p_severe, chosen.scenarios),
            most_severe=f"{100 * goals.p_severe_max:g}",
        ),
    ]
    if margin is not None:
        line = [c for c in candidates if _same_line(c, chosen)]
        lines.append(_window_in_words(sorted(line, key=_energy), chosen, margin))
    return tuple(lines)


def _opens(chosen: Candidate, goals: Goals) -> Told:
    """Say in how many skins the setting opens; the setting begins the sentence."""
    settings = chosen.settings
    known = {
        "energy": _mJ(chosen),
        "spot": _um(settings.spot_diameter_m),
        "opening": _um(goals.opening_m),
        "skins": _of(chosen.p_open, chosen.scenarios),
    }
    if not chosen.looked and settings.pulses == 1:
        return told(
            "One pulse of {energy} in a {spot} spot opens at least {opening} in {skins} simulated skins.",
            **known,
        )
    known["count"] = str(settings.pulses)
    if not chosen.looked:
        return told(
            "{count} pulses of {energy} in a {spot} spot open at least {opening} in {skins} simulated skins.",
            **known,
        )
    if chosen.step and settings.pulses > 1:
        return told(
            "At most {count} single pulses from {energy} on, each a step higher, in a {spot} spot and with a "
            "look after each open at least {opening} in {skins} simulated skins.",
            **known,
        )
    return told(
        "At most {count} single pulses from {energy} on in a {spot} spot and with a look after each open "
        "at least {opening} in {skins} simulated skins.",
        **known,
    )


def _why_look(chosen: Candidate, candidates: Sequence[Candidate], goals: Goals) -> tuple[str, ...]:
    """Say first what to do, and why not all in one go."""
    if not chosen.looked:
        return ()
    at_once = [c for c in candidates if not c.looked]
    if any(c.inside for c in at_once):
        why = told("A setting in one go lies inside the window too, but less deep.")
    else:
        why = told("No setting in one go opens reliably enough without too much harm.")
        sparing = [c for c in at_once if c.p_harm <= goals.p_harm_max and c.p_severe <= goals.p_severe_max]
        if sparing:
            most = max(sparing, key=lambda c: c.p_open)
            why = told(
                "No setting in one go opens reliably enough without too much harm: of those that spare the "
                "skin the best opens {share} %.",
                share=f"{100 * most.p_open:.0f}",
            )
    return (instruction(chosen), why)


def _energy(candidate: Candidate) -> float:
    return candidate.settings.pulse_energy_J


def _same_line(candidate: Candidate, chosen: Candidate) -> bool:
    one, other = candidate.settings, chosen.settings
    same = (candidate.looked, candidate.step) == (chosen.looked, chosen.step)
    return same and (one.spot_diameter_m, one.pulses) == (other.spot_diameter_m, other.pulses)


def _window_in_words(line: Sequence[Candidate], chosen: Candidate, margin: Mapping[str, float]) -> Told:
    """Say how wide the window is, and what ends it on either side."""
    low, high = margin["lowest_mJ"], margin["highest_mJ"]
    said = [_width(chosen, low, high)]
    edge = 1e-6  # mJ, the digits of the margin
    weaker = [c for c in line if 1e3 * _energy(c) < low - edge]
    stronger = [c for c in line if 1e3 * _energy(c) > high + edge]
    if weaker:
        opens = _of(weaker[-1].p_open, weaker[-1].scenarios)
        said.append(told("Below it, {energy} opens only {skins}.", energy=_mJ(weaker[-1]), skins=opens))
    if not stronger:
        said.append(told("Above it no energy was tried that this device delivers at this spot."))
        return joined("{one} {other}", said)
    first = stronger[0]
    harms = _of(first.p_harm, first.scenarios)
    if first.p_severe:
        severe = _of(first.p_severe, first.scenarios)
        above = told(
            "Above it, {energy} harms {skins}, severely {severe}.",
            energy=_mJ(first), skins=harms, severe=severe,
        )  # fmt: skip
    else:
        above = told("Above it, {energy} harms {skins}.", energy=_mJ(first), skins=harms)
    return joined("{one} {other}", [*said, above])


def _width(chosen: Candidate, low: float, high: float) -> Told:
    ends = {"low": f"{low:g}", "high": f"{high:g}"}
    if chosen.looked:
        if low == high:
            return told(
                "The window is one energy step wide: of the first energies only {energy} lies inside.",
                energy=_mJ(chosen),
            )
        return told("The window of the first energies goes from {low} to {high} mJ.", **ends)
    if low == high:
        return told("The window is one energy step wide: only {energy} lies inside.", energy=_mJ(chosen))
    return told("The window goes from {low} to {high} mJ.", **ends)


def _no_window(candidates: Sequence[Candidate], goals: Goals) -> tuple[str, ...]:
    lines = [
        told("No deliverable setting opens the cyst reliably enough without a risk above the accepted one.")
    ]
    opening = [c for c in candidates if c.p_open >= goals.p_open_min]
    if opening:
        gentlest = min(opening, key=lambda c: (c.p_harm, c.settings.pulse_energy_J))
        lines.append(
            told(
                "Of the settings that open often enough, the gentlest ({setting}) goes past the limit of "
                "{depth} in {harm} simulated skins (severely in {severe}); at most {most} % (severely "
                "{most_severe} %) is accepted.",
                setting=_setting(gentlest),
                depth=_um(goals.depth_limit_m),
                harm=_of(gentlest.p_harm, gentlest.scenarios),
                severe=_of(gentlest.p_severe, gentlest.scenarios),
                most=f"{100 * goals.p_harm_max:g}",
                most_severe=f"{100 * goals.p_severe_max:g}",
            )
        )
    sparing = [c for c in candidates if c.p_harm <= goals.p_harm_max and c.p_severe <= goals.p_severe_max]
    if sparing:
        strongest = max(sparing, key=lambda c: (c.p_open, -c.settings.pulse_energy_J))
        lines.append(
            told(
                "Of the settings that stay within the limit, the best ({setting}) opens {skins}; at least "
                "{least} % is wanted.",
                setting=_setting(strongest),
                skins=_of(strongest.p_open, strongest.scenarios),
                least=f"{100 * goals.p_open_min:g}",
            )
        )
    return tuple(lines)
