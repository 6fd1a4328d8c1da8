"""From a study's settings and drawn conditions to an exposure, and from its crater to what was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from milia.calibration.measurements import Measurement, Settings, Study
from milia.engine import PLANNING, QUICK, Exposure, Parameters, Run, march, start
from milia.knowledge import load_knowledge
from milia.laser import Beam, Profile, PulseTrain
from milia.skin import Layer, Tissue

# deeper than any channel of the table, so that none ends at the bottom of the domain
BOTTOM_M = 8e-3
SKINS = ("pig", "human", "rat", "dermis")
PROFILE_ORDER_GAUSSIAN = 2.0


@dataclass(frozen=True)
class Seen:
    """What one simulated exposure shows; SI, the peak temperature in °C."""

    depth: float
    width: float
    rtd_floor: float
    volume: float
    energy: float
    peak_temperature: float


def exposure(study: Study, settings: Settings, drawn: Mapping[str, float]) -> Exposure:
    """Return the exposure of one setting of a study.

    Parameters
    ----------
    study
        Whose skin and wavelength.
    settings
        What the row states; it goes before what is drawn.
    drawn
        The study's drawn conditions, and ``energy``: delivered energy over stated energy [-].
    """
    known = {**drawn, **dict(settings)}
    spot = known["spot_diameter"] * known.get("spot_factor", 1.0)
    beam = Beam(
        spot_diameter_m=spot,
        wavelength_m=study.wavelength_m,
        profile=Profile.SUPER_GAUSSIAN,
        order=max(known.get("profile_order", PROFILE_ORDER_GAUSSIAN), PROFILE_ORDER_GAUSSIAN),
        focus_offset_m=known.get("focus_offset", 0.0),
        m2=known.get("m2", 1.0),
    )
    return Exposure(
        tissue=tissue_of(study.skin, known),
        beam=beam,
        train=_train(known, beam),
        initial_K=known["temperature"],
        water_scale=known["water_scale"],
    )


def _train(known: Mapping[str, float], beam: Beam) -> PulseTrain:
    """Settle energy, duration and stacking: energies may come as fluences, durations as powers."""
    if "pulse_energy" in known:
        stated = known["pulse_energy"]
    elif "fluence" in known:
        stated = known["fluence"] * beam.area_m2
    elif "irradiance" in known:
        stated = known["irradiance"] * known["pulse_duration"] * beam.area_m2
    else:
        stated = known["peak_power"] * known["pulse_duration"]
    pulses = round(known.get("pulses", 1.0))
    if "largest_pulse" in known:
        pulses = math.ceil(stated / known["largest_pulse"])
        stated /= pulses
    if "pulse_duration" in known:
        duration = known["pulse_duration"]
    elif "irradiance" in known:
        duration = stated / beam.area_m2 / known["irradiance"]
    else:
        duration = stated / known["peak_power"]
    interval = duration + known["gap"] if "gap" in known else max(known.get("interval", 1.0), duration)
    return PulseTrain(
        pulse_energy_J=stated * known["energy"],
        pulse_duration_s=duration,
        pulses=pulses,
        interval_s=interval,
        passes=round(known.get("passes", 1.0)),
        wipe=known.get("wiped", 1.0) >= 0.5,
    )


def tissue_of(skin: str, known: Mapping[str, float]) -> Tissue:
    """Return the layers of an experiment's skin, down to ``BOTTOM_M``."""
    if skin == "dermis":
        return Tissue((Layer("dermis", BOTTOM_M),))
    data = load_knowledge()
    corneum = data.quantity(f"experiment.{skin}.stratum_corneum").si
    epidermis = known["epidermis"] if skin == "rat" else data.quantity(f"experiment.{skin}.epidermis").si
    corneum = min(corneum, 0.5 * epidermis)
    dermis_end = known.get("dermis", BOTTOM_M)
    layers = [
        Layer("stratum_corneum", corneum),
        Layer("epidermis", epidermis - corneum),
        Layer("dermis", dermis_end - epidermis),
    ]
    if dermis_end < BOTTOM_M:
        layers.append(Layer("fat", BOTTOM_M - dermis_end))
    return Tissue(tuple(layers))


def fire(made: Exposure, parameters: Parameters) -> Seen:
    """Simulate one exposure on the grid of ensembles and say what it shows."""
    state = start(made, parameters, rule=PLANNING)
    run = march(state, made.beam, made.train, parameters, accuracy=QUICK)
    return seen(run, made)


def seen(run: Run, made: Exposure) -> Seen:
    """Return what a finished run shows."""
    crater = run.craters[-1]
    return Seen(
        depth=crater.depth,
        width=crater.width,
        rtd_floor=crater.rtd_floor,
        volume=crater.removed_volume,
        energy=made.train.pulse_energy_J * made.train.pulses * made.train.passes,
        peak_temperature=run.peak_degC,
    )


def observed(row: Measurement, what: Seen, drawn: Mapping[str, float], *, damage: float = 1.0) -> float:
    """Return what a row would have measured of a simulated exposure, SI.

    ``damage`` stretches thermal damage: by how much more of it a study sees than is simulated [-].
    """
    simple = {
        "depth": what.depth,
        "width": what.width,
        "peak_temperature": what.peak_temperature,
        "rtd_floor": damage * what.rtd_floor,
        "total_depth": what.depth + damage * what.rtd_floor,
    }
    if row.observable in simple:
        return simple[row.observable]
    if row.observable == "depth_over_epidermis":
        return what.depth / drawn["epidermis"]
    if row.observable == "depth_per_fluence":
        return what.depth / drawn["fluence"]
    # stated energy: what was lost on the way to the skin was not known to those who measured
    stated = what.energy / drawn["energy"]
    return stated / max(what.volume, 1e-18)
