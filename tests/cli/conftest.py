"""The real command in a process of its own, in an empty folder, with nothing taken from the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
Milia = Callable[..., subprocess.CompletedProcess[bytes]]
Written = Callable[[dict[str, Any]], Path]


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Compiled kernels that are already there are used; none is compiled into the source tree."""
    return os.environ.get("NUMBA_CACHE_DIR") or str(tmp_path_factory.mktemp("kernels"))


@pytest.fixture(scope="session")
def bare(kernels: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "NUMBA_CACHE_DIR": kernels, "MPLCONFIGDIR": kernels}


@pytest.fixture
def milia(tmp_path: Path, bare: dict[str, str]) -> Milia:
    """Run `milia WORDS`; the folder it runs in is `tmp_path / "desk"`, empty at first."""
    desk = tmp_path / "desk"
    desk.mkdir()

    def run(*words: str | Path, **env: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "milia", *map(str, words)],
            cwd=desk,
            env={**bare, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=600,
            check=False,
        )

    return run


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return tmp_path / "desk"


@pytest.fixture
def case() -> dict[str, Any]:
    """A case that is planned without a laser, so that a valid one costs no simulation."""
    return {
        "patient": {"age": "0.1 year", "sex": "female", "skin_type": "II", "history": []},
        "lesion": {
            "site": "cheek",
            "diameter": "1.0 mm",
            "count": 3,
            "diagnosis": {"condition": "milium", "confirmed": True},
        },
        "device": "generic-superpulse-co2",
    }


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write a mapping as `case.yaml`, beside the desk."""

    def write(content: dict[str, Any]) -> Path:
        path = tmp_path / "case.yaml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return path

    return write
