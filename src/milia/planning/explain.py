"""Say in words what the numbers of a laser plan say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from milia.base import format_quantity
from milia.calibration import calibrated_at, from_uncertain, in_words
from milia.engine import outside_measurements
from milia.planning.case import Case
from milia.planning.goals import Goals
from milia.planning.limits import TITLES, level_in_words
from milia.planning.scenarios import Scenarios
from milia.planning.strategies import instruction
from milia.planning.types import Candidate

NOT_SIMULATED = (
    "The cyst's bulge and neighbouring lesions are not simulated: skin is taken to be level. A shot off the "
    "cyst's centre is read off the crater of one that hits it; all pulses of a train share one energy error."
)
UNCALIBRATED = (
    "Heat of ablation and loss in the plume are wide defaults that no crater of this device has calibrated; "
    "a test shot with measured depth would narrow the plan."
)
CHANCES = {
    "p_open_min": "opening in at least",
    "p_harm_max": "harm in at most",
    "p_severe_max": "severe harm in at most",
}


def _um(value: float) -> str:
    return f"{1e6 * value:.0f} µm"


def _mm(value: float) -> str:
    return format_quantity(float(f"{value:.3g}"), "m")


def _of(share: float, count: int) -> str:
    return f"{round(share * count)} of {count}"


def _mJ(candidate: Candidate) -> str:
    return f"{1e3 * candidate.settings.pulse_energy_J:g} mJ"


def limits_in_words(goals: Goals, case: Case) -> str:
    """Say what counts as open and as harm."""
    stop = "a hard stop" if goals.hard_stop else "the site's limit"
    return (
        f"Open: the roof is gone over at least {_um(goals.opening_m)}. Harm: ablation plus thermal damage of "
        f"living tissue deeper than {_um(goals.depth_limit_m)} ({stop}, {case.lesion.site.title}; each "
        f"simulated skin has its own) or wider than {_um(goals.lateral_limit_m)}. Severe: deeper than "
        f"{_um(goals.severe_depth_m)}, where scars were measured, accepted in at most "
        f"{100 * goals.p_severe_max:g} %."
    )


def _setting(candidate: Candidate) -> str:
    settings = candidate.settings
    if candidate.looked:
        climbs = ", each a step higher," if candidate.step and settings.pulses > 1 else ""
        return (
            f"at most {settings.pulses} single pulses from {_mJ(candidate)} on{climbs} in a "
            f"{_um(settings.spot_diameter_m)} spot and with a look after each"
        )
    pulses = "one pulse" if settings.pulses == 1 else f"{settings.pulses} pulses"
    return f"{pulses} of {_mJ(candidate)} in a {_um(settings.spot_diameter_m)} spot"


def reasons_for(
    chosen: Candidate | None,
    candidates: Sequence[Candidate],
    goals: Goals,
    margin: Mapping[str, float] | None,
) -> tuple[str, ...]:
    """Explain the recommendation, or why there is none, with its numbers."""
    if chosen is None:
        return _no_window(candidates, goals)
    setting = _setting(chosen)
    opens = "opens" if chosen.settings.pulses == 1 and not chosen.looked else "open"
    lines = [*_why_look(chosen, candidates, goals)]
    lines += [
        f"{setting[0].upper()}{setting[1:]} {opens} at least {_um(goals.opening_m)} "
        f"in {_of(chosen.p_open, chosen.scenarios)} simulated skins.",
        f"Living tissue is lost past the limit of {_um(goals.depth_limit_m)} in "
        f"{_of(chosen.p_harm, chosen.scenarios)}; at most {100 * goals.p_harm_max:g} % is accepted. "
        f"Deeper than {_um(goals.severe_depth_m)}, where scars were measured: "
        f"{_of(chosen.p_severe, chosen.scenarios)}; at most {100 * goals.p_severe_max:g} %.",
    ]
    if margin is not None:
        line = [c for c in candidates if _same_line(c, chosen)]
        lines.append(_window_in_words(sorted(line, key=_energy), chosen, margin))
    return tuple(lines)


def _why_look(chosen: Candidate, candidates: Sequence[Candidate], goals: Goals) -> tuple[str, ...]:
    """Say first what to do, and why not all in one go."""
    if not chosen.looked:
        return ()
    at_once = [c for c in candidates if not c.looked]
    if any(c.inside for c in at_once):
        why = "A setting in one go lies inside the window too, but less deep."
    else:
        why = "No setting in one go opens reliably enough without too much harm."
        sparing = [c for c in at_once if c.p_harm <= goals.p_harm_max and c.p_severe <= goals.p_severe_max]
        if sparing:
            most = max(sparing, key=lambda c: c.p_open)
            why = f"{why[:-1]}: of those that spare the skin the best opens {100 * most.p_open:.0f} %."
    return (instruction(chosen), why)


def _energy(candidate: Candidate) -> float:
    return candidate.settings.pulse_energy_J


def _same_line(candidate: Candidate, chosen: Candidate) -> bool:
    one, other = candidate.settings, chosen.settings
    same = (candidate.looked, candidate.step) == (chosen.looked, chosen.step)
    return same and (one.spot_diameter_m, one.pulses) == (other.spot_diameter_m, other.pulses)


def _window_in_words(line: Sequence[Candidate], chosen: Candidate, margin: Mapping[str, float]) -> str:
    """Say how wide the window is, and what ends it on either side."""
    low, high = margin["lowest_mJ"], margin["highest_mJ"]
    begin = "of the first energies " if chosen.looked else ""
    if low == high:
        words = f"The window is one energy step wide: {begin}only {_mJ(chosen)} lies inside."
    else:
        words = f"The window {begin}goes from {low:g} to {high:g} mJ."
    edge = 1e-6  # mJ, the digits of the margin
    weaker = [c for c in line if 1e3 * _energy(c) < low - edge]
    stronger = [c for c in line if 1e3 * _energy(c) > high + edge]
    if weaker:
        words += f" Below it, {_mJ(weaker[-1])} opens only {_of(weaker[-1].p_open, weaker[-1].scenarios)}."
    if not stronger:
        return f"{words} Above it no energy was tried that this device delivers at this spot."
    first = stronger[0]
    words += f" Above it, {_mJ(first)} harms {_of(first.p_harm, first.scenarios)}"
    severe = f", severely {_of(first.p_severe, first.scenarios)}" if first.p_severe else ""
    return f"{words}{severe}."


def _no_window(candidates: Sequence[Candidate], goals: Goals) -> tuple[str, ...]:
    lines = ["No deliverable setting opens the cyst reliably enough without a risk above the accepted one."]
    opening = [c for c in candidates if c.p_open >= goals.p_open_min]
    if opening:
        gentlest = min(opening, key=lambda c: (c.p_harm, c.settings.pulse_energy_J))
        lines.append(
            f"Of the settings that open often enough, the gentlest ({_setting(gentlest)}) goes past the "
            f"limit of {_um(goals.depth_limit_m)} in {_of(gentlest.p_harm, gentlest.scenarios)} simulated "
            f"skins (severely in {_of(gentlest.p_severe, gentlest.scenarios)}); at most "
            f"{100 * goals.p_harm_max:g} % (severely {100 * goals.p_severe_max:g} %) is accepted."
        )
    sparing = [c for c in candidates if c.p_harm <= goals.p_harm_max and c.p_severe <= goals.p_severe_max]
    if sparing:
        strongest = max(sparing, key=lambda c: (c.p_open, -c.settings.pulse_energy_J))
        lines.append(
            f"Of the settings that stay within the limit, the best ({_setting(strongest)}) opens "
            f"{_of(strongest.p_open, strongest.scenarios)}; at least {100 * goals.p_open_min:g} % is wanted."
        )
    return tuple(lines)


def warnings_for(
    case: Case, goals: Goals, scenarios: Scenarios, *, best: Candidate | None = None
) -> tuple[str, ...]:
    """List what the clinician should know: inputs that contradict, what is not simulated, defaults."""
    unmeasured: tuple[str, ...] = ()
    if best is not None:
        beam = case.device.beam(best.settings.spot_diameter_m)
        unmeasured = outside_measurements(beam, best.settings.train())
    return (
        *_contradictions(case, goals),
        in_words(case.device.wavelength_m) if calibrated_at(case.device.wavelength_m) else UNCALIBRATED,
        *unmeasured,
        NOT_SIMULATED,
        *_own_levels(goals),
        *_assumed(case, goals, scenarios),
    )


def _contradictions(case: Case, goals: Goals) -> Iterable[str]:
    """Name measurements that do not fit each other or the site."""
    lesion, site = case.lesion, case.lesion.site
    roof = lesion.roof.value if lesion.roof else site.roof_m.value
    total = case.skin_total.value if case.skin_total else site.total_m.value
    embedded = (1.0 - site.protrusion.high) * lesion.diameter.value
    if roof + embedded > total:
        yield (
            f"A cyst of {_mm(lesion.diameter.value)} under a roof of {_um(roof)} does not fit into skin of "
            f"{_mm(total)}, even with {100 * site.protrusion.high:.0f} % of it bulging out: measure again."
        )
    if roof > goals.depth_limit_m:
        yield (
            f"The roof ({_um(roof)}) is thicker than what this skin may lose ({_um(goals.depth_limit_m)}): "
            "opening it goes past the limit by itself."
        )
    low, high = from_uncertain("total", site.total_m).band
    if case.skin_total and not low <= case.skin_total.value <= high:
        yield (
            f"The measured skin ({_mm(case.skin_total.value)}) lies outside the atlas's range for this site "
            f"({site.title}: {_mm(low)} to {_mm(high)}); the measurement is used."
        )
    low, high = from_uncertain("roof", site.roof_m).band
    if lesion.roof and not low <= lesion.roof.value <= high:
        yield (
            f"The measured roof ({_um(lesion.roof.value)}) lies outside the range assumed where none is "
            f"measured ({_um(low)} to {_um(high)}); the measurement is used."
        )


def _own_levels(goals: Goals) -> Iterable[str]:
    """Name the levels and chances that the case or the clinic set, and those that a hard stop overrules."""
    for whose in ("case", "clinic"):
        said = [
            f"{TITLES[limit.name]}, {level} at {level_in_words(limit.name, value)}"
            for limit in goals.limits
            for level, value, by in (
                ("warn", limit.warn, limit.warn_set_by),
                ("stop", limit.stop, limit.stop_set_by),
            )
            if by == whose and (limit.name, level) != ("opening", "stop")
        ]
        shares = (
            ("p_open_min", goals.p_open_min),
            ("p_harm_max", goals.p_harm_max),
            ("p_severe_max", goals.p_severe_max),
        )
        said += [
            f"{CHANCES[name]} {100 * value:g} %" for name, value in shares if goals.set_by.get(name) == whose
        ]
        if said:
            yield f"Set by the {whose} instead of the defaults: {'; '.join(said)}."
    if goals.refused:
        names = ", ".join(name.replace("_", " ") for name in goals.refused)
        yield f"Own values for {names} are looser than this site's hard stop and are not used."


def _assumed(case: Case, goals: Goals, scenarios: Scenarios) -> Iterable[str]:
    """Name what the case or the device leaves to defaults."""
    lesion, site = case.lesion, case.lesion.site
    given = {
        "cyst diameter": lesion.diameter,
        "roof thickness": lesion.roof,
        "skin thickness": case.skin_total,
    }
    exact = [name for name, value in given.items() if value is not None and not value.sd]
    if exact:
        yield f"Taken as exact, because the case gives no ± spread: {', '.join(exact)}."
    if lesion.roof is None:
        low, high = scenarios.marginals["roof"].band
        yield (
            f"Roof thickness was not measured; a wide default of {_um(low)} to {_um(high)} is used. "
            "It has never been published."
        )
    if case.skin_total is None:
        yield f"Skin thickness at the {site.title} comes from the atlas, not from this patient."
    if case.opening_m is None:
        yield f"The wanted opening of {_um(goals.opening_m)} is a default."
    if case.aim_m is None:
        spread = format_quantity(scenarios.marginals["aim"].b, "m")
        yield f"Shots are taken to land {spread} off the centre along each direction, a default."
    if case.device.flag == "default":
        yield (
            f"The steps and limits of the {case.device.title} are defaults; "
            "enter those of the device at hand."
        )
    if case.device.assumed:
        yield f"The device's file leaves out {', '.join(case.device.assumed)}: wide defaults are used."
