"""Whether an exposure lies where craters have been measured; outside, a simulation says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from milia.base import format_quantity, format_range
from milia.knowledge import load_knowledge
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


def _fluence(ends: tuple[float, float]) -> str:
    return f"{ends[0] / J_CM2:.3g} to {ends[1] / J_CM2:.3g} J/cm²"


def outside_measurements(beam: Beam, train: PulseTrain) -> tuple[str, ...]:
    """Return a sentence for every setting at which no crater has been measured.

    Craters were measured with broad spots at low fluence and with narrow ones at high fluence; most of
    what lies between, and everything beyond, rests on the physics alone.
    """
    measured = _measured()
    told = []
    wavelength = measured["wavelength"]
    if not _on(beam.wavelength_m, wavelength):
        told.append(
            f"No crater measured at {format_quantity(beam.wavelength_m, 'm')} is compared with the engine, "
            f"only ones at {format_quantity(wavelength[0], 'm')}."
        )
    fluence = beam.mean_fluence(train.pulse_energy_J)
    groups = [
        (measured[f"{kind}.spot_diameter"], measured[f"{kind}.fluence"]) for kind in ("broad", "narrow")
    ]
    if not any(_on(beam.spot_diameter_m, spot) and _on(fluence, range_) for spot, range_ in groups):
        (broad, low), (narrow, high) = groups
        told.append(
            f"No crater was measured at {fluence / J_CM2:.3g} J/cm² over "
            f"{format_quantity(beam.spot_diameter_m, 'm')}, only at {_fluence(low)} over "
            f"{format_quantity(broad[0], 'm')} and at {_fluence(high)} over {format_range(*narrow, 'm')}."
        )
    if not _on(train.pulse_duration_s, measured["pulse_duration"]):
        told.append(
            f"No crater was measured with pulses of {format_quantity(train.pulse_duration_s, 's')}, "
            f"only of {format_range(*measured['pulse_duration'], 's')}."
        )
    shots = train.pulses * train.passes
    if not _on(shots, measured["pulses"]):
        low_count, high_count = (round(end) for end in measured["pulses"])
        told.append(
            f"No crater was measured after {shots} pulses on one place, "
            f"only after {low_count} to {high_count}."
        )
    return tuple(told)


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
