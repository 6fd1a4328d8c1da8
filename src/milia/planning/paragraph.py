"""One paragraph on what was chosen, why, and how far each setting may drift, from the plan's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from milia.planning.types import Candidate

BY: Mapping[str, str] = {
    "chance": "it lies deepest inside the window",
    "expected": "its mean loss is least of those inside the window",
    "worst": "its loss in the worst simulated skin is least of those inside the window",
    "cvar": "its mean loss over the worst skins is least of those inside the window",
    "regret": "of those inside it gives away least against what would have been best for each skin",
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
) -> str:
    """Explain a plan's choice, or why there is none, in plain language."""
    inside = sum(one.inside for one in points)
    said = [_choice(best, len(points), inside, mode=mode, device=device, recommended=recommended)]
    said.append(
        f"It opens the roof in {_of_100(best.p_open)} simulated skins and goes past a limit in "
        f"{_of_100(best.p_harm)}."
    )
    if recommended:
        each = "; ".join(f"the {one['title']} {_drift(one)}" for one in drifts)
        said.append(f"Before the window is left, these may drift: {each}.")
    said.extend(_limits(limits))
    chosen = next((one for one in strategies if one["best"]), None)
    if chosen is not None and "against_one_go" in chosen:
        said.append(chosen["words"])
    return " ".join(said)


def _choice(best: Candidate, count: int, inside: int, *, mode: str, device: str, recommended: bool) -> str:
    settings = best.settings
    pulses = "one pulse" if settings.pulses == 1 else f"{settings.pulses} pulses"
    what = (
        instruction_of(best)
        if best.looked
        else (
            f"{pulses} of {1e3 * settings.pulse_energy_J:g} mJ in {1e6 * settings.pulse_duration_s:.3g} µs "
            f"through a {1e3 * settings.spot_diameter_m:g} mm spot"
        )
    )
    if not recommended:
        return (
            f"Of {count} settings of the {device} none lies inside the window; the one that comes closest "
            f"is {what}."
        )
    of = f"Of {count} settings of the {device}, {inside} {'lies' if inside == 1 else 'lie'} inside the window"
    return f"{of}; {what} is chosen, because {BY[mode]}."


def instruction_of(best: Candidate) -> str:
    """Name a series with looks in half a sentence."""
    settings = best.settings
    most = "one pulse" if settings.pulses == 1 else f"at most {settings.pulses} single pulses"
    climbs = ", each a step higher" if best.step and settings.pulses > 1 else ""
    return (
        f"{most} from {1e3 * settings.pulse_energy_J:g} mJ on{climbs}, through a "
        f"{1e3 * settings.spot_diameter_m:g} mm spot and with a look after each"
    )


def _drift(row: Mapping[str, Any]) -> str:
    down, up = row["down_percent"], row["up_percent"]
    if down is None and up is None:
        return "to half or double"
    if down == up == 0.0:
        return "not even a step of the device"
    parts = [
        f"{down:.0f} % down" if down is not None else "to half",
        f"{up:.0f} % up" if up is not None else "to double",
    ]
    return " or ".join(parts)


def _limits(limits: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the limits that warn or stop, and what is nearest where none does."""
    shown = []
    for row in limits:
        if row["state"] != "ok" and row["applies"]:
            word = "stop" if row["state"] == "stop" else "warning"
            chance = row["p_stop"] if row["state"] == "stop" else row["p_warn"]
            shown.append(f"{row['title']} passes its {word} level in {_of_100(chance)}")
    return [f"Mind: {'; '.join(shown)}."] if shown else []


def _of_100(share: float) -> str:
    """Round towards the middle, so that neither never nor always is claimed for what was seen to happen."""
    hundredths = round(100.0 * share)
    if hundredths == 0 and share > 0.0:
        return "fewer than 1 of 100"
    if hundredths == 100 and share < 1.0:
        return "more than 99 of 100"
    return f"{hundredths} of 100"
