"""`milia assess` as a process: YAML, JSON and one line of JSON, status, interview, bad files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from milia.diagnosis import assess

SHEET = (
    "age_years: 34\nsites: [lower_eyelid]\ncolour: [white]\ndermoscopy: [round white homogeneous structure]\n"
)


def run(*words: str | Path, answers: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "milia", "assess", *map(str, words)],
        input=answers,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("suffix", [".yaml", ".json", ".jsonl"])
def test_json_output_is_that_of_the_library(suffix: str, tmp_path: Path) -> None:
    facts = {
        "age_years": 34,
        "sites": ["lower_eyelid"],
        "colour": ["white"],
        "dermoscopy": ["round white homogeneous structure"],
    }
    path = tmp_path / f"findings{suffix}"
    path.write_text(SHEET if suffix == ".yaml" else json.dumps(facts) + "\n", encoding="utf-8")
    done = run(path, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == assess(facts).to_dict()


@pytest.mark.parametrize("text", ["{}", "", "# nothing yet\n"])
def test_an_empty_sheet_gives_priors(text: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text(text, encoding="utf-8")
    done = run(path)
    assert done.returncode == 0, done.stderr
    assert "No red flag" in done.stdout
    assert "Check next" in done.stdout


def test_people_read_referral_first(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text("age_years: 70\nlesion_count: 1\ntriggers_history: [lash loss]\n", encoding="utf-8")
    lines = run(path).stdout.splitlines()
    assert lines[0] == "Refer before any treatment: urgent."
    assert any(line.startswith("  Tell the patient:") for line in lines)
    assert any(line.startswith("  Cleared by:") for line in lines)
    assert lines[-1].startswith("Decision support")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("f.yaml", "colour: [whit]\n", "did you mean white"),
        ("f.yaml", "color: [white]\n", "did you mean colour"),
        ("f.yaml", "colour: [white\n", "f.yaml"),
        ("f.json", "[1]", "no mapping"),
        ("f.json", '{"age_years": NaN}', "NaN"),
        ("f.json", '{"sex": "F", "sex": "M"}', "twice"),
        ("f.jsonl", '{"sex": "F"}\n{"sex": "M"}\n', "no single JSON document"),
        ("f.json", "[" * 100_000, "no single JSON document"),
    ],
)
def test_a_bad_file_ends_with_two_and_one_line(name: str, text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    done = run(path)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_missing_file_and_no_file() -> None:
    assert run("nowhere.yaml").returncode == 2
    assert run("nowhere.json").returncode == 2
    assert run().returncode == 2


def test_a_clinics_own_priors(tmp_path: Path) -> None:
    path, priors = tmp_path / "f.yaml", tmp_path / "p.yaml"
    path.write_text("{}", encoding="utf-8")
    priors.write_text("share: {milia: 0.9}\n", encoding="utf-8")
    found = json.loads(run(path, "--priors", priors, "--json").stdout)
    assert found["differential"][0]["probability"] == pytest.approx(0.9, abs=1e-4)


def test_interview_in_the_terminal_stops_when_told() -> None:
    done = run("--interview", "--json", answers="white\n\nq\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == assess({"colour": ["white"]}).to_dict()
    assert "Which colour" in done.stderr


def test_interview_ends_with_the_end_of_the_input() -> None:
    assert run("--interview", answers="").returncode == 0
