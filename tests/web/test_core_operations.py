"""What keeps the app running: health, meters, logs, workers, and `milia serve` itself."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from milia.base import InputError
from milia.records import Patient
from milia.web.limits import Limits
from milia.web.logs import LOGGER, log_to
from milia.web.serve import _listen
from milia.web.serve_work import run_next


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Collect the app's log."""
    root = logging.getLogger()
    before, levels = root.handlers[:], (root.level, LOGGER.level)
    stream = io.StringIO()
    log_to(stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(levels[0])
    LOGGER.setLevel(levels[1])


def test_health_tells_the_version(visitor: Any) -> None:
    answer = visitor.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


def test_meters_are_for_the_machine_itself_or_an_administrators_token(
    app: Any, visitor: Any, program: Callable[..., Any], browser_of: Callable[[str], Any]
) -> None:
    doctor = browser_of("doctor")
    doctor.get("/learn/never-squeeze")
    local = type(visitor)(app, base_url="http://localhost", client=("127.0.0.1", 5))
    text = local.get("/metrics").text
    assert re.search(r'milia_requests_total\{method="GET",route="/learn/\{slug\}",status="200"\} 1\.0', text)
    assert "never-squeeze" not in text
    assert "milia_database_up 1.0" in text
    assert visitor.get("/metrics", follow_redirects=False).status_code == 303
    behind = local.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}, follow_redirects=False)
    assert behind.status_code == 303
    assert program("administrator").get("/metrics").status_code == 200
    assert program("doctor").get("/metrics").status_code == 403
    wrong = visitor.get("/metrics", headers={"Authorization": "Bearer x"}, follow_redirects=False)
    assert wrong.status_code == 303


def test_logs_are_json_lines_without_a_patient(
    logged: io.StringIO, clinic: Any, browser_of: Callable[[str], Any]
) -> None:
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        patient = acting.add(Patient(name="Amber Example")).id
    doctor = browser_of("doctor")
    doctor.get("/?q=Amber")
    doctor.get(f"/nowhere/{patient}?name=Amber")
    logging.getLogger("library").warning("%s is away", "Amber")
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert any(each.get("route") == "/" and each["status"] == 200 for each in lines)
    assert all({"at", "level", "event"} <= set(each) for each in lines)
    assert "Amber" not in logged.getvalue()
    assert patient not in logged.getvalue()
    assert clinic.password("doctor") not in logged.getvalue()


def test_a_worker_does_a_job_and_its_person_sees_the_result(clinic: Any, program: Callable[..., Any]) -> None:
    told = []

    def double(content: Any, beat: Callable[[int], bool]) -> Any:
        told.append(beat(50))
        return {"twice": 2 * content["n"]}

    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        job_id = acting.jobs.add("double", {"n": 21})
    api = program("doctor")
    assert api.get(f"/api/v1/jobs/{job_id}").json()["state"] == "queued"
    assert run_next(clinic.records, {"double": double})
    answer = api.get(f"/api/v1/jobs/{job_id}").json()
    assert (answer["state"], answer["result"], told) == ("done", {"twice": 42}, [True])
    assert not run_next(clinic.records, {"double": double})
    assert program("nurse").get(f"/api/v1/jobs/{job_id}").status_code == 404


def test_a_job_that_cannot_be_done_says_why_and_a_cancelled_one_stops(
    clinic: Any, program: Callable[..., Any]
) -> None:
    api = program("doctor")

    def refused(content: Any, beat: Callable[[int], bool]) -> Any:
        del content, beat
        raise InputError("too deep", key="lesion.roof", accepted="less")

    def broken(content: Any, beat: Callable[[int], bool]) -> Any:
        del content, beat
        raise ZeroDivisionError("Amber Example")

    seen = []

    def cancelled(content: Any, beat: Callable[[int], bool]) -> Any:
        del content
        api.delete(f"/api/v1/jobs/{ours}")
        seen.append(beat(10))

    for task, said in (("refused", "lesion.roof"), ("broken", "ZeroDivisionError"), ("unknown", "unknown")):
        with clinic.records.acting(clinic.ids["doctor"]) as acting:
            job_id = acting.jobs.add(task, {}, attempts_max=1)
        run_next(clinic.records, {"refused": refused, "broken": broken})
        answer = api.get(f"/api/v1/jobs/{job_id}").json()
        assert answer["state"] == "failed"
        assert said in answer["problem"]
        assert "Amber" not in answer["problem"]
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        ours = acting.jobs.add("cancelled", {})
    run_next(clinic.records, {"cancelled": cancelled})
    assert seen == [False]
    assert api.get(f"/api/v1/jobs/{ours}").json()["state"] == "cancelled"


def test_limits_tell_how_long_to_wait() -> None:
    from milia.web.errors import TooMany

    limits = Limits({"setup": "2/minute"})
    limits.hit("setup", "a")
    limits.hit("setup", "a")
    limits.hit("setup", "b")
    with pytest.raises(TooMany) as found:
        limits.hit("setup", "a")
    assert 1 <= found.value.wait_s <= 61


def test_a_port_that_is_taken_is_named_and_the_usual_one_gives_way() -> None:
    first = _listen("127.0.0.1", None)
    second = _listen("127.0.0.1", None)
    taken = second.getsockname()[1]
    assert first.getsockname()[1] != taken
    assert first.proto == socket.IPPROTO_TCP, "else answers wait 40 ms for the browser's receipt"
    with pytest.raises(InputError, match=f"127.0.0.1:{taken}"):
        _listen("127.0.0.1", taken)
    first.close()
    second.close()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "systemd"])
def test_milia_serve_starts_says_its_address_and_code_and_stops(tmp_path: Path, stop: signal.Signals) -> None:
    env = {**os.environ, "MILIA_DATA": str(tmp_path / "data"), "MILIA_KEY_FILE": str(tmp_path / "key")}
    env.pop("MILIA_DATABASE_URL", None)
    words = [sys.executable, "-m", "milia", "serve", "--port", "0", "--workers", "1"]
    words[5:6] = [str(_free_port())]
    running = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/", running.stdout.readline())
        code = re.search(r"one-time code  (\S{20})$", running.stdout.readline().rstrip())
        assert address is not None
        assert code is not None
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"{address[0]}healthz", timeout=5) as answer:
                    assert json.load(answer)["status"] == "ok"
                break
            except OSError:
                time.sleep(0.1)
        with urllib.request.urlopen(address[0], timeout=5) as answer:
            assert answer.url.endswith("/setup")
    finally:
        running.send_signal(stop)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 0, said
    assert code[1] not in said
    assert [json.loads(line) for line in said.splitlines()]


def test_the_engine_is_known_to_many_threads_at_once() -> None:
    """Two clinicians open their first plan at the same moment; CPython 3.11 can fail in `ast.parse` then."""
    from milia.calibration import engine_digest

    with ThreadPoolExecutor(8) as pool:
        assert len({each.result() for each in [pool.submit(engine_digest) for _ in range(24)]}) == 1


def _free_port() -> int:
    door = _listen("127.0.0.1", None)
    port = int(door.getsockname()[1])
    door.close()
    return port
