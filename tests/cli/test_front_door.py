"""Help, version, completion, start-up, and what goes wrong before a command has begun."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import milia as package

Milia = Callable[..., subprocess.CompletedProcess[bytes]]
COMMANDS = ("plan", "simulate", "assess", "report", "sources", "devices", "sites")
SLOW_TO_IMPORT = {"numba", "scipy", "matplotlib", "typst", "xarray", "pandas", "pint", "netCDF4"}


def test_version(milia: Milia) -> None:
    done = milia("--version")
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, f"milia {package.__version__}\n", b"")


def test_help_names_every_command(milia: Milia) -> None:
    done = milia("--help")
    assert done.returncode == 0
    lines = done.stdout.decode()
    for command in COMMANDS:
        assert f" {command} " in lines
    assert "warmup" not in lines


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(milia: Milia, command: str) -> None:
    done = milia(command, "--help")
    assert done.returncode == 0
    assert f"milia {command}" in done.stdout.decode()


def test_no_word_shows_the_help(milia: Milia) -> None:
    done = milia()
    assert done.returncode == 2
    assert b"Usage: milia" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["plann"], "plann"),
        (["plan"], "CASE.yaml"),
        (["plan", "case.yaml", "--sed", "1"], "--sed"),
        (["plan", "case.yaml", "--seed", "many"], "--seed"),
        (["plan", "case.yaml", "--seed", "-1"], "--seed"),
        (["report", "plan.json"], "--out"),
    ],
)
def test_wrong_words_give_one_line(milia: Milia, words: list[str], named: str) -> None:
    done = milia(*words)
    assert done.returncode == 2
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("milia: ")
    assert named in line


def test_completion_for_the_shell_at_hand_needs_no_home(bare: dict[str, str]) -> None:
    # The second command keeps bash from handing its place over to the first.
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -P -m milia --show-completion; exit $?'],
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "complete -o default -F _milia_completion milia" in done.stdout


def test_completion_completes(milia: Milia) -> None:
    done = milia(_MILIA_COMPLETE="complete_bash", COMP_WORDS="milia pl", COMP_CWORD="1")
    assert done.stdout.decode().split() == ["plan"]


def test_start_imports_nothing_slow() -> None:
    """The time itself depends on the machine; what is imported does not."""
    script = "import sys; from milia.cli import main; main(['sites']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stderr.split()) & SLOW_TO_IMPORT == set()


def test_a_reader_that_leaves_is_no_defect(bare: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -P -m milia sources --json | true'],
        cwd=tmp_path,
        env=bare,
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""


def test_a_defect_says_how_to_see_it(tmp_path: Path) -> None:
    """A room broken on purpose stands in for any defect: the traceback is shown on request only."""
    script = tmp_path / "start.py"
    script.write_text(
        "import sys, milia.laser\n"
        "milia.laser.devices = None\n"
        "from milia.cli import main\n"
        "sys.exit(main(['devices']))\n"
    )
    quiet = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert quiet.returncode == 1
    (line,) = quiet.stderr.splitlines()
    assert "TypeError" in line
    assert "MILIA_DEBUG=1" in line
    loud = subprocess.run(
        [sys.executable, script], env={"MILIA_DEBUG": "1"}, capture_output=True, text=True, check=False
    )
    assert loud.returncode == 1
    assert "Traceback" in loud.stderr
