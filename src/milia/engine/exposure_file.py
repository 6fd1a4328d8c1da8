"""The exposure file: one tissue, one beam, one pulse train to simulate."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.base import (
    InputError,
    as_list,
    as_mapping,
    check_keys,
    format_quantity,
    format_range,
    parse_choice,
    parse_flag,
    parse_quantity,
    parse_whole,
    read_yaml_mapping,
    require,
)
from milia.laser import Beam, Profile, PulseTrain
from milia.skin import Cyst, CYST_DIAMETER_m, CYST_ROOF_m, Layer, Tissue, materials, site, sites, tissue_at

__all__ = ["ExposureSpec", "exposure_from_mapping", "load_exposure"]

_ZERO_CELSIUS_K = 273.15
_TOP_KEYS = ("tissue", "laser", "lesion", "initial_temperature", "uncertainty")
_LASER_KEYS = (
    *("wavelength", "spot_diameter", "profile", "order", "focus_offset", "m2"),
    *("pulse_energy", "pulse_duration", "shape", "pulses", "interval", "passes", "wipe"),
)
_SHAPES = ("flat", "triangular")

# Accepted ranges: what can be computed sensibly, wider than any clinic uses.
_WAVELENGTH_m = (2e-6, 12e-6)
_SPOT_m = (20e-6, 10e-3)
_ENERGY_J = (1e-5, 10.0)
_DURATION_s = (1e-7, 10.0)
_INTERVAL_s = (1e-7, 60.0)
_POWER_MAX_W = 1e5
_PULSES_MAX = 1000
_PASSES_MAX = 100
_EXPOSURES_MAX = 1000
_THICKNESS_m = (1e-6, 50e-3)
_LAYERS_MAX = 20
_DEPTH_m = 3e-3
_BELOW_CYST_m = 1e-3
_TEMPERATURE_degC = (-5.0, 45.0)
_MEMBERS = (2, 4096)


@dataclass(frozen=True)
class ExposureSpec:
    """One exposure as a file describes it.

    Parameters
    ----------
    tissue
        Layers and cyst.
    site
        Name of the site the layers come from; ``None`` where the file lists them.
    beam, train
        Where the energy goes, and when.
    initial_temperature_K
        Temperature of the tissue before the first pulse [K].
    uncertainty
        Members to draw from the parameter posterior; ``None`` for the central parameters only.
    file
        Name of the file, for messages.
    """

    tissue: Tissue
    site: str | None
    beam: Beam
    train: PulseTrain
    initial_temperature_K: float
    uncertainty: int | None
    file: str


def load_exposure(path: str | os.PathLike[str]) -> ExposureSpec:
    """Read an exposure file; raise ``InputError`` naming file, key, value and what would be accepted."""
    return exposure_from_mapping(read_yaml_mapping(path), file=os.fspath(path))


def exposure_from_mapping(mapping: Mapping[str, Any], *, file: str) -> ExposureSpec:
    """Read an exposure from a mapping with the keys of an exposure file.

    Parameters
    ----------
    mapping
        See ``docs/case-file.md``.
    file
        Name for messages.

    Raises
    ------
    InputError
        For anything missing, unknown, out of range or impossible.
    """
    top = as_mapping(mapping, key="exposure", file=file, accepted="a section with " + ", ".join(_TOP_KEYS))
    check_keys(top, _TOP_KEYS, key=None, file=file)
    tissue, name = _tissue(top, file)
    laser = _section(top, "laser", file)
    check_keys(laser, _LASER_KEYS, key="laser", file=file)
    temperature = require(
        top, "initial_temperature", key=None, file=file, accepted="a temperature such as '33 degC'"
    )
    members = top.get("uncertainty")
    low, high = _TEMPERATURE_degC
    return ExposureSpec(
        tissue=tissue,
        site=name,
        beam=_beam(laser, file),
        train=_train(laser, file),
        initial_temperature_K=_ZERO_CELSIUS_K
        + parse_quantity(temperature, unit="degC", low=low, high=high, key="initial_temperature", file=file),
        uncertainty=None
        if members is None
        else parse_whole(
            members, low=_MEMBERS[0], high=_MEMBERS[1], key="uncertainty", file=file, what="members"
        ),
        file=file,
    )


def _tissue(top: dict[str, Any], file: str) -> tuple[Tissue, str | None]:
    section = _section(top, "tissue", file)
    check_keys(section, ("site", "layers", "lesion"), key="tissue", file=file)
    if (section.get("site") is None) == (section.get("layers") is None):
        accepted = "exactly one of site, layers"
        raise InputError("give either a site or the layers", file=file, key="tissue", accepted=accepted)
    if section.get("lesion") is not None and top.get("lesion") is not None:
        problem = "the lesion is written twice, here and at the top"
        raise InputError(problem, file=file, key="tissue.lesion", accepted="one lesion")
    key, lesion = (
        ("lesion", top["lesion"])
        if top.get("lesion") is not None
        else ("tissue.lesion", section.get("lesion"))
    )
    if section.get("site") is not None:
        names = [known.name for known in sites()]
        where = site(parse_choice(section["site"], names, key="tissue.site", file=file))
        cyst = None if lesion is None else _cyst(lesion, key, file, roof_m=where.roof_m.value)
        depth = _DEPTH_m if cyst is None else max(_DEPTH_m, cyst.roof_m + cyst.diameter_m + _BELOW_CYST_m)
        return tissue_at(where, cyst=cyst, depth_m=depth), where.name
    layers = _layers(section["layers"], file)
    cyst = None if lesion is None else _cyst(lesion, key, file, roof_m=None)
    total = sum(layer.thickness_m for layer in layers)
    if cyst is not None and cyst.roof_m + cyst.diameter_m > total * (1.0 + 1e-9):
        needed = format_quantity(cyst.roof_m + cyst.diameter_m, "m")
        problem = f"roof and cyst reach {needed} deep, below the last layer"
        accepted = f"a roof and diameter of together at most {format_quantity(total, 'm')}"
        raise InputError(problem, file=file, key=key, accepted=accepted)
    return Tissue(layers=layers, cyst=cyst, evidence=()), None


def _layers(found: object, file: str) -> tuple[Layer, ...]:
    accepted = f"a list of 1 to {_LAYERS_MAX} layers such as [{{material: dermis, thickness: '1 mm'}}]"
    items = as_list(found, key="tissue.layers", file=file, accepted=accepted)
    if not 1 <= len(items) <= _LAYERS_MAX:
        problem = f"the list has {len(items)} layers"
        raise InputError(problem, file=file, key="tissue.layers", accepted=accepted)
    names = [known.name for known in materials()]
    layers = []
    for index, item in enumerate(items):
        key = f"tissue.layers[{index}]"
        layer = as_mapping(item, key=key, file=file, accepted="a section {material, thickness}")
        check_keys(layer, ("material", "thickness"), key=key, file=file)
        material = require(layer, "material", key=key, file=file, accepted=", ".join(names))
        thickness = _quantity(layer, "thickness", "m", _THICKNESS_m, key, file)
        layers.append(Layer(parse_choice(material, names, key=f"{key}.material", file=file), thickness))
    return tuple(layers)


def _cyst(found: object, key: str, file: str, *, roof_m: float | None) -> Cyst:
    section = as_mapping(found, key=key, file=file, accepted="a section {diameter, roof}")
    check_keys(section, ("diameter", "roof"), key=key, file=file)
    diameter = _quantity(section, "diameter", "m", CYST_DIAMETER_m, key, file)
    # Only a site has an atlas value to stand in for a roof that was not measured.
    if section.get("roof") is None and roof_m is not None:
        return Cyst(diameter_m=diameter, roof_m=roof_m)
    return Cyst(diameter_m=diameter, roof_m=_quantity(section, "roof", "m", CYST_ROOF_m, key, file))


def _beam(laser: dict[str, Any], file: str) -> Beam:
    found = require(laser, "profile", key="laser", file=file, accepted=", ".join(Profile))
    profile = Profile(parse_choice(found, [*Profile], key="laser.profile", file=file))
    if laser.get("order") is not None and profile is not Profile.SUPER_GAUSSIAN:
        problem = "only a super_gaussian beam has an order"
        accepted = "no order with this profile"
        raise InputError(problem, file=file, key="laser.order", value=laser["order"], accepted=accepted)
    super_gaussian = profile is Profile.SUPER_GAUSSIAN
    return Beam(
        wavelength_m=_quantity(laser, "wavelength", "m", _WAVELENGTH_m, "laser", file),
        spot_diameter_m=_quantity(laser, "spot_diameter", "m", _SPOT_m, "laser", file),
        profile=profile,
        order=_quantity(laser, "order", "1", (2.0, 100.0), "laser", file) if super_gaussian else 2.0,
        focus_offset_m=_optional(laser, "focus_offset", "m", (-20e-3, 20e-3), 0.0, file),
        m2=_optional(laser, "m2", "1", (1.0, 1000.0), 1.0, file),
    )


def _train(laser: dict[str, Any], file: str) -> PulseTrain:
    energy = _quantity(laser, "pulse_energy", "J", _ENERGY_J, "laser", file)
    duration = _quantity(laser, "pulse_duration", "s", _DURATION_s, "laser", file)
    if energy / duration > _POWER_MAX_W:
        power = format_quantity(energy / duration, "W")
        raise InputError(
            f"so short a pulse of {format_quantity(energy, 'J')} has {power}",
            file=file,
            key="laser.pulse_duration",
            value=laser["pulse_duration"],
            accepted=f"a power of at most {format_quantity(_POWER_MAX_W, 'W')} during the pulse",
        )
    pulses = _count(laser, "pulses", _PULSES_MAX, file)
    passes = _count(laser, "passes", _PASSES_MAX, file)
    if pulses * passes > _EXPOSURES_MAX:
        problem = f"{pulses} pulses in each of {passes} passes are {pulses * passes} pulses"
        accepted = f"at most {_EXPOSURES_MAX} pulses in all"
        raise InputError(problem, file=file, key="laser.pulses", value=pulses, accepted=accepted)
    wipe = laser.get("wipe")
    shape = laser.get("shape")
    chosen = "flat" if shape is None else parse_choice(shape, _SHAPES, key="laser.shape", file=file)
    return PulseTrain(
        pulse_energy_J=energy,
        pulse_duration_s=duration,
        pulses=pulses,
        interval_s=_interval(laser, duration, pulses * passes, file),
        passes=passes,
        wipe=True if wipe is None else parse_flag(wipe, key="laser.wipe", file=file),
        shape="triangular" if chosen == "triangular" else "flat",
    )


def _interval(laser: dict[str, Any], duration: float, exposures: int, file: str) -> float:
    if laser.get("interval") is None and exposures == 1:
        # One pulse has no interval; the train only needs one that is not shorter than the pulse.
        return max(duration, 0.1)
    interval = _quantity(laser, "interval", "s", _INTERVAL_s, "laser", file)
    if interval < duration * (1.0 - 1e-9):
        raise InputError(
            "the interval, from pulse start to pulse start, is shorter than the pulse",
            file=file,
            key="laser.interval",
            value=laser["interval"],
            accepted=f"a time with unit from {format_range(duration, _INTERVAL_s[1], 's')}",
        )
    return interval


def _count(laser: dict[str, Any], name: str, most: int, file: str) -> int:
    found = laser.get(name)
    return (
        1
        if found is None
        else parse_whole(found, low=1, high=most, key=f"laser.{name}", file=file, what=name)
    )


def _quantity(
    section: dict[str, Any], name: str, unit: str, limits: tuple[float, float], key: str, file: str
) -> float:
    found = require(
        section, name, key=key, file=file, accepted="a quantity with its unit; it is never assumed"
    )
    return parse_quantity(found, unit=unit, low=limits[0], high=limits[1], key=f"{key}.{name}", file=file)


def _optional(
    laser: dict[str, Any], name: str, unit: str, limits: tuple[float, float], default: float, file: str
) -> float:
    return default if laser.get(name) is None else _quantity(laser, name, unit, limits, "laser", file)


def _section(top: dict[str, Any], name: str, file: str) -> dict[str, Any]:
    accepted = f"a section with the keys of {name}"
    found = require(top, name, key=None, file=file, accepted=accepted)
    return as_mapping(found, key=name, file=file, accepted=accepted)
