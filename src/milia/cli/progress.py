"""Progress on standard error for anything that takes longer than a second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE_S = 1.0
PLAIN_STEP = 0.25

Report = Callable[[float, str], None]


@contextmanager
def progress(words: str) -> Iterator[Report]:
    """Give a function that takes the done fraction and a few words; it stays silent for the first second.

    ``words`` are shown from then on until the work says more of itself.
    """
    shown = _Patient(_Bar() if sys.stderr.isatty() else _Lines(), words)
    try:
        yield shown.report
    finally:
        shown.close()


class _Patient:
    """Shows nothing for a second, then the latest state at once: slow work may not report for long."""

    def __init__(self, view: _Bar | _Lines, words: str) -> None:
        self._view = view
        self._latest = (0.0, words)
        self._open = False
        # A report may come from any thread, and the timer has one of its own.
        self._lock = threading.Lock()
        self._timer = threading.Timer(PATIENCE_S, self._begin)
        self._timer.daemon = True
        self._timer.start()

    def report(self, fraction: float, words: str) -> None:
        with self._lock:
            self._latest = (min(max(fraction, 0.0), 1.0), words)
            if self._open:
                self._view.show(*self._latest)

    def close(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._open = False
            self._latest = (1.0, "")
            self._view.close()

    def _begin(self) -> None:
        with self._lock:
            if self._latest[0] < 1.0:
                self._open = True
                self._view.show(*self._latest)


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
