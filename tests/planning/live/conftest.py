"""One case, made ready once."""

from __future__ import annotations

from pathlib import Path

import pytest

from milia.planning import Case, Shot, load_case
from milia.planning.live import Prepared, prepare

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture(scope="session")
def eyelid() -> Case:
    return load_case(EXAMPLES / "lower_eyelid.yaml")


@pytest.fixture(scope="session")
def ready(eyelid: Case) -> Prepared:
    made = prepare(eyelid)
    assert made.refused is None, made.note
    return made


@pytest.fixture(scope="session")
def shot() -> Shot:
    return Shot(0.5e-3, 0.1, 0.1 / 240, 0.2)
