"""`milia learn` in a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Milia = Callable[..., subprocess.CompletedProcess[bytes]]
CLINIC = Path(__file__).resolve().parents[2] / "examples" / "clinic.yaml"
COLUMN = """---
title: Winter skin
summary: Two sentences on winter.
author: Example Skin Clinic
date: 2026-11-01
reviewer: none
language: ko
sources: [smack_1996]
---

Text [@smack_1996].
"""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "columns"
    folder.mkdir()
    (folder / "winter.ko.md").write_text(COLUMN, encoding="utf-8")
    return folder


def test_a_clinic_publishes_its_column(milia: Milia, content: Path, desk: Path) -> None:
    words = ("learn", "build", "--out", "site", "--content", content, "--clinic", CLINIC)
    done = milia(*words)
    assert done.returncode == 0, done.stderr
    assert b"41 texts in English" in done.stdout
    page = (desk / "site" / "ko" / "winter.html").read_text(encoding="utf-8")
    assert "Winter skin" in page
    assert "Example Skin Clinic" in page
    # What somebody else put there is not overwritten.
    (desk / "site" / "CNAME").write_text("columns.example")
    refused = milia(*words)
    assert refused.returncode == 2
    assert b"CNAME" in refused.stderr
    assert (desk / "site" / "CNAME").read_text() == "columns.example"


def test_a_broken_column_names_file_and_key_and_writes_nothing(
    milia: Milia, content: Path, desk: Path
) -> None:
    (content / "winter.ko.md").write_text(COLUMN.replace("date: 2026-11-01", "date: soon"), encoding="utf-8")
    done = milia("learn", "build", "--out", "site", "--content", content)
    assert done.returncode == 2
    assert b"winter.ko.md: date: soon: this is not a day." in done.stderr
    assert list(desk.iterdir()) == []


def test_the_list_gives_the_checksums_that_reviews_name(milia: Milia, content: Path) -> None:
    listed = json.loads(milia("learn", "list", "--json").stdout)["articles"]
    assert len(listed) == 40
    one = next(entry for entry in listed if (entry["article"], entry["language"]) == ("prevention", "en"))
    (content / "reviews.yaml").write_text(
        "reviews:\n  - {article: prevention, language: en, reviewer: Dr Example, reviewed: 2026-11-20, "
        f"text: '{one['checksum']}'}}\n",
        encoding="utf-8",
    )
    shown = milia("learn", "list", "--content", content).stdout.decode()
    assert shown.count("Dr Example, 2026-11-20") == 1
    assert shown.count("nobody yet") == 40
