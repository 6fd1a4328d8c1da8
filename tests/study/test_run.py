"""What a cohort finds where the answer is known, and that it finds the same however it is run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from milia.base import InputError
from milia.planning import Fire
from milia.study import Study, run_study, summary
from milia.study.cohort import group_of, person, truth
from milia.study.folder import RESULTS

Maker = Callable[..., Study]
ROOT = Path(__file__).resolve().parents[2]
# the cap of a 1 mm cyst under a hole of 0.4 mm: its top lies this much lower at the hole's rim
CAP_um = 1e6 * (0.5e-3 - np.sqrt(0.5e-3**2 - 0.2e-3**2))
REAL = """
name: real engine
patients: 6
seed: 5
cohort: {sites: {lower_eyelid: 1}, diameter: "1 mm"}
sessions: 2
policies:
  - {name: a, kind: fixed, pulse_energy: "100 mJ", pulse_duration: "416.7 us", spot_diameter: "600 um",
     pulses: 2, interval: "200 ms"}
  - {name: b, kind: fixed, pulse_energy: "60 mJ", pulse_duration: "250 us", spot_diameter: "600 um",
     pulses: 3, interval: "200 ms", look: true}
"""


def test_opened_is_the_share_of_roofs_that_the_drill_reaches(
    make: Maker, drill: Fire, tmp_path: Path
) -> None:
    study = make(patients=400)
    rows = run_study(study, tmp_path / "out", count=0, fire=drill)
    roofs = np.array(rows.column("roof").to_pylist())
    opened = np.array(rows.column("opened").to_pylist())
    # 35 mJ go 140 µm deep: through every roof that leaves room for the cap of the cyst
    spare = 140.0 - CAP_um - roofs
    assert opened[spare > 1.0].all()
    assert not opened[spare < -1.0].any()
    # and roofs are uniform from 60 to 140 µm: the share is known without drawing any
    expected = (140.0 - CAP_um - 60.0) / 80.0
    assert opened.mean() == pytest.approx(expected, abs=3.0 * np.sqrt(0.25 / 400))


def test_deep_shots_harm_every_patient(make: Maker, drill: Fire, tmp_path: Path) -> None:
    deep = {
        "name": "deep",
        "kind": "fixed",
        "pulse_energy": "50 mJ",
        "pulse_duration": "1 ms",
        "spot_diameter": "0.5 mm",
        "pulses": 5,
        "interval": "200 ms",
    }
    rows = run_study(make(policies=[deep]), tmp_path / "out", count=0, fire=drill)
    # 5 × 50 mJ go 1 mm deep, past any limit of the face
    assert all(rows.column("harmed").to_pylist())
    assert all(rows.column("severe").to_pylist())
    assert set(rows.column("pulses").to_pylist()) == {5}


def test_looks_stop_at_the_open_roof_and_sessions_end_with_success(
    make: Maker, drill: Fire, tmp_path: Path
) -> None:
    step = {
        "name": "step",
        "kind": "fixed",
        "pulse_energy": "15 mJ",
        "pulse_duration": "1 ms",
        "spot_diameter": "0.5 mm",
        "pulses": 5,
        "interval": "200 ms",
        "look": True,
    }
    study = make(policies=[step], patients=300, sessions=3)
    rows = run_study(study, tmp_path / "out", count=0, fire=drill).to_pylist()
    # 5 × 15 mJ reach 300 µm: what stays closed was taken for open by a look (5 % each)
    needed = [int(np.ceil((row["roof"] + CAP_um) / 60.0)) for row in rows]
    assert np.mean([row["opened"] for row in rows]) > 0.99
    assert np.mean([row["opened_first"] for row in rows]) < 1.0
    for row, least in zip(rows, needed, strict=True):
        if row["sessions"] == 1 and row["opened"]:
            assert row["pulses"] >= least - 1
        assert row["opened_first"] == (row["opened"] and row["sessions"] == 1)
    # one look in ten takes an open roof for closed: so many get a needless pulse
    late = np.mean([r["pulses"] > n for r, n in zip(rows, needed, strict=True) if r["sessions"] == 1])
    assert late == pytest.approx(0.10, abs=0.06)


def test_patients_do_not_depend_on_chunks_and_policies_share_them(
    make: Maker, drill: Fire, tmp_path: Path
) -> None:
    twice = make(policies=[SECOND | {"name": "one"}, SECOND | {"name": "two"}])
    by_seven = run_study(twice, tmp_path / "seven", count=0, fire=drill, chunk=7)
    run_study(twice, tmp_path / "all", count=0, fire=drill, chunk=1000)
    assert (tmp_path / "seven" / RESULTS).read_bytes() == (tmp_path / "all" / RESULTS).read_bytes()
    found = summary(twice, by_seven)["against_baseline"]["two"]
    assert found["opened"]["only_ours"] == found["opened"]["only_theirs"] == 0
    assert found["pulses"] == {"mean": 0.0, "low": 0.0, "high": 0.0}


SECOND = {
    "name": "one",
    "kind": "fixed",
    "pulse_energy": "25 mJ",
    "pulse_duration": "1 ms",
    "spot_diameter": "0.5 mm",
    "pulses": 1,
    "interval": "200 ms",
}


def test_columns_carry_their_units(make: Maker, drill: Fire, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    run_study(make(), tmp_path / "out", count=0, fire=drill)
    schema = pq.read_schema(tmp_path / "out" / RESULTS)
    units = {field.name: field.metadata[b"unit"].decode() for field in schema}
    assert units["roof"] == units["wound_width"] == "um"
    assert units["energy"] == "mJ"
    assert units["age"] == "year"
    assert schema.metadata[b"seed"] == b"3"


def test_a_folder_with_another_study_is_refused(make: Maker, drill: Fire, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_study(make(), out, count=0, fire=drill)
    before = (out / RESULTS).read_bytes()
    with pytest.raises(InputError, match="another study") as caught:
        run_study(make(seed=4), out, count=0, fire=drill, resume=True)
    assert caught.value.key == "--out"
    with pytest.raises(InputError, match="already holds") as caught:
        run_study(make(), out, count=0, fire=drill)
    assert "--resume" in str(caught.value)
    assert (out / RESULTS).read_bytes() == before
    stranger = tmp_path / "photographs"
    stranger.mkdir()
    (stranger / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(InputError, match="belong to no study"):
        run_study(make(), stranger, count=0, fire=drill)
    assert [path.name for path in stranger.iterdir()] == ["cat.jpg"]


def test_truth_is_drawn_once_and_readings_scatter_about_it(make: Maker) -> None:
    study = make(
        patients=500,
        cohort={"roof": "90 um"},
        operator={"roof_reading": "0 um ± 20 um", "aim": "60 um"},
        sessions=2,
    )
    people = [person(study, number) for number in range(500)]
    error = np.array([1e6 * (who.roof_read_m - who.roof_m) for who in people])
    assert error.std() == pytest.approx(20.0, rel=0.1)
    assert abs(error.mean()) < 3.0
    assert {round(1e6 * group_of(study, who).roof_m, 6) for who in people} == {100.0}
    one, again = (truth(study, people[7], looks=5) for _ in range(2))
    assert one.scenario.parameters == again.scenario.parameters
    assert one.hands == again.hands
    assert one.hands[0] != one.hands[1]
    offsets = [truth(study, who, looks=5).hands[0].offset_m for who in people[:200]]
    # the distance of two normal errors of 60 µm is 60 √(π/2) µm on average
    assert np.mean(offsets) == pytest.approx(60e-6 * np.sqrt(np.pi / 2.0), rel=0.12)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Run a study with the real engine in this process; return its file and its folder."""
    from milia.study import load_study

    desk = tmp_path_factory.mktemp("whole")
    (desk / "study.yaml").write_text(REAL, encoding="utf-8")
    run_study(load_study(desk / "study.yaml"), desk / "out", count=0)
    return desk / "study.yaml", desk / "out"


def _start(file: Path, out: Path, *words: str) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from pathlib import Path; from milia.study import load_study, run_study\n"
        "if __name__ == '__main__':\n"
        "    run_study(load_study(sys.argv[1]), Path(sys.argv[2]), count=1, chunk=1,"
        " resume='--resume' in sys.argv)\n"
    )
    script = file.parent / "go.py"
    script.write_text(code, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), str(file), str(out), *words], start_new_session=True
    )


def test_killed_and_resumed_gives_the_same_bytes(whole: tuple[Path, Path], tmp_path: Path) -> None:
    file, done = whole
    out = tmp_path / "out"
    running = _start(file, out)
    began = time.monotonic()
    while not list(out.glob("chunks/*.parquet")):
        assert running.poll() is None
        assert time.monotonic() - began < 120.0
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    kept = {path: path.stat().st_mtime_ns for path in out.glob("chunks/*.parquet")}
    assert not (out / RESULTS).exists()
    assert 0 < len(kept) < 6
    assert _start(file, out, "--resume").wait(120) == 0
    assert (out / RESULTS).read_bytes() == (done / RESULTS).read_bytes()
    # what was done before the kill was not done again
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_two_dask_workers_give_the_same_bytes(whole: tuple[Path, Path], tmp_path: Path) -> None:
    import distributed

    from milia.study import load_study

    file, done = whole
    cluster: Any = distributed.LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )
    with cluster:
        address = cluster.scheduler_address
        assert address.startswith("tcp://127.0.0.1:")
        run_study(load_study(file), tmp_path / "out", address=address, chunk=2)
    assert (tmp_path / "out" / RESULTS).read_bytes() == (done / RESULTS).read_bytes()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "localhost:8786", "tcp://127.0.0.1"])
def test_a_scheduler_that_is_not_there_is_named(
    make: Maker, tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("milia.study.places.PATIENCE_s", 0.5)
    with pytest.raises(InputError) as caught:
        run_study(make(), tmp_path / "out", address=address)
    assert caught.value.key == "--scheduler"
    assert caught.value.value == address
    assert not (tmp_path / "out").exists()
