"""One paragraph on what was chosen, why, and how far each setting may drift, from the plan's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from milia.language import Name, Told, joined, told
from milia.planning.types import Candidate

BY: Mapping[str, Told] = {
    "chance": told("it lies deepest inside the window"),
    "expected": told("its mean loss is least of those inside the window"),
    "worst": told("its loss in the worst simulated skin is least of those inside the window"),
    "cvar": told("its mean loss over the worst skins is least of those inside the window"),
    "regret": told("of those inside it gives away least against what would have been best for each skin"),
}


def paragraph(
    best: Candidate,
    points: Sequence[Candidate],
    drifts: Sequence[Mapping[str, Any]],
    limits: Sequence[Mapping[str, Any]],
    strategies: Sequence[Mapping[str, Any]],
    *,
    mode: str,
    device: str,
    recommended: bool,
) -> Told:
    """Explain a plan's choice, or why there is none, in plain language."""
    inside = sum(one.inside for one in points)
    said: list[str] = [_choice(best, len(points), inside, mode=mode, device=device, recommended=recommended)]
    said.append(
        told(
            "It opens the roof in {opens} simulated skins and goes past a limit in {harms}.",
            opens=_of_100(best.p_open),
            harms=_of_100(best.p_harm),
        )
    )
    if recommended:
        each = [told("the {setting} {drift}", setting=one["title"], drift=_drift(one)) for one in drifts]
        said.append(
            told(
                "Before the window is left, these may drift: {settings}.",
                settings=joined("{one}; {other}", each) if each else "",
            )
        )
    said.extend(_limits(limits))
    chosen = next((one for one in strategies if one["best"]), None)
    if chosen is not None and "against_one_go" in chosen:
        said.append(chosen["words"])
    return joined("{one} {other}", said)


def _choice(best: Candidate, count: int, inside: int, *, mode: str, device: str, recommended: bool) -> Told:
    what = instruction_of(best) if best.looked else _at_once(best)
    named: dict[str, Any] = {"count": str(count), "device": Name(device), "what": what}
    if not recommended:
        return told(
            "Of {count} settings of the {device} none lies inside the window; the one that comes closest "
            "is {what}.",
            **named,
        )
    named |= {"inside": str(inside), "why": BY[mode]}
    if inside == 1:
        return told(
            "Of {count} settings of the {device}, {inside} lies inside the window; {what} is chosen, because "
            "{why}.",
            **named,
        )
    return told(
        "Of {count} settings of the {device}, {inside} lie inside the window; {what} is chosen, because "
        "{why}.",
        **named,
    )


def _at_once(best: Candidate) -> Told:
    settings = best.settings
    known = {
        "energy": f"{1e3 * settings.pulse_energy_J:g}",
        "duration": f"{1e6 * settings.pulse_duration_s:.3g}",
        "spot": f"{1e3 * settings.spot_diameter_m:g}",
    }
    if settings.pulses == 1:
        return told("one pulse of {energy} mJ in {duration} µs through a {spot} mm spot", **known)
    return told(
        "{count} pulses of {energy} mJ in {duration} µs through a {spot} mm spot",
        count=str(settings.pulses),
        **known,
    )


def instruction_of(best: Candidate) -> Told:
    """Name a series with looks in half a sentence."""
    settings = best.settings
    known = {
        "energy": f"{1e3 * settings.pulse_energy_J:g}",
        "spot": f"{1e3 * settings.spot_diameter_m:g}",
    }
    if settings.pulses == 1:
        return told(
            "one pulse from {energy} mJ on, through a {spot} mm spot and with a look after each", **known
        )
    known["count"] = str(settings.pulses)
    if best.step:
        return told(
            "at most {count} single pulses from {energy} mJ on, each a step higher, through a {spot} mm spot "
            "and with a look after each",
            **known,
        )
    return told(
        "at most {count} single pulses from {energy} mJ on, through a {spot} mm spot and with a look after "
        "each",
        **known,
    )


def _drift(row: Mapping[str, Any]) -> Told:
    down, up = row["down_percent"], row["up_percent"]
    if down is None and up is None:
        return told("to half or double")
    if down == up == 0.0:
        return told("not even a step of the device")
    return told(
        "{down} or {up}",
        down=told("to half") if down is None else told("{share} % down", share=f"{down:.0f}"),
        up=told("to double") if up is None else told("{share} % up", share=f"{up:.0f}"),
    )


def _limits(limits: Sequence[Mapping[str, Any]]) -> list[Told]:
    """Name the limits that warn or stop, and what is nearest where none does."""
    shown = []
    for row in limits:
        if row["state"] != "ok" and row["applies"]:
            known = {"limit": row["title"]}
            if row["state"] == "stop":
                share = _of_100(row["p_stop"])
                shown.append(told("{limit} passes its stop level in {share}", **known, share=share))
            else:
                share = _of_100(row["p_warn"])
                shown.append(told("{limit} passes its warning level in {share}", **known, share=share))
    return [told("Mind: {limits}.", limits=joined("{one}; {other}", shown))] if shown else []


def _of_100(share: float) -> Told:
    """Round towards the middle, so that neither never nor always is claimed for what was seen to happen."""
    hundredths = round(100.0 * share)
    if hundredths == 0 and share > 0.0:
        return told("fewer than 1 of 100")
    if hundredths == 100 and share < 1.0:
        return told("more than 99 of 100")
    return told("{hits} of {count}", hits=str(hundredths), count="100")
