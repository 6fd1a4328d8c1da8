"""What every room's tests share."""

from __future__ import annotations

import shutil

import pytest

CHROMIUM = shutil.which("chromium")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and CHROMIUM is None:
        pytest.skip("chromium is not here: apt-get install chromium")
