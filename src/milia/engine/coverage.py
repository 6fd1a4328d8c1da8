"""Whether an exposure lies where craters have been measured; outside, a simulation says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from milia.base import format_quantity, format_range
from milia.knowledge import load_knowledge
from milia.language import Told, told
from milia.laser import Beam, PulseTrain
from milia.skin import Tissue


class Wounded(Protocol):
    """How deep a wound is, m: what has been removed, and the living tissue that is lost."""

    @property
    def depth(self) -> float: ...

    @property
    def harm_depth(self) -> float: ...


SAME = 0.01  # settings this close to the end of a range count as on it
J_CM2 = 1e4


def _on(value: float, ends: tuple[float, float]) -> bool:
    return ends[0] * (1.0 - SAME) <= value <= ends[1] * (1.0 + SAME)


def _measured() -> Mapping[str, tuple[float, float]]:
    prefix = "engine.covered."
    return {entry.id.removeprefix(prefix): entry.bounds_si for entry in load_knowledge().quantities(prefix)}


def _fluence(ends: tuple[float, float]) -> Told:
    return told("{low} to {high}", low=f"{ends[0] / J_CM2:.3g}", high=f"{ends[1] / J_CM2:.3g} J/cm²")


def _range(ends: tuple[float, float], unit: str) -> Told:
    low, high = format_range(*ends, unit).split(" to ")
    return told("{low} to {high}", low=low, high=high)


def outside_measurements(beam: Beam, train: PulseTrain) -> tuple[str, ...]:
    """Return a sentence for every setting at which no crater has been measured.

    Craters were measured with broad spots at low fluence and with narrow ones at high fluence; most of
    what lies between, and everything beyond, rests on the physics alone.
    """
    measured = _measured()
    found = []
    wavelength = measured["wavelength"]
    if not _on(beam.wavelength_m, wavelength):
        found.append(
            told(
                "No crater measured at {here} is compared with the engine, only ones at {there}.",
                here=format_quantity(beam.wavelength_m, "m"),
                there=format_quantity(wavelength[0], "m"),
            )
        )
    fluence = beam.mean_fluence(train.pulse_energy_J)
    groups = [
        (measured[f"{kind}.spot_diameter"], measured[f"{kind}.fluence"]) for kind in ("broad", "narrow")
    ]
    if not any(_on(beam.spot_diameter_m, spot) and _on(fluence, range_) for spot, range_ in groups):
        (broad, low), (narrow, high) = groups
        found.append(
            told(
                "No crater was measured at {fluence} J/cm² over {spot}, only at {low} over {broad} and at "
                "{high} over {narrow}.",
                fluence=f"{fluence / J_CM2:.3g}",
                spot=format_quantity(beam.spot_diameter_m, "m"),
                low=_fluence(low),
                broad=format_quantity(broad[0], "m"),
                high=_fluence(high),
                narrow=_range(narrow, "m"),
            )
        )
    if not _on(train.pulse_duration_s, measured["pulse_duration"]):
        found.append(
            told(
                "No crater was measured with pulses of {duration}, only of {range}.",
                duration=format_quantity(train.pulse_duration_s, "s"),
                range=_range(measured["pulse_duration"], "s"),
            )
        )
    shots = train.pulses * train.passes
    if not _on(shots, measured["pulses"]):
        low_count, high_count = (round(end) for end in measured["pulses"])
        found.append(
            told(
                "No crater was measured after {shots} pulses on one place, only after {low} to {high}.",
                shots=str(shots),
                low=str(low_count),
                high=str(high_count),
            )
        )
    return tuple(found)


def below_the_layers(tissue: Tissue, wound: Wounded) -> tuple[str, ...]:
    """Return a sentence when the wound goes below the layers that were given."""
    total = sum(layer.thickness_m for layer in tissue.layers)
    deepest = max(wound.depth, wound.harm_depth)
    if deepest <= total:
        return ()
    return (
        f"The wound is {1e6 * deepest:.0f} µm deep, but the layers end at {1e6 * total:.0f} µm; "
        "the last one was taken to go on.",
    )


def evidence() -> tuple[str, ...]:
    """Return the entries that say where craters have been measured."""
    return tuple(entry.id for entry in load_knowledge().quantities("engine.covered."))
