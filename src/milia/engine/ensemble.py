"""Many exposures at once, on threads: the kernels release the interpreter lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def workers() -> int:
    """How many threads to use: the processors this process may run on."""
    return max(1, len(os.sched_getaffinity(0)))


def run_all(
    work: Callable[[Task], Answer],
    tasks: Iterable[Task],
    *,
    progress: Callable[[float], None] | None = None,
    threads: int | None = None,
) -> list[Answer]:
    """Return ``work(task)`` for every task, in order; the first error or Ctrl-C stops the rest."""
    listed = list(tasks)
    answers: list[Answer] = []
    with ThreadPoolExecutor(max_workers=threads or workers()) as pool:
        pending: list[Future[Answer]] = [pool.submit(work, task) for task in listed]
        try:
            for number, future in enumerate(pending, start=1):
                answers.append(future.result())
                if progress:
                    progress(number / len(listed))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return answers
