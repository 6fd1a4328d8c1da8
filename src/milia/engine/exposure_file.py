"""The exposure file: one tissue, one beam, one pulse train to simulate."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from milia.engine.volume.scene import PlacedCyst, Scene
from milia.engine.volume.scene_file import KEYS as _SCENE_KEYS
from milia.engine.volume.scene_file import LESIONS_MAX, place_of, read_scene, refuse_without_3d
from milia.laser import Beam, Profile, PulseTrain
from milia.skin import Cyst, CYST_DIAMETER_m, CYST_ROOF_m, Layer, Tissue, materials, site, sites, tissue_at

__all__ = ["ExposureSpec", "exposure_from_mapping", "load_exposure"]

_ZERO_CELSIUS_K = 273.15
_TOP_KEYS = ("tissue", "laser", "lesion", "initial_temperature", "uncertainty", "geometry", *_SCENE_KEYS)
_GEOMETRIES = ("axisymmetric", "3d")
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
_MEMBERS_3D = (2, 64)


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
    scene
        Spots, cysts and edge of a three-dimensional exposure, whose ``tissue`` then holds layers alone;
        ``None`` for one about an axis.
    """

    tissue: Tissue
    site: str | None
    beam: Beam
    train: PulseTrain
    initial_temperature_K: float
    uncertainty: int | None
    file: str
    scene: Scene | None = None


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
    solid = _is_3d(top, file)
    tissue, name, lesions = _tissue(top, file, solid=solid)
    laser = _section(top, "laser", file)
    check_keys(laser, _LASER_KEYS, key="laser", file=file)
    beam = _beam(laser, file)
    scene = read_scene(top, file, lesions=lesions, beam_radius_m=beam.radius_m) if solid else None
    temperature = require(
        top, "initial_temperature", key=None, file=file, accepted="a temperature such as '33 degC'"
    )
    members = top.get("uncertainty")
    fewest, most = _MEMBERS_3D if solid else _MEMBERS
    low, high = _TEMPERATURE_degC
    return ExposureSpec(
        tissue=tissue,
        site=name,
        beam=beam,
        train=_train(laser, file, spots=len(scene.spots) if scene else 1),
        initial_temperature_K=_ZERO_CELSIUS_K
        + parse_quantity(temperature, unit="degC", low=low, high=high, key="initial_temperature", file=file),
        uncertainty=None
        if members is None
        else parse_whole(members, low=fewest, high=most, key="uncertainty", file=file, what="members"),
        file=file,
        scene=scene,
    )


def _is_3d(top: dict[str, Any], file: str) -> bool:
    found = top.get("geometry")
    if found is not None and parse_choice(found, _GEOMETRIES, key="geometry", file=file) == "3d":
        return True
    refuse_without_3d(top, file)
    return False


def _tissue(
    top: dict[str, Any], file: str, *, solid: bool
) -> tuple[Tissue, str | None, list[tuple[str, PlacedCyst]]]:
    """Read layers and cysts; in three dimensions cysts lie anywhere, and are no part of the tissue."""
    section = _section(top, "tissue", file)
    check_keys(section, ("site", "layers", "lesion"), key="tissue", file=file)
    if (section.get("site") is None) == (section.get("layers") is None):
        accepted = "exactly one of site, layers"
        raise InputError("give either a site or the layers", file=file, key="tissue", accepted=accepted)
    where = None
    if section.get("site") is not None:
        names = [known.name for known in sites()]
        where = site(parse_choice(section["site"], names, key="tissue.site", file=file))
    layers = () if where else _layers(section["layers"], file)
    lesions = _lesions(top, section, file, roof_m=where.roof_m.value if where else None)
    deepest = max((placed.cyst.roof_m + placed.cyst.diameter_m for _, placed in lesions), default=0.0)
    if where:
        depth = max(_DEPTH_m, deepest + _BELOW_CYST_m) if lesions else _DEPTH_m
        tissue = tissue_at(where, cyst=lesions[0][1].cyst if lesions else None, depth_m=depth)
        return (replace(tissue, cyst=None) if solid else tissue), where.name, lesions
    total = sum(layer.thickness_m for layer in layers)
    for key, placed in lesions:
        needed = placed.cyst.roof_m + placed.cyst.diameter_m
        if needed > total * (1.0 + 1e-9):
            problem = f"roof and cyst reach {format_quantity(needed, 'm')} deep, below the last layer"
            accepted = f"a roof and diameter of together at most {format_quantity(total, 'm')}"
            raise InputError(problem, file=file, key=key, accepted=accepted)
    cyst = None if solid or not lesions else lesions[0][1].cyst
    return Tissue(layers=layers, cyst=cyst, evidence=()), None, lesions


def _lesions(
    top: dict[str, Any], section: dict[str, Any], file: str, *, roof_m: float | None
) -> list[tuple[str, PlacedCyst]]:
    """Read the one cyst on the axis, or the list of cysts with their places."""
    written = [
        key
        for key, found in (
            ("lesions", top.get("lesions")),
            ("lesion", top.get("lesion")),
            ("tissue.lesion", section.get("lesion")),
        )
        if found is not None
    ]
    if len(written) > 1:
        problem = f"the lesion is written twice, here and as {written[0]}"
        raise InputError(problem, file=file, key=written[-1], accepted="one lesion, or one list of lesions")
    if not written:
        return []
    key = written[0]
    if key != "lesions":
        found = top["lesion"] if key == "lesion" else section["lesion"]
        return [(key, PlacedCyst(_cyst(found, key, file, roof_m=roof_m)))]
    accepted = f"a list of 1 to {LESIONS_MAX} sections {{diameter, roof, x, y}}"
    items = as_list(top["lesions"], key="lesions", file=file, accepted=accepted)
    if not 1 <= len(items) <= LESIONS_MAX:
        raise InputError(f"the list has {len(items)} lesions", file=file, key="lesions", accepted=accepted)
    placed = []
    for index, item in enumerate(items):
        key = f"lesions[{index}]"
        cyst = _cyst(item, key, file, roof_m=roof_m, keys=("diameter", "roof", "x", "y"))
        placed.append((key, PlacedCyst(cyst, *place_of(item, key, file))))
    return placed


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


def _cyst(
    found: object,
    key: str,
    file: str,
    *,
    roof_m: float | None,
    keys: tuple[str, ...] = ("diameter", "roof"),
) -> Cyst:
    section = as_mapping(found, key=key, file=file, accepted=f"a section {{{', '.join(keys)}}}")
    check_keys(section, keys, key=key, file=file)
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


def _train(laser: dict[str, Any], file: str, *, spots: int) -> PulseTrain:
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
    exposures = pulses * passes * spots
    if exposures > _EXPOSURES_MAX:
        where = f" on {spots} spots" if spots > 1 else ""
        problem = f"{pulses} pulses in each of {passes} passes{where} are {exposures} pulses"
        accepted = f"at most {_EXPOSURES_MAX} pulses in all"
        raise InputError(problem, file=file, key="laser.pulses", value=pulses, accepted=accepted)
    wipe = laser.get("wipe")
    shape = laser.get("shape")
    chosen = "flat" if shape is None else parse_choice(shape, _SHAPES, key="laser.shape", file=file)
    return PulseTrain(
        pulse_energy_J=energy,
        pulse_duration_s=duration,
        pulses=pulses,
        interval_s=_interval(laser, duration, exposures, file),
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
