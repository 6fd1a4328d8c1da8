"""The keys of an exposure file that need ``geometry: 3d``: aim, pattern, lesions, edge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from milia.base import (
    InputError,
    as_list,
    as_mapping,
    check_keys,
    format_quantity,
    parse_choice,
    parse_quantity,
    parse_whole,
    require,
)
from milia.engine.volume.grid import VOLUME, column_edges
from milia.engine.volume.scene import (
    ORDERS,
    SIDES,
    Edge,
    PlacedCyst,
    Scene,
    Spot,
    distance,
    grid_of_spots,
)

KEYS = ("aim", "pattern", "lesions", "edge")

# Accepted ranges: what can be computed sensibly.
POSITION_m = (-5e-3, 5e-3)
PITCH_m = (20e-6, 5e-3)
EDGE_m = (10e-6, 5e-3)
TILT_deg = (0.0, 60.0)
AZIMUTH_deg = (-360.0, 360.0)
ROWS_MAX = 20
SPOTS_MAX = 64
LESIONS_MAX = 10
COLUMNS_MAX = 80_000  # some 13 million cells and 3 GB
_PATTERN_KEYS = ("kind", "columns", "rows", "pitch", "order", "spots")


def refuse_without_3d(top: Mapping[str, Any], file: str) -> None:
    """Refuse the keys that mean nothing about an axis."""
    for name in KEYS:
        if top.get(name) is not None:
            raise InputError(
                "this key is for three dimensions, but the geometry is axisymmetric",
                file=file,
                key=name,
                accepted="geometry: 3d beside it, or no such key",
            )


def read_scene(
    top: Mapping[str, Any], file: str, *, lesions: Sequence[tuple[str, PlacedCyst]], beam_radius_m: float
) -> Scene:
    """Read where spots, cysts and a free edge lie.

    Parameters
    ----------
    top
        The exposure file.
    file
        Name for messages.
    lesions
        The cysts with the keys that describe them.
    beam_radius_m
        Radius of the beam at its focus [m].

    Raises
    ------
    InputError
        For anything unknown, out of range or impossible.
    """
    x, y, tilt, azimuth = _aim(top, file)
    scene = Scene(
        spots=_spots(top, file, x, y),
        tilt_rad=math.radians(tilt),
        azimuth_rad=math.radians(azimuth),
        lesions=tuple(placed for _, placed in lesions),
        edge=_edge(top, file),
    )
    _check_apart(lesions, file)
    _check_edge(scene, lesions, file, beam_radius_m)
    _check_size(scene, file, beam_radius_m)
    return scene


def place_of(section: Mapping[str, Any], key: str, file: str) -> tuple[float, float]:
    """Read ``x`` and ``y`` of a section; 0 where they are left out."""
    return _length(section, "x", key, file), _length(section, "y", key, file)


def _length(section: Mapping[str, Any], name: str, key: str, file: str) -> float:
    low, high = POSITION_m
    found = section.get(name)
    if found is None:
        return 0.0
    return parse_quantity(found, unit="m", low=low, high=high, key=f"{key}.{name}", file=file)


def _aim(top: Mapping[str, Any], file: str) -> tuple[float, float, float, float]:
    if top.get("aim") is None:
        return 0.0, 0.0, 0.0, 0.0
    section = as_mapping(top["aim"], key="aim", file=file, accepted="a section {x, y, tilt, azimuth}")
    check_keys(section, ("x", "y", "tilt", "azimuth"), key="aim", file=file)
    x, y = place_of(section, "aim", file)
    angles = []
    for name, (low, high) in (("tilt", TILT_deg), ("azimuth", AZIMUTH_deg)):
        found = section.get(name)
        angles.append(
            0.0
            if found is None
            else parse_quantity(found, unit="deg", low=low, high=high, key=f"aim.{name}", file=file)
        )
    if section.get("azimuth") is not None and angles[0] == 0.0:
        problem = "light that comes straight down has no azimuth"
        raise InputError(problem, file=file, key="aim.azimuth", accepted="a tilt above 0 deg, or no azimuth")
    return x, y, angles[0], angles[1]


def _spots(top: Mapping[str, Any], file: str, x: float, y: float) -> tuple[Spot, ...]:
    found = top.get("pattern")
    if found is None:
        return (Spot(x, y),)
    accepted = "a section {kind: grid, columns, rows, pitch, order} or {spots: [{x, y}, …]}"
    pattern = as_mapping(found, key="pattern", file=file, accepted=accepted)
    check_keys(pattern, _PATTERN_KEYS, key="pattern", file=file)
    if pattern.get("spots") is not None:
        others = [name for name in _PATTERN_KEYS[:-1] if pattern.get(name) is not None]
        if others:
            problem = "spots are listed, so that nothing else describes the pattern"
            raise InputError(problem, file=file, key=f"pattern.{others[0]}", accepted="spots alone")
        return _listed(pattern["spots"], file, x, y)
    kind = require(pattern, "kind", key="pattern", file=file, accepted="grid, or spots instead")
    parse_choice(kind, ("grid",), key="pattern.kind", file=file)
    counts = [
        parse_whole(
            require(pattern, name, key="pattern", file=file, accepted="a whole number"),
            low=1,
            high=ROWS_MAX,
            key=f"pattern.{name}",
            file=file,
        )
        for name in ("columns", "rows")
    ]
    if counts[0] * counts[1] > SPOTS_MAX:
        problem = f"{counts[0]} columns and {counts[1]} rows are {counts[0] * counts[1]} spots"
        raise InputError(problem, file=file, key="pattern.rows", accepted=f"at most {SPOTS_MAX} spots in all")
    low, high = PITCH_m
    pitch = parse_quantity(
        require(pattern, "pitch", key="pattern", file=file, accepted="a length with unit"),
        unit="m",
        low=low,
        high=high,
        key="pattern.pitch",
        file=file,
    )
    order = "sequential" if pattern.get("order") is None else pattern["order"]
    return grid_of_spots(
        counts[0],
        counts[1],
        pitch,
        order=parse_choice(order, ORDERS, key="pattern.order", file=file),
        x_m=x,
        y_m=y,
    )


def _listed(found: object, file: str, x: float, y: float) -> tuple[Spot, ...]:
    accepted = f"a list of 1 to {SPOTS_MAX} spots such as [{{x: '0.2 mm', y: '0 mm'}}]"
    items = as_list(found, key="pattern.spots", file=file, accepted=accepted)
    if not 1 <= len(items) <= SPOTS_MAX:
        raise InputError(
            f"the list has {len(items)} spots", file=file, key="pattern.spots", accepted=accepted
        )
    spots = []
    for index, item in enumerate(items):
        key = f"pattern.spots[{index}]"
        section = as_mapping(item, key=key, file=file, accepted="a section {x, y}")
        check_keys(section, ("x", "y"), key=key, file=file)
        dx, dy = place_of(section, key, file)
        spots.append(Spot(x + dx, y + dy))
    return tuple(spots)


def _edge(top: Mapping[str, Any], file: str) -> Edge | None:
    if top.get("edge") is None:
        return None
    section = as_mapping(top["edge"], key="edge", file=file, accepted="a section {distance, side}")
    check_keys(section, ("distance", "side"), key="edge", file=file)
    low, high = EDGE_m
    found = require(section, "distance", key="edge", file=file, accepted="a length with unit")
    side = require(section, "side", key="edge", file=file, accepted=", ".join(SIDES))
    return Edge(
        distance_m=parse_quantity(found, unit="m", low=low, high=high, key="edge.distance", file=file),
        side=parse_choice(side, SIDES, key="edge.side", file=file),
    )


def _check_apart(lesions: Sequence[tuple[str, PlacedCyst]], file: str) -> None:
    for index, (key, placed) in enumerate(lesions):
        for other_key, other in lesions[:index]:
            gap = distance(placed, other)
            if gap < 0.0:
                raise InputError(
                    f"this cyst and {other_key} overlap by {format_quantity(-gap, 'm')}",
                    file=file,
                    key=key,
                    accepted="cysts that do not touch each other",
                )


def _check_edge(
    scene: Scene, lesions: Sequence[tuple[str, PlacedCyst]], file: str, beam_radius_m: float
) -> None:
    edge = scene.edge
    if edge is None:
        return
    for key, placed in lesions:
        room = edge.inside(placed.x_m, placed.y_m) - placed.radius_m
        if room < 0.0:
            raise InputError(
                f"this cyst reaches {format_quantity(-room, 'm')} beyond the free edge",
                file=file,
                key=key,
                accepted="cysts that lie in the skin, or an edge further away",
            )
    for spot in scene.spots:
        beyond = -edge.inside(spot.x_m, spot.y_m)
        if beyond > beam_radius_m:
            raise InputError(
                f"a spot lies {format_quantity(beyond, 'm')} beyond the free edge and misses the skin",
                file=file,
                key="edge.distance",
                accepted=f"spots at most {format_quantity(beam_radius_m, 'm')}, the beam's radius, beyond it",
            )


def _check_size(scene: Scene, file: str, beam_radius_m: float) -> None:
    x, y = column_edges(scene, beam_radius_m, VOLUME)
    columns = (len(x) - 1) * (len(y) - 1)
    if columns > COLUMNS_MAX:
        raise InputError(
            f"these spots need {columns} columns of cells, because every spot refines the rows and columns "
            "of the grid in which it lies",
            file=file,
            key="pattern",
            accepted=f"fewer or wider spots, or ones in line: at most {COLUMNS_MAX} columns",
        )
