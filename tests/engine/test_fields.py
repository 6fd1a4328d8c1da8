"""Labelled arrays as files: read back with plain netCDF4 and zarr, whole or not there at all."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import xarray as xr
import zarr

from milia.base import InputError
from milia.engine import Simulation, nominal_parameters, simulate

EXPOSURE: dict[str, Any] = {
    "tissue": {"site": "cheek"},
    "laser": {
        "wavelength": "10.6 um",
        "spot_diameter": "120 um",
        "profile": "gaussian",
        "pulse_energy": "6 mJ",
        "pulse_duration": "1 ms",
        "pulses": 2,
        "interval": "20 ms",
    },
    "initial_temperature": "33 degC",
}
# canonical units of the quantity a name speaks of
UNITS = {
    "temperature": "degC",
    "damage": "1",
    "depth": "m",
    "width": "m",
    "rtd": "m",
    "surface": "m",
    "water": "kg m-3",
}


@pytest.fixture(scope="module")
def done() -> Simulation:
    return made()


def made() -> Simulation:
    central = nominal_parameters()
    draws = [central.with_values({"conductivity_scale": scale}) for scale in (0.8, 1.2)]
    return simulate(EXPOSURE, draws=draws)


@pytest.fixture(scope="module")
def netcdf(done: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nc") / "fields.nc"
    done.save(path, points_um=[(0.0, 400.0), (50.0, 50.0)])
    return path


@pytest.fixture(scope="module")
def store(done: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("zarr") / "fields.zarr"
    done.save(path, points_um=[(0.0, 400.0), (50.0, 50.0)])
    return path


def test_plain_netcdf4_finds_units_and_coordinates(netcdf: Path) -> None:
    with netCDF4.Dataset(netcdf) as file:
        assert file.Conventions == "CF-1.11"
        assert {"title", "source", "history"} <= set(file.ncattrs())
        assert "coordinates" not in file.ncattrs()
        bounds = {file[name].bounds for name in ("r", "z")}
        for name, variable in file.variables.items():
            if name in bounds:
                continue
            assert variable.units, name
            assert variable.long_name, name
            kind = next((unit for word, unit in UNITS.items() if word in name), None)
            if kind and not name.startswith("member"):
                assert variable.units == kind, name
            if variable.units == "degC":
                assert variable.units_metadata == "temperature: on_scale"
        depth = file["z"]
        assert (depth.standard_name, depth.positive, depth.axis) == ("depth", "down", "Z")
        assert file["temperature"].dimensions == ("r", "z")
        assert file["point_temperature"].coordinates == "point_r point_z"
        for name in ("r", "z", "elapsed_time", "r_bounds"):
            assert "_FillValue" not in file[name].ncattrs()  # CF: these have no missing values


def test_the_crater_can_be_measured_from_the_file(netcdf: Path, done: Simulation) -> None:
    with netCDF4.Dataset(netcdf) as file:
        edges, centres = file["r_bounds"][:], file["r"][:]
        np.testing.assert_allclose(edges.mean(axis=1), centres, rtol=1e-12)
        np.testing.assert_array_equal(edges[1:, 0], edges[:-1, 1])
        volume = np.pi * ((edges[:, 1] ** 2 - edges[:, 0] ** 2) * file["surface"][:]).sum()
        assert volume == pytest.approx(done.crater.removed_volume, rel=1e-9)
        assert file["crater_depth"][-1] == file["crater_depth_after_pulse"][-1] == done.crater.depth
        gone = np.ma.getmaskarray(np.ma.masked_invalid(file["temperature"][:]))
        above, below = (file["z_bounds"][:, edge][None, :] for edge in (0, 1))
        floor = file["surface"][:][:, None]
        # the floor lies within a cell, which is there or not
        assert bool(gone[np.broadcast_to(below <= floor, gone.shape)].all())
        assert not bool(gone[np.broadcast_to(above > floor, gone.shape)].any())
        assert file.incident_mJ == pytest.approx(12.0)
        parts = (file.reflected_mJ, file.plume_mJ, file.removed_mJ, file.stored_mJ, file.lost_mJ)
        assert sum(parts) == pytest.approx(12.0, rel=1e-9)
        assert file.status == "complete"
        assert file.steps + 1 == len(file["elapsed_time"])
        assert file.rejected_steps == 0
        assert abs(file.ledger_imbalance) < 1e-12
        depths = [member["crater_depth_um"] for member in done.members]
        assert list(file["member_crater_depth"][:]) == depths
        assert file["member_crater_depth"].units == "um"


def test_netcdf_and_zarr_hold_the_same(netcdf: Path, store: Path, done: Simulation) -> None:
    with xr.open_dataset(netcdf) as one, xr.open_zarr(store, consolidated=False) as other:
        assert set(one.variables) == set(other.variables)
        for name in one.variables:
            np.testing.assert_array_equal(one[name].values, other[name].values, err_msg=str(name))
            assert one[name].attrs == other[name].attrs
        assert one.attrs == other.attrs
        for name, values in done.to_xarray().variables.items():
            np.testing.assert_array_equal(one[name].values, values.values)


def test_plain_zarr_reads_the_store(store: Path, done: Simulation) -> None:
    group = zarr.open_group(store, mode="r")
    assert group["temperature"].attrs["units"] == "degC"
    assert float(np.max(group["surface"][:])) == done.crater.depth


def test_the_same_bytes_again(netcdf: Path, store: Path, tmp_path: Path) -> None:
    again = made()
    again.save(tmp_path / "a.nc", points_um=[(0.0, 400.0), (50.0, 50.0)])
    assert (tmp_path / "a.nc").read_bytes() == netcdf.read_bytes()
    again.save(tmp_path / "a.zarr", points_um=[(0.0, 400.0), (50.0, 50.0)])
    assert tree(tmp_path / "a.zarr") == tree(store)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_without_points_there_is_no_empty_array(done: Simulation, tmp_path: Path) -> None:
    done.save(tmp_path / "fields.nc")
    with netCDF4.Dataset(tmp_path / "fields.nc") as file:
        assert "point" not in file.dimensions
        assert "crater_depth" in file.variables


def test_an_older_store_is_replaced_whole(done: Simulation, tmp_path: Path) -> None:
    target = tmp_path / "fields.zarr"
    xr.Dataset({"older": ("x", [1.0])}).to_zarr(target, consolidated=False)
    done.save(target)
    assert not (target / "older").exists()
    assert (target / "temperature").is_dir()
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_an_interrupt_leaves_what_was_there(
    done: Simulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    target = tmp_path / f"fields{suffix}"
    done.save(target)
    before = tree(tmp_path)

    def half(_: xr.Dataset, where: Path, **__: object) -> None:
        if suffix == ".zarr":
            where.mkdir()
            where = where / "zarr.json"
        where.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(xr.Dataset, "to_zarr" if suffix == ".zarr" else "to_netcdf", half)
    with pytest.raises(KeyboardInterrupt):
        done.save(target)
    assert tree(tmp_path) == before


def test_what_is_no_store_is_not_replaced(done: Simulation, tmp_path: Path) -> None:
    target = tmp_path / "photos.zarr"
    target.mkdir()
    (target / "photo.jpg").write_bytes(b"dear")
    with pytest.raises(InputError, match="no Zarr store"):
        done.save(target)
    assert (target / "photo.jpg").read_bytes() == b"dear"


@pytest.mark.parametrize(
    ("name", "why"), [("fields.txt", r"\.nc or \.zarr"), ("no/where.zarr", "does not exist")]
)
def test_a_target_that_cannot_be(done: Simulation, tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        done.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_statistics_are_in_every_result(done: Simulation) -> None:
    shown = copy.deepcopy(done.to_dict())
    assert shown["status"] == done.status == "complete"
    assert shown["statistics"] == done.statistics
    assert {"steps", "rejected_steps", "cells", "ledger_imbalance", "members"} <= set(done.statistics)
    assert done.statistics["members"] == 2


def test_the_page_names_every_variable(netcdf: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "simulate.md").read_text(encoding="utf-8")
    with netCDF4.Dataset(netcdf) as file:
        bounds = {file[name].bounds for name in ("r", "z")}
        for name in {*file.variables} - bounds - {"r", "z", "pulse"}:
            if not name.startswith("member_"):
                assert f"`{name}`" in page, name
