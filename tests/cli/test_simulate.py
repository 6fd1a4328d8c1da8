"""`milia simulate` from outside."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Milia = Callable[..., subprocess.CompletedProcess[bytes]]
Written = Callable[[dict[str, Any]], Path]

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "exposure.yaml"
NUMBERS = ("crater_depth_um", "crater_width_um", "rtd_floor_um", "rtd_wall_um", "peak_temperature_degC")
LOSSES = ("reflected_mJ", "plume_mJ", "removed_mJ", "stored_mJ", "lost_mJ")


def test_example_gives_a_crater_and_a_closed_ledger(milia: Milia, desk: Path) -> None:
    done = milia("simulate", EXAMPLE, "--json", "--save", "fields.nc")
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert found["schema_version"] == "1.0"
    assert all(found[key] > 0.0 for key in NUMBERS)
    energy = found["energy"]
    assert energy["incident_mJ"] == pytest.approx(10.0)
    assert sum(energy[key] for key in LOSSES) == pytest.approx(energy["incident_mJ"], rel=1e-6)
    assert [path.name for path in desk.iterdir()] == ["fields.nc"]

    import xarray

    with xarray.open_dataset(desk / "fields.nc") as fields:
        assert fields["temperature"].attrs["units"] == "degC"
        assert float(fields["surface"].max()) == pytest.approx(1e-6 * found["crater_depth_um"], rel=0.05)


def test_more_energy_goes_deeper(milia: Milia, written: Written) -> None:
    depths = []
    for energy in ("5 mJ", "20 mJ"):
        exposure = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
        exposure["laser"]["pulse_energy"] = energy
        depths.append(json.loads(milia("simulate", written(exposure), "--json").stdout)["crater_depth_um"])
    assert depths[0] < depths[1]


def test_uncertainty_gives_intervals_and_the_seed_decides(milia: Milia, written: Written) -> None:
    exposure = {**yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")), "uncertainty": 4}
    path = written(exposure)
    first, again, other = (milia("simulate", path, "--json", "--seed", seed).stdout for seed in "001")
    assert first == again
    assert first != other
    depth = json.loads(first)["crater_depth_um"]
    assert depth["p05"] < depth["p50"] < depth["p95"]
    assert json.loads(first)["provenance"]["seed"] == 0


def test_for_people_the_numbers_have_units(milia: Milia) -> None:
    text = milia("simulate", EXAMPLE).stdout.decode()
    for words in ("crater depth", "µm", "°C", "Energy [mJ]: incident 10", "Status: complete"):
        assert words in text


def test_a_store_and_a_moving_picture_change_no_number(milia: Milia, desk: Path) -> None:
    plain = milia("simulate", EXAMPLE, "--json")
    words = ("--json", "--save", "fields.zarr", "--animate", "shot.gif", "--frames", "4")
    done = milia("simulate", EXAMPLE, *words)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == plain.stdout
    assert sorted(path.name for path in desk.iterdir()) == ["fields.zarr", "shot.gif"]
    assert (desk / "shot.gif").read_bytes().startswith(b"GIF89a")

    import xarray

    with xarray.open_zarr(desk / "fields.zarr", consolidated=False) as fields:
        depth = 1e6 * float(fields["crater_depth"][-1])
    assert depth == pytest.approx(json.loads(done.stdout)["crater_depth_um"])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--save", "fields.csv"), b"--save: fields.csv"),
        (("--save", "no/fields.zarr"), b"--save: no/fields.zarr: the folder does not exist"),
        (("--animate", "shot.avi"), b"--animate: shot.avi"),
        (("--animate", "no/shot.gif"), b"--animate: no/shot.gif: the folder does not exist"),
        (("--animate", "shot.gif", "--frames", "1"), b"--frames"),
        (("--animate", "shot.mp4"), b"apt-get install ffmpeg"),
    ],
)
def test_a_target_that_cannot_be_written_costs_nothing(
    milia: Milia, desk: Path, words: tuple[str, ...], why: bytes
) -> None:
    # the first look is at the target: the exposure file is not even there
    done = milia("simulate", "none.yaml", *words, PATH="/nowhere")
    assert done.returncode == 2
    assert why in done.stderr
    assert not list(desk.iterdir())


def test_for_people_the_files_are_named(milia: Milia, desk: Path) -> None:
    done = milia("simulate", EXAMPLE, "--animate", "shot.html", "--frames", "2")
    assert done.returncode == 0, done.stderr.decode()
    assert f"Moving picture: {desk / 'shot.html'}" in done.stdout.decode()
