"""Exposures in three dimensions from a file: what is read, what is refused, and what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from milia.base import InputError
from milia.engine import exposure_from_mapping, load_exposure, simulate
from milia.engine.volume.scene import Spot

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "two_milia_3d.yaml"
LASER = {
    "wavelength": "10.6 um",
    "spot_diameter": "120 um",
    "profile": "gaussian",
    "pulse_energy": "1 mJ",
    "pulse_duration": "0.2 ms",
    "pulses": 1,
    "interval": "20 ms",
}
BARE = {"tissue": {"site": "cheek"}, "laser": LASER, "initial_temperature": "33 degC"}
GRID = {"kind": "grid", "columns": 2, "rows": 2, "pitch": "0.3 mm"}


def read(**keys: Any) -> Any:
    return exposure_from_mapping({**BARE, "geometry": "3d", **keys}, file="here.yaml")


def test_the_example_is_read_as_it_says() -> None:
    scene = load_exposure(EXAMPLE).scene
    assert scene is not None
    assert scene.spots == (Spot(-0.4e-3, 0.0), Spot(0.4e-3, pytest.approx(0.05e-3)))
    assert [cyst.x_m for cyst in scene.lesions] == pytest.approx([-0.4e-3, 0.4e-3])
    assert scene.edge is not None
    assert scene.edge.side == "+y"
    # the light travels towards −y, away from the edge, and down
    assert scene.direction[0] == pytest.approx(0.0, abs=1e-12)
    assert scene.direction[1] == pytest.approx(-np.sin(np.radians(15.0)))


def test_a_grid_is_centred_on_the_aim() -> None:
    scene = read(aim={"x": "0.1 mm"}, pattern=GRID).scene
    assert np.mean([spot.x_m for spot in scene.spots]) == pytest.approx(0.1e-3)
    assert len(set(scene.spots)) == 4


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"aim": {"tilt": "70 deg"}}, "aim.tilt"),
        ({"aim": {"tilt": "10"}}, "aim.tilt"),
        ({"aim": {"azimuth": "10 deg"}}, "aim.azimuth"),
        ({"aim": {"z": "1 mm"}}, "aim.z"),
        ({"pattern": {**GRID, "pitch": "1 um"}}, "pattern.pitch"),
        ({"pattern": {**GRID, "rows": 0}}, "pattern.rows"),
        ({"pattern": {**GRID, "columns": 20, "rows": 20}}, "pattern.rows"),
        ({"pattern": {**GRID, "order": "spiral"}}, "pattern.order"),
        ({"pattern": {"spots": []}}, "pattern.spots"),
        ({"pattern": {"spots": [{"x": "9 mm"}]}}, "pattern.spots[0].x"),
        ({"pattern": {"spots": [{"x": "0 mm"}], "pitch": "1 mm"}}, "pattern.pitch"),
        ({"edge": {"distance": "1 mm", "side": "left"}}, "edge.side"),
        ({"edge": {"distance": "1 mm"}}, "edge.side"),
        ({"edge": {"distance": "0.1 mm", "side": "-x"}, "aim": {"x": "-0.3 mm"}}, "edge.distance"),
        ({"lesions": [{"diameter": "1 mm"}, {"diameter": "1 mm", "x": "0.2 mm"}]}, "lesions[1]"),
        ({"lesions": [{"diameter": "1 mm"}], "edge": {"distance": "0.3 mm", "side": "+y"}}, "lesions[0]"),
        ({"geometry": "2d"}, "geometry"),
        ({"geometry": "axisymmetric", "pattern": GRID}, "pattern"),
    ],
)
def test_what_cannot_be_is_refused_by_name(keys: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as caught:
        read(**keys)
    assert caught.value.key == key
    assert caught.value.file == "here.yaml"
    assert caught.value.accepted


@pytest.fixture(scope="module")
def done() -> Any:
    keys = {"aim": {"x": "20 um"}, "edge": {"distance": "0.1 mm", "side": "+x"}, "geometry": "3d"}
    return simulate({**BARE, **keys})


def test_the_answer_has_every_promised_number(done: Any) -> None:
    told = done.to_dict()
    assert told["geometry"] == "3d"
    assert told["crater_depth_um"] == pytest.approx(told["spots"][0]["crater_depth_um"])
    assert told["crater_depth_um"] > 10.0
    energy = told["energy"]
    gone = sum(value for name, value in energy.items() if name != "incident_mJ")
    assert gone == pytest.approx(energy["incident_mJ"], rel=1e-9)
    assert energy["missed_mJ"] > 0.0
    assert 0.0 <= told["edge"]["living_tissue_left_um"] < 80.0


def test_the_arrays_hold_the_same_crater(done: Any) -> None:
    fields = done.to_xarray()
    assert float(fields["surface"].max()) == pytest.approx(1e-6 * done.to_dict()["crater_depth_um"])
    assert fields["temperature"].attrs["units"] == "degC"
    gone = np.isnan(fields["temperature"].values)
    assert gone.any()
    assert not gone[:, :, -1].any()


@pytest.mark.parametrize("kind", ["section", "map"])
def test_pictures_show_the_wound(done: Any, kind: str) -> None:
    figure = done.plot(kind)
    mesh = figure.axes[0].collections[0].get_array()
    assert np.ma.count_masked(np.ma.masked_invalid(mesh)) > 0
    assert float(np.nanmax(np.ma.filled(mesh, np.nan))) > 50.0


def test_other_pictures_are_refused_by_name(done: Any) -> None:
    with pytest.raises(InputError) as caught:
        done.plot("history")
    assert "section" in str(caught.value)
