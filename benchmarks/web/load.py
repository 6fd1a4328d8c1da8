"""Clinicians at once: pages, searches, drafts, findings and live plans, with the time each answer took."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from benchmarks.records import fill
from benchmarks.web.stand import Stand, stand
from milia.records import Diagnosis, Lesion, Patient, Plan

PATIENTS = 300
THINKS_s = 3.0
DRAGS = 6
DRAG_EVERY_s = 0.1
_CASE = {
    "patient": {"age": "35 year", "sex": "female", "skin_type": "III"},
    "lesion": {
        "site": "cheek",
        "diameter": "1.2 mm",
        "count": 1,
        "diagnosis": {"condition": "milium", "confirmed": True},
    },
    "device": "generic-superpulse-co2",
}
LIVE = {"energy_mJ": 20.0, "duration_us": 333.333, "spot_um": 300.0, "interval_ms": 100.0, "pulses": 3}


@dataclass
class Told:
    """Every answer: route, seconds, status."""

    answers: list[tuple[str, float, int]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass
class Clinician:
    """One person at one screen."""

    client: httpx.AsyncClient
    draw: random.Random
    told: Told
    patients: list[str]
    lesions: list[str]
    plans: list[str]
    drafts: int = 0

    async def ask(self, route: str, method: str, path: str, **more: Any) -> httpx.Response | None:
        started = time.perf_counter()
        try:
            answer = await self.client.request(method, path, **more)
        except httpx.HTTPError as error:
            self.told.problems.append(f"{route}: {type(error).__name__}")
            return None
        self.told.answers.append((route, time.perf_counter() - started, answer.status_code))
        if answer.status_code >= 400:
            self.told.problems.append(f"{route}: {answer.status_code} {answer.text[:200]}")
        return answer

    async def work(self, until: float) -> None:
        acts: list[tuple[int, Callable[[], Awaitable[Any]]]] = [
            (3, lambda: self.ask("GET /", "GET", "/")),
            (3, self.search),
            (4, self.chart),
            (2, self.findings),
            (4, self.draft),
            (3, self.plan),
            (1, lambda: self.ask("GET /learn", "GET", "/learn")),
            (1, lambda: self.ask("GET /devices", "GET", "/devices")),
            (1, lambda: self.ask("GET /outcomes", "GET", "/outcomes")),
            (1, self.add),
        ]
        await asyncio.sleep(self.draw.uniform(0, THINKS_s))
        while time.perf_counter() < until:
            (act,) = self.draw.choices([one for _, one in acts], [weight for weight, _ in acts])
            await act()
            await asyncio.sleep(self.draw.expovariate(1 / THINKS_s))

    async def search(self) -> None:
        asked = self.draw.choice(("김", "ㄱㅁㅈ", "민준", "zoe", "bjork a", "nobody"))
        await self.ask("GET /patients?q=", "GET", "/patients", params={"q": asked})

    async def chart(self) -> None:
        patient = self.draw.choice(self.patients)
        await self.ask("GET /patients/{id}", "GET", f"/patients/{patient}")
        await self.ask("GET /api/v1/patients/{id}", "GET", f"/api/v1/patients/{patient}")

    async def findings(self) -> None:
        lesion = self.draw.choice(self.lesions)
        await self.ask("GET /lesions/{id}/findings", "GET", f"/lesions/{lesion}/findings")
        fields = {"colour": "white", "consistency": "firm", "symptoms": "none"}
        for count in range(1, 3):
            sent = dict(list(fields.items())[:count])
            path = f"/lesions/{lesion}/differential"
            await self.ask("POST /lesions/{id}/differential", "POST", path, data=sent)

    async def draft(self) -> None:
        subject = f"{id(self):x}"[-12:]
        body = {"content": {"notes": "words " * self.draw.randint(1, 40)}, "version": self.drafts}
        answer = await self.ask("PUT /api/v1/drafts", "PUT", f"/api/v1/drafts/visit/{subject}", json=body)
        if answer is not None and answer.status_code == 200:
            self.drafts = int(answer.json()["version"])

    async def add(self) -> None:
        await self.ask("POST /api/v1/patients", "POST", "/api/v1/patients", json={"name": "Amber Load"})

    async def plan(self) -> None:
        place = self.draw.randrange(len(self.plans))
        await self.ask("GET /lesions/{id}/plan", "GET", f"/lesions/{self.lesions[place]}/plan")
        for step in range(DRAGS):
            wanted = {**LIVE, "energy_mJ": [10.0, 15.0, 20.0, 25.0, 30.0, 35.0][step]}
            wanted["duration_us"] = float(f"{wanted['energy_mJ'] / 60 * 1000:.4g}")
            path = f"/api/v1/plans/{self.plans[place]}/live"
            await self.ask("POST /api/v1/plans/{id}/live", "POST", path, json=wanted)
            await asyncio.sleep(DRAG_EVERY_s)


def prepare(made: Stand, plans: int = 8) -> tuple[list[str], list[str], list[str]]:
    """Fill the clinic: patients and lesions in bulk, some with a plan that was really computed."""
    from milia.care import plan_case
    from milia.planning import case_from_mapping

    records = made.records()
    doctor = next(iter(made.people))
    fill(records, doctor, patients=PATIENTS, lesions=10 * PATIENTS)
    found = plan_case(case_from_mapping(_CASE, file="case"), seed=0).to_dict()
    patients, lesions, kept = [], [], []
    for number in range(plans):
        with records.acting(doctor) as acting:
            patient = acting.add(
                Patient(name=f"Amber Planned {number}", born_on=date(1990, 1, 1), sex="F", skin_type="III")
            ).id
            lesion = acting.add(Lesion(patient_id=patient, site="cheek", diameter_mm=1.2)).id
            whose = {"patient_id": patient, "lesion_id": lesion}
            known = acting.add(Diagnosis(**whose, condition="milium"))
            acting.sign(Diagnosis, known.id, version=1)
            content = {"plan": found, "device": _CASE["device"]}
            kept.append(acting.add(Plan(**whose, plan_id=f"load{number}", plan=content)).id)
        patients.append(patient)
        lesions.append(lesion)
    with records.acting(doctor) as acting:
        patients += [each.id for each in acting.entries(Patient, limit=200)]
    records.close()
    return patients, lesions, kept


def load(database: str, *, clinicians: int, seconds: float, seed: int = 1) -> dict[str, Any]:
    """Let so many clinicians work for so long; medians and 95th percentiles by route, in ms."""
    with stand(database, doctors=clinicians, workers=1) as made:
        patients, lesions, plans = prepare(made)
        made.start()
        told, stop = Told(), threading.Event()
        peak = _Watch(made)
        watching = threading.Thread(target=peak.run, args=(stop,), daemon=True)
        watching.start()
        asyncio.run(_all(made, told, patients, lesions, plans, seconds, seed))
        stop.set()
        watching.join()
        log = (made.folder / "log").read_text(encoding="utf-8").splitlines()
    return {
        "clinicians": clinicians,
        "seconds": seconds,
        "thinks_s": THINKS_s,
        "processors": os.cpu_count(),
        "load_before": round(peak.before, 2),
        "server_processor_share": round(peak.share, 2),
        "server_memory_MiB": round(peak.memory_MiB),
        "answers": len(told.answers),
        "per_second": round(len(told.answers) / seconds, 1),
        "errors": len(told.problems),
        "said": sorted(set(told.problems))[:5],
        "defects": [line for line in log if '"defect"' in line][:5],
        "routes": _by_route(told),
    }


async def _all(
    made: Stand,
    told: Told,
    patients: list[str],
    lesions: list[str],
    plans: list[str],
    seconds: float,
    seed: int,
) -> None:
    from milia.web.sessions import SESSION, csrf_token

    until = time.perf_counter() + seconds
    limits = httpx.Limits(max_connections=2)
    clients = [
        httpx.AsyncClient(
            base_url=made.address,
            cookies={SESSION: session},
            headers={"X-CSRF-Token": csrf_token(session)},
            limits=limits,
            timeout=60,
        )
        for session in made.people.values()
    ]
    people = [
        Clinician(client, random.Random(seed + number), told, patients, lesions, plans)
        for number, client in enumerate(clients)
    ]
    await asyncio.gather(*(each.work(until) for each in people))
    for each in clients:
        await each.aclose()


def _by_route(told: Told) -> dict[str, dict[str, float]]:
    found = {}
    for route in sorted({each[0] for each in told.answers}):
        times = sorted(1e3 * each[1] for each in told.answers if each[0] == route)
        found[route] = {
            "n": len(times),
            "median_ms": round(statistics.median(times), 1),
            "p95_ms": round(times[min(len(times) - 1, int(0.95 * len(times)))], 1),
        }
    return found


class _Watch:
    """Processor time and memory of the server, from /proc."""

    def __init__(self, made: Stand) -> None:
        assert made.process is not None
        self._pid = made.process.pid
        self.before = os.getloadavg()[0]
        self.share, self.memory_MiB = 0.0, 0.0

    def run(self, stop: threading.Event) -> None:
        ticks = os.sysconf("SC_CLK_TCK")
        began, used = time.perf_counter(), self._ticks()
        while not stop.wait(1.0):
            pages = int(Path(f"/proc/{self._pid}/statm").read_text(encoding="ascii").split()[1])
            self.memory_MiB = max(self.memory_MiB, pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
            self.share = (self._ticks() - used) / ticks / (time.perf_counter() - began)

    def _ticks(self) -> int:
        words = Path(f"/proc/{self._pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return int(words[11]) + int(words[12])


def search(database: str, *, patients: int, lesions: int, repeats: int = 30) -> dict[str, Any]:
    """Search by name among many over HTTP, as JSON and as a page: median and 95th percentile in ms."""
    from milia.web.sessions import SESSION

    with stand(database, doctors=1, workers=0) as made:
        records = made.records()
        (doctor,) = made.people
        fill(records, doctor, patients=patients, lesions=lesions)
        records.close()
        made.start()
        found: dict[str, Any] = {}
        session = next(iter(made.people.values()))
        with httpx.Client(base_url=made.address, cookies={SESSION: session}, timeout=60) as client:
            asked = [
                f"/api/v1/patients?q={q}"
                for q in ("김", "ㄱ", "김민준", "ㄱㅁㅈ", "zoe", "bjork a", "nobody")
            ]
            for path in [
                *asked,
                "/patients?q=김민",
                f"/patients/{7:032x}",
                f"/api/v1/patients/{7:032x}",
                "/",
            ]:
                times = []
                for _ in range(repeats):
                    started = time.perf_counter()
                    client.get(path).raise_for_status()
                    times.append(1e3 * (time.perf_counter() - started))
                times.sort()
                found[path] = [round(statistics.median(times), 1), round(times[int(0.95 * repeats)], 1)]
    return {"patients": patients, "lesions": lesions, "median_and_p95_ms": found}
