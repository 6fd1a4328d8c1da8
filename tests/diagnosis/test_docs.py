"""The worked case of docs/diagnosis.md says what the program says, and the hazards name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from milia.diagnosis import assess, findings_from_text

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8")
SHEET = findings_from_text(PAGE.split("```yaml\n")[1].split("```")[0], file="docs/diagnosis.md")
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("| this sheet |", {}),
    ("| touched: firm |", {"consistency": ["firm"]}),
    ("| then dermoscopy", {"consistency": ["firm"], "dermoscopy": ["arborising vessels"]}),
    ("| or dermoscopy", {"consistency": ["firm"], "dermoscopy": ["round white homogeneous body"]}),
]


@pytest.mark.parametrize(("start", "more"), STEPS)
def test_worked_case(start: str, more: dict[str, Any]) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(start)]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    found = assess({**SHEET, **more})
    first, second = found.differential[:2]
    low, high = (100 * x for x in (first.interval.p05, first.interval.p95))
    assert cells[1].endswith(f"{100 * first.probability:.0f} % ({low:.0f} to {high:.0f})")
    assert cells[2].endswith(f"{100 * second.probability:.0f} %")
    assert cells[3] == f"{100 * found.refer.probability:.0f} %"
    assert ("refer" in cells[4]) == found.refer.needed
    assert ("milium likely" in cells[4]) == (found.conclusion == "milium_likely")


def test_hazards_name_tests_that_exist() -> None:
    text = (ROOT / "docs" / "hazards-diagnosis.md").read_text(encoding="utf-8")
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", text)
    assert len(named) > 20
    for file, name in named:
        assert f"def {name}(" in (Path(__file__).parent / file).read_text(encoding="utf-8"), (file, name)
