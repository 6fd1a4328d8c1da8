"""Pictures of a three-dimensional simulation: from above, and cut through the deepest spot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError
from milia.engine.fields import ZERO_CELSIUS_K

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from milia.engine.volume.result import VolumeSimulation

Array = NDArray[np.float64]
CYST, HARM, BACKGROUND = "#00b0b0", "#d55e00", "#f4f4f4"
CIRCLE = np.linspace(0.0, 2.0 * np.pi, 200)


def _around(simulation: VolumeSimulation) -> tuple[float, float, float, float]:
    """What is worth showing from above [µm]: wounds and cysts with a margin, up to the free edge."""
    run, scene = simulation.run, simulation.exposure.scene
    assert scene is not None
    reach = 0.8 * max(run.wound.width, 2.0 * simulation.exposure.beam.radius_m) + 60e-6
    places = [(spot.x_m, spot.y_m, reach) for spot in scene.spots]
    places += [(cyst.x_m, cyst.y_m, 1.1 * cyst.radius_m) for cyst in scene.lesions]
    (low_x, high_x), (low_y, high_y) = scene.limits
    return (
        1e6 * max(min(x - r for x, _, r in places), low_x),
        1e6 * min(max(x + r for x, _, r in places), high_x),
        1e6 * max(min(y - r for _, y, r in places), low_y),
        1e6 * min(max(y + r for _, y, r in places), high_y),
    )


def seen_from_above(simulation: VolumeSimulation) -> Figure:
    """Draw the depth of the crater, the outline of lost living tissue, cysts and the free edge."""
    from matplotlib.figure import Figure

    run, scene = simulation.run, simulation.exposure.scene
    assert scene is not None
    grid, wound = run.state.grid, run.wound
    fig = Figure(figsize=(6.4, 5.2), layout="constrained")
    axes = fig.subplots()
    x, y = 1e6 * grid.x, 1e6 * grid.y
    depth = np.where(wound.surface > 0.0, 1e6 * wound.surface, np.nan)
    image = axes.pcolormesh(x, y, depth.T, cmap="viridis_r", vmin=0.0)
    fig.colorbar(image, label="crater depth [µm]")
    if (wound.harm > 0.0).any():
        middle = (1e6 * grid.x_mid, 1e6 * grid.y_mid)
        axes.contour(*middle, (wound.harm > 0.0).T.astype(float), levels=[0.5], colors=HARM, linewidths=1.2)
    for cyst in scene.lesions:
        axes.plot(
            1e6 * (cyst.x_m + cyst.radius_m * np.cos(CIRCLE)),
            1e6 * (cyst.y_m + cyst.radius_m * np.sin(CIRCLE)),
            color=CYST,
            ls="--",
            lw=1.4,
        )
    if scene.edge:
        draw = axes.axvline if scene.edge.along_x else axes.axhline
        draw(1e6 * scene.edge.outwards * scene.edge.distance_m, color="black", lw=2.0)
    left, right, low, high = _around(simulation)
    axes.set(xlim=(left, right), ylim=(low, high), aspect="equal", facecolor=BACKGROUND)
    axes.set(xlabel="x [µm]", ylabel="y [µm]")
    axes.set_title("lost living tissue outlined in orange, cysts dashed", size=10)
    return fig


def section(simulation: VolumeSimulation) -> Figure:
    """Draw the highest temperature and damage Ω = 1 on the x–z and y–z planes through the deepest spot."""
    from matplotlib.figure import Figure

    run = simulation.run
    state, grid = run.state, run.state.grid
    deepest = max(run.wound.spots, key=lambda wound: wound.depth).spot
    i = int(np.clip(np.searchsorted(grid.x, deepest.x_m, side="right") - 1, 0, grid.shape[0] - 1))
    j = int(np.clip(np.searchsorted(grid.y, deepest.y_m, side="right") - 1, 0, grid.shape[1] - 1))
    present = state.present()
    left, right, low, high = _around(simulation)
    fig = Figure(figsize=(7.0, 6.4), layout="constrained")
    panels = fig.subplots(2, 1)
    widest = max(right - left, high - low)
    deep = max(1.3e6 * max(run.wound.harm_depth, run.wound.depth), 0.4 * widest)
    hottest = state.fields.rise_max + (state.initial_K - ZERO_CELSIUS_K)
    top = float(np.nanmax(np.where(present, hottest, np.nan)))
    image = None
    for axes, name, edges, middles, pick, ends in (
        (panels[0], "x", grid.x, grid.x_mid, np.s_[:, j, :], (left, right)),
        (panels[1], "y", grid.y, grid.y_mid, np.s_[i, :, :], (low, high)),
    ):
        values = np.where(present[pick], hottest[pick], np.nan)
        image = axes.pcolormesh(
            1e6 * edges,
            1e6 * grid.z,
            values.T,
            cmap="inferno",
            vmin=state.initial_K - ZERO_CELSIUS_K,
            vmax=top,
        )
        omega = np.where(present[pick], state.fields.omega[pick], 0.0)
        axes.contour(1e6 * middles, 1e6 * grid.z_mid, omega.T, levels=[1.0], colors="white", linewidths=1.2)
        _cysts(simulation, axes, along_x=name == "x", cut=deepest.y_m if name == "x" else deepest.x_m)
        axes.set(xlim=ends, ylim=(deep, 0.0), xlabel=f"{name} [µm]", aspect="equal", facecolor=BACKGROUND)
        axes.set_ylabel("depth [µm]")
    panels[0].set_title("cell death Ω = 1 in white; removed tissue blank", size=10)
    if image is not None:
        fig.colorbar(image, ax=list(panels), shrink=0.8, label="highest temperature [°C]")
    return fig


def _cysts(simulation: VolumeSimulation, axes: Axes, *, along_x: bool, cut: float) -> None:
    """Draw the circles in which the plane cuts the cysts."""
    scene = simulation.exposure.scene
    assert scene is not None
    for cyst in scene.lesions:
        away = (cyst.y_m if along_x else cyst.x_m) - cut
        if abs(away) < cyst.radius_m:
            radius = float(np.sqrt(cyst.radius_m**2 - away**2))
            at = cyst.x_m if along_x else cyst.y_m
            axes.plot(
                1e6 * (at + radius * np.cos(CIRCLE)),
                1e6 * (cyst.depth_m + radius * np.sin(CIRCLE)),
                color=CYST,
                ls="--",
                lw=1.2,
            )


KINDS: Mapping[str, Callable[[VolumeSimulation], Figure]] = {"section": section, "map": seen_from_above}


def plot(simulation: VolumeSimulation, kind: str) -> Figure:
    """Return one of the pictures by name."""
    if kind not in KINDS:
        problem = "there is no such picture of a three-dimensional simulation"
        raise InputError(problem, key="kind", value=kind, accepted=", ".join(KINDS))
    return KINDS[kind](simulation)
