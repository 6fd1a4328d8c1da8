"""Where the work of a study is done: in this process, in several on this machine, or by dask on many."""

from __future__ import annotations

import multiprocessing
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Protocol

from milia.base import InputError, one_line

ADDRESS = re.compile(r"(?:tcp|tls)://[^\s/:]+:\d{1,5}")
PATIENCE_s = 10.0
WATCH_s = 1.0
AHEAD = 3  # tasks waiting for each process: enough to keep it busy, few enough to stop soon
ACCEPTED = "tcp://HOST:PORT of a dask scheduler that is running"

Work = Callable[[Any], Any]


class Place(Protocol):
    """Does ``work`` on every task and gives (number of the task, answer) as they come, in any order."""

    def __call__(self, work: Work, tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]: ...


def here(work: Work, tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Do the work in this process, one task after the other."""
    for number, task in enumerate(tasks):
        yield number, work(task)


@contextmanager
def processes(count: int) -> Iterator[Place]:
    """Give a place of ``count`` fresh processes here; they end with this one, even when it is killed."""
    fresh = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=fresh, initializer=_end_with, initargs=(os.getpid(),))

    def place(work: Work, tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        waiting: dict[Future[Any], int] = {}
        numbers = iter(range(len(tasks)))
        for number in numbers:
            waiting[pool.submit(work, tasks[number])] = number
            if len(waiting) < AHEAD * count:
                continue
            yield from _done(waiting)
        while waiting:
            yield from _done(waiting)

    try:
        yield place
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _done(waiting: dict[Future[Any], int]) -> Iterator[tuple[int, Any]]:
    finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in sorted(finished, key=lambda one: waiting[one]):
        yield waiting.pop(future), future.result()


def _end_with(parent: int) -> None:
    # Workers wait on a pipe that they hold open themselves: a killed parent would leave them for ever.
    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_s)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def scheduler(address: str) -> Iterator[Place]:
    """Give a place of all workers of a dask scheduler.

    Raises
    ------
    InputError
        If the address is none, nobody answers there, or it has no worker.
    """
    if not ADDRESS.fullmatch(address):
        raise InputError("this is no address", key="--scheduler", value=address, accepted=ACCEPTED)
    distributed: Any = import_module("distributed")
    try:
        client = distributed.Client(address, timeout=PATIENCE_s)
    except (OSError, TimeoutError, ValueError) as error:
        why = one_line(str(error).splitlines()[0] if str(error) else type(error).__name__, 120)
        raise InputError(
            f"no scheduler answers here ({why})", key="--scheduler", value=address, accepted=ACCEPTED
        ) from None
    try:
        _need_workers(client, address)

        def place(work: Work, tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]:
            futures = {client.submit(work, task, pure=False): number for number, task in enumerate(tasks)}
            # dask finds its client through the futures: without any it finds none
            for future in distributed.as_completed(list(futures)) if futures else ():
                yield futures.pop(future), future.result()
                future.release()

        yield place
    finally:
        client.close()


def _need_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE_s)
    except (OSError, TimeoutError):
        raise InputError(
            "the scheduler has no worker",
            key="--scheduler",
            value=address,
            accepted=f"{ACCEPTED} and has at least one worker with this version of Milia",
        ) from None
