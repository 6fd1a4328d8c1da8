"""Pictures of a simulation: cross-section, temperatures over time, damage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError, format_quantity
from milia.engine.fields import dataset
from milia.engine.history import ZERO_CELSIUS_K, history, shots

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.colors import PowerNorm
    from matplotlib.figure import Figure

    from milia.engine.result import Simulation
    from milia.skin import Tissue

Array = NDArray[np.float64]

BLUE, VERMILION, BLACK = "#0072b2", "#d55e00", "#222222"  # told apart without colour vision
LIT = "#f0c000"
CYST = "#00c0c0"
BACKGROUND = "#f4f4f4"  # where tissue has been removed
WHOLE_CYST = 2.5  # how much smaller a wound may be drawn for the whole cyst to be seen
WIDTH_IN = 6.4
AIR = 2.5  # order of drawing: above fields and lines of damage, below floors and letters


@dataclass(frozen=True)
class View:
    """The part of a cross-section that is drawn, µm: ``half`` to either side of the axis, ``deep`` down.

    Depth is drawn ``stretch`` times larger than width: a broad spot removes a fiftieth of its width.
    """

    half: float
    deep: float
    stretch: int

    @classmethod
    def of(cls, simulation: Simulation, *, context: bool = True) -> View:
        """Return what shows wound and beam, and the whole cyst too where ``context`` matters."""
        crater = simulation.crater
        deep = 1.4e6 * max(crater.depth, crater.harm_depth, 1e-4)
        half = 0.8e6 * max(crater.wound_width, crater.width, 1.5 * simulation.exposure.beam.radius_m)
        half = max(half, 0.6 * deep)
        cyst = simulation.exposure.tissue.cyst
        if cyst and context:
            wide, far = 0.55e6 * cyst.diameter_m, 1.05e6 * (cyst.roof_m + cyst.diameter_m)
            if max(wide / half, far / (2.0 * half)) <= WHOLE_CYST:
                half, deep = max(half, wide, 0.5 * far), max(deep, far)
        return cls(half=half, deep=deep, stretch=max(1, round(1.2 * half / deep)))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of a figure that the picture fills [in]."""
        across = WIDTH_IN - 1.9
        tall = across * self.stretch * 1.06 * self.deep / (2.0 * self.half) + 1.3
        return WIDTH_IN, 0.1 * round(10.0 * tall)

    def apply(self, axes: Axes) -> None:
        axes.set(xlim=(-self.half, self.half), ylim=(self.deep, -0.06 * self.deep), aspect=self.stretch)
        larger = f", drawn {self.stretch} times larger" if self.stretch > 1 else ""
        axes.set(xlabel="distance from the axis [µm]", ylabel=f"depth [µm]{larger}", facecolor=BACKGROUND)


def mirrored(values: NDArray[np.floating[Any] | np.bool_]) -> NDArray[Any]:
    """Return an axisymmetric field [nr, nz] as the picture of both halves, [nz, 2 nr]."""
    return np.asarray(np.concatenate([values[::-1], values]).T)


def both_sides(r: Array) -> Array:
    """Return the radii of both halves, in the unit of ``r``."""
    return np.asarray(np.concatenate([-r[::-1], r]))


def filled(values: NDArray[np.floating[Any]], top: NDArray[np.int64]) -> NDArray[Any]:
    """Return a field [nr, nz] whose removed cells show what their column's first cell does.

    A floor is drawn as a line through the middle of columns, and would leave gaps at their corners.
    """
    nr, nz = values.shape
    rows = np.maximum(np.arange(nz)[None, :], np.minimum(top, nz - 1)[:, None])
    return np.asarray(values[np.arange(nr)[:, None], rows])


def draw_air(axes: Axes, r: Array, surface: Array) -> Artist:
    """Blank what has been removed, over both halves; ``r`` and ``surface`` in µm."""
    floor = np.concatenate([surface[::-1], surface])
    return axes.fill_between(
        both_sides(r), floor, -1e6, facecolor=BACKGROUND, edgecolor=BLACK, lw=0.8, zorder=AIR
    )


def draw_tissue(axes: Axes, tissue: Tissue, view: View, *, colour: str) -> None:
    """Draw the borders of the layers, with names where there is room, and the cyst's outline."""
    from matplotlib.patheffects import withStroke

    legible = [withStroke(linewidth=2.0, foreground="black")]
    depth, named, names = 0.0, 0.0, list[str]()
    for index, layer in enumerate(tissue.layers):
        if index and depth < view.deep:
            axes.axhline(depth, color=colour, lw=0.5, ls=":", zorder=AIR - 0.2)
        depth += 1e6 * layer.thickness_m
        names.append(layer.material.replace("_", " "))
        # thin layers share one line of text
        if min(depth, view.deep) - named > 0.055 * view.deep:
            axes.text(
                -0.98 * view.half,
                named + 0.006 * view.deep,
                ", ".join(names),
                color=colour,
                size=7,
                va="top",
                path_effects=legible,
                zorder=AIR + 0.2,
            )
            named, names = depth, []
    if tissue.cyst:
        angle = np.linspace(0.0, 2.0 * np.pi, 400)
        radius = 0.5e6 * tissue.cyst.diameter_m
        roof = 1e6 * tissue.cyst.roof_m
        down = roof + radius - radius * np.cos(angle)
        axes.plot(radius * np.sin(angle), down, color=CYST, ls="--", lw=1.2, zorder=AIR + 0.1)
        # beside the wound, below the wall of the cyst as it is there
        aside = min(0.75 * view.half, 0.6 * radius)
        wall = roof + radius - np.sqrt(radius**2 - aside**2)
        if wall < 0.85 * view.deep:
            axes.text(
                aside, wall + 0.08 * view.deep, "cyst", color=CYST, size=9, ha="center", path_effects=legible
            )


def draw_floor(axes: Axes, r: Array, surface: Array, **style: Any) -> None:
    """Draw a crater floor over both halves; ``r`` and ``surface`` in µm."""
    axes.plot(both_sides(r), np.concatenate([surface[::-1], surface]), zorder=AIR + 0.1, **style)


def settings(simulation: Simulation) -> str:
    """Return what was fired, in a line."""
    beam, train = simulation.exposure.beam, simulation.exposure.train
    shots = train.pulses * train.passes
    count = "1 pulse" if shots == 1 else f"{shots} pulses"
    return (
        f"{count} of {format_quantity(train.pulse_energy_J, 'J')} in "
        f"{format_quantity(train.pulse_duration_s, 's')} on {format_quantity(beam.spot_diameter_m, 'm')}"
    )


def heat_scale(coldest: float, hottest: float) -> tuple[PowerNorm, list[int]]:
    """Return the scale of temperatures [°C] and its ticks.

    The root keeps both the glow of a pulse and the last degrees of the cooling visible.
    """
    from matplotlib.colors import PowerNorm

    top = max(hottest, coldest + 1.0)
    return PowerNorm(0.4, vmin=coldest, vmax=top), [
        t for t in (40, 60, 100, 200, 300, 400, 500) if coldest < t <= top
    ]


def section(simulation: Simulation) -> Figure:
    """Draw the highest temperature, damage Ω = 1, the crater's floor, the layers and the cyst."""
    from matplotlib.figure import Figure

    state = simulation.run.state
    f, grid = state.fields, state.grid
    view = View.of(simulation)
    fig = Figure(figsize=view.size, layout="constrained")
    axes = fig.subplots()
    r, z = 1e6 * grid.r_mid, 1e6 * grid.z_mid
    coldest = state.initial_K - ZERO_CELSIUS_K
    norm, ticks = heat_scale(coldest, simulation.run.peak_degC)
    image = axes.pcolormesh(
        both_sides(r),
        z,
        mirrored(filled(np.maximum(f.rise_max, f.rise), f.top) + coldest),
        shading="nearest",
        cmap="inferno",
        norm=norm,
    )
    fig.colorbar(image, label="highest temperature [°C]", ticks=ticks, format="%d")
    omega = mirrored(filled(f.omega, f.top))
    axes.contour(both_sides(r), z, omega, levels=[1.0], colors="white", linewidths=1.2)
    draw_air(axes, r, 1e6 * f.surface)
    draw_tissue(axes, simulation.exposure.tissue, view, colour="#dddddd")
    view.apply(axes)
    axes.set_title(f"{settings(simulation)}\ncell death Ω = 1 in white; removed tissue blank", size=10)
    return fig


def damage(simulation: Simulation) -> Figure:
    """Draw both damage integrals, left and right of the axis, and the floor after each pulse."""
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    f, data = simulation.run.state.fields, dataset(simulation)
    view = View.of(simulation, context=False)
    fig = Figure(figsize=view.size, layout="constrained")
    axes = fig.subplots()
    r, z = 1e6 * data.r.values, 1e6 * data.z.values
    for side, omega in ((-1.0, filled(f.omega, f.top)), (1.0, filled(f.omega_collagen, f.top))):
        x, turned = (side * r[::-1], omega[::-1]) if side < 0 else (r, omega)
        axes.pcolormesh(
            x, z, np.maximum(turned, 1e-3).T, shading="nearest", cmap="viridis", norm=LogNorm(1e-3, 1e3)
        )
        axes.contour(x, z, turned.T, levels=[1.0], colors="white", linewidths=1.4)
    fig.colorbar(axes.collections[0], label="damage integral Ω", extend="both")
    for crater in simulation.run.craters:
        draw_floor(axes, 1e6 * crater.r, 1e6 * crater.surface, color=BLACK, lw=0.8)
    draw_air(axes, r, 1e6 * f.surface)
    axes.axvline(0.0, color="white", lw=0.6)
    dead = mirrored(data.living.values < 0.5)
    if dead.any():
        hatched = axes.contourf(both_sides(r), z, dead, levels=[0.5, 1.5], colors="none", hatches=["///"])
        hatched.set(edgecolor="#aaaaaa", linewidth=0.0)
    draw_tissue(axes, simulation.exposure.tissue, view, colour="#cccccc")
    view.apply(axes)
    for x, name in ((-0.5, "cell death"), (0.5, "collagen")):
        axes.text(x * view.half, 0.97 * view.deep, name, color="white", ha="center", va="bottom", zorder=AIR)
    crater = simulation.crater
    axes.set_title(
        f"{settings(simulation)}\nliving tissue damaged {1e6 * crater.rtd_floor:.0f} µm below the floor, "
        f"{1e6 * crater.rtd_wall:.0f} µm beside the wall\nΩ = 1 in white; horn and keratin hatched",
        size=10,
    )
    return fig


def temperatures(simulation: Simulation) -> Figure:
    """Draw temperatures and crater depth over time: the pulses on a straight scale, then the cooling."""
    from matplotlib.figure import Figure

    depth = 1e6 * simulation.crater.depth
    below = [(0.0, round(depth + extra)) for extra in (50, 150)]
    data = history(simulation, points_um=below)
    fired = shots(simulation.run)
    last = fired[-1]
    fig = Figure(figsize=(8.0, 5.0), layout="constrained")
    axes = fig.subplots(2, 2, sharey="row", sharex="col", height_ratios=(3, 1), width_ratios=(3, 2))
    time = 1e3 * data.elapsed_time.values
    end = 1e3 * last.off_s + max(0.03e3 * last.off_s, 1e3 * (last.off_s - last.on_s))
    first = max(1e3 * (last.off_s - last.on_s) * 0.05, 1e-3)
    for column, clock in ((0, time), (1, time - 1e3 * last.off_s)):
        top, bottom = axes[0, column], axes[1, column]
        shown = (time <= end) if column == 0 else clock >= 0.5 * first
        _lines(top, clock[shown], data.isel(elapsed_time=shown))
        bottom.plot(clock[shown], 1e6 * data.crater_depth.values[shown], color=BLACK, lw=1.2)
        bottom.set_ylim(max(1.15 * depth, 1.0), 0.0)
    for axis in axes[:, 0]:
        for shot in fired:
            axis.axvspan(1e3 * shot.on_s, 1e3 * shot.off_s, color=LIT, alpha=0.5, lw=0)
        axis.set_xlim(0.0, end)
    for axis in axes[:, 1]:
        axis.set_xscale("log")
        axis.set_xlim(first, max(1e3 * (last.end_s - last.off_s), 2.0 * first))
    axes[0, 0].set_ylabel("temperature [°C]")
    axes[0, 0].set_title(settings(simulation), size=10)
    axes[0, 1].set_title("after the last pulse", size=10)
    fig.legend(
        *axes[0, 0].get_legend_handles_labels(),
        fontsize=8,
        frameon=False,
        loc="outside lower center",
        ncols=4,
    )
    axes[1, 0].set(xlabel="time [ms]", ylabel="crater\ndepth [µm]")
    axes[1, 1].set_xlabel("time since its end [ms]")
    return fig


def _lines(axes: Axes, clock: Array, data: Any) -> None:
    axes.plot(clock, data.hottest_temperature.values, color=BLACK, lw=1.2, label="hottest tissue")
    axes.plot(
        clock, data.floor_temperature.values, color=VERMILION, lw=1.2, label="surface or floor on the axis"
    )
    for index, style in zip(range(data.sizes["point"]), ("-", "--"), strict=True):
        label = f"{1e6 * float(data.point_z[index]):.0f} µm deep on the axis"
        axes.plot(clock, data.point_temperature.values[:, index], color=BLUE, ls=style, lw=1.2, label=label)
    axes.grid(alpha=0.3)


KINDS: Mapping[str, Callable[[Simulation], Figure]] = {
    "section": section,
    "history": temperatures,
    "damage": damage,
}


def plot(simulation: Simulation, kind: str) -> Figure:
    """Return one of the pictures by name."""
    if kind not in KINDS:
        problem = "there is no such picture of a simulation"
        raise InputError(problem, key="kind", value=kind, accepted=", ".join(KINDS))
    return KINDS[kind](simulation)
