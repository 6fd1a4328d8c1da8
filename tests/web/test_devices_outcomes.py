"""Recorded outcomes join a laser's calibration: which count, what is handed on, what the page says."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milia.care import plan_case, plan_hash
from milia.planning import Effort, case_from_mapping
from milia.records import Device, Diagnosis, Lesion, Outcome, Patient, Plan, Treatment
from milia.web.app import find_tasks
from milia.web.serve_work import run_next

ROOT = Path(__file__).resolve().parents[2]
SHOTS = b"\n".join((ROOT / "examples" / "shots.csv").read_bytes().splitlines()[:3]) + b"\n"
LIBRARY = "generic-superpulse-co2"
QUICK = Effort(screen=4, refine=8, final=16, refined_shots=1, drift=2, swift=8, look=4, looked=False)
CASE: dict[str, Any] = {
    "patient": {"age": "36 year", "sex": "female", "skin_type": "III", "history": []},
    "lesion": {
        "site": "cheek",
        "diameter": "1 mm",
        "roof": "80 um",
        "count": 1,
        "diagnosis": {"condition": "milium", "confirmed": True},
    },
    "device": LIBRARY,
}
FIRED = {
    "action": "laser",
    "pulse_energy_mJ": 20.0,
    "pulse_duration_us": 166.667,
    "spot_diameter_um": 300.0,
    "pulses_fired": 2,
}


@pytest.fixture(scope="session")
def planned() -> dict[str, Any]:
    """A real plan, computed once."""
    found = plan_case(case_from_mapping(CASE, file="case"), seed=0, effort=QUICK).to_dict()
    return dict(json.loads(json.dumps(found)))


class Treated:
    """Puts treated lesions of one patient into the records."""

    def __init__(self, clinic: Any, plan: dict[str, Any]) -> None:
        self.clinic, self.plan = clinic, plan
        with clinic.records.acting(clinic.ids["doctor"]) as acting:
            self.patient = acting.add(
                Patient(name="Beryl Testname", born_on="1990-01-01", sex="F", skin_type="III")
            ).id

    def add(
        self, device_id: str | None, *, sign: bool = True, fired: dict[str, Any] | None = None, **record: Any
    ) -> str:
        with self.clinic.records.acting(self.clinic.ids["doctor"]) as acting:
            lesion = acting.add(Lesion(patient_id=self.patient, site="cheek", diameter_mm=1.0)).id
            links = {"patient_id": self.patient, "lesion_id": lesion}
            diagnosis = acting.add(Diagnosis.model_validate({**links, "condition": "milium"}))
            acting.sign(Diagnosis, diagnosis.id, version=1)
            kept = {"plan": self.plan, "device": LIBRARY}
            if device_id is not None:
                kept["device_id"] = device_id
            plan = acting.add(
                Plan.model_validate({**links, "plan_id": plan_hash(self.plan)[:12], "plan": kept})
            )
            done = acting.add(
                Treatment.model_validate(
                    {**links, "plan_row_id": plan.id, "treated_on": "2026-03-01", **FIRED, **(fired or {})}
                )
            )
            seen = {
                **{name: value for name, value in FIRED.items() if name != "action"},
                "action": "laser",
                "plan_id": plan.content.plan_id,
                "treated_on": "2026-03-01",
                "lesion": "1",
                "interval_ms": 5.0,
                "note": "Beryl Testname said it stung",
                **record,
            }
            acting.add(
                Outcome.model_validate(
                    {**links, "treatment_id": done.id, "seen_on": "2026-03-09", "record": seen}
                )
            )
            if sign:
                acting.sign(Treatment, done.id, version=1)
        return lesion


@pytest.fixture
def doctor(browser_of: Callable[[str], Any]) -> Any:
    return browser_of("doctor")


@pytest.fixture
def laser(doctor: Any) -> str:
    made = doctor.post_form("/devices", {"name": "Room 2", "library": LIBRARY})
    device_id = str(made.url.path.rpartition("/")[2])
    files = {"file": ("s.csv", SHOTS, "text/csv")}
    assert doctor.post_form(f"/devices/{device_id}/shots/file", files=files).status_code == 200
    return device_id


@pytest.fixture
def treated(clinic: Any, planned: dict[str, Any]) -> Treated:
    return Treated(clinic, planned)


def test_what_counts_and_why_others_do_not(doctor: Any, laser: str, treated: Treated) -> None:
    path = f"/api/v1/devices/{laser}/outcomes"
    token = {"X-CSRF-Token": doctor.token_of()}
    nothing = doctor.post(path, headers=token)
    assert nothing.status_code == 422
    assert "No recorded outcome" in nothing.text
    opened = treated.add(laser, opened="yes", opened_in_pulses=2, healed_day=6)
    by_name = treated.add(None, opened="no")
    unsigned = treated.add(laser, sign=False, opened="yes", opened_in_pulses=1)
    unseen = treated.add(laser)
    clashing = treated.add(laser, opened="yes", opened_in_pulses=2, fired={"pulses_fired": 1})
    many = treated.add(laser, opened="no", fired={"pulses_fired": 900})
    treated.add("f" * 32, opened="yes", opened_in_pulses=1)
    found = doctor.get(path).json()
    assert {each["lesion_id"] for each in found["used"]} == {opened, by_name}
    why = {each["lesion_id"]: each["why"] for each in found["set_aside"]}
    assert set(why) == {unsigned, unseen, clashing, many}
    assert "not signed" in why[unsigned]
    assert "Nobody recorded" in why[unseen]
    assert "more pulses than were fired" in why[clashing]
    assert "900 pulses" in why[many]
    assert found["older"] is False

    doctor.post_form("/devices", {"name": "Room 3", "library": LIBRARY})
    found = doctor.get(path).json()
    assert {each["lesion_id"] for each in found["used"]} == {opened}
    assert any("more than one is of this kind" in each["why"] for each in found["set_aside"])
    page = doctor.get(f"/devices/{laser}/outcomes").text
    assert "1 treated lesions can be used" in page
    assert "Beryl" not in page


def test_the_file_of_a_calibration_names_nobody_and_the_trail_names_the_calibration(
    doctor: Any, laser: str, treated: Treated, clinic: Any, browser_of: Callable[[str], Any]
) -> None:
    treated.add(laser, opened="yes", opened_in_pulses=2, healed_day=6, mark_week_12="none")
    for role in ("nurse", "administrator", "front_desk"):
        assert browser_of(role).post_form(f"/devices/{laser}/outcomes").status_code == 403
        assert browser_of(role).get(f"/api/v1/devices/{laser}/outcomes").status_code == 403
    assert doctor.post_form(f"/devices/{laser}/outcomes").status_code == 200
    taken: list[Any] = []
    run_next(clinic.records, {"calibrate_with_outcomes": lambda content, _: taken.append(content)})
    [content] = taken
    assert len(content["outcomes"]["lesions"]) == 1
    written = json.dumps(content)
    for private in ("Beryl", "1990", "2026-03", treated.patient, "stung", "skin_type", "history"):
        assert private not in written, private
    trail = browser_of("administrator").get("/api/v1/audit").json()
    lines = trail["lines"] if isinstance(trail, dict) else trail
    added = [each for each in lines if each["action"] == "add" and each["kind"] == "job"]
    assert added[0]["detail"]["task"] == "calibrate_with_outcomes"
    assert {"treatment", "outcome", "plan"} <= {each["kind"] for each in lines if each["action"] == "list"}


@pytest.mark.parametrize("contradicting", [False, True])
def test_a_calibration_says_what_outcomes_add_or_that_they_contradict(
    doctor: Any,
    laser: str,
    treated: Treated,
    clinic: Any,
    monkeypatch: pytest.MonkeyPatch,
    *,
    contradicting: bool,
) -> None:
    import milia.calibration
    from milia.calibration.clinic.run import Effort as Work
    from milia.calibration.sampling import Sampler

    quick = Work(design=72, check=6, outcome=24, sampler=Sampler(walkers=44, burn=120, steps=120))
    real = milia.calibration.calibrate_device
    monkeypatch.setattr(milia.calibration, "calibrate_device", functools.partial(real, effort=quick))
    strong = {"pulse_energy_mJ": 250.0, "pulse_duration_us": 1041.667, "spot_diameter_um": 800.0}
    fitting = {"pulse_energy_mJ": 150.0, "pulse_duration_us": 625.0, "spot_diameter_um": 600.0}
    for _ in range(12):
        if contradicting:
            treated.add(laser, fired={**strong, "pulses_fired": 3}, opened="no")
        else:
            treated.add(laser, fired=fitting, opened="yes", opened_in_pulses=2, healed_day=6)
    treated.add(laser, sign=False, opened="no")
    doctor.post_form(f"/devices/{laser}/outcomes")
    assert run_next(clinic.records, find_tasks())
    page = doctor.get(f"/devices/{laser}").text
    assert "This is new and not in use yet" in page
    assert "12 treated lesions, 12 of them" in page
    assert "Its treatment is not signed yet." in page
    assert ("they are not averaged" in page) is contradicting
    assert ("shots and outcomes together" in page) is not contradicting
    report = doctor.get(f"/devices/{laser}/report").text
    assert "The shots by themselves say" in report
    assert ("Not joined:" in report) is contradicting
    doctor.post_form(f"/devices/{laser}/calibration/keep", {"version": "1"})
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        kept = acting.get(Device, laser).content.definition
    learnt = kept["report"]["outcomes"]
    share = kept["report"]["effective_share"]["after"]
    assert kept["calibrated"]["lesions"] == (0 if contradicting else 12)
    assert (share == learnt["shots_alone"]) is contradicting
