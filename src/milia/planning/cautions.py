"""What the clinician should know beside the numbers: contradictions, what is not simulated, defaults."""

from __future__ import annotations

from collections.abc import Iterable

from milia.base import format_quantity
from milia.calibration import calibrated_at, from_uncertain, in_words
from milia.engine import outside_measurements
from milia.language import Name, joined, told
from milia.planning.case import Case
from milia.planning.goals import Goals
from milia.planning.limits import TITLES, level_in_words
from milia.planning.scenarios import Scenarios
from milia.planning.types import Candidate

NOT_SIMULATED = told(
    "The cyst's bulge and neighbouring lesions are not simulated: skin is taken to be level. A shot off the "
    "cyst's centre is read off the crater of one that hits it; all pulses of a train share one energy error."
)
UNCALIBRATED = told(
    "Heat of ablation and loss in the plume are wide defaults that no crater of this device has calibrated; "
    "a test shot with measured depth would narrow the plan."
)
CHANCES = {
    "p_open_min": told("opening in at least"),
    "p_harm_max": told("harm in at most"),
    "p_severe_max": told("severe harm in at most"),
}
WHOSE = {"case": told("case"), "clinic": told("clinic")}
LEVELS = {"warn": told("warn"), "stop": told("stop")}
REFUSED = {
    "p_harm": told("p harm"),
    "p_severe": told("p severe"),
    "depth": told("depth"),
}


def _um(value: float) -> str:
    return f"{1e6 * value:.0f} µm"


def _mm(value: float) -> str:
    return format_quantity(float(f"{value:.3g}"), "m")


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
        yield told(
            "A cyst of {diameter} under a roof of {roof} does not fit into skin of {skin}, even with "
            "{share} % of it bulging out: measure again.",
            diameter=_mm(lesion.diameter.value),
            roof=_um(roof),
            skin=_mm(total),
            share=f"{100 * site.protrusion.high:.0f}",
        )
    if roof > goals.depth_limit_m:
        yield told(
            "The roof ({roof}) is thicker than what this skin may lose ({depth}): opening it goes past the "
            "limit by itself.",
            roof=_um(roof),
            depth=_um(goals.depth_limit_m),
        )
    low, high = from_uncertain("total", site.total_m).band
    if case.skin_total and not low <= case.skin_total.value <= high:
        yield told(
            "The measured skin ({skin}) lies outside the atlas's range for this site ({site}: {low} to "
            "{high}); the measurement is used.",
            skin=_mm(case.skin_total.value),
            site=Name(site.title),
            low=_mm(low),
            high=_mm(high),
        )
    low, high = from_uncertain("roof", site.roof_m).band
    if lesion.roof and not low <= lesion.roof.value <= high:
        yield told(
            "The measured roof ({roof}) lies outside the range assumed where none is measured ({low} to "
            "{high}); the measurement is used.",
            roof=_um(lesion.roof.value),
            low=_um(low),
            high=_um(high),
        )


def _own_levels(goals: Goals) -> Iterable[str]:
    """Name the levels and chances that the case or the clinic set, and those that a hard stop overrules."""
    for whose in ("case", "clinic"):
        said = [
            told(
                "{limit}, {level} at {value}",
                limit=TITLES[limit.name],
                level=LEVELS[level],
                value=level_in_words(limit.name, value),
            )
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
            told("{chance} {share} %", chance=CHANCES[name], share=f"{100 * value:g}")
            for name, value in shares
            if goals.set_by.get(name) == whose
        ]
        if said:
            yield told(
                "Set by the {whose} instead of the defaults: {levels}.",
                whose=WHOSE[whose],
                levels=joined("{one}; {other}", said),
            )
    if goals.refused:
        yield told(
            "Own values for {names} are looser than this site's hard stop and are not used.",
            names=joined("{one}, {other}", [REFUSED[name] for name in goals.refused]),
        )


def _assumed(case: Case, goals: Goals, scenarios: Scenarios) -> Iterable[str]:
    """Name what the case or the device leaves to defaults."""
    lesion, site = case.lesion, case.lesion.site
    given = (
        (told("cyst diameter"), lesion.diameter),
        (told("roof thickness"), lesion.roof),
        (told("skin thickness"), case.skin_total),
    )
    exact = [name for name, value in given if value is not None and not value.sd]
    if exact:
        yield told(
            "Taken as exact, because the case gives no ± spread: {inputs}.",
            inputs=joined("{one}, {other}", exact),
        )
    if lesion.roof is None:
        low, high = scenarios.marginals["roof"].band
        yield told(
            "Roof thickness was not measured; a wide default of {low} to {high} is used. "
            "It has never been published.",
            low=_um(low),
            high=_um(high),
        )
    if case.skin_total is None:
        yield told(
            "Skin thickness at the {site} comes from the atlas, not from this patient.", site=Name(site.title)
        )
    if case.opening_m is None:
        yield told("The wanted opening of {opening} is a default.", opening=_um(goals.opening_m))
    if case.aim_m is None:
        yield told(
            "Shots are taken to land {spread} off the centre along each direction, a default.",
            spread=format_quantity(scenarios.marginals["aim"].b, "m"),
        )
    if case.device.flag == "default":
        yield told(
            "The steps and limits of the {device} are defaults; enter those of the device at hand.",
            device=Name(case.device.title),
        )
    if case.device.assumed:
        yield told(
            "The device's file leaves out {keys}: wide defaults are used.",
            keys=", ".join(case.device.assumed),
        )
