"""What the cross-section shows, and how much of the skin each of its two views takes in."""

from __future__ import annotations

from dataclasses import dataclass

from milia.language import say
from milia.report.numbers import with_unit

WORTH_A_CLOSER_LOOK = 1.5


@dataclass(frozen=True, slots=True)
class SkinLayer:
    """One layer of the skin between two depths [µm]."""

    name: str
    top_um: float
    bottom_um: float


@dataclass(frozen=True, slots=True)
class CrossSectionData:
    """What the picture of the section needs; depths grow downwards from the skin's surface [µm]."""

    r_um: tuple[float, ...]
    crater_um: tuple[float, ...]
    crater_low_um: tuple[float, ...]
    crater_high_um: tuple[float, ...]
    damage_um: tuple[float, ...]
    layers: tuple[SkinLayer, ...]
    cyst_diameter_um: float | None = None
    roof_um: float | None = None
    limit_um: float | None = None
    hard_stop: bool = False
    beam_diameter_um: float | None = None

    @property
    def deepest_um(self) -> float:
        """Deepest point that light or heat reaches in the picture."""
        return max((0.0, *self.crater_um, *self.crater_high_um, *self.damage_um))

    @property
    def reach_um(self) -> float:
        """Farthest radius that light or heat reaches in the picture."""
        touched = [
            r
            for r, high, damage in zip(
                self.r_um,
                self.crater_high_um or self.crater_um,
                self.damage_um or self.crater_um,
                strict=True,
            )
            if max(high, damage) > 1.0
        ]
        return max((0.0, *touched, (self.beam_diameter_um or 0.0) / 2))


@dataclass(frozen=True, slots=True)
class View:
    """The part of the skin that a picture shows, measured from the cyst's axis [µm]."""

    left_um: float
    right_um: float
    depth_um: float


def whole_view(data: CrossSectionData) -> View:
    """Return a view of the whole cyst, the limit and everything the pulse reaches."""
    radius = (data.cyst_diameter_um or 0.0) / 2
    cyst_bottom = (data.roof_um or 0.0) + 2 * radius
    depth = 1.08 * max(cyst_bottom, data.limit_um or 0.0, data.deepest_um, 120.0)
    half_width = max(1.15 * radius, 1.35 * data.reach_um, 0.4 * depth)
    return View(-half_width, half_width, depth)


def close_view(data: CrossSectionData) -> View | None:
    """Return a view of the crater's right half, or None where the whole view already shows it well."""
    whole = whole_view(data)
    reach = max(data.reach_um, 60.0)
    depth = 1.25 * max(data.deepest_um, data.roof_um or 0.0, 60.0)
    if data.limit_um is not None and data.limit_um < 1.8 * depth:
        depth = max(depth, 1.12 * data.limit_um)
    view = View(-0.16 * reach, 1.12 * reach, depth)
    magnified = (whole.right_um - whole.left_um) / (view.right_um - view.left_um)
    return view if magnified >= WORTH_A_CLOSER_LOOK else None


def describe_section(data: CrossSectionData) -> str:
    """Say in words what the section shows."""
    said = []
    if data.cyst_diameter_um is not None and data.roof_um is not None:
        said.append(
            say(
                "a cyst {diameter} wide under a roof of {roof}",
                diameter=with_unit(data.cyst_diameter_um, "µm"),
                roof=with_unit(data.roof_um, "µm"),
            )
        )
    if data.crater_um and max(data.crater_um) > 0:
        said.append(say("a crater {depth} deep", depth=with_unit(max(data.crater_um), "µm")))
    if data.damage_um and max(data.damage_um) > 0:
        said.append(say("heat damage down to {depth}", depth=with_unit(max(data.damage_um), "µm")))
    if data.limit_um is not None:
        depth = with_unit(data.limit_um, "µm")
        said.append(
            say("a hard stop at {depth}", depth=depth)
            if data.hard_stop
            else say("the site's depth limit at {depth}", depth=depth)
        )
    return say("Section to scale: {parts}.", parts=", ".join(said)) if said else say("Section to scale.")
