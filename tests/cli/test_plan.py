"""`milia plan` from outside: what it prints, what it writes, and what Ctrl-C leaves."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Milia = Callable[..., subprocess.CompletedProcess[bytes]]
Written = Callable[[dict[str, Any]], Path]

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "lower_eyelid.yaml"
SETTINGS = {
    *("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um", "pulses", "interval_ms", "passes"),
    *("fluence_J_cm2", "irradiance_kW_cm2"),
}
PREDICTED = {"opening_um", "crater_depth_um", "rtd_floor_um", "rtd_wall_um", "healing_days"}
PROMISED = {
    *("schema_version", "action", "reasons", "settings", "predicted", "p_open", "p_harm", "window"),
    *("alternatives", "measure_next", "safety", "warnings", "aftercare", "followup", "provenance"),
}

# One plan serves every test of this file: with several workers they stay on one of them.
pytestmark = pytest.mark.xdist_group("plan of the example")


@pytest.fixture(scope="module")
def planned(
    tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str]
) -> tuple[subprocess.CompletedProcess[bytes], Path]:
    folder = tmp_path_factory.mktemp("planned")
    return plan(bare, folder, "--json", "--report", "plan.html", hash_seed="1"), folder


def plan(
    bare: dict[str, str], folder: Path, *words: str, hash_seed: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "milia", "plan", str(EXAMPLE), *words],
        cwd=folder,
        env={**bare, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        timeout=600,
        check=False,
    )


Planned = tuple[subprocess.CompletedProcess[bytes], Path]


def test_example_is_a_plan_with_every_promised_key(planned: Planned) -> None:
    done, _ = planned
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert found.keys() >= PROMISED
    assert done.stdout.endswith(b"}\n")
    readme = (EXAMPLE.parent / "README.md").read_text(encoding="utf-8")
    assert f"| `{EXAMPLE.name}` | {found['action']} |" in readme
    assert found["action"] == "laser"
    assert found["settings"].keys() >= SETTINGS
    assert found["predicted"].keys() >= PREDICTED
    for interval in found["predicted"].values():
        assert interval["p05"] <= interval["p50"] <= interval["p95"]
    assert 0.0 <= found["p_harm"] < found["p_open"] <= 1.0
    assert found["provenance"].keys() >= {"version", "seed", "parameter_sets", "evidence"}


def test_the_recommendation_stands_in_the_window(planned: Planned) -> None:
    found = json.loads(planned[0].stdout)
    assert found["window"]["exists"]
    (same,) = [
        point
        for point in found["window"]["points"]
        if all(point[key] == found["settings"][key] for key in SETTINGS)
        and point["strategy"] == found["strategy"]["name"]
        and all(point[key] == found["strategy"][key] for key in ("most_pulses", "step"))
    ]
    assert found["strategy"]["pulses"][0]["pulse_energy_mJ"] == found["settings"]["pulse_energy_mJ"]
    assert same["inside"]
    assert (same["p_open"], same["p_harm"]) == (found["p_open"], found["p_harm"])


def test_json_writes_the_report_it_was_asked_for_and_no_other(planned: Planned) -> None:
    _, folder = planned
    assert [path.name for path in folder.iterdir()] == ["plan.html"]
    page = (folder / "plan.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")


def test_same_seed_same_bytes(planned: Planned, bare: dict[str, str], tmp_path: Path) -> None:
    done, folder = planned
    again = plan(bare, tmp_path, "--json", "--report", "plan.html", hash_seed="2")
    assert again.stdout == done.stdout
    assert (tmp_path / "plan.html").read_bytes() == (folder / "plan.html").read_bytes()


def test_the_seed_is_handed_on_and_said(
    milia: Milia, written: Written, case: dict[str, Any], planned: Planned
) -> None:
    assert json.loads(planned[0].stdout)["provenance"]["seed"] == 0
    other = json.loads(milia("plan", written(case), "--json", "--seed", "7").stdout)
    assert other["provenance"]["seed"] == 7


def test_saved_plan_draws_the_same_report_and_names_its_sources(
    planned: Planned, milia: Milia, desk: Path, tmp_path: Path
) -> None:
    done, folder = planned
    saved = tmp_path / "plan.json"
    saved.write_bytes(done.stdout)
    assert milia("report", saved, "--out", "again.html").returncode == 0
    assert (desk / "again.html").read_bytes() == (folder / "plan.html").read_bytes()
    assert milia("report", saved, "--out", "again.pdf").returncode == 0
    assert (desk / "again.pdf").read_bytes().startswith(b"%PDF-")
    listed = milia("sources", saved).stdout.decode()
    for source in json.loads(done.stdout)["provenance"]["sources"]:
        assert source["id"] in listed


def test_a_saved_plan_is_reported_in_korean(
    planned: Planned, milia: Milia, desk: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "plan.json"
    saved.write_bytes(planned[0].stdout)
    assert milia("report", saved, "--out", "ko.html", "--lang", "ko").returncode == 0
    page = (desk / "ko.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in page
    assert "치료 계획" in page
    refused = milia("report", saved, "--out", "ja.html", "--lang", "ja")
    assert refused.returncode == 2
    assert b"--lang" in refused.stderr
    assert not (desk / "ja.html").exists()


def test_the_readme_shows_what_is_printed(planned: Planned) -> None:
    """Numbers and line breaks may move with the model; what is said, and in which order, is checked."""
    from rich.console import Console

    from milia.cli.plan_summary import print_summary

    printed = io.StringIO()
    print_summary(json.loads(planned[0].stdout), Console(file=printed, width=100, markup=False, emoji=False))
    readme = (ROOT / "README.md").read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    assert in_words(readme) == in_words(printed.getvalue())


def in_words(text: str) -> str:
    return re.sub(r"\d[\d.]*", "#", " ".join(text.split()))


def test_for_people_there_is_a_summary_and_a_report_beside_it(
    milia: Milia, desk: Path, written: Written, case: dict[str, Any]
) -> None:
    done = milia("plan", written(case))
    assert done.returncode == 0, done.stderr.decode()
    text = done.stdout.decode()
    assert "WAIT AND WATCH" in text
    assert str(desk / "case.html") in text
    assert "not a cleared medical device" in text
    assert [path.name for path in desk.iterdir()] == ["case.html"]


def test_no_report_writes_nothing(milia: Milia, desk: Path, written: Written, case: dict[str, Any]) -> None:
    assert milia("plan", written(case), "--no-report").returncode == 0
    assert milia("plan", written(case), "--json").returncode == 0
    assert list(desk.iterdir()) == []


def test_start_gives_dates(milia: Milia, written: Written, case: dict[str, Any]) -> None:
    found = json.loads(milia("plan", written(case), "--json", "--start", "2026-12-01").stdout)
    assert found["aftercare"]["start"] == "2026-12-01"
    assert all(visit["date_from"] >= "2026-12-01" for visit in found["followup"])
    assert found["followup"]


INTERRUPTED = """
import os, signal, sys
# A test command in the background of a script inherits Ctrl-C as ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
import {room} as room
real = room.{name}
def interrupted(*words, **more):
    {when}
room.{name} = interrupted
from milia.cli import main
sys.exit(main(["plan", sys.argv[1], "--report", "plan.html"]))
"""
WHILE_PLANNING = """
    def stop(share, words):
        os.kill(os.getpid(), signal.SIGINT)
    more["progress"] = stop
    return real(*words, **more)
"""
WHILE_WRITING = """
    os.kill(os.getpid(), signal.SIGINT)
    return real(*words, **more)
"""


@pytest.mark.parametrize(
    ("room", "name", "when"),
    [("milia.care", "plan_case", WHILE_PLANNING), ("os", "fsync", WHILE_WRITING)],
    ids=["while planning", "while writing"],
)
def test_ctrl_c_leaves_nothing(
    bare: dict[str, str],
    tmp_path: Path,
    written: Written,
    case: dict[str, Any],
    room: str,
    name: str,
    when: str,
) -> None:
    """A real signal, sent by the process to itself at the moment that matters."""
    folder = tmp_path / "folder"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(room=room, name=name, when=when), str(written(case))],
        cwd=folder,
        env=bare,
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 130, done.stderr.decode()
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert "stopped" in line
    assert list(folder.iterdir()) == []
