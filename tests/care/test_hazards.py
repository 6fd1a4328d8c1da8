"""Every hazard names a test, and the tests it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    line
    for line in (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| hazard |")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_hazard_is_proven_by_tests_that_exist(row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row.split("|")[4])
    assert named
    for file, test in named:
        assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_the_hazards_that_must_be_there() -> None:
    text = "\n".join(ROWS).lower()
    for word in ("diagnosis", "eye", "anaesthetic", "too deep", "units", "device", "half-written", "misread"):
        assert word in text
    for word in ("newborn", "pregnancy", "wrong day", "presented as a fact"):
        assert word in text
