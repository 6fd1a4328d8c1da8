"""`kill -9` at random moments while people save: is every acknowledged save there, and is the trail whole?"""

from __future__ import annotations

import random
import signal
import threading
import time
from dataclasses import dataclass, field

import httpx

from benchmarks.web.stand import Stand
from milia.records import NotFound, Patient

WRITERS = 6
CHECKED_EVERY = 10


@dataclass
class Killed:
    """What came of it: kills, acknowledged saves, those that are missing, and what the trail says."""

    kills: int = 0
    acknowledged: int = 0
    missing: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def kill_while_saving(
    made: Stand,
    kills: int,
    *,
    seed: int = 1,
    longest_s: float = 1.5,
    writers: int = WRITERS,
    check_every: int = CHECKED_EVERY,
) -> Killed:
    """Kill the server so often while `writers` save patients, and look at the records after each."""
    draw, result = random.Random(seed), Killed()
    sessions = list(made.people.values())[:writers]
    for _ in range(kills):
        made.start()
        stop = threading.Event()
        saved: list[list[tuple[str, str]]] = [[] for _ in sessions]
        threads = [
            threading.Thread(target=_save, args=(made.address, session, stop, into), daemon=True)
            for session, into in zip(sessions, saved, strict=True)
        ]
        for each in threads:
            each.start()
        time.sleep(draw.uniform(0.05, longest_s))
        made.end(signal.SIGKILL)
        stop.set()
        for each in threads:
            each.join(30)
        result.kills += 1
        _look(made, [one for each in saved for one in each], result)
        if result.kills % check_every == 0 or result.kills == kills:
            records = made.records()
            result.broken += records.verify_audit().problems
            records.close()
    return result


def _save(address: str, session: str, stop: threading.Event, saved: list[tuple[str, str]]) -> None:
    """Save as fast as the server answers; what it acknowledged is written down."""
    from milia.web.sessions import SESSION, csrf_token

    number = 0
    headers = {"X-CSRF-Token": csrf_token(session)}
    try:
        with httpx.Client(
            base_url=address, cookies={SESSION: session}, headers=headers, timeout=20
        ) as client:
            while not stop.is_set():
                number += 1
                name = f"Amber {number} {id(saved)}"
                answer = client.post("/api/v1/patients", json={"name": name})
                if answer.status_code == 201:
                    saved.append((answer.json()["id"], name))
                elif answer.status_code < 500:
                    raise RuntimeError(answer.text)
    except httpx.TransportError:
        return


def _look(made: Stand, saved: list[tuple[str, str]], result: Killed) -> None:
    records = made.records()
    try:
        with records.acting(next(iter(made.people))) as acting:
            for row, name in saved:
                try:
                    there = acting.get(Patient, row).content.name == name
                except NotFound:
                    there = False
                if not there:
                    result.missing.append(row)
        result.acknowledged += len(saved)
    finally:
        records.close()
