"""The library and its site, read and built once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milia.care import Clinic, compose_plan, load_clinic
from milia.learn import BuildResult, Library, build_site, load_library
from milia.planning import case_from_mapping

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "https://clinic.example/columns"
Plans = Callable[..., dict[str, Any]]
Column = Callable[..., Path]

COLUMN = """---
title: Spring and your skin
summary: What changes in spring, in two sentences.
author: Example Skin Clinic
date: 2026-11-01
reviewer: Dr Example, dermatologist
reviewed: 2026-11-02
language: en
sources: [smack_1996, {id: our_practice, citation: "Practice of this clinic", url: "https://clinic.example/practice"}]
related: [prevention]
questions:
  - {id: pollen, ask: "Does pollen cause milia?", also: [pollen], answer: "Not known [@our_practice]."}
---

Spring is mild. Wounds like petrolatum [@smack_1996].

## Pollen

No link is known [@our_practice]. See [prevention](prevention#habits).
"""


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="session")
def clinic() -> Clinic:
    return load_clinic(ROOT / "examples" / "clinic.yaml")


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory, library: Library, clinic: Clinic
) -> tuple[Path, BuildResult]:
    """The site as a clinic publishes it, in a folder."""
    folder = tmp_path_factory.mktemp("columns") / "site"
    return folder, build_site(folder, library=library, clinic=clinic, base_url=ADDRESS)


@pytest.fixture(scope="session")
def plans() -> Plans:
    """Saved plans that need no simulation: a needle at the lower lid by default, after isotretinoin."""

    def made(**changes: Any) -> dict[str, Any]:
        patient = {"age": "34 year", "sex": "female", "skin_type": "III", "history": ["isotretinoin_now"]}
        lesion = {
            "site": "lower_eyelid",
            "diameter": "1.0 mm",
            "count": 2,
            "diagnosis": {"condition": "milium", "confirmed": True},
        }
        start = changes.pop("start", None)
        patient |= changes
        whole = {"patient": patient, "lesion": lesion, "device": "generic-superpulse-co2"}
        plan = compose_plan(case_from_mapping(whole, file="case.yaml"), laser=None, start=start)
        found: dict[str, Any] = json.loads(json.dumps(plan.to_dict()))
        return found

    return made


@pytest.fixture
def column(tmp_path: Path) -> Column:
    """Write a clinic's column, changed by replacing parts of its text; gives the content folder."""

    def write(*changes: tuple[str, str], name: str = "spring.en.md", text: str = COLUMN) -> Path:
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        folder = tmp_path / "content"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write
