"""The site atlas: how thick the skin is where, and what may be done there."""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass

from milia.base import InputError
from milia.knowledge import Knowledge, KnowledgeError, Statement, Uncertain, load_knowledge

_EXTRA_KEYS = frozenset(
    {"title", "case_name", "values_of", "roof", "hard_stop", "orbital", "eyelid", "laser_allowed", "note"}
)
_PROTRUSION = "lesion.cyst.protrusion"
_SCAR_DEPTH = "limit.scar.depth"
_SCAR_SHARE = "limit.scar.share_of_skin"


@dataclass(frozen=True, slots=True)
class Site:
    """A place on the face with its skin layers [m] and its rules.

    ``epidermis_m`` includes the stratum corneum, ``papillary_boundary_m`` is the depth of the
    papillary-reticular transition, ``depth_limit_m`` the largest planned depth of ablation and thermal
    damage, ``protrusion`` the share of a cyst's diameter that bulges above the skin, and ``case_name`` the
    name a case file uses for the place (None where no plan is made).
    """

    name: str
    title: str
    stratum_corneum_m: Uncertain
    epidermis_m: Uncertain
    papillary_boundary_m: Uncertain
    dermis_m: Uncertain
    total_m: Uncertain
    depth_limit_m: float
    hard_stop: bool
    orbital: bool
    eyelid: bool
    laser_allowed: bool
    roof_m: Uncertain
    protrusion: Uncertain
    case_name: str | None
    evidence: tuple[str, ...]


def site(name: str) -> Site:
    """Return one site of the atlas.

    Raises
    ------
    InputError
        If there is no such site; the message has the nearest names and the list.
    """
    atlas = _atlas()
    if name in atlas:
        return atlas[name]
    near = difflib.get_close_matches(name, atlas, n=3)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    raise InputError(
        f"there is no site of this name{hint}", key="site", value=name, accepted=", ".join(sorted(atlas))
    )


def sites() -> tuple[Site, ...]:
    """Return every site: the names usable in a case file and the finer ones of the atlas."""
    return tuple(_atlas().values())


def depth_limit(total_m: float) -> float:
    """Return the depth that ablation and thermal damage together should not pass.

    Parameters
    ----------
    total_m
        Total thickness of the local skin [m].

    Returns
    -------
    float
        Depth limit [m].

    Raises
    ------
    InputError
        If the thickness is not positive.

    Notes
    -----
    .. math:: z_{max} = \\min(z_{scar},\\; f_{scar}\\, d_{skin})

    with the depth and the share of skin at which a cut of the human hip begins to scar [1]_; carried over to
    the face, where it is a cautious reading.

    References
    ----------
    .. [1] Dunkin et al. 2007, scarring occurs at a critical depth of skin injury.
    """
    if not total_m > 0.0:
        raise InputError(
            "a thickness must be positive", key="total_m", value=total_m, accepted="more than 0 m"
        )
    knowledge = load_knowledge()
    return min(knowledge.quantity(_SCAR_DEPTH).si, knowledge.quantity(_SCAR_SHARE).si * total_m)


@functools.lru_cache(maxsize=1)
def _atlas() -> dict[str, Site]:
    knowledge = load_knowledge()
    return {s.id.removeprefix("site."): _site(s, knowledge) for s in knowledge.statements("site")}


def _site(rules: Statement, knowledge: Knowledge) -> Site:
    extra = rules.extra
    if set(extra) - {"note"} != _EXTRA_KEYS - {"note"}:
        raise KnowledgeError(
            f"a site has the keys {sorted(_EXTRA_KEYS)}, not {sorted(extra)}", entry=rules.id
        )
    for key in ("hard_stop", "orbital", "eyelid", "laser_allowed"):
        if not isinstance(extra[key], bool):
            raise KnowledgeError(f"{key} must be true or false", entry=rules.id)
    prefix = f"site.{extra['values_of']}"
    layers = {
        key: knowledge.quantity(f"{prefix}.{end}").uncertain
        for key, end in (
            ("stratum_corneum_m", "stratum_corneum.thickness"),
            ("epidermis_m", "epidermis.thickness"),
            ("papillary_boundary_m", "papillary_boundary.depth"),
            ("dermis_m", "dermis.thickness"),
            ("total_m", "total.thickness"),
        )
    }
    roof = knowledge.quantity(extra["roof"]).uncertain
    protrusion = knowledge.quantity(_PROTRUSION).uncertain
    used = (*layers.values(), roof, protrusion)
    return Site(
        name=rules.id.removeprefix("site."),
        title=extra["title"],
        **layers,
        depth_limit_m=depth_limit(layers["total_m"].value),
        hard_stop=extra["hard_stop"],
        orbital=extra["orbital"],
        eyelid=extra["eyelid"],
        laser_allowed=extra["laser_allowed"],
        roof_m=roof,
        protrusion=protrusion,
        case_name=extra["case_name"],
        evidence=(rules.id, *(u.quantity_id for u in used), _SCAR_DEPTH, _SCAR_SHARE, "limit.depth.rule"),
    )
