"""Whatever is wrong with a file: one line that says where and what would do, status 2, nothing written."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Milia = Callable[..., subprocess.CompletedProcess[bytes]]
Written = Callable[[dict[str, Any]], Path]

REMOVED = object()
OWN_DEVICE = {
    "name": "room-2",
    "title": "CO2 laser of room 2",
    "kind": "superpulse",
    "wavelength": "10.6 um",
    "profile": "gaussian",
    "spot_diameters": ["0.3 mm"],
    "pulses": {"mode": "energies", "peak_power": "100 W", "energies": ["5 mJ", "10 mJ"]},
    "intervals": ["10 ms"],
    "pulses_max": 5,
    "passes_max": 1,
    "average_power_max": "10 mW",
}

CASES = [
    ("lesion.diameter", 90, "the unit is missing", "0.1 mm"),
    ("lesion.diameter", "90", "the unit is missing", "0.1 mm"),
    ("lesion.diameter", "90 mJ", "90 mJ", "length"),
    ("lesion.diameter", "-1 mm", "-1 mm", "0.1 mm"),
    ("lesion.diameter", "1 km", "1 km", "3 mm"),
    ("lesion.diameter", ".nan", "nan", "0.1 mm"),
    ("lesion.diameter", REMOVED, "missing", "a length"),
    ("lesion.size", "1 mm", "not known", "diameter"),
    ("lesion.diametr", "1 mm", "not known", "diameter"),
    ("lesion.site", "elbow", "elbow", "cheek"),
    ("lesion.count", 0, "0", "1"),
    ("lesion.roof", "450 um ± 900 um", "900", "500 µm"),
    ("patient.age", "-3 year", "-3 year", "120"),
    ("patient.skin_type", "VII", "VII", "VI"),
    ("patient.history", ["keloids"], "keloids", "keloid"),
    ("goal", {"opening": "2 mm"}, "2 mm", "1 mm"),
    ("device", "magic-wand", "magic-wand", "generic-superpulse-co2"),
    ("device", OWN_DEVICE, "interval", "average_power_max"),
]


@pytest.mark.parametrize(
    ("key", "value", "named", "accepted"),
    CASES,
    ids=[f"{key}={str(value)[:20] if value is not REMOVED else 'removed'}" for key, value, _, _ in CASES],
)
def test_wrong_value(
    milia: Milia,
    desk: Path,
    written: Written,
    case: dict[str, Any],
    key: str,
    value: object,
    named: str,
    accepted: str,
) -> None:
    *sections, last = key.split(".")
    section = case
    for name in sections:
        section = section[name]
    if value is REMOVED:
        del section[last]
    else:
        section[last] = value
    line = refused(milia, desk, written(case))
    for part in (key, named, accepted, "Accepted"):
        assert part in line


def test_cyst_larger_than_the_skin(milia: Milia, desk: Path, written: Written, case: dict[str, Any]) -> None:
    case["lesion"] |= {"site": "lower_eyelid", "diameter": "3 mm", "roof": "500 um"}
    line = refused(milia, desk, written(case))
    assert "lesion" in line
    assert "skin" in line


def test_no_number_that_is_not_finite(milia: Milia, desk: Path, tmp_path: Path, case: dict[str, Any]) -> None:
    path = tmp_path / "case.yaml"
    for word in (".nan", ".inf", "-.inf"):
        path.write_text(yaml.safe_dump(case).replace("count: 3", f"count: {word}"))
        line = refused(milia, desk, path)
        assert "lesion.count" in line
        assert word in line


BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
)
FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "binary": (bytes(range(256)) * 8, "binary"),
    "latin1": ("patient: {age: '34 années'}".encode("latin-1"), "UTF-8"),
    "a list": (b"- 1\n- 2\n", "keys"),
    "no yaml": (b"patient: {age: [", "YAML"),
    "a bomb": (BOMB.encode(), "aliases"),
    "a tag": (b"patient: !!python/object/apply:os.system [true]\n", "tags"),
    "twice": (b"device: a\ndevice: b\n", "twice"),
    "deep": (b"a: " + b"[" * 5000, "nested"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", ["plan", "simulate"])
def test_wrong_file(milia: Milia, desk: Path, tmp_path: Path, name: str, command: str) -> None:
    content, word = FILES[name]
    path = tmp_path / "case.yaml"
    path.write_bytes(content)
    assert word in refused(milia, desk, path, command=command)


@pytest.mark.parametrize("command", ["plan", "simulate", "sources"])
def test_huge_file(milia: Milia, desk: Path, tmp_path: Path, command: str) -> None:
    path = tmp_path / "case.yaml"
    with path.open("wb") as stream:
        stream.truncate(50 << 20)
    assert "larger than" in refused(milia, desk, path, command=command)


@pytest.mark.parametrize("command", ["plan", "simulate", "sources"])
def test_file_that_is_none(milia: Milia, desk: Path, tmp_path: Path, command: str) -> None:
    refused(milia, desk, tmp_path / "nowhere.yaml", command=command)
    refused(milia, desk, tmp_path, command=command)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--report", "plan.docx"], ".html or .pdf"),
        (["--report", "nowhere/plan.html"], "nowhere/plan.html"),
        (["--start", "tomorrow"], "tomorrow"),
        (["--start", "2026-02-30"], "2026-02-30"),
        (["--report", "plan.html", "--no-report"], "--no-report"),
    ],
)
def test_wrong_option(
    milia: Milia, desk: Path, written: Written, case: dict[str, Any], words: list[str], named: str
) -> None:
    assert named in refused(milia, desk, written(case), *words, of_file=False)


def test_the_case_is_never_replaced_by_its_report(milia: Milia, desk: Path, case: dict[str, Any]) -> None:
    path = desk / "case.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(case))
    done = milia("plan", path)
    assert done.returncode == 2
    assert path.read_text() == yaml.safe_dump(case)


EXPOSURE: dict[str, Any] = {
    "tissue": {"site": "cheek"},
    "laser": {
        "wavelength": "10.6 um",
        "spot_diameter": "120 um",
        "profile": "gaussian",
        "pulse_energy": "10 mJ",
        "pulse_duration": "1 ms",
        "pulses": 2,
        "interval": "100 ms",
    },
    "initial_temperature": "33 degC",
}


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("pulse_energy", "10", "the unit is missing"),
        ("pulse_energy", "10 J/cm^2", "10 J/cm^2"),
        ("pulse_duration", "200 ms", "interval"),
        ("profile", "square", "top_hat"),
        ("pulses", 1.5, "1.5"),
        ("energy", "10 mJ", "pulse_energy"),
    ],
)
def test_wrong_exposure(
    milia: Milia, desk: Path, written: Written, key: str, value: object, named: str
) -> None:
    path = written({**EXPOSURE, "laser": {**EXPOSURE["laser"], key: value}})
    line = refused(milia, desk, path, command="simulate")
    assert "laser." in line
    assert named in line


def test_fields_go_to_netcdf_only(milia: Milia, desk: Path, written: Written) -> None:
    path = written(EXPOSURE)
    assert ".nc" in refused(milia, desk, path, "--save", "fields.csv", command="simulate", of_file=False)


def refused(
    milia: Milia, desk: Path, path: Path, *words: str, command: str = "plan", of_file: bool = True
) -> str:
    done = milia(command, path, *words)
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert done.returncode == 2, line
    assert line.startswith(f"milia: {path}: " if of_file else "milia: ")
    assert list(desk.iterdir()) == []
    return line
