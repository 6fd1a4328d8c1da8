"""Progress on standard error for anything that takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE_S = 1.0
PLAIN_STEP = 0.25

Report = Callable[[float, str], None]


@contextmanager
def progress() -> Iterator[Report]:
    """Give a function that takes the done fraction and a few words; it stays silent for the first second."""
    shown: _Bar | _Lines = _Bar() if sys.stderr.isatty() else _Lines()
    patient_until = time.monotonic() + PATIENCE_S

    def report(fraction: float, words: str) -> None:
        if time.monotonic() >= patient_until:
            shown.show(min(max(fraction, 0.0), 1.0), words)

    try:
        yield report
    finally:
        shown.close()


class _Bar:
    """A bar that redraws itself and disappears when the work is done."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def show(self, fraction: float, words: str) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TaskProgressColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(words, total=1.0)
        self._bar.update(self._task, completed=fraction, description=words)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()


class _Lines:
    """A plain line for every quarter, for logs and pipes."""

    def __init__(self) -> None:
        self._next = 0.0

    def show(self, fraction: float, words: str) -> None:
        if fraction >= self._next:
            print(f"{round(100 * fraction):3d} %  {words}", file=sys.stderr, flush=True)
            self._next = (fraction // PLAIN_STEP + 1) * PLAIN_STEP

    def close(self) -> None:
        pass
