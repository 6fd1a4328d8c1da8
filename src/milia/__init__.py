"""Milia plans the care of a milium: what it is, whether and how to treat it, which laser settings open it.

>>> import milia
>>> case = milia.load_case("examples/lower_eyelid.yaml")  # doctest: +SKIP
>>> milia.plan(case).to_dict()["action"]  # doctest: +SKIP
'laser'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from milia.calibration import simulate
    from milia.care import plan_case as plan
    from milia.diagnosis.assess import assess
    from milia.planning import load_case

__all__ = ["__version__", "assess", "load_case", "plan", "simulate"]

__version__ = "0.1.0"

# Named here and imported on first use: `import milia` must not cost what the numerical libraries cost.
_ELSEWHERE = {
    "assess": ("milia.diagnosis", "assess"),
    "load_case": ("milia.planning", "load_case"),
    "plan": ("milia.care", "plan_case"),
    "simulate": ("milia.calibration", "simulate"),
}


def __getattr__(name: str) -> Any:
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room, attribute = _ELSEWHERE[name]
    found = globals()[name] = getattr(import_module(room), attribute)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
