"""Heavy work in processes of its own: each takes jobs from the queue, so that no page waits."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from milia.base import MiliaError, one_line
from milia.records import Claim, Records, Unavailable, open_records
from milia.web.logs import LOGGER, log_to
from milia.web.pages import Task

__all__ = ["run_next", "work"]

BEAT_s = 15.0
_NAP_s = 0.3


def run_next(records: Records, tasks: Mapping[str, Task]) -> bool:
    """Take one job and do it; ``False`` if there was none."""
    held = records.claim_job()
    if held is None:
        return False
    started = time.monotonic()
    task = tasks.get(held.task)
    with _beating(records, held) as beat:
        try:
            if task is None:
                raise MiliaError(f"No worker knows the task {held.task}.")
            result = task(held.content, beat)
            done = records.finish_job(held, result)
        except MiliaError as error:
            # The same input gives the same answer: it is told, and told again if somebody asks for it anew.
            records.fail_job(held, one_line(str(error), 300))
            done = False
        except Exception as error:
            LOGGER.error("job failed", exc_info=error, extra={"milia": {"job": held.id}})
            records.fail_job(held, f"a defect in Milia: {type(error).__name__}")
            done = False
    LOGGER.info(
        "job",
        extra={
            "milia": {
                "job": held.id,
                "task": held.task,
                "done": done,
                "s": round(time.monotonic() - started, 2),
            }
        },
    )
    return True


@contextlib.contextmanager
def _beating(records: Records, held: Claim) -> Iterator[Callable[[int], bool]]:
    """Keep the lease while the work goes on, also where the work itself says nothing for a while."""
    ended = threading.Event()
    state = {"percent": 0, "ours": True}

    def tell(percent: int | None = None) -> bool:
        if percent is not None:
            state["percent"] = max(0, min(100, percent))
        with contextlib.suppress(Unavailable):
            state["ours"] = records.beat_job(held, progress_percent=int(state["percent"]))
        return bool(state["ours"])

    def keep() -> None:
        while not ended.wait(BEAT_s):
            tell()

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        ended.set()
        thread.join()


def work(url: str | None, data: str | None) -> None:
    """Do jobs until the parent process asks to stop or is gone."""
    from pathlib import Path

    from milia.web.app import find_tasks

    log_to()
    stopped = threading.Event()

    def stop(*_: Any) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    with contextlib.suppress(OSError):
        os.nice(5)
    records = open_records(url, data=Path(data) if data else None)
    tasks = find_tasks()
    while not stopped.is_set() and os.getppid() == parent:
        try:
            busy = run_next(records, tasks)
        except Unavailable:
            LOGGER.warning("database away")
            busy = False
            stopped.wait(2)
        if not busy:
            stopped.wait(_NAP_s)
    records.close()
