"""Layered skin, with or without a cyst, and the materials it is made of."""

from __future__ import annotations

import difflib
import functools
import math
from dataclasses import dataclass

from milia.base import InputError
from milia.knowledge import KnowledgeError, Statement, Uncertain, load_knowledge
from milia.skin.sites import Site

# Accepted of a file and of a draw: beyond, a value is a slip of the pen or no milium.
CYST_DIAMETER_m = (0.1e-3, 3e-3)
CYST_ROOF_m = (10e-6, 500e-6)

_MATERIAL_KEYS = {"title", "density", "water_fraction", "living"}


@dataclass(frozen=True, slots=True)
class Material:
    """What a layer is made of; only living material can be harmed."""

    name: str
    title: str
    density_kg_m3: Uncertain
    water_fraction: Uncertain
    living: bool
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of one material [m]."""

    material: str
    thickness_m: float

    def __post_init__(self) -> None:
        """Refuse an unknown material and a thickness that is no length."""
        material(self.material)
        _check_length("thickness_m", self.thickness_m)


@dataclass(frozen=True, slots=True)
class Cyst:
    """A keratin ball below a roof of skin [m]."""

    diameter_m: float
    roof_m: float

    def __post_init__(self) -> None:
        """Refuse sizes that are no length."""
        _check_length("diameter_m", self.diameter_m)
        _check_length("roof_m", self.roof_m)


@dataclass(frozen=True, slots=True)
class Tissue:
    """Layers from the surface down, and the cyst in them."""

    layers: tuple[Layer, ...]
    cyst: Cyst | None = None
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse tissue without layers."""
        if not self.layers:
            raise InputError(
                "tissue needs at least one layer", key="layers", value=[], accepted="a list of layers"
            )

    @property
    def depth_m(self) -> float:
        """All layers together [m]."""
        return math.fsum(layer.thickness_m for layer in self.layers)


def material(name: str) -> Material:
    """Return one material.

    Raises
    ------
    InputError
        If there is no such material; the message has the nearest names and the list.
    """
    known = _materials()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    raise InputError(
        f"there is no material of this name{hint}", key="material", value=name, accepted=", ".join(known)
    )


def materials() -> tuple[Material, ...]:
    """Return every material."""
    return tuple(_materials().values())


def tissue_at(
    site: Site,
    *,
    stratum_corneum_m: float | None = None,
    epidermis_m: float | None = None,
    total_m: float | None = None,
    cyst: Cyst | None = None,
    depth_m: float = 3e-3,
) -> Tissue:
    """Lay the skin of a site in layers: stratum corneum, viable and papillary and reticular layers, then fat.

    Parameters
    ----------
    site
        Where; its typical values fill what is not given.
    stratum_corneum_m, epidermis_m, total_m
        Measured or drawn thicknesses [m]; the epidermis includes the stratum corneum.
    cyst
        A cyst in the skin.
    depth_m
        Depth down to which layers are laid [m]; what lies deeper is cut off.

    Returns
    -------
    Tissue
        Layers whose thicknesses add up to ``depth_m``. The papillary dermis keeps the share of the dermis
        that it has in the site's typical skin.

    Raises
    ------
    InputError
        If the layers do not nest: 0 < stratum corneum < epidermis < total.
    """
    corneum = site.stratum_corneum_m.value if stratum_corneum_m is None else stratum_corneum_m
    epidermis = site.epidermis_m.value if epidermis_m is None else epidermis_m
    total = site.total_m.value if total_m is None else total_m
    for key, length in (("stratum_corneum_m", corneum), ("epidermis_m", epidermis), ("total_m", total)):
        _check_length(key, length)
    _check_length("depth_m", depth_m)
    if not corneum < epidermis:
        raise InputError(
            "the epidermis must be thicker than its stratum corneum",
            key="epidermis_m",
            value=epidermis,
            accepted=f"more than {corneum:.3g} m",
        )
    if not epidermis < total:
        raise InputError(
            "the skin must be thicker than its epidermis",
            key="total_m",
            value=total,
            accepted=f"more than {epidermis:.3g} m",
        )
    typical_dermis = site.total_m.value - site.epidermis_m.value
    papillary_share = (site.papillary_boundary_m.value - site.epidermis_m.value) / typical_dermis
    boundary = epidermis + papillary_share * (total - epidermis)
    bottoms = (
        ("stratum_corneum", corneum),
        ("epidermis", epidermis),
        ("papillary_dermis", boundary),
        ("dermis", total),
        ("fat", math.inf),
    )
    layers = _layers_down_to(depth_m, bottoms)
    evidence = dict.fromkeys(
        (*site.evidence, *(id for layer in layers for id in material(layer.material).evidence))
    )
    if cyst is not None:
        evidence.update(dict.fromkeys(material("keratin").evidence))
    return Tissue(layers=layers, cyst=cyst, evidence=tuple(evidence))


def _layers_down_to(depth_m: float, bottoms: tuple[tuple[str, float], ...]) -> tuple[Layer, ...]:
    layers = []
    top = 0.0
    for name, bottom in bottoms:
        end = min(bottom, depth_m)
        if end > top:
            layers.append(Layer(name, end - top))
            top = end
    return tuple(layers)


@functools.lru_cache(maxsize=1)
def _materials() -> dict[str, Material]:
    return {s.id.removeprefix("material."): _material(s) for s in load_knowledge().statements("material")}


def _material(rules: Statement) -> Material:
    extra = rules.extra
    if set(extra) != _MATERIAL_KEYS or not isinstance(extra["living"], bool):
        raise KnowledgeError(
            f"a material has the keys {sorted(_MATERIAL_KEYS)}, 'living' true or false", entry=rules.id
        )
    knowledge = load_knowledge()
    density = knowledge.quantity(extra["density"]).uncertain
    water = knowledge.quantity(extra["water_fraction"]).uncertain
    return Material(
        name=rules.id.removeprefix("material."),
        title=extra["title"],
        density_kg_m3=density,
        water_fraction=water,
        living=extra["living"],
        evidence=(rules.id, density.quantity_id, water.quantity_id),
    )


def _check_length(key: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0.0):
        raise InputError(
            "a length must be positive and finite", key=key, value=value, accepted="more than 0 m"
        )
