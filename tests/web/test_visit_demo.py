"""The demonstration: nobody real, every step of the way, and every page of it opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from milia.records import Lesion, Patient
from milia.web.demo import fill_demo


def test_every_step_of_the_way_is_there_and_opens(browser_of: Callable[[str], Any], clinic: Any) -> None:
    now = clinic.records.clock()
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        assert fill_demo(acting, today=now.date(), now=now, seed=2026) == 12
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        patients = acting.entries(Patient)
        lesions = acting.entries(Lesion)
    assert len({each.content.name for each in patients}) == 12
    assert all("Synthetic" in each.content.notes for each in patients)
    doctor = browser_of("doctor")
    found = [doctor.get(f"/api/v1/lesions/{each.id}").json() for each in lesions]
    by_state = {each["state"]: each["lesion"]["id"] for each in found}
    assert set(by_state) == {"assess", "refer", "diagnosed", "healing", "healed"}
    for lesion in by_state.values():
        assert doctor.get(f"/lesions/{lesion}").status_code == 200
    today = doctor.get("/api/v1/today").json()
    assert len(today["red_flags"]) == 1
    assert len(today["appointments"]) + len(today["soon"]) >= 4


def test_the_same_seed_gives_the_same_people(clinic: Any) -> None:
    now = clinic.records.clock()
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        fill_demo(acting, today=now.date(), now=now, seed=1, patients=3)
        fill_demo(acting, today=now.date(), now=now, seed=1, patients=3)
        names = [each.content.name for each in acting.entries(Patient)]
    assert names[:3] == names[3:]
