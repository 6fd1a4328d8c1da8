"""`milia care` from outside: one folder, whole or not at all, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from milia.care import OUTCOME_COLUMNS, plan_case, plan_hash, write_outcomes
from milia.planning import case_from_mapping

Milia = Callable[..., subprocess.CompletedProcess[bytes]]
ROOT = Path(__file__).resolve().parents[2]
CLINIC = ROOT / "examples" / "clinic.yaml"
START = "2199-12-01"


@pytest.fixture
def plan(tmp_path: Path, case: dict[str, Any]) -> Path:
    """A saved plan of a needle extraction, which costs no simulation."""
    case["patient"] |= {"age": "44 year", "history": ["keloid"], "weight": "60 kg"}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan_case(case_from_mapping(case, file="case.yaml")).to_dict()))
    return path


def _care(milia: Milia, plan: Path, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    return milia("care", plan, "--start", START, "--out", "handout", *words)


def test_one_go_writes_everything_and_says_what(milia: Milia, desk: Path, plan: Path) -> None:
    done = _care(milia, plan, "--lang", "EN", "--clinic", CLINIC)
    assert done.returncode == 0, done.stderr.decode()
    said = done.stdout.decode()
    names = {path.name for path in (desk / "handout").iterdir()}
    assert names >= {"safety.pdf", "consent-en.pdf", "leaflet-en.html", "calendar-en.ics", "follow-up.html"}
    for name in names:
        assert name in said
    assert "We open the milia with a fine needle." in said
    assert START in said
    assert [path.name for path in desk.iterdir()] == ["handout"]
    header = (desk / "handout" / "outcomes.csv").read_text().splitlines()[0]
    assert header.split(",") == list(OUTCOME_COLUMNS)
    assert "Example Skin Clinic" in (desk / "handout" / "leaflet-en.html").read_text(encoding="utf-8")

    again = _care(milia, plan)
    assert again.returncode == 2
    assert b"--force" in again.stderr
    forced = _care(milia, plan, "--force")
    assert forced.returncode == 0
    assert b"No --clinic: name and telephone are lines to fill in" in forced.stdout
    calendar = (desk / "handout" / "calendar-en.ics").read_bytes()
    assert b"DTSTART;VALUE=DATE:21991201" in calendar
    # Without a clinic nobody knows an hour, and none is made up.
    assert b"DTSTART;TZID" not in calendar
    assert b"T100000" not in calendar


def test_a_record_moves_the_timetable(milia: Milia, desk: Path, plan: Path, tmp_path: Path) -> None:
    plan_id = plan_hash(json.loads(plan.read_text()))[:12]
    healed = {"plan_id": plan_id, "lesion": "1", "treated_on": START, "action": "extract", "healed_day": 11}
    record = tmp_path / "outcomes.csv"
    record.write_text(write_outcomes([healed]))
    done = milia("care", plan, "--start", START, "--done", record, "--out", "after")
    assert done.returncode == 0, done.stderr.decode()
    page = (desk / "after" / "leaflet-en.html").read_text(encoding="utf-8")
    assert "12 Dec" in page
    other = milia("care", plan, "--start", "2199-12-02", "--done", record, "--out", "other")
    assert other.returncode == 2
    assert b"treated_on" in other.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lang", "fr"), "--lang: fr"),
        (("--lang", "zh-TW"), "zh-Hans"),
        (("--start", "2020-01-01"), "start: 2020-01-01: the day of treatment is in the past"),
        (("--start", "2026-02-30"), "--start: 2026-02-30: this is not a day"),
        (("--start", "01.12.2026"), "this is not a day"),
        (("--start", "20261201"), "this is not a day"),
        (("--start", "2026-W49-2"), "this is not a day"),
        (("--clinic", "absent.yaml"), "absent.yaml"),
        (("--out", "no/such"), "--out"),
        (("--done", "absent.csv"), "absent.csv"),
    ],
)
def test_what_is_refused_leaves_nothing(
    milia: Milia, desk: Path, plan: Path, words: tuple[str, ...], said: str
) -> None:
    done = _care(milia, plan, *words)
    assert done.returncode == 2
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert list(desk.iterdir()) == []


def test_an_edited_plan_and_an_excessive_dose_are_refused_by_key(
    milia: Milia, desk: Path, plan: Path, tmp_path: Path
) -> None:
    clinic = yaml.safe_load(CLINIC.read_text(encoding="utf-8"))
    clinic["protocol"]["anaesthesia"] = {"drug": "lidocaine_plain", "dose": "280 mg"}
    high = tmp_path / "high.yaml"
    high.write_text(yaml.safe_dump(clinic))
    done = _care(milia, plan, "--clinic", high)
    assert done.returncode == 2
    assert b"high.yaml: protocol.anaesthesia.dose: 280 mg" in done.stderr
    assert b"at most 270 mg" in done.stderr

    content = json.loads(plan.read_text())
    content["p_open"] = 1.7
    plan.write_text(json.dumps(content))
    edited = _care(milia, plan)
    assert edited.returncode == 2
    assert b"plan.json: p_open: 1.7" in edited.stderr
    assert list(desk.iterdir()) == []


def test_a_past_day_is_accepted_for_a_record(milia: Milia, desk: Path, plan: Path) -> None:
    done = _care(milia, plan, "--start", "2020-01-01", "--allow-past")
    assert done.returncode == 0, done.stderr.decode()
    assert (desk / "handout" / "leaflet-en.pdf").is_file()
