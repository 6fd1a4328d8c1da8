"""`milia study` from outside."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

Milia = Callable[..., subprocess.CompletedProcess[bytes]]
Written = Callable[[dict[str, Any]], Path]

STUDY: dict[str, Any] = {
    "name": "from outside",
    "patients": 4,
    "seed": 2,
    "cohort": {"sites": {"lower_eyelid": 1}, "diameter": "1 mm"},
    "sessions": 1,
    "policies": [
        {
            "name": name,
            "kind": "fixed",
            "pulse_energy": energy,
            "pulse_duration": "416.7 us" if energy == "100 mJ" else "250 us",
            "spot_diameter": "600 um",
            "pulses": 2,
            "interval": "200 ms",
        }
        for name, energy in (("strong", "100 mJ"), ("weak", "60 mJ"))
    ]
    + [{"name": "needle", "kind": "reference", "treatment": "extract"}],
}


def test_a_study_writes_results_and_report_and_goes_on_only_when_told(
    milia: Milia, desk: Path, written: Written
) -> None:
    file = written(STUDY)
    done = milia("study", file, "--out", "found", "--processes", "1", "--json")
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert [row["name"] for row in found["policies"]] == ["strong", "weak", "needle"]
    assert "share" not in str(found["policies"][2])
    made = {path.name for path in (desk / "found").iterdir()}
    assert {"results.parquet", "report.html", "study.png", "summary.json", "summary.txt"} <= made
    page = (desk / "found" / "report.html").read_text(encoding="utf-8")
    assert "4 virtual patients" in page
    assert "not a cleared medical device" in page
    before = {path: path.read_bytes() for path in (desk / "found").iterdir() if path.is_file()}

    refused = milia("study", file, "--out", "found")
    assert refused.returncode == 2
    assert b"--resume" in refused.stderr
    again = milia("study", file, "--out", "found", "--resume")
    assert again.returncode == 0, again.stderr.decode()
    assert {path: path.read_bytes() for path in before} == before


def test_bad_input_is_named_and_nothing_is_written(milia: Milia, desk: Path, written: Written) -> None:
    unknown = STUDY | {"policies": [{"name": "x", "kind": "hope"}]}
    done = milia("study", written(unknown), "--out", "found")
    assert done.returncode == 2
    assert b"policies[0].kind: hope" in done.stderr
    assert b"stepwise" in done.stderr
    nobody = milia("study", written(STUDY), "--out", "found", "--scheduler", "127.0.0.1:8786")
    assert nobody.returncode == 2
    assert b"--scheduler" in nobody.stderr
    assert b"tcp://HOST:PORT" in nobody.stderr
    assert list(desk.iterdir()) == []
