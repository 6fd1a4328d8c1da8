"""`./run` where something is missing, and where the set-up has to explain itself."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
NEEDED = ("sh", "cat", "cksum", "dirname", "readlink", "id")
NO_PYTHON = "#!/bin/sh\nexit 127\n"
OLD_PYTHON = f"#!{sys.executable}\nimport sys\nprint('3.9') if '%d' in sys.argv[2] else sys.exit(1)\n"
BARE_PYTHON = f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"\n'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files of a fresh clone that `./run` looks at, and a PATH with nothing else on it."""
    clone = tmp_path / "clone with spaces"
    (clone / "bin").mkdir(parents=True)
    for name in ("run", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, clone / name)
    shutil.copytree(ROOT / "tools", clone / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in NEEDED:
        (clone / "bin" / name).symlink_to(str(shutil.which(name)))
    return clone


def start(clone: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "run", *words],
        cwd="/",
        env={"PATH": str(clone / "bin"), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("python", "said"),
    [
        (None, "one package is missing: python3-venv"),
        (NO_PYTHON, "one package is missing: python3-venv"),
        (BARE_PYTHON, "one package is missing: python3-venv"),
        (OLD_PYTHON, "Python 3.11 or newer is needed, and only 3.9 is here"),
    ],
    ids=["no python", "a shim without a python", "no venv", "old python"],
)
def test_what_is_missing_is_named(clone: Path, python: str | None, said: str) -> None:
    if python is not None:
        script = clone / "bin" / "python3"
        script.write_text(python)
        script.chmod(0o755)
    done = start(clone, "plan", "case.yaml")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert said in line
    assert "apt-get install python3-venv" in line
    assert not (clone / ".venv").exists()


def test_a_stamped_environment_is_used_as_it_is(clone: Path) -> None:
    """No Python is looked for and nothing is installed: the words go straight to the program."""
    venv = clone / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "cache").mkdir()
    echo = venv / "bin" / "python"
    echo.write_text('#!/bin/sh\necho "$@"\necho "$NUMBA_CACHE_DIR"\n')
    echo.chmod(0o755)
    stamp = subprocess.run(
        ["sh", "-c", '{ printf "%s\\n" "$0"; cat requirements.lock pyproject.toml; } | cksum', str(clone)],
        cwd=clone,
        capture_output=True,
        text=True,
        check=True,
    )
    (venv / "requirements.lock.stamp").write_text(stamp.stdout)
    done = start(clone, "plan", "a case.yaml", "--json")
    assert done.stdout.splitlines() == [
        "-P -m milia plan a case.yaml --json",
        str(venv / "cache" / "numba"),
    ]
    (clone / "pyproject.toml").write_text("changed")
    assert "python3-venv" in start(clone, "--version").stderr


def test_run_and_ci_are_one_command() -> None:
    assert os.access(ROOT / "run", os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    last = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert last == 'exec "$(dirname -- "$0")/../run" test'
    assert "./run test" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def set_up(clone: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("set_up", clone / "tools" / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("WARNING: Retrying ... NewConnectionError('...: Connection refused')", "is there a network"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "does not match its hash",
        ),
        ("ERROR: Could not install: [Errno 28] No space left on device", "no space left"),
        ("something\nERROR: a new kind of fault\n", "ERROR: a new kind of fault"),
    ],
)
def test_a_failed_set_up_is_explained(set_up: ModuleType, said: str, meant: str) -> None:
    assert meant in set_up.explain(said)


def test_a_finished_set_up_is_not_done_again(set_up: ModuleType, clone: Path) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv" / "requirements.lock.stamp").write_text("17 4\n")
    assert set_up.main("requirements.lock", "17 4") == 0
    assert [path.name for path in (clone / ".venv").iterdir()] == ["requirements.lock.stamp"]
