"""Pictures of a simulation show where things are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from milia.base import InputError
from milia.engine import Simulation, simulate

TRAIN: dict[str, Any] = {
    "tissue": {"site": "cheek"},
    "laser": {
        "wavelength": "10.6 um",
        "spot_diameter": "120 um",
        "profile": "gaussian",
        "pulse_energy": "6 mJ",
        "pulse_duration": "1 ms",
        "pulses": 3,
        "interval": "20 ms",
    },
    "initial_temperature": "33 degC",
}


@pytest.fixture(scope="module")
def done() -> Simulation:
    return simulate(TRAIN)


def test_every_pulse_is_seen_in_the_history(done: Simulation) -> None:
    figure = done.plot("history")
    temperature, cooling, depth, _ = figure.axes
    assert "°C" in temperature.get_ylabel()
    assert "ms" in depth.get_xlabel()
    assert cooling.get_xscale() == "log"
    spans = [patch.get_x() for patch in temperature.patches]
    assert spans == pytest.approx([0.0, 20.0, 40.0], abs=1e-6)
    floor = next(line for line in temperature.lines if "floor" in str(line.get_label()))
    clock, values = (np.asarray(data, dtype=float) for data in floor.get_data())
    for begin in spans:
        assert values[(clock > begin) & (clock <= begin + 1.0)].max() > 100.0
    steps = np.asarray(depth.lines[0].get_ydata(), dtype=float)
    assert steps[-1] == pytest.approx(1e6 * done.crater.depth)
    # the time axis goes past the last pulse, and the cooling ends cold
    assert temperature.get_xlim()[1] > 41.0
    assert np.asarray(cooling.lines[0].get_ydata(), dtype=float)[-1] < 45.5


def test_the_line_of_damage_lies_where_it_was_measured(done: Simulation) -> None:
    figure = done.plot("damage")
    axes = figure.axes[0]
    left = axes.collections[1].get_paths()[0].vertices  # cell death, left of the axis
    assert left[:, 0].max() <= 0.0
    on_axis = left[np.abs(left[:, 0]) < 6.0][:, 1].max()
    assert on_axis == pytest.approx(1e6 * (done.crater.depth + done.crater.rtd_floor), abs=6.0)
    assert f"{1e6 * done.crater.rtd_wall:.0f} µm beside the wall" in axes.get_title()


def test_the_floor_after_each_pulse_is_drawn(done: Simulation) -> None:
    axes = done.plot("damage").axes[0]
    deepest = sorted(float(np.max(line.get_ydata())) for line in axes.lines if len(line.get_xdata()) > 10)
    assert deepest == pytest.approx([1e6 * crater.depth for crater in done.run.craters])


def test_only_known_pictures(done: Simulation) -> None:
    with pytest.raises(InputError, match="section, history, damage"):
        done.plot("pie")


@pytest.mark.parametrize("kind", ["section", "history", "damage"])
def test_an_exposure_too_weak_for_a_crater_has_pictures(kind: str) -> None:
    weak = {**TRAIN, "laser": {**TRAIN["laser"], "pulse_energy": "0.05 mJ", "pulses": 1}}
    done = simulate(weak)
    assert done.crater.depth == 0.0
    figure = done.plot(kind)
    figure.canvas.draw()
    assert figure.axes[0].has_data()


def test_a_broad_shallow_crater_is_drawn_deeper_and_says_so() -> None:
    broad = {"spot_diameter": "3 mm", "profile": "top_hat", "pulse_energy": "500 mJ", "pulses": 1}
    done = simulate({**TRAIN, "laser": {**TRAIN["laser"], **broad}})
    axes = done.plot().axes[0]
    times = float(axes.get_aspect())
    assert times > 3.0
    assert f"drawn {times:.0f} times larger" in axes.get_ylabel()
    narrow = simulate(TRAIN).plot().axes[0]
    assert float(narrow.get_aspect()) == 1.0
    assert "drawn" not in narrow.get_ylabel()


def test_a_cyst_that_does_not_dwarf_the_wound_is_seen_whole() -> None:
    weak = {**TRAIN["laser"], "pulse_energy": "1 mJ", "pulses": 1}
    small = {**TRAIN, "laser": weak, "lesion": {"diameter": "0.3 mm", "roof": "90 um"}}
    done = simulate(small)
    axes = done.plot().axes[0]
    outline = next(line for line in axes.lines if len(line.get_xdata()) == 400)
    x, z = (np.asarray(data, dtype=float) for data in outline.get_data())
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    assert left < x.min()
    assert x.max() < right
    assert [z.min(), z.max()] == pytest.approx([90.0, 390.0], abs=0.1)
    assert top < z.min()
    assert z.max() < bottom
    assert [text.get_text() for text in axes.texts].count("cyst") == 1
    # damage is drawn close up
    assert done.plot("damage").axes[0].get_ylim()[0] < bottom


def test_removed_tissue_is_blank_down_to_the_floor_and_no_further(done: Simulation) -> None:
    figure = done.plot()
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    axes = figure.axes[0]
    frame = np.asarray(canvas.buffer_rgba())

    def pixel(z_um: float) -> tuple[int, ...]:
        x, y = axes.transData.transform((0.0, z_um))
        return tuple(int(value) for value in frame[frame.shape[0] - 1 - round(y), round(x), :3])

    depth = 1e6 * done.crater.depth
    assert pixel(0.5 * depth) == pixel(0.9 * depth) == (244, 244, 244)
    assert pixel(depth + 15.0) != (244, 244, 244)


def test_the_title_says_what_was_fired(done: Simulation) -> None:
    for kind in ("section", "history", "damage"):
        assert "3 pulses of 6 mJ in 1 ms on 120 µm" in done.plot(kind).axes[0].get_title()
