"""Virtual cohorts: sampled patients treated by several policies, and what comes of it.

Names are resolved on first use, so that the command line starts without the compiled engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from milia.study.compare import summary
    from milia.study.report import write_report
    from milia.study.run import run_study
    from milia.study.spec import Study, load_study, study_from_mapping
    from milia.study.words import as_markdown, as_text

_WHERE = {
    "compare": ("summary",),
    "report": ("write_report",),
    "run": ("run_study",),
    "spec": ("Study", "load_study", "study_from_mapping"),
    "words": ("as_markdown", "as_text"),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "Study",
    "as_markdown",
    "as_text",
    "load_study",
    "run_study",
    "study_from_mapping",
    "summary",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
