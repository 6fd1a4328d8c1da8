from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from milia.base import InputError
from milia.report import render_html, render_pdf, write_report


def test_import_leaves_the_heavy_libraries_alone() -> None:
    code = "import milia.report, sys; print(sorted({'typst', 'jinja2', 'numpy', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_suffix_decides(laser: dict[str, Any], tmp_path: Path) -> None:
    write_report(laser, tmp_path / "plan.html")
    write_report(laser, tmp_path / "plan.PDF")
    assert (tmp_path / "plan.html").read_text(encoding="utf-8") == render_html(laser)
    assert (tmp_path / "plan.PDF").read_bytes() == render_pdf(laser)


@pytest.mark.parametrize("name", ["plan.docx", "plan", "plan.htm"])
def test_another_suffix_is_refused_and_nothing_written(
    laser: dict[str, Any], tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError, match=r"\.html or \.pdf"):
        write_report(laser, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_bad_plan_leaves_the_old_report(tmp_path: Path) -> None:
    path = tmp_path / "plan.html"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(InputError):
        write_report({"action": "cut"}, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
