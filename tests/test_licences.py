"""What is locked may be used in an Apache-2.0 work, and the locks hold versions and hashes only."""

from __future__ import annotations

import re
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")

# MPL-2.0 binds its own files only; Milia changes none of them.
ALLOWED = {
    *("MIT", "MIT-CMU", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "BSD", "ISC", "Zlib", "CC0-1.0"),
    *("Apache-2.0", "Apache-2.0 WITH LLVM-exception", "PSF-2.0", "MPL-2.0", "MIT-0"),
    "LGPL-3.0-only",  # psycopg: used as an unchanged library, which a user can replace
}
CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def locked(lock: str) -> list[Requirement]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line.rstrip(" \\")) for line in lines if "==" in line]
    return [one for one in found if one.marker is None or one.marker.evaluate()]


def licences(name: str) -> set[str]:
    """The licences that all have to be kept; of alternatives (OR) the first allowed one."""
    metadata = distribution(name).metadata
    stated = metadata.get("License-Expression")
    if stated:
        parts = [part.strip(" ()") for part in stated.split(" AND ")]
        return {next((one for one in part.split(" OR ") if one in ALLOWED), part) for part in parts}
    classifiers = [
        line.split(" :: ")[-1] for line in metadata.get_all("Classifier", []) if line.startswith("License")
    ]
    if classifiers:
        return {CLASSIFIERS.get(one, one) for one in classifiers}
    return {metadata.get("License") or "unknown"}


@pytest.mark.parametrize("name", [one.name for one in locked("requirements-dev.lock")])
def test_licence_is_compatible(name: str) -> None:
    assert licences(name) <= ALLOWED, f"{name}: {licences(name)}"


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_versions_and_hashes_only(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) >= 40
    for block in blocks:
        first, *rest = block.splitlines()
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; [\w '=!<>.]+)? \\", first)
        assert rest
        for line in rest:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)


def test_the_test_lock_holds_the_same_versions() -> None:
    run, test = ({one.name: str(one.specifier) for one in locked(lock)} for lock in LOCKS)
    assert run.items() <= test.items()


@pytest.mark.parametrize("name", [one.name for one in locked("requirements-dev.lock")])
def test_what_is_installed_is_what_is_locked(name: str) -> None:
    (one,) = [one for one in locked("requirements-dev.lock") if one.name == name]
    assert distribution(name).version in one.specifier
