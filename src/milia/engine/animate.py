"""The cross-section through heating and cooling, as frames of a moving picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError
from milia.engine import plots
from milia.engine.history import Shot, replay, shots
from milia.engine.movie import Colour, Pixels, check_movie_target, write_movie
from milia.engine.state import State

if TYPE_CHECKING:
    from milia.engine.result import Simulation

Array = NDArray[np.float64]

ZERO_CELSIUS_K = 273.15
FRAMES = (2, 1000)
PULSE_SHARE = 0.4  # of the frames: while the light is on
FIRST_LOOK = 0.02  # of the pulse: how long after its end the first frame of the cooling is
PIXELS = 450  # across the drawn width
DPI = 100


def animate(
    simulation: Simulation,
    path: str | os.PathLike[str],
    *,
    frames: int = 80,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write the cross-section through heating and cooling to ``path``, whole or not at all.

    Parameters
    ----------
    simulation
        What was simulated; it is fired again to look at it.
    path
        A name that ends in .gif, .html (one file with a slider, which asks for nothing from outside) or .mp4
        (needs ``ffmpeg``).
    frames
        Most pictures: evenly spaced while light is on, by the logarithm of time while tissue cools, and
        one where several would show the same time step.
    progress
        Called with the share done.
    """
    target = check_movie_target(path)
    low, high = FRAMES
    if not low <= frames <= high:
        raise InputError(
            "this number of frames cannot be shown", key="frames", value=frames, accepted=f"{low} to {high}"
        )

    def told(share: float) -> None:
        if progress:
            progress(share)

    looks = record(simulation, moments(shots(simulation.run), frames), lambda share: told(0.2 * share))
    scene = Scene(simulation)

    def drawn() -> Iterator[Pixels]:
        for number, look in enumerate(looks, start=1):
            yield scene.draw(look)
            told(0.2 + 0.7 * number / len(looks))

    write_movie(target, drawn(), [look.label for look in looks], palette=_palette())
    told(1.0)


@dataclass(frozen=True)
class Moment:
    """When a frame is wanted: seconds on the run's clock, and in which shot."""

    time_s: float
    shot: Shot


@dataclass(frozen=True, eq=False)
class Look:
    """What one frame shows: temperature [°C, NaN where removed] and Ω on the grid, floor [µm], and when.

    ``top`` is the first cell of each column that is still there.
    """

    temperature: NDArray[np.float32]
    omega: NDArray[np.float32]
    top: NDArray[np.int64]
    surface: Array
    label: str
    lit: bool


def moments(fired: tuple[Shot, ...], frames: int) -> list[Moment]:
    """Return when to look: before the first pulse, during pulses, and in the cooling after each.

    Trains with more pulses than frames show evenly chosen ones, the first and the last included.
    """
    per_shot = max(2, (frames - 1) // len(fired))
    count = min(len(fired), max(1, (frames - 1) // per_shot))
    chosen = [fired[index] for index in sorted({round(x) for x in np.linspace(0, len(fired) - 1, count)})]
    made = [Moment(fired[0].on_s, fired[0])]
    left = frames - 1
    for number, shot in enumerate(chosen):
        share = left // (len(chosen) - number)
        left -= share
        lit = max(1, round(PULSE_SHARE * share))
        duration = shot.off_s - shot.on_s
        made += [Moment(shot.on_s + duration * (k + 1) / lit, shot) for k in range(lit)]
        dark = share - lit
        after = shot.end_s - shot.off_s
        first = min(FIRST_LOOK * duration, 0.5 * after)
        for k in range(dark):
            made.append(Moment(shot.off_s + first * (after / first) ** ((k + 1) / dark), shot))
    return made


def record(simulation: Simulation, wanted: list[Moment], progress: Callable[[float], None]) -> list[Look]:
    """Fire the exposure again and keep what the first step at or after each moment shows, once."""
    looks: list[Look] = []
    coming = list(reversed(wanted))

    def keep(state: State) -> None:
        due = None
        while coming and state.time_s >= coming[-1].time_s * (1.0 - 1e-12):
            due = coming.pop()
        if due:
            looks.append(_look(state, due))

    replay(simulation, keep, progress=progress)
    return looks


def _look(state: State, moment: Moment) -> Look:
    f = state.fields
    gone = np.arange(state.grid.shape[1])[None, :] < f.top[:, None]
    celsius = np.where(gone, np.nan, f.rise + state.initial_K - ZERO_CELSIUS_K)
    return Look(
        temperature=celsius.astype(np.float32),
        omega=np.where(gone, np.nan, f.omega).astype(np.float32),
        top=f.top.copy(),
        surface=1e6 * f.surface,
        label=_label(state.time_s, moment.shot),
        lit=moment.shot.on_s < state.time_s <= moment.shot.off_s * (1.0 + 1e-9),
    )


def _label(time_s: float, shot: Shot) -> str:
    """Say when: the clock of the pulse, since that of the train hides what a pulse does."""
    if time_s <= shot.on_s:
        return "before the first pulse"
    if time_s <= shot.off_s * (1.0 + 1e-9):
        return f"pulse {shot.number}, light on · {_span(time_s - shot.on_s)} since it began"
    return f"pulse {shot.number}, cooling · {_span(time_s - shot.off_s)} since its end"


def _span(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


class Scene:
    """One figure whose picture, contour, floor and clock change from frame to frame."""

    def __init__(self, simulation: Simulation) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        state = simulation.run.state
        self.view = view = plots.View.of(simulation)
        self.r, self.z = 1e6 * state.grid.r_mid, 1e6 * state.grid.z_mid
        self.columns, self.rows = _raster(state, view)
        self.figure = Figure(figsize=view.size, dpi=DPI, layout="constrained")
        self.canvas: Any = FigureCanvasAgg(self.figure)
        self.axes = axes = self.figure.subplots()
        coldest = state.initial_K - ZERO_CELSIUS_K
        norm, ticks = plots.heat_scale(coldest, simulation.run.peak_degC)
        self.image = axes.imshow(
            np.full((len(self.rows), len(self.columns)), coldest),
            extent=(-view.half, view.half, view.deep, 0.0),
            cmap="inferno",
            norm=norm,
            interpolation="nearest",
        )
        self.figure.colorbar(self.image, label="temperature [°C]", ticks=ticks, format="%d")
        plots.draw_tissue(axes, simulation.exposure.tissue, view, colour="#dddddd")
        wide = 1e6 * simulation.exposure.beam.radius_m
        self.beam = axes.axvspan(
            -wide, wide, ymin=1.0 - 0.06 / 1.06, color=plots.LIT, lw=0, visible=False, zorder=plots.AIR + 0.1
        )
        view.apply(axes)
        axes.set_xlabel(
            "distance from the axis [µm]\nwhite: cell death Ω = 1; grey: removed; yellow: light", size=9
        )
        self.clock = axes.set_title(f"{plots.settings(simulation)}\nbefore the first pulse", size=10)
        self.fired = plots.settings(simulation)
        self.air = plots.draw_air(axes, self.r, np.zeros_like(self.r))
        self.contour: Any = None
        self.figure.draw_without_rendering()
        # everything keeps the place that it has now, or frames would shake
        self.figure.set_layout_engine("none")

    def draw(self, look: Look) -> Pixels:
        """Return the frame."""
        self.image.set_data(plots.filled(look.temperature, look.top)[np.ix_(self.columns, self.rows)].T)
        self.air.remove()
        self.air = plots.draw_air(self.axes, self.r, look.surface)
        self.beam.set_visible(look.lit)
        self.clock.set_text(f"{self.fired}\n{look.label}")
        if self.contour is not None:
            self.contour.remove()
            self.contour = None
        omega = plots.filled(look.omega, look.top)
        if np.max(omega) > 1.0:
            self.contour = self.axes.contour(
                plots.both_sides(self.r),
                self.z,
                plots.mirrored(omega),
                levels=[1.0],
                colors="white",
                linewidths=1.2,
            )
        self.canvas.draw()
        return np.array(self.canvas.buffer_rgba())[..., :3]


def _palette() -> list[Colour]:
    """Return the colours of the scene: the heat map finely, greys for letters, the rest with its blends."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    heat = [colormaps["inferno"](x)[:3] for x in np.linspace(0.0, 1.0, 192)]
    greys = [(x, x, x) for x in np.linspace(0.0, 1.0, 24)]
    blends = [
        tuple(share * value for value in to_rgb(colour))
        for colour in (plots.CYST, plots.LIT, plots.BACKGROUND)
        for share in (1.0, 0.8, 0.6)
    ]
    found = [tuple(round(255 * value) for value in colour) for colour in (*heat, *greys, *blends)]
    return [(red, green, blue) for red, green, blue in found]


def _raster(state: State, view: plots.View) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the column and row of the grid behind each pixel, across both halves and down."""
    across = np.abs((np.arange(PIXELS) + 0.5) / PIXELS * 2.0 - 1.0) * view.half
    rows = max(2, round(PIXELS * view.stretch * view.deep / (2.0 * view.half)))
    down = (np.arange(rows) + 0.5) / rows * view.deep
    columns = np.searchsorted(1e6 * state.grid.r, across, side="right") - 1
    below = np.searchsorted(1e6 * state.grid.z, down, side="right") - 1
    return np.minimum(columns, state.grid.shape[0] - 1), np.minimum(below, state.grid.shape[1] - 1)
