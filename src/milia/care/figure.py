"""The plan as a figure: the crater in the skin to scale, and how opening and harm rise with the energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from milia.care.plan import Plan

# Blue and vermilion keep apart for colour-blind readers; harm is also dashed.
OPEN, HARM, SKIN = "#0072b2", "#d55e00", "#8c6d5a"
LAYERS = ("#f3d9c6", "#eec4a8", "#e3ad8c", "#d99a78", "#f6e3a1")


def plan_figure(plan: Plan) -> Figure:
    """Draw cross-section and window side by side; without a laser plan the figure holds the headline."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    data = plan.to_dict()
    section, response = data["cross_section"], data["window"]["response"]
    drawn = [
        (draw, found)
        for draw, found in ((_draw_section, section), (_draw_response, response))
        if _drawable(found)
    ]
    if not drawn:
        figure.text(0.5, 0.5, _escaped(plan.headline), ha="center", va="center", wrap=True)
        return figure
    axes = figure.subplots(1, len(drawn), squeeze=False)[0]
    for ax, (draw, found) in zip(axes, drawn, strict=True):
        draw(ax, found)
    figure.suptitle(_escaped(plan.headline), fontsize=9, wrap=True)
    return figure


def _drawable(found: Mapping[str, Any] | None) -> bool:
    return bool(found) and bool(found.get("points") or found.get("r_um")) if found else False


def _escaped(text: str) -> str:
    # A dollar sign starts mathematics in matplotlib, and a device's title may hold one.
    return text.replace("$", r"\$")


def _draw_section(ax: Axes, section: Mapping[str, Any]) -> None:
    radius = [float(value) for value in section["r_um"]]
    across = [-value for value in reversed(radius)] + radius
    cyst = section.get("cyst")
    edge = max(*radius, 0.6 * cyst["diameter_um"] if cyst else 0.0)
    for layer, colour in zip(section.get("layers", ()), LAYERS, strict=False):
        ax.axhspan(layer["top_um"], layer["bottom_um"], color=colour, zorder=0)
        ax.text(-0.97 * edge, layer["bottom_um"], _escaped(layer["name"]), fontsize=7, clip_on=True)
    if cyst:
        from matplotlib.patches import Circle

        centre = cyst["roof_um"] + cyst["diameter_um"] / 2.0
        ax.add_patch(Circle((0.0, centre), cyst["diameter_um"] / 2.0, color="white", ec=SKIN, zorder=2))
    crater = _mirrored(section["crater_um"])
    damage = [max(pair) for pair in zip(_mirrored(section["damage_um"]), crater, strict=True)]
    ax.fill_between(across, crater, damage, color=HARM, alpha=0.45, lw=0, zorder=3, label="heat damage")
    ax.fill_between(across, 0.0, crater, color="white", lw=0, zorder=3)
    ax.plot(across, crater, color="black", lw=1.2, zorder=4, label="crater")
    if section.get("limit_um") is not None:
        ax.axhline(section["limit_um"], color=HARM, ls="--", lw=1.0, zorder=4, label="limit of this site")
    bottom = (cyst["roof_um"] + cyst["diameter_um"] if cyst else 0.0) * 1.1
    ax.set(
        xlim=(-edge, edge),
        ylim=(max(bottom, 1.3 * max(damage), 1.1 * (section.get("limit_um") or 0.0)), -0.05 * edge),
        xlabel="distance from the centre [µm]",
        ylabel="depth [µm]",
        aspect="equal",
    )
    ax.legend(fontsize=7, loc="lower right")


def _mirrored(values: Sequence[float]) -> list[float]:
    right = [float(value) for value in values]
    return right[::-1] + right


def _draw_response(ax: Axes, response: Mapping[str, Any]) -> None:
    points = sorted(response["points"], key=lambda point: float(point["x"]))
    x = [float(point["x"]) for point in points]
    ax.plot(x, [100.0 * point["p_open"] for point in points], color=OPEN, marker="o", ms=3, label="opens")
    ax.plot(
        x, [100.0 * point["p_harm"] for point in points], color=HARM, ls="--", marker="s", ms=3, label="harms"
    )
    if response.get("recommended") is not None:
        ax.axvline(float(response["recommended"]), color="black", lw=1.0, ls=":", label="recommended")
    axis = str(response.get("axis", "")).rsplit("_", 1)[0].replace("_", " ")
    ax.set(xlabel=f"{axis} [{response.get('unit', '')}]", ylabel="simulated skins [%]", ylim=(-3.0, 103.0))
    ax.legend(fontsize=7)
