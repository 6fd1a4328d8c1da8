"""The tabled units mean what pint says."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pint
import pytest

from milia.base.units import COMMON, UnitError, conversion, normalise_unit


@pytest.mark.parametrize("unit", [name for name in COMMON if name not in ("1", "%")])
def test_every_tabled_unit_against_pint(unit: str) -> None:
    registry: Any = pint.UnitRegistry()
    kind, factor = COMMON[unit]
    target = "dimensionless" if kind == "1" else kind
    expected = registry.Quantity(1.0, unit).to(target).magnitude
    assert factor == pytest.approx(expected, rel=1e-14)


def test_a_unit_outside_the_table_goes_through_pint() -> None:
    assert conversion("inch", "m") == pytest.approx(0.0254)


@pytest.mark.parametrize("unit", ["m^99", "m**m", "2 m", "m(s)", "m;s", "", "a" * 50, "m\ns\0"])
def test_the_grammar_is_closed(unit: str) -> None:
    with pytest.raises(UnitError):
        normalise_unit(unit)


def test_common_units_do_not_load_pint() -> None:
    code = (
        "import sys; from milia.base import parse_measured as p;"
        "p('90 um ± 3 um', unit='m', low=0, high=1, key='k');"
        "p('33 degC', unit='degC', low=0, high=99, key='k');"
        "assert 'pint' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
