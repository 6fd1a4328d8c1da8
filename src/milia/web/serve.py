"""Running the app: one server process for the pages, worker processes for heavy work."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from milia.base import InputError, MiliaError
from milia.records import Denied, Records, open_records

__all__ = ["PORT", "serve"]

PORT = 8321


def serve(
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    workers: int | None = None,
    say: Callable[[str], None] = print,
    data: Path | None = None,
) -> None:
    """Open the records, print where the app is, and serve until stopped.

    Parameters
    ----------
    host
        Address to listen on; another than the machine's own needs a proxy with https before it.
    port
        Port; otherwise 8321, or a free one where that is taken.
    workers
        Processes for heavy work; otherwise one less than the cores, at most four.
    say
        Takes each line for the terminal.
    data
        The data folder; otherwise ``MILIA_DATA`` or the user's own.
    """
    import uvicorn

    from milia.web.app import create_app
    from milia.web.logs import log_to
    from milia.web.oidc import provider_from

    provider = provider_from()
    door = _listen(host, port)
    records = open_records(data=data)
    log_to()
    code = _setup_code(records)
    hosts = [] if _own(host) else [host]
    app = create_app(records, needs_setup=code is not None, hosts=hosts, provider=provider)
    _greet(say, host, door.getsockname()[1], code)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=os.environ.get("MILIA_PROXY", "127.0.0.1"),
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
        limit_concurrency=1000,
    )
    number = workers if workers is not None else max(1, min(4, (os.cpu_count() or 2) - 1))
    with _workers(number, data):
        try:
            # The server ends what is open, then hands the signal on; by then the work is done.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            with contextlib.suppress(KeyboardInterrupt):
                uvicorn.Server(config).run(sockets=[door])
        finally:
            records.close()
            door.close()


def _own(host: str) -> bool:
    return host in ("127.0.0.1", "localhost", "::1")


def _listen(host: str, port: int | None) -> socket.socket:
    wanted = [port] if port is not None else [PORT, 0]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for each in wanted:
        # Named as TCP, so that answers are sent at once: else each waits 40 ms for the browser's receipt.
        door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, each))
        except OSError as error:
            door.close()
            if each == wanted[-1]:
                raise InputError(
                    f"cannot listen here ({(error.strerror or 'unknown reason').lower()})",
                    key="--port" if port is not None else "--host",
                    value=f"{host}:{each}",
                    accepted="a free port of this machine",
                ) from error
            continue
        door.listen(256)
        return door
    raise MiliaError("There is no port to listen on.")


def _setup_code(records: Records) -> str | None:
    try:
        return records.setup_code()
    except Denied:
        return None


def _greet(say: Callable[[str], None], host: str, port: int, code: str | None) -> None:
    shown = f"[{host}]" if ":" in host else host
    say(f"Milia is open at http://{shown}:{port}/")
    if code is not None:
        say(f"First start: open http://{shown}:{port}/setup and type the one-time code  {code}")
    if not _own(host):
        say("Other machines can reach this address: put a proxy with https before it.")
    say("Stop with Ctrl-C.")


@contextlib.contextmanager
def _workers(number: int, data: Path | None) -> Iterator[None]:
    from milia.web.serve_work import work

    # A fresh interpreter for each: the server has threads by now.
    context = multiprocessing.get_context("spawn")
    words: tuple[Any, ...] = (None, str(data) if data else None)
    running = [context.Process(target=work, args=words, daemon=True) for _ in range(number)]
    for each in running:
        each.start()
    try:
        yield
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.join(10)
