"""What every room's tests share."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import settings

CHROMIUM = shutil.which("chromium")

# The gate gives the same answer twice, and none that depends on how busy the machine is.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.load_profile("gate")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and CHROMIUM is None:
        pytest.skip("chromium is not here: apt-get install chromium")
