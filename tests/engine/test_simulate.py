"""Simulating an exposure from Python: keys, intervals, pictures, files, determinism."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from milia.base import InputError
from milia.engine import UNCALIBRATED, Simulation, nominal_parameters, read_exposure, run_all, simulate

EXPOSURE: dict[str, Any] = {
    "tissue": {"site": "cheek"},
    "laser": {
        "wavelength": "10.6 um",
        "spot_diameter": "120 um",
        "profile": "gaussian",
        "pulse_energy": "10 mJ",
        "pulse_duration": "1 ms",
        "pulses": 2,
        "interval": "20 ms",
    },
    "initial_temperature": "33 degC",
}
NUMBERS = ("crater_depth_um", "crater_width_um", "rtd_floor_um", "rtd_wall_um", "peak_temperature_degC")
ENERGY = ("incident_mJ", "reflected_mJ", "plume_mJ", "removed_mJ", "stored_mJ", "lost_mJ")


def changed(**laser: Any) -> dict[str, Any]:
    made = copy.deepcopy(EXPOSURE)
    made["laser"].update(laser)
    return made


@pytest.fixture(scope="module")
def done() -> Simulation:
    return simulate(EXPOSURE)


def test_the_promised_keys(done: Simulation) -> None:
    shown = done.to_dict()
    assert {*NUMBERS, "energy", "schema_version", "provenance", "warnings"} <= set(shown)
    assert tuple(shown["energy"]) == ENERGY
    assert all(isinstance(shown[key], float) for key in NUMBERS)
    assert {"version", "seed", "parameter_sets", "evidence"} <= set(shown["provenance"])
    assert "ablation.temperature" in shown["provenance"]["evidence"]
    assert shown["status"] == "complete"
    assert shown["statistics"]["steps"] > 100


def test_the_numbers_are_those_of_the_crater(done: Simulation) -> None:
    shown = done.to_dict()
    assert shown["crater_depth_um"] == pytest.approx(1e6 * done.crater.depth)
    assert 100.0 < shown["crater_depth_um"] < 1000.0
    assert 60.0 < shown["crater_width_um"] < 300.0
    assert shown["peak_temperature_degC"] == pytest.approx(505.0, abs=5.5)
    first, second = shown["pulses"]
    assert 0.0 < first["crater_depth_um"] < second["crater_depth_um"] == shown["crater_depth_um"]
    energy = shown["energy"]
    assert energy["incident_mJ"] == pytest.approx(20.0)
    assert sum(energy[key] for key in ENERGY[1:]) == pytest.approx(20.0, rel=1e-9)


def test_same_input_same_bytes(done: Simulation) -> None:
    assert json.dumps(simulate(EXPOSURE).to_dict()) == json.dumps(done.to_dict())


def test_a_file_a_mapping_and_a_read_exposure_are_the_same(tmp_path: Path, done: Simulation) -> None:
    import yaml

    path = tmp_path / "exposure.yaml"
    path.write_text(yaml.safe_dump(EXPOSURE), encoding="utf-8")
    for source in (path, read_exposure(EXPOSURE)):
        assert simulate(source).to_dict() == done.to_dict()


def test_intervals_over_draws() -> None:
    central = nominal_parameters()
    draws = [central.with_values({"ejection_share": share}) for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
    told: list[tuple[float, str]] = []
    made = simulate(EXPOSURE, draws=draws, seed=7, progress=lambda share, word: told.append((share, word)))
    shown = made.to_dict()
    for key in NUMBERS:
        assert set(shown[key]) == {"p05", "p50", "p95"}
        assert shown[key]["p05"] <= shown[key]["p50"] <= shown[key]["p95"]
    assert shown["crater_depth_um"]["p05"] < 0.9 * shown["crater_depth_um"]["p95"]
    # the dearest draw digs the shallowest crater
    depths = [member["crater_depth_um"] for member in made.members]
    assert depths == sorted(depths, reverse=True)
    assert shown["statistics"]["members"] == 5
    assert shown["provenance"]["seed"] == 7
    assert told[-1] == (1.0, "members")


def test_threads_do_not_change_the_answer() -> None:
    from milia.engine import fire
    from milia.engine.result import crater_numbers

    spec = read_exposure(EXPOSURE)
    central = nominal_parameters()
    draws = [central.with_values({"plume_per_aspect": share}) for share in (0.1, 0.3, 0.5, 0.7)]
    one, two = (
        run_all(lambda drawn: crater_numbers(fire(spec, drawn, quick=True)), draws, threads=threads)
        for threads in (1, 2)
    )
    assert one == two
    assert len({numbers["crater_depth_um"] for numbers in one}) == 4


def test_an_error_in_one_member_ends_the_ensemble() -> None:
    def work(task: int) -> int:
        if task == 2:
            raise ValueError("member 2")
        return task

    with pytest.raises(ValueError, match="member 2"):
        run_all(work, range(5), threads=2)


def test_fields_survive_netcdf(tmp_path: Path, done: Simulation) -> None:
    path = tmp_path / "fields.nc"
    done.save(str(path))
    direct = done.to_xarray()
    with xr.open_dataset(path) as stored:
        assert stored.attrs["Conventions"].startswith("CF-")
        for name, values in direct.variables.items():
            assert stored[name].attrs.get("units") == values.attrs.get("units")
            np.testing.assert_array_equal(stored[name].values, values.values)
        assert stored.attrs["incident_mJ"] == pytest.approx(20.0)
        hottest = float(stored["highest_temperature"].max())
        assert 100.0 < hottest <= done.run.peak_degC + 1e-6
        floor = float(stored["surface"].max())
        assert floor == pytest.approx(done.crater.depth)
        # removed cells have no temperature
        gone = stored["temperature"].isel(r=0).where(stored["z"] < floor - 5e-6, drop=True)
        assert gone.size > 10
        assert bool(gone.isnull().all())


def test_a_fields_file_must_be_netcdf(tmp_path: Path, done: Simulation) -> None:
    with pytest.raises(InputError, match=r"must end in \.nc or \.zarr"):
        done.save(str(tmp_path / "fields.txt"))
    assert not list(tmp_path.iterdir())


def test_the_picture_shows_the_crater(done: Simulation) -> None:
    figure = done.plot()
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    assert low < -0.5e6 * done.crater.width
    assert high > 0.5e6 * done.crater.width
    assert axes.get_ylim()[0] > 1e6 * done.crater.depth  # depth grows downwards
    assert "depth" in axes.get_ylabel()


def outline(figure: Any) -> int:
    """How many curves of the picture are no border of layers."""
    return sum(len(line.get_xdata()) > 2 for line in figure.axes[0].lines)


def test_the_picture_outlines_the_cyst() -> None:
    made = copy.deepcopy(EXPOSURE)
    made["lesion"] = {"diameter": "1 mm", "roof": "90 um"}
    plain, cystic = simulate(EXPOSURE).plot(), simulate(made).plot()
    assert outline(cystic) - outline(plain) == 1


def test_the_notebook_view(done: Simulation) -> None:
    text = done._repr_html_()
    for key in NUMBERS:
        assert key in text
    assert f"{done.to_dict()['crater_depth_um']:.4g}" in text
    assert "&lt;" not in text


def test_what_was_never_measured_is_said(done: Simulation) -> None:
    assert done.warnings[0] == UNCALIBRATED
    assert any("88.4 J/cm² over 120 µm" in warning for warning in done.warnings)
    inside = simulate(changed(pulse_energy="80 mJ", pulses=1))
    assert inside.warnings == (UNCALIBRATED,)
    erbium = simulate(changed(wavelength="2.94 um", pulse_duration="20 us", pulses=1)).warnings
    assert any("2.94 µm" in warning for warning in erbium)
    assert any("20 µs" in warning for warning in erbium)


def test_layers_that_end_above_the_wound_are_said() -> None:
    made = copy.deepcopy(EXPOSURE)
    made["tissue"] = {"layers": [{"material": "dermis", "thickness": "100 um"}]}
    assert any("the layers end at 100 µm" in warning for warning in simulate(made).warnings)
    made["tissue"] = {"layers": [{"material": "dermis", "thickness": "2 mm"}]}
    assert not any("the layers end" in warning for warning in simulate(made).warnings)


def test_many_pulses_are_more_than_measured() -> None:
    weak = changed(pulse_energy="0.05 mJ", pulse_duration="100 us", pulses=16, interval="1 ms")
    assert any("after 16 pulses" in warning for warning in simulate(weak).warnings)
